// What the window knows of the open recording. Plain data; `session.ts` is the only writer.
import type { EventKind } from '../../recordings/format/events.ts';
import type { Mark } from '../../workers/base/mark.ts';
import type { DisasmRow, MemoryView, WatchSummary } from '../../workers/api/workbench-api.ts';

/** Events of the recording as the timeline needs them, split so that each lane can be searched by itself. */
export interface Lanes {
  readonly count: number;
  /** Per CPU: instruction counts of its events, ascending, with kind (position in EVENT_KIND_NAMES) and index. */
  readonly cpus: readonly LaneItems[];
  /** System calls, output, signals, exceptions, life of tasks. */
  readonly calls: LaneItems;
  /** Hits of all watchpoints and breakpoints. */
  readonly hits: LaneItems;
}

export interface LaneItems {
  readonly icount: Float64Array;
  readonly index: Uint32Array;
  readonly kind: Uint8Array;
}

export interface WatchLane {
  readonly watch: WatchSummary;
  readonly series: Series;
}

/** Values of a watch: one point a write hit, ascending. */
export interface Series {
  readonly icount: Float64Array;
  readonly value: BigUint64Array;
  readonly index: Uint32Array;
}

export interface OutputLine {
  readonly mark: Mark;
  readonly index: number;
  readonly fd: number;
  readonly text: string;
}

/** A span of one task on one CPU, from `switch` events. */
export interface TaskSpan {
  readonly cpu: number;
  readonly from: number;
  readonly tid: number;
}

export interface CodeView {
  readonly rows: readonly DisasmRow[];
}

export interface MemoryState {
  readonly expression: string;
  readonly view: MemoryView | null;
  /** The same bytes at the stop before, where they were looked at. */
  readonly before: MemoryView | null;
  readonly error: string | null;
}

/** Something that takes long enough to need a name, a count and Cancel. */
export interface Work {
  readonly title: string;
  readonly done: number;
  readonly total: number;
  readonly hits: number | null;
}

export interface Notice {
  readonly tone: 'bad' | 'info';
  readonly title: string;
  readonly text: string;
  readonly action?: { readonly title: string; readonly run: () => void };
}

export type Verification =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'exact'; readonly digests: number }
  | { readonly kind: 'diverged'; readonly text: string };

export const CALL_KINDS: readonly EventKind[] = ['syscall', 'unknown-syscall', 'output', 'signal', 'fork', 'exec', 'exit', 'slot-refuse'];
