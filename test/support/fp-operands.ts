// Operands for floating-point tests: as many corners as ordinary numbers.

const SPECIAL: Record<number, readonly bigint[]> = {
  16: [0n, 1n, 0x3ffn, 0x400n, 0x3c00n, 0x3c01n, 0x3800n, 0x7bffn, 0x7c00n, 0x7c01n, 0x7e00n, 0x7fffn, 0x4200n],
  32: [
    0n,
    1n,
    0x7fffffn,
    0x800000n,
    0x3f800000n,
    0x3f800001n,
    0x3f000000n,
    0x7f7fffffn,
    0x7f800000n,
    0x7f800001n,
    0x7fc12345n,
    0x4b800000n,
    0x4f000000n,
    0x40200000n,
  ],
  64: [
    0n,
    1n,
    0xfffffffffffffn,
    0x10000000000000n,
    0x3ff0000000000000n,
    0x3ff0000000000001n,
    0x3fe0000000000000n,
    0x7fefffffffffffffn,
    0x7ff0000000000000n,
    0x7ff0000000000001n,
    0x7ff8000000012345n,
    0x4340000000000000n,
    0x43e0000000000000n,
    0x41dfffffffc00000n,
    0x4004000000000000n,
    0x380fffffffffffffn,
  ],
  8: [0n, 1n, 0x7fn, 0x40n, 0x80n, 0xffn],
};

/** A lane of `size` bits: a special value, its neighbours, a number near one (often with few bits, so that ties and cancellations occur), or anything. */
export function operand(next: () => number, size: number): bigint {
  const random = (BigInt(next()) << 32n) | BigInt(next());
  const kind = next() % 8;
  const special = SPECIAL[size]!;
  const pick = special[next() % special.length]!;
  const sign = next() & 1 ? 1n << BigInt(size - 1) : 0n;
  if (kind < 3) return pick | sign;
  if (kind === 3) return BigInt.asUintN(size, (pick | sign) + BigInt((next() % 5) - 2));
  if (kind < 6 && size > 8) {
    // Exponents near the middle, so sums and products stay in range and cancel.
    const frac = size === 64 ? 52 : size === 32 ? 23 : 10;
    const bias = (1n << BigInt(size - frac - 2)) - 1n;
    const exp = bias + BigInt((next() % 9) - 4);
    const fraction = random & ((1n << BigInt(frac)) - 1n) & (kind === 4 ? -1n : -(1n << BigInt(frac - 4)));
    return sign | (exp << BigInt(frac)) | fraction;
  }
  return BigInt.asUintN(size, random);
}

/** 1 plus a few bits, at an exponent in a window that is now and then the whole range. */
export function hardOperand(next: () => number, size: number): bigint {
  const kind = next() % 16;
  if (kind === 0) return operand(next, size);
  const frac = size === 64 ? 52 : 23;
  const expMax = size === 64 ? 2047 : 255;
  const window = kind === 1 ? expMax - 1 : kind < 6 ? (frac + 2) * 2 : 8;
  const exp = Math.max(1, Math.min(expMax - 1, (expMax >> 1) + (next() % window) - (window >> 1)));
  let fraction = 0n;
  for (let bits = next() % 4; bits > 0; bits--) fraction |= 1n << BigInt(next() % frac);
  const near = next() % 4 === 0 ? -1n : next() % 3 === 0 ? BigInt.asUintN(frac, (BigInt(next()) << 32n) | BigInt(next())) : 0n;
  fraction = BigInt.asUintN(frac, near === -1n ? -fraction : fraction | near);
  return (BigInt(next() & 1) << BigInt(size - 1)) | (BigInt(exp) << BigInt(frac)) | fraction;
}
