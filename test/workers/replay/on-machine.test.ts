// The same algorithms on the real machine with a process part of a page: kernel steps, watchpoint exceptions, two CPUs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { parseElf } from '../../../workers/base/elf.ts';
import { compareMarks, formatMark } from '../../../workers/base/mark.ts';
import { buildMachine } from '../../../workers/kernel/build-machine.ts';
import type { MachineApi, WatchSpec } from '../../../workers/machine/machine-api.ts';
import { bytesInput } from '../../../workers/replay/inputs.ts';
import { History } from '../../../workers/replay/history.ts';
import { type FoundHit, findHits, findLast } from '../../../workers/replay/query.ts';
import { type Recorded, Recorder } from '../../../workers/replay/recorder.ts';
import { Timeline } from '../../../workers/replay/timeline.ts';
import { verify } from '../../../workers/replay/verify.ts';
import { EventView } from '../../../workers/session/event-view.ts';
import * as mini from '../../support/mini-process.ts';
import { testWith } from '../../support/tools.ts';
import { pause, randomFrom } from '../../support/toy-recording.ts';

const seed = Number(process.env['TRAPLINE_SEED'] ?? 1_618_033);

/** Writes `counter` 3000 times, by a function, and prints a byte now and then. */
const SOURCE = `
  .globl _start
_start:
  mov w19, #3000
1: bl bump
  tst w19, #255
  b.ne 2f
  mov x0, #1
  adrp x1, text
  add x1, x1, :lo12:text
  mov x2, #1
  mov x8, #64
  svc #0
2: subs w19, w19, #1
  b.ne 1b
  mov x0, #0
  mov x8, #93
  svc #0
bump:
  adrp x1, counter
  add x1, x1, :lo12:counter
  ldr x0, [x1]
  add x0, x0, #3
  str x0, [x1]
  stp x0, x0, [x1, #32]
  ret
  .data
  .balign 4096
counter: .quad 5
  .space 64
text: .ascii "."
`;

function assemble(): { readonly program: Uint8Array; readonly address: (name: string) => bigint } {
  const dir = mkdtempSync(join(tmpdir(), 'trapline-mini-'));
  writeFileSync(join(dir, 'a.s'), SOURCE);
  execFileSync('aarch64-linux-gnu-gcc', ['-nostdlib', '-static', '-o', join(dir, 'a'), join(dir, 'a.s')]);
  const program = new Uint8Array(readFileSync(join(dir, 'a')));
  const elf = parseElf(program, 'a');
  if (!elf.ok) throw new Error(elf.error);
  return { program, address: (name) => BigInt(elf.value.symbols.byName(name)!.address) };
}

function machineOf(program: Uint8Array, events: readonly WatchSpec[]): MachineApi {
  const made = buildMachine(
    {
      arch: 'aarch64',
      cpus: 2,
      seed: 7,
      ramBytes: 16 << 20,
      policies: {},
      brps: 6,
      wrps: 4,
      events,
      program: { path: '/a', argv: ['/a'], env: [], files: new Map([['/a', { data: program, mode: 0o755 }]]) },
    },
    mini.miniPart,
    [mini],
  );
  if (!made.ok) throw new Error(made.error);
  return made.value;
}

async function record(machine: MachineApi): Promise<Recorded> {
  const recorder = new Recorder(machine, {
    live: bytesInput(new Uint8Array()),
    awaitInput: () => Promise.resolve('stop'),
    pause,
    stopRequested: () => false,
  });
  return recorder.run(5_000_000);
}

describe('on the real machine', () => {
  testWith(['aarch64-linux-gnu-gcc'], 'random walks return to the state of a straight run', async () => {
    const { program, address } = assemble();
    const watch = { text: 'mem:counter/8:w', address: address('counter'), length: 8, type: 2 };
    const recorded = await record(machineOf(program, [watch]));
    expect(recorded.end.exit).toEqual({ code: 0, signal: null, how: 'exited' });
    const straight = new History({ machine: machineOf(program, [watch]), inputs: [], end: recorded.end.mark, pause });
    const history = new History({ machine: machineOf(program, [watch]), inputs: [], end: recorded.end.mark, pause });
    const timeline = new Timeline(history, new EventView(recorded.events), () => null);
    const random = randomFrom(seed);
    const state = (h: History): string => JSON.stringify([h.machine.mark, h.machine.digest()]);
    const marks = Array.from({ length: 40 }, () => Math.floor(random() * recorded.end.mark.icount)).sort((a, b) => a - b);
    const expected = new Map<number, string>();
    straight.toStart();
    for (const icount of marks) {
      await straight.runTo({ icount, event: 0 });
      expected.set(icount, state(straight));
    }
    for (const icount of marks.sort(() => random() - 0.5)) {
      const context = `seed ${seed}, #${icount}`;
      await timeline.seek({ icount, event: 0 });
      expect(await timeline.show(() => state(history)), context).toBe(expected.get(icount));
      const count = 1 + Math.floor(random() * 30);
      const back = await timeline.step('back', 'instruction', count, { pause });
      await timeline.step('forward', 'instruction', back, { pause });
      expect(await timeline.show(() => state(history)), `${context}, ${count} back and forward`).toBe(expected.get(icount));
      const forward = await timeline.step('forward', 'instruction', count, { pause });
      await timeline.step('back', 'instruction', forward, { pause });
      expect(await timeline.show(() => state(history)), `${context}, ${count} forward and back`).toBe(expected.get(icount));
    }
  });

  testWith(['aarch64-linux-gnu-gcc'], 'hits after the fact are those of a watchpoint, and the last write is the last of them', async () => {
    const { program, address } = assemble();
    const watch = { text: 'mem:counter/8:w', address: address('counter'), length: 8, type: 2 };
    const watched = await record(machineOf(program, [watch]));
    const log = watched.events;
    const values = [...log.indices({ kinds: ['watchpoint-hit'] })]
      .map((i) => log.getAs('watchpoint-hit', i))
      .map((hit) => [hit.pc, hit.fields.old, hit.fields.new]);
    expect(values).toHaveLength(3000);

    const recorded = await record(machineOf(program, []));
    const history = new History({ machine: machineOf(program, []), inputs: [], end: recorded.end.mark, pause });
    const wanted = { text: watch.text, address: watch.address, length: 8, read: false, write: true, execute: false };
    const hits: FoundHit[] = [];
    await findHits(history, wanted, { pause }, (batch) => hits.push(...batch));
    expect(hits.map((hit) => [hit.pc, hit.fields.old, hit.fields.new])).toEqual(values);
    const before = { icount: Math.floor(recorded.end.mark.icount / 2), event: 0 };
    const last = await findLast(history, wanted, before, { pause });
    expect(formatMark(last!)).toBe(formatMark(hits.findLast((hit) => compareMarks(hit, before) < 0)!));
  });

  testWith(['aarch64-linux-gnu-gcc'], 'over and out are inverses, and a replay verifies', async () => {
    const { program, address } = assemble();
    const recorded = await record(machineOf(program, []));
    const { events, digests, end } = recorded;
    const history = new History({ machine: machineOf(program, []), inputs: [], end: end.mark, pause });
    const timeline = new Timeline(history, new EventView(events), () => null);
    const manners = { pause };
    const pc = (): Promise<bigint> => timeline.show(() => history.machine.view.cpu(history.machine.view.currentCpu).pc);
    expect(await timeline.seekExecution(address('bump'), manners)).toBe(true);
    expect(await pc()).toBe(address('bump'));
    const inside = timeline.mark;
    await timeline.step('forward', 'out', 1, manners);
    const after = timeline.mark;
    await timeline.step('back', 'over', 1, manners);
    const call = timeline.mark;
    expect(compareMarks(call, inside)).toBeLessThan(0);
    await timeline.step('forward', 'over', 1, manners);
    expect(timeline.mark).toEqual(after);
    await timeline.seek(inside);
    await timeline.step('back', 'out', 1, manners);
    expect(timeline.mark).toEqual(call);
    const verified = await verify(history, { events, digests, eventCount: end.eventCount }, manners, () => {});
    expect(verified).toEqual({ digests: digests.length, events: events.length, divergence: null });
  });
});
