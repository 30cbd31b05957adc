// Single ticks, forwards and backwards. The previous state of a machine is found by executing towards here from a little
// further back and remembering the Marks on the way; stepping back again then costs nothing but a short run.
import { type Mark, compareMarks } from '../base/mark.ts';
import type { History } from './history.ts';

/** Ticks that change no Mark (a CPU going idle) are passed over; more than this many in a row is a machine that does not progress. */
const MOST_SILENT_TICKS = 100_000;
const SAVE_EVERY = 48;

/** Where a tick began. */
export interface TrailStep {
  readonly mark: Mark;
  /** Who made it; null when nobody asked. */
  readonly by: Tick | null;
}

/** What a tick is about to do, of whom. */
export interface Tick {
  readonly cpu: number;
  readonly tid: number;
  readonly el: 0 | 1;
  readonly pc: bigint;
}

export class Trail {
  readonly #history: History;
  #steps: readonly TrailStep[] = [];
  /** Mark after the last step of #steps. */
  #end: Mark | null = null;

  constructor(history: History) {
    this.#history = history;
  }

  /** Moves the machine forward to the next state with another Mark; false at the end of the recording. */
  next(): boolean {
    const { machine, end } = this.#history;
    const from = machine.mark;
    if (compareMarks(from, end) >= 0) return false;
    for (let i = 0; i < MOST_SILENT_TICKS; i++) {
      const stop = machine.tick();
      if (compareMarks(machine.mark, from) !== 0) return true;
      if (stop.kind === 'exited' || stop.kind === 'deadlock' || stop.kind === 'input') return false;
    }
    return false;
  }

  /** The machine's own view of what its next tick is. */
  describe(): Tick {
    const { view } = this.#history.machine;
    const { cpu, tid, el, pc } = view.cpu(view.currentCpu);
    return { cpu, tid, el, pc };
  }

  /**
   * The steps that led to the state at `mark`, oldest first: at least `wanted` of them unless the recording begins earlier. `mark` is one the
   * machine can stand at. Where it stands afterwards is not defined. `named`: steps say who made them, which costs ten times as much.
   */
  async before(mark: Mark, wanted: number, named = false): Promise<readonly TrailStep[]> {
    const known = this.#known(mark, named);
    if (known !== null && (known.length >= wanted || compareMarks(known[0]!.mark, { icount: 0, event: 0 }) === 0)) return known;
    const { machine } = this.#history;
    for (let back = Math.max(64, wanted); ; back *= 4) {
      const start = { icount: Math.max(0, mark.icount - back), event: 0 };
      await this.#history.goTo(start, { dense: true });
      const steps: TrailStep[] = [];
      let moved = true;
      while (moved && compareMarks(machine.mark, mark) < 0) {
        if (steps.length % SAVE_EVERY === 0 && !this.#history.near.has(machine.mark)) this.#history.near.add(machine.save());
        steps.push({ mark: machine.mark, by: named ? this.describe() : null });
        moved = this.next();
      }
      if (steps.length >= wanted || start.icount === 0) {
        this.#steps = steps;
        this.#end = mark;
        return steps;
      }
    }
  }

  #known(mark: Mark, named: boolean): readonly TrailStep[] | null {
    if (this.#end === null || this.#steps.length === 0 || (named && this.#steps[0]!.by === null)) return null;
    if (compareMarks(mark, this.#end) === 0) return this.#steps;
    const at = this.#steps.findIndex((step) => compareMarks(step.mark, mark) === 0);
    return at > 0 ? this.#steps.slice(0, at) : null;
  }
}
