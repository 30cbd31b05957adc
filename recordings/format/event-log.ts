// The event index of a recording: append-only columns, one set common to all events and one per kind.
// Not its encoding (event-chunk.ts) and not a place for derived things such as symbols.
import { assert } from '../../workers/base/assert.ts';
import { compareMarks, type Mark } from '../../workers/base/mark.ts';
import { type Column, type FieldValue, StringTable, U64Column, grown, makeColumn } from './columns.ts';
import { EVENT_KINDS, EVENT_KIND_NAMES, type EventFields, type EventKind, type TraceEvent } from './events.ts';

/** A recording holds no more; the recorder ends a run that reaches it (an ordinary ending). About 1.5 GB of columns. */
export const MAX_EVENTS = 1 << 24;
const SLACK_EVENTS = 1 << 22;

export interface EventFilter {
  /** null or absent: all. */
  readonly kinds?: readonly EventKind[] | null;
  /** From this Mark on. */
  readonly from?: Mark | null;
  /** Up to and including this Mark. */
  readonly to?: Mark | null;
}

/** Numbers for a timeline's lanes, in order of icount; `index` is the event's. */
export interface LaneArrays {
  readonly icount: Float64Array;
  readonly index: Uint32Array;
  readonly kind: Uint8Array; // position in EVENT_KIND_NAMES
  readonly cpu: Uint8Array;
  readonly tid: Uint32Array;
}

/** The rows of one kind: a column per field, and which event each row is. */
export interface KindTable {
  readonly kind: EventKind;
  readonly names: readonly string[];
  readonly columns: readonly Column[];
  rows: number;
  /** row -> event index */
  index: Uint32Array<ArrayBuffer>;
}

/** A field of an event already written changed: what an appended chunk must say about an earlier one. */
export interface PatchedField {
  readonly index: number;
  readonly field: number;
}

export class EventLog {
  readonly strings = new StringTable();
  readonly tables: readonly KindTable[] = EVENT_KIND_NAMES.map((kind) => {
    const fields = Object.entries(EVENT_KINDS[kind].fields);
    return {
      kind,
      names: fields.map(([name]) => name),
      columns: fields.map(([, type]) => makeColumn(type, this.strings)),
      rows: 0,
      index: new Uint32Array(0),
    };
  });
  readonly pc = new U64Column();
  icount: Float64Array<ArrayBuffer> = new Float64Array(0);
  event: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  kind: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  cpu: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  tid: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  cause: Int32Array<ArrayBuffer> = new Int32Array(0);
  row: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  length = 0;
  /** Told of each patch; set by a chunk writer that has already given the event away. */
  onPatch: ((patch: PatchedField) => void) | null = null;
  readonly #kindNumbers = new Map<string, number>(EVENT_KIND_NAMES.map((kind, number) => [kind, number]));

  /** True early enough for a recorder that asks after each slice of work to end the run in good order. */
  get full(): boolean {
    return this.length >= MAX_EVENTS - SLACK_EVENTS;
  }

  /** Adds an event after all others and returns its index. Marks rise strictly; a cause is an earlier event. */
  append(event: TraceEvent): number {
    const kind = this.#kindNumbers.get(event.kind);
    assert(kind !== undefined, 'the kind of an event is in the table');
    const index = this.addHead(event.icount, event.event, kind, event.cpu, event.tid, event.cause);
    this.pc.put(index, event.pc);
    const table = this.tables[kind]!;
    const fields = event.fields as Readonly<Record<string, FieldValue>>;
    const row = this.row[index]!;
    for (let i = 0; i < table.columns.length; i++) {
      const value = fields[table.names[i]!];
      if (value === undefined) assert(false, `an event of kind ${table.kind} has ${table.names[i]}`);
      table.columns[i]!.put(row, value);
    }
    return index;
  }

  /** The columns all events have, for `append` and the chunk reader; the caller fills `pc` and the fields of the new row. */
  addHead(icount: number, event: number, kind: number, cpu: number, tid: number, cause: number): number {
    const index = this.length;
    assert(index < MAX_EVENTS, 'the recorder ends a run whose event log is full');
    if (index > 0) {
      const last = this.icount[index - 1]!;
      assert(icount > last || (icount === last && event > this.event[index - 1]!), 'Marks of events rise strictly');
    }
    assert(cause < index && cause >= -1, 'the cause of an event is an earlier event or -1');
    if (index >= this.icount.length) this.#grow(index + 1);
    const table = this.tables[kind]!;
    if (table.rows >= table.index.length) table.index = grown(table.index, table.rows + 1);
    table.index[table.rows] = index;
    this.icount[index] = icount;
    this.event[index] = event;
    this.kind[index] = kind;
    this.cpu[index] = cpu;
    this.tid[index] = tid;
    this.cause[index] = cause;
    this.row[index] = table.rows++;
    this.length = index + 1;
    return index;
  }

  /** Fills in what was not known when the event happened. */
  patch(index: number, fields: Readonly<Partial<Record<string, FieldValue>>>): void {
    assert(index >= 0 && index < this.length, 'a patched event exists');
    const table = this.tables[this.kind[index]!]!;
    for (const name in fields) {
      const value = fields[name];
      const field = table.names.indexOf(name);
      if (field < 0 || value === undefined) assert(false, `an event of kind ${table.kind} has ${name}`);
      table.columns[field]!.put(this.row[index]!, value);
      this.onPatch?.({ index, field });
    }
  }

  /** The event as it was emitted. Throws (our defect) outside 0 … length-1. */
  get(index: number): TraceEvent {
    assert(Number.isInteger(index) && index >= 0 && index < this.length, 'an event that is asked for exists');
    const table = this.tables[this.kind[index]!]!;
    const row = this.row[index]!;
    const fields: Record<string, FieldValue> = {};
    for (let i = 0; i < table.columns.length; i++) fields[table.names[i]!] = table.columns[i]!.get(row);
    return {
      kind: table.kind,
      icount: this.icount[index]!,
      event: this.event[index]!,
      cpu: this.cpu[index]!,
      tid: this.tid[index]!,
      pc: this.pc.get(index),
      cause: this.cause[index]!,
      fields: fields as EventFields<EventKind>,
    } as TraceEvent;
  }

  /** `get` for a caller that has checked the kind. */
  getAs<K extends EventKind>(kind: K, index: number): TraceEvent<K> {
    const event = this.get(index);
    assert(event.kind === kind, `event ${index} is a ${kind}`);
    return event as TraceEvent<K>;
  }

  kindAt(index: number): EventKind {
    return EVENT_KIND_NAMES[this.kind[index]!]!;
  }

  markAt(index: number): Mark {
    return { icount: this.icount[index]!, event: this.event[index]! };
  }

  countOf(kind: EventKind): number {
    return this.tables[this.#kindNumbers.get(kind)!]!.rows;
  }

  /** Counts of the kinds that occur. */
  counts(): Partial<Record<EventKind, number>> {
    return Object.fromEntries(this.tables.filter((table) => table.rows > 0).map((table) => [table.kind, table.rows]));
  }

  /** Index of the first event at or after `mark`; `length` when there is none. */
  search(mark: Mark): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareMarks(this.markAt(middle), mark) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the event recorded at exactly this Mark, or -1. */
  at(mark: Mark): number {
    const index = this.search(mark);
    return index < this.length && compareMarks(this.markAt(index), mark) === 0 ? index : -1;
  }

  /** First event of these kinds (null: any) at index `from` or later; -1 when none. A binary search a kind. */
  nextOf(kinds: readonly EventKind[] | null, from: number): number {
    if (kinds === null) return from < this.length ? Math.max(from, 0) : -1;
    let best = -1;
    for (const kind of kinds) {
      const table = this.tables[this.#kindNumbers.get(kind)!]!;
      const row = firstRow(table, from);
      if (row < table.rows && (best < 0 || table.index[row]! < best)) best = table.index[row]!;
    }
    return best;
  }

  /** Last event of these kinds (null: any) at an index below `before`; -1 when none. */
  previousOf(kinds: readonly EventKind[] | null, before: number): number {
    if (kinds === null) return Math.min(before, this.length) - 1;
    let best = -1;
    for (const kind of kinds) {
      const table = this.tables[this.#kindNumbers.get(kind)!]!;
      const row = firstRow(table, before) - 1;
      if (row >= 0) best = Math.max(best, table.index[row]!);
    }
    return best;
  }

  /** How many events a filter keeps. */
  count(filter: EventFilter): number {
    const { first, end, kinds } = this.#range(filter);
    if (kinds === null) return end - first;
    return kinds.reduce((sum, table) => sum + Math.max(0, firstRow(table, end) - firstRow(table, first)), 0);
  }

  /** Indices of the events a filter keeps, in order: `limit` of them from position `offset` in the filtered list. */
  page(filter: EventFilter, offset = 0, limit: number = Number.MAX_SAFE_INTEGER): number[] {
    const out: number[] = [];
    let position = 0;
    for (const index of this.indices(filter)) {
      if (out.length >= limit) break;
      if (position++ >= offset) out.push(index);
    }
    return out;
  }

  *indices(filter: EventFilter): Generator<number, void, undefined> {
    const { first, end, kinds } = this.#range(filter);
    if (kinds === null) {
      for (let index = first; index < end; index++) yield index;
      return;
    }
    if (kinds.length === 1) {
      const table = kinds[0]!;
      for (let row = firstRow(table, first); row < table.rows && table.index[row]! < end; row++) yield table.index[row]!;
      return;
    }
    const wanted = new Uint8Array(256);
    for (const table of kinds) wanted[this.#kindNumbers.get(table.kind)!] = 1;
    for (let index = first; index < end; index++) if (wanted[this.kind[index]!] === 1) yield index;
  }

  /** Copies, so that they may be transferred. */
  lanes(): LaneArrays {
    const n = this.length;
    return {
      icount: this.icount.slice(0, n),
      index: Uint32Array.from({ length: n }, (_, i) => i),
      kind: this.kind.slice(0, n),
      cpu: this.cpu.slice(0, n),
      tid: this.tid.slice(0, n),
    };
  }

  #range(filter: EventFilter): { readonly first: number; readonly end: number; readonly kinds: readonly KindTable[] | null } {
    const first = filter.from ? this.search(filter.from) : 0;
    const end = filter.to ? this.search({ icount: filter.to.icount, event: filter.to.event + 1 }) : this.length;
    const names = filter.kinds ? [...new Set(filter.kinds)] : null;
    return { first, end: Math.max(first, end), kinds: names?.map((kind) => this.tables[this.#kindNumbers.get(kind)!]!) ?? null };
  }

  #grow(need: number): void {
    this.icount = grown(this.icount, need);
    this.event = grown(this.event, need);
    this.kind = grown(this.kind, need);
    this.cpu = grown(this.cpu, need);
    this.tid = grown(this.tid, need);
    this.cause = grown(this.cause, need);
    this.row = grown(this.row, need);
  }
}

/** First row of a table whose event index is at least `index`. */
function firstRow(table: KindTable, index: number): number {
  let low = 0;
  let high = table.rows;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (table.index[middle]! < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
