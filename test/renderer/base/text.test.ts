import { expect, test } from 'vitest';
import { columnMark, grouped, percent, quietHex, shownBytes, shownMark, shownValue, watchName } from '../../../renderer/base/format.ts';
import { chordOf, shownChord, spokenChord } from '../../../renderer/base/keys.ts';
import { SymbolTable } from '../../../renderer/base/symbols.ts';

test('numbers are grouped by thousands, whatever the language of the host', () => {
  expect(grouped(0)).toBe('0');
  expect(grouped(999)).toBe('999');
  expect(grouped(4294967295n)).toBe('4,294,967,295');
  expect(shownMark({ icount: 265797, event: 2 })).toBe('#265,797.2');
  expect(columnMark({ icount: 7, event: 0 })).toBe('7.0');
});

test('a value too long to read as a number is shown in hexadecimal', () => {
  expect(shownValue(999_999_999_999n)).toBe('999,999,999,999');
  expect(shownValue(0xffffffffffffffffn)).toBe('0xffffffffffffffff');
});

test('leading zeros are apart from the digits, and a zero keeps one', () => {
  expect(quietHex(0x4a20d0n)).toEqual({ zeros: '0000000000', rest: '4a20d0' });
  expect(quietHex(0n)).toEqual({ zeros: '000000000000000', rest: '0' });
});

test('a watch is named by what it watches', () => {
  expect(watchName('mem:counter/8:w')).toEqual({ name: 'counter', access: 'w 8' });
  expect(watchName('mem:0x4a20d0')).toEqual({ name: '0x4a20d0', access: 'rw' });
  expect(watchName('mem:main:x')).toEqual({ name: 'main', access: 'x' });
});

test('sizes and shares are whole and never beyond the whole', () => {
  expect([shownBytes(12), shownBytes(2048), shownBytes(3_500_000)]).toEqual(['12 B', '2 KB', '3.3 MB']);
  expect([percent(1, 3), percent(5, 3), percent(1, 0)]).toEqual([33, 100, 0]);
});

const stroke = (key: string, mods = '') => ({
  key,
  ctrlKey: mods.includes('c'),
  metaKey: mods.includes('m'),
  shiftKey: mods.includes('s'),
  altKey: mods.includes('a'),
});

test('a chord is what is pressed; Shift that only makes a character is not part of it', () => {
  expect(chordOf(stroke('F11', 'sa'))).toBe('Shift+Alt+F11');
  expect(chordOf(stroke('?', 's'))).toBe('?');
  expect(chordOf(stroke('K', 's'))).toBe('Shift+K');
  expect(chordOf(stroke('k'))).toBe('K');
  expect(chordOf(stroke('p', 'ms'))).toBe('Mod+Shift+P');
});

test('a chord is printed short and spoken long', () => {
  expect(shownChord('Shift+Alt+F11')).toBe('⇧⌥F11');
  expect(shownChord('+')).toBe('+');
  expect(spokenChord('Mod+S')).toBe('Control+S');
});

test('an address has the name of the symbol that contains it', () => {
  const table = new SymbolTable([
    { name: 'late', address: 0x2000n, size: 0, kind: 'function' },
    { name: 'outer', address: 0x1000n, size: 0x100, kind: 'object' },
    { name: 'inner', address: 0x1010n, size: 4, kind: 'object' },
  ]);
  expect(table.text(0x1000n)).toBe('outer');
  expect(table.text(0x1012n)).toBe('inner+0x2');
  expect(table.text(0x1020n)).toBe('outer+0x20');
  expect(table.text(0x1100n)).toBe(null);
  expect(table.text(0x2ffcn)).toBe('late+0xffc');
  expect(table.text(0x3000n)).toBe(null);
  expect(table.text(0xfffn)).toBe(null);
});
