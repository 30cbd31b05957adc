// Runs a program on a machine in this process and collects what a test asks about: output, how it ended, events.
import { readFileSync } from 'node:fs';
import type { EventKind, TraceEvent } from '../../recordings/format/events.ts';
import { createMachine } from '../../workers/kernel/create-machine.ts';
import type { MachineApi, MachineConfig, RunStop } from '../../workers/machine/machine-api.ts';
import { busyboxPath, guestPath } from './tools.ts';

export interface GuestRun {
  readonly stop: RunStop;
  /** Both streams as they were written, one character a byte. */
  readonly output: string;
  /** Only what went to standard output. */
  readonly stdout: string;
  readonly events: readonly TraceEvent[];
  readonly machine: MachineApi;
}

export interface GuestOptions {
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  readonly stdin?: Uint8Array | string;
  readonly seed?: number;
  readonly cpus?: number;
  readonly ramBytes?: number;
  readonly maxIcount?: number;
}

const bytesOf = (data: Uint8Array | string): Uint8Array => (typeof data === 'string' ? new TextEncoder().encode(data) : data);

export function guestConfig(path: string, options: GuestOptions = {}): MachineConfig {
  const name = `/${path.slice(path.lastIndexOf('/') + 1)}`;
  const files = new Map<string, { data: Uint8Array; mode: number }>([[name, { data: new Uint8Array(readFileSync(path)), mode: 0o755 }]]);
  for (const [file, data] of Object.entries(options.files ?? {})) files.set(file, { data: bytesOf(data), mode: 0o644 });
  return {
    arch: 'aarch64',
    cpus: options.cpus ?? 2,
    seed: options.seed ?? 1,
    ramBytes: options.ramBytes ?? 128 << 20,
    policies: {},
    brps: 6,
    wrps: 4,
    program: { path: name, argv: [name, ...(options.args ?? [])], env: options.env ?? ['PATH=/bin:/usr/bin'], files },
    events: [],
  };
}

export function runGuest(path: string, options: GuestOptions = {}): GuestRun {
  const made = createMachine(guestConfig(path, options));
  if (!made.ok) throw new Error(made.error);
  const machine = made.value;
  const events: TraceEvent[] = [];
  machine.onEvent = (event) => events.push(event);
  const input = bytesOf(options.stdin ?? '');
  let position = 0;
  machine.input = {
    stdin(_icount, limit) {
      if (position >= input.length) return 'eof';
      const chunk = input.slice(position, position + limit);
      position += chunk.length;
      return chunk;
    },
  };
  const stop = machine.run({ icount: options.maxIcount ?? 2_000_000_000, event: 0 });
  const streams = (fds: readonly number[]): string =>
    events.map((e) => (e.kind === 'output' && fds.includes(e.fields.fd) ? String.fromCharCode(...e.fields.data) : '')).join('');
  return { stop, output: streams([1, 2]), stdout: streams([1]), events, machine };
}

export const runBusybox = (args: readonly string[], options: GuestOptions = {}): GuestRun => runGuest(busyboxPath, { ...options, args });
export const runNamed = (name: string, options: GuestOptions = {}): GuestRun => runGuest(guestPath(name), options);

export function eventsOf<K extends EventKind>(run: GuestRun, kind: K): TraceEvent<K>[] {
  return run.events.filter((e): e is TraceEvent<K> => e.kind === kind);
}
