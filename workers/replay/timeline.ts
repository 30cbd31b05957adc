// A person's place in a recording, and how it moves: to a Mark, by instruction, over, out, by event, by hit; each move back is the
// inverse of the move forward. It asks the history for states; which events exist is told to it.
import { type Mark, compareMarks } from '../base/mark.ts';
import type { AccessReport } from '../machine/machine-api.ts';
import { callReturn, isReturn } from './calls.ts';
import type { History, Manners } from './history.ts';
import { type Wanted, findLast, runToAccess } from './query.ts';
import { type Tick, Trail } from './trail.ts';

/** Marks of events in order, recorded ones and those found after the fact. */
export interface EventMarks {
  /** Mark of the first event of the class after `mark`, or null. */
  next(mark: Mark, only: 'all' | 'hits'): Mark | null;
  /** Mark of the last event before `mark`, or null. */
  previous(mark: Mark, only: 'all' | 'hits'): Mark | null;
}

/** Kernel and other CPUs may take so many ticks before a task's next instruction is given up. */
const PATIENCE = 4_000_000;
/** Single steps between two looks at the message loop. */
const MOST_AT_ONCE = 4096;

export class Timeline {
  readonly history: History;
  readonly #events: EventMarks;
  readonly #functionAt: (mm: number, address: bigint) => string | null;
  readonly #trail: Trail;
  #mark: Mark;

  /** `functionAt` names the function that covers an address of an address space. */
  constructor(history: History, events: EventMarks, functionAt: (mm: number, address: bigint) => string | null) {
    this.history = history;
    this.#events = events;
    this.#functionAt = functionAt;
    this.#trail = new Trail(history);
    this.#mark = { icount: 0, event: 0 };
  }

  /** Where the person is. The machine may be elsewhere between calls; `show` brings it here. */
  get mark(): Mark {
    return this.#mark;
  }

  /** Runs `look` with the machine at the focus. */
  show<T>(look: () => T | Promise<T>): Promise<T> {
    return this.history.exclusive(async () => {
      await this.history.goTo(this.#mark);
      return look();
    });
  }

  seek(mark: Mark, manners: Partial<Manners> = {}): Promise<void> {
    return this.history.exclusive(async () => {
      await this.history.goTo(mark, { ...manners, dense: compareMarks(mark, this.#mark) < 0 });
      this.#mark = mark;
    });
  }

  /** Moves `count` times; returns how many moves were possible. */
  async step(
    direction: 'forward' | 'back',
    unit: 'instruction' | 'over' | 'out' | 'event' | 'hit',
    count: number,
    manners: Manners,
  ): Promise<number> {
    let done = 0;
    if (unit === 'event' || unit === 'hit') {
      const only = unit === 'hit' ? 'hits' : 'all';
      let mark: Mark | null = this.#mark;
      for (; done < count; done++) {
        mark = direction === 'forward' ? this.#events.next(mark, only) : this.#events.previous(mark, only);
        if (mark === null || compareMarks(mark, this.history.end) > 0) break;
        this.#mark = mark;
      }
      if (done > 0) await this.seek(this.#mark, manners);
      return done;
    }
    while (done < count) {
      const left = Math.min(count - done, MOST_AT_ONCE);
      const moved = await this.history.exclusive(async () => {
        await this.history.goTo(this.#mark);
        if (unit === 'instruction') return direction === 'forward' ? this.#instructions(left) : this.#back(left);
        return (await (direction === 'forward' ? this.#forward(unit, manners) : this.#backBy(unit, manners))) ? 1 : 0;
      });
      done += moved;
      if (moved === 0 || manners.cancelled?.() === true) break;
      if (done < count) await manners.pause();
    }
    return done;
  }

  #instructions(count: number): number {
    let moved = 0;
    while (moved < count && this.#trail.next()) moved++;
    if (moved > 0) this.#mark = this.history.machine.mark;
    return moved;
  }

  async #back(count: number): Promise<number> {
    const here = this.history.machine.mark;
    const steps = await this.#trail.before(here, count);
    const moved = Math.min(count, steps.length);
    const target = moved === 0 ? this.#mark : steps[steps.length - moved]!.mark;
    await this.history.goTo(target);
    this.#mark = target;
    return moved;
  }

  async #forward(unit: 'over' | 'out', manners: Manners): Promise<boolean> {
    const moved = unit === 'over' ? await this.#over(manners) : await this.#out(manners);
    if (moved) this.#mark = this.history.machine.mark;
    return moved;
  }

  async #backBy(unit: 'over' | 'out', manners: Manners): Promise<boolean> {
    const here = this.history.machine.mark;
    const target = unit === 'over' ? await this.#backOver(here, manners) : await this.#backOut(here, manners);
    await this.history.goTo(target ?? this.#mark);
    if (target === null) return false;
    this.#mark = target;
    return true;
  }

  async #previous(here: Mark): Promise<Mark | null> {
    return (await this.#trail.before(here, 1)).at(-1)?.mark ?? null;
  }

  /** Forward to this task's next instruction at this depth: over calls in the program, over the kernel from it. */
  async #over(manners: Manners): Promise<boolean> {
    const { machine } = this.history;
    const { view } = machine;
    const here = view.cpu(view.currentCpu);
    if (here.tid === 0) return this.#trail.next();
    if (here.el === 1) {
      const depth = this.#kernelDepth(here.tid);
      return this.#tickUntil(manners, (step) => step.tid === here.tid && (step.el === 0 || this.#kernelDepth(here.tid) <= depth));
    }
    const back = callReturn(view.read(here.mm, here.pc, 4), here.pc);
    if (back !== null) {
      const sp = here.regs['sp']!;
      const start = machine.save();
      this.history.near.add(start);
      const found = await runToAccess(this.history, [atAddress(back)], manners, this.#by(here.tid, sp));
      if (found !== null) return true;
      this.history.restore(start);
    }
    return this.#tickUntil(manners, (step) => step.tid === here.tid && step.el === 0);
  }

  /** Instruction `report` is executed by this task and the stack is not deeper than `sp`. */
  #by(tid: number, sp: bigint): (report: AccessReport) => boolean {
    const { view } = this.history.machine;
    return (report) => report.tid === tid && report.el === 0 && view.cpu(report.cpu).regs['sp']! >= sp;
  }

  #kernelDepth(tid: number): number {
    return this.history.machine.view.tasks().find((task) => task.tid === tid)?.kernelStack.length ?? 0;
  }

  async #tickUntil(manners: Manners, enough: (tick: Tick) => boolean): Promise<boolean> {
    let moved = false;
    for (let i = 0; i < PATIENCE && this.#trail.next(); i++) {
      moved = true;
      if (enough(this.#trail.describe())) return true;
      if (i % 4096 === 4095) {
        await manners.pause();
        if (manners.cancelled?.() === true) return true;
      }
    }
    return moved;
  }

  /** Forward until the function returned: the next execution of its return address with a shallower stack. */
  async #out(manners: Manners): Promise<boolean> {
    const { machine } = this.history;
    const here = machine.view.cpu(machine.view.currentCpu);
    if (here.tid === 0) return this.#trail.next();
    if (here.el === 1) return this.#tickUntil(manners, (step) => step.tid === here.tid && step.el === 0);
    const returns = this.#returnAddresses();
    const start = machine.save();
    this.history.near.add(start);
    if (returns.length === 0) return false;
    const found = await runToAccess(this.history, returns.map(atAddress), manners, this.#by(here.tid, here.regs['sp']!));
    if (found === null) this.history.restore(start);
    return found !== null;
  }

  /** Where this function may return to: its link register unless a call of its own has overwritten it, and its frame record (AAPCS64 §6.4.6). */
  #returnAddresses(): bigint[] {
    const { view } = this.history.machine;
    const here = view.cpu(view.currentCpu);
    const link = here.regs['x30'] ?? 0n;
    const ours = this.#functionAt(here.mm, here.pc);
    const found: bigint[] = [];
    if (link !== 0n && (ours === null || this.#functionAt(here.mm, link - 4n) !== ours)) found.push(link);
    const saved = view.read(here.mm, (here.regs['x29'] ?? 0n) + 8n, 8);
    if (found.length === 0 && saved.every((byte) => byte !== null)) {
      const address = saved.reduceRight((value, byte) => (value << 8n) | BigInt(byte!), 0n);
      if (address !== 0n) found.push(address);
    }
    return found;
  }

  /** The Mark from which `over` comes here, for the task whose turn it is. */
  async #backOver(here: Mark, manners: Manners): Promise<Mark | null> {
    const { machine } = this.history;
    const { view } = machine;
    const now = view.cpu(view.currentCpu);
    if (now.tid === 0) return this.#previous(here);
    for (let wanted = 64; ; wanted *= 8) {
      const steps = await this.#trail.before(here, wanted, true);
      const last = steps.findLast(({ by }) => by?.tid === now.tid && (now.el === 1 || by.el === 0));
      if (last === undefined) {
        if (steps.length < wanted || wanted > PATIENCE) return steps.at(-1)?.mark ?? null;
        await manners.pause();
        continue;
      }
      if (now.el === 1) return last.mark;
      const call = now.pc - 4n;
      await this.history.goTo(last.mark);
      const returned = isReturn(view.read(now.mm, last.by!.pc, 4));
      if (!returned || callReturn(view.read(now.mm, call, 4), call) === null) return last.mark;
      return (await this.#lastExecution(call, now.tid, now.regs['sp']!, here, manners)) ?? last.mark;
    }
  }

  /** Back to the call that led into this function. */
  async #backOut(here: Mark, manners: Manners): Promise<Mark | null> {
    const { view } = this.history.machine;
    const now = view.cpu(view.currentCpu);
    if (now.tid === 0) return this.#previous(here);
    if (now.el === 1) {
      for (let wanted = 256; ; wanted *= 8) {
        const steps = await this.#trail.before(here, wanted, true);
        const entry = steps.findLast(({ by }) => by?.tid === now.tid && by.el === 0);
        if (entry !== undefined) return entry.mark;
        if (steps.length < wanted || wanted > PATIENCE) return null;
      }
    }
    let best: Mark | null = null;
    for (const address of this.#returnAddresses()) {
      const mark = await this.#lastExecution(address - 4n, now.tid, now.regs['sp']!, here, manners);
      if (mark !== null && (best === null || compareMarks(mark, best) > 0)) best = mark;
    }
    return best;
  }

  /** Last execution of an address by a task with the stack not deeper than `sp`, before a Mark. */
  async #lastExecution(address: bigint, tid: number, sp: bigint, before: Mark, manners: Manners): Promise<Mark | null> {
    const found = await findLast(this.history, atAddress(address), before, manners, { held: true, accept: this.#by(tid, sp) });
    return found === null ? null : { icount: found.icount, event: found.event };
  }

  /** Next execution of an address at or after the focus's next instruction; null when it does not execute again. */
  seekExecution(address: bigint, manners: Manners): Promise<boolean> {
    return this.history.exclusive(async () => {
      await this.history.goTo(this.#mark);
      if (!this.#trail.next()) return false;
      const found = await runToAccess(this.history, [atAddress(address)], manners);
      if (found !== null) this.#mark = found;
      return found !== null;
    });
  }
}

/** An instruction as a range to look at. */
export function atAddress(address: bigint): Wanted {
  return { text: '', address, length: 4, read: false, write: false, execute: true };
}
