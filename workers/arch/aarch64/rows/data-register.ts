// Data processing (register): C4.1 of the Arm ARM.
import { type Builder, type Val, defineHelper } from '../../../rows/builder.ts';
import { imm32 } from '../../../rows/operands.ts';
import { row } from '../../../rows/row.ts';
import * as t from '../asm.ts';
import { FIELDS, X, XSP, Xd } from '../state.ts';
import { addSub, carryFlag, conditionMask, extended, flagsAdd, flagsCarry, flagsLogic, flagsSub, holds, shifted, width } from './common.ts';

const LOGIC = ['and', 'orr', 'eor', 'ands', 'bic', 'orn', 'eon', 'bics'] as const;
const tooBig = (f: { sf: number; imm6: number }): boolean => f.sf === 0 && f.imm6 > 31;

/** High 64 bits of an unsigned product, from four 32-bit ones. */
function mulHigh(x: Val, y: Val): Val {
  const mask = 0xffffffffn;
  const x0 = x.and(mask);
  const x1 = x.shru(32);
  const y0 = y.and(mask);
  const y1 = y.shru(32);
  const mid = x1.mul(y0).add(x0.mul(y0).shru(32));
  const mid2 = x0.mul(y1).add(mid.and(mask));
  return x1.mul(y1).add(mid.shru(32)).add(mid2.shru(32));
}

const crcTable = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, i) => {
    let c = i;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1;
    return c;
  });
const CRC32 = crcTable(0xedb88320);
const CRC32C = crcTable(0x82f63b78);

function crc(table: Uint32Array, accumulator: number, lo: number, hi: number, bytes: number): number {
  let c = accumulator;
  for (let i = 0; i < bytes; i++) {
    const byte = ((i < 4 ? lo >>> (i * 8) : hi >>> (i * 8 - 32)) ^ c) & 255;
    c = (c >>> 8) ^ table[byte]!;
  }
  return c | 0;
}
const CRC = defineHelper('crc32', ['i32', 'i32', 'i32', 'i32'], 'i32', (_, acc: number, lo: number, hi: number, bytes: number) =>
  crc(CRC32, acc, lo, hi, bytes),
);
const CRCC = defineHelper('crc32c', ['i32', 'i32', 'i32', 'i32'], 'i32', (_, acc: number, lo: number, hi: number, bytes: number) =>
  crc(CRC32C, acc, lo, hi, bytes),
);

/** Swaps bytes within each `unit` bytes. */
function reverseBytes(v: Val, unit: 2 | 4 | 8): Val {
  const wide = v.ty === 'i64';
  const m = (lo: bigint): bigint => (wide ? lo : lo & 0xffffffffn);
  const swap = (x: Val, by: number, mask: bigint): Val =>
    x
      .shru(by)
      .and(m(mask))
      .or(x.and(m(mask)).shl(by));
  const two = swap(v, 8, 0x00ff00ff00ff00ffn);
  if (unit === 2) return two;
  const four = wide ? swap(two, 16, 0x0000ffff0000ffffn) : two.rotl(16);
  return unit === 4 ? four : four.rotl(32);
}

function reverseBits(v: Val): Val {
  const wide = v.ty === 'i64';
  const m = (x: bigint): bigint => (wide ? x : x & 0xffffffffn);
  const swap = (x: Val, by: number, mask: bigint): Val =>
    x
      .shru(by)
      .and(m(mask))
      .or(x.and(m(mask)).shl(by));
  const bytes = swap(swap(swap(v, 1, 0x5555555555555555n), 2, 0x3333333333333333n), 4, 0x0f0f0f0f0f0f0f0fn);
  return reverseBytes(bytes, wide ? 8 : 4);
}

function conditionalCompare(b: Builder, o: { readonly sub: boolean }, mask: Val, nzcv: Val, x: Val, y: Val): void {
  const compared = o.sub ? flagsSub(x, y, x.sub(y)) : flagsAdd(x, y, x.add(y));
  b.write(FIELDS.nzcv, b.sel(holds(b, mask), compared, nzcv));
}

const logicAsm = (f: { sf: number; opc: number; N: number; shift: number; imm6: number; Rn: number; Rm: number; Rd: number }): string => {
  const op = f.opc + f.N * 4;
  const rm = t.r(f.Rm, f.sf);
  const by = t.shift(f.shift, f.imm6);
  if (op === 3 && f.Rd === 31) return t.ins('tst', t.r(f.Rn, f.sf), rm, by);
  if (op === 1 && f.Rn === 31 && by === '') return t.ins('mov', t.r(f.Rd, f.sf), rm);
  if (op === 5 && f.Rn === 31) return t.ins('mvn', t.r(f.Rd, f.sf), rm, by);
  return t.ins(LOGIC[op]!, t.r(f.Rd, f.sf), t.r(f.Rn, f.sf), rm, by);
};

const invert = (cond: number): string => t.COND[cond ^ 1]!;

const SHIFTS = [
  ['LSLV', 'lsl', '1000'],
  ['LSRV', 'lsr', '1001'],
  ['ASRV', 'asr', '1010'],
  ['RORV', 'ror', '1011'],
] as const;

export const DATA_REGISTER = [
  row(
    'AND, BIC, ORR, ORN, EOR, EON, ANDS, BICS (shifted register)',
    'C6.2 AND (shifted register)',
    'sf:1 opc:2 01010 shift:2 N:1 Rm:5 imm6:6 Rn:5 Rd:5',
    (f) =>
      tooBig(f)
        ? null
        : {
            w: width(f.sf),
            op: f.opc,
            not: f.N === 1,
            shift: f.imm6 === 0 ? -1 : f.shift,
            d: Xd(f.Rd),
            n: X(f.Rn),
            m: X(f.Rm),
            by: imm32(f.imm6),
          },
    (b, o) => {
      const m = b.get(o.m, o.w);
      const s = o.shift < 0 ? m : shifted(m, o.shift, o.by);
      const y = o.not ? s.not() : s;
      const x = b.get(o.n, o.w);
      const result = o.op === 1 ? x.or(y) : o.op === 2 ? x.xor(y) : x.and(y);
      if (o.op === 3) b.write(FIELDS.nzcv, flagsLogic(result));
      b.set(o.d, result);
    },
    { asm: logicAsm },
  ),
  row(
    'MOV (register)',
    'C6.2 MOV (register)',
    'sf:1 01 01010 00 0 Rm:5 000000 11111 Rd:5',
    (f) => ({ w: width(f.sf), d: Xd(f.Rd), m: X(f.Rm) }),
    (b, o) => b.set(o.d, b.get(o.m, o.w)),
    { asm: (f) => t.ins('mov', t.r(f.Rd, f.sf), t.r(f.Rm, f.sf)) },
  ),
  row(
    'ADD, ADDS, SUB, SUBS (shifted register)',
    'C6.2 ADD (shifted register)',
    'sf:1 op:1 S:1 01011 shift:2 0 Rm:5 imm6:6 Rn:5 Rd:5',
    (f) =>
      f.shift === 3 || tooBig(f)
        ? null
        : {
            w: width(f.sf),
            sub: f.op === 1,
            s: f.S === 1,
            shift: f.imm6 === 0 ? -1 : f.shift,
            d: Xd(f.Rd),
            n: X(f.Rn),
            m: X(f.Rm),
            by: imm32(f.imm6),
          },
    (b, o) => {
      const m = b.get(o.m, o.w);
      addSub(b, o, b.get(o.n, o.w), o.shift < 0 ? m : shifted(m, o.shift, o.by));
    },
    {
      asm: (f) => {
        const rm = t.r(f.Rm, f.sf);
        const by = t.shift(f.shift, f.imm6);
        const s = f.S ? 's' : '';
        if (f.S && f.Rd === 31) return t.ins(f.op ? 'cmp' : 'cmn', t.r(f.Rn, f.sf), rm, by);
        if (f.op && f.Rn === 31) return t.ins(`neg${s}`, t.r(f.Rd, f.sf), rm, by);
        return t.ins(`${f.op ? 'sub' : 'add'}${s}`, t.r(f.Rd, f.sf), t.r(f.Rn, f.sf), rm, by);
      },
    },
  ),
  row(
    'ADD, ADDS, SUB, SUBS (extended register)',
    'C6.2 ADD (extended register)',
    'sf:1 op:1 S:1 01011 00 1 Rm:5 option:3 imm3:3 Rn:5 Rd:5',
    (f) =>
      f.imm3 > 4
        ? null
        : {
            w: width(f.sf),
            sub: f.op === 1,
            s: f.S === 1,
            option: f.option,
            d: f.S ? Xd(f.Rd) : XSP(f.Rd),
            n: XSP(f.Rn),
            m: X(f.Rm),
            by: imm32(f.imm3),
          },
    (b, o) => addSub(b, o, b.get(o.n, o.w), extended(b.get(o.m), o.option).shl(o.by.zext()).as(o.w)),
    {
      asm: (f) => {
        const rm = t.r(f.Rm, f.sf && (f.option & 3) === 3);
        const plain = f.option === (f.sf ? 3 : 2) && (f.Rn === 31 || (!f.S && f.Rd === 31));
        const extend = plain
          ? f.imm3 === 0
            ? ''
            : `lsl ${t.d(f.imm3)}`
          : `${t.EXTEND[f.option]!}${f.imm3 === 0 ? '' : ` ${t.d(f.imm3)}`}`;
        if (f.S && f.Rd === 31) return t.ins(f.op ? 'cmp' : 'cmn', t.rsp(f.Rn, f.sf), rm, extend);
        const name = `${f.op ? 'sub' : 'add'}${f.S ? 's' : ''}`;
        return t.ins(name, f.S ? t.r(f.Rd, f.sf) : t.rsp(f.Rd, f.sf), t.rsp(f.Rn, f.sf), rm, extend);
      },
    },
  ),
  row(
    'ADC, ADCS, SBC, SBCS',
    'C6.2 ADC',
    'sf:1 op:1 S:1 11010000 Rm:5 000000 Rn:5 Rd:5',
    (f) => ({ w: width(f.sf), sub: f.op === 1, s: f.S === 1, d: Xd(f.Rd), n: X(f.Rn), m: X(f.Rm) }),
    (b, o) => {
      const x = b.get(o.n, o.w);
      const m = b.get(o.m, o.w);
      const y = o.sub ? m.not() : m;
      const carry = carryFlag(b);
      const result = x.add(y).add(carry.as(o.w));
      if (o.s) b.write(FIELDS.nzcv, flagsCarry(x, y, carry, result));
      b.set(o.d, result);
    },
    {
      asm: (f) => {
        const s = f.S ? 's' : '';
        if (f.op && f.Rn === 31) return t.ins(`ngc${s}`, t.r(f.Rd, f.sf), t.r(f.Rm, f.sf));
        return t.ins(`${f.op ? 'sbc' : 'adc'}${s}`, t.r(f.Rd, f.sf), t.r(f.Rn, f.sf), t.r(f.Rm, f.sf));
      },
    },
  ),
  row(
    'CCMN, CCMP (register)',
    'C6.2 CCMP (register)',
    'sf:1 op:1 1 11010010 Rm:5 cond:4 00 Rn:5 0 nzcv:4',
    (f) => ({ w: width(f.sf), sub: f.op === 1, n: X(f.Rn), m: X(f.Rm), mask: imm32(conditionMask(f.cond)), nzcv: imm32(f.nzcv) }),
    (b, o) => conditionalCompare(b, o, o.mask, o.nzcv, b.get(o.n, o.w), b.get(o.m, o.w)),
    { asm: (f) => t.ins(f.op ? 'ccmp' : 'ccmn', t.r(f.Rn, f.sf), t.r(f.Rm, f.sf), t.h(f.nzcv), t.COND[f.cond]!) },
  ),
  row(
    'CCMN, CCMP (immediate)',
    'C6.2 CCMP (immediate)',
    'sf:1 op:1 1 11010010 imm5:5 cond:4 10 Rn:5 0 nzcv:4',
    (f) => ({ w: width(f.sf), sub: f.op === 1, n: X(f.Rn), value: imm32(f.imm5), mask: imm32(conditionMask(f.cond)), nzcv: imm32(f.nzcv) }),
    (b, o) => conditionalCompare(b, o, o.mask, o.nzcv, b.get(o.n, o.w), o.value.as(o.w)),
    { asm: (f) => t.ins(f.op ? 'ccmp' : 'ccmn', t.r(f.Rn, f.sf), t.h(f.imm5), t.h(f.nzcv), t.COND[f.cond]!) },
  ),
  row(
    'CSEL, CSINC, CSINV, CSNEG',
    'C6.2 CSEL',
    'sf:1 op:1 0 11010100 Rm:5 cond:4 0 o2:1 Rn:5 Rd:5',
    (f) => ({ w: width(f.sf), not: f.op === 1, inc: f.o2 === 1, d: Xd(f.Rd), n: X(f.Rn), m: X(f.Rm), mask: imm32(conditionMask(f.cond)) }),
    (b, o) => {
      const m = b.get(o.m, o.w);
      const n = o.not ? m.not() : m;
      b.set(o.d, b.sel(holds(b, o.mask), b.get(o.n, o.w), o.inc ? n.add(1) : n));
    },
    {
      asm: (f) => {
        const rd = t.r(f.Rd, f.sf);
        const same = f.Rn === f.Rm && f.cond < 14;
        if (same && f.Rn === 31 && f.op + f.o2 === 1) return t.ins(f.op ? 'csetm' : 'cset', rd, invert(f.cond));
        if (same && f.op && f.o2) return t.ins('cneg', rd, t.r(f.Rn, f.sf), invert(f.cond));
        if (same && (f.op || f.o2)) return t.ins(f.op ? 'cinv' : 'cinc', rd, t.r(f.Rn, f.sf), invert(f.cond));
        return t.ins(f.op ? (f.o2 ? 'csneg' : 'csinv') : f.o2 ? 'csinc' : 'csel', rd, t.r(f.Rn, f.sf), t.r(f.Rm, f.sf), t.COND[f.cond]!);
      },
    },
  ),
  row(
    'MADD, MSUB',
    'C6.2 MADD',
    'sf:1 00 11011 000 Rm:5 o0:1 Ra:5 Rn:5 Rd:5',
    (f) => ({ w: width(f.sf), sub: f.o0 === 1, d: Xd(f.Rd), n: X(f.Rn), m: X(f.Rm), a: X(f.Ra) }),
    (b, o) => {
      const product = b.get(o.n, o.w).mul(b.get(o.m, o.w));
      b.set(o.d, o.sub ? b.get(o.a, o.w).sub(product) : b.get(o.a, o.w).add(product));
    },
    {
      asm: (f) => {
        const regs = [t.r(f.Rd, f.sf), t.r(f.Rn, f.sf), t.r(f.Rm, f.sf)];
        return f.Ra === 31 ? t.ins(f.o0 ? 'mneg' : 'mul', ...regs) : t.ins(f.o0 ? 'msub' : 'madd', ...regs, t.r(f.Ra, f.sf));
      },
    },
  ),
  row(
    'SMADDL, SMSUBL, UMADDL, UMSUBL',
    'C6.2 SMADDL',
    '1 00 11011 U:1 01 Rm:5 o0:1 Ra:5 Rn:5 Rd:5',
    (f) => ({ u: f.U === 1, sub: f.o0 === 1, d: Xd(f.Rd), n: X(f.Rn), m: X(f.Rm), a: X(f.Ra) }),
    (b, o) => {
      const x = b.get(o.n).ext(32, !o.u);
      const product = x.mul(b.get(o.m).ext(32, !o.u));
      b.set(o.d, o.sub ? b.get(o.a).sub(product) : b.get(o.a).add(product));
    },
    {
      asm: (f) => {
        const regs = [t.r(f.Rd, 1), t.r(f.Rn, 0), t.r(f.Rm, 0)];
        const u = f.U ? 'u' : 's';
        return f.Ra === 31
          ? t.ins(`${u}${f.o0 ? 'mnegl' : 'mull'}`, ...regs)
          : t.ins(`${u}${f.o0 ? 'msubl' : 'maddl'}`, ...regs, t.r(f.Ra, 1));
      },
    },
  ),
  row(
    'SMULH, UMULH',
    'C6.2 SMULH',
    '1 00 11011 U:1 10 Rm:5 0 Ra:5 Rn:5 Rd:5',
    (f) => ({ u: f.U === 1, d: Xd(f.Rd), n: X(f.Rn), m: X(f.Rm) }),
    (b, o) => {
      const x = b.get(o.n);
      const y = b.get(o.m);
      const high = mulHigh(x, y);
      b.set(o.d, o.u ? high : high.sub(x.shrs(63).and(y)).sub(y.shrs(63).and(x)));
    },
    { asm: (f) => t.ins(f.U ? 'umulh' : 'smulh', t.r(f.Rd, 1), t.r(f.Rn, 1), t.r(f.Rm, 1)) },
  ),
  row(
    'UDIV, SDIV',
    'C6.2 UDIV',
    'sf:1 0 0 11010110 Rm:5 00001 s:1 Rn:5 Rd:5',
    (f) => ({ w: width(f.sf), s: f.s === 1, d: Xd(f.Rd), n: X(f.Rn), m: X(f.Rm) }),
    (b, o) => {
      const x = b.get(o.n, o.w);
      const y = b.get(o.m, o.w);
      const zero = y.eqz();
      const one = b.lit(y.ty as 'i32' | 'i64', 1);
      if (o.s) {
        // x / -1 is -x, also for the smallest x.
        const minus = y.eq(-1);
        const safe = x.divs(b.sel(zero.or(minus), one, y));
        b.set(o.d, b.sel(zero, b.lit(y.ty as 'i32' | 'i64', 0), b.sel(minus, x.neg(), safe)));
      } else b.set(o.d, b.sel(zero, b.lit(y.ty as 'i32' | 'i64', 0), x.divu(b.sel(zero, one, y))));
    },
    { asm: (f) => t.ins(f.s ? 'sdiv' : 'udiv', t.r(f.Rd, f.sf), t.r(f.Rn, f.sf), t.r(f.Rm, f.sf)) },
  ),
  ...SHIFTS.map(([name, alias, code], type) =>
    row(
      name,
      `C6.2 ${name}`,
      `sf:1 0 0 11010110 Rm:5 00${code} Rn:5 Rd:5`,
      (f) => ({ w: width(f.sf), d: Xd(f.Rd), n: X(f.Rn), m: X(f.Rm) }),
      (b, o) => b.set(o.d, shifted(b.get(o.n, o.w), type, b.get(o.m, 32))),
      { asm: (f) => t.ins(alias, t.r(f.Rd, f.sf), t.r(f.Rn, f.sf), t.r(f.Rm, f.sf)) },
    ),
  ),
  row(
    'CRC32B, CRC32H, CRC32W, CRC32X, CRC32CB, CRC32CH, CRC32CW, CRC32CX',
    'C6.2 CRC32B',
    'sf:1 0 0 11010110 Rm:5 010 C:1 sz:2 Rn:5 Rd:5',
    (f) => ((f.sf === 1) !== (f.sz === 3) ? null : { castagnoli: f.C === 1, size: f.sz, d: Xd(f.Rd), n: X(f.Rn), m: X(f.Rm) }),
    (b, o) => {
      const m = b.get(o.m);
      b.set(o.d, b.helper(o.castagnoli ? CRCC : CRC, b.get(o.n, 32), m.lo(), m.shru(32).lo(), 1 << o.size));
    },
    { asm: (f) => t.ins(`crc32${f.C ? 'c' : ''}${'bhwx'[f.sz]!}`, t.r(f.Rd, 0), t.r(f.Rn, 0), t.r(f.Rm, f.sf)) },
  ),
  row(
    'RBIT',
    'C6.2 RBIT',
    'sf:1 1 0 11010110 00000 000000 Rn:5 Rd:5',
    (f) => ({ w: width(f.sf), d: Xd(f.Rd), n: X(f.Rn) }),
    (b, o) => b.set(o.d, reverseBits(b.get(o.n, o.w))),
    { asm: (f) => t.ins('rbit', t.r(f.Rd, f.sf), t.r(f.Rn, f.sf)) },
  ),
  row(
    'REV16, REV32, REV',
    'C6.2 REV',
    'sf:1 1 0 11010110 00000 0000 opc:2 Rn:5 Rd:5',
    (f) =>
      f.opc === 0 || (f.sf === 0 && f.opc === 3) ? null : { w: width(f.sf), unit: (1 << f.opc) as 2 | 4 | 8, d: Xd(f.Rd), n: X(f.Rn) },
    (b, o) => b.set(o.d, reverseBytes(b.get(o.n, o.w), o.unit)),
    { asm: (f) => t.ins(f.opc === 1 ? 'rev16' : f.sf && f.opc === 2 ? 'rev32' : 'rev', t.r(f.Rd, f.sf), t.r(f.Rn, f.sf)) },
  ),
  row(
    'CLZ, CLS',
    'C6.2 CLZ',
    'sf:1 1 0 11010110 00000 00010 op:1 Rn:5 Rd:5',
    (f) => ({ w: width(f.sf), sign: f.op === 1, d: Xd(f.Rd), n: X(f.Rn) }),
    (b, o) => {
      const x = b.get(o.n, o.w);
      // Bits equal to the sign bit after it: leading zeros of x ^ (x << 1), below its lowest bit a one.
      b.set(o.d, o.sign ? x.xor(x.shrs(1)).shl(1).or(1).clz() : x.clz());
    },
    { asm: (f) => t.ins(f.op ? 'cls' : 'clz', t.r(f.Rd, f.sf), t.r(f.Rn, f.sf)) },
  ),
];
