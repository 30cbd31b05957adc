// xorshift128 as plain data: part of the machine's state, so a draw is recorded and undone like everything else. Not for secrets.

export type PrngState = [number, number, number, number];

/** A state from a 32-bit seed and a stream number (different consumers, independent sequences). */
export function seedPrng(seed: number, stream: number): PrngState {
  let z = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) | 0;
  const next = (): number => {
    z = (z + 0x9e3779b9) | 0;
    let t = z ^ (z >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
  return [next(), next(), next(), next() | 1];
}

/** Next u32; advances the state in place. */
export function nextU32(state: PrngState): number {
  let t = state[3];
  const s = state[0];
  state[3] = state[2];
  state[2] = state[1];
  state[1] = s;
  t ^= t << 11;
  t ^= t >>> 8;
  const value = (t ^ s ^ (s >>> 19)) >>> 0;
  state[0] = value;
  return value;
}
