// The answers by doubles against the exact routine, and the exact routine against rational arithmetic.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as fp from '../../../../workers/arch/aarch64/softfloat.ts';
import { quick, type QuickOp } from '../../../../workers/arch/aarch64/softfloat-quick.ts';
import { hardOperand } from '../../../support/fp-operands.ts';
import { generator } from '../../../support/prng.ts';

const EXACT: Record<QuickOp, (env: fp.FpEnv, f: fp.Format, a: bigint, b: bigint, c: bigint) => bigint> = {
  fadd: fp.add,
  fsub: fp.sub,
  fmul: (env, f, a, b) => fp.mul(env, f, a, b),
  fdiv: fp.div,
  fsqrt: (env, f, a) => fp.sqrt(env, f, a),
  fma: (env, f, a, b, c) => fp.mulAdd(env, f, c, a, b),
};

test('an answer by doubles is the exact one, and says truly whether it is inexact', () => {
  const seed = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? Date.now() >>> 0);
  const rounds = Number(process.env['TRAPLINE_FUZZ_WORDS'] ?? 4000);
  const next = generator(seed);
  const wrong: string[] = [];
  let answered = 0;
  for (const op of Object.keys(EXACT) as QuickOp[]) {
    for (const f of [fp.SINGLE, fp.DOUBLE]) {
      for (let i = 0; i < rounds; i++) {
        const [a, b, c] = [hardOperand(next, f.bits), hardOperand(next, f.bits), hardOperand(next, f.bits)];
        const ours = quick(op, f.bits, a, b, c);
        if (ours === null) continue;
        answered++;
        const env = { fpcr: 0, flags: 0 };
        const exact = EXACT[op](env, f, a, b, c);
        if (exact !== ours.bits || env.flags !== (ours.inexact ? fp.IXC : 0)) {
          wrong.push(
            `${op} ${f.bits} ${a.toString(16)} ${b.toString(16)} ${c.toString(16)}: ${ours.bits.toString(16)}, exactly ${exact.toString(16)} flags ${env.flags}`,
          );
        }
      }
    }
  }
  expect(wrong.slice(0, 10), `${wrong.length} differ; TRAPLINE_FUZZ_SEED=${seed}`).toEqual([]);
  expect(answered).toBeGreaterThan(rounds * 4);
});

/** A finite pattern as numerator / 2^1074 of a double. */
function scaled(bits: bigint): bigint {
  const exp = (bits >> 52n) & 2047n;
  const mant = (bits & ((1n << 52n) - 1n)) | (exp === 0n ? 0n : 1n << 52n);
  const value = mant << (exp === 0n ? 0n : exp - 1n);
  return bits >> 63n ? -value : value;
}
const finite = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).filter((v) => ((v >> 52n) & 2047n) !== 2047n);
const nextAbove = (bits: bigint): bigint => (bits >> 63n ? bits - 1n : bits + 1n);
const abs = (v: bigint): bigint => (v < 0n ? -v : v);

test('a rounded sum is the nearest double, and rounding up or down encloses the true sum', () => {
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      const exact = scaled(a) + scaled(b);
      const [nearest, up, down] = [0, 1, 2].map((mode) => fp.add({ fpcr: mode << 22, flags: 0 }, fp.DOUBLE, a, b)) as [
        bigint,
        bigint,
        bigint,
      ];
      if ([nearest, up, down].some((r) => ((r >> 52n) & 2047n) === 2047n)) return true;
      const error = abs(scaled(nearest) - exact);
      return (
        scaled(up) >= exact &&
        scaled(down) <= exact &&
        error <= abs(scaled(up) - exact) &&
        error <= abs(scaled(down) - exact) &&
        (scaled(up) === exact) === (scaled(down) === exact) &&
        (exact === 0n || scaled(up) === scaled(down) || up === nextAbove(down) || scaled(up) === 0n || scaled(down) === 0n)
      );
    }),
  );
});

test('a quotient times its divisor encloses the dividend', () => {
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      if (scaled(b) === 0n) return true;
      const [up, down] = [1, 2].map((mode) => fp.div({ fpcr: mode << 22, flags: 0 }, fp.DOUBLE, a, b)) as [bigint, bigint];
      if ([up, down].some((r) => ((r >> 52n) & 2047n) === 2047n)) return true;
      const wanted = scaled(a) * (1n << 1074n) * (scaled(b) < 0n ? -1n : 1n);
      return scaled(up) * abs(scaled(b)) >= wanted && scaled(down) * abs(scaled(b)) <= wanted;
    }),
  );
});

test('a square root rounded down is the largest double whose square is not above', () => {
  fc.assert(
    fc.property(finite, (v) => {
      const a = v & ((1n << 63n) - 1n);
      const root = fp.sqrt({ fpcr: 2 << 22, flags: 0 }, fp.DOUBLE, a);
      const wanted = scaled(a) * (1n << 1074n);
      return scaled(root) ** 2n <= wanted && scaled(root + 1n) ** 2n > wanted;
    }),
  );
});
