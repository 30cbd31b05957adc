// perf's mem: syntax: what is accepted, what each mistake is told.
import { describe, expect, test } from 'vitest';
import { SymbolTable } from '../../../workers/base/elf.ts';
import { accessOf, parseEventSpec, readEventSpec } from '../../../workers/session/event-spec.ts';

const symbols = new SymbolTable([
  { name: 'counter', address: 0x4a0010, size: 8, kind: 'object', global: true },
  { name: 'pool', address: 0x4a0100, size: 72, kind: 'object', global: true },
  { name: 'bump', address: 0x400780, size: 32, kind: 'function', global: true },
]);
const read = (text: string, use?: 'hardware' | 'after-the-fact') => readEventSpec(text, symbols, 'counter', use);

describe('accepted', () => {
  test.each([
    ['mem:counter/8:w', 0x4a0010n, 8, 'w'],
    ['mem:counter', 0x4a0010n, 4, 'rw'],
    ['mem:counter:x', 0x4a0010n, 4, 'x'],
    ['mem:pool+0x40/8:wr', 0x4a0140n, 8, 'rw'],
    ['mem:pool+8/2:r', 0x4a0108n, 2, 'r'],
    ['mem:pool-8/1', 0x4a00f8n, 1, 'rw'],
    ['mem:0x4a0013/4:w', 0x4a0013n, 4, 'w'],
    ['mem:0xffff800080001000/8:w', 0xffff800080001000n, 8, 'w'],
    ['mem:bump:x', 0x400780n, 4, 'x'],
  ])('%s', (text, address, length, access) => {
    const spec = read(text);
    expect(spec.ok && [spec.value.address, spec.value.length, accessOf(spec.value.type), spec.value.text]).toEqual([
      address,
      length,
      access,
      text,
    ]);
  });

  test('after the fact a range may be long and start anywhere', () => {
    expect(read('mem:pool+6/72:w', 'after-the-fact')).toMatchObject({ ok: true, value: { address: 0x4a0106n, length: 72 } });
  });
});

describe('refused, with the way out', () => {
  test.each([
    ['cycles', /only memory events.*mem:counter\/8:w/],
    ['mem:', /no address/],
    ['mem:countr/8:w', /no symbol 'countr'; did you mean counter\?/],
    ['mem:counter/9:w', /too long.*1 to 8 bytes.*split/],
    ['mem:counter/0', /too short/],
    ['mem:counter/two', /'two' is not a length/],
    ['mem:counter/8:wq', /'q' is not an access/],
    ['mem:counter/8:ww', /given twice/],
    ['mem:counter/8:', /nothing after the last colon/],
    ['mem:counter/4:rx', /cannot be combined/],
    ['mem:counter/8:x', /covers one instruction/],
    ['mem:0x4a0014/8:w', /unaligned.*mem:0x4a0014\/4:w and mem:0x4a0018\/4:w/],
    ['mem:bump+2:x', /unaligned.*multiple of 4/],
    ['mem:a b/8', /neither an address nor a symbol/],
    ['mem:0x123456789012345678/8', /does not fit in 64 bits/],
  ])('%s', (text, sentence) => {
    const spec = read(text);
    expect(spec.ok ? 'accepted' : spec.error).toMatch(sentence);
    expect(!spec.ok && spec.error.includes('\n')).toBe(false);
  });

  test('a stripped program says so', () => {
    const spec = readEventSpec('mem:counter/8:w', new SymbolTable([]), 'tool');
    expect(spec.ok ? '' : spec.error).toMatch(/stripped.*give an address/);
  });

  test('nothing throws on rubbish', () => {
    for (const text of [
      '',
      'mem',
      'mem::',
      'mem:/',
      'mem:///',
      'mem:+',
      'mem:counter+',
      'mem:counter+0x',
      'mem:\n/8:w',
      `mem:${'9'.repeat(200)}`,
    ]) {
      expect(parseEventSpec(text).ok, text).toBe(false);
    }
  });
});
