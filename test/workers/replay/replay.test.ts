// The algorithms of workers/replay against the toy machine: what is the same forwards and backwards, and what each costs.
import { describe, expect, test } from 'vitest';
import { type Mark, compareMarks, formatMark } from '../../../workers/base/mark.ts';
import { describeDivergence, difference, locate } from '../../../workers/replay/divergence.ts';
import { Cancelled, History } from '../../../workers/replay/history.ts';
import { findHits, findLast, type FoundHit, type Wanted } from '../../../workers/replay/query.ts';
import { type EventMarks, Timeline } from '../../../workers/replay/timeline.ts';
import { verify } from '../../../workers/replay/verify.ts';
import { TOY_BASE, ToyMachine } from '../../support/toy-machine.ts';
import { freshHistory, pause, randomFrom, recordToy } from '../../support/toy-recording.ts';

const manners = { pause };
const seed = Number(process.env['TRAPLINE_SEED'] ?? 20_240_607);
const LENGTH = 70_000;
const options = { seed: 99, length: LENGTH };

function marksOf(log: { length: number; markAt(i: number): Mark; search(mark: Mark): number }): EventMarks {
  return {
    next: (mark) => {
      const at = log.search({ icount: mark.icount, event: mark.event + 1 });
      return at < log.length ? log.markAt(at) : null;
    },
    previous: (mark) => {
      const at = log.search(mark) - 1;
      return at >= 0 ? log.markAt(at) : null;
    },
  };
}

const digestAt = (history: History): string => JSON.stringify([history.machine.mark, history.machine.digest()]);

describe('recorder', () => {
  test('keeps events, inputs, a digest of the end, and intervals that cover the run', async () => {
    const { recorded } = await recordToy(options);
    expect(recorded.end.exit).toEqual({ code: 0, signal: null, how: 'exited' });
    expect(recorded.events.length).toBeGreaterThan(100);
    expect(recorded.inputs.some((input) => input.kind === 'stdin')).toBe(true);
    expect(recorded.digests.at(-1)!.mark).toEqual(recorded.end.mark);
    expect(recorded.intervals.end).toEqual(recorded.end.mark);
    expect(recorded.intervals.count).toBe(Math.ceil(LENGTH / 2 ** 14));
  });

  test('ends at maxIcount exactly, as an ordinary ending that names itself', async () => {
    const { recorded } = await recordToy(options, 12_345);
    expect(recorded.end.mark.icount).toBe(12_345);
    expect(recorded.end.exit.how).toBe('max-icount');
    expect(recorded.inputs.at(-1)).toMatchObject({ kind: 'stop', reason: 'max-icount' });
  });
});

describe('going to a Mark', () => {
  test('reaches the same state from a file as the recorder had, whatever the order', async () => {
    const { recorded, machine } = await recordToy(options);
    const straight = new History({
      machine,
      inputs: recorded.inputs,
      end: recorded.end.mark,
      pause,
      kept: recorded.kept,
      intervals: recorded.intervals,
    });
    const { history } = freshHistory(options, recorded);
    const random = randomFrom(seed);
    for (let i = 0; i < 60; i++) {
      const mark = { icount: Math.floor(random() * LENGTH), event: 0 };
      await straight.goTo(mark);
      await history.goTo(mark, { dense: i % 2 === 0 });
      expect(digestAt(history), `seed ${seed}, ${formatMark(mark)}`).toBe(digestAt(straight));
    }
  });

  test('a Mark after the end is refused by name', async () => {
    const { recorded } = await recordToy(options);
    const { history } = freshHistory(options, recorded);
    await expect(history.goTo({ icount: LENGTH + 1, event: 0 })).rejects.toThrow(/after the end/);
  });
});

describe('stepping', () => {
  test('back is the inverse of forward, by instruction and by event, from anywhere', async () => {
    const { recorded } = await recordToy(options);
    const { history } = freshHistory(options, recorded);
    const timeline = new Timeline(history, marksOf(recorded.events), () => null);
    const random = randomFrom(seed);
    for (let i = 0; i < 120; i++) {
      await timeline.seek({ icount: Math.floor(random() * LENGTH), event: 0 });
      if (i % 3 === 0) await timeline.step('forward', 'event', 1, manners);
      const unit = random() < 0.7 ? 'instruction' : 'event';
      const count = 1 + Math.floor(random() * 12);
      const before = timeline.mark;
      const state = await timeline.show(() => digestAt(history));
      const moved = await timeline.step('forward', unit, count, manners);
      const returned = await timeline.step('back', unit, moved, manners);
      expect(returned).toBe(moved);
      if (unit === 'event') {
        // Forward from between two events goes to the next; back from there to the one before, which is here only when here is an event.
        if (recorded.events.at(before) >= 0) expect(timeline.mark).toEqual(before);
      } else {
        expect(await timeline.show(() => digestAt(history)), `seed ${seed}, ${formatMark(before)} ${unit} ${count}`).toBe(state);
      }
    }
  });

  test('a hundred steps back cost little more than the way there', async () => {
    const { recorded } = await recordToy(options);
    const { history, machine } = freshHistory(options, recorded);
    const timeline = new Timeline(history, marksOf(recorded.events), () => null);
    await timeline.seek({ icount: 65_000, event: 0 });
    await timeline.step('back', 'instruction', 1, manners);
    const before = machine.ticks;
    expect(await timeline.step('back', 'instruction', 100, manners)).toBe(100);
    expect(machine.ticks - before).toBeLessThan(100 * 60 + 2000);
  });

  test('back from the start and forward from the end do not move', async () => {
    const { recorded } = await recordToy(options);
    const { history } = freshHistory(options, recorded);
    const timeline = new Timeline(history, marksOf(recorded.events), () => null);
    expect(await timeline.step('back', 'instruction', 3, manners)).toBe(0);
    await timeline.seek(recorded.end.mark);
    expect(await timeline.step('forward', 'instruction', 1, manners)).toBe(0);
    expect(timeline.mark).toEqual(recorded.end.mark);
  });
});

/** Every access to the range by ticking through the whole run. */
async function bruteForce(wanted: Wanted, recordedInputs: Parameters<typeof freshHistory>[1]): Promise<FoundHit[]> {
  const { history, machine } = freshHistory(options, recordedInputs);
  const found: FoundHit[] = [];
  const offset = Number(wanted.address) - TOY_BASE;
  const bytes = (): string => history.machine.view.read(1, BigInt(TOY_BASE + offset), wanted.length).join();
  let last = bytes();
  while (machine.ended === null) {
    const mark = machine.mark;
    machine.tick();
    const now = bytes();
    if (now !== last) found.push({ icount: mark.icount, event: mark.event } as FoundHit);
    last = now;
  }
  return found;
}

describe('questions after the fact', () => {
  const wanted: Wanted = { text: 'mem:x/8:w', address: BigInt(TOY_BASE + 0x100), length: 8, read: false, write: true, execute: false };

  test('hits agree with single steps, before and after the intervals are built', async () => {
    const { recorded } = await recordToy(options);
    const { history } = freshHistory(options, recorded);
    const brute = await bruteForce(wanted, recorded);
    expect(brute.length).toBeGreaterThan(3);
    for (const round of ['building', 'built']) {
      const hits: FoundHit[] = [];
      await findHits(history, wanted, manners, (batch) => hits.push(...batch));
      const changing = hits.filter((hit) => hit.fields.old !== hit.fields.new);
      expect(
        changing.map((hit) => formatMark(hit)),
        round,
      ).toEqual(brute.map((hit) => formatMark(hit)));
    }
  });

  test('the last write before any Mark agrees with single steps', async () => {
    const { recorded } = await recordToy(options);
    const { history } = freshHistory(options, recorded);
    const all: FoundHit[] = [];
    await findHits(history, wanted, manners, (batch) => all.push(...batch));
    const random = randomFrom(seed);
    for (let i = 0; i < 25; i++) {
      const before = { icount: Math.floor(random() * LENGTH), event: 0 };
      const found = await findLast(history, wanted, before, manners);
      const expected = all.findLast((hit) => compareMarks(hit, before) < 0) ?? null;
      expect(found && formatMark(found), `seed ${seed}`).toBe(expected && formatMark(expected));
    }
  });

  test('intervals that did not touch the page are not executed again', async () => {
    const { recorded, machine } = await recordToy(options);
    const history = new History({
      machine,
      inputs: recorded.inputs,
      end: recorded.end.mark,
      pause,
      kept: recorded.kept,
      intervals: recorded.intervals,
    });
    const before = machine.ticks;
    await findHits(history, { ...wanted, address: 0x5000_0000n }, manners, () => {});
    expect(machine.ticks).toBe(before);
  });

  test('a cancelled question keeps what it found, and the machine is usable', async () => {
    const { recorded } = await recordToy(options);
    const { history } = freshHistory(options, recorded);
    let stop = false;
    const hits: FoundHit[] = [];
    await expect(
      findHits(history, wanted, { pause, cancelled: () => stop }, (batch) => {
        hits.push(...batch);
        stop = true;
      }),
    ).rejects.toThrow(Cancelled);
    expect(hits.length).toBeGreaterThan(0);
    await history.goTo({ icount: 500, event: 0 });
    expect(history.machine.mark.icount).toBe(500);
  });

  test('a person may step while a question is being answered', async () => {
    const { recorded } = await recordToy(options);
    const { history } = freshHistory(options, recorded);
    const timeline = new Timeline(history, marksOf(recorded.events), () => null);
    const hits: FoundHit[] = [];
    const question = findHits(history, wanted, manners, (batch) => hits.push(...batch));
    for (let i = 0; i < 5; i++) {
      await timeline.seek({ icount: 1000 * i + 7, event: 0 });
      expect(await timeline.show(() => history.machine.mark.icount)).toBe(1000 * i + 7);
    }
    await question;
    const alone: FoundHit[] = [];
    await findHits(freshHistory(options, recorded).history, wanted, manners, (batch) => alone.push(...batch));
    expect(hits).toEqual(alone);
  });
});

describe('verification', () => {
  const nothing = (): void => {};
  const expectation = (recorded: Awaited<ReturnType<typeof recordToy>>['recorded']) => ({
    events: recorded.events,
    digests: recorded.digests,
    eventCount: recorded.end.eventCount,
  });

  test('a good recording verifies', async () => {
    const { recorded } = await recordToy(options);
    const { history } = freshHistory(options, recorded);
    const verified = await verify(history, expectation(recorded), manners, nothing);
    expect(verified).toEqual({ digests: recorded.digests.length, events: recorded.events.length, divergence: null });
  });

  test('a machine that goes wrong is caught, and located to the Mark and the register', async () => {
    const { recorded, machine } = await recordToy(options);
    const at = 43_210;
    const wrong = { ...options, perturb: (s: { icount: number; regs: Uint32Array }) => void (s.icount === at && (s.regs[11]! ^= 1 << 20)) };
    const { history } = freshHistory(wrong, recorded);
    const good = new History({
      machine,
      inputs: recorded.inputs,
      end: recorded.end.mark,
      pause,
      kept: recorded.kept,
      intervals: recorded.intervals,
    });
    const verified = await verify(history, expectation(recorded), manners, nothing, (work) =>
      work({ machine, goTo: (mark) => good.goTo(mark) }),
    );
    expect(verified.divergence).toMatchObject({ exact: true, mark: { icount: at + 1, event: 0 } });
    expect(describeDivergence(verified.divergence!)).toMatch(/#43211: (x11|x\d+) of CPU 0/);
  });

  test('a flipped byte of the inputs is caught', async () => {
    const { recorded } = await recordToy(options);
    const inputs = recorded.inputs.map((input, i) =>
      i === 3 && input.kind === 'stdin' ? { ...input, data: input.data.map((byte, j) => (j === 1 ? byte ^ 4 : byte)) } : input,
    );
    const { history } = freshHistory(options, { ...recorded, inputs });
    const verified = await verify(history, expectation(recorded), manners, nothing);
    expect(verified.divergence).not.toBeNull();
  });

  test('locate finds a single changed byte of memory', async () => {
    const make = (perturbed: boolean) => {
      const machine = new ToyMachine(
        perturbed ? { ...options, perturb: (s) => void (s.icount === 777 && (s.memory[0x9abc] = 0x47)) } : options,
      );
      return {
        machine,
        goTo: (mark: Mark) => {
          if (compareMarks(machine.mark, mark) > 0) machine.restore(start[perturbed ? 1 : 0]!);
          machine.run(mark);
          return Promise.resolve();
        },
      };
    };
    const start = [new ToyMachine(options).save(), new ToyMachine(options).save()];
    const found = await locate(make(false), make(true), { icount: 0, event: 0 }, { icount: 5000, event: 0 });
    expect(found).toMatchObject({ exact: true, mark: { icount: 777 } });
    expect(difference(new ToyMachine(options), new ToyMachine({ ...options, seed: 5 }), { icount: 0, event: 0 }).field).not.toBe('');
  });
});
