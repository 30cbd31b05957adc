// Drives a machine from power-on to its end while keeping everything a recording is made of, and on the way the checkpoints and
// intervals that make it cheap to walk at once. It writes no file: pieces go to whoever asked for them.
import { EventLog, MAX_EVENTS } from '../../recordings/format/event-log.ts';
import type { TraceEvent } from '../../recordings/format/events.ts';
import type { RecordedDigest, RecordedInput, RecordingEnd } from '../../recordings/format/recording.ts';
import { type Mark, compareMarks } from '../base/mark.ts';
import type { MachineApi, RunStop } from '../machine/machine-api.ts';
import { AGED, CheckpointStore } from './checkpoints.ts';
import { BUSY_EVENTS, BUSY_ICOUNT, SLICE_TICKS } from './history.ts';
import { type LiveInput, recordingInput } from './inputs.ts';
import { IntervalIndex, intervalEnd } from './intervals.ts';

/** A digest is recorded at every multiple of this, and at the end. */
export const DIGEST_EVERY = 2 ** 24;

/** Early intervals are short: the message loop is looked at less often than they end. */
const PAUSE_ICOUNT = 2 ** 18;

export interface RecorderHost {
  readonly live: LiveInput;
  /** Waits until `live` has something to say; 'stop' ends the recording. */
  readonly awaitInput: () => Promise<'more' | 'stop'>;
  readonly pause: () => Promise<void>;
  /** Asked after each slice. */
  readonly stopRequested: () => boolean;
  readonly onEvent?: (event: TraceEvent) => void;
  /** After each slice. */
  readonly onProgress?: (log: EventLog, mark: Mark) => void;
}

export interface Recorded {
  readonly events: EventLog;
  readonly inputs: readonly RecordedInput[];
  readonly digests: readonly RecordedDigest[];
  readonly end: RecordingEnd;
  readonly kept: CheckpointStore;
  readonly intervals: IntervalIndex;
}

/** The parts of a recording while they grow; a writer may look at them after any slice. */
export class Recorder {
  readonly machine: MachineApi;
  readonly events = new EventLog();
  readonly inputs: RecordedInput[] = [];
  readonly digests: RecordedDigest[] = [];
  readonly kept = new CheckpointStore(AGED);
  readonly intervals = new IntervalIndex();
  readonly #host: RecorderHost;
  #intervalStart: Mark;

  /** The machine stands at power-on. */
  constructor(machine: MachineApi, host: RecorderHost) {
    this.machine = machine;
    this.#host = host;
    this.#intervalStart = machine.mark;
    machine.input = recordingInput(this.inputs, host.live);
    machine.onEvent = (event) => {
      this.events.append(event);
      host.onEvent?.(event);
    };
    machine.onPatch = (index, fields) => this.events.patch(index, fields as Parameters<EventLog['patch']>[1]);
    machine.takeTouched();
    this.kept.add(machine.save());
  }

  /** To the end of the program, `maxIcount`, or a stop. Each is an ordinary ending. */
  async run(maxIcount: number | null): Promise<Recorded> {
    const exit = await this.#drive(maxIcount);
    if (compareMarks(this.machine.mark, this.#intervalStart) > 0) this.#closeInterval();
    if (compareMarks(this.digests.at(-1)?.mark ?? { icount: -1, event: 0 }, this.machine.mark) !== 0) this.#recordDigest();
    this.machine.onEvent = null;
    this.machine.onPatch = null;
    return {
      events: this.events,
      inputs: this.inputs,
      digests: this.digests,
      end: { mark: this.machine.mark, eventCount: this.events.length, exit },
      kept: this.kept,
      intervals: this.intervals,
    };
  }

  async #drive(maxIcount: number | null): Promise<RecordingEnd['exit']> {
    const { machine } = this;
    let paused = machine.mark.icount;
    let busy = machine.eventCount;
    for (;;) {
      const boundary = intervalEnd(machine.mark.icount);
      const icount = maxIcount === null ? boundary : Math.min(boundary, maxIcount);
      const stop = machine.run({ icount, event: 0 }, BUSY_ICOUNT);
      this.#host.onProgress?.(this.events, machine.mark);
      if (stop.kind === 'exited') return { code: stop.code, signal: stop.signal, how: stop.signal === null ? 'exited' : 'killed' };
      if (stop.kind === 'deadlock') return this.#stopped('deadlock', stop);
      if (maxIcount !== null && machine.mark.icount >= maxIcount) return this.#stopped('max-icount', stop);
      if (stop.kind === 'target') this.#closeInterval();
      else if (machine.eventCount - busy >= BUSY_EVENTS) this.kept.add(machine.save());
      if (stop.kind === 'target' || machine.eventCount - busy >= BUSY_EVENTS) busy = machine.eventCount;
      if (this.events.length > MAX_EVENTS - SLICE_TICKS) return this.#stopped('event log full', stop);
      if (stop.kind === 'input' && (await this.#host.awaitInput()) === 'stop') return this.#stopped('stopped', stop);
      if (stop.kind === 'input' || machine.mark.icount - paused >= PAUSE_ICOUNT) {
        paused = machine.mark.icount;
        await this.#host.pause();
      }
      if (this.#host.stopRequested()) return this.#stopped('stopped', stop);
    }
  }

  #stopped(how: string, stop: RunStop): RecordingEnd['exit'] {
    if (how !== 'deadlock') this.inputs.push({ kind: 'stop', mark: this.machine.mark, reason: how });
    return { code: 0, signal: null, how: stop.kind === 'deadlock' ? `deadlock: ${stop.text}` : how };
  }

  #closeInterval(): void {
    const { machine } = this;
    this.intervals.append(this.#intervalStart, machine.mark, machine.takeTouched());
    this.#intervalStart = machine.mark;
    if (machine.mark.icount % DIGEST_EVERY === 0) this.#recordDigest();
    this.kept.add(machine.save());
  }

  #recordDigest(): void {
    const { lo, hi } = this.machine.digest();
    this.digests.push({ mark: this.machine.mark, lo, hi });
  }
}
