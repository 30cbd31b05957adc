// Ordinary floating point stays in generated code: once FPSR.IXC is set, no lane call is made for it.
import { expect, test, vi } from 'vitest';
import { laneCall } from '../../../../workers/arch/aarch64/lane-call.ts';
import { world } from '../../../support/engine-world.ts';

vi.mock('../../../../workers/arch/aarch64/lane-call.ts', async (load) => {
  const real = await load<typeof import('../../../../workers/arch/aarch64/lane-call.ts')>();
  return { ...real, laneCall: vi.fn(real.laneCall) };
});

const CODE = 0x400000;
const ORDINARY: readonly (readonly [text: string, word: number])[] = [
  ['fadd d3, d0, d1', 0x1e612803],
  ['fsub s3, s0, s1', 0x1e213803],
  ['fmul d3, d0, d1', 0x1e610803],
  ['fdiv s3, s0, s1', 0x1e211803],
  ['fsqrt d3, d0', 0x1e61c003],
  ['fmadd d3, d0, d1, d2', 0x1f410803],
  ['fmadd s3, s0, s1, s2', 0x1f010803],
  ['fcmp d0, d1', 0x1e612000],
  ['fcvt s3, d0', 0x1e624003],
  ['fcvtzs x0, d0', 0x9e780000],
  ['scvtf d3, x0', 0x9e620003],
  ['fmla v2.2d, v0.2d, v1.2d', 0x4e61cc02],
  ['fmla v2.4s, v0.4s, v1.4s', 0x4e21cc02],
  ['fadd v3.4s, v0.4s, v1.4s', 0x4e21d403],
  ['frintm d3, d0', 0x1e654003],
  ['fmaxnm d3, d0, d1', 0x1e616803],
];

function run(word: number, fpsr: number, fpcr = 0): number {
  const w = world();
  w.mapRange(CODE, 4096);
  w.pokeWords(CODE, [word]);
  const regs = w.engine.regs(0);
  // 1.37.. and 0.73.. in doubles; the same bits are ordinary singles.
  regs.setV(0, 0x3ff6000012345678_3ff6000023456789n);
  regs.setV(1, 0x3fe70000345678ab_3fe7000045678abcn);
  regs.setV(2, 0x400900005678abcd_400900006789abcdn);
  regs.setX(0, 0x123456789abcdefn);
  regs.fpsr = fpsr;
  regs.fpcr = fpcr;
  regs.pc = BigInt(CODE);
  vi.mocked(laneCall).mockClear();
  expect(w.engine.run(0, 1)).toBe('budget');
  return vi.mocked(laneCall).mock.calls.length;
}

test('with IXC set and FPCR 0, ordinary operands need no call', () => {
  expect(ORDINARY.filter(([, word]) => run(word, 16) !== 0).map(([text]) => text)).toEqual([]);
});

test('another rounding mode is a call', () => {
  expect(run(0x1e612803, 16, 1 << 22)).toBe(1);
});
