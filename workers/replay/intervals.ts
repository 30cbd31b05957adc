// A recording cut into intervals, each with the pages it touched. A question about memory re-executes only the intervals
// that touched it. Intervals are finer than checkpoints and stay when checkpoints are thinned.
import { assert } from '../base/assert.ts';
import { type Mark, compareMarks } from '../base/mark.ts';
import type { Touched } from '../machine/machine-api.ts';

export const TOUCHED_READ = 1;
export const TOUCHED_WRITTEN = 2;
export const TOUCHED_EXECUTED = 4;

export interface Interval {
  readonly start: Mark;
  readonly end: Mark;
  /** Sorted vpn * 8 + bits (read 1, written 2, executed 4), all address spaces together. */
  readonly pages: Float64Array;
}

const VPN_SPAN = 2 ** 36;

/** The 36 bits of a virtual address that name its page, as `Touched` keys them. */
export function pageOf(address: bigint): number {
  return Number((address >> 12n) & 0xf_ffff_ffffn);
}

/** Forgets which process touched a page; one entry a page. */
export function packTouched(touched: Touched): Float64Array {
  const merged = new Map<number, number>();
  for (const [key, bits] of touched) {
    const vpn = key % VPN_SPAN;
    merged.set(vpn, (merged.get(vpn) ?? 0) | bits);
  }
  const packed = new Float64Array(merged.size);
  let i = 0;
  for (const [vpn, bits] of merged) packed[i++] = vpn * 8 + (bits & 7);
  return packed.sort();
}

/** Whether any page from `first` to `last` was touched in one of the ways of `bits`. */
export function touches(interval: Interval, first: number, last: number, bits: number): boolean {
  const { pages } = interval;
  let low = 0;
  let high = pages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pages[middle]! < first * 8) low = middle + 1;
    else high = middle;
  }
  for (; low < pages.length && pages[low]! < (last + 1) * 8; low++) if ((pages[low]! % 8) & bits) return true;
  return false;
}

const SHORTEST = 2 ** 14;
const LONGEST = 2 ** 22;

/** Contiguous intervals from the start of a recording to the furthest Mark executed so far. */
export class IntervalIndex {
  readonly #list: Interval[] = [];

  get count(): number {
    return this.#list.length;
  }

  get(i: number): Interval {
    const found = this.#list[i];
    assert(found !== undefined, 'an interval exists');
    return found;
  }

  get end(): Mark {
    return this.#list.at(-1)?.end ?? { icount: 0, event: 0 };
  }

  append(start: Mark, end: Mark, touched: Touched): void {
    assert(compareMarks(start, this.end) === 0, 'intervals are contiguous');
    this.#list.push({ start, end, pages: packTouched(touched) });
  }

  /** Number of the last interval that starts at or before a Mark; -1 when there is none. */
  at(mark: Mark): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareMarks(this.#list[middle]!.start, mark) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/**
 * Where the interval that starts at `icount` ends: short at first so that small recordings are cut too, later long enough that
 * the emptying of soft TLBs costs nothing. Ends are powers of two apart and aligned, so every multiple of 2^24 is an end.
 */
export function intervalEnd(icount: number): number {
  let span = SHORTEST;
  while (span < LONGEST && span * 32 < icount) span *= 2;
  return (Math.floor(icount / span) + 1) * span;
}

/** How many intervals cover [0, icount). Not by walking them all: a file may claim any end. */
export function countIntervalsTo(icount: number): number {
  let count = 0;
  let at = 0;
  for (; at < icount && at <= LONGEST * 32; at = intervalEnd(at)) count++;
  return at < icount ? count + Math.ceil((icount - at) / LONGEST) : count;
}
