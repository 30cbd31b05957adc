// Exactness of the engine: budgets, faults, stops, watched pages, code that changes, several CPUs. What instructions compute is tested in
// test/differential/rows.test.ts.
import { describe, expect, test } from 'vitest';
import { generator } from '../../support/prng.ts';
import { type World, world } from '../../support/engine-world.ts';

const CODE = 0x40_0000;
const DATA = 0x80_0000;

/** Encodings, so that these tests need no assembler. */
const movz = (d: number, value: number): number => 0xd2800000 | (value << 5) | d;
const addi = (d: number, n: number, value: number): number => 0x91000000 | (value << 10) | (n << 5) | d;
const add = (d: number, n: number, m: number): number => 0x8b000000 | (m << 16) | (n << 5) | d;
const ldr = (t: number, n: number): number => 0xf9400000 | (n << 5) | t;
const str = (t: number, n: number): number => 0xf9000000 | (n << 5) | t;
const strw = (t: number, n: number): number => 0xb9000000 | (n << 5) | t;
const stp = (t: number, t2: number, n: number): number => 0xa9000000 | (t2 << 10) | (n << 5) | t;
const ldp = (t: number, t2: number, n: number): number => 0xa9400000 | (t2 << 10) | (n << 5) | t;
const b = (words: number): number => 0x14000000 | (words & 0x3ffffff);
const cbnz = (t: number, words: number): number => 0xb5000000 | ((words & 0x7ffff) << 5) | t;
const br = (n: number): number => 0xd61f0000 | (n << 5);
const subi = (d: number, n: number, value: number): number => 0xd1000000 | (value << 10) | (n << 5) | d;
const ldaxr = (t: number, n: number): number => 0xc85ffc00 | (n << 5) | t;
const stlxr = (s: number, t: number, n: number): number => 0xc800fc00 | (s << 16) | (n << 5) | t;
const SVC = 0xd4000021;
const BRK = 0xd4200540;
const UDF = 0x00000007;
const NOP = 0xd503201f;

function started(words: readonly number[], options: Parameters<typeof world>[0] = {}): World {
  const w = world(options);
  w.mapRange(CODE, 8192);
  w.mapRange(DATA, 8192);
  w.pokeWords(CODE, words);
  w.engine.regs(0).pc = BigInt(CODE);
  return w;
}

/** Everything the guest can see. */
function snapshot(w: World, cpu = 0): string {
  const r = w.engine.regs(cpu);
  const x = Array.from({ length: 32 }, (_, n) => r.x(n).toString(16));
  const v = Array.from({ length: 32 }, (_, n) => r.v(n).toString(16));
  return JSON.stringify([x, v, r.pc.toString(16), r.nzcv, r.fpsr, [...w.peek(DATA, 8192)].join()]);
}

/** Sums, stores, branches, calls through registers, exclusives. */
const LOOP = [
  movz(0, 0),
  movz(1, 300),
  movz(2, 0x80),
  0xd370bc42, // lsl x2, x2, #16
  add(0, 0, 1),
  str(0, 2),
  stp(0, 1, 2),
  ldaxr(5, 2),
  stlxr(6, 0, 2),
  ldp(3, 4, 2),
  0xeb01001f, // cmp x0, x1
  0x9a831084, // csel x4, x4, x3, ne
  0x4ea01c00, // mov v0.16b, v0.16b
  0x10000067, // adr x7, +12
  br(7),
  UDF,
  subi(1, 1, 1),
  cbnz(1, -13),
  SVC,
];

describe('budgets', () => {
  test('a run to N in pieces is a run to N in one go, whatever the pieces', () => {
    const seed = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? Date.now() >>> 0);
    const next = generator(seed);
    for (let round = 0; round < 30; round++) {
      const n = next() % 3900;
      const one = started(LOOP);
      if (n > 0) expect(one.engine.run(0, n)).toBe('budget');
      const many = started(LOOP);
      for (let left = n; left > 0; ) {
        const piece = Math.min(left, 1 + (next() % (next() % 2 ? 5 : 400)));
        expect(many.engine.run(0, piece), `TRAPLINE_FUZZ_SEED=${seed}`).toBe('budget');
        expect(many.engine.retired).toBe(piece);
        left -= piece;
      }
      expect(snapshot(many), `to ${n}, TRAPLINE_FUZZ_SEED=${seed}`).toBe(snapshot(one));
    }
  });

  test('a loop retires exactly its instructions and the system call', () => {
    const w = started(LOOP);
    expect(w.engine.run(0, 1 << 20)).toBe('svc');
    expect(w.engine.halt.imm).toBe(1);
    expect(w.engine.retired).toBe(4 + 300 * 13 + 1);
    expect(w.engine.regs(0).pc).toBe(BigInt(CODE + LOOP.length * 4));
  });

  test('the budget ends before what would halt', () => {
    const w = started([NOP, NOP, SVC]);
    expect(w.engine.run(0, 2)).toBe('budget');
    expect(w.engine.run(0, 1)).toBe('svc');
  });

  test('code goes on across a page boundary', () => {
    const w = started([]);
    w.pokeWords(CODE + 4096 - 8, [addi(0, 0, 1), addi(0, 0, 1), addi(0, 0, 1), SVC]);
    w.engine.regs(0).pc = BigInt(CODE + 4096 - 8);
    expect(w.engine.run(0, 100)).toBe('svc');
    expect(w.engine.retired).toBe(4);
    expect(w.engine.regs(0).x(0)).toBe(3n);
  });

  test('a branch to another page and back is exact', () => {
    const w = started([addi(0, 0, 1), b(1023)]);
    w.pokeWords(CODE + 4096, [subi(1, 1, 1), cbnz(1, -1025), SVC]);
    w.engine.regs(0).setX(1, 1000n);
    expect(w.engine.run(0, 1 << 20)).toBe('svc');
    expect(w.engine.retired).toBe(4001);
    expect(w.engine.regs(0).x(0)).toBe(1000n);
  });
});

describe('halts leave before the instruction', () => {
  test('brk, undefined and a refused system register', () => {
    for (const [word, kind] of [
      [BRK, 'brk'],
      [UDF, 'undefined'],
      [0xd5380000, 'undefined'], // mrs x0, midr_el1, which this host does not have
      [0xd4000002, 'undefined'], // hvc
    ] as const) {
      const w = started([NOP, word]);
      expect(w.engine.run(0, 10)).toBe(kind);
      expect(w.engine.retired).toBe(1);
      expect(w.engine.regs(0).pc).toBe(BigInt(CODE + 4));
      if (kind === 'brk') expect(w.engine.halt.imm).toBe(42);
    }
  });

  test('a fetch from an unmapped page faults there after the branch retired', () => {
    const w = started([br(3)]);
    w.engine.regs(0).setX(3, 0x7000n);
    expect(w.engine.run(0, 10)).toBe('fault');
    expect(w.engine.halt).toMatchObject({ fault: 'translation', access: 2, addressLo: 0x7000 });
    expect(w.engine.retired).toBe(1);
    expect(w.engine.regs(0).pc).toBe(0x7000n);
  });

  test('a branch to an odd address faults there', () => {
    const w = started([br(3)]);
    w.engine.regs(0).setX(3, BigInt(CODE + 2));
    expect(w.engine.run(0, 10)).toBe('fault');
    expect(w.engine.halt.fault).toBe('pc-alignment');
  });

  test.each([
    ['ldr', ldr(0, 1), 0],
    ['ldp', ldp(0, 2, 1), 0],
    ['str', str(0, 1), 1],
    ['stp', stp(0, 2, 1), 1],
    ['ldr x0, [x1], #8', 0xf8408420, 0],
    ['str q0, [x1, #16]!', 0x3c810c20, 1],
  ] as const)('%s onto an absent page changes nothing', (_, word, access) => {
    for (const address of [0x900000n, BigInt(DATA + 8192 - 4)]) {
      const w = started([word]);
      w.engine.regs(0).setX(1, address);
      w.engine.regs(0).setX(0, 77n);
      const before = snapshot(w);
      expect(w.engine.run(0, 1)).toBe('fault');
      expect(w.engine.retired).toBe(0);
      expect(w.engine.halt).toMatchObject({ fault: 'translation', access });
      expect(w.engine.halt.addressLo).toBe(Math.max(w.engine.halt.addressLo, DATA + 8192));
      expect(snapshot(w)).toBe(before);
    }
  });

  test('an exclusive that is not aligned is an alignment fault', () => {
    const w = started([ldaxr(0, 1)]);
    w.engine.regs(0).setX(1, BigInt(DATA + 4));
    expect(w.engine.run(0, 1)).toBe('fault');
    expect(w.engine.halt).toMatchObject({ fault: 'alignment', addressLo: DATA + 4, size: 8 });
  });

  test('a store to a read-only page faults although it was read before', () => {
    const w = started([ldr(0, 1), str(0, 1)]);
    w.map.get(DATA / 4096)!.write = false;
    w.engine.regs(0).setX(1, BigInt(DATA));
    expect(w.engine.run(0, 9)).toBe('fault');
    expect(w.engine.retired).toBe(1);
    expect(w.engine.halt.access).toBe(1);
  });
});

describe('accesses across pages', () => {
  test('every offset loads and stores what bytes say', () => {
    for (let offset = 4096 - 17; offset <= 4096 + 1; offset++) {
      const w = started([ldp(2, 3, 1), 0xad400420, stp(4, 5, 1)]); // ldp q0, q1, [x1]
      w.poke(
        DATA,
        Array.from({ length: 8192 }, (_, i) => (i * 7) & 255),
      );
      const r = w.engine.regs(0);
      r.setX(1, BigInt(DATA + offset));
      r.setX(4, 0x1122334455667788n);
      r.setX(5, 0x99aabbccddeeff00n);
      const bytes = (n: number): bigint => w.peek(DATA + offset, n).reduceRight((v, byte) => (v << 8n) | BigInt(byte), 0n);
      const expected = bytes(32);
      expect(w.engine.run(0, 3)).toBe('budget');
      expect(r.x(2) | (r.x(3) << 64n)).toBe(BigInt.asUintN(128, expected));
      expect(r.v(0) | (r.v(1) << 128n)).toBe(expected);
      expect(bytes(16)).toBe((0x99aabbccddeeff00n << 64n) | 0x1122334455667788n);
    }
  });
});

describe('stops', () => {
  test('halts before the address each time round, and costs nothing when cleared', () => {
    const w = started(LOOP);
    w.engine.setStops([BigInt(CODE + 16)]);
    for (let i = 0; i < 5; i++) {
      expect(w.engine.run(0, 1000)).toBe('stop');
      expect(w.engine.regs(0).pc).toBe(BigInt(CODE + 16));
      expect(w.engine.run(0, 1000)).toBe('stop');
      expect(w.engine.retired).toBe(0);
      expect(w.engine.step(0, { ignoreStop: true })).toBe('budget');
      expect(w.engine.retired).toBe(1);
    }
    w.engine.setStops([]);
    expect(w.engine.run(0, 1 << 20)).toBe('svc');
    expect(w.engine.regs(0).x(0)).toBe(BigInt((300 * 301) / 2));
  });

  test('a stop on an instruction that needs careful mode can be stepped over', () => {
    const w = started([str(0, 1), SVC]);
    w.engine.regs(0).setX(1, BigInt(DATA + 4096 - 3));
    w.engine.regs(0).setX(0, 0x0102030405060708n);
    w.engine.setStops([BigInt(CODE)]);
    expect(w.engine.run(0, 5)).toBe('stop');
    expect(w.engine.step(0, { ignoreStop: true })).toBe('budget');
    expect(w.engine.regs(0).pc).toBe(BigInt(CODE + 4));
    expect([...w.peek(DATA + 4096 - 3, 8)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    w.engine.regs(0).pc = BigInt(CODE);
    expect(w.engine.run(0, 5)).toBe('stop');
  });
});

describe('watched pages', () => {
  test('each access unit is asked about once, in order, with the count and pc of its instruction', () => {
    const w = started([NOP, ldp(2, 3, 1), stp(2, 3, 1), NOP, SVC]);
    w.watched.add(DATA / 4096);
    w.engine.regs(0).setX(1, BigInt(DATA + 8));
    const seen: unknown[] = [];
    w.allow = (va, size, access) => {
      seen.push([Number(va) - DATA, size, access, w.engine.retired, Number(w.engine.regs(0).pc) - CODE]);
      return true;
    };
    expect(w.engine.run(0, 100)).toBe('svc');
    expect(seen).toEqual([
      [8, 8, 0, 1, 4],
      [16, 8, 0, 1, 4],
      [8, 8, 1, 2, 8],
      [16, 8, 1, 2, 8],
    ]);
  });

  test('a refused access halts before the instruction with nothing changed', () => {
    const w = started([ldr(0, 1), stp(0, 0, 1)]);
    w.watched.add(DATA / 4096);
    w.engine.regs(0).setX(1, BigInt(DATA));
    w.allow = (va, _, access) => !(access === 1 && va === BigInt(DATA + 8));
    expect(w.engine.run(0, 1)).toBe('budget');
    const before = snapshot(w);
    expect(w.engine.run(0, 1)).toBe('watch');
    expect(w.engine.halt).toMatchObject({ addressLo: DATA + 8, size: 8, access: 1 });
    expect(snapshot(w)).toBe(before);
  });

  test('a store across a watched and an ordinary page is asked about once and then done', () => {
    const w = started([str(0, 1)]);
    w.watched.add(DATA / 4096 + 1);
    w.engine.regs(0).setX(1, BigInt(DATA + 4092));
    w.engine.regs(0).setX(0, 0x1122334455667788n);
    let asked = 0;
    w.allow = () => ++asked > 0;
    expect(w.engine.run(0, 1)).toBe('budget');
    expect(asked).toBe(1);
    expect([...w.peek(DATA + 4092, 8)]).toEqual([0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]);
  });

  test('an atomic is asked about as a read and as a write', () => {
    const w = started([0xf8200022]); // ldadd x0, x2, [x1]
    w.watched.add(DATA / 4096);
    w.engine.regs(0).setX(1, BigInt(DATA));
    const seen: number[] = [];
    w.allow = (_, __, access) => seen.push(access) > 0;
    w.engine.run(0, 1);
    expect(seen).toEqual([0, 1]);
  });
});

describe('code that changes', () => {
  test('a store to the next instruction takes effect', () => {
    const w = started([strw(0, 1), movz(2, 1), SVC]);
    w.engine.regs(0).setX(0, BigInt(movz(2, 2) >>> 0));
    w.engine.regs(0).setX(1, BigInt(CODE + 4));
    expect(w.engine.run(0, 10)).toBe('svc');
    expect(w.engine.retired).toBe(3);
    expect(w.engine.regs(0).x(2)).toBe(2n);
  });

  test('a store to a page written before it was executed takes effect', () => {
    const w = started([strw(0, 1), br(1)]);
    w.engine.regs(0).setX(1, BigInt(CODE + 4096));
    const run = (word: number): bigint => {
      w.engine.regs(0).setX(0, BigInt(word >>> 0));
      w.engine.regs(0).pc = BigInt(CODE);
      w.pokeWords(CODE + 4100, [SVC]);
      expect(w.engine.run(0, 10)).toBe('svc');
      return w.engine.regs(0).x(2);
    };
    for (let i = 1; i < 6; i++) expect(run(movz(2, i))).toBe(BigInt(i));
  });

  test('a frame the host rewrote runs its new content after dropCode, through every mapping', () => {
    const w = started([movz(0, 1), SVC]);
    w.map.set(0x500, w.map.get(CODE / 4096)!);
    for (const [value, va] of [
      [1, CODE],
      [1, 0x500000],
      [2, CODE],
      [2, 0x500000],
    ] as const) {
      w.pokeWords(CODE, [movz(0, value), SVC]);
      if (value === 2 && va === CODE) w.engine.dropCode(w.map.get(CODE / 4096)!.pfn);
      w.engine.regs(0).pc = BigInt(va);
      expect(w.engine.run(0, 5)).toBe('svc');
      expect(w.engine.regs(0).x(0)).toBe(BigInt(value));
    }
  });

  test('more code pages than there is room for', () => {
    const w = world({ codePages: 4 });
    const pages = 11;
    w.mapRange(CODE, pages * 4096);
    for (let p = 0; p < pages; p++) w.pokeWords(CODE + p * 4096, [addi(0, 0, 1), p === pages - 1 ? b(-(pages - 1) * 1024 - 1) : b(1023)]);
    w.engine.regs(0).pc = BigInt(CODE);
    expect(w.engine.run(0, pages * 2 * 50)).toBe('budget');
    expect(w.engine.regs(0).x(0)).toBe(BigInt(pages * 50));
    expect(w.engine.regs(0).pc).toBe(BigInt(CODE));
  });
});

describe('several CPUs', () => {
  test('a store of another CPU makes a store-exclusive fail', () => {
    const w = started([ldaxr(0, 1), stlxr(2, 3, 1), SVC], { cpus: 2 });
    w.pokeWords(CODE + 64, [str(3, 1), SVC]);
    const [a, c] = [w.engine.regs(0), w.engine.regs(1)];
    a.setX(1, BigInt(DATA));
    a.setX(3, 5n);
    c.setX(1, BigInt(DATA));
    c.setX(3, 9n);
    c.pc = BigInt(CODE + 64);
    expect(w.engine.run(0, 1)).toBe('budget');
    expect(w.engine.run(1, 10)).toBe('svc');
    expect(w.engine.run(0, 10)).toBe('svc');
    expect(a.x(2)).toBe(1n);
    expect(w.peek(DATA, 1)[0]).toBe(9);
  });

  test('a store of one CPU to code another one executes takes effect there', () => {
    const w = started([movz(0, 1), SVC], { cpus: 2 });
    w.pokeWords(CODE + 4096, [strw(3, 1), SVC]);
    const other = w.engine.regs(1);
    const rewrite = (value: number): void => {
      other.setX(3, BigInt(movz(0, value) >>> 0));
      other.setX(1, BigInt(CODE));
      other.pc = BigInt(CODE + 4096);
      expect(w.engine.run(1, 10)).toBe('svc');
    };
    rewrite(1);
    for (let i = 1; i < 4; i++) {
      w.engine.regs(0).pc = BigInt(CODE);
      expect(w.engine.run(0, 10)).toBe('svc');
      expect(w.engine.regs(0).x(0)).toBe(BigInt(i));
      rewrite(i + 1);
    }
  });
});
