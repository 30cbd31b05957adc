// Copies of plain data: equal, sharing nothing, without what is named by symbols, and as quick to read as what they are copies of.
import { expect, test } from 'vitest';
import { clonePlain } from '../../../workers/base/clone.ts';

test('a copy is equal and shares nothing', () => {
  const value = { a: [1, { b: 2n }], m: new Map([['k', { x: [true, null] }]]), s: new Set([1]), bytes: Uint8Array.of(1, 2), text: 'y' };
  const copy = clonePlain(value);
  expect(copy).toEqual(value);
  (copy.a[1] as { b: bigint }).b = 3n;
  copy.m.get('k')!.x[0] = false;
  copy.bytes[0] = 9;
  expect(value.a[1]).toEqual({ b: 2n });
  expect(value.m.get('k')!.x[0]).toBe(true);
  expect(value.bytes[0]).toBe(1);
});

test('what a symbol names stays behind', () => {
  const derived = Symbol('derived');
  const copy = clonePlain([{ n: 1, [derived]: () => 0 }]);
  expect(copy[0]![derived]).toBeUndefined();
  expect(copy[0]!.n).toBe(1);
});

test('functions and class instances are refused', () => {
  expect(() => clonePlain({ f: () => 0 })).toThrow('plain');
  expect(() => clonePlain({ d: new (class Thing {})() })).toThrow('plain');
});
