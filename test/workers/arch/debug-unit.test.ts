// Comparators of the AArch64 debug unit: each condition alone can stop a match.
import { describe, expect, test } from 'vitest';
import { type DebugAccess, DebugUnit, MDSCR } from '../../../workers/arch/aarch64/debug-unit.ts';
import { SYSTEM_STATE, SystemState } from '../../../workers/arch/aarch64/system-state.ts';

const WATCH_W8 = 0x1ff5; // EL0, stores, all eight bytes
function unit(control = WATCH_W8, value = 0x1000, mdscr: number = MDSCR.MDE): DebugUnit {
  const u = new DebugUnit(new SystemState(new ArrayBuffer(SYSTEM_STATE.size), 0), 6, 4);
  u.write('dbgwvr', 2, value);
  u.write('dbgwcr', 2, control);
  u.write('mdscr_el1', 0, mdscr);
  u.synchronise();
  return u;
}
const store: DebugAccess = { address: 0x1000, size: 8, write: true, privilege: 0, el: 0, masked: false };

describe('a watchpoint of eight bytes for stores of EL0', () => {
  test('matches the store, and stores that touch any of its bytes', () => {
    expect(unit().matchWatch(store)).toBe(2);
    expect(unit().matchWatch({ ...store, address: 0xff9 })).toBe(2);
    expect(unit().matchWatch({ ...store, address: 0x1007, size: 1 })).toBe(2);
  });
  test.each([
    ['a load', { ...store, write: false }, unit()],
    ['a store below', { ...store, address: 0xff8 }, unit()],
    ['a store above', { ...store, address: 0x1008 }, unit()],
    ['a privileged store', { ...store, privilege: 1 as const, el: 1 as const }, unit(WATCH_W8, 0x1000, MDSCR.MDE | MDSCR.KDE)],
    ['MDE clear', store, unit(WATCH_W8, 0x1000, 0)],
    ['E clear', store, unit(WATCH_W8 & ~1)],
    ['a linked comparator', store, unit(WATCH_W8 | (1 << 20))],
    ['an unprivileged store of the kernel without KDE', { ...store, el: 1 as const }, unit()],
    [
      'an unprivileged store of the kernel with D set',
      { ...store, el: 1 as const, masked: true },
      unit(WATCH_W8, 0x1000, MDSCR.MDE | MDSCR.KDE),
    ],
  ])('does not match: %s', (_name, access, u) => {
    expect(u.matchWatch(access)).toBe(-1);
  });
  test('matches an unprivileged store of the kernel with KDE set and D clear', () => {
    expect(unit(WATCH_W8, 0x1000, MDSCR.MDE | MDSCR.KDE).matchWatch({ ...store, el: 1 })).toBe(2);
  });
});

test('BAS selects single bytes of the doubleword', () => {
  const u = unit((0x78 << 5) | 0x15);
  expect(u.matchWatch({ ...store, address: 0x1000, size: 3 })).toBe(-1);
  expect(u.matchWatch({ ...store, address: 0x1003, size: 1 })).toBe(2);
  expect(u.matchWatch({ ...store, address: 0x1007, size: 1 })).toBe(-1);
});

test('MASK selects an aligned block', () => {
  const u = unit(WATCH_W8 | (8 << 24), 0x1000);
  expect(u.matchWatch({ ...store, address: 0x10ff, size: 1 })).toBe(2);
  expect(u.matchWatch({ ...store, address: 0x1100, size: 1 })).toBe(-1);
});

test('a written register is seen by reads at once and by comparators after a context synchronisation event', () => {
  const u = unit();
  u.write('dbgwcr', 2, 0);
  expect(u.sys.low('dbgwcr', 2)).toBe(0);
  expect(u.matchWatch(store)).toBe(2);
  u.synchronise();
  expect(u.matchWatch(store)).toBe(-1);
});

test('a breakpoint matches the instruction at its address for its exception level', () => {
  const u = new DebugUnit(new SystemState(new ArrayBuffer(SYSTEM_STATE.size), 0), 6, 4);
  u.write('dbgbvr', 0, 0x4000);
  u.write('dbgbcr', 0, 0x1e5);
  u.write('mdscr_el1', 0, MDSCR.MDE);
  u.synchronise();
  expect(u.matchBreak(0x4000, 0, 0)).toBe(0);
  expect(u.matchBreak(0x4004, 0, 0)).toBe(-1);
  expect(u.matchBreak(0x4000, 1, 0)).toBe(-1);
  expect(u.breakAddresses()).toEqual([0x4000]);
});
