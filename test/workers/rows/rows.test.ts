// The form of rows: patterns, decoding order, what semantics may rely on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AARCH64, AARCH64_GROUPS } from '../../../workers/arch/aarch64/index.ts';
import { Builder } from '../../../workers/rows/builder.ts';
import { coverageMatrix } from '../../../workers/rows/coverage.ts';
import { Decoder } from '../../../workers/rows/decoder.ts';
import { fieldsOf, parsePattern, row, todo } from '../../../workers/rows/row.ts';
import { layoutState } from '../../../workers/rows/state-layout.ts';
import { generator } from '../../support/prng.ts';
import { root } from '../../support/tools.ts';

const nothing = (): void => undefined;

test('a pattern gives mask, value and fields, signed where it says so', () => {
  const p = parsePattern('1 0 0 imm9:s9 -- 000000000000000 Rd:3');
  expect([p.mask, p.value]).toEqual([0xe003fff8, 0x80000000]);
  expect(fieldsOf(p, 0x9ff00005)).toEqual({ imm9: -1, Rd: 5 });
  expect(fieldsOf(p, 0x80100000)).toEqual({ imm9: 1, Rd: 0 });
});

test('a pattern that is not 32 bits is a defect', () => {
  expect(() => parsePattern('1 imm:30')).toThrow('pattern of 31 bits');
});

test('more fixed bits win, and a row that declines leaves the word to the next one', () => {
  const wide = row('wide', '', 'a:32', () => ({}), nothing);
  const narrow = row('narrow', '', '1111 a:28', (f) => (f.a === 7 ? null : {}), nothing);
  const decoder = new Decoder([wide, narrow]);
  expect(decoder.decode(0xf0000000, 0n)?.row.name).toBe('narrow');
  expect(decoder.decode(0xf0000007, 0n)?.row.name).toBe('wide');
  expect(decoder.decode(0x10000000, 0n)?.row.name).toBe('wide');
});

test('a todo row makes its encodings undefined', () => {
  const decoder = new Decoder([todo('later', '', '1 a:31'), row('all', '', 'a:32', () => ({}), nothing)]);
  expect(decoder.decode(0x80000000, 0n)).toBeNull();
  expect(decoder.disassemble(0x80000000, 0n)).toBe('.inst\t0x80000000 ; undefined');
});

test('values of different types do not mix', () => {
  const b = new Builder();
  expect(() => b.lit('i32', 1).add(b.lit('i64', 1))).toThrow('a value of type i64 where i32 is wanted');
  expect(() => b.op('i32x4.add', b.lit('i32', 1), 2)).toThrow('where v128 is wanted');
  expect(() => b.op('i32x4.frobnicate')).toThrow("no WebAssembly instruction is called 'i32x4.frobnicate'");
});

test('constants fold as the machine would compute them', () => {
  const b = new Builder();
  expect(b.lit('i32', 0x7fffffff).add(1).node).toEqual({ k: 'const', value: -2147483648 });
  expect(b.lit('i64', 1n).shl(65).node).toEqual({ k: 'const', value: 2n });
  expect(b.lit('i32', -1).zext().node).toEqual({ k: 'const', value: 0xffffffffn });
});

test('state fields are aligned and do not overlap', () => {
  const { fields, size } = layoutState([
    ['a', 'u8', 3],
    ['b', 'u64'],
    ['c', 'u32'],
    ['d', 'v128', 2],
  ]);
  expect([fields.a.offset, fields.b.offset, fields.c.offset, fields.d.offset, size]).toEqual([0, 8, 16, 32, 64]);
});

test('no row of AArch64 is hidden behind others', () => {
  const decoder = new Decoder(AARCH64.rows);
  const next = generator(1);
  const hidden = AARCH64.rows.filter((r) => {
    if (r.todo) return false;
    for (let i = 0; i < 2000; i++) {
      if (decoder.decode(((next() & ~r.pattern.mask) | r.pattern.value) >>> 0, 0n)?.row === r) return false;
    }
    return true;
  });
  expect(hidden.map((r) => r.name)).toEqual([]);
});

test('docs/coverage-aarch64.md is what the rows say (node scripts/coverage-matrix.mjs)', () => {
  expect(readFileSync(join(root, 'docs/coverage-aarch64.md'), 'utf8')).toBe(coverageMatrix('AArch64 instructions', AARCH64_GROUPS));
});
