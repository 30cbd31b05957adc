import { expect, test } from 'vitest';
import { controlSummary, decodeControl } from '../../../renderer/base/control-fields.ts';

const field = (file: 'WRP' | 'BRP', control: number, name: string) => decodeControl(file, control).find((row) => row.name === name);

test('1ff5 is a watchpoint that is on, for stores from EL0 to eight bytes', () => {
  expect(controlSummary('WRP', 0x1ff5)).toBe('on · EL0 · store · bytes 0–7');
});

test('1e3 is a breakpoint that is on, at EL1, for a whole A64 instruction', () => {
  expect(controlSummary('BRP', 0x1e3)).toBe('on · EL1 · address · A64');
});

test('fields stand highest first and their bits together are the register', () => {
  const bits = decodeControl('WRP', 0b11010_000_1_1010_10_1_01100110_01_11_1);
  expect(bits.map((row) => row.name)).toEqual(['MASK', 'WT', 'LBN', 'SSC', 'HMC', 'BAS', 'LSC', 'PAC', 'E']);
  expect(bits.map((row) => row.bits)).toEqual(['11010', '1', '1010', '10', '1', '01100110', '01', '11', '1']);
});

test('BAS names the bytes of a run, and says so when they are not one', () => {
  expect(field('WRP', 0b00111100 << 5, 'BAS')?.meaning).toBe('bytes 2–5');
  expect(field('WRP', 0b00000100 << 5, 'BAS')?.meaning).toBe('byte 2');
  expect(field('WRP', 0b00100100 << 5, 'BAS')?.meaning).toBe('not contiguous');
  expect(field('WRP', 0, 'BAS')?.meaning).toBe('none');
});

test('a disabled slot has nothing to point at', () => {
  expect(decodeControl('WRP', 0).every((row) => !row.hot)).toBe(true);
});
