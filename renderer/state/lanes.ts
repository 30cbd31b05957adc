// Sorts the events of a recording into the lanes of the timeline, and searches them. Pure; done once for each recording or new watch.
import { EVENT_KIND_NAMES } from '../../recordings/format/events.ts';
import type { LaneData } from '../../workers/api/workbench-api.ts';
import { isHit } from '../base/kinds.ts';
import { CALL_KINDS, type LaneItems, type Lanes } from './session-types.ts';

function pick(data: LaneData, wanted: (item: number) => boolean): LaneItems {
  const chosen: number[] = [];
  for (let item = 0; item < data.icount.length; item += 1) if (wanted(item)) chosen.push(item);
  const items = { icount: new Float64Array(chosen.length), index: new Uint32Array(chosen.length), kind: new Uint8Array(chosen.length) };
  chosen.forEach((from, to) => {
    items.icount[to] = data.icount[from]!;
    items.index[to] = data.index[from]!;
    items.kind[to] = data.kind[from]!;
  });
  return items;
}

export function sortLanes(data: LaneData, cpus: number): Lanes {
  const calls = new Set(CALL_KINDS.map((kind) => EVENT_KIND_NAMES.indexOf(kind)));
  const hits = new Set(EVENT_KIND_NAMES.flatMap((kind, position) => (isHit(kind) ? [position] : [])));
  return {
    count: data.icount.length,
    cpus: Array.from({ length: cpus }, (_, cpu) => pick(data, (item) => data.cpu[item] === cpu)),
    calls: pick(data, (item) => calls.has(data.kind[item]!)),
    hits: pick(data, (item) => hits.has(data.kind[item]!)),
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
