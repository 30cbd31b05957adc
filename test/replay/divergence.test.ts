// Faults put in on purpose: a replay that goes wrong is caught, and located to the Mark and the field.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import { readRecording } from '../../recordings/format/read.ts';
import { writeRecording } from '../../recordings/format/write.ts';
import { createMachine } from '../../workers/kernel/create-machine.ts';
import type { Machine } from '../../workers/machine/machine.ts';
import { History } from '../../workers/replay/history.ts';
import { type Verified, verify } from '../../workers/replay/verify.ts';
import type { RecordedProgram } from '../../workers/session/record-program.ts';
import { cli, isSentence } from '../support/cli.ts';
import { pause, recordGuest } from '../support/guests.ts';
import { guestPath, testWith } from '../support/tools.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-divergence-'));
});

/** Replays on a machine in which `fault` happens just before instruction `at`, against the recorder's own checkpoints. */
async function replayWithFault(made: RecordedProgram, at: number, fault: (machine: Machine) => void): Promise<Verified> {
  const created = createMachine(made.recording.config);
  if (!created.ok) throw new Error(created.error);
  const machine = created.value as Machine;
  const run = machine.run.bind(machine);
  const tick = machine.tick.bind(machine);
  const here = (): boolean => machine.mark.icount === at && machine.mark.event === 0;
  machine.tick = () => {
    if (here()) fault(machine);
    return tick();
  };
  machine.run = (target, most) => {
    if (machine.mark.icount < at && (target === null || target.icount > at)) {
      const stop = run({ icount: at, event: 0 }, most);
      if (!here()) return stop;
    }
    if (here() && (target === null || target.icount > at)) fault(machine);
    return run(target, most);
  };
  const { inputs, events, digests, end } = made.recording;
  const suspect = new History({ machine, inputs, end: end!.mark, pause });
  const { kept, intervals } = made.recorded;
  const good = new History({ machine: made.machine, inputs, end: end!.mark, pause, kept, intervals });
  return verify(
    suspect,
    { events, digests, eventCount: end!.eventCount },
    { pause },
    () => {},
    (work) => work({ machine: good.machine, goTo: (mark) => good.goTo(mark) }),
  );
}

/** The first icount from `from` on at which the program executes: in the kernel a general register is soon restored. */
async function inProgram(made: RecordedProgram, from: number): Promise<number> {
  const { kept, intervals } = made.recorded;
  const { inputs, end } = made.recording;
  const history = new History({ machine: made.machine, inputs, end: end!.mark, pause, kept, intervals });
  await history.goTo({ icount: from, event: 0 });
  while (history.machine.view.cpu(0).el === 1) history.machine.tick();
  return history.machine.mark.icount;
}

describe('a replay that goes wrong', () => {
  testWith(['guest:ledger'], 'in a register is located to the Mark and the register', async () => {
    const made = await recordGuest('ledger');
    const at = await inProgram(made, Math.floor(made.recording.end!.mark.icount / 3));
    const { divergence } = await replayWithFault(made, at, (machine) => machine.cpus[0]!.setX(18, 0x5eed));
    expect(divergence).toMatchObject({ exact: true, mark: { icount: at + 1 }, field: 'x18 of CPU 0', found: '0x5eed' });
  });

  testWith(['guest:ledger'], 'in the state of the scheduler is located to the Mark', async () => {
    const made = await recordGuest('ledger');
    const at = Math.floor(made.recording.end!.mark.icount / 2);
    const { divergence } = await replayWithFault(made, at, (machine) => void machine.random());
    expect(divergence).toMatchObject({ exact: true, mark: { icount: at + 1 } });
    expect(divergence!.field).toMatch(/record/);
  });

  testWith(['guest:race'], 'is not seen where another CPU is hit while one is stepped over', async () => {
    const made = await recordGuest('race', { cpus: 2, events: ['mem:shared/8:w'], maxIcount: 400_000 });
    expect(made.recording.events.countOf('watchpoint-hit')).toBeGreaterThan(1000);
    expect((await replayWithFault(made, 1000, () => {})).divergence).toBeNull();
  });

  testWith(['guest:ledger'], 'no fault, no divergence', async () => {
    const made = await recordGuest('ledger');
    const { divergence, digests } = await replayWithFault(made, 1000, () => {});
    expect(divergence).toBeNull();
    expect(digests).toBe(made.recording.digests.length);
  });
});

describe('a recording that was tampered with', () => {
  testWith(['guest:cat'], 'a flipped byte of its input is a divergence: exit 3, the Mark and the field', async () => {
    const file = join(folder, 'cat.trapline');
    await cli(['record', '-o', file, '--', guestPath('cat')], { stdin: 'the true input\n' });
    const read = readRecording(new Uint8Array(readFileSync(file)));
    if (!read.ok) throw new Error(read.error);
    const inputs = read.value.inputs.map((input) =>
      input.kind === 'stdin' ? { ...input, data: input.data.map((byte, i) => (i === 4 ? byte ^ 1 : byte)) } : input,
    );
    writeFileSync(file, writeRecording({ ...read.value, inputs }));
    const run = await cli(['replay', '--verify', file]);
    expect(run.status).toBe(3);
    expect(run.error).toMatch(/differs from the recording (at|not later than) #\d+(\.\d+)?: .* is .*, recorded was /);
    expect(isSentence(run.error), run.error).toBe(true);
  });

  testWith(['guest:counter'], 'a changed event is a divergence', async () => {
    const made = await recordGuest('counter', { events: ['mem:counter/8:w'] });
    const hit = made.recording.events.nextOf(['watchpoint-hit'], 0);
    made.recording.events.patch(hit, { new: 0x1234n });
    const file = join(folder, 'counter.trapline');
    writeFileSync(file, writeRecording(made.recording));
    const run = await cli(['replay', '--verify', file]);
    expect(run.status).toBe(3);
    expect(run.error).toMatch(new RegExp(`event ${hit} watchpoint-hit.new is 0x0, recorded was 0x1234`));
  });
});
