// Recorded events as rows for people: a short line of what happened, and the symbol of where. Text only; nothing is looked up in a machine
// except names of kernel text.
import type { EventFields, EventKind, TraceEvent } from '../../recordings/format/events.ts';
import type { EventLog } from '../../recordings/format/event-log.ts';
import type { MachineConfig } from '../machine/machine-api.ts';
import { type Program, programsOf } from './program.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** `write 4 pool.total`: kind-specific, at most some sixty characters. `name` gives an address a name. */
export function whatHappened(event: TraceEvent, name: (address: bigint) => string): string {
  switch (event.kind) {
    case 'watchpoint-hit': {
      const f = event.fields;
      const verb = f.access === 'w' ? 'write' : f.access === 'r' ? 'read' : 'execute';
      const change = f.access !== 'w' ? hex(f.old) : `${hex(f.old)} → ${hex(f.new)}`;
      return `${verb} ${f.size} ${name(f.address)}: ${change}${f.counted ? '' : ' (not counted)'}`;
    }
    case 'breakpoint-hit':
      return `execute ${name(event.fields.address)}`;
    case 'suspend':
      return `${event.fields.register} ${hex(event.fields.old)} → ${hex(event.fields.new)}, slot ${event.fields.slot}`;
    case 'step-over':
      return 'one instruction, slots suspended';
    case 'install':
      return `${event.fields.event} takes ${event.fields.file} slot ${event.fields.slot}`;
    case 'uninstall':
      return `${event.fields.event} leaves ${event.fields.file} slot ${event.fields.slot}`;
    case 'reinstall':
      return `${event.fields.event} slot ${event.fields.slot} again (${event.fields.reason})`;
    case 'register-write':
      return `${event.fields.register} ${hex(event.fields.old)} → ${hex(event.fields.new)}`;
    case 'slot-reserve':
      return `${event.fields.event}: ${event.fields.used} of ${event.fields.slots} ${event.fields.type} slots`;
    case 'slot-release':
      return `${event.fields.event}: ${event.fields.used} of ${event.fields.slots} ${event.fields.type} slots`;
    case 'slot-refuse':
      return `${event.fields.event}: ${event.fields.errno}, held by ${event.fields.holders}`;
    case 'exception':
      return `${event.fields.class} at ${name(event.fields.far)}`;
    case 'syscall':
      return `${event.fields.name}(${event.fields.args}) = ${event.fields.result}`;
    case 'unknown-syscall':
      return `${event.fields.name}(${event.fields.args}) = -ENOSYS`;
    case 'output':
      return `fd ${event.fields.fd}: ${quoted(event.fields.data)}`;
    case 'signal':
      return `${event.fields.signal} ${event.fields.action}`;
    case 'switch':
      return `task ${event.fields.from} → ${event.fields.to}`;
    case 'fork':
      return `${event.fields.thread ? 'thread' : 'process'} ${event.fields.child}`;
    case 'exec':
      return event.fields.path;
    case 'exit':
      return `${event.fields.group ? 'process' : 'thread'} ${event.fields.signal === '' ? `exit ${event.fields.code}` : event.fields.signal}`;
  }
}

/** The first 40 characters of output, newlines as \n. */
function quoted(data: Uint8Array): string {
  let text = '';
  for (const byte of data.subarray(0, 40)) {
    text +=
      byte === 10
        ? '\\n'
        : byte === 9
          ? '\\t'
          : byte < 32 || byte === 127
            ? `\\x${byte.toString(16).padStart(2, '0')}`
            : String.fromCharCode(byte < 128 ? byte : 0xb7);
  }
  return `"${text}"${data.length > 40 ? '…' : ''}`;
}

export const TOP_BIT = 1n << 63n;

/**
 * Names of addresses over a whole recording: which program a task ran when is read from its exec and fork events, so an event's symbol
 * needs no machine. `kernelName` names addresses of kernel text.
 */
export class Symboliser {
  readonly programs: ReadonlyMap<string, Program>;
  readonly main: Program | null;
  readonly #kernelName: (address: bigint) => string | null;
  /** tid -> programs in order: from which event index on. */
  readonly #history = new Map<number, { readonly from: number; readonly program: Program | null }[]>();

  constructor(config: MachineConfig, events: EventLog, kernelName: (address: bigint) => string | null) {
    this.programs = programsOf(config);
    this.main = this.programs.get(config.program.path) ?? null;
    this.#kernelName = kernelName;
    for (const index of events.indices({ kinds: ['exec', 'fork'] })) {
      const event = events.get(index);
      if (event.kind === 'exec') this.#ran(event.tid, index, this.programs.get(event.fields.path) ?? null);
      else if (event.kind === 'fork') this.#ran(event.fields.child, index, this.programAt(event.tid, index));
    }
  }

  #ran(tid: number, from: number, program: Program | null): void {
    const known = this.#history.get(tid);
    if (known === undefined) this.#history.set(tid, [{ from, program }]);
    else known.push({ from, program });
  }

  /** What a task ran when an event happened; before any exec, the recording's program. */
  programAt(tid: number, index: number): Program | null {
    return this.#history.get(tid)?.findLast((row) => row.from <= index)?.program ?? this.main;
  }

  /** `bump+0x8`, or null. */
  symbol(address: bigint, tid: number, index: number): string | null {
    if (address >= TOP_BIT) return this.#kernelName(address);
    const program = this.programAt(tid, index);
    return program === null ? null : nameIn(program, address);
  }
}

/** `symbol` or `symbol+0x…` of an address in a program; null when no symbol covers it. */
export function nameIn(program: Program, address: bigint): string | null {
  const at = address - program.bias;
  if (at < 0n || at > 0xffff_ffff_ffffn) return null;
  const found = program.symbols.at(Number(at));
  if (found === null) return null;
  return found.offset === 0 ? found.symbol.name : `${found.symbol.name}+0x${found.offset.toString(16)}`;
}

export type AnyFields = EventFields<EventKind>;
