// What the floating-point and vector rows share: the call for lanes that generated code leaves to lane-ops.ts, whole and half vector
// writes, and the spelling of vector registers. No rows here.
import { type Builder, defineHelper, type HelperContext, type Val } from '../../../rows/builder.ts';
import type { Dst, Src } from '../../../rows/operands.ts';
import { laneCall, laneCode, type LaneRequest, type LaneSize } from '../lane-call.ts';
import { FIELDS } from '../state.ts';

/** Runs the call and adds the flags to FPSR at once: floating point cannot fault, so the instruction is certain to retire. */
function perform(context: HelperContext, code: number, ...halves: readonly bigint[]): bigint {
  const { view, state, results } = context;
  const [aLo = 0n, aHi = 0n, bLo = 0n, bHi = 0n, cLo = 0n, cHi = 0n] = halves;
  const { lo, hi, flags } = laneCall(code, view.getUint32(state + FIELDS.fpcr.offset, true), aLo, aHi, bLo, bHi, cLo, cHi);
  const fpsr = state + FIELDS.fpsr.offset;
  if (flags !== 0) view.setUint32(fpsr, view.getUint32(fpsr, true) | flags, true);
  view.setBigUint64(results, lo, true);
  view.setBigUint64(results + 8, hi, true);
  return lo;
}

const scalar1 = defineHelper('lanes_scalar_1', ['i32', 'i64'], 'i64', (c, code: number, x: bigint) => perform(c, code, x, 0n));
const scalar2 = defineHelper('lanes_scalar_2', ['i32', 'i64', 'i64'], 'i64', (c, code: number, x: bigint, y: bigint) =>
  perform(c, code, x, 0n, y, 0n),
);
const scalar3 = defineHelper('lanes_scalar_3', ['i32', 'i64', 'i64', 'i64'], 'i64', (c, code: number, x: bigint, y: bigint, z: bigint) =>
  perform(c, code, x, 0n, y, 0n, z, 0n),
);
const vector1 = defineHelper('lanes_1', ['i32', 'i64', 'i64'], undefined, (c, code: number, ...x: bigint[]) => void perform(c, code, ...x));
const vector2 = defineHelper(
  'lanes_2',
  ['i32', 'i64', 'i64', 'i64', 'i64'],
  undefined,
  (c, code: number, ...x: bigint[]) => void perform(c, code, ...x),
);
const vector3 = defineHelper(
  'lanes_3',
  ['i32', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64'],
  undefined,
  (c, code: number, ...x: bigint[]) => void perform(c, code, ...x),
);

/** One lane by call; operands are integers holding the pattern (upper bits do not matter), the result is an i64 with zeros above. */
export function callScalar(b: Builder, request: LaneRequest | Val, x: Val, y?: Val, z?: Val): Val {
  const code = 'op' in request ? b.lit('i32', laneCode(request)) : request;
  if (z !== undefined) return b.helper(scalar3, code, x.zext(), y!.zext(), z.zext());
  if (y !== undefined) return b.helper(scalar2, code, x.zext(), y.zext());
  return b.helper(scalar1, code, x.zext());
}

export const loHalf = (b: Builder, v: Val): Val => b.lane('i64x2.extract_lane', 0, v);
export const hiHalf = (b: Builder, v: Val): Val => b.lane('i64x2.extract_lane', 1, v);

/** Lanes by call; lanes that are not computed are zero in the result. `request` may be a lane code. */
export function callLanes(b: Builder, request: LaneRequest | Val, x: Val, y?: Val, z?: Val): Val {
  const code = 'op' in request ? b.lit('i32', laneCode(request)) : request;
  const halves = (v: Val): [Val, Val] => [loHalf(b, v), hiHalf(b, v)];
  if (z !== undefined) b.helper(vector3, code, ...halves(x), ...halves(y!), ...halves(z));
  else if (y !== undefined) b.helper(vector2, code, ...halves(x), ...halves(y));
  else b.helper(vector1, code, ...halves(x));
  return b.result('v128', 0);
}

/** The whole register (Q=1), or its low half with zeros above. */
export function setQ(b: Builder, d: Dst, q: number | boolean, value: Val): void {
  if (q) b.setV(d, value);
  else b.setScalar(d, loHalf(b, value));
}

export const vec = (b: Builder, r: Src): Val => b.part(r, 'v128');

/** A constant vector of one repeated lane. */
export function splat(b: Builder, size: LaneSize, value: bigint): Val {
  return b.vector(Array.from({ length: 16 }, (_, i) => Number((BigInt.asUintN(size, value) >> BigInt((i * 8) % size)) & 255n)));
}

/** 'i8x16' and so on. */
export const shape = (size: number): string => `i${size}x${128 / size}`;

/** A shuffle given in elements of `size` bits, numbered through x and then y. */
export function shuffleLanes(b: Builder, size: number, x: Val, y: Val, lanes: readonly number[]): Val {
  const bytes = size / 8;
  return b.shuffle(
    x,
    y,
    lanes.flatMap((l) => Array.from({ length: bytes }, (_, i) => l * bytes + i)),
  );
}

/** Spelling. */
export const line = (mnemonic: string, ...operands: readonly string[]): string =>
  operands.length === 0 ? mnemonic : `${mnemonic}\t${operands.join(', ')}`;
export const arrangement = (size: number, q: number): string => `${(q ? 128 : 64) / size}${LETTER[size]}`;
export const LETTER: Readonly<Record<number, string>> = { 8: 'b', 16: 'h', 32: 's', 64: 'd', 128: 'q' };
export const vn = (n: number, size: number, q: number): string => `v${n}.${arrangement(size, q)}`;
export const fn = (n: number, size: number): string => `${LETTER[size]}${n}`;
export const element = (n: number, size: number, index: number): string => `v${n}.${LETTER[size]}[${index}]`;
export const xn = (n: number, wide: number): string => (n === 31 ? (wide ? 'xzr' : 'wzr') : `${wide ? 'x' : 'w'}${n}`);
export const xspn = (n: number): string => (n === 31 ? 'sp' : `x${n}`);
export const times = (count: number, f: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => f(i));
