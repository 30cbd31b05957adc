// The answer to Why, as sentences: what is about to be accessed, what each slot says to it, and which condition decides. Pure.
import type { WhyAnswer, WhyCondition, WhySlot } from '../../../workers/api/workbench-api.ts';
import { hex, plural, watchName } from '../../base/format.ts';
import type { SymbolTable } from '../../base/symbols.ts';

type Access = WhyAnswer['accesses'][number];

const NOUNS: Readonly<Record<Access['access'], string>> = { r: 'load', w: 'store', x: 'fetch' };

/** `store of 4 at pool+0x20`; of the kernel, `copy of the kernel: load of 64 at 0x…`. */
export function accessText(access: Access, symbols: SymbolTable): string {
  const { address, size, by } = access;
  const text = `${NOUNS[access.access]} of ${size} at ${symbols.text(address) ?? hex(address)}`;
  return by === 'kernel' && access.access !== 'x' ? `copy of the kernel: ${text}` : text;
}

/** What the instruction does to memory, in one line. */
export function aboutText(answer: WhyAnswer, symbols: SymbolTable): string {
  const data = answer.accesses.filter(({ access }) => access !== 'x');
  const first = data[0];
  const where = answer.symbol ?? hex(answer.pc);
  if (first === undefined) return `CPU ${answer.cpu} at ${where}`;
  const more = data.length > 1 ? ` and ${plural(data.length - 1, 'more', 'more')}` : '';
  return `CPU ${answer.cpu} at ${where}, ${accessText(first, symbols)}${more}`;
}

export const slotName = (slot: WhySlot): string => `${slot.file}${slot.slot}`;
export const ownerName = (slot: WhySlot): string => (slot.event === null ? 'owned by nobody' : watchName(slot.event).name);

/** The sentence on top. */
export function headline(answer: WhyAnswer): string {
  const hits = answer.slots.filter((slot) => slot.verdict === 'hit');
  if (hits.length > 0) {
    const names = hits.map(slotName).join(' and ');
    return `${names} ${hits.length === 1 ? 'matches' : 'match'}: every condition holds.`;
  }
  if (answer.slots.length === 0) return 'Nothing can match: no slot is in use.';
  return 'Nothing matches.';
}

/** Conditions that do not hold; the first is the one to look at. */
export const failing = (slot: WhySlot): readonly WhyCondition[] => slot.conditions.filter((condition) => !condition.ok);

/** `hit`, `no hit: 1 of 7 conditions fails`, `no access to compare`. */
export function verdictText(slot: WhySlot): string {
  if (slot.verdict === 'hit') return 'hit';
  if (slot.conditions.length === 0) return 'no access to compare';
  const count = failing(slot).length;
  return `no hit: ${count} of ${slot.conditions.length} conditions ${count === 1 ? 'fails' : 'fail'}`;
}

/** The slots worth opening at once: those that match, else the one that came closest. */
export function openSlots(answer: WhyAnswer): readonly string[] {
  const hits = answer.slots.filter((slot) => slot.verdict === 'hit');
  if (hits.length > 0) return hits.map(slotName);
  const asked = answer.slots.filter((slot) => slot.conditions.length > 0);
  const closest = asked.toSorted((a, b) => failing(a).length - failing(b).length)[0];
  return closest === undefined ? [] : [slotName(closest)];
}

/** What a link to the event that made a condition so is called. */
export const sinceText = (condition: WhyCondition): string =>
  condition.by === null ? 'since power-on' : condition.by.replace('register-write', 'write');
