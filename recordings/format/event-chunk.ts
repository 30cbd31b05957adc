// The encoding of a run of events: `events/NNNNNN.bin`. Each chunk brings the strings it is the first to use, its columns
// as differences, and patches to events of earlier chunks. Not the log itself (event-log.ts). Layout: recordings/README.md.
import { ByteReader, ByteWriter } from './bytes.ts';
import { StringTable } from './columns.ts';
import { type EventLog, MAX_EVENTS, type PatchedField } from './event-log.ts';
import { EVENT_KINDS, EVENT_KIND_NAMES } from './events.ts';

const MAGIC = 0x56454c54; // 'TLEV'
/** Events a chunk holds at most. */
export const CHUNK_EVENTS = 1 << 16;
const MAX_TEXT = 1 << 20;
const MAX_CPU = 255;

/** Gives a growing log away in chunks. One at most per log at a time: it takes `log.onPatch`. */
export class EventChunkWriter {
  readonly #log: EventLog;
  #written = 0;
  #strings = 0;
  #patches: PatchedField[] = [];

  constructor(log: EventLog) {
    this.#log = log;
    log.onPatch = (patch) => {
      if (patch.index < this.#written) this.#patches.push(patch);
    };
  }

  /** Events not given away yet. */
  get pending(): number {
    return this.#log.length - this.#written;
  }

  /** The next chunk, of at most CHUNK_EVENTS events; null when nothing is new. */
  next(): Uint8Array<ArrayBuffer> | null {
    const from = this.#written;
    const to = Math.min(this.#log.length, from + CHUNK_EVENTS);
    if (from === to && this.#patches.length === 0) return null;
    const out = encodeChunk(this.#log, from, to, this.#strings, this.#patches);
    this.#strings = out.strings;
    this.#written = to;
    this.#patches = [];
    return out.data;
  }
}

/** All events of a log in chunks: a function of the log alone. */
export function* encodeEvents(log: EventLog): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  let strings = 0;
  for (let from = 0; from < log.length; from += CHUNK_EVENTS) {
    const out = encodeChunk(log, from, Math.min(log.length, from + CHUNK_EVENTS), strings, []);
    strings = out.strings;
    yield out.data;
  }
}

interface KindRows {
  readonly kind: number;
  readonly first: number;
  readonly end: number;
}

function encodeChunk(
  log: EventLog,
  from: number,
  to: number,
  stringsWritten: number,
  patches: readonly PatchedField[],
): { data: Uint8Array<ArrayBuffer>; strings: number } {
  const kinds: KindRows[] = [];
  for (let kind = 0; kind < log.tables.length; kind++) {
    const rows = rowsIn(log, kind, from, to);
    if (rows.end > rows.first) kinds.push(rows);
  }
  let strings = stringsWritten;
  for (const { kind, first, end } of kinds)
    for (const column of log.tables[kind]!.columns) strings = Math.max(strings, column.maxText(first, end) + 1);
  for (const patch of patches) {
    const row = log.row[patch.index]!;
    strings = Math.max(strings, log.tables[log.kind[patch.index]!]!.columns[patch.field]!.maxText(row, row + 1) + 1);
  }

  const out = new ByteWriter(1 << 16);
  out.u32(MAGIC);
  out.varint(from);
  out.varint(to - from);
  out.varint(strings - stringsWritten);
  for (let id = stringsWritten; id < strings; id++) out.text(log.strings.text(id));
  out.varint(kinds.length);
  const local = new Uint8Array(log.tables.length);
  kinds.forEach(({ kind, first, end }, number) => {
    local[kind] = number;
    const table = log.tables[kind]!;
    out.text(table.kind);
    out.varint(end - first);
    out.varint(table.columns.length);
    table.columns.forEach((column, i) => {
      out.text(table.names[i]!);
      out.text(column.type);
    });
  });

  const scratch = new ByteWriter(1 << 16);
  const section = (write: (w: ByteWriter) => void): void => {
    scratch.clear();
    write(scratch);
    const bytes = scratch.take();
    out.varint(bytes.length);
    out.bytes(bytes);
  };
  const each = (write: (w: ByteWriter, index: number) => void): void =>
    section((w) => {
      for (let index = from; index < to; index++) write(w, index);
    });
  each((w, i) => w.u8(local[log.kind[i]!]!));
  each((w, i) => w.varint(log.icount[i]! - (i > from ? log.icount[i - 1]! : 0)));
  each((w, i) => w.varint(i > from && log.icount[i] === log.icount[i - 1] ? log.event[i]! - log.event[i - 1]! - 1 : log.event[i]!));
  each((w, i) => w.u8(log.cpu[i]!));
  each((w, i) => w.zigzag32(log.tid[i]! - (i > from ? log.tid[i - 1]! : 0)));
  section((w) => log.pc.encode(w, from, to));
  each((w, i) => w.varint(log.cause[i]! < 0 ? 0 : i - log.cause[i]!));
  for (const { kind, first, end } of kinds) for (const column of log.tables[kind]!.columns) section((w) => column.encode(w, first, end));
  out.varint(patches.length);
  for (const { index, field } of patches) {
    out.varint(index);
    out.varint(field);
    const row = log.row[index]!;
    section((w) => log.tables[log.kind[index]!]!.columns[field]!.encode(w, row, row + 1));
  }
  return { data: out.take(), strings };
}

function rowsIn(log: EventLog, kind: number, from: number, to: number): KindRows {
  const table = log.tables[kind]!;
  const find = (index: number): number => {
    let low = 0;
    let high = table.rows;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (table.index[middle]! < index) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { kind, first: find(from), end: find(to) };
}

/**
 * Appends a chunk's events to `log`. Throws Damage; the log then may hold some of the chunk's events and must be dropped
 * by a caller that wants only whole chunks (decode into a copy, or stop there). Memory is bounded by the chunk's size.
 */
export function decodeChunk(log: EventLog, data: Uint8Array): void {
  const r = new ByteReader(data);
  if (r.u32('the chunk header') !== MAGIC) r.fail('is not an event chunk', 0);
  const from = r.varint('the index of the first event');
  if (from !== log.length) r.fail(`starts at event ${from}, but ${log.length} events came before it`, 4);
  const count = r.varint('the number of events', CHUNK_EVENTS);
  if (from + count > MAX_EVENTS) r.fail(`has ${from + count} events; at most ${MAX_EVENTS} can be opened`, 4);
  readStrings(r, log.strings);
  const kinds = readKinds(r, count);

  const kindBytes = r.section('the kind column');
  const icounts = r.section('the icount column');
  const events = r.section('the event column');
  const cpus = r.section('the cpu column');
  const tids = r.section('the tid column');
  const pcs = r.section('the pc column');
  const causes = r.section('the cause column');
  const left = kinds.map((kind) => kind.rows);
  let icount = 0;
  let event = 0;
  let tid = 0;
  for (let i = 0; i < count; i++) {
    const number = kindBytes.u8('the kind column');
    if (number >= kinds.length || left[number]! === 0) kindBytes.fail('the kind column disagrees with the kinds listed', kindBytes.at - 1);
    left[number]!--;
    const delta = icounts.varint('the icount column');
    if (delta > Number.MAX_SAFE_INTEGER - icount) icounts.fail('an icount is too large');
    icount += delta;
    const rest = events.varint('the event column', 0xffffffff);
    event = i > 0 && delta === 0 ? event + 1 + rest : rest;
    if (event > 0xffffffff) events.fail('an event number is too large');
    if (i === 0 && from > 0 && (icount < log.icount[from - 1]! || (icount === log.icount[from - 1]! && event <= log.event[from - 1]!))) {
      icounts.fail('starts before the end of the chunk before it');
    }
    const cpu = cpus.u8('the cpu column');
    if (cpu > MAX_CPU) cpus.fail('a cpu is too large');
    tid = (tid + tids.zigzag32('the tid column')) >>> 0;
    const back = causes.varint('the cause column');
    if (back > from + i) causes.fail('a cause is before the first event');
    log.addHead(icount, event, kinds[number]!.kind, cpu, tid, back === 0 ? -1 : from + i - back);
  }
  log.pc.decode(pcs, from, from + count);
  for (const [section, what] of [
    [kindBytes, 'kind'],
    [icounts, 'icount'],
    [events, 'event'],
    [cpus, 'cpu'],
    [tids, 'tid'],
    [pcs, 'pc'],
    [causes, 'cause'],
  ] as const) {
    section.finish(`the ${what} column`);
  }
  for (const { kind, rows } of kinds) {
    const table = log.tables[kind]!;
    table.columns.forEach((column, i) => {
      const what = `the column ${table.names[i]} of ${table.kind}`;
      const section = r.section(what);
      column.decode(section, table.rows - rows, table.rows);
      section.finish(what);
    });
  }
  readPatches(r, log, from);
  r.finish('the chunk');
}

function readStrings(r: ByteReader, strings: StringTable): void {
  const count = r.varint('the number of strings', r.left);
  for (let i = 0; i < count; i++) strings.append(r.text('a string', MAX_TEXT));
}

function readKinds(r: ByteReader, count: number): { readonly kind: number; readonly rows: number }[] {
  const number = r.varint('the number of kinds', EVENT_KIND_NAMES.length);
  const kinds: { kind: number; rows: number }[] = [];
  let total = 0;
  for (let n = 0; n < number; n++) {
    const at = r.at;
    const name = r.text('the name of a kind', 64);
    const kind = EVENT_KIND_NAMES.findIndex((known) => known === name);
    if (kind < 0) r.fail(`has events of the kind ${JSON.stringify(name)}, which this version does not know`, at);
    if (kinds.some((other) => other.kind === kind)) r.fail(`lists the kind ${name} twice`, at);
    const rows = r.varint('the number of events of a kind', count);
    total += rows;
    kinds.push({ kind, rows });
    const fields: [string, string][] = Object.entries(EVENT_KINDS[EVENT_KIND_NAMES[kind]!].fields);
    const given = r.varint('the number of fields', 64);
    for (let i = 0; i < Math.max(given, fields.length); i++) {
      const field = i < given ? `${r.text('the name of a field', 64)} ${r.text('the type of a field', 16)}` : 'nothing';
      const known = fields[i] === undefined ? 'nothing' : fields[i]!.join(' ');
      if (field !== known)
        r.fail(`has ${JSON.stringify(field)} where events of the kind ${name} have ${JSON.stringify(known)} in this version`, at);
    }
  }
  if (total !== count) r.fail(`has ${count} events but lists ${total} by kind`);
  return kinds;
}

function readPatches(r: ByteReader, log: EventLog, before: number): void {
  const count = r.varint('the number of patches', r.left);
  for (let i = 0; i < count; i++) {
    const at = r.at;
    const index = r.varint('the event of a patch');
    if (index >= before) r.fail(`patches event ${index}, which is not in an earlier chunk`, at);
    const table = log.tables[log.kind[index]!]!;
    const field = r.varint('the field of a patch');
    const column = table.columns[field];
    if (column === undefined) return r.fail(`patches a field that events of the kind ${table.kind} do not have`, at);
    const section = r.section('a patch');
    column.decode(section, log.row[index]!, log.row[index]! + 1);
    section.finish('a patch');
  }
}
