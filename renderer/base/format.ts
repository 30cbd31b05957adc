// Numbers, addresses, Marks and values as a person reads them. Not what the JSON of the command line prints.
import type { Mark } from '../../workers/base/mark.ts';

/** 265797 -> `265,797`; the same on every host. */
export function grouped(value: number | bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `#265,797.2`, the form shown; `formatMark` is the form that is pasted. */
export const shownMark = (mark: Mark): string => `#${grouped(mark.icount)}.${mark.event}`;

/** `265,797.2` for table columns. */
export const columnMark = (mark: Mark): string => `${grouped(mark.icount)}.${mark.event}`;

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** Leading zeros and the rest of a 64-bit value, apart, so that the zeros can be quiet. A zero keeps its last digit. */
export function quietHex(value: bigint, digits = 16): { readonly zeros: string; readonly rest: string } {
  const rest = value.toString(16);
  return { zeros: '0'.repeat(Math.max(0, digits - rest.length)), rest };
}

/** A value of `size` bytes in memory: decimal while a person can read it, hexadecimal beyond. */
export function shownValue(value: bigint): string {
  return value < 1_000_000_000_000n ? grouped(value) : hex(value);
}

export function shownBytes(count: number): string {
  if (count < 1024) return `${count} B`;
  if (count < 1024 * 1024) return `${Math.round(count / 1024)} KB`;
  return `${(count / 1024 / 1024).toFixed(1)} MB`;
}

/** How a run ended, as one says it. */
export function exitText(exit: { readonly code: number; readonly signal: string | null; readonly how: string }): string {
  if (exit.signal !== null) return `killed by ${exit.signal}`;
  return exit.how === '' || exit.how === 'exited' ? `exit ${exit.code}` : exit.how;
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${grouped(count)} ${count === 1 ? one : many}`;

/** 12,400,000 -> `12.4 M`; for rates. */
export function shownRate(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(0)} k`;
  return value.toFixed(0);
}

/** Part of `whole` as whole percent, 0 when there is nothing to do. */
export const percent = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.min(100, Math.floor((part * 100) / whole)));

/** The short name of a watch specification: `mem:counter/8:w` -> `counter`, `w 8`. */
export function watchName(text: string): { readonly name: string; readonly access: string } {
  const match = /^(?:mem:)?([^/:]+)(?:\/(\d+))?(?::([rwx]+))?$/.exec(text);
  if (!match) return { name: text, access: '' };
  return { name: match[1] ?? text, access: [match[3] ?? 'rw', match[2]].filter((part) => part !== undefined).join(' ') };
}
