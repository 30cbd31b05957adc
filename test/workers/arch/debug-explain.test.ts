// explain is match with its reasons: over random registers and accesses, it says hit exactly when match finds the comparator.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DebugAccess, DebugUnit, MDSCR } from '../../../workers/arch/aarch64/debug-unit.ts';
import { PSTATE } from '../../../workers/arch/aarch64/exceptions.ts';
import { SYSTEM_STATE, SystemState } from '../../../workers/arch/aarch64/system-state.ts';

interface Registers {
  readonly mdscr: number;
  readonly slots: readonly { readonly value: number; readonly control: number }[];
}

function unit(file: 'BRP' | 'WRP', { mdscr, slots }: Registers): DebugUnit {
  const u = new DebugUnit(new SystemState(new ArrayBuffer(SYSTEM_STATE.size), 0), 6, 4);
  slots.forEach(({ value, control }, i) => {
    u.write(file === 'BRP' ? 'dbgbvr' : 'dbgwvr', i, value);
    u.write(file === 'BRP' ? 'dbgbcr' : 'dbgwcr', i, control);
  });
  u.write('mdscr_el1', 0, mdscr);
  u.synchronise();
  return u;
}

// Few addresses and mostly enabled registers, so that many accesses hit and many fail by one condition alone.
const mdscr = fc.constantFrom(MDSCR.MDE, MDSCR.MDE | MDSCR.KDE, MDSCR.MDE, MDSCR.KDE, 0);
const watchControl = fc
  .record({
    e: fc.constantFrom(1, 1, 1, 0),
    pac: fc.nat(3),
    lsc: fc.nat(3),
    bas: fc.constantFrom(0xff, 0x0f, 0x78, 0x81, 0),
    wt: fc.constantFrom(0, 0, 0, 1),
    mask: fc.constantFrom(0, 0, 3, 8),
  })
  .map(({ e, pac, lsc, bas, wt, mask }) => e | (pac << 1) | (lsc << 3) | (bas << 5) | (wt << 20) | (mask << 24));
const breakControl = fc
  .record({ e: fc.constantFrom(1, 1, 0), pmc: fc.nat(3), bas: fc.constantFrom(15, 15, 3), bt: fc.constantFrom(0, 0, 1) })
  .map(({ e, pmc, bas, bt }) => e | (pmc << 1) | (bas << 5) | (bt << 20));
const base = fc.constantFrom(0x4a2098, 0x1000, -0x7fff_8000);
const access = fc
  .record({
    base,
    offset: fc.integer({ min: -20, max: 20 }),
    size: fc.constantFrom(1, 2, 4, 8, 16, 64),
    write: fc.boolean(),
    el: fc.nat(1),
    masked: fc.boolean(),
  })
  .map(({ base: at, offset, size, write, el, masked }): DebugAccess => {
    const level = el === 0 ? 0 : 1;
    return { address: at + offset, size, write, privilege: level, el: level, masked };
  });
const fetched = fc.tuple(access, base, fc.constantFrom(0, 0, 0, 4, -4)).map(([a, at, offset]): DebugAccess => {
  return { ...a, address: at + offset, size: 4, write: false };
});
const registers = (control: fc.Arbitrary<number>): fc.Arbitrary<Registers> =>
  fc.record({ mdscr, slots: fc.array(fc.record({ value: base, control }), { minLength: 4, maxLength: 4 }) });

describe('explain says hit exactly when match finds the comparator', () => {
  test('for watchpoints', () => {
    let hits = 0;
    fc.assert(
      fc.property(registers(watchControl), access, (regs, a) => {
        const u = unit('WRP', regs);
        const said = regs.slots.map((_, i) => u.explain('WRP', i, a).every((c) => c.ok));
        const found = regs.slots.map((_, i) => u.matchWatch(a, i) === i);
        hits += found.filter(Boolean).length;
        expect(said).toEqual(found);
      }),
      { numRuns: 5000 },
    );
    expect(hits).toBeGreaterThan(100);
  });

  test('for breakpoints', () => {
    let hits = 0;
    fc.assert(
      fc.property(registers(breakControl), fetched, (regs, fetch) => {
        const u = unit('BRP', regs);
        const pstate = fetch.masked ? PSTATE.D : 0;
        const said = regs.slots.map((_, i) => u.explain('BRP', i, fetch).every((c) => c.ok));
        const found = regs.slots.map((_, i) => u.matchBreak(fetch.address, fetch.el, pstate, i) === i);
        hits += found.filter(Boolean).length;
        expect(said).toEqual(found);
      }),
      { numRuns: 5000 },
    );
    expect(hits).toBeGreaterThan(100);
  });
});

describe('a condition', () => {
  const store: DebugAccess = { address: 0x4a2098, size: 4, write: true, privilege: 0, el: 0, masked: false };
  const one = (control: number, a = store): Readonly<Record<string, string>> =>
    Object.fromEntries(
      unit('WRP', { mdscr: MDSCR.MDE, slots: [{ value: 0x4a2098, control }] })
        .explain('WRP', 0, a)
        .map((c) => [/\(([^)]*)\)$/.exec(c.name)![1]!, `${c.ok ? 'ok' : 'not'}: ${c.text}`]),
    );

  test('names fields and real values', () => {
    expect(one(0x1ff5)).toEqual({
      'MDSCR_EL1.MDE': 'ok: MDSCR_EL1 is 0x8000: MDE is 1',
      'MDSCR_EL1.KDE, PSTATE.D clear': 'ok: the instruction is executed at EL0: KDE and PSTATE.D play no part',
      E: 'ok: DBGWCR0_EL1 is 0x1ff5: E is 1',
      WT: 'ok: WT is 0',
      PAC: 'ok: PAC 10 selects EL0; the access has the privilege of EL0',
      LSC: 'ok: LSC 10 selects stores; this is a store',
      'DBGWVR, BAS, MASK': 'ok: BAS 11111111 selects 0x4a2098–0x4a209f; the store covers 0x4a2098–0x4a209b',
    });
  });

  test('that fails says by what', () => {
    expect(one(0x1ff4)['E']).toBe('not: DBGWCR0_EL1 is 0x1ff4: E is 0');
    expect(one(0x1ff5, { ...store, write: false })['LSC']).toBe('not: LSC 10 selects stores; this is a load');
    expect(one((0x81 << 5) | 0x15, { ...store, address: 0x4a2099, size: 1 })['DBGWVR, BAS, MASK']).toBe(
      'not: BAS 10000001 selects 0x4a2098 and 0x4a209f; the store covers 0x4a2099',
    );
    expect(one(0x15 | (8 << 24), { ...store, address: 0x4a2100 })['DBGWVR, BAS, MASK']).toBe(
      'not: MASK 8 selects 0x4a2000–0x4a20ff; the store covers 0x4a2100–0x4a2103',
    );
  });
});
