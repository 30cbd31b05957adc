// The reciprocal and reciprocal square root estimates of the manual (shared/functions/float: FPRecipEstimate, FPRSqrtEstimate, FPRecpX),
// which are defined bit by bit, and their integer forms URECPE and URSQRTE.
import {
  DZC,
  type Format,
  FPCR_FZ,
  FPCR_FZ16,
  type FpEnv,
  infinity,
  invalid,
  isNaNKind,
  IXC,
  OFC,
  processNaN,
  roundingOf,
  UFC,
  unpack,
  zero,
} from './softfloat.ts';

/** RecipEstimate: a in 256..511 stands for 0.5..1, the result in 256..511 for 1..2. */
export function recipEstimate(a: number): number {
  const b = Math.floor(2 ** 19 / (a * 2 + 1));
  return (b + 1) >> 1;
}

/** RecipSqrtEstimate: a in 128..511 stands for 0.25..1, the result in 256..511 for 1..2. */
export function recipSqrtEstimate(a: number): number {
  const scaled = a < 256 ? a * 2 + 1 : (((a >> 1) << 1) + 1) * 2;
  let b = 512;
  while (scaled * (b + 1) * (b + 1) < 2 ** 28) b++;
  return (b + 1) >> 1;
}

/** URECPE on one 32-bit lane. */
export function unsignedRecipEstimate(a: number): number {
  return a >>> 31 ? (recipEstimate(a >>> 23) << 23) >>> 0 : 0xffffffff;
}

/** URSQRTE on one 32-bit lane. */
export function unsignedRSqrtEstimate(a: number): number {
  return a >>> 30 ? (recipSqrtEstimate(a >>> 23) << 23) >>> 0 : 0xffffffff;
}

const flushes = (env: FpEnv, f: Format): boolean => (env.fpcr & (f.bits === 16 ? FPCR_FZ16 : FPCR_FZ)) !== 0;

/** FPRecipEstimate (FRECPE). */
export function recip(env: FpEnv, f: Format, a: bigint): bigint {
  const x = unpack(env, f, a);
  if (isNaNKind(x)) return processNaN(env, f, x);
  if (x.kind === 'infinity') return zero(f, x.sign);
  if (x.kind === 'zero') {
    env.flags |= DZC;
    return infinity(f, x.sign);
  }
  let exp = Number((a >> BigInt(f.frac)) & BigInt(f.expMax));
  let fraction = (a & f.fracMask) << BigInt(52 - f.frac);
  const top = 1n << 51n;
  const mask = (1n << 52n) - 1n;
  if (exp === 0 && fraction >> 50n === 0n) {
    // Below 2^-(bias+1): the reciprocal is out of range.
    env.flags |= OFC | IXC;
    const mode = roundingOf(env);
    const toInfinity = mode === 0 || (mode === 1 && !x.sign) || (mode === 2 && x.sign === 1);
    return toInfinity ? infinity(f, x.sign) : infinity(f, x.sign) - 1n;
  }
  if (flushes(env, f) && exp >= 2 * f.bias - 1) {
    env.flags |= UFC;
    return zero(f, x.sign);
  }
  if (exp === 0) {
    if (fraction & top) fraction = (fraction << 1n) & mask;
    else {
      exp = -1;
      fraction = (fraction << 2n) & mask;
    }
  }
  const estimate = recipEstimate(256 | Number(fraction >> 44n));
  let resultExp = 2 * f.bias - 1 - exp;
  fraction = BigInt(estimate & 255) << 44n;
  if (resultExp === 0) fraction = top | (fraction >> 1n);
  else if (resultExp === -1) {
    fraction = (top >> 1n) | (fraction >> 2n);
    resultExp = 0;
  }
  return zero(f, x.sign) | (BigInt(resultExp) << BigInt(f.frac)) | (fraction >> BigInt(52 - f.frac));
}

/** FPRSqrtEstimate (FRSQRTE). */
export function rsqrt(env: FpEnv, f: Format, a: bigint): bigint {
  const x = unpack(env, f, a);
  if (isNaNKind(x)) return processNaN(env, f, x);
  if (x.kind === 'zero') {
    env.flags |= DZC;
    return infinity(f, x.sign);
  }
  if (x.sign) return invalid(env, f);
  if (x.kind === 'infinity') return zero(f, 0);
  let exp = Number((a >> BigInt(f.frac)) & BigInt(f.expMax));
  let fraction = (a & f.fracMask) << BigInt(52 - f.frac);
  const top = 1n << 51n;
  const mask = (1n << 52n) - 1n;
  if (exp === 0) {
    while (!(fraction & top)) {
      fraction <<= 1n;
      exp--;
    }
    fraction = (fraction << 1n) & mask;
  }
  const scaled = exp & 1 ? 128 | Number(fraction >> 45n) : 256 | Number(fraction >> 44n);
  const resultExp = Math.floor((3 * f.bias - 1 - exp) / 2);
  const estimate = recipSqrtEstimate(scaled);
  return (BigInt(resultExp) << BigInt(f.frac)) | ((BigInt(estimate & 255) << 44n) >> BigInt(52 - f.frac));
}

/** FPRecpX (FRECPX): a power of two near the reciprocal. */
export function recipExponent(env: FpEnv, f: Format, a: bigint): bigint {
  const x = unpack(env, f, a);
  if (isNaNKind(x)) return processNaN(env, f, x);
  const field = (a >> BigInt(f.frac)) & BigInt(f.expMax);
  const exp = field === 0n ? BigInt(f.expMax - 1) : BigInt(f.expMax) - field;
  return zero(f, x.sign) | (exp << BigInt(f.frac));
}
