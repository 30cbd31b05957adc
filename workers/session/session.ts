// The composition root: one program being recorded, one recording open, and the calls of workers/api on them. Hosts differ only
// in how they let messages in and what clock they have.
import { readRecording, salvageRecording } from '../../recordings/format/read.ts';
import type { Recording } from '../../recordings/format/recording.ts';
import { writeRecording } from '../../recordings/format/write.ts';
import type {
  Direction,
  DisasmRow,
  EventQuery,
  EventRow,
  LaneData,
  MemoryView,
  Position,
  QueryProgress,
  RecordProgress,
  RecordRequest,
  RecordingChunk,
  RecordingSummary,
  StepUnit,
  SymbolRow,
  TrailAnswer,
  WatchSummary,
  WhyAnswer,
  WhyRequest,
  WorkbenchApi,
} from '../api/workbench-api.ts';
import type { Mark } from '../base/mark.ts';
import { type Result, err, ok } from '../base/result.ts';
import type { Manners } from '../replay/history.ts';
import type { FoundHit } from '../replay/query.ts';
import { evaluate } from './evaluate.ts';
import { trailAt } from './call-trail.ts';
import { readEventSpec } from './event-spec.ts';
import { type OpenRecording, openRecording } from './open-recording.ts';
import { type MachineOptions, isNamed, loadProgram, symbolRow } from './program.ts';
import { recompute, recordProgram } from './record-program.ts';

export interface SessionHost {
  /** Lets waiting messages in. */
  readonly pause: () => Promise<void>;
  /** Milliseconds, for rates shown to people. */
  readonly now: () => number;
}

const MOST_MEMORY = 1 << 16;
const MOST_LINES = 2048;
const NOTHING_OPEN = 'no recording is open: record a program or open a .trapline file';

export class Session implements WorkbenchApi {
  readonly #host: SessionHost;
  #open: OpenRecording | null = null;
  #recording = false;
  #stop = false;
  /** Rises with each cancel; work started before obeys. */
  #cancels = 0;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** The open recording, for hosts in the same thread. */
  get current(): OpenRecording | null {
    return this.#open;
  }

  #manners(): Manners {
    const started = this.#cancels;
    return { pause: this.#host.pause, cancelled: () => this.#cancels !== started };
  }

  #opened(): OpenRecording {
    if (this.#open === null) throw new Error(NOTHING_OPEN);
    return this.#open;
  }

  inspectProgram(program: Uint8Array): Promise<Result<{ readonly symbols: readonly SymbolRow[]; readonly machine: string }>> {
    const loaded = loadProgram(program, 'this file');
    if (!loaded.ok) return Promise.resolve(loaded);
    const { symbols, bias, elf } = loaded.value;
    const rows = symbols.all.filter(isNamed).map((symbol) => symbolRow(symbol, bias));
    return Promise.resolve(ok({ symbols: rows, machine: elf.pie ? 'AArch64, static-pie' : 'AArch64, static' }));
  }

  checkEvent(program: Uint8Array, event: string): Promise<string | null> {
    const loaded = loadProgram(program, 'the program');
    if (!loaded.ok) return Promise.resolve(loaded.error);
    const spec = readEventSpec(event, loaded.value.symbols, loaded.value.name, 'hardware', loaded.value.bias);
    return Promise.resolve(spec.ok ? null : spec.error);
  }

  async record(
    request: RecordRequest & MachineOptions,
    onProgress: (p: RecordProgress) => void,
    onChunk: (c: RecordingChunk) => void,
  ): Promise<Result<RecordingSummary>> {
    if (this.#recording) return err('a program is being recorded already: stop it first');
    this.#recording = true;
    this.#stop = false;
    // Callbacks of another thread answer with promises; waiting for them at each pause keeps the pieces from piling up.
    let sent: unknown[] = [];
    try {
      const done = await recordProgram(request, {
        pause: async () => {
          const waiting = sent;
          sent = [];
          await Promise.all(waiting);
          await this.#host.pause();
        },
        stopRequested: () => this.#stop,
        now: this.#host.now,
        onProgress: (progress) => void sent.push(onProgress(progress)),
        onPiece: (piece) => void sent.push(onChunk(piece)),
      });
      await Promise.all(sent);
      if (!done.ok) return done;
      const { recording, recorded, machine } = done.value;
      return this.#take(openRecording(recording, { pause: this.#host.pause, recorded: { machine, recorded } }));
    } finally {
      this.#recording = false;
    }
  }

  stop(): Promise<void> {
    this.#stop = true;
    return Promise.resolve();
  }

  async open(file: Uint8Array): Promise<Result<RecordingSummary>> {
    const read = readRecording(file);
    if (read.ok) return this.openRecording(read.value, file.length);
    const rest = salvageRecording(file);
    return rest.ok ? this.openRecording({ ...rest.value.recording, end: null }, file.length) : read;
  }

  /** One without an end is run again as far as it is known; one that another kernel made is run again on this one, with a notice. */
  async openRecording(recording: Recording, sizeBytes: number): Promise<Result<RecordingSummary>> {
    const { pause } = this.#host;
    const opened = recording.end === null ? null : openRecording(recording, { pause, sizeBytes });
    const other = opened?.ok === true ? opened.value.otherKernel() : null;
    if (opened !== null && other === null) return this.#take(opened);
    const again = await recompute(recording, pause);
    if (!again.ok) return again;
    const { recorded, machine } = again.value;
    const taken = this.#take(openRecording(again.value.recording, { pause, sizeBytes, recorded: { machine, recorded } }));
    if (!taken.ok || other === null) return taken;
    return ok({
      ...taken.value,
      notice: `It was recorded by ${other}. This is a new run of its program and inputs; Marks of the old one may differ.`,
    });
  }

  #take(opened: Result<OpenRecording>): Result<RecordingSummary> {
    if (!opened.ok) return opened;
    this.#cancels++;
    this.#open = opened.value;
    return ok(this.#open.summary());
  }

  save(): Promise<Result<Uint8Array>> {
    return Promise.resolve(this.#open === null ? err(NOTHING_OPEN) : ok(writeRecording(this.#open.recording)));
  }

  async events(query: EventQuery): Promise<{ readonly total: number; readonly rows: readonly EventRow[] }> {
    return this.#opened().rows(query);
  }

  async event(index: number): Promise<EventRow | null> {
    return this.#opened().row(index);
  }

  async lanes(): Promise<LaneData> {
    return this.#opened().events.lanes();
  }

  async watchSeries(text: string): Promise<{ readonly icount: Float64Array; readonly value: BigUint64Array; readonly index: Uint32Array }> {
    return this.#opened().events.series(text);
  }

  async seek(target: string | Mark): Promise<Result<Position>> {
    return this.#open === null ? err(NOTHING_OPEN) : this.#open.seek(target, this.#manners());
  }

  async step(direction: Direction, unit: StepUnit, count: number): Promise<Result<Position>> {
    return this.#open === null ? err(NOTHING_OPEN) : this.#open.step(direction, unit, count, this.#manners());
  }

  async position(): Promise<Position> {
    return this.#opened().position();
  }

  async disassemble(cpu: number, around: bigint, before: number, after: number): Promise<readonly DisasmRow[]> {
    const open = this.#opened();
    return open.timeline.show(() => {
      const { view } = open.history.machine;
      const at = view.cpu(this.#cpu(open, cpu));
      const lines = Math.max(0, Math.min(before, MOST_LINES));
      const aligned = around & ~3n;
      const start = aligned >= BigInt(lines * 4) ? aligned - BigInt(lines * 4) : 0n;
      const count = Number((aligned - start) / 4n) + Math.max(1, Math.min(after, MOST_LINES));
      return open.disassemble(at, start, count);
    });
  }

  #cpu(open: OpenRecording, cpu: number): number {
    return Number.isInteger(cpu) && cpu >= 0 && cpu < open.recording.config.cpus ? cpu : 0;
  }

  async memory(cpu: number, address: bigint, length: number): Promise<MemoryView> {
    const open = this.#opened();
    const size = Math.max(0, Math.min(length, MOST_MEMORY));
    return open.timeline.show(() => {
      const { view } = open.history.machine;
      const bytes = view.read(view.cpu(this.#cpu(open, cpu)).mm, address, size);
      const program = open.symbols.main;
      const last = address + BigInt(size);
      const symbols = (program?.symbols.all ?? [])
        .filter(isNamed)
        .map((symbol) => symbolRow(symbol, program?.bias ?? 0n))
        .filter((symbol) => symbol.address < last && symbol.address + BigInt(Math.max(1, symbol.size)) > address)
        .slice(0, 256);
      return { address, bytes, symbols };
    });
  }

  async symbols(filter: string, limit: number): Promise<readonly SymbolRow[]> {
    const program = this.#opened().symbols.main;
    if (program === null) return [];
    const wanted = filter.toLowerCase();
    const found = program.symbols.all.filter((symbol) => isNamed(symbol) && symbol.name.toLowerCase().includes(wanted));
    const rank = (name: string): number => (name.toLowerCase() === wanted ? 0 : name.toLowerCase().startsWith(wanted) ? 1 : 2);
    return found
      .sort((a, b) => rank(a.name) - rank(b.name) || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
      .slice(0, Math.max(0, Math.min(limit, 100_000)))
      .map((symbol) => symbolRow(symbol, program.bias));
  }

  async evaluate(cpu: number, expression: string): Promise<Result<bigint>> {
    const open = this.#open;
    if (open === null) return err(NOTHING_OPEN);
    return open.timeline.show(() => {
      // In the kernel on behalf of a program, names mean the program's registers: that is what a person looks at.
      const view = open.history.machine.view.cpu(this.#cpu(open, cpu));
      const regs = { ...view.regs, ...(view.el === 1 ? view.user : {}) };
      const register = (name: string): bigint | null => regs[name === 'lr' ? 'x30' : name] ?? null;
      return evaluate(expression, register, (name) => open.address(name));
    });
  }

  async lastWrite(
    address: bigint,
    length: number,
    before: Mark | null,
    onProgress: (p: QueryProgress) => void,
  ): Promise<Result<FoundHit | null>> {
    return this.#open === null ? err(NOTHING_OPEN) : this.#open.lastWrite(address, length, before, this.#manners(), onProgress);
  }

  async addWatch(
    text: string,
    onProgress: (p: QueryProgress) => void,
    onHits: (hits: readonly FoundHit[]) => void,
  ): Promise<Result<WatchSummary>> {
    return this.#open === null ? err(NOTHING_OPEN) : this.#open.addWatch(text, this.#manners(), onProgress, onHits);
  }

  async removeWatch(text: string): Promise<void> {
    this.#open?.removeWatch(text);
  }

  async why(request: WhyRequest): Promise<Result<WhyAnswer>> {
    return this.#open === null ? err(NOTHING_OPEN) : this.#open.why(request, this.#manners());
  }

  async trail(cpu: number, around: bigint, limit: number): Promise<Result<TrailAnswer | null>> {
    return this.#open === null ? err(NOTHING_OPEN) : trailAt(this.#open, this.#cpu(this.#open, cpu), around, limit, this.#manners());
  }

  cancel(): Promise<void> {
    this.#cancels++;
    return Promise.resolve();
  }

  async verify(onProgress: (p: QueryProgress) => void): Promise<Result<{ readonly digests: number }>> {
    return this.#open === null ? err(NOTHING_OPEN) : this.#open.verify(this.#manners(), onProgress);
  }

  async output(): Promise<readonly { readonly mark: Mark; readonly index: number; readonly fd: number; readonly data: Uint8Array }[]> {
    const { events } = this.#opened().recording;
    return [...events.indices({ kinds: ['output'] })].map((index) => {
      const { icount, event, fields } = events.getAs('output', index);
      return { mark: { icount, event }, index, fd: fields.fd, data: fields.data };
    });
  }
}
