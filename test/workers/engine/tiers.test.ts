// Translated code against interpreted code: random programs of every row with random branches between them, run in pieces while stops,
// watches and TLBs change, and whole guest programs stopped at random points. Nothing may differ but time.
import { describe, expect, test } from 'vitest';
import { AARCH64 } from '../../../workers/arch/aarch64/index.ts';
import { createMachine } from '../../../workers/kernel/create-machine.ts';
import { CPU_BLOCK_SIZE, type Tiers, engineDefaults } from '../../../workers/engine/engine.ts';
import type { MachineApi, WatchSpec } from '../../../workers/machine/machine-api.ts';
import { type World, world } from '../../support/engine-world.ts';
import { generator } from '../../support/prng.ts';
import { guestConfig } from '../../support/run-guest.ts';
import { guestPath, testWith } from '../../support/tools.ts';

const CODE = 0x40_0000;
const CODE_WORDS = 1536;
const DATA = 0x80_0000;
const DATA_BYTES = 4 * 4096;
const seed = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? Date.now() >>> 0);
const PROGRAMS = Number(process.env['TRAPLINE_FUZZ_PROGRAMS'] ?? 40);
const SVC = 0xd4000021;

const rows = AARCH64.rows.filter((r) => !r.todo && r.unfuzzed === undefined && !r.ends);

/** A word of a random row, or a branch to somewhere near. */
function randomWord(next: () => number, at: number): number {
  const kind = next() % 16;
  const near = (bits: number): number => {
    const to = next() % 4 === 0 ? next() % CODE_WORDS : Math.max(0, Math.min(CODE_WORDS - 1, at - 20 + (next() % 40)));
    return (to - at) & (2 ** bits - 1);
  };
  if (kind === 0) return (0x54000000 | (near(19) << 5) | (next() % 14)) >>> 0;
  if (kind === 1) return (0x34000000 | ((next() & 1) << 24) | ((next() & 1) << 31) | (near(19) << 5) | (next() % 31)) >>> 0;
  if (kind === 2) return (0x36000000 | ((next() & 1) << 24) | ((next() % 32) << 19) | (near(14) << 5) | (next() % 31)) >>> 0;
  if (kind === 3) return next() % 4 === 0 ? (0x94000000 | near(26)) >>> 0 : next() % 3 === 0 ? SVC : (0x14000000 | near(26)) >>> 0;
  // Comparisons and conditions are what flags are about; the rest is any row.
  if (kind < 6)
    return (0x6b000000 | ((next() & 1) << 31) | ((next() & 1) << 30) | ((next() % 31) << 16) | ((next() % 31) << 5) | (next() % 32)) >>> 0;
  if (kind === 6)
    return (0x1a800000 | ((next() & 1) << 31) | ((next() % 31) << 16) | ((next() % 16) << 12) | ((next() % 31) << 5) | (next() % 31)) >>> 0;
  const row = rows[next() % rows.length]!;
  return (row.pattern.value | (next() & ~row.pattern.mask)) >>> 0;
}

function started(words: readonly number[], tiers: Tiers, data: Uint8Array): World {
  const w = world({ tiers, hotSamples: 1 });
  w.mapRange(CODE, CODE_WORDS * 4);
  w.mapRange(DATA, DATA_BYTES);
  w.pokeWords(CODE, words);
  w.poke(DATA, data);
  w.engine.regs(0).pc = BigInt(CODE);
  return w;
}

function snapshot(w: World): string {
  const r = w.engine.regs(0);
  const x = Array.from({ length: 32 }, (_, n) => r.x(n).toString(16));
  const v = Array.from({ length: 32 }, (_, n) => r.v(n).toString(16));
  return JSON.stringify([r.pc.toString(16), x, v, r.nzcv, r.fpsr, r.fpcr]);
}

const memory = (w: World): string => [...w.peek(DATA, DATA_BYTES), ...w.peek(CODE, CODE_WORDS * 4)].join();

describe(`random programs (TRAPLINE_FUZZ_SEED=${seed})`, () => {
  test(`${PROGRAMS} programs come out the same`, () => {
    const next = generator(seed);
    let regions = 0;
    for (let program = 0; program < PROGRAMS; program++) {
      const context = `program ${program}, TRAPLINE_FUZZ_SEED=${seed}`;
      const words = Array.from({ length: CODE_WORDS }, (_, i) => randomWord(next, i));
      const data = Uint8Array.from({ length: DATA_BYTES }, () => next());
      const worlds = [started(words, 0, data), started(words, 1, data)] as const;
      const both = (change: (w: World) => void): void => worlds.forEach(change);
      const refill = (): void => {
        const values = Array.from({ length: 32 }, () =>
          next() % 3 === 0 ? BigInt(next() >>> 0) * BigInt(next() >>> 0) : BigInt(DATA + 4096 + (next() % (DATA_BYTES - 8192))),
        );
        both((w) => values.forEach((value, n) => w.engine.regs(0).setX(n, value)));
      };
      refill();
      for (let piece = 0; piece < 120; piece++) {
        const budget = 1 + (next() % (next() % 3 === 0 ? 12 : 700));
        const [a, b] = worlds.map((w) => {
          const asked: string[] = [];
          w.allow = (va, size, access) => {
            asked.push(`${va.toString(16)} ${size} ${access}`);
            return (va & 0x70n) !== 0x30n;
          };
          const kind = w.engine.run(0, budget);
          return JSON.stringify([kind, w.engine.retired, w.engine.halt, asked]);
        });
        expect(b, context).toBe(a);
        expect(snapshot(worlds[1]), context).toBe(snapshot(worlds[0]));
        const kind = worlds[0].engine.halt.kind;
        if (kind === 'svc') refill();
        else if (kind !== 'budget') {
          // Over the instruction that halted, or back into the program.
          const { pc } = worlds[0].engine.regs(0);
          const inside = pc >= BigInt(CODE) && pc + 4n < BigInt(CODE + CODE_WORDS * 4) && (pc & 3n) === 0n;
          const to = inside && next() % 8 !== 0 ? pc + 4n : BigInt(CODE + 4 * (next() % CODE_WORDS));
          both((w) => {
            w.engine.regs(0).pc = to;
          });
          if (next() % 2 === 0) refill();
        }
        const change = next() % 24;
        const somewhere = BigInt(CODE + 4 * (next() % CODE_WORDS));
        if (change === 0) both((w) => w.engine.setStops([somewhere, somewhere + 64n]));
        else if (change === 1) both((w) => w.engine.setStops([]));
        else if (change === 2) both((w) => w.engine.flushAllTlbs());
        else if (change === 3) {
          const page = DATA / 4096 + (next() % 4);
          both((w) => {
            if (w.watched.has(page)) w.watched.delete(page);
            else w.watched.add(page);
            w.engine.flushAllTlbs();
          });
        } else if (change === 4) {
          // The machine writes code, as a kernel does.
          const word = randomWord(next, 0);
          both((w) => {
            w.pokeWords(Number(somewhere), [word]);
            w.engine.dropCode(w.map.get(Number(somewhere) >>> 12)!.pfn);
          });
        } else if (change === 5) {
          // The program writes code: some registers point into it.
          const n = next() % 31;
          both((w) => w.engine.regs(0).setX(n, somewhere));
        }
      }
      expect(memory(worlds[1]), context).toBe(memory(worlds[0]));
      regions += worlds[1].engine.regionCounters!.regions;
    }
    expect(regions).toBeGreaterThan(PROGRAMS);
  });
});

/** Digests of a guest run in the given pieces. */
function digests(name: string, cpus: number, tiers: Tiers, stops: readonly number[], events: readonly WatchSpec[]): string[] {
  const before = { ...engineDefaults };
  Object.assign(engineDefaults, { tiers, hotSamples: 1 });
  try {
    const made = createMachine({ ...guestConfig(guestPath(name), { cpus }), events });
    if (!made.ok) throw new Error(made.error);
    const machine: MachineApi = made.value;
    machine.onEvent = () => undefined;
    const out: string[] = [];
    for (const icount of stops) {
      const stop = machine.run({ icount, event: 0 });
      const touched = [...machine.takeTouched()].sort((a, b) => a[0] - b[0]).join(';');
      const { lo, hi } = machine.digest();
      out.push(`${stop.kind} ${machine.mark.icount}.${machine.mark.event} ${machine.eventCount} ${lo} ${hi} ${touched}`);
    }
    return out;
  } finally {
    Object.assign(engineDefaults, before);
  }
}

const symbolOf = (name: string, symbol: string): bigint => {
  const made = createMachine(guestConfig(guestPath(name)));
  if (!made.ok) throw new Error(made.error);
  made.value.run({ icount: 5000, event: 0 });
  return made.value.view.addressOf(1, symbol)!;
};

describe('guest programs have the same digests, events and touched pages with and without translated code', () => {
  for (const [name, cpus] of [
    ['counter', 1],
    ['ledger', 2],
    ['mutex', 2],
    ['race', 2],
    ['signals', 1],
    ['fork-pipe', 2],
    ['threads', 3],
    ['perf-abi', 2],
    ['integers.o2', 1],
    ['strings.o2', 1],
    ['printf-float.o2', 1],
    ['vectors.o3', 1],
  ] as const)
    testWith([`guest:${name}`], `${name}, ${cpus} CPUs`, () => {
      const next = generator(seed);
      const stops = Array.from({ length: 12 }, () => next() % 700_000).sort((a, b) => a - b);
      stops.push(2_000_000_000);
      expect(digests(name, cpus, 1, stops, []), `TRAPLINE_FUZZ_SEED=${seed}`).toEqual(digests(name, cpus, 0, stops, []));
    });

  testWith(['guest:counter'], 'counter with a watchpoint on its variable and one on the page of its stack', () => {
    const counter = symbolOf('counter', 'counter');
    const events: WatchSpec[] = [
      { text: 'w', address: counter, length: 8, type: 2 },
      { text: 'hot page', address: counter + 64n, length: 8, type: 3 },
    ];
    const stops = [8000, 8500, 9000, 10_000, 20_000];
    expect(digests('counter', 1, 1, stops, events)).toEqual(digests('counter', 1, 0, stops, events));
  });

  testWith(['guest:race'], 'race with a breakpoint in its loop', () => {
    const events: WatchSpec[] = [{ text: 'x', address: symbolOf('race', 'main'), length: 4, type: 4 }];
    const stops = [8000, 50_000, 100_000, 2_000_000];
    expect(digests('race', 2, 1, stops, events)).toEqual(digests('race', 2, 0, stops, events));
  });
});

test('checking finds a difference when there is one', () => {
  const w = started([0x91000400, 0x17ffffff], 'check', new Uint8Array(DATA_BYTES)); // add x0, x0, #1; b .-4
  for (let i = 0; i < 8; i++) w.engine.run(0, 1000);
  expect(w.engine.regionCounters!.regions).toBe(1);
  expect(w.engine.regs(0).x(0)).toBe(4000n);
  // The operands of the predecoded addition are lost: interpreted, it adds nothing.
  const entry = w.cpuBase + CPU_BLOCK_SIZE;
  new Uint8Array(w.memory.buffer).fill(0, entry + 4, entry + 32);
  expect(() => w.engine.run(0, 1000)).toThrow(/translated code differs from interpreted code: byte 0 of the CPU's state after 1000/);
});
