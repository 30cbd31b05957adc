// An open recording: its events, its machine, the place a person stands, and the watchpoints added after the fact. What a host may
// ask of it over a wire is session.ts.
import { encodeInputs } from '../../recordings/format/logs.ts';
import { runId } from '../../recordings/format/header.ts';
import type { TraceEvent } from '../../recordings/format/events.ts';
import { type Recording, lastKnownMark } from '../../recordings/format/recording.ts';
import type {
  Direction,
  DisasmRow,
  EventQuery,
  EventRow,
  Position,
  QueryProgress,
  RecordingSummary,
  StepUnit,
  WatchSummary,
  WhyAnswer,
  WhyRequest,
} from '../api/workbench-api.ts';
import { type Mark, compareMarks, formatMark, parseMark } from '../base/mark.ts';
import { type Result, err, ok } from '../base/result.ts';
import { createMachine } from '../kernel/create-machine.ts';
import type { CpuView, MachineApi, WatchSpec } from '../machine/machine-api.ts';
import { describeDivergence, formatDigest } from '../replay/divergence.ts';
import { Cancelled, History, type Manners, ReplayFault } from '../replay/history.ts';
import { type FoundHit, type Wanted, findHits, findLast } from '../replay/query.ts';
import type { Recorded } from '../replay/recorder.ts';
import { Timeline } from '../replay/timeline.ts';
import { verify } from '../replay/verify.ts';
import { accessOf, parsePlace, readEventSpec, resolvePlace } from './event-spec.ts';
import { EventView } from './event-view.ts';
import { kernelTextId } from './kernel-text.ts';
import { RegisterHistory } from './register-history.ts';
import { Symboliser, whatHappened } from './rows.ts';
import { whyAt } from './why.ts';

/** What long work of an open recording needs from its host. */
export interface OpenOptions {
  readonly pause: () => Promise<void>;
  /** What the recorder made on the way, when it was recorded here. */
  readonly recorded?: { readonly machine: MachineApi; readonly recorded: Recorded };
  /** Size of its file, when it came from one. */
  readonly sizeBytes?: number;
}

export function openRecording(recording: Recording, options: OpenOptions): Result<OpenRecording> {
  const here = options.recorded;
  if (here !== undefined) {
    const { kept, intervals } = here.recorded;
    return ok(
      new OpenRecording(
        recording,
        new History({
          machine: here.machine,
          inputs: recording.inputs,
          end: lastKnownMark(recording),
          pause: options.pause,
          kept,
          intervals,
        }),
        options,
      ),
    );
  }
  const made = createMachine(recording.config);
  if (!made.ok) return err(`the recorded program does not start: ${made.error}`);
  return ok(
    new OpenRecording(
      recording,
      new History({ machine: made.value, inputs: recording.inputs, end: lastKnownMark(recording), pause: options.pause }),
      options,
    ),
  );
}

export class OpenRecording {
  readonly recording: Recording;
  readonly history: History;
  readonly events: EventView;
  readonly timeline: Timeline;
  readonly symbols: Symboliser;
  readonly id: string;
  readonly #options: OpenOptions;
  readonly #watches = new Map<string, WatchSummary>();
  #registers: RegisterHistory | null = null;
  #verified = false;

  constructor(recording: Recording, history: History, options: OpenOptions) {
    this.recording = recording;
    this.history = history;
    this.#options = options;
    this.events = new EventView(recording.events);
    this.timeline = new Timeline(history, this.events, (_mm, address) => this.#functionAt(address));
    const { view } = history.machine;
    this.symbols = new Symboliser(recording.config, recording.events, (address) => {
      const found = view.symbolAt(0, address);
      return found === null ? null : found.offset === 0 ? found.name : `${found.name}+0x${found.offset.toString(16)}`;
    });
    this.id = runId(recording.header, recording.config, encodeInputs(recording.inputs));
  }

  #functionAt(address: bigint): string | null {
    const program = this.symbols.main;
    const at = program === null ? -1n : address - program.bias;
    return at < 0n ? null : (program?.symbols.at(Number(at & 0xffff_ffff_ffffn))?.symbol.name ?? null);
  }

  get end(): Mark {
    return this.history.end;
  }

  summary(): RecordingSummary {
    const { config, header, end } = this.recording;
    const counts = this.events.hitCounts();
    const recorded: WatchSummary[] = [...new Map(config.events.map((spec) => [spec.text, spec])).values()].map((spec) => ({
      text: spec.text,
      address: spec.address,
      length: spec.length,
      access: accessOf(spec.type),
      hits: counts.get(spec.text) ?? 0,
      recorded: true,
    }));
    for (const [text, hits] of counts) {
      if (recorded.some((watch) => watch.text === text)) continue;
      const own = readEventSpec(text, { all: [], byName: () => null, suggest: () => [] }, '');
      recorded.push({
        text,
        address: own.ok ? own.value.address : 0n,
        length: own.ok ? own.value.length : 0,
        access: own.ok ? accessOf(own.value.type) : '',
        hits,
        recorded: true,
      });
    }
    return {
      id: this.id,
      name: header.name,
      arch: config.arch,
      cpus: config.cpus,
      seed: config.seed,
      program: config.program.path,
      argv: config.program.argv,
      end: this.end,
      eventCount: this.recording.events.length,
      kinds: this.recording.events.counts(),
      watches: [...recorded, ...this.#watches.values()],
      exit: end?.exit ?? { code: 0, signal: null, how: 'interrupted while it was recorded' },
      sizeBytes: this.#options.sizeBytes ?? 0,
    };
  }

  row(index: number): EventRow | null {
    const event = this.events.event(index);
    if (event === null) return null;
    // A hit found after the fact belongs between recorded events; which program ran is decided there.
    const at = index < this.events.log.length ? index : this.events.log.search(event);
    const cause = event.cause >= 0 && event.cause < this.events.log.length ? event.cause : -1;
    return {
      index,
      mark: { icount: event.icount, event: event.event },
      kind: event.kind,
      cpu: event.cpu,
      tid: event.tid,
      pc: event.pc,
      symbol: this.symbols.symbol(event.pc, event.tid, at),
      cause: cause < 0 ? null : { index: cause, mark: this.events.log.markAt(cause) },
      what: whatHappened(event, (address) => this.symbols.symbol(address, event.tid, at) ?? `0x${address.toString(16)}`),
      fields: event.fields,
    };
  }

  rows(query: EventQuery): { readonly total: number; readonly rows: readonly EventRow[] } {
    const { total, indices } = this.events.page(query);
    return { total, rows: indices.map((index) => this.row(index)!) };
  }

  /** `name+0x…` of an address as the task of a CPU view sees it at the machine's Mark; null when no symbol covers it. */
  nameAt(cpu: CpuView, address: bigint): string | null {
    return this.symbols.symbol(address, cpu.tid, this.events.log.search(this.history.machine.mark));
  }

  /** Lines from `start` in the CPU's address space. Call inside `timeline.show`. */
  disassemble(cpu: CpuView, start: bigint, count: number): readonly DisasmRow[] {
    return this.history.machine.view.disassemble(cpu.mm, start, count).map(({ address, word, text, symbol }) => {
      const name = symbol ?? this.nameAt(cpu, address);
      return {
        address,
        word,
        text: text === '' && word !== null ? `.inst 0x${word.toString(16).padStart(8, '0')}` : text,
        symbol: name === null || name.includes('+') ? null : name,
        isPc: address === cpu.pc,
      };
    });
  }

  position(): Promise<Position> {
    const { mark } = this.timeline;
    return this.timeline.show(() => {
      const { machine } = this.history;
      const index = this.events.at(mark);
      const event = index < 0 ? null : this.row(index);
      const now = machine.digest();
      const recorded = this.recording.digests.find((digest) => compareMarks(digest.mark, machine.mark) === 0);
      return {
        mark,
        end: this.end,
        cpus: Array.from({ length: machine.config.cpus }, (_, cpu) => machine.view.cpu(cpu)),
        cpu: event?.cpu ?? machine.view.currentCpu,
        tasks: machine.view.tasks(),
        event,
        digest: formatDigest(now.lo, now.hi),
        verified: recorded === undefined ? this.#verified : recorded.lo === now.lo && recorded.hi === now.hi,
      };
    });
  }

  async seek(target: string | Mark, manners: Manners): Promise<Result<Position>> {
    return this.#guard(async () => {
      if (typeof target !== 'string') {
        if (!(Number.isSafeInteger(target.icount) && Number.isSafeInteger(target.event) && target.icount >= 0 && target.event >= 0))
          return err('that is not a Mark');
        if (compareMarks(target, this.end) > 0)
          return err(`${formatMark(target)} is after the end of the recording, ${formatMark(this.end)}`);
        await this.timeline.seek(target, manners);
        return ok(await this.position());
      }
      const text = target.trim();
      if (/^[#!]/.test(text)) {
        const mark = parseMark(text, this.end);
        if (!mark.ok) return mark;
        await this.timeline.seek(mark.value, manners);
        return ok(await this.position());
      }
      const address = this.address(text);
      if (!address.ok) return address;
      if (!(await this.timeline.seekExecution(address.value, manners))) {
        const { mark } = this.timeline;
        return err(
          mark.icount === 0
            ? `${text} is never executed in this recording`
            : `${text} does not execute again after ${formatMark(mark)}; go to #0 and ask again for its first execution`,
        );
      }
      return ok(await this.position());
    });
  }

  /** Address of `0x…`, a symbol of the program or of the kernel, or a symbol and an offset. */
  address(text: string): Result<bigint> {
    const place = parsePlace(text);
    if (!place.ok) return place;
    const program = this.symbols.main;
    const own = program === null ? null : resolvePlace(place.value, program.symbols, program.name, program.bias);
    if (own?.ok === true) return own;
    if (typeof place.value.base === 'bigint') return ok(place.value.base);
    const kernel = this.history.machine.view.addressOf(0, place.value.base);
    if (kernel !== null) return ok(kernel + place.value.offset);
    return own ?? err(`there is no symbol '${place.value.base}'`);
  }

  async step(direction: Direction, unit: StepUnit, count: number, manners: Manners): Promise<Result<Position>> {
    return this.#guard(async () => {
      if (!Number.isSafeInteger(count) || count < 1) return err('a number of steps is 1 or more');
      await this.timeline.step(direction, unit, Math.min(count, 1_000_000), manners);
      return ok(await this.position());
    });
  }

  /** A specification of a watchpoint after the fact. */
  wanted(text: string): Result<Wanted> {
    const symbols = this.symbols.main?.symbols ?? { all: [], byName: () => null, suggest: () => [] };
    const spec = readEventSpec(text, symbols, this.symbols.main?.name ?? 'the program', 'after-the-fact', this.symbols.main?.bias ?? 0n);
    return spec.ok ? ok(wantedOf(spec.value)) : spec;
  }

  async addWatch(
    text: string,
    manners: Manners,
    onProgress: (p: QueryProgress) => void,
    onHits: (hits: readonly FoundHit[]) => void,
  ): Promise<Result<WatchSummary>> {
    return this.#guard(async () => {
      const wanted = this.wanted(text);
      if (!wanted.ok) return wanted;
      const hits: FoundHit[] = [];
      const { address, length, read, write, execute } = wanted.value;
      const keep = (): WatchSummary => {
        this.events.setWatch(text, hits);
        const watch = {
          text,
          address,
          length,
          access: `${read ? 'r' : ''}${write ? 'w' : ''}${execute ? 'x' : ''}`,
          hits: hits.length,
          recorded: false,
        };
        this.#watches.set(text, watch);
        return watch;
      };
      try {
        await findHits(
          this.history,
          wanted.value,
          manners,
          (batch) => {
            for (const hit of batch) hits.push(hit);
            onHits(batch);
          },
          onProgress,
        );
      } catch (stopped) {
        if (!(stopped instanceof Cancelled)) throw stopped;
      }
      return ok(keep());
    });
  }

  removeWatch(text: string): void {
    this.#watches.delete(text);
    this.events.removeWatch(text);
  }

  async lastWrite(
    address: bigint,
    length: number,
    before: Mark | null,
    manners: Manners,
    onProgress: (p: QueryProgress) => void,
  ): Promise<Result<FoundHit | null>> {
    return this.#guard(async () => {
      if (!Number.isInteger(length) || length < 1 || length > 65536)
        return err(`${length} bytes cannot be asked about at once; use 1 to 65536`);
      const text = `mem:0x${address.toString(16)}/${length}:w`;
      const wanted: Wanted = { text, address, length, read: false, write: true, execute: false };
      const mark = before ?? this.timeline.mark;
      if (compareMarks(mark, this.end) > 0) return err(`${formatMark(mark)} is after the end of the recording, ${formatMark(this.end)}`);
      return ok(await findLast(this.history, wanted, mark, manners, { onProgress }));
    });
  }

  /** Why comparators match the access about to be made at a Mark, or do not. The place of the person does not change. */
  async why(request: WhyRequest, manners: Manners): Promise<Result<WhyAnswer>> {
    return this.#guard(async () => {
      const mark = request.mark ?? this.timeline.mark;
      if (compareMarks(mark, this.end) > 0) return err(`${formatMark(mark)} is after the end of the recording, ${formatMark(this.end)}`);
      this.#registers ??= new RegisterHistory(this.events.log);
      return whyAt(this, this.#registers, mark, request, manners);
    });
  }

  /** Everything again from image and inputs, on a machine of its own. */
  async verify(
    manners: Manners,
    onProgress: (p: QueryProgress) => void,
  ): Promise<Result<{ readonly digests: number; readonly events: number }>> {
    const made = createMachine(this.recording.config);
    if (!made.ok) return made;
    const { inputs, events, digests, end } = this.recording;
    const fresh = new History({ machine: made.value, inputs, end: this.end, pause: this.#options.pause });
    return this.#guard(async () => {
      const expected = { events, digests, eventCount: end?.eventCount ?? null };
      const result = await verify(fresh, expected, manners, onProgress, (work) =>
        this.history.exclusive(() => work({ machine: this.history.machine, goTo: (mark) => this.history.goTo(mark) })),
      );
      if (result.divergence !== null) return err(`${describeDivergence(result.divergence)}${this.#byOtherKernel()}`);
      this.#verified = true;
      return ok({ digests: result.digests, events: result.events });
    });
  }

  /** `trapline 0.1.0 with another kernel, ID` when such a one made the recording: replayed here it is another run. */
  otherKernel(): string | null {
    const { kernelText, tool } = this.recording.header;
    return kernelText === '' || kernelText === kernelTextId(this.history.machine.view)
      ? null
      : `${tool} with another kernel, ${kernelText}`;
  }

  #byOtherKernel(): string {
    const other = this.otherKernel();
    return other === null ? '' : ` (recorded by ${other})`;
  }

  /** The file's and the person's faults become sentences; ours stay exceptions. */
  async #guard<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    try {
      return await work();
    } catch (fault) {
      if (fault instanceof Cancelled) return err('cancelled');
      if (fault instanceof ReplayFault)
        return err(
          `${fault.message}${this.#byOtherKernel()}: the recording is damaged or was made by another version; record the program again`,
        );
      throw fault;
    }
  }
}

export function wantedOf(spec: WatchSpec): Wanted {
  const { text, address, length, type } = spec;
  return { text, address, length, read: type !== 4 && (type & 1) !== 0, write: type !== 4 && (type & 2) !== 0, execute: type === 4 };
}

/** Mark of an event. */
export const markOf = (event: TraceEvent): Mark => ({ icount: event.icount, event: event.event });
