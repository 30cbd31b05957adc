// The machine alone: a program of a few instructions on the small process part.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TraceEvent } from '../../../recordings/format/events.ts';
import { buildMachine } from '../../../workers/kernel/build-machine.ts';
import type { Machine } from '../../../workers/machine/machine.ts';
import type { MachineConfig, WatchSpec } from '../../../workers/machine/machine-api.ts';
import * as mini from '../../support/mini-process.ts';

function assemble(source: string): Uint8Array {
  const dir = mkdtempSync(join(tmpdir(), 'trapline-'));
  writeFileSync(join(dir, 'a.s'), source);
  execFileSync('aarch64-linux-gnu-gcc', ['-nostdlib', '-static', '-o', join(dir, 'a'), join(dir, 'a.s')]);
  return new Uint8Array(readFileSync(join(dir, 'a')));
}

function config(program: Uint8Array, events: readonly WatchSpec[] = [], cpus = 1): MachineConfig {
  return {
    arch: 'aarch64',
    cpus,
    seed: 7,
    ramBytes: 16 << 20,
    policies: {},
    brps: 6,
    wrps: 4,
    program: { path: '/a', argv: ['/a'], env: [], files: new Map([['/a', { data: program, mode: 0o755 }]]) },
    events,
  };
}

function machineOf(c: MachineConfig): Machine {
  const made = buildMachine(c, mini.miniPart, [mini]);
  if (!made.ok) throw new Error(made.error);
  return made.value;
}

const HELLO = `
  .globl _start
_start:
  mov x0, #1
  adr x1, text
  mov x2, #6
  mov x8, #64
  svc #0
  mov x0, #3
  mov x8, #93
  svc #0
text: .ascii "hello\\n"
`;

test('a program that writes and exits does so', () => {
  const m = machineOf(config(assemble(HELLO)));
  const events: TraceEvent[] = [];
  m.onEvent = (e) => events.push(e);
  expect(m.run(null)).toEqual({ kind: 'exited', code: 3, signal: null });
  const out = events.find((e) => e.kind === 'output');
  expect(out?.kind === 'output' && new TextDecoder().decode(out.fields.data)).toBe('hello\n');
});

const COUNTER = `
  .globl _start
_start:
  mov w3, #20
  adr x1, counter
1: ldr x0, [x1]
  add x0, x0, #3
  str x0, [x1]
  stp x0, x0, [x1, #32]
  subs w3, w3, #1
  b.ne 1b
  mov x0, #0
  mov x8, #93
  svc #0
  .data
  .balign 8
counter: .quad 5
  .space 64
`;

function symbol(program: Uint8Array, name: string): bigint {
  const dir = mkdtempSync(join(tmpdir(), 'trapline-'));
  writeFileSync(join(dir, 'a'), program);
  const line = execFileSync('aarch64-linux-gnu-nm', [join(dir, 'a')], { encoding: 'utf8' })
    .split('\n')
    .find((l) => l.endsWith(` ${name}`));
  return BigInt(`0x${line!.split(' ')[0]}`);
}

test('a watchpoint is hit once for each store, with the value before and after', () => {
  const source = COUNTER.replace('adr x1, counter', 'adrp x1, counter\n add x1, x1, :lo12:counter');
  const program = assemble(source);
  const watch = { text: 'mem:counter/8:w', address: symbol(program, 'counter'), length: 8, type: 2 };
  const m = machineOf(config(program, [watch]));
  const events: TraceEvent[] = [];
  m.onEvent = (e) => events.push(e);
  m.onPatch = (index, fields) => Object.assign(events[index]!.fields, fields);
  expect(m.run(null).kind).toBe('exited');
  const hits = events.filter((e) => e.kind === 'watchpoint-hit');
  expect(hits.map((e) => [e.fields.old, e.fields.new])).toEqual(
    Array.from({ length: 20 }, (_, i) => [BigInt(5 + 3 * i), BigInt(8 + 3 * i)]),
  );
  const kinds = events
    .slice(events.indexOf(hits[3]!))
    .slice(0, 6)
    .map((e) => e.kind);
  expect(kinds).toEqual(['watchpoint-hit', 'register-write', 'suspend', 'step-over', 'register-write', 'reinstall']);
});

/** Digests at every `every` instructions, and at the end. */
function digests(m: Machine, every: number): string[] {
  const out: string[] = [];
  for (let at = every; ; at += every) {
    const stop = m.run({ icount: at, event: 0 });
    const d = m.digest();
    out.push(`${m.mark.icount}.${m.mark.event} ${d.lo} ${d.hi}`);
    if (stop.kind !== 'target') return out;
  }
}

const watched = (): MachineConfig => {
  const program = assemble(COUNTER.replace('adr x1, counter', 'adrp x1, counter\n add x1, x1, :lo12:counter'));
  return config(program, [{ text: 'mem:counter/8:w', address: symbol(program, 'counter'), length: 8, type: 2 }], 2);
};

test('the same configuration gives the same digests, however the run is cut into pieces', () => {
  const c = watched();
  const whole = machineOf(c);
  whole.run(null);
  const end = whole.digest();
  const inPieces = digests(machineOf(c), 97);
  expect(inPieces).toEqual(digests(machineOf(c), 97));
  const ticks = machineOf(c);
  while (ticks.tick().kind === 'target');
  expect(ticks.digest()).toEqual(end);
  expect(ticks.mark).toEqual(whole.mark);
});

test('a frame made again from its log after every step goes on as if nothing had happened', () => {
  const c = watched();
  const plain = machineOf(c);
  plain.run(null);
  const restored = machineOf(c);
  restored.kernel.restoreAlways = true;
  restored.run(null);
  expect(restored.digest()).toEqual(plain.digest());
});

test('going back to any checkpoint and forward again gives the same states', () => {
  const c = watched();
  const m = machineOf(c);
  const marks: { mark: { icount: number; event: number }; digest: unknown; checkpoint: ReturnType<Machine['save']> }[] = [];
  for (;;) {
    marks.push({ mark: m.mark, digest: m.digest(), checkpoint: m.save() });
    if (m.run(null, 61).kind !== 'interrupted') break;
  }
  const end = m.digest();
  let seed = 12345;
  for (let i = 0; i < 40; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    const from = marks[seed % marks.length]!;
    m.restore(from.checkpoint);
    expect(m.mark).toEqual(from.mark);
    expect(m.digest()).toEqual(from.digest);
    const to = marks[Math.min(marks.length - 1, (seed % marks.length) + 1 + (i % 5))]!;
    m.run(to.mark);
    expect(m.mark).toEqual(to.mark);
    expect(m.digest()).toEqual(to.digest);
  }
  m.run(null);
  expect(m.digest()).toEqual(end);
});
