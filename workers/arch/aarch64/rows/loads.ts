// Loads and stores of general and SIMD&FP registers, except structures (LD1..ST4), exclusives and atomics.
import type { Builder, Val } from '../../../rows/builder.ts';
import { type Both, type Dst, type Src, imm } from '../../../rows/operands.ts';
import { row } from '../../../rows/row.ts';
import * as t from '../asm.ts';
import { V, X, XSP, Xd } from '../state.ts';
import { extended } from './common.ts';

/** How one register is transferred. */
interface Transfer {
  /** Log2 of the bytes. */
  readonly log2: number;
  readonly load: boolean;
  /** General registers: sign-extended to this many bits (0: zero-extended). */
  readonly signed: number;
  readonly vector: boolean;
}

/** Size, direction and sign of `size V opc`; null: undefined or a prefetch. */
function transfer(size: number, v: number, opc: number): Transfer | null {
  if (v === 1) {
    const log2 = opc > 1 ? size + 4 : size;
    return log2 > 4 ? null : { log2, load: (opc & 1) === 1, signed: 0, vector: true };
  }
  if (opc > 1 && (size === 3 || (size === 2 && opc === 3))) return null;
  return { log2: size, load: opc !== 0, signed: opc === 2 ? 64 : opc === 3 ? 32 : 0, vector: false };
}

/** Transfers one register at `offset` of a probed access; `d` and `s` are the same register. */
export function loadRegister(b: Builder, o: Transfer, m: ReturnType<Builder['mem']>, offset: number, d: Dst): void {
  const bytes = (1 << o.log2) as 1 | 2 | 4 | 8;
  if (o.vector) {
    if (o.log2 === 4) b.setV(d, m.loadOp('v128.load', offset));
    else if (o.log2 === 3) b.setV(d, m.loadOp('v128.load64_zero', offset));
    else if (o.log2 === 2) b.setV(d, m.loadOp('v128.load32_zero', offset));
    else b.setScalar(d, m.load(offset, bytes, false, 'i32').zext());
  } else if (o.signed === 32) b.set(d, m.load(offset, bytes, true, 'i32'));
  else b.set(d, m.load(offset, bytes, o.signed === 64, 'i64'));
}

export function storeRegister(b: Builder, o: Transfer, m: ReturnType<Builder['mem']>, offset: number, s: Src): void {
  if (o.vector && o.log2 === 4) m.store(offset, 16, b.part(s, 'v128'));
  else m.store(offset, (1 << o.log2) as 1 | 2 | 4 | 8, b.part(s, o.log2 === 3 ? 'i64' : 'i32'));
}

function one(b: Builder, o: Transfer & { readonly d: Dst; readonly s: Src }, address: Val): void {
  const m = b.mem(address, 1 << o.log2, { access: o.load ? 'r' : 'w' });
  if (o.load) loadRegister(b, o, m, 0, o.d);
  else storeRegister(b, o, m, 0, o.s);
}

const register = (vector: boolean, n: number): { d: Dst; s: Src } => (vector ? { d: V(n), s: V(n) } : { d: Xd(n), s: X(n) });

const name = (size: number, v: number, opc: number, prefix: string): string => {
  if (v === 1) return `${(opc & 1) === 1 ? 'ld' : 'st'}${prefix}`;
  const suffix = size === 0 ? 'b' : size === 1 ? 'h' : opc > 1 ? 'w' : '';
  return `${opc === 0 ? 'st' : 'ld'}${prefix}${opc > 1 ? 's' : ''}${suffix}`;
};
const rt = (size: number, v: number, opc: number, n: number): string =>
  v === 1 ? t.fpr(n, opc > 1 ? 4 : size) : t.r(n, opc === 2 || (opc < 2 && size === 3));

const PREFETCH_TYPE = ['pld', 'pli', 'pst'] as const;
const prefetch = (n: number): string =>
  n >> 3 < 3 && ((n >> 1) & 3) < 3 ? `${PREFETCH_TYPE[n >> 3]!}l${((n >> 1) & 3) + 1}${n & 1 ? 'strm' : 'keep'}` : t.h2(n);

const offset = (value: number): string => (value === 0 ? '' : t.d(value));
const plainPairs = ['stp', 'ldp'] as const;

/** Where LDP and STP are, by V and opc: log2 of one register. LDPSW is signed. */
function pair(v: number, opc: number, load: number, idx: number): Transfer | null {
  if (v === 1) return opc === 3 ? null : { log2: opc + 2, load: load === 1, signed: 0, vector: true };
  if (opc === 3 || (opc === 1 && (load === 0 || idx === 0))) return null;
  return { log2: opc === 2 ? 3 : 2, load: load === 1, signed: opc === 1 ? 64 : 0, vector: false };
}

export const LOADS = [
  row(
    'LDR, STR (unsigned offset)',
    'C6.2 LDR (immediate)',
    'size:2 111 V:1 01 opc:2 imm12:12 Rn:5 Rt:5',
    (f) => {
      const how = transfer(f.size, f.V, f.opc);
      return how && { ...how, ...register(how.vector, f.Rt), n: XSP(f.Rn), offset: imm(f.imm12 << how.log2) };
    },
    (b, o) => one(b, o, b.get(o.n).add(o.offset)),
    {
      asm: (f) => {
        const log2 = transfer(f.size, f.V, f.opc)!.log2;
        return t.ins(name(f.size, f.V, f.opc, 'r'), rt(f.size, f.V, f.opc, f.Rt), t.mem(t.rsp(f.Rn, 1), offset(f.imm12 << log2)));
      },
    },
  ),
  row(
    'LDUR, STUR',
    'C6.2 LDUR',
    'size:2 111 V:1 00 opc:2 0 imm9:s9 00 Rn:5 Rt:5',
    (f) => {
      const how = transfer(f.size, f.V, f.opc);
      return how && { ...how, ...register(how.vector, f.Rt), n: XSP(f.Rn), offset: imm(f.imm9) };
    },
    (b, o) => one(b, o, b.get(o.n).add(o.offset)),
    { asm: (f) => t.ins(name(f.size, f.V, f.opc, 'ur'), rt(f.size, f.V, f.opc, f.Rt), t.mem(t.rsp(f.Rn, 1), offset(f.imm9))) },
  ),
  row(
    'LDTR, STTR',
    'C6.2 LDTR',
    'size:2 111 0 00 opc:2 0 imm9:s9 10 Rn:5 Rt:5',
    (f) => {
      const how = transfer(f.size, 0, f.opc);
      return how && { ...how, ...register(false, f.Rt), n: XSP(f.Rn), offset: imm(f.imm9) };
    },
    (b, o) => one(b, o, b.get(o.n).add(o.offset)),
    { asm: (f) => t.ins(name(f.size, 0, f.opc, 'tr'), rt(f.size, 0, f.opc, f.Rt), t.mem(t.rsp(f.Rn, 1), offset(f.imm9))) },
  ),
  row(
    'LDR, STR (post-index, pre-index)',
    'C6.2 LDR (immediate)',
    'size:2 111 V:1 00 opc:2 0 imm9:s9 pre:1 1 Rn:5 Rt:5',
    (f) => {
      const how = transfer(f.size, f.V, f.opc);
      return how && { ...how, ...register(how.vector, f.Rt), pre: f.pre === 1, n: XSP(f.Rn), offset: imm(f.imm9) };
    },
    (b, o) => {
      const base = b.get(o.n);
      const moved = base.add(o.offset);
      one(b, o, o.pre ? moved : base);
      b.set(o.n, moved);
    },
    {
      asm: (f) => {
        const head = [name(f.size, f.V, f.opc, 'r'), rt(f.size, f.V, f.opc, f.Rt)] as const;
        return f.pre ? `${t.ins(...head, t.mem(t.rsp(f.Rn, 1), t.d(f.imm9)))}!` : t.ins(...head, t.mem(t.rsp(f.Rn, 1)), t.d(f.imm9));
      },
    },
  ),
  row(
    'LDR, STR (register offset)',
    'C6.2 LDR (register)',
    'size:2 111 V:1 00 opc:2 1 Rm:5 option:3 S:1 10 Rn:5 Rt:5',
    (f) => {
      const how = transfer(f.size, f.V, f.opc);
      return how && (f.option & 2) === 2
        ? { ...how, ...register(how.vector, f.Rt), option: f.option, scale: f.S ? how.log2 : 0, n: XSP(f.Rn), m: X(f.Rm) }
        : null;
    },
    (b, o) => {
      const index = extended(b.get(o.m), o.option);
      one(b, o, b.get(o.n).add(o.scale === 0 ? index : index.shl(o.scale)));
    },
    { asm: (f) => t.ins(name(f.size, f.V, f.opc, 'r'), rt(f.size, f.V, f.opc, f.Rt), indexed(f, transfer(f.size, f.V, f.opc)!.log2)) },
  ),
  row(
    'LDR (literal)',
    'C6.2 LDR (literal)',
    'opc:2 011 V:1 00 imm19:s19 Rt:5',
    (f, pc) => {
      if (f.opc === 3) return null;
      const how: Transfer = f.V
        ? { log2: f.opc + 2, load: true, signed: 0, vector: true }
        : { log2: f.opc === 1 ? 3 : 2, load: true, signed: f.opc === 2 ? 64 : 0, vector: false };
      return { ...how, ...register(how.vector, f.Rt), address: imm(pc + BigInt(f.imm19) * 4n) };
    },
    (b, o) => one(b, o, o.address),
    {
      asm: (f, pc) => {
        const reg = f.V ? t.fpr(f.Rt, f.opc + 2) : t.r(f.Rt, f.opc !== 0);
        return t.ins(!f.V && f.opc === 2 ? 'ldrsw' : 'ldr', reg, t.at(pc + BigInt(f.imm19) * 4n));
      },
    },
  ),
  row(
    'PRFM (literal)',
    'C6.2 PRFM (literal)',
    '11 011 0 00 imm19:s19 Rt:5',
    () => ({}),
    () => undefined,
    {
      asm: (f, pc) => t.ins('prfm', prefetch(f.Rt), t.at(pc + BigInt(f.imm19) * 4n)),
    },
  ),
  row(
    'PRFM (immediate)',
    'C6.2 PRFM (immediate)',
    '11 111 0 01 10 imm12:12 Rn:5 Rt:5',
    () => ({}),
    () => undefined,
    {
      asm: (f) => t.ins('prfm', prefetch(f.Rt), t.mem(t.rsp(f.Rn, 1), offset(f.imm12 * 8))),
    },
  ),
  row(
    'PRFUM',
    'C6.2 PRFUM',
    '11 111 0 00 10 0 imm9:s9 00 Rn:5 Rt:5',
    () => ({}),
    () => undefined,
    {
      asm: (f) => t.ins('prfum', prefetch(f.Rt), t.mem(t.rsp(f.Rn, 1), offset(f.imm9))),
    },
  ),
  row(
    'PRFM (register)',
    'C6.2 PRFM (register)',
    '11 111 0 00 10 1 Rm:5 option:3 S:1 10 Rn:5 Rt:5',
    (f) => ((f.option & 2) === 2 ? {} : null),
    () => undefined,
    {
      asm: (f) => t.ins('prfm', prefetch(f.Rt), indexed(f, 3)),
    },
  ),
  row(
    'LDP, STP, LDNP, STNP',
    'C6.2 LDP',
    'opc:2 101 V:1 0 idx:2 L:1 imm7:s7 Rt2:5 Rn:5 Rt:5',
    (f) => {
      const how = pair(f.V, f.opc, f.L, f.idx);
      if (how === null) return null;
      const one = register(how.vector, f.Rt);
      const two = register(how.vector, f.Rt2);
      const n: Both = XSP(f.Rn);
      return { ...how, idx: f.idx === 0 ? 2 : f.idx, d: one.d, s: one.s, d2: two.d, s2: two.s, n, offset: imm(f.imm7 * (1 << how.log2)) };
    },
    (b, o) => {
      const bytes = 1 << o.log2;
      const base = b.get(o.n);
      const moved = base.add(o.offset);
      const m = b.mem(o.idx === 1 ? base : moved, 2 * bytes, { access: o.load ? 'r' : 'w', unit: bytes });
      if (o.load && o.vector) {
        loadRegister(b, o, m, 0, o.d);
        loadRegister(b, o, m, bytes, o.d2);
      } else if (o.load) {
        // Two loads of one register are unpredictable; as QEMU, the first wins.
        loadRegister(b, o, m, bytes, o.d2);
        loadRegister(b, o, m, 0, o.d);
      } else {
        storeRegister(b, o, m, 0, o.s);
        storeRegister(b, o, m, bytes, o.s2);
      }
      if (o.idx !== 2) b.set(o.n, moved);
    },
    {
      asm: (f) => {
        const log2 = pair(f.V, f.opc, f.L, f.idx)!.log2;
        const reg = (n: number): string => (f.V ? t.fpr(n, log2) : t.r(n, f.opc !== 0));
        const by = f.imm7 * (1 << log2);
        const mnemonic = f.idx === 0 ? (f.L ? 'ldnp' : 'stnp') : !f.V && f.opc === 1 ? 'ldpsw' : plainPairs[f.L]!;
        const head = [mnemonic, reg(f.Rt), reg(f.Rt2)] as const;
        if (f.idx === 1) return t.ins(...head, t.mem(t.rsp(f.Rn, 1)), t.d(by));
        return t.ins(...head, t.mem(t.rsp(f.Rn, 1), f.idx === 3 ? t.d(by) : offset(by))) + (f.idx === 3 ? '!' : '');
      },
    },
  ),
];

function indexed(f: { readonly Rn: number; readonly Rm: number; readonly option: number; readonly S: number }, log2: number): string {
  const extend = f.option === 3 ? (f.S ? `lsl ${t.d(log2)}` : '') : `${t.EXTEND[f.option]!}${f.S ? ` ${t.d(log2)}` : ''}`;
  return t.mem(t.rsp(f.Rn, 1), t.r(f.Rm, f.option & 1), extend);
}
