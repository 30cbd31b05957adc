// Sorts the events of a recording into the lanes of the timeline, and searches them. Pure; done once for each recording or new watch.
import { EVENT_KIND_NAMES, type EventKind } from '../../recordings/format/events.ts';
import type { LaneData } from '../../workers/api/workbench-api.ts';
import { isHit } from '../base/kinds.ts';
import { CALL_KINDS, type LaneItems, type Lanes } from './session-types.ts';

/** Two passes over typed arrays: a million events must not stop the window. */
function pick(data: LaneData, wanted: (item: number) => boolean): LaneItems {
  const total = data.icount.length;
  let count = 0;
  for (let item = 0; item < total; item += 1) if (wanted(item)) count += 1;
  const items = { icount: new Float64Array(count), index: new Uint32Array(count), kind: new Uint8Array(count) };
  let to = 0;
  for (let item = 0; item < total; item += 1) {
    if (!wanted(item)) continue;
    items.icount[to] = data.icount[item]!;
    items.index[to] = data.index[item]!;
    items.kind[to] = data.kind[item]!;
    to += 1;
  }
  return items;
}

function flagsOf(kinds: (kind: EventKind) => boolean): Uint8Array {
  return Uint8Array.from(EVENT_KIND_NAMES, (kind) => (kinds(kind) ? 1 : 0));
}

export function sortLanes(data: LaneData, cpus: number): Lanes {
  const calls = flagsOf((kind) => CALL_KINDS.includes(kind));
  const hits = flagsOf(isHit);
  return {
    count: data.icount.length,
    cpus: Array.from({ length: cpus }, (_, cpu) => pick(data, (item) => data.cpu[item] === cpu)),
    calls: pick(data, (item) => calls[data.kind[item]!] === 1),
    hits: pick(data, (item) => hits[data.kind[item]!] === 1),
  };
}

/** Position of the first item at or after `icount`. */
export function firstAt(items: { readonly icount: Float64Array }, icount: number): number {
  let low = 0;
  let high = items.icount.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items.icount[middle]! < icount) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Items in each of `columns` equal parts of [from, to). */
export function density(items: { readonly icount: Float64Array }, from: number, to: number, columns: number): Uint32Array {
  const counts = new Uint32Array(columns);
  let low = firstAt(items, from);
  for (let column = 0; column < columns; column += 1) {
    const next = firstAt(items, from + ((to - from) * (column + 1)) / columns);
    counts[column] = next - low;
    low = next;
  }
  return counts;
}
