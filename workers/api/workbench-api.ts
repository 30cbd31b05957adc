// What a window or another host may ask of a session, over comlink. Types only; coarse calls, plain data in and out
// (a call costs about 0.1 ms: ask for much, rarely). Addresses and 64-bit values travel as bigint.
import type { EventFields, EventKind, TraceEvent } from '../../recordings/format/events.ts';
import type { Mark } from '../base/mark.ts';
import type { Result } from '../base/result.ts';
import type { CpuView, ProbedAccess, TaskView } from '../machine/machine-api.ts';

export interface RecordRequest {
  readonly name: string;
  readonly programPath: string;
  /** The ELF file. */
  readonly program: Uint8Array;
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly files: readonly { readonly path: string; readonly data: Uint8Array; readonly mode: number }[];
  readonly stdin: Uint8Array;
  readonly seed: number;
  readonly cpus: number;
  /** perf syntax: mem:ADDR|SYMBOL[/LEN][:rwx] */
  readonly events: readonly string[];
  readonly maxIcount: number | null;
}

export interface RecordProgress {
  readonly icount: number;
  readonly events: number;
  readonly hits: number;
  readonly bytes: number; // of the recording so far
  readonly rate: number; // instructions a second; for people, never recorded
}

/** A piece of a recording, in order, for whoever keeps it. Pieces concatenated in order are a `.trapline` file's parts. */
export interface RecordingChunk {
  readonly part: string;
  readonly sequence: number;
  readonly data: Uint8Array;
}

export interface RecordingSummary {
  readonly id: string; // SHA-256 of the header part, hex
  readonly name: string;
  readonly arch: string;
  readonly cpus: number;
  readonly seed: number;
  readonly program: string;
  readonly argv: readonly string[];
  readonly end: Mark;
  readonly eventCount: number;
  readonly kinds: Readonly<Partial<Record<EventKind, number>>>;
  /** Recorded watchpoints and breakpoints with their hits, as `perf stat` would list them. */
  readonly watches: readonly WatchSummary[];
  readonly exit: { readonly code: number; readonly signal: string | null; readonly how: string };
  readonly sizeBytes: number;
  /** A sentence for the person who opened it: what is shown is not quite what the file holds. */
  readonly notice?: string;
}

export interface WatchSummary {
  readonly text: string;
  readonly address: bigint;
  readonly length: number;
  readonly access: string; // rwx
  readonly hits: number;
  /** False for one added after the fact. */
  readonly recorded: boolean;
}

export interface EventQuery {
  readonly kinds: readonly EventKind[] | null;
  readonly from: Mark | null;
  readonly to: Mark | null;
  /** Position in the filtered list, and how many. */
  readonly offset: number;
  readonly limit: number;
}

/** An event with its index in the recording, its symbol, and the Mark of its cause. */
export interface EventRow {
  readonly index: number;
  readonly mark: Mark;
  readonly kind: EventKind;
  readonly cpu: number;
  readonly tid: number;
  readonly pc: bigint;
  readonly symbol: string | null;
  readonly cause: { readonly index: number; readonly mark: Mark } | null;
  /** One short line: `write 4 pool.total`. */
  readonly what: string;
  readonly fields: EventFields<EventKind>;
}

/** Numbers for a lane: typed arrays, `count` items in order of icount. */
export interface LaneData {
  readonly icount: Float64Array;
  readonly index: Uint32Array; // event index
  readonly kind: Uint8Array; // position in EVENT_KIND_NAMES
  readonly cpu: Uint8Array;
  readonly tid: Uint32Array;
}

export interface Position {
  readonly mark: Mark;
  readonly end: Mark;
  readonly cpus: readonly CpuView[];
  /** The CPU the focus is on: of the event at this Mark, else whose tick comes next. */
  readonly cpu: number;
  readonly tasks: readonly TaskView[];
  /** Event recorded at exactly this Mark, if any. */
  readonly event: EventRow | null;
  readonly digest: string; // 16 hex digits
  readonly verified: boolean; // digest checked against the recording where it has one
}

export type Direction = 'forward' | 'back';
export type StepUnit =
  | 'instruction' // one instruction or kernel step
  | 'over' // next instruction of this task at this depth: over calls and over the kernel
  | 'out' // until this function returned (back: to its call)
  | 'event' // next recorded event
  | 'hit'; // next watchpoint-hit or breakpoint-hit, recorded or after the fact

export interface DisasmRow {
  readonly address: bigint;
  readonly word: number | null;
  readonly text: string;
  readonly symbol: string | null; // of the first word of a function
  readonly isPc: boolean;
}

export interface MemoryView {
  readonly address: bigint;
  /** null: not mapped. */
  readonly bytes: readonly (number | null)[];
  readonly symbols: readonly { readonly address: bigint; readonly name: string; readonly size: number }[];
}

export interface QueryProgress {
  readonly done: number; // intervals
  readonly total: number;
  readonly hits: number;
}

export interface SymbolRow {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  readonly kind: 'function' | 'object';
}

/** A question why a comparator matches, or does not, at a Mark. */
export interface WhyRequest {
  /** null: where the person stands. The place does not change. */
  readonly mark: Mark | null;
  /** null: the CPU in focus. */
  readonly cpu: number | null;
  /** null: every comparator that holds something. */
  readonly slot: { readonly file: 'BRP' | 'WRP'; readonly slot: number } | null;
  /** An access nobody made, instead of those of the instruction at the pc; null: those. */
  readonly access: { readonly address: bigint; readonly size: number; readonly access: 'r' | 'w' | 'x' } | null;
}

export interface WhyCondition {
  readonly name: string;
  /** Section of the manual; '' for what the kernel decides. */
  readonly ref: string;
  readonly ok: boolean;
  /** The condition in the field's words, with real values. */
  readonly text: string;
  /** Mark of the event that made it so, #0 for what has been so since power-on; null: the access decides, not a register. */
  readonly since: Mark | null;
  /** Kind of that event; null at #0 and where there is none. */
  readonly by: EventKind | null;
}

/** One comparator and one access: `hit` exactly when all conditions are ok and there are some. */
export interface WhySlot {
  readonly file: 'BRP' | 'WRP';
  readonly slot: number;
  /** Specification of the perf_event that owns it. */
  readonly event: string | null;
  readonly verdict: 'hit' | 'no-hit';
  /** The access asked about: the one that matches, else the one that comes closest; null: there is none of its kind. */
  readonly access: ProbedAccess | null;
  /** In the manual's order; empty when there is no access to ask about. */
  readonly conditions: readonly WhyCondition[];
  /** What else is to be said: a sentence, or ''. */
  readonly note: string;
}

export interface WhyAnswer {
  readonly mark: Mark;
  readonly cpu: number;
  readonly tid: number;
  readonly el: 0 | 1;
  readonly pc: bigint;
  readonly symbol: string | null;
  /** The instruction or kernel step at the pc. */
  readonly text: string;
  /** Everything it would access; its fetch first. */
  readonly accesses: readonly ProbedAccess[];
  readonly slots: readonly WhySlot[];
  /** What the pc is about to do when that is no access, why nothing can be asked: a sentence, or ''. */
  readonly note: string;
}

/** What ran of a function in the call in progress at a Mark. An address that is not listed did not run since `from`; before that, nothing is known. */
export interface TrailAnswer {
  readonly mark: Mark;
  readonly tid: number;
  readonly function: { readonly name: string; readonly address: bigint; readonly size: number };
  /** Where this call began; null: further back than was looked. */
  readonly entered: Mark | null;
  /** The first Mark the counts are about. */
  readonly from: Mark;
  /** Ascending; how often each address executed. */
  readonly counts: readonly { readonly address: bigint; readonly times: number }[];
}

/** Errors are sentences in Result; a thrown error is a defect of ours. Long calls report progress and obey `cancel`. */
export interface WorkbenchApi {
  /** Symbols of an ELF file before recording it, or the sentence that says why it cannot be recorded. */
  inspectProgram(program: Uint8Array): Promise<Result<{ readonly symbols: readonly SymbolRow[]; readonly machine: string }>>;
  /** Problem with one event specification against a program, or null. */
  checkEvent(program: Uint8Array, event: string): Promise<string | null>;

  record(
    request: RecordRequest,
    onProgress: (p: RecordProgress) => void,
    onChunk: (c: RecordingChunk) => void,
  ): Promise<Result<RecordingSummary>>;
  /** Ends the recording in progress at the next slice: an ordinary ending. */
  stop(): Promise<void>;

  /** Opens a `.trapline` file. Parsing is bounded; nothing but the emulated machine runs. */
  open(file: Uint8Array): Promise<Result<RecordingSummary>>;
  /** The open recording as a `.trapline` file. */
  save(): Promise<Result<Uint8Array>>;

  events(query: EventQuery): Promise<{ readonly total: number; readonly rows: readonly EventRow[] }>;
  event(index: number): Promise<EventRow | null>;
  lanes(): Promise<LaneData>;
  /** Values of a recorded or found watch over time: one point a write hit. */
  watchSeries(text: string): Promise<{ readonly icount: Float64Array; readonly value: BigUint64Array; readonly index: Uint32Array }>;

  /** Goes to a Mark: `#N`, `#N.E`, `!50`, or a symbol (its next execution). */
  seek(target: string | Mark): Promise<Result<Position>>;
  step(direction: Direction, unit: StepUnit, count: number): Promise<Result<Position>>;
  position(): Promise<Position>;

  disassemble(cpu: number, around: bigint, before: number, after: number): Promise<readonly DisasmRow[]>;
  memory(cpu: number, address: bigint, length: number): Promise<MemoryView>;
  symbols(filter: string, limit: number): Promise<readonly SymbolRow[]>;
  /** Address of a symbol, `0x…`, a register of the cpu, or sums of them: `sp+0x20`. */
  evaluate(cpu: number, expression: string): Promise<Result<bigint>>;

  /** The last write to any of these bytes before the position (or `before`); its event, found after the fact. */
  lastWrite(
    address: bigint,
    length: number,
    before: Mark | null,
    onProgress: (p: QueryProgress) => void,
  ): Promise<Result<TraceEvent<'watchpoint-hit'> | null>>;
  /** Adds a watchpoint after the fact: hits stream in through onHits, then it takes part in `hit` steps, lanes and events. */
  addWatch(
    text: string,
    onProgress: (p: QueryProgress) => void,
    onHits: (hits: readonly TraceEvent<'watchpoint-hit'>[]) => void,
  ): Promise<Result<WatchSummary>>;
  removeWatch(text: string): Promise<void>;
  /** Cancels the query in progress; what was found so far stays. */
  cancel(): Promise<void>;

  /** Why comparators match, or do not, the access about to be made: their conditions, and the events that made them so. */
  why(request: WhyRequest): Promise<Result<WhyAnswer>>;

  /**
   * Which instructions of the program's function around an address ran in this call of the CPU's task, by executing at most `limit`
   * instructions before the position again. Null when no function covers the address. Gives way to any other call: its answer is then
   * the error `cancelled`, and it can be asked again.
   */
  trail(cpu: number, around: bigint, limit: number): Promise<Result<TrailAnswer | null>>;

  /** Replays everything and compares digests; a divergence names the first differing Mark and field. */
  verify(onProgress: (p: QueryProgress) => void): Promise<Result<{ readonly digests: number }>>;

  output(): Promise<readonly { readonly mark: Mark; readonly index: number; readonly fd: number; readonly data: Uint8Array }[]>;
}
