// The fast paths of floating point against the exact routine beside them, on operands chosen to be hard: few bits (ties,
// cancellations), neighbours of powers of two, the ends of the range. FPSR.IXC is set, so that the fast paths are taken.
import { expect, test } from 'vitest';
import { laneCall, laneCode, type LaneRequest } from '../../../../workers/arch/aarch64/lane-call.ts';
import { world } from '../../../support/engine-world.ts';
import { hardOperand } from '../../../support/fp-operands.ts';
import { generator } from '../../../support/prng.ts';

const CODE = 0x400000;
const IXC = 16;

/** d3 = op(d0, d1, d2): words of the double form; the single form has bit 22 clear. Vector forms set `lanes`. */
const CASES: readonly (readonly [name: string, word: number, request: LaneRequest])[] = [
  ['fadd d', 0x1e612803, { op: 'fadd', from: 64 }],
  ['fadd s', 0x1e212803, { op: 'fadd', from: 32 }],
  ['fsub d', 0x1e613803, { op: 'fsub', from: 64 }],
  ['fsub s', 0x1e213803, { op: 'fsub', from: 32 }],
  ['fmul d', 0x1e610803, { op: 'fmul', from: 64 }],
  ['fmul s', 0x1e210803, { op: 'fmul', from: 32 }],
  ['fdiv d', 0x1e611803, { op: 'fdiv', from: 64 }],
  ['fdiv s', 0x1e211803, { op: 'fdiv', from: 32 }],
  ['fsqrt d', 0x1e61c003, { op: 'fsqrt', from: 64 }],
  ['fsqrt s', 0x1e21c003, { op: 'fsqrt', from: 32 }],
  ['fmadd d', 0x1f410803, { op: 'fma', from: 64 }],
  ['fmadd s', 0x1f010803, { op: 'fma', from: 32 }],
  ['fcvt s, d', 0x1e624003, { op: 'fcvt', from: 64, to: 32 }],
  ['fcvt d, s', 0x1e22c003, { op: 'fcvt', from: 32, to: 64 }],
  ['frintx d', 0x1e674003, { op: 'frint', from: 64, param: 15 }],
  ['frintm s', 0x1e254003, { op: 'frint', from: 32, param: 2 }],
  ['fcvtzs d, d', 0x5ee1b803, { op: 'ftoint', from: 64, param: 0x300 }],
  ['fcvtnu s, s', 0x7e21a803, { op: 'ftoint', from: 32, param: 0x80 }],
  ['scvtf d, d', 0x5e61d803, { op: 'inttof', from: 64 }],
  ['ucvtf s, s', 0x7e21d803, { op: 'inttof', from: 32, param: 128 }],
  ['fadd 4s', 0x4e21d403, { op: 'fadd', from: 32, lanes: 4 }],
  ['fmul 2d', 0x6e61dc03, { op: 'fmul', from: 64, lanes: 2 }],
  ['fdiv 2s', 0x2e21fc03, { op: 'fdiv', from: 32, lanes: 2 }],
];

test('the fast paths give what the exact routine gives', () => {
  const seed = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? Date.now() >>> 0);
  const rounds = Number(process.env['TRAPLINE_FUZZ_WORDS'] ?? 2500);
  const next = generator(seed);
  const w = world();
  w.mapRange(CODE, 4096);
  w.pokeWords(
    CODE,
    CASES.map(([, word]) => word),
  );
  const regs = w.engine.regs(0);
  regs.fpcr = 0;
  const wrong: string[] = [];
  CASES.forEach(([name, , request], index) => {
    const code = laneCode(request);
    const count = request.op === 'fma' ? rounds * 6 : rounds;
    for (let i = 0; i < count; i++) {
      const [a, b, c] = [0, 1, 2].map(() => {
        let v = 0n;
        for (let at = 0; at < 128; at += request.from) v |= hardOperand(next, request.from) << BigInt(at);
        return v;
      }) as [bigint, bigint, bigint];
      regs.setV(0, a);
      regs.setV(1, b);
      regs.setV(2, c);
      regs.pc = BigInt(CODE + index * 4);
      regs.fpsr = IXC;
      w.engine.run(0, 1);
      const half = (v: bigint, n: bigint): bigint => BigInt.asUintN(64, v >> (n * 64n));
      const exact = laneCall(code, 0, half(a, 0n), half(a, 1n), half(b, 0n), half(b, 1n), half(c, 0n), half(c, 1n));
      const value = exact.lo | (exact.hi << 64n);
      if (regs.v(3) !== value || regs.fpsr !== (exact.flags | IXC)) {
        const hex = (v: bigint): string => v.toString(16);
        wrong.push(`${name}: ${hex(a)} ${hex(b)} ${hex(c)}: ${hex(regs.v(3))} ${regs.fpsr}, exactly ${hex(value)} ${exact.flags | IXC}`);
      }
    }
  });
  expect(wrong.slice(0, 10), `${wrong.length} differ; TRAPLINE_FUZZ_SEED=${seed}`).toEqual([]);
});
