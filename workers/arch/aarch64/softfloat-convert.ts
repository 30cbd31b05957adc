// Rounding to integral values and conversions: to and from integers and fixed point, and between precisions. Exact, as softfloat.ts.
import {
  type Format,
  FPCR_AHP,
  FPCR_DN,
  type FpEnv,
  infinity,
  IOC,
  isNaNKind,
  IXC,
  processNaN,
  round,
  type Rounding,
  roundingOf,
  unpack,
  unpackForConvert,
  zero,
} from './softfloat.ts';

/** FPRoundInt: to an integral value of the same format; `exact` says that a change raises Inexact (FRINTX). */
export function roundToIntegral(env: FpEnv, f: Format, a: bigint, mode: Rounding, exact: boolean): bigint {
  const x = unpack(env, f, a);
  if (isNaNKind(x)) return processNaN(env, f, x);
  if (x.kind === 'infinity') return infinity(f, x.sign);
  if (x.kind === 'zero') return zero(f, x.sign);
  const { value, inexact } = toInteger(x.sign, x.mant, x.exp, mode);
  if (exact && inexact) env.flags |= IXC;
  return value === 0n ? zero(f, x.sign) : round(env, f, x.sign, value, 0, false, 3);
}

/** The magnitude mant * 2^exp as an integer, rounded in the direction the sign asks for. */
function toInteger(sign: number, mant: bigint, exp: number, mode: Rounding): { value: bigint; inexact: boolean } {
  if (exp >= 0) return { value: mant << BigInt(exp), inexact: false };
  const shift = BigInt(-exp);
  let value = mant >> shift;
  const rest = mant - (value << shift);
  const half = 1n << (shift - 1n);
  const up =
    mode === 0
      ? rest > half || (rest === half && (value & 1n) === 1n)
      : mode === 1
        ? rest > 0n && !sign
        : mode === 2
          ? rest > 0n && sign !== 0
          : mode === 4
            ? rest >= half
            : false;
  if (up) value++;
  return { value, inexact: rest !== 0n };
}

/** FPToFixed: saturated to `width` bits, as an unsigned pattern; out of range and NaN are invalid operations. */
export function toFixed(env: FpEnv, f: Format, a: bigint, fbits: number, width: number, unsigned: boolean, mode: Rounding): bigint {
  const x = unpack(env, f, a);
  if (isNaNKind(x)) {
    env.flags |= IOC;
    return 0n;
  }
  if (x.kind === 'zero') return 0n;
  const low = unsigned ? 0n : -(1n << BigInt(width - 1));
  const high = unsigned ? (1n << BigInt(width)) - 1n : (1n << BigInt(width - 1)) - 1n;
  const saturate = (): bigint => {
    env.flags |= IOC;
    return BigInt.asUintN(width, x.sign ? low : high);
  };
  if (x.kind === 'infinity') return saturate();
  const { value, inexact } = toInteger(x.sign, x.mant, x.exp + fbits, mode);
  const signed = x.sign ? -value : value;
  if (signed < low || signed > high) return saturate();
  if (inexact) env.flags |= IXC;
  return BigInt.asUintN(width, signed);
}

/** FixedToFP: an integer of `width` bits divided by 2^fbits. */
export function fromFixed(env: FpEnv, f: Format, a: bigint, fbits: number, width: number, unsigned: boolean): bigint {
  const value = unsigned ? BigInt.asUintN(width, a) : BigInt.asIntN(width, a);
  if (value === 0n) return 0n;
  return round(env, f, value < 0n ? 1 : 0, value < 0n ? -value : value, -fbits, false, roundingOf(env));
}

/** FPConvert between formats. `toOdd`: FCVTXN. */
export function convert(env: FpEnv, from: Format, to: Format, a: bigint, toOdd = false): bigint {
  const x = unpackForConvert(env, from, a);
  const alternative = to.bits === 16 && (env.fpcr & FPCR_AHP) !== 0;
  switch (x.kind) {
    case 'qnan':
    case 'snan': {
      if (x.kind === 'snan' || alternative) env.flags |= IOC;
      if (alternative) return zero(to, x.sign);
      if (env.fpcr & FPCR_DN) return to.defaultNaN;
      const fraction = a & from.fracMask;
      const moved = to.frac >= from.frac ? fraction << BigInt(to.frac - from.frac) : fraction >> BigInt(from.frac - to.frac);
      return infinity(to, x.sign) | to.quiet | moved;
    }
    case 'infinity':
      if (!alternative) return infinity(to, x.sign);
      env.flags |= IOC;
      return zero(to, x.sign) | (to.signBit - 1n);
    case 'zero':
      return zero(to, x.sign);
    case 'finite':
      return round(env, to, x.sign, x.mant, x.exp, false, toOdd ? 5 : roundingOf(env), true);
  }
}
