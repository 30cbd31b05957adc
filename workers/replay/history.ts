// One machine together with everything that makes any Mark of its recording cheap to reach: checkpoints, intervals, inputs.
// It moves the machine; what a person means by a step is timeline.ts, what a question means is query.ts.
import { type Mark, START, compareMarks, formatMark } from '../base/mark.ts';
import type { RecordedInput } from '../../recordings/format/recording.ts';
import type { AccessQuery, Checkpoint, MachineApi, RunStop } from '../machine/machine-api.ts';
import { AGED, CheckpointStore, NEAR } from './checkpoints.ts';
import { ReplayInput } from './inputs.ts';
import { IntervalIndex, countIntervalsTo, intervalEnd } from './intervals.ts';

/** Ticks between two looks at the message loop; some tens of milliseconds. */
export const SLICE_TICKS = 2 ** 20;

/** So many events in so many instructions are worth a checkpoint of their own. */
export const BUSY_ICOUNT = 2 ** 17;
export const BUSY_EVENTS = 2000;

/** The recording and the replay disagree so much that a Mark cannot be reached: a damaged file, or a divergence. The message is a sentence. */
export class ReplayFault extends Error {}

/** The long work was cancelled; what it reported so far stands. */
export class Cancelled extends Error {
  constructor() {
    super('cancelled');
  }
}

/** How long work stays polite: `pause` lets messages in, `cancelled` says whether one of them was `cancel`. */
export interface Manners {
  readonly pause: () => Promise<void>;
  readonly cancelled?: () => boolean;
}

/** Lets messages in; throws Cancelled when one of them was `cancel`. */
export async function polite(manners: Manners): Promise<void> {
  await manners.pause();
  if (manners.cancelled?.() === true) throw new Cancelled();
}

export interface HistoryParts {
  readonly machine: MachineApi;
  readonly inputs: readonly RecordedInput[];
  readonly end: Mark;
  readonly pause: () => Promise<void>;
  /** What a recorder already made with this machine. */
  readonly kept?: CheckpointStore;
  readonly intervals?: IntervalIndex;
}

export class History {
  readonly machine: MachineApi;
  readonly end: Mark;
  readonly kept: CheckpointStore;
  /** Around the place somebody looks at; emptied freely. */
  readonly near = new CheckpointStore(NEAR);
  readonly intervals: IntervalIndex;
  readonly #input: ReplayInput;
  readonly #pause: () => Promise<void>;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** Why nothing after the last interval can be reached. */
  #stuck: ReplayFault | null = null;

  /** Without `kept` the machine stands at its power-on state. */
  constructor(parts: HistoryParts) {
    this.machine = parts.machine;
    this.end = parts.end;
    this.#pause = parts.pause;
    this.#input = new ReplayInput(parts.inputs);
    this.machine.input = this.#input;
    this.machine.onEvent = null;
    this.machine.onPatch = null;
    this.kept = parts.kept ?? new CheckpointStore(AGED);
    this.intervals = parts.intervals ?? new IntervalIndex();
    if (this.kept.count === 0) this.kept.add(this.machine.save());
  }

  /** Runs `work` alone with the machine. Calls queue in order. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#tail;
    let release = (): void => {};
    this.#tail = new Promise((resolve) => (release = resolve));
    this.#waiting++;
    await before;
    this.#waiting--;
    try {
      return await work();
    } finally {
      this.machine.setQuery(null);
      release();
    }
  }

  /** Somebody waits for `exclusive`: long work should end its `exclusive` soon and start another. */
  get contended(): boolean {
    return this.#waiting > 0;
  }

  restore(checkpoint: Checkpoint): void {
    this.machine.restore(checkpoint);
    this.#input.rewind();
  }

  /** Intervals of the whole recording, built or not. */
  countIntervals(): number {
    return Math.max(countIntervalsTo(this.end.icount), this.intervals.count, 1);
  }

  get complete(): boolean {
    return compareMarks(this.intervals.end, this.end) >= 0 && this.intervals.count > 0;
  }

  /** Executes the first interval that is not built yet, with `queries` in force. */
  async buildNext(manners: Manners = { pause: this.#pause }, queries: readonly AccessQuery[] | null = null): Promise<void> {
    if (this.#stuck !== null) throw this.#stuck;
    const start = this.intervals.end;
    if (compareMarks(this.machine.mark, start) !== 0) this.restore(this.#at(start));
    this.machine.takeTouched();
    const next = { icount: intervalEnd(start.icount), event: 0 };
    const target = compareMarks(next, this.end) < 0 ? next : this.end;
    this.machine.setQuery(queries);
    let end = target;
    try {
      await this.#buildTo(target, manners);
    } catch (fault) {
      if (!(fault instanceof ReplayFault)) throw fault;
      // The recording claims more than its program does: what there is can still be walked.
      this.#stuck = fault;
      end = this.machine.mark;
    }
    this.machine.setQuery(null);
    if (compareMarks(end, start) > 0) {
      this.intervals.append(start, end, this.machine.takeTouched());
      this.kept.add(this.machine.save());
    }
  }

  /** Kernel steps cost many times what instructions do: where much happens, checkpoints are closer than intervals. */
  async #buildTo(target: Mark, manners: Manners): Promise<void> {
    const { machine } = this;
    let events = machine.eventCount;
    for (;;) {
      const next = { icount: machine.mark.icount + BUSY_ICOUNT, event: 0 };
      const last = compareMarks(next, target) >= 0;
      await this.runTo(last ? target : next, manners);
      await polite(manners);
      if (last) return;
      if (machine.eventCount - events < BUSY_EVENTS) continue;
      events = machine.eventCount;
      this.kept.add(machine.save());
    }
  }

  #at(mark: Mark): Checkpoint {
    const found = this.kept.nearest(mark);
    if (found === null || compareMarks(found.mark, mark) !== 0)
      throw new ReplayFault(`no checkpoint at ${formatMark(mark)}, where replay got to`);
    return found;
  }

  /**
   * Puts the machine at a Mark: nearest checkpoint, then forward. A Mark between two events of one tick is not a state; the machine
   * then stands at the last state before it. `dense` leaves checkpoints on the way, ever closer, for those who step back next.
   */
  async goTo(mark: Mark, options: Partial<Manners> & { readonly dense?: boolean } = {}): Promise<void> {
    const manners = { pause: this.#pause, ...options };
    if (compareMarks(mark, this.end) > 0)
      throw new ReplayFault(`${formatMark(mark)} is after the end of the recording, ${formatMark(this.end)}`);
    while (compareMarks(this.intervals.end, mark) < 0) await this.buildNext(manners);
    const best = this.#nearest(mark);
    const here = this.machine.mark;
    const ahead = compareMarks(here, mark) <= 0 && (best === null || compareMarks(best.mark, here) <= 0);
    if (!ahead) this.restore(best!);
    if (options.dense === true) {
      const from = this.machine.mark.icount;
      for (let gap = Math.floor((mark.icount - from) / 2); gap >= 512; gap = Math.floor(gap / 2)) {
        await this.runTo({ icount: mark.icount - gap, event: 0 }, manners);
        this.near.add(this.machine.save());
      }
    }
    await this.runTo(mark, manners);
  }

  #nearest(mark: Mark): Checkpoint | null {
    const kept = this.kept.nearest(mark);
    const near = this.near.nearest(mark);
    if (kept === null || near === null) return kept ?? near;
    return compareMarks(kept.mark, near.mark) >= 0 ? kept : near;
  }

  /** Forward only, in slices. */
  async runTo(mark: Mark, manners: Manners = { pause: this.#pause }): Promise<void> {
    for (;;) {
      const stop = this.machine.run(mark, SLICE_TICKS);
      if (stop.kind === 'target' || compareMarks(this.machine.mark, mark) === 0) return;
      if (stop.kind !== 'interrupted') throw new ReplayFault(sentence(stop, this.machine.mark, mark));
      await polite(manners);
    }
  }

  /** Back to power-on, as `verify` needs it: nothing but the image and the inputs. */
  toStart(): void {
    this.restore(this.#at(START));
  }
}

function sentence(stop: RunStop, mark: Mark, wanted: Mark): string {
  const where = `at ${formatMark(mark)}, before ${formatMark(wanted)} that the recording has`;
  switch (stop.kind) {
    case 'exited':
      return `the replayed program ended ${where}`;
    case 'input':
      return `the replayed program asks for standard input that the recording does not have, ${where}`;
    case 'deadlock':
      return `the replayed program sleeps for ever (${stop.text}) ${where}`;
    case 'target':
    case 'interrupted':
      return `replay stopped ${where}`;
  }
}
