// Data processing (immediate): C4.1 of the Arm ARM. No loads, no branches.
import { imm, imm32 } from '../../../rows/operands.ts';
import { row } from '../../../rows/row.ts';
import * as t from '../asm.ts';
import { FIELDS, X, XSP, Xd } from '../state.ts';
import { addSub, bitMasks, flagsLogic, width } from './common.ts';

const LOGIC = ['and', 'orr', 'eor', 'ands'] as const;
const moveWide = (sf: number, imm16: number, hw: number, inverted: boolean): bigint => {
  const v = BigInt(imm16) << BigInt(hw * 16);
  return BigInt.asUintN(width(sf), inverted ? ~v : v);
};

/** Whether a move of this value would be written as MOVZ or MOVN rather than as ORR. */
function movable(value: bigint, sf: number): boolean {
  const w = width(sf);
  const all = (1n << BigInt(w)) - 1n;
  for (const v of [value & all, ~value & all]) {
    for (let i = 0; i < w; i += 16) if ((v & ~(0xffffn << BigInt(i))) === 0n) return true;
  }
  return false;
}

export const DATA_IMMEDIATE = [
  row(
    'ADR',
    'C6.2 ADR',
    '0 immlo:2 10000 immhi:s19 Rd:5',
    (f, pc) => ({ d: Xd(f.Rd), value: imm(pc + BigInt(f.immhi * 4 + f.immlo)) }),
    (b, o) => b.set(o.d, o.value),
    { asm: (f, pc) => t.ins('adr', t.r(f.Rd, 1), t.at(pc + BigInt(f.immhi * 4 + f.immlo))) },
  ),
  row(
    'ADRP',
    'C6.2 ADRP',
    '1 immlo:2 10000 immhi:s19 Rd:5',
    (f, pc) => ({ d: Xd(f.Rd), value: imm((pc & ~0xfffn) + BigInt(f.immhi * 4 + f.immlo) * 4096n) }),
    (b, o) => b.set(o.d, o.value),
    { asm: (f, pc) => t.ins('adrp', t.r(f.Rd, 1), t.at((pc & ~0xfffn) + BigInt(f.immhi * 4 + f.immlo) * 4096n)) },
  ),
  row(
    'ADD, ADDS, SUB, SUBS (immediate)',
    'C6.2 ADD (immediate)',
    'sf:1 op:1 S:1 100010 sh:1 imm12:12 Rn:5 Rd:5',
    (f) => ({
      w: width(f.sf),
      sub: f.op === 1,
      s: f.S === 1,
      d: f.S ? Xd(f.Rd) : XSP(f.Rd),
      n: XSP(f.Rn),
      value: imm(f.imm12 << (f.sh * 12)),
    }),
    (b, o) => addSub(b, o, b.get(o.n, o.w), o.value.as(o.w)),
    {
      asm: (f) => {
        const value = [t.h(f.imm12), f.sh && 'lsl #12'] as const;
        if (f.S && f.Rd === 31) return t.ins(f.op ? 'cmp' : 'cmn', t.rsp(f.Rn, f.sf), value[0], value[1] || false);
        if (!f.S && !f.op && f.imm12 === 0 && !f.sh && (f.Rd === 31 || f.Rn === 31))
          return t.ins('mov', t.rsp(f.Rd, f.sf), t.rsp(f.Rn, f.sf));
        const name = `${f.op ? 'sub' : 'add'}${f.S ? 's' : ''}`;
        return t.ins(name, f.S ? t.r(f.Rd, f.sf) : t.rsp(f.Rd, f.sf), t.rsp(f.Rn, f.sf), value[0], value[1] || false);
      },
    },
  ),
  row(
    'AND, ORR, EOR, ANDS (immediate)',
    'C6.2 AND (immediate)',
    'sf:1 opc:2 100100 N:1 immr:6 imms:6 Rn:5 Rd:5',
    (f) => {
      const masks = bitMasks(f.sf, f.N, f.imms, f.immr, true);
      return (
        masks && {
          w: width(f.sf),
          op: f.opc,
          d: f.opc === 3 ? Xd(f.Rd) : XSP(f.Rd),
          n: X(f.Rn),
          value: imm(BigInt.asUintN(width(f.sf), masks.wmask)),
        }
      );
    },
    (b, o) => {
      const x = b.get(o.n, o.w);
      const y = o.value.as(o.w);
      const result = o.op === 1 ? x.or(y) : o.op === 2 ? x.xor(y) : x.and(y);
      if (o.op === 3) b.write(FIELDS.nzcv, flagsLogic(result));
      b.set(o.d, result);
    },
    {
      asm: (f) => {
        const value = BigInt.asUintN(width(f.sf), bitMasks(f.sf, f.N, f.imms, f.immr, true)!.wmask);
        if (f.opc === 3 && f.Rd === 31) return t.ins('tst', t.r(f.Rn, f.sf), t.h(value));
        if (f.opc === 1 && f.Rn === 31 && !movable(value, f.sf)) return t.ins('mov', t.rsp(f.Rd, f.sf), t.h(value));
        return t.ins(LOGIC[f.opc]!, f.opc === 3 ? t.r(f.Rd, f.sf) : t.rsp(f.Rd, f.sf), t.r(f.Rn, f.sf), t.h(value));
      },
    },
  ),
  row(
    'MOVN',
    'C6.2 MOVN',
    'sf:1 00 100101 hw:2 imm16:16 Rd:5',
    (f) => (f.sf === 0 && f.hw > 1 ? null : { d: Xd(f.Rd), value: imm(moveWide(f.sf, f.imm16, f.hw, true)) }),
    (b, o) => b.set(o.d, o.value),
    {
      asm: (f) => {
        const alias = !(f.imm16 === 0 && f.hw !== 0) && !(f.sf === 0 && f.imm16 === 0xffff);
        return alias
          ? t.ins('mov', t.r(f.Rd, f.sf), t.h(moveWide(f.sf, f.imm16, f.hw, true)))
          : t.ins('movn', t.r(f.Rd, f.sf), t.h(f.imm16), f.hw > 0 && `lsl #${f.hw * 16}`);
      },
    },
  ),
  row(
    'MOVZ',
    'C6.2 MOVZ',
    'sf:1 10 100101 hw:2 imm16:16 Rd:5',
    (f) => (f.sf === 0 && f.hw > 1 ? null : { d: Xd(f.Rd), value: imm(moveWide(f.sf, f.imm16, f.hw, false)) }),
    (b, o) => b.set(o.d, o.value),
    {
      asm: (f) =>
        f.imm16 === 0 && f.hw !== 0
          ? t.ins('movz', t.r(f.Rd, f.sf), t.h(f.imm16), `lsl #${f.hw * 16}`)
          : t.ins('mov', t.r(f.Rd, f.sf), t.h(moveWide(f.sf, f.imm16, f.hw, false))),
    },
  ),
  row(
    'MOVK',
    'C6.2 MOVK',
    'sf:1 11 100101 hw:2 imm16:16 Rd:5',
    (f) =>
      f.sf === 0 && f.hw > 1
        ? null
        : {
            w: width(f.sf),
            d: Xd(f.Rd),
            n: X(f.Rd),
            keep: imm(~(0xffffn << BigInt(f.hw * 16))),
            value: imm(moveWide(f.sf, f.imm16, f.hw, false)),
          },
    (b, o) => b.set(o.d, b.get(o.n, o.w).and(o.keep.as(o.w)).or(o.value.as(o.w))),
    { asm: (f) => t.ins('movk', t.r(f.Rd, f.sf), t.h(f.imm16), f.hw > 0 && `lsl #${f.hw * 16}`) },
  ),
  row(
    'SBFM',
    'C6.2 SBFM',
    'sf:1 00 100110 N:1 immr:6 imms:6 Rn:5 Rd:5',
    (f) => {
      if (f.sf !== f.N || (f.sf === 0 && (f.immr > 31 || f.imms > 31))) return null;
      const a = width(f.sf) - 1 - f.imms;
      const back = f.imms >= f.immr ? a + f.immr : a - (width(f.sf) - f.immr);
      return { w: width(f.sf), d: Xd(f.Rd), n: X(f.Rn), a: imm32(a), back: imm32(back) };
    },
    (b, o) => b.set(o.d, b.get(o.n, o.w).shl(o.a.as(o.w)).shrs(o.back.as(o.w))),
    { asm: (f) => bitfield(0, f) },
  ),
  row(
    'UBFM',
    'C6.2 UBFM',
    'sf:1 10 100110 N:1 immr:6 imms:6 Rn:5 Rd:5',
    (f) => {
      if (f.sf !== f.N || (f.sf === 0 && (f.immr > 31 || f.imms > 31))) return null;
      const m = bitMasks(f.sf, f.N, f.imms, f.immr, false)!;
      return { w: width(f.sf), d: Xd(f.Rd), n: X(f.Rn), by: imm32(f.immr), keep: imm(m.wmask & m.tmask) };
    },
    (b, o) => b.set(o.d, b.get(o.n, o.w).rotr(o.by.as(o.w)).and(o.keep.as(o.w))),
    { asm: (f) => bitfield(2, f) },
  ),
  row(
    'BFM',
    'C6.2 BFM',
    'sf:1 01 100110 N:1 immr:6 imms:6 Rn:5 Rd:5',
    (f) => {
      if (f.sf !== f.N || (f.sf === 0 && (f.immr > 31 || f.imms > 31))) return null;
      const m = bitMasks(f.sf, f.N, f.imms, f.immr, false)!;
      return { w: width(f.sf), d: Xd(f.Rd), old: X(f.Rd), n: X(f.Rn), by: imm32(f.immr), take: imm(m.wmask & m.tmask) };
    },
    (b, o) => {
      const take = o.take.as(o.w);
      b.set(o.d, b.get(o.n, o.w).rotr(o.by.as(o.w)).and(take).or(b.get(o.old, o.w).and(take.not())));
    },
    { asm: (f) => bitfield(1, f) },
  ),
  row(
    'EXTR',
    'C6.2 EXTR',
    'sf:1 00 100111 N:1 0 Rm:5 imms:6 Rn:5 Rd:5',
    (f) =>
      f.sf !== f.N || (f.sf === 0 && f.imms > 31)
        ? null
        : { w: width(f.sf), zero: f.imms === 0, d: Xd(f.Rd), n: X(f.Rn), m: X(f.Rm), by: imm32(f.imms) },
    (b, o) => {
      const by = o.by.as(o.w);
      const low = b.get(o.m, o.w);
      b.set(o.d, o.zero ? low : low.shru(by).or(b.get(o.n, o.w).shl(by.neg())));
    },
    {
      asm: (f) =>
        f.Rn === f.Rm
          ? t.ins('ror', t.r(f.Rd, f.sf), t.r(f.Rn, f.sf), t.d(f.imms))
          : t.ins('extr', t.r(f.Rd, f.sf), t.r(f.Rn, f.sf), t.r(f.Rm, f.sf), t.d(f.imms)),
    },
  ),
];

function bitfield(opc: 0 | 1 | 2, f: { sf: number; immr: number; imms: number; Rn: number; Rd: number }): string {
  const w = width(f.sf);
  const rd = t.r(f.Rd, f.sf);
  const rn = t.r(f.Rn, f.sf);
  const { immr, imms } = f;
  if (opc === 0) {
    if (imms === w - 1) return t.ins('asr', rd, rn, t.d(immr));
    if (imms < immr) return t.ins('sbfiz', rd, rn, t.d(w - immr), t.d(imms + 1));
    if (immr === 0 && (imms === 7 || imms === 15)) return t.ins(imms === 7 ? 'sxtb' : 'sxth', rd, t.r(f.Rn, 0));
    if (immr === 0 && imms === 31 && f.sf) return t.ins('sxtw', rd, t.r(f.Rn, 0));
    return t.ins('sbfx', rd, rn, t.d(immr), t.d(imms - immr + 1));
  }
  if (opc === 2) {
    if (imms === w - 1) return t.ins('lsr', rd, rn, t.d(immr));
    if (imms + 1 === immr) return t.ins('lsl', rd, rn, t.d(w - 1 - imms));
    if (imms < immr) return t.ins('ubfiz', rd, rn, t.d(w - immr), t.d(imms + 1));
    if (!f.sf && immr === 0 && (imms === 7 || imms === 15)) return t.ins(imms === 7 ? 'uxtb' : 'uxth', rd, rn);
    return t.ins('ubfx', rd, rn, t.d(immr), t.d(imms - immr + 1));
  }
  if (imms < immr) return f.Rn === 31 ? t.ins('bfc', rd, t.d(w - immr), t.d(imms + 1)) : t.ins('bfi', rd, rn, t.d(w - immr), t.d(imms + 1));
  return t.ins('bfxil', rd, rn, t.d(immr), t.d(imms - immr + 1));
}
