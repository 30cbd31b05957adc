// What several groups of base rows share: widths, flags, conditions, shifts, bit masks.
import type { Builder, Val } from '../../../rows/builder.ts';
import type { Meaning } from '../../../rows/val.ts';
import type { Dst } from '../../../rows/operands.ts';
import { FIELDS } from '../state.ts';

export const width = (sf: number): 32 | 64 => (sf ? 64 : 32);

/** The sign bit as i32 0 or 1. */
const sign = (v: Val): Val => v.shru(v.ty === 'i64' ? 63 : 31).lo();

/** NZCV from four i32 values that are 0 or 1. */
export function packFlags(n: Val, z: Val, c?: Val, v?: Val): Val {
  const nz = n.shl(3).or(z.shl(2));
  const nzc = c === undefined ? nz : nz.or(c.shl(1));
  return v === undefined ? nzc : nzc.or(v);
}

function means(v: Val, meaning: Meaning): Val {
  v.meaning = meaning;
  return v;
}

/** N and Z of a result; C and V cleared. */
export const flagsLogic = (result: Val): Val => means(packFlags(sign(result), result.eqz()), { k: 'flags', op: 'logic', x: result });

export const flagsAdd = (x: Val, y: Val, result: Val): Val =>
  means(packFlags(sign(result), result.eqz(), result.ltu(x), sign(x.xor(result).and(y.xor(result)))), { k: 'flags', op: 'add', x, y });

export const flagsSub = (x: Val, y: Val, result: Val): Val =>
  means(packFlags(sign(result), result.eqz(), x.geu(y), sign(x.xor(y).and(x.xor(result)))), { k: 'flags', op: 'sub', x, y });

/** x + y + carry; subtraction passes ~y. */
export const flagsCarry = (x: Val, y: Val, carry: Val, result: Val): Val =>
  packFlags(sign(result), result.eqz(), result.ltu(x).or(result.eq(x).and(carry)), sign(x.xor(result).and(y.xor(result))));

export function addSub(b: Builder, o: { readonly sub: boolean; readonly s: boolean; readonly d: Dst }, x: Val, y: Val): void {
  const result = o.sub ? x.sub(y) : x.add(y);
  if (o.s) b.write(FIELDS.nzcv, (o.sub ? flagsSub : flagsAdd)(x, y, result));
  b.set(o.d, result);
}

export const carryFlag = (b: Builder): Val => b.read(FIELDS.nzcv).shru(1).and(1);

/** Bit i: whether the condition holds when NZCV is i (C1.2.4). */
export function conditionMask(cond: number): number {
  let mask = 0;
  for (let nzcv = 0; nzcv < 16; nzcv++) {
    const n = (nzcv & 8) !== 0;
    const z = (nzcv & 4) !== 0;
    const c = (nzcv & 2) !== 0;
    const v = (nzcv & 1) !== 0;
    const base = [z, c, n, v, c && !z, n === v, n === v && !z, true][cond >> 1]!;
    if (base !== ((cond & 1) !== 0 && cond !== 15)) mask |= 1 << nzcv;
  }
  return mask;
}

/** Whether the condition of this mask holds: i32 0 or 1. */
export const holds = (b: Builder, mask: Val): Val => means(mask.shru(b.read(FIELDS.nzcv)).and(1), { k: 'holds', mask });

/** Shifted by a static type and an i32 amount. */
export function shifted(v: Val, type: number, amount: Val): Val {
  const by = v.ty === 'i64' ? amount.zext() : amount;
  return type === 0 ? v.shl(by) : type === 1 ? v.shru(by) : type === 2 ? v.shrs(by) : v.rotr(by);
}

/** The ExtendReg option on a 64-bit register value. */
export const extended = (v: Val, option: number): Val => v.ext(8 << (option & 3), option > 3);

const ones = (n: number): bigint => (1n << BigInt(n)) - 1n;
const ror = (v: bigint, by: number, size: number): bigint => ((v >> BigInt(by)) | (v << BigInt(size - by))) & ones(size);

function replicate(v: bigint, size: number): bigint {
  let out = v;
  for (let s = size; s < 64; s *= 2) out |= out << BigInt(s);
  return BigInt.asUintN(64, out);
}

/** DecodeBitMasks of the manual: wmask and tmask of 64 bits; null when reserved. `immediate`: for logical immediates. */
export function bitMasks(sf: number, n: number, imms: number, immr: number, immediate: boolean): { wmask: bigint; tmask: bigint } | null {
  const len = 31 - Math.clz32((n << 6) | (~imms & 63));
  if (len < 1 || (sf === 0 && n === 1)) return null;
  const levels = 2 ** len - 1;
  if (immediate && (imms & levels) === levels) return null;
  const s = imms & levels;
  const rot = immr & levels;
  const size = 2 ** len;
  const diff = (s - rot) & levels;
  return { wmask: replicate(ror(ones(s + 1), rot, size), size), tmask: replicate(ones(diff + 1), size) };
}
