// All events of an open recording in one order: the recorded ones and the hits of watchpoints added after the fact, which are numbered
// after them. The log itself never changes.
import type { EventLog } from '../../recordings/format/event-log.ts';
import { EVENT_KIND_NAMES, type EventKind, type TraceEvent } from '../../recordings/format/events.ts';
import type { EventQuery, LaneData } from '../api/workbench-api.ts';
import { type Mark, compareMarks } from '../base/mark.ts';
import type { FoundHit } from '../replay/query.ts';
import type { EventMarks } from '../replay/timeline.ts';

const HITS: readonly EventKind[] = ['watchpoint-hit', 'breakpoint-hit'];
const HIT_KIND = EVENT_KIND_NAMES.indexOf('watchpoint-hit');

export class EventView implements EventMarks {
  readonly log: EventLog;
  #watches = new Map<string, readonly FoundHit[]>();
  /** Of all watches, in order of Mark. */
  #found: readonly FoundHit[] = [];
  #merged: { readonly key: string; readonly indices: Uint32Array } | null = null;

  constructor(log: EventLog) {
    this.log = log;
  }

  get found(): readonly FoundHit[] {
    return this.#found;
  }

  setWatch(text: string, hits: readonly FoundHit[]): void {
    this.#watches.set(text, hits);
    this.#rebuild();
  }

  removeWatch(text: string): void {
    if (this.#watches.delete(text)) this.#rebuild();
  }

  #rebuild(): void {
    this.#found = [...this.#watches.values()].flat().sort(compareMarks);
    this.#merged = null;
  }

  event(index: number): TraceEvent | null {
    if (!Number.isInteger(index) || index < 0) return null;
    return index < this.log.length ? this.log.get(index) : (this.#found[index - this.log.length] ?? null);
  }

  /** Index of an event recorded or found at exactly this Mark; a recorded one first. -1 when none. */
  at(mark: Mark): number {
    const recorded = this.log.at(mark);
    if (recorded >= 0) return recorded;
    const found = lowerBound(this.#found, mark);
    const hit = this.#found[found];
    return hit !== undefined && compareMarks(hit, mark) === 0 ? this.log.length + found : -1;
  }

  next(mark: Mark, only: 'all' | 'hits'): Mark | null {
    const after = { icount: mark.icount, event: mark.event + 1 };
    const index = this.log.nextOf(only === 'hits' ? HITS : null, this.log.search(after));
    const recorded = index < 0 ? null : this.log.markAt(index);
    const hit = this.#found[lowerBound(this.#found, after)];
    const found = hit === undefined ? null : { icount: hit.icount, event: hit.event };
    if (recorded === null || found === null) return recorded ?? found;
    return compareMarks(recorded, found) <= 0 ? recorded : found;
  }

  previous(mark: Mark, only: 'all' | 'hits'): Mark | null {
    const index = this.log.previousOf(only === 'hits' ? HITS : null, this.log.search(mark));
    const recorded = index < 0 ? null : this.log.markAt(index);
    const hit = this.#found[lowerBound(this.#found, mark) - 1];
    const found = hit === undefined ? null : { icount: hit.icount, event: hit.event };
    if (recorded === null || found === null) return recorded ?? found;
    return compareMarks(recorded, found) >= 0 ? recorded : found;
  }

  /** A page of the filtered list: indices, and how long the list is. */
  page(query: EventQuery): { readonly total: number; readonly indices: readonly number[] } {
    const { kinds, from, to, offset, limit } = query;
    const filter = { kinds, from, to };
    const wanted = Math.min(limit, 10_000);
    if (this.#found.length === 0 || (kinds !== null && !kinds.includes('watchpoint-hit'))) {
      const total = this.log.count(filter);
      if (kinds !== null) return { total, indices: this.log.page(filter, offset, wanted) };
      const first = from ? this.log.search(from) : 0;
      return { total, indices: Array.from({ length: Math.max(0, Math.min(wanted, total - offset)) }, (_, i) => first + offset + i) };
    }
    const key = JSON.stringify([kinds, from, to, this.log.length]);
    if (this.#merged?.key !== key) this.#merged = { key, indices: this.#merge(filter) };
    const { indices } = this.#merged;
    return { total: indices.length, indices: [...indices.subarray(offset, offset + wanted)] };
  }

  #merge(filter: { readonly kinds: readonly EventKind[] | null; readonly from: Mark | null; readonly to: Mark | null }): Uint32Array {
    const out: number[] = [];
    let next = filter.from ? lowerBound(this.#found, filter.from) : 0;
    const take = (until: Mark | null): void => {
      for (; next < this.#found.length; next++) {
        const hit = this.#found[next]!;
        if (filter.to && compareMarks(hit, filter.to) > 0) return;
        if (until && compareMarks(hit, until) >= 0) return;
        out.push(this.log.length + next);
      }
    };
    for (const index of this.log.indices(filter)) {
      take(this.log.markAt(index));
      out.push(index);
    }
    take(null);
    return Uint32Array.from(out);
  }

  lanes(): LaneData {
    const recorded = this.log.lanes();
    if (this.#found.length === 0) return recorded;
    const n = recorded.icount.length + this.#found.length;
    const lanes = {
      icount: new Float64Array(n),
      index: new Uint32Array(n),
      kind: new Uint8Array(n),
      cpu: new Uint8Array(n),
      tid: new Uint32Array(n),
    };
    let at = 0;
    let next = 0;
    const put = (icount: number, index: number, kind: number, cpu: number, tid: number): void => {
      lanes.icount[at] = icount;
      lanes.index[at] = index;
      lanes.kind[at] = kind;
      lanes.cpu[at] = cpu;
      lanes.tid[at++] = tid;
    };
    const takeUntil = (mark: Mark | null): void => {
      for (; next < this.#found.length; next++) {
        const hit = this.#found[next]!;
        if (mark !== null && compareMarks(hit, mark) >= 0) return;
        put(hit.icount, this.log.length + next, HIT_KIND, hit.cpu, hit.tid);
      }
    };
    for (let i = 0; i < recorded.icount.length; i++) {
      takeUntil(this.log.markAt(i));
      put(recorded.icount[i]!, recorded.index[i]!, recorded.kind[i]!, recorded.cpu[i]!, recorded.tid[i]!);
    }
    takeUntil(null);
    return lanes;
  }

  /** Writes of a watch in order: when, the value after, and the event. Recorded hits of that text, and those found under it. */
  series(text: string): { readonly icount: Float64Array; readonly value: BigUint64Array; readonly index: Uint32Array } {
    const rows: { icount: number; value: bigint; index: number }[] = [];
    for (const index of this.log.indices({ kinds: ['watchpoint-hit'] })) {
      const event = this.log.getAs('watchpoint-hit', index);
      if (event.fields.event === text && event.fields.access === 'w') rows.push({ icount: event.icount, value: event.fields.new, index });
    }
    this.#found.forEach((hit, i) => {
      if (hit.fields.event === text && hit.fields.access === 'w')
        rows.push({ icount: hit.icount, value: hit.fields.new, index: this.log.length + i });
    });
    return {
      icount: Float64Array.from(rows, (row) => row.icount),
      value: BigUint64Array.from(rows, (row) => row.value),
      index: Uint32Array.from(rows, (row) => row.index),
    };
  }

  /** Counted hits of each recorded event text. */
  hitCounts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const kind of HITS) {
      const table = this.log.tables[EVENT_KIND_NAMES.indexOf(kind)]!;
      const texts = table.columns[table.names.indexOf('event')]!;
      const counted = table.columns[table.names.indexOf('counted')]!;
      for (let row = 0; row < table.rows; row++) {
        if (counted.get(row) !== true) continue;
        const text = String(texts.get(row));
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
    return counts;
  }
}

/** Position of the first item at or after a Mark. */
function lowerBound(list: readonly Mark[], mark: Mark): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareMarks(list[middle]!, mark) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
