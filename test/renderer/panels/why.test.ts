// What the Why panel says of an answer.
import { describe, expect, test } from 'vitest';
import { aboutText, accessText, headline, openSlots, sinceText, verdictText } from '../../../renderer/panels/why/model.ts';
import { SymbolTable } from '../../../renderer/base/symbols.ts';
import type { WhyAnswer, WhyCondition, WhySlot } from '../../../workers/api/workbench-api.ts';

const symbols = new SymbolTable([{ name: 'pool', address: 0x4a2098n, size: 64, kind: 'object' }]);
const condition = (ok: boolean, by: WhyCondition['by'] = 'install'): WhyCondition => {
  return { name: 'the comparator is enabled (E)', ref: 'D2.9.3', ok, text: `E is ${ok ? 1 : 0}`, since: { icount: 5, event: 1 }, by };
};
const slot = (n: number, ...holds: boolean[]): WhySlot => ({
  file: 'WRP',
  slot: n,
  event: 'mem:pool/8:w',
  verdict: holds.length > 0 && holds.every(Boolean) ? 'hit' : 'no-hit',
  access: { address: 0x4a20a0n, size: 4, access: 'w', by: 'program' },
  conditions: holds.map((ok) => condition(ok)),
  note: '',
});
const answer = (...slots: WhySlot[]): WhyAnswer => ({
  mark: { icount: 10, event: 0 },
  cpu: 0,
  tid: 2,
  el: 0,
  pc: 0x400700n,
  symbol: 'deposit+0x10',
  text: 'str x0, [x1]',
  accesses: [
    { address: 0x400700n, size: 4, access: 'x', by: 'program' },
    { address: 0x4a20a0n, size: 4, access: 'w', by: 'program' },
  ],
  slots,
  note: '',
});

describe('the sentence on top', () => {
  test('names every slot that matches', () => {
    expect(headline(answer(slot(0, true), slot(1, false)))).toBe('WRP0 matches: every condition holds.');
    expect(headline(answer(slot(0, true), slot(1, true)))).toBe('WRP0 and WRP1 match: every condition holds.');
  });
  test('tells no match from nothing that could match', () => {
    expect(headline(answer(slot(0, true, false)))).toBe('Nothing matches.');
    expect(headline(answer())).toMatch(/no slot is in use/);
  });
});

test('opened are the slots that match, else the one that came closest', () => {
  expect(openSlots(answer(slot(0, false), slot(1, true)))).toEqual(['WRP1']);
  expect(openSlots(answer(slot(0, false, false), slot(1, true, false), slot(2)))).toEqual(['WRP1']);
  expect(openSlots(answer(slot(0)))).toEqual([]);
});

test('a verdict counts what fails', () => {
  expect(verdictText(slot(0, true, false, true))).toBe('no hit: 1 of 3 conditions fails');
  expect(verdictText(slot(0, false, false))).toBe('no hit: 2 of 2 conditions fail');
  expect(verdictText(slot(0))).toBe('no access to compare');
});

test('accesses are named by symbol; one of the kernel says so', () => {
  expect(aboutText(answer(), symbols)).toBe('CPU 0 at deposit+0x10, store of 4 at pool+0x8');
  expect(accessText({ address: 0x10n, size: 64, access: 'r', by: 'kernel' }, symbols)).toBe('copy of the kernel: load of 64 at 0x10');
});

test('what made a condition so is the event, or power-on', () => {
  expect(sinceText(condition(true, 'register-write'))).toBe('write');
  expect(sinceText(condition(true, null))).toBe('since power-on');
});
