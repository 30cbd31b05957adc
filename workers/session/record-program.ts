// Records one program from request to recording, and hands pieces out while it runs. The host brings input, patience and the wish to
// stop; nothing here knows files or clocks.
import { type RecordingPiece, RecordingStream } from '../../recordings/format/write.ts';
import type { EventLog } from '../../recordings/format/event-log.ts';
import type { TraceEvent } from '../../recordings/format/events.ts';
import { FORMAT_VERSION, type Recording, type RecordingHeader, lastKnownMark } from '../../recordings/format/recording.ts';
import type { RecordProgress, RecordRequest } from '../api/workbench-api.ts';
import type { Mark } from '../base/mark.ts';
import { type Result, err, ok } from '../base/result.ts';
import { createMachine } from '../kernel/create-machine.ts';
import type { MachineApi } from '../machine/machine-api.ts';
import { type LiveInput, bytesInput } from '../replay/inputs.ts';
import { type Recorded, Recorder } from '../replay/recorder.ts';
import { kernelTextId } from './kernel-text.ts';
import { type MachineOptions, configOf } from './program.ts';

export const TOOL = 'trapline 0.1.0';

/** Events or instructions after which what has gathered is given away. */
const FLUSH_EVENTS = 65_536;
const FLUSH_ICOUNT = 2 ** 25;
/** A request may bring so much; guest RAM holds it all. */
const MOST_FILE_BYTES = 128 * 1024 * 1024;

export interface RecordHost {
  readonly pause: () => Promise<void>;
  readonly stopRequested: () => boolean;
  /** Default: the bytes of the request, then end of file. */
  readonly live?: LiveInput;
  readonly awaitInput?: () => Promise<'more' | 'stop'>;
  readonly onEvent?: (event: TraceEvent) => void;
  readonly onProgress?: (progress: RecordProgress) => void;
  readonly onPiece?: (piece: RecordingPiece) => void;
  /** Milliseconds of some clock, for the rate shown to people; nothing recorded depends on it. */
  readonly now?: () => number;
}

export interface RecordedProgram {
  readonly recording: Recording;
  readonly recorded: Recorded;
  /** Stands at the end; its checkpoints are in `recorded`. */
  readonly machine: MachineApi;
}

export async function recordProgram(request: RecordRequest & MachineOptions, host: RecordHost): Promise<Result<RecordedProgram>> {
  const bytes = request.files.reduce((sum, file) => sum + file.data.length, request.program.length);
  if (bytes > MOST_FILE_BYTES) return err(`the program and its files are ${bytes} bytes; a recording holds at most ${MOST_FILE_BYTES}`);
  if (request.maxIcount !== null && !(Number.isSafeInteger(request.maxIcount) && request.maxIcount > 0)) {
    return err(`an instruction limit of ${request.maxIcount} is not possible; use a positive whole number`);
  }
  const config = configOf(request);
  if (!config.ok) return config;
  const made = createMachine(config.value);
  if (!made.ok) return made;
  const machine = made.value;

  const progress = new ProgressMeter(host);
  let flushed = { events: 0, icount: 0 };
  const given = { inputs: 0, digests: 0 };
  const recorder = new Recorder(machine, {
    live: host.live ?? bytesInput(request.stdin),
    awaitInput: host.awaitInput ?? ((): Promise<'stop'> => Promise.resolve('stop')),
    pause: host.pause,
    stopRequested: host.stopRequested,
    ...(host.onEvent === undefined ? {} : { onEvent: host.onEvent }),
    onProgress: (log, mark) => {
      if (stream !== null && (log.length - flushed.events > FLUSH_EVENTS || mark.icount - flushed.icount > FLUSH_ICOUNT)) flush();
      progress.report(hitsOf(log), log.length, mark, stream?.bytes ?? 0);
    },
  });
  const header: RecordingHeader = { format: FORMAT_VERSION, tool: TOOL, name: request.name, kernelText: kernelTextId(machine.view) };
  const stream = host.onPiece === undefined ? null : new RecordingStream(header, config.value, recorder.events, host.onPiece);
  const handOver = (): void => {
    for (; given.inputs < recorder.inputs.length; given.inputs++) stream?.input(recorder.inputs[given.inputs]!);
    for (; given.digests < recorder.digests.length; given.digests++) stream?.digest(recorder.digests[given.digests]!);
  };
  const flush = (): void => {
    handOver();
    stream?.flush();
    flushed = { events: recorder.events.length, icount: machine.mark.icount };
  };
  const recorded = await recorder.run(request.maxIcount);
  handOver();
  stream?.finish(recorded.end);
  progress.report(hitsOf(recorder.events), recorder.events.length, recorded.end.mark, stream?.bytes ?? 0, true);
  const { inputs, digests, events, end } = recorded;
  return ok({ recording: { header, config: config.value, inputs, digests, events, notes: [], end }, recorded, machine });
}

const hitsOf = (log: EventLog): number => log.countOf('watchpoint-hit') + log.countOf('breakpoint-hit');

/** A damaged or interrupted recording that does not say how far it went is run again so far at most. */
const MOST_RECOMPUTED = 2 ** 28;

/** How much longer than before a program that ended by itself may take when another kernel runs it again. */
const LONGER = 2 ** 20;

/**
 * Runs a recording again from its image and inputs: one whose end is missing (the window closed, the file was cut) as far as it is known,
 * so that events and digests that were lost are had again; one that another kernel made to its end, which makes it another run.
 */
export async function recompute(recording: Recording, pause: () => Promise<void>): Promise<Result<RecordedProgram>> {
  const made = createMachine(recording.config);
  if (!made.ok) return err(`the recorded program does not start: ${made.error}`);
  const known = lastKnownMark(recording).icount;
  const stop = recording.inputs.find((input) => input.kind === 'stop');
  const given = recording.inputs.filter((input) => input.kind !== 'stop');
  let next = 0;
  const recorder = new Recorder(made.value, {
    live: () => {
      const input = given[next++];
      return input === undefined ? null : input.kind === 'stdin' ? input.data : 'eof';
    },
    awaitInput: () => Promise.resolve('stop'),
    pause,
    stopRequested: () => false,
  });
  const how = recording.end?.exit.how;
  const byItself = how === 'exited' || how === 'killed';
  const most = byItself ? 2 * known + LONGER : known > 0 ? known : MOST_RECOMPUTED;
  const recorded = await recorder.run(stop?.mark.icount ?? most);
  const { inputs, digests, events } = recorded;
  const cut = recorded.end.exit.how === 'max-icount' || recorded.end.exit.how === 'stopped';
  const end = cut
    ? { ...recorded.end, exit: { ...recorded.end.exit, how: byItself ? 'interrupted' : (how ?? 'interrupted') } }
    : recorded.end;
  const header = { ...recording.header, tool: TOOL, kernelText: kernelTextId(made.value.view) };
  return ok({ recording: { ...recording, header, inputs, digests, events, end }, recorded: { ...recorded, end }, machine: made.value });
}

/** Rates are of the last second or so of the host's clock. */
class ProgressMeter {
  readonly #host: RecordHost;
  #since: number;
  #shown = 0;
  #icount = 0;
  #rate = 0;

  constructor(host: RecordHost) {
    this.#host = host;
    this.#since = host.now?.() ?? 0;
  }

  report(hits: number, events: number, mark: Mark, bytes: number, last = false): void {
    const { onProgress, now } = this.#host;
    if (onProgress === undefined) return;
    const time = now?.() ?? 0;
    if (!last && now !== undefined && time - this.#shown < 50) return;
    this.#shown = time;
    if (time - this.#since >= 250) {
      this.#rate = Math.round(((mark.icount - this.#icount) * 1000) / (time - this.#since));
      this.#since = time;
      this.#icount = mark.icount;
    }
    onProgress({ icount: mark.icount, events, hits, bytes, rate: this.#rate });
  }
}
