import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseElf, type ElfFile } from '../../../workers/base/elf.ts';

const guest = (name: string): string => `.cache/guest/${name}`;
const built = existsSync(guest('counter'));

/** A program of one segment: header, one PT_LOAD, code. */
function tinyElf(): Uint8Array {
  const bytes = new Uint8Array(0x200);
  const at = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  at.setUint16(16, 2, true);
  at.setUint16(18, 183, true);
  at.setUint32(20, 1, true);
  at.setUint32(24, 0x400100, true);
  at.setUint32(32, 64, true);
  at.setUint16(52, 64, true);
  at.setUint16(54, 56, true);
  at.setUint16(56, 2, true);
  for (const [i, address] of [0x400000, 0x401000].entries()) {
    const row = 64 + i * 56;
    at.setUint32(row, 1, true);
    at.setUint32(row + 4, 5, true);
    at.setUint32(row + 16, address, true);
    at.setUint32(row + 32, 0x200, true);
    at.setUint32(row + 40, 0x200, true);
  }
  return bytes;
}

const parse = (bytes: Uint8Array) => parseElf(bytes, 'prog');
function refusal(change: (at: DataView, bytes: Uint8Array) => void): string {
  const bytes = tinyElf();
  change(new DataView(bytes.buffer), bytes);
  const result = parse(bytes);
  return result.ok ? 'accepted' : result.error;
}
const value = (result: ReturnType<typeof parse>): ElfFile => {
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

describe('parseElf', () => {
  test('a small executable gives its segments and entry', () => {
    const elf = value(parse(tinyElf()));
    expect(elf).toMatchObject({ pie: false, entry: 0x400100, programHeaders: 0x400040, programHeaderCount: 2 });
    expect(elf.segments.map((s) => s.address)).toEqual([0x400000, 0x401000]);
  });

  test.each<[string, (at: DataView, bytes: Uint8Array) => void, RegExp]>([
    ['not an ELF', (_, b) => b.fill(0x41), /^prog: not an ELF file; build/],
    [
      'another architecture',
      (at) => at.setUint16(18, 62, true),
      /built for x86-64, not AArch64; build it with aarch64-linux-gnu-gcc -static$/,
    ],
    ['32-bit Arm', (at, b) => (at.setUint16(18, 40, true), (b[4] = 1)), /built for Arm \(32 bit\)/],
    ['an architecture without a name', (at) => at.setUint16(18, 9999, true), /architecture number 9999/],
    ['big endian', (at, b) => ((b[5] = 2), at.setUint16(18, 183, false)), /big-endian AArch64/],
    ['an object file', (at) => at.setUint16(16, 1, true), /object file.*link it/],
    ['a core dump', (at) => at.setUint16(16, 4, true), /core dump/],
    ['a dynamic executable', (at) => at.setUint32(64, 3, true), /dynamic executable.*link it with -static/],
    [
      'a segment past the end',
      (at) => (at.setUint32(64 + 32, 0x5000, true), at.setUint32(64 + 40, 0x5000, true)),
      /program header 0 needs bytes 0 to 20480 of a file of 512; it is truncated/,
    ],
    ['more in the file than in memory', (at) => at.setUint32(64 + 40, 0x10, true), /program header 0 has more bytes/],
    ['absurd memory', (at) => at.setUint32(64 + 44, 0x100, true), /program header 0 wants 1024.0 GiB/],
    ['overlapping segments', (at) => at.setUint32(64 + 56 + 16, 0x400000, true), /segments at 0x400000 and 0x400000 overlap/],
    ['segments far apart', (at) => at.setUint32(64 + 56 + 20, 5, true), /segments spread over/],
    ['an address outside user memory', (at) => at.setUint32(64 + 56 + 20, 0xffff0000, true), /outside/],
    ['no program headers', (at) => at.setUint16(56, 0, true), /no program headers/],
    ['absurdly many program headers', (at) => at.setUint16(56, 60000, true), /60000 program headers/],
    ['program headers past the end', (at) => at.setUint32(36, 1, true), /program headers end after the file/],
    ['an entry outside', (at) => at.setUint32(24, 0x500000, true), /entry point 0x500000/],
    ['an odd entry', (at) => at.setUint32(24, 0x400102, true), /not a multiple of 4/],
    ['nothing to load', (at) => (at.setUint32(64, 4, true), at.setUint32(64 + 56, 4, true)), /no loadable segment/],
  ])('%s is refused in one sentence', (_, change, pattern) => {
    const text = refusal(change);
    expect(text).toMatch(pattern);
    expect(text).not.toContain('\n');
  });

  test('every truncation of the header and program headers is refused', () => {
    const bytes = tinyElf();
    for (let n = 0; n < bytes.length; n++) expect(parse(bytes.subarray(0, n)).ok, `length ${n}`).toBe(false);
  });

  test('damaged bytes never crash or hang', () => {
    const source = built ? new Uint8Array(readFileSync(guest('tiny'))) : tinyElf();
    let state = 20251;
    const next = (): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 0;
    };
    let refused = 0;
    for (let round = 0; round < 4000; round++) {
      const bytes = source.slice(0, round % 5 === 0 ? next() % source.length : source.length);
      // Headers and tables are where damage matters: half of the changes go there.
      for (let n = next() % 6; n >= 0 && bytes.length > 0; n--) {
        const where = next() % 2 === 0 ? next() % Math.min(300, bytes.length) : next() % bytes.length;
        bytes[where] = next() % 3 === 0 ? 0xff : next() & 0xff;
      }
      const result = parse(bytes);
      if (!result.ok) refused++;
      else {
        result.value.symbols.suggest('tex');
        result.value.symbols.at(result.value.entry);
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});

describe.runIf(built)('symbols of compiled programs', () => {
  const elf = (name: string): ElfFile => value(parse(new Uint8Array(readFileSync(guest(name)))));

  test('agree with nm', () => {
    const { symbols } = elf('counter');
    const lines = execFileSync('aarch64-linux-gnu-nm', ['-S', guest('counter')], { encoding: 'utf8' })
      .trim()
      .split('\n');
    let compared = 0;
    for (const line of lines) {
      const m = /^([0-9a-f]+) ([0-9a-f]+) [TBDR] (\S+)$/.exec(line);
      // Thread-local symbols are offsets, not addresses.
      if (m === null || Number.parseInt(m[1]!, 16) < 0x1000) continue;
      expect(symbols.byName(m[3]!), m[3]).toMatchObject({ address: Number.parseInt(m[1]!, 16), size: Number.parseInt(m[2]!, 16) });
      compared++;
    }
    expect(compared).toBeGreaterThan(300);
    const main = symbols.byName('main')!;
    expect(symbols.at(main.address + 8)).toMatchObject({ symbol: { name: 'main' }, offset: 8 });
    expect(symbols.byName('counter')).toMatchObject({ size: 8, kind: 'object' });
  });

  test('an unknown name suggests near ones', () => {
    const { symbols } = elf('counter');
    expect(symbols.suggest('conter')).toContain('counter');
    expect(symbols.suggest('COUNTER')[0]).toBe('counter');
    expect(symbols.suggest('qqqqqqqqqqqq')).toEqual([]);
  });

  test('a static-pie is accepted, its addresses start at 0', () => {
    expect(elf('counter.pie')).toMatchObject({ pie: true, segments: [{ address: 0 }, {}] });
  });
});
