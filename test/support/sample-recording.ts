// Recordings for tests of the format: made up, of every event kind, and never run. Real ones are in recordings/golden.
import { EVENT_KINDS, EVENT_KIND_NAMES, type EventKind, type FieldType, type TraceEvent } from '../../recordings/format/events.ts';
import { EventLog } from '../../recordings/format/event-log.ts';
import type { Recording } from '../../recordings/format/recording.ts';
import type { MachineConfig } from '../../workers/machine/machine-api.ts';

/** A small generator of 32-bit numbers (xorshift), the same for the same seed. */
export function numbers(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

const WORDS = ['write', 'mem:counter/8:w', 'before', 'DBGWCR0_EL1', 'SIGSEGV', '', 'é→😀', '0x1 "quoted"'];

function value(type: FieldType, next: () => number): unknown {
  const n = next();
  switch (type) {
    case 'u32':
      return n % 5 === 0 ? n : n % 100;
    case 'i32':
      return n % 5 === 0 ? n | 0 : (n % 200) - 100;
    case 'u64':
      return n % 5 === 0 ? (BigInt(n) << 32n) | BigInt(next()) : BigInt(n % 100_000) + 0x410000n;
    case 'text':
      return n % 7 === 0 ? `text ${n % 1000}` : WORDS[n % WORDS.length];
    case 'bool':
      return n % 2 === 0;
    case 'bytes':
      return Uint8Array.from({ length: n % 9 }, () => next() & 255);
  }
}

/** `count` events; the first ones are one of each kind. */
export function sampleEvents(count: number, seed: number): TraceEvent[] {
  const next = numbers(seed);
  let icount = 0;
  let event = -1;
  return Array.from({ length: count }, (_, index) => {
    const kind: EventKind = EVENT_KIND_NAMES[index < EVENT_KIND_NAMES.length ? index : next() % EVENT_KIND_NAMES.length]!;
    const step = next() % 3 === 0 ? 0 : next() % 1000;
    icount += step;
    event = step === 0 ? event + 1 : next() % 2;
    const fields = Object.fromEntries(Object.entries(EVENT_KINDS[kind].fields).map(([name, type]) => [name, value(type, next)]));
    return {
      kind,
      icount,
      event,
      cpu: next() % 4,
      tid: 100 + (next() % 3),
      pc: 0x400000n + BigInt(next() % 4096) * 4n,
      cause: next() % 3 === 0 ? -1 : Math.max(-1, index - 1 - (next() % 4)),
      fields,
    } as TraceEvent;
  });
}

export function sampleLog(count: number, seed: number): EventLog {
  const log = new EventLog();
  for (const event of sampleEvents(count, seed)) log.append(event);
  return log;
}

export function sampleConfig(programBytes = 300): MachineConfig {
  const next = numbers(7);
  const program = Uint8Array.from({ length: programBytes }, () => next() % 16);
  return {
    arch: 'aarch64',
    cpus: 2,
    seed: 42,
    ramBytes: 64 << 20,
    brps: 6,
    wrps: 4,
    policies: { 'arm64.uninstall': 'slot-first' },
    program: {
      path: '/counter',
      argv: ['./counter', 'é'],
      env: ['HOME=/'],
      files: new Map([
        ['/counter', { data: program, mode: 0o755 }],
        ['/copy', { data: program, mode: 0o644 }],
        ['/etc/empty', { data: new Uint8Array(0), mode: 0o644 }],
      ]),
    },
    events: [{ text: 'mem:counter/8:w', address: 0x41f0c8n, length: 8, type: 2 }],
  };
}

export function sampleRecording(events = 200, seed = 1): Recording {
  const log = sampleLog(events, seed);
  const last = events > 0 ? log.markAt(events - 1) : { icount: 0, event: 0 };
  const mark = { icount: last.icount + 10, event: 0 };
  return {
    header: { format: 1, tool: 'trapline 0.1.0', name: 'counter', kernelText: '' },
    config: sampleConfig(),
    inputs: [
      { kind: 'stdin', mark: { icount: 3, event: 0 }, data: new TextEncoder().encode('hello\n') },
      { kind: 'stdin-eof', mark: { icount: 9, event: 1 } },
      { kind: 'stop', mark, reason: 'max-icount' },
    ],
    events: log,
    digests: [{ mark, lo: 0xdeadbeef, hi: 1 }],
    notes: [{ mark: { icount: 5, event: 0 }, text: 'here it goes wrong' }],
    end: { mark, eventCount: events, exit: { code: 0, signal: null, how: 'max-icount' } },
  };
}

/** Everything of a recording as plain values, for comparing two of them. */
export function plain(recording: Recording): unknown {
  const { header, config, inputs, digests, notes, end, events } = recording;
  return { header, config, inputs, digests, notes, end, events: Array.from({ length: events.length }, (_, i) => events.get(i)) };
}
