// A kernel stack frame as plain data. The generator that belongs to it is not here: it is made again from the log when needed.
import type { StepNode } from './memo.ts';
import type { Step, Steps } from './step.ts';

/** Key of the generator a frame has at the moment: not part of its data, so neither cloned nor hashed, and made again from the log when missing. */
export const GENERATOR = Symbol('generator');

/** Key of the place in the memo (memo.ts) where the pending step is; not part of the data either. */
export const NODE = Symbol('node');

export interface Frame {
  /** Name of the function. */
  readonly fn: string;
  /** X0..X7 as they were at the prologue, as many as the function takes; replaced by `again`. */
  args: readonly number[];
  /** Every result since the prologue or the last `again`. */
  log: number[];
  /** Computed, not yet performed. */
  pend: Step;
  /** Kernel address after the last retired step; what LR holds while a call is out. */
  fall: number;
  /** A call is out and has not come back. */
  in_call: boolean;
  [GENERATOR]?: Steps | undefined;
  [NODE]?: StepNode | undefined;
}
