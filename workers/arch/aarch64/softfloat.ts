// IEEE 754 arithmetic exactly as AArch64 does it: rounding modes, flushing, default NaNs and cumulative flags, on bit patterns.
// Every value is exact until it is rounded once, so nothing here depends on the host; it is the truth the fast paths are tested against.

/** FPSR cumulative flags (D19.1 FPSR). */
export const IOC = 1;
export const DZC = 2;
export const OFC = 4;
export const UFC = 8;
export const IXC = 16;
export const IDC = 128;

/** FPCR fields this model obeys; the trap enables are RAZ/WI. */
export const FPCR_FZ16 = 1 << 19;
export const FPCR_FZ = 1 << 24;
export const FPCR_DN = 1 << 25;
export const FPCR_AHP = 1 << 26;

/** 0 ties to even, 1 towards plus infinity, 2 towards minus infinity, 3 towards zero (FPCR.RMode), 4 ties away, 5 to odd. */
export type Rounding = 0 | 1 | 2 | 3 | 4 | 5;

/** What an operation reads and adds to: the control bits in force, the flags raised so far. */
export interface FpEnv {
  fpcr: number;
  flags: number;
}

export interface Format {
  readonly bits: 16 | 32 | 64;
  /** Stored fraction bits. */
  readonly frac: number;
  readonly bias: number;
  readonly expMax: number;
  readonly signBit: bigint;
  readonly fracMask: bigint;
  readonly quiet: bigint;
  readonly infinity: bigint;
  readonly defaultNaN: bigint;
}

function format(bits: 16 | 32 | 64, frac: number): Format {
  const expMax = 2 ** (bits - 1 - frac) - 1;
  const quiet = 1n << BigInt(frac - 1);
  const infinity = BigInt(expMax) << BigInt(frac);
  return {
    bits,
    frac,
    bias: (expMax - 1) / 2,
    expMax,
    signBit: 1n << BigInt(bits - 1),
    fracMask: (1n << BigInt(frac)) - 1n,
    quiet,
    infinity,
    defaultNaN: infinity | quiet,
  };
}

export const HALF = format(16, 10);
export const SINGLE = format(32, 23);
export const DOUBLE = format(64, 52);

type Kind = 'zero' | 'finite' | 'infinity' | 'qnan' | 'snan';

/** An operand taken apart: for `finite`, value = (-1)^sign * mant * 2^exp. */
export interface Unpacked {
  readonly kind: Kind;
  readonly sign: 0 | 1;
  readonly exp: number;
  readonly mant: bigint;
  readonly bits: bigint;
}

export const roundingOf = (env: FpEnv): Rounding => ((env.fpcr >>> 22) & 3) as Rounding;

function unpackBase(env: FpEnv, f: Format, bits: bigint, flush: boolean, alternative: boolean): Unpacked {
  const sign = bits & f.signBit ? 1 : 0;
  const field = Number((bits >> BigInt(f.frac)) & BigInt(f.expMax));
  const fraction = bits & f.fracMask;
  if (field === 0) {
    if (fraction === 0n) return { kind: 'zero', sign, exp: 0, mant: 0n, bits };
    if (flush) {
      if (f.bits !== 16) env.flags |= IDC;
      return { kind: 'zero', sign, exp: 0, mant: 0n, bits };
    }
    return { kind: 'finite', sign, exp: 1 - f.bias - f.frac, mant: fraction, bits };
  }
  if (field === f.expMax && !alternative) {
    if (fraction === 0n) return { kind: 'infinity', sign, exp: 0, mant: 0n, bits };
    return { kind: fraction & f.quiet ? 'qnan' : 'snan', sign, exp: 0, mant: 0n, bits };
  }
  return { kind: 'finite', sign, exp: field - f.bias - f.frac, mant: fraction | (f.fracMask + 1n), bits };
}

/** FPUnpack: a denormal operand under FZ (FZ16 for halves) is a zero. */
export function unpack(env: FpEnv, f: Format, bits: bigint): Unpacked {
  return unpackBase(env, f, bits, (env.fpcr & (f.bits === 16 ? FPCR_FZ16 : FPCR_FZ)) !== 0, false);
}

/** FPUnpackCV: as FPUnpack for a format conversion; FZ16 is ignored, AHP takes infinities and NaNs out of halves. */
export function unpackForConvert(env: FpEnv, f: Format, bits: bigint): Unpacked {
  return unpackBase(env, f, bits, f.bits !== 16 && (env.fpcr & FPCR_FZ) !== 0, f.bits === 16 && (env.fpcr & FPCR_AHP) !== 0);
}

function bitLength(value: bigint): number {
  const digits = value.toString(16);
  return digits.length * 4 - Math.clz32(Number.parseInt(digits[0]!, 16)) + 28;
}

export const zero = (f: Format, sign: number): bigint => (sign ? f.signBit : 0n);
export const infinity = (f: Format, sign: number): bigint => (sign ? f.signBit : 0n) | f.infinity;
const maxNormal = (f: Format, sign: number): bigint => (sign ? f.signBit : 0n) | (f.infinity - 1n);

/**
 * FPRoundBase: (-1)^sign * mant * 2^exp, mant > 0, into `f`. `sticky` says that the true magnitude is above it by less than one unit of
 * mant's last place; then mant must have more bits than `f` keeps. Tininess is detected before rounding.
 */
export function round(
  env: FpEnv,
  f: Format,
  sign: number,
  mant: bigint,
  exp: number,
  sticky: boolean,
  mode: Rounding,
  convert = false,
): bigint {
  const exponent = exp + bitLength(mant) - 1;
  const minimum = 1 - f.bias;
  if (exponent < minimum && !(convert && f.bits === 16) && env.fpcr & (f.bits === 16 ? FPCR_FZ16 : FPCR_FZ)) {
    env.flags |= UFC;
    return zero(f, sign);
  }
  let biased = Math.max(exponent - minimum + 1, 0);
  const shift = Math.max(exponent, minimum) - f.frac - exp;
  let value: bigint;
  let below = 0; // where the discarded part lies: 0 nothing, 1 under a half, 2 a half, 3 over a half
  if (shift <= 0) {
    value = mant << BigInt(-shift);
    if (sticky) below = 1;
  } else {
    value = mant >> BigInt(shift);
    const rest = mant - (value << BigInt(shift));
    const half = 1n << BigInt(shift - 1);
    below = rest > half || (rest === half && sticky) ? 3 : rest === half ? 2 : rest > 0n || sticky ? 1 : 0;
  }
  if (biased === 0 && below !== 0) env.flags |= UFC;
  let up = false;
  let toInfinity = true;
  switch (mode) {
    case 0:
      up = below === 3 || (below === 2 && (value & 1n) === 1n);
      break;
    case 1:
      up = below !== 0 && !sign;
      toInfinity = !sign;
      break;
    case 2:
      up = below !== 0 && sign !== 0;
      toInfinity = sign !== 0;
      break;
    case 4:
      up = below >= 2;
      break;
    default:
      toInfinity = false;
  }
  if (up) {
    value++;
    if (value === f.fracMask + 1n && biased === 0) biased = 1;
    if (value === (f.fracMask + 1n) << 1n) {
      biased++;
      value >>= 1n;
    }
  }
  if (mode === 5 && below !== 0) value |= 1n;
  if (f.bits === 16 && convert && env.fpcr & FPCR_AHP) {
    if (biased >= f.expMax + 1) {
      env.flags |= IOC;
      return zero(f, sign) | (f.signBit - 1n);
    }
  } else if (biased >= f.expMax) {
    env.flags |= OFC | IXC;
    return toInfinity ? infinity(f, sign) : maxNormal(f, sign);
  }
  if (below !== 0) env.flags |= IXC;
  return zero(f, sign) | (BigInt(biased) << BigInt(f.frac)) | (value & f.fracMask);
}

export const isNaNKind = (x: Unpacked): boolean => x.kind === 'qnan' || x.kind === 'snan';

/** FPProcessNaN: the quieted operand, or the default NaN under DN; a signalling one is an invalid operation. */
export function processNaN(env: FpEnv, f: Format, x: Unpacked): bigint {
  if (x.kind === 'snan') env.flags |= IOC;
  return env.fpcr & FPCR_DN ? f.defaultNaN : x.bits | f.quiet;
}

/** FPProcessNaNs, FPProcessNaNs3: signalling before quiet, then in operand order; null when there is none. */
export function processNaNs(env: FpEnv, f: Format, x: Unpacked, y: Unpacked, z?: Unpacked): bigint | null {
  for (const kind of ['snan', 'qnan']) {
    if (x.kind === kind) return processNaN(env, f, x);
    if (y.kind === kind) return processNaN(env, f, y);
    if (z?.kind === kind) return processNaN(env, f, z);
  }
  return null;
}

export function invalid(env: FpEnv, f: Format): bigint {
  env.flags |= IOC;
  return f.defaultNaN;
}

/** The sum of two exact values, rounded; an exact zero from unlike signs is negative only when rounding down. */
function roundSum(env: FpEnv, f: Format, s1: number, m1: bigint, e1: number, s2: number, m2: bigint, e2: number): bigint {
  const mode = roundingOf(env);
  if (m1 === 0n && m2 === 0n) return zero(f, s1 === s2 ? s1 : mode === 2 ? 1 : 0);
  const exp = m1 === 0n ? e2 : m2 === 0n ? e1 : Math.min(e1, e2);
  const v1 = m1 === 0n ? 0n : m1 << BigInt(e1 - exp);
  const v2 = m2 === 0n ? 0n : m2 << BigInt(e2 - exp);
  const sum = (s1 ? -v1 : v1) + (s2 ? -v2 : v2);
  if (sum === 0n) return zero(f, mode === 2 ? 1 : 0);
  return round(env, f, sum < 0n ? 1 : 0, sum < 0n ? -sum : sum, exp, false, mode);
}

function addition(env: FpEnv, f: Format, a: bigint, b: bigint, negate: 0 | 1): bigint {
  const x = unpack(env, f, a);
  const y = unpack(env, f, b);
  const nan = processNaNs(env, f, x, y);
  if (nan !== null) return nan;
  const ys = y.sign ^ negate;
  if (x.kind === 'infinity') return y.kind === 'infinity' && x.sign !== ys ? invalid(env, f) : infinity(f, x.sign);
  if (y.kind === 'infinity') return infinity(f, ys);
  return roundSum(env, f, x.sign, x.mant, x.exp, ys, y.mant, y.exp);
}

export const add = (env: FpEnv, f: Format, a: bigint, b: bigint): bigint => addition(env, f, a, b, 0);
export const sub = (env: FpEnv, f: Format, a: bigint, b: bigint): bigint => addition(env, f, a, b, 1);

/** FPMul, and FPMulX when `extended`: infinity times zero is then 2. */
export function mul(env: FpEnv, f: Format, a: bigint, b: bigint, extended = false): bigint {
  const x = unpack(env, f, a);
  const y = unpack(env, f, b);
  const nan = processNaNs(env, f, x, y);
  if (nan !== null) return nan;
  const sign = x.sign ^ y.sign;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    if (x.kind !== 'zero' && y.kind !== 'zero') return infinity(f, sign);
    return extended ? zero(f, sign) | (BigInt(f.bias + 1) << BigInt(f.frac)) : invalid(env, f);
  }
  if (x.kind === 'zero' || y.kind === 'zero') return zero(f, sign);
  return round(env, f, sign, x.mant * y.mant, x.exp + y.exp, false, roundingOf(env));
}

export function div(env: FpEnv, f: Format, a: bigint, b: bigint): bigint {
  const x = unpack(env, f, a);
  const y = unpack(env, f, b);
  const nan = processNaNs(env, f, x, y);
  if (nan !== null) return nan;
  const sign = x.sign ^ y.sign;
  if (x.kind === y.kind && (x.kind === 'infinity' || x.kind === 'zero')) return invalid(env, f);
  if (x.kind === 'infinity') return infinity(f, sign);
  if (y.kind === 'zero') {
    env.flags |= DZC;
    return infinity(f, sign);
  }
  if (x.kind === 'zero' || y.kind === 'infinity') return zero(f, sign);
  const extra = 2 * f.frac + 4;
  const numerator = x.mant << BigInt(extra);
  const quotient = numerator / y.mant;
  return round(env, f, sign, quotient, x.exp - y.exp - extra, quotient * y.mant !== numerator, roundingOf(env));
}

function integerSqrt(value: bigint): bigint {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export function sqrt(env: FpEnv, f: Format, a: bigint): bigint {
  const x = unpack(env, f, a);
  if (isNaNKind(x)) return processNaN(env, f, x);
  if (x.kind === 'zero') return zero(f, x.sign);
  if (x.sign) return invalid(env, f);
  if (x.kind === 'infinity') return infinity(f, 0);
  let extra = 2 * f.frac + 6;
  if ((x.exp - extra) & 1) extra++;
  const value = x.mant << BigInt(extra);
  const root = integerSqrt(value);
  return round(env, f, 0, root, (x.exp - extra) / 2, root * root !== value, roundingOf(env));
}

/** FPMulAdd: addend + a * b, rounded once. */
export function mulAdd(env: FpEnv, f: Format, addend: bigint, a: bigint, b: bigint): bigint {
  const z = unpack(env, f, addend);
  const x = unpack(env, f, a);
  const y = unpack(env, f, b);
  const invalidProduct = (x.kind === 'infinity' && y.kind === 'zero') || (x.kind === 'zero' && y.kind === 'infinity');
  const nan = processNaNs(env, f, z, x, y);
  if (z.kind === 'qnan' && invalidProduct) return invalid(env, f);
  if (nan !== null) return nan;
  const sign = x.sign ^ y.sign;
  const infiniteProduct = x.kind === 'infinity' || y.kind === 'infinity';
  if (invalidProduct || (z.kind === 'infinity' && infiniteProduct && z.sign !== sign)) return invalid(env, f);
  if (z.kind === 'infinity') return infinity(f, z.sign);
  if (infiniteProduct) return infinity(f, sign);
  return roundSum(env, f, z.sign, z.mant, z.exp, sign, x.mant * y.mant, x.exp + y.exp);
}

/** FPRecipStepFused (2 - a*b) and, halved, FPRSqrtStepFused ((3 - a*b) / 2). */
export function step(env: FpEnv, f: Format, a: bigint, b: bigint, root: boolean): bigint {
  const x = unpack(env, f, a ^ f.signBit);
  const y = unpack(env, f, b);
  const nan = processNaNs(env, f, x, y);
  if (nan !== null) return nan;
  const sign = x.sign ^ y.sign;
  const infinite = x.kind === 'infinity' || y.kind === 'infinity';
  if (infinite && x.kind !== 'zero' && y.kind !== 'zero') return infinity(f, sign);
  const start = root ? 3n : 2n;
  const half = root ? 1 : 0;
  const product = infinite ? 0n : x.mant * y.mant;
  return roundSum(env, f, 0, start, -half, sign, product, x.exp + y.exp - half);
}

/** Negative, zero or positive as x is below, equal to or above y; neither is a NaN. */
function order(x: Unpacked, y: Unpacked): number {
  const xs = x.kind === 'zero' ? 0 : x.sign ? -1 : 1;
  const ys = y.kind === 'zero' ? 0 : y.sign ? -1 : 1;
  if (xs !== ys || xs === 0) return xs - ys;
  if (x.kind === 'infinity' || y.kind === 'infinity') return x.kind === y.kind ? 0 : x.kind === 'infinity' ? xs : -xs;
  const exp = Math.min(x.exp, y.exp);
  const vx = x.mant << BigInt(x.exp - exp);
  const vy = y.mant << BigInt(y.exp - exp);
  return vx === vy ? 0 : vx > vy ? xs : -xs;
}

/** FPMax and FPMin; with `number`, FPMaxNum and FPMinNum, for which a quiet NaN loses against a number. */
export function extreme(env: FpEnv, f: Format, a: bigint, b: bigint, min: boolean, number: boolean): bigint {
  let x = unpack(env, f, a);
  let y = unpack(env, f, b);
  if (number) {
    const worst = (): Unpacked => ({ kind: 'infinity', sign: min ? 0 : 1, exp: 0, mant: 0n, bits: infinity(f, min ? 0 : 1) });
    if (x.kind === 'qnan' && !isNaNKind(y)) x = worst();
    else if (y.kind === 'qnan' && !isNaNKind(x)) y = worst();
  }
  const nan = processNaNs(env, f, x, y);
  if (nan !== null) return nan;
  const first = min ? order(x, y) < 0 : order(x, y) > 0;
  const chosen = first ? x : y;
  if (chosen.kind === 'zero') return zero(f, min ? x.sign | y.sign : x.sign & y.sign);
  return chosen.bits;
}

/** FPCompare: NZCV in bits 3..0. */
export function compare(env: FpEnv, f: Format, a: bigint, b: bigint, signalling: boolean): number {
  const x = unpack(env, f, a);
  const y = unpack(env, f, b);
  if (isNaNKind(x) || isNaNKind(y)) {
    if (signalling || x.kind === 'snan' || y.kind === 'snan') env.flags |= IOC;
    return 0b0011;
  }
  const o = order(x, y);
  return o === 0 ? 0b0110 : o < 0 ? 0b1000 : 0b0010;
}
