// LD1..LD4 and ST1..ST4 across a page boundary, into an absent page, and on a watched page: an instruction is all or nothing.
import { expect, test } from 'vitest';
import { world } from '../../../support/engine-world.ts';

const CODE = 0x400000;
const DATA = 0x20000000;
const LD4_16B_POST = 0x4cdf0000; // ld4 {v0.16b-v3.16b}, [x0], #64
const ST4_16B_POST = 0x4c9f0000; // st4 {v0.16b-v3.16b}, [x0], #64
const LD3_8H = 0x4c404400; // ld3 {v0.8h-v2.8h}, [x0]
const ST1_2S_LANE = 0x0d009000; // st1 {v0.s}[1], [x0]

function ready(words: readonly number[], pages: number): ReturnType<typeof world> {
  const w = world();
  w.mapRange(CODE, 4096);
  w.mapRange(DATA, pages * 4096);
  w.pokeWords(CODE, words);
  w.engine.regs(0).pc = BigInt(CODE);
  return w;
}
const pattern = Uint8Array.from({ length: 64 }, (_, i) => (i * 37 + 11) & 255);
/** Byte k of register r of a structure of n: byte k * n + r of memory. */
const column = (n: number, r: number): bigint => {
  let out = 0n;
  for (let k = 0; k < 16; k++) out |= BigInt(pattern[k * n + r]!) << BigInt(8 * k);
  return out;
};

test('a structure load across two pages gathers what one within a page would', () => {
  for (const at of [DATA + 128, DATA + 4096 - 1, DATA + 4096 - 33, DATA + 4096 - 63]) {
    const w = ready([LD4_16B_POST], 2);
    w.poke(at, pattern);
    const regs = w.engine.regs(0);
    regs.setX(0, BigInt(at));
    expect(w.engine.run(0, 1)).toBe('budget');
    expect([0, 1, 2, 3].map((r) => regs.v(r))).toEqual([0, 1, 2, 3].map((r) => column(4, r)));
    expect(regs.x(0)).toBe(BigInt(at + 64));
  }
});

test('a structure store across two pages scatters to both', () => {
  for (const at of [DATA + 128, DATA + 4096 - 17]) {
    const w = ready([ST4_16B_POST], 2);
    const regs = w.engine.regs(0);
    for (let r = 0; r < 4; r++) regs.setV(r, column(4, r));
    regs.setX(0, BigInt(at));
    expect(w.engine.run(0, 1)).toBe('budget');
    expect(w.peek(at, 64)).toEqual(pattern);
    expect([...w.peek(at - 1, 1), ...w.peek(at + 64, 1)]).toEqual([0, 0]);
  }
});

test('a structure access that reaches an absent page changes nothing and names the page', () => {
  for (const word of [LD4_16B_POST, ST4_16B_POST, LD3_8H]) {
    const w = ready([word], 1);
    const regs = w.engine.regs(0);
    regs.setV(0, 5n);
    regs.setX(0, BigInt(DATA + 4096 - 20));
    expect(w.engine.run(0, 1)).toBe('fault');
    expect([regs.v(0), regs.x(0), regs.pc, w.engine.retired]).toEqual([5n, BigInt(DATA + 4096 - 20), BigInt(CODE), 0]);
    expect(w.engine.halt.addressLo >>> 0).toBe(DATA + 4096);
    expect([...w.peek(DATA + 4096 - 20, 20)]).toEqual(Array(20).fill(0));
  }
});

test('a watched page is asked about once per element, and a refusal leaves the instruction undone', () => {
  const w = ready([ST1_2S_LANE, LD3_8H], 1);
  w.watched.add(DATA / 4096);
  const asked: string[] = [];
  w.allow = (va, size, access) => {
    asked.push(`${(Number(va) - DATA).toString()}+${size} ${access}`);
    return asked.length !== 3;
  };
  const regs = w.engine.regs(0);
  regs.setV(0, 0x1122334455667788n);
  regs.setX(0, BigInt(DATA + 8));
  expect(w.engine.run(0, 1)).toBe('budget');
  expect([...w.peek(DATA + 8, 4)]).toEqual([0x44, 0x33, 0x22, 0x11]);
  expect(w.engine.run(0, 1)).toBe('watch');
  expect(regs.v(0)).toBe(0x1122334455667788n);
  expect(asked).toEqual(['8+4 1', '8+2 0', '10+2 0']);
});
