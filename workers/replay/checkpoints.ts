// The checkpoints of one machine in order of their Marks, and the policy that decides which to keep. Derived data: losing
// one costs time, never a result.
import { type Mark, compareMarks } from '../base/mark.ts';
import type { Checkpoint } from '../machine/machine-api.ts';

/** How many checkpoints to keep. Names are shown to people and written into bench results. */
export interface CheckpointPolicy {
  readonly name: string;
  readonly most: number;
  readonly bytes: number;
}

/**
 * `aged`: at most `most` checkpoints and `bytes` bytes. When there are more, the one goes whose absence costs least: the gap it
 * leaves, divided by a quarter of the recording plus its distance from the newest. So the newest part is densest and the oldest
 * gaps are at most five times as long: with 400 checkpoints no Mark is further than a hundredth of the recording from one.
 */
export const AGED: CheckpointPolicy = { name: 'aged', most: 400, bytes: 384 * 1024 * 1024 };
/** `near`: a handful around the place somebody is looking at. */
export const NEAR: CheckpointPolicy = { name: 'near', most: 40, bytes: 64 * 1024 * 1024 };

export class CheckpointStore {
  readonly policy: CheckpointPolicy;
  #list: Checkpoint[] = [];
  #bytes = 0;

  constructor(policy: CheckpointPolicy) {
    this.policy = policy;
  }

  get count(): number {
    return this.#list.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  marks(): Mark[] {
    return this.#list.map((checkpoint) => checkpoint.mark);
  }

  /** The newest checkpoint at or before a Mark. */
  nearest(mark: Mark): Checkpoint | null {
    return this.#list[this.#upperBound(mark) - 1] ?? null;
  }

  has(mark: Mark): boolean {
    const found = this.nearest(mark);
    return found !== null && compareMarks(found.mark, mark) === 0;
  }

  add(checkpoint: Checkpoint): void {
    const at = this.#upperBound(checkpoint.mark);
    const before = this.#list[at - 1];
    if (before !== undefined && compareMarks(before.mark, checkpoint.mark) === 0) return;
    this.#list.splice(at, 0, checkpoint);
    this.#bytes += checkpoint.bytes;
    while (this.#list.length > this.policy.most || (this.#bytes > this.policy.bytes && this.#list.length > 2)) this.#dropCheapest();
  }

  clear(): void {
    this.#list = [];
    this.#bytes = 0;
  }

  /** The first and the last are never dropped. */
  #dropCheapest(): void {
    const newest = this.#list.at(-1)!.mark.icount;
    let cheapest = -1;
    let least = Infinity;
    for (let i = 1; i < this.#list.length - 1; i++) {
      const gap = this.#list[i + 1]!.mark.icount - this.#list[i - 1]!.mark.icount;
      const cost = gap / (newest / 4 + newest - this.#list[i]!.mark.icount + 1);
      if (cost < least) {
        least = cost;
        cheapest = i;
      }
    }
    if (cheapest < 0) cheapest = this.#list.length - 1;
    this.#bytes -= this.#list[cheapest]!.bytes;
    this.#list.splice(cheapest, 1);
  }

  #upperBound(mark: Mark): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareMarks(this.#list[middle]!.mark, mark) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
