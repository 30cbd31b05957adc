// What kernel functions have been seen to do: a tree per function and arguments, an edge per result, a step at each node. Kernel code
// reads nothing but its arguments and results, so the tree answers without running it again. Derived data, bounded, never in a state.
import type { Op, Step } from './step.ts';
import type { PlacedFn } from './text.ts';

/** Results of one step that are remembered; of others the code is run. */
const MOST_RESULTS = 12;
/** Nodes of one function. */
const MOST_NODES = 1024;

/** A step some code comes to, and what it came to from there. */
export class StepNode {
  readonly step: Step;
  /** The op an op step names. */
  readonly op: Op | undefined;
  /** The result that leads here from the step before. */
  readonly key: number;
  /** Of a call: the function, and its first step where it takes exactly these arguments. */
  target: PlacedFn | null = null;
  called: StepNode | null = null;
  first: StepNode | null = null;
  next: StepNode | null = null;
  width = 0;

  constructor(step: Step, op: Op | undefined, key: number) {
    this.step = step;
    this.op = op;
    this.key = key;
  }

  /** The step after this one when it gave `result`; null: not known. */
  after(result: number): StepNode | null {
    let node = this.first;
    if (node === null || node.key === result) return node;
    let before = node;
    for (node = node.next; node !== null; before = node, node = node.next) {
      if (node.key !== result) continue;
      before.next = node.next;
      node.next = this.first;
      this.first = node;
      return node;
    }
    return null;
  }
}

interface Root {
  readonly args: readonly number[];
  readonly node: StepNode;
  readonly next: Root | null;
}

/** The trees of one kernel function. */
export class StepMemo {
  readonly #roots = new Map<number, Root>();
  #nodes = 0;

  /** The first step for these arguments. */
  find(args: readonly number[]): StepNode | null {
    for (let root = this.#roots.get(hash(args)) ?? null; root !== null; root = root.next) if (same(root.args, args)) return root.node;
    return null;
  }

  /** Remembers a first step; undefined: there is no room. */
  begin(args: readonly number[], step: Step, op: Op | undefined): StepNode | undefined {
    if (this.#nodes >= MOST_NODES) return undefined;
    this.#nodes++;
    const node = new StepNode(step, op, 0);
    const key = hash(args);
    this.#roots.set(key, { args, node, next: this.#roots.get(key) ?? null });
    return node;
  }

  /** Remembers the step after `node` for a result that `after` does not know; undefined: there is no room. */
  add(node: StepNode, result: number, step: Step, op: Op | undefined): StepNode | undefined {
    // Not a number is never found again.
    if (node.width >= MOST_RESULTS || this.#nodes >= MOST_NODES || Number.isNaN(result)) return undefined;
    this.#nodes++;
    node.width++;
    const added = new StepNode(step, op, result);
    added.next = node.first;
    node.first = added;
    return added;
  }
}

function hash(args: readonly number[]): number {
  let h = 0;
  for (let i = 0; i < args.length; i++) h = Math.imul(h ^ args[i]!, 0x9e3779b1 | 0) ^ i;
  return h;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
