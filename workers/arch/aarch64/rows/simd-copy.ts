// AdvSIMD rows that copy elements between vector and general registers, and those that load a constant.
import type { Builder, Val } from '../../../rows/builder.ts';
import { imm, type Src } from '../../../rows/operands.ts';
import { type Row, row } from '../../../rows/row.ts';
import { V, VE, X, Xd } from '../state.ts';
import { expandImmediate, immediateText } from './fp-scalar.ts';
import { element, fn, line, setQ, shape, vec, vn, xn } from './lanes.ts';

/** imm5 says size and index: xxxx1 bytes, xxx10 halves, xx100 words, x1000 doublewords; null otherwise. */
function place(imm5: number): { size: number; index: number } | null {
  for (let log = 0; log < 4; log++) if (imm5 & (1 << log)) return { size: 8 << log, index: imm5 >> (log + 1) };
  return null;
}

/** The element's low bits as i32, or i64 for doublewords; bits above the element's size are undefined. */
const value = (b: Builder, r: Src, size: number): Val =>
  size === 64 ? b.part(r, 'i64') : size === 32 ? b.part(r, 'i32') : b.low(r, size as 8 | 16);
const source = (n: number, p: { size: number; index: number }): Src => VE(n, (p.index * p.size) / 8);

/** AdvSIMDExpandImm without the FMOV forms: the 64-bit constant of cmode, op and abcdefgh. */
function expand(cmode: number, op: number, imm8: number): bigint {
  const v = BigInt(imm8);
  const twice = (x: bigint): bigint => x | (x << 32n);
  const four = (x: bigint): bigint => twice(x | (x << 16n));
  switch (cmode >> 1) {
    case 0:
    case 1:
    case 2:
    case 3:
      return twice(v << BigInt(8 * (cmode >> 1)));
    case 4:
    case 5:
      return four(v << BigInt(8 * ((cmode >> 1) - 4)));
    case 6:
      return twice(cmode & 1 ? (v << 16n) | 0xffffn : (v << 8n) | 0xffn);
    default: {
      if (!op) return four(v | (v << 8n));
      let out = 0n;
      for (let i = 0; i < 8; i++) if (imm8 & (1 << i)) out |= 0xffn << BigInt(8 * i);
      return out;
    }
  }
}

interface Modified {
  readonly q: number;
  readonly op: number;
  readonly abc: number;
  readonly cmode: number;
  readonly defgh: number;
  readonly rd: number;
}

/** What an encoding does with its constant. */
function modified(f: Modified): { kind: 'mov' | 'orr' | 'bic'; value: bigint } | null {
  const imm8 = (f.abc << 5) | f.defgh;
  if (f.cmode === 15) {
    if (!f.op) {
      const single = expandImmediate(imm8, 32);
      return { kind: 'mov', value: single | (single << 32n) };
    }
    return f.q ? { kind: 'mov', value: expandImmediate(imm8, 64) } : null;
  }
  const constant = expand(f.cmode, f.op, imm8);
  if (f.cmode === 14) return { kind: 'mov', value: constant };
  const merges = f.cmode < 12 && (f.cmode & 1) === 1;
  if (merges) return { kind: f.op ? 'bic' : 'orr', value: constant };
  return { kind: 'mov', value: f.op ? BigInt.asUintN(64, ~constant) : constant };
}

function modifiedText(f: Modified): string {
  const imm8 = (f.abc << 5) | f.defgh;
  const { kind, value: constant } = modified(f)!;
  if (f.cmode === 15) return line('fmov', vn(f.rd, f.op ? 64 : 32, f.q), immediateText(imm8));
  if (f.cmode === 14) {
    if (!f.op) return line('movi', vn(f.rd, 8, f.q), `#0x${imm8.toString(16)}`);
    return line('movi', f.q ? vn(f.rd, 64, 1) : fn(f.rd, 64), `#0x${constant.toString(16)}`);
  }
  const mnemonic = kind === 'mov' ? (f.op ? 'mvni' : 'movi') : kind;
  const size = f.cmode < 8 || f.cmode >= 12 ? 32 : 16;
  const shift = f.cmode >= 12 ? ['msl #8', 'msl #16'][f.cmode & 1]! : 8 * ((f.cmode >> 1) & (size === 32 ? 3 : 1));
  const operands = [vn(f.rd, size, f.q), `#0x${imm8.toString(16)}`];
  if (typeof shift === 'string') operands.push(shift);
  else if (shift !== 0) operands.push(`lsl #${shift}`);
  return line(mnemonic, ...operands);
}

export const SIMD_COPY_ROWS: readonly Row[] = [
  row(
    'DUP (element)',
    'C7.2.35',
    '0 q:1 0 01110000 imm5:5 0 0000 1 rn:5 rd:5',
    (f) => {
      const p = place(f.imm5);
      if (p === null || (p.size === 64 && !f.q)) return null;
      return { size: p.size, q: f.q, d: V(f.rd), n: source(f.rn, p) };
    },
    (b, o) => setQ(b, o.d, o.q, b.op(`${shape(o.size)}.splat`, value(b, o.n, o.size))),
    { asm: (f) => line('dup', vn(f.rd, place(f.imm5)!.size, f.q), element(f.rn, place(f.imm5)!.size, place(f.imm5)!.index)) },
  ),
  row(
    'DUP (scalar)',
    'C7.2.35',
    '01 0 11110000 imm5:5 0 0000 1 rn:5 rd:5',
    (f) => {
      const p = place(f.imm5);
      return p && { size: p.size, d: V(f.rd), n: source(f.rn, p) };
    },
    (b, o) => b.setScalar(o.d, value(b, o.n, o.size)),
    { asm: (f) => line('mov', fn(f.rd, place(f.imm5)!.size), element(f.rn, place(f.imm5)!.size, place(f.imm5)!.index)) },
  ),
  row(
    'DUP (general)',
    'C7.2.36',
    '0 q:1 0 01110000 imm5:5 0 0001 1 rn:5 rd:5',
    (f) => {
      const p = place(f.imm5);
      if (p === null || (p.size === 64 && !f.q)) return null;
      return { size: p.size, q: f.q, d: V(f.rd), n: X(f.rn) };
    },
    (b, o) => setQ(b, o.d, o.q, b.op(`${shape(o.size)}.splat`, b.get(o.n, o.size === 64 ? 64 : 32))),
    { asm: (f) => line('dup', vn(f.rd, place(f.imm5)!.size, f.q), xn(f.rn, place(f.imm5)!.size === 64 ? 1 : 0)) },
  ),
  row(
    'SMOV',
    'C7.2.270',
    '0 q:1 0 01110000 imm5:5 0 0101 1 rn:5 rd:5',
    (f) => {
      const p = place(f.imm5);
      if (p === null || p.size === 64 || (p.size === 32 && !f.q)) return null;
      return { size: p.size, q: f.q, d: Xd(f.rd), n: source(f.rn, p) };
    },
    (b, o) => {
      const v = value(b, o.n, o.size).ext(o.size, true);
      b.set(o.d, o.q ? v.sext() : v);
    },
    { asm: (f) => line('smov', xn(f.rd, f.q), element(f.rn, place(f.imm5)!.size, place(f.imm5)!.index)) },
  ),
  row(
    'UMOV',
    'C7.2.374',
    '0 q:1 0 01110000 imm5:5 0 0111 1 rn:5 rd:5',
    (f) => {
      const p = place(f.imm5);
      if (p === null || (p.size === 64) !== (f.q === 1)) return null;
      return { size: p.size, d: Xd(f.rd), n: source(f.rn, p) };
    },
    (b, o) => b.set(o.d, value(b, o.n, o.size)),
    {
      asm: (f) => {
        const p = place(f.imm5)!;
        return line(p.size >= 32 ? 'mov' : 'umov', xn(f.rd, f.q), element(f.rn, p.size, p.index));
      },
    },
  ),
  row(
    'INS (general)',
    'C7.2.174',
    '0 1 0 01110000 imm5:5 0 0011 1 rn:5 rd:5',
    (f) => {
      const p = place(f.imm5);
      return p && { size: p.size, index: p.index, d: V(f.rd), n: X(f.rn) };
    },
    (b, o) => b.setV(o.d, b.lane(`${shape(o.size)}.replace_lane`, o.index, vec(b, o.d), b.get(o.n, o.size === 64 ? 64 : 32))),
    { asm: (f) => line('mov', element(f.rd, place(f.imm5)!.size, place(f.imm5)!.index), xn(f.rn, place(f.imm5)!.size === 64 ? 1 : 0)) },
  ),
  row(
    'INS (element)',
    'C7.2.173',
    '0 1 1 01110000 imm5:5 0 imm4:4 1 rn:5 rd:5',
    (f) => {
      const p = place(f.imm5);
      if (p === null) return null;
      const from = { size: p.size, index: Math.floor((f.imm4 * 8) / p.size) };
      return { size: p.size, index: p.index, d: V(f.rd), n: source(f.rn, from) };
    },
    (b, o) => b.setV(o.d, b.lane(`${shape(o.size)}.replace_lane`, o.index, vec(b, o.d), value(b, o.n, o.size))),
    {
      asm: (f) => {
        const p = place(f.imm5)!;
        return line('mov', element(f.rd, p.size, p.index), element(f.rn, p.size, Math.floor((f.imm4 * 8) / p.size)));
      },
    },
  ),
  row(
    'MOVI, MVNI, ORR, BIC, FMOV (vector, immediate)',
    'C7.2.214, C7.2.218, C7.2.226, C7.2.16, C7.2.131',
    '0 q:1 op:1 0111100000 abc:3 cmode:4 01 defgh:5 rd:5',
    (f) => {
      const m = modified(f);
      return m && { kind: m.kind, q: f.q, d: V(f.rd), value: imm(m.value) };
    },
    (b, o) => {
      if (o.kind === 'mov') {
        if (o.q) b.setV(o.d, b.op('i64x2.splat', o.value));
        else b.setScalar(o.d, o.value);
        return;
      }
      const constant = b.op('i64x2.splat', o.value);
      const old = vec(b, o.d);
      setQ(b, o.d, o.q, b.op(o.kind === 'orr' ? 'v128.or' : 'v128.andnot', old, constant));
    },
    { asm: modifiedText },
  ),
];
