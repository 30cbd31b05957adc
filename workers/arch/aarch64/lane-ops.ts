// Operations on one lane that the generated code does not do itself: floating point outside the fast paths, and integer forms with
// saturation or rounding that WebAssembly lacks. Pure; called by lane-call.ts for each lane.
import * as fp from './softfloat.ts';
import { convert, fromFixed, roundToIntegral, toFixed } from './softfloat-convert.ts';
import { quick, type QuickOp } from './softfloat-quick.ts';
import { recip, recipExponent, rsqrt, unsignedRecipEstimate, unsignedRSqrtEstimate } from './softfloat-estimate.ts';

/** FPSR.QC: an AdvSIMD integer operation has saturated. */
export const QC = 1 << 27;

/**
 * Operands are unsigned patterns of `from` bits (c: of `to` bits), the result one of `to` bits. `param` is what `laneCode` was given.
 */
export type LaneOp = (env: fp.FpEnv, a: bigint, b: bigint, c: bigint, from: number, to: number, param: number) => bigint;

const formatOf = (bits: number): fp.Format => (bits === 64 ? fp.DOUBLE : bits === 32 ? fp.SINGLE : fp.HALF);
const all = (bits: number): bigint => (1n << BigInt(bits)) - 1n;
const signed = (value: bigint, bits: number): bigint => BigInt.asIntN(bits, value);

/** Into `bits` bits, signed or unsigned, with QC when it does not fit. */
function saturate(env: fp.FpEnv, value: bigint, bits: number, unsigned: boolean): bigint {
  const low = unsigned ? 0n : -(1n << BigInt(bits - 1));
  const high = unsigned ? all(bits) : (1n << BigInt(bits - 1)) - 1n;
  if (value >= low && value <= high) return BigInt.asUintN(bits, value);
  env.flags |= QC;
  return BigInt.asUintN(bits, value < low ? low : high);
}

/** value * 2^shift; when shifting right, `rounded` adds half a unit first. */
function shifted(value: bigint, shift: number, rounded: boolean): bigint {
  if (shift >= 0) return value << BigInt(shift);
  return (rounded ? value + (1n << BigInt(-shift - 1)) : value) >> BigInt(-shift);
}

const float =
  (op: (env: fp.FpEnv, f: fp.Format, a: bigint, b: bigint, c: bigint) => bigint): LaneOp =>
  (env, a, b, c, from) =>
    op(env, formatOf(from), a, b, c);

/** The same, asking the host's doubles first where they may answer. */
const ordinary =
  (name: QuickOp, op: (env: fp.FpEnv, f: fp.Format, a: bigint, b: bigint, c: bigint) => bigint): LaneOp =>
  (env, a, b, c, from) => {
    const known = env.fpcr === 0 && from !== 16 ? quick(name, from, a, b, c) : null;
    if (known === null) return op(env, formatOf(from), a, b, c);
    if (known.inexact) env.flags |= fp.IXC;
    return known.bits;
  };

/** A comparison as an all-ones mask; bit 1 of the accepted NZCV sets says equal, bit 0 greater. */
const compare =
  (absolute: boolean, quiet: boolean, accepts: (nzcv: number) => boolean): LaneOp =>
  (env, a, b, _c, from) => {
    const f = formatOf(from);
    const keep = absolute ? f.signBit - 1n : all(from);
    const nzcv = fp.compare(env, f, a & keep, b & keep, !quiet);
    return accepts(nzcv) ? all(from) : 0n;
  };
const greaterOrEqual = (nzcv: number): boolean => nzcv === 0b0110 || nzcv === 0b0010;
const greater = (nzcv: number): boolean => nzcv === 0b0010;

/** Rounding direction in a param: 0..4 as Rounding, 7 whatever FPCR says. */
const direction = (env: fp.FpEnv, field: number): fp.Rounding => (field === 7 ? fp.roundingOf(env) : (field as fp.Rounding));

/** Shift by a register lane (SSHL family): the low byte of b, signed. param: 1 unsigned, 2 rounding, 4 saturating. */
const shiftByLane: LaneOp = (env, a, b, _c, from, _to, param) => {
  const value = param & 1 ? a : signed(a, from);
  const shift = Number(signed(b & 255n, 8));
  const result = shifted(value, Math.max(Math.min(shift, from + 1), -from - 1), (param & 2) !== 0);
  return param & 4 ? saturate(env, result, from, (param & 1) !== 0) : BigInt.asUintN(from, result);
};

/** Shift right and narrow (SQSHRN family) or left by an immediate. param: shift+128, 256 source unsigned, 512 result unsigned, 1024 rounding. */
const shiftSaturating: LaneOp = (env, a, _b, _c, from, to, param) => {
  const value = param & 256 ? a : signed(a, from);
  return saturate(env, shifted(value, (param & 255) - 128, (param & 1024) !== 0), to, (param & 512) !== 0);
};

/** param: 1 unsigned, 2 subtract. */
const addSaturating: LaneOp = (env, a, b, _c, from, _to, param) => {
  const x = param & 1 ? a : signed(a, from);
  const y = param & 1 ? b : signed(b, from);
  return saturate(env, param & 2 ? x - y : x + y, from, (param & 1) !== 0);
};

/** SQDMULH, and SQRDMULH with param 1. */
const doublingHigh: LaneOp = (env, a, b, _c, from, _to, param) => {
  const product = 2n * signed(a, from) * signed(b, from) + (param & 1 ? 1n << BigInt(from - 1) : 0n);
  return saturate(env, product >> BigInt(from), from, false);
};

/** SQRDMLAH, SQRDMLSH (param 1): (c << size ± 2*a*b + round) >> size, saturated once. */
const doublingHighAdd: LaneOp = (env, a, b, c, from, _to, param) => {
  const product = 2n * signed(a, from) * signed(b, from);
  const sum = (signed(c, from) << BigInt(from)) + (param & 1 ? -product : product) + (1n << BigInt(from - 1));
  return saturate(env, sum >> BigInt(from), from, false);
};

/** SQDMULL (param 0), SQDMLAL (1), SQDMLSL (2): both the product and the sum saturate. */
const doublingLong: LaneOp = (env, a, b, c, from, to, param) => {
  const product = saturate(env, 2n * signed(a, from) * signed(b, from), to, false);
  if (param === 0) return product;
  const addend = signed(c, to);
  return saturate(env, param === 1 ? addend + signed(product, to) : addend - signed(product, to), to, false);
};

function polynomial(a: bigint, b: bigint): bigint {
  let result = 0n;
  for (let rest = b, x = a; rest !== 0n; rest >>= 1n, x <<= 1n) if (rest & 1n) result ^= x;
  return result;
}

const OPS = {
  fadd: ordinary('fadd', fp.add),
  fsub: ordinary('fsub', fp.sub),
  fmul: ordinary('fmul', (e, f, a, b) => fp.mul(e, f, a, b)),
  fmulx: float((e, f, a, b) => fp.mul(e, f, a, b, true)),
  fdiv: ordinary('fdiv', fp.div),
  fsqrt: ordinary('fsqrt', (e, f, a) => fp.sqrt(e, f, a)),
  fma: ordinary('fma', (e, f, a, b, c) => fp.mulAdd(e, f, c, a, b)), // c + a * b
  fabd: float((e, f, a, b) => fp.sub(e, f, a, b) & (f.signBit - 1n)),
  fmax: float((e, f, a, b) => fp.extreme(e, f, a, b, false, false)),
  fmin: float((e, f, a, b) => fp.extreme(e, f, a, b, true, false)),
  fmaxnm: float((e, f, a, b) => fp.extreme(e, f, a, b, false, true)),
  fminnm: float((e, f, a, b) => fp.extreme(e, f, a, b, true, true)),
  frecps: float((e, f, a, b) => fp.step(e, f, a, b, false)),
  frsqrts: float((e, f, a, b) => fp.step(e, f, a, b, true)),
  frecpe: float((e, f, a) => recip(e, f, a)),
  frsqrte: float((e, f, a) => rsqrt(e, f, a)),
  frecpx: float((e, f, a) => recipExponent(e, f, a)),
  fcmeq: compare(false, true, (nzcv) => nzcv === 0b0110),
  fcmge: compare(false, false, greaterOrEqual),
  fcmgt: compare(false, false, greater),
  facge: compare(true, false, greaterOrEqual),
  facgt: compare(true, false, greater),
  /** NZCV in the low bits; param 1: FCMPE. */
  fcmp: (env, a, b, _c, from, _to, param) => BigInt(fp.compare(env, formatOf(from), a, b, param === 1)),
  /** param: direction, 8 exact (FRINTX). */
  frint: (env, a, _b, _c, from, _to, param) => roundToIntegral(env, formatOf(from), a, direction(env, param & 7), (param & 8) !== 0),
  /** param: fraction bits, 128 unsigned, direction << 8. */
  ftoint: (env, a, _b, _c, from, to, param) =>
    toFixed(env, formatOf(from), a, param & 127, to, (param & 128) !== 0, direction(env, (param >> 8) & 7)),
  /** param: fraction bits, 128 unsigned. */
  inttof: (env, a, _b, _c, from, to, param) => fromFixed(env, formatOf(to), a, param & 127, from, (param & 128) !== 0),
  /** param 1: to odd (FCVTXN). */
  fcvt: (env, a, _b, _c, from, to, param) => convert(env, formatOf(from), formatOf(to), a, param === 1),

  shl: shiftByLane,
  shrq: shiftSaturating,
  addq: addSaturating,
  sqdmulh: doublingHigh,
  sqrdmlah: doublingHighAdd,
  sqdmull: doublingLong,
  sqabs: (env, a, _b, _c, from) => saturate(env, signed(a, from) < 0n ? -signed(a, from) : signed(a, from), from, false),
  sqneg: (env, a, _b, _c, from) => saturate(env, -signed(a, from), from, false),
  /** SUQADD: c signed + a unsigned. USQADD (param 1): c unsigned + a signed. */
  suqadd: (env, a, _b, c, from, _to, param) =>
    param === 1 ? saturate(env, c + signed(a, from), from, true) : saturate(env, signed(c, from) + a, from, false),
  urecpe: (_env, a) => BigInt(unsignedRecipEstimate(Number(a))),
  ursqrte: (_env, a) => BigInt(unsignedRSqrtEstimate(Number(a))),
  pmul: (_env, a, b, _c, _from, to) => BigInt.asUintN(to, polynomial(a, b)),
} satisfies Record<string, LaneOp>;

export type LaneOpName = keyof typeof OPS;

/** In declaration order, which is the same on every host; a lane code holds an index into it. */
export const LANE_OPS: readonly LaneOp[] = Object.values(OPS);
export const LANE_OP_NAMES = Object.keys(OPS) as readonly LaneOpName[];
