// The JSON that the command line prints: events and states as plain objects, ready for JSON.stringify, one a line.
// Field names are a promise to scripts; docs/json.md and docs/json.schema.json are made from the same tables (json-docs.ts).
import { formatMark, type Mark } from '../../workers/base/mark.ts';
import type { CpuView } from '../../workers/machine/machine-api.ts';
import { showUtf8 } from './bytes.ts';
import { EVENT_KINDS, type FieldType, type TraceEvent } from './events.ts';
import { hex } from './hashes.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };
export type JsonObject = { readonly [name: string]: JsonValue };

/** `0x41f0c8`: 64-bit values, addresses and registers. */
export const jsonHex = (value: bigint): string => `0x${value.toString(16)}`;

/**
 * An event as `trapline events --format json` prints it. `symbol` is `name+0x…` of its pc or null, `cause` the Mark of the
 * event that led to it or null. A field of bytes comes twice: `data` in hex and `data_text` as text for people.
 */
export function eventToJson(event: TraceEvent, symbol: string | null, cause: Mark | null): JsonObject {
  const out: Record<string, JsonValue> = {
    mark: formatMark({ icount: event.icount, event: event.event }),
    kind: event.kind,
    cpu: event.cpu,
    tid: event.tid,
    pc: jsonHex(event.pc),
    symbol,
    cause: cause === null ? null : formatMark(cause),
  };
  const values = event.fields as Readonly<Record<string, unknown>>;
  for (const [name, type] of Object.entries(EVENT_KINDS[event.kind].fields) as [string, FieldType][]) {
    const value = values[name];
    if (type === 'bytes') {
      out[name] = hex(value as Uint8Array);
      out[`${name}_text`] = showUtf8(value as Uint8Array);
    } else if (type === 'u64') {
      out[name] = jsonHex(value as bigint);
    } else {
      out[name] = value as string | number | boolean;
    }
  }
  return out;
}

/** A disassembled line around the pc. */
export interface JsonLine {
  readonly address: bigint;
  readonly text: string;
  readonly symbol: string | null;
}

/** What `trapline state --json` prints of one CPU. */
export function cpuToJson(cpu: CpuView, symbol: string | null, lines: readonly JsonLine[] = []): JsonObject {
  const numbers = (registers: Readonly<Record<string, bigint>>): JsonObject =>
    Object.fromEntries(Object.entries(registers).map(([name, value]) => [name, jsonHex(value)]));
  return {
    cpu: cpu.cpu,
    el: cpu.el,
    tid: cpu.tid,
    mm: cpu.mm,
    pc: jsonHex(cpu.pc),
    symbol,
    regs: numbers(cpu.regs),
    debug: numbers(cpu.debug),
    slots: cpu.slots.map((slot) => ({
      file: slot.file,
      slot: slot.slot,
      state: slot.state,
      event: slot.owner,
      perf_event: slot.perf_event,
      address: jsonHex(slot.address),
      control: jsonHex(slot.control),
    })),
    disassembly: lines.map((line) => ({ address: jsonHex(line.address), text: line.text, symbol: line.symbol })),
  };
}

export const stateToJson = (mark: Mark, cpus: readonly JsonObject[]): JsonObject => ({ mark: formatMark(mark), cpus });

/** One condition as `trapline why --json` prints it. */
export interface JsonCondition {
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
  readonly since: Mark | null;
}

/** One comparator and the access it was asked about. */
export interface JsonWhy {
  readonly mark: Mark;
  readonly cpu: number;
  readonly tid: number;
  readonly pc: bigint;
  readonly symbol: string | null;
  readonly file: string;
  readonly slot: number;
  readonly event: string | null;
  readonly verdict: string;
  /** null: there is no access of the kind this comparator compares. */
  readonly access: { readonly address: bigint; readonly size: number; readonly access: string } | null;
  readonly conditions: readonly JsonCondition[];
  readonly note: string;
}

/** What `trapline why --json` prints of one slot. */
export function whyToJson(why: JsonWhy): JsonObject {
  return {
    mark: formatMark(why.mark),
    verdict: why.verdict,
    cpu: why.cpu,
    tid: why.tid,
    pc: jsonHex(why.pc),
    symbol: why.symbol,
    file: why.file,
    slot: why.slot,
    event: why.event,
    address: why.access === null ? null : jsonHex(why.access.address),
    size: why.access?.size ?? null,
    access: why.access?.access ?? null,
    conditions: why.conditions.map(({ name, ok, text, since }) => ({ name, ok, text, since: since === null ? null : formatMark(since) })),
    note: why.note,
  };
}
