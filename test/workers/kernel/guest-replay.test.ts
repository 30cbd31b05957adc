// Whole programs on the real kernel: the same states however often and in whatever pieces they are run.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { TraceEvent } from '../../../recordings/format/events.ts';
import { PROCESS_MODULES, PROCESS_PART } from '../../../workers/kernel/process-part.ts';
import { buildMachine } from '../../../workers/kernel/build-machine.ts';
import type { Machine } from '../../../workers/machine/machine.ts';
import type { Checkpoint, MachineConfig } from '../../../workers/machine/machine-api.ts';
import { guestPath } from '../../support/tools.ts';

function machineOf(name: string, more: Partial<MachineConfig> = {}): Machine {
  const data = new Uint8Array(readFileSync(guestPath(name)));
  const made = buildMachine(
    {
      arch: 'aarch64',
      cpus: 3,
      seed: 11,
      ramBytes: 64 << 20,
      policies: {},
      brps: 6,
      wrps: 4,
      program: { path: '/a', argv: ['/a'], env: [], files: new Map([['/a', { data, mode: 0o755 }]]) },
      events: [],
      ...more,
    },
    PROCESS_PART,
    PROCESS_MODULES,
  );
  if (!made.ok) throw new Error(made.error);
  return made.value;
}

const GUESTS = ['mutex', 'fork-pipe', 'signals', 'perf', 'ledger'];

test.each(GUESTS)('%s: making every frame again from its log after each step changes nothing', (name) => {
  const plain = machineOf(name);
  const stop = plain.run(null, 600_000);
  const restored = machineOf(name);
  restored.kernel.restoreAlways = true;
  expect(restored.run(null, 600_000)).toEqual(stop);
  expect(restored.digest()).toEqual(plain.digest());
});

const SEED = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? 20261121);

test.each(GUESTS)(`%s: 30 random jumps between Marks land in the states of the first run (seed ${SEED})`, (name) => {
  let state = SEED;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * n);
  };
  const m = machineOf(name);
  const stops: { mark: Machine['mark']; digest: unknown; checkpoint: Checkpoint | null }[] = [];
  for (let n = 0; n < 150; n++) {
    stops.push({ mark: m.mark, digest: m.digest(), checkpoint: n % 3 === 0 ? m.save() : null });
    if (m.run(null, 1 + random(4000)).kind !== 'interrupted') break;
  }
  for (let i = 0; i < 30; i++) {
    let from = random(stops.length);
    while (!stops[from]!.checkpoint) from--;
    m.restore(stops[from]!.checkpoint!);
    const to = Math.min(stops.length - 1, from + random(8));
    m.run(stops[to]!.mark);
    expect(m.mark).toEqual(stops[to]!.mark);
    expect(m.digest(), `from ${from} to ${to}`).toEqual(stops[to]!.digest);
  }
});

test('threads on three CPUs give the same events for the same seed and other interleavings for another', () => {
  const events = (seed: number): string => {
    const m = machineOf('mutex', { seed });
    const out: string[] = [];
    m.onEvent = (e: TraceEvent) => out.push(`${e.icount}.${e.event} ${e.cpu} ${e.tid} ${e.kind}`);
    m.run(null);
    return out.join('\n');
  };
  expect(events(5)).toBe(events(5));
  expect(events(5)).not.toBe(events(6));
});

test('a query sees every store to a variable, and the run is the same as without it', () => {
  const m = machineOf('counter');
  const start = m.save();
  m.run(null);
  const end = m.digest();
  m.restore(start);
  m.run({ icount: 600, event: 0 });
  const { mm } = m.view.cpu(0);
  m.run({ icount: 700, event: 0 });
  const address = m.view.addressOf(mm === 0 ? 1 : mm, 'counter');
  expect(address).not.toBeNull();
  const values: bigint[] = [];
  m.setQuery([
    {
      address: address!,
      length: 8,
      read: false,
      write: true,
      execute: false,
      mm: null,
      report: (a) => values.push(new DataView(a.new.buffer, a.new.byteOffset).getBigUint64(0, true)),
    },
  ]);
  m.run(null);
  expect(m.digest()).toEqual(end);
  expect(values.length).toBeGreaterThan(9);
});

test('a program that waits for standard input stops the machine, and goes on as if it had never waited', () => {
  const chunks = ['one\n', 'two\n', 'three\n'].map((t) => new TextEncoder().encode(t));
  const run = (pauses: number): { digest: unknown; output: string } => {
    const m = machineOf('cat');
    let given = 0;
    let paused = 0;
    let output = '';
    m.input = {
      stdin() {
        if (paused < pauses) {
          paused++;
          return 'pause';
        }
        paused = 0;
        return chunks[given++] ?? 'eof';
      },
    };
    m.onEvent = (e) => {
      if (e.kind === 'output') output += new TextDecoder().decode(e.fields.data);
    };
    let stop = m.run(null);
    for (let n = 0; n < 100 && stop.kind === 'input'; n++) stop = m.run(null);
    expect(stop).toMatchObject({ kind: 'exited' });
    return { digest: m.digest(), output };
  };
  const straight = run(0);
  expect(straight.output).toBe('one\ntwo\nthree\n14 bytes\n');
  expect(run(2)).toEqual(straight);
});
