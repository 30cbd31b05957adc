// Performs kernel steps: fetches the word at pc, performs the step it stands for, and feeds the result to the frame's generator. It knows
// frames and text, not tasks: the machine says which frames are current.
import { assert } from '../../base/assert.ts';
import { type Frame, GENERATOR, NODE } from './frame.ts';
import { StepMemo, type StepNode } from './memo.ts';
import { type K, type Op, type Step, type Steps, returnStep } from './step.ts';
import { KERNEL_TEXT, type KernelText, LINEAR_MAP, type PlacedFn, wordAddress, wordIndex } from './text.ts';

const NOP_WORD = 0xd503201f;
const RET_WORD = 0xd65f03c0;
const ERET_WORD = 0xd69f03e0;

const NO_ARGS: readonly number[] = [];
/** Pending in a frame that has not begun. */
const NOTHING = returnStep(-1, 0);

/** The CPU a step is performed on. */
export interface StepCpu {
  readonly cpu: number;
  /** Kernel call stack of the current task, outermost first. */
  frames(): Frame[];
  /** Word of kernel text at pc; asserts that pc is in it or shortly after. */
  word: number;
  /** The instruction there. */
  fetch(word: number): number;
  /** X30 to and from a new 16 bytes of the kernel stack. */
  pushLink(): void;
  popLink(): void;
  x(n: number): number;
  setX(n: number, value: number): void;
  load(address: number, size: number): number;
  store(address: number, value: number, size: number): void;
  msr(register: string, value: number): void;
  mrs(register: string): number;
  /** A context synchronisation event. */
  isb(): void;
  /** An op; null: it must be tried again later (nothing has changed). */
  op(op: Op, args: readonly number[]): number | null;
  /** A device or another CPU wants this one. */
  interruptPending(): boolean;
  /** Makes another task current. Its pc and sp are loaded. */
  switchTo(tid: number): void;
  /** Exception return: PSTATE and pc from SPSR_EL1 and ELR_EL1. */
  eret(): void;
}

/** Physical address of a kernel virtual one, for the layout "image at physical `imageBase`, linear map". */
export function kernelToPhysical(address: number, imageBase: number): number {
  return address >= KERNEL_TEXT ? address - KERNEL_TEXT + imageBase : address - LINEAR_MAP;
}

export class StepMachine {
  readonly text: KernelText;
  readonly #k: K;
  /** Forget generators after every step, so that each is made again from its log: tests. */
  restoreAlways = false;
  /** By word of the entry. */
  readonly #memos: (StepMemo | undefined)[];

  constructor(text: KernelText, k: K) {
    this.text = text;
    this.#k = k;
    this.#memos = text.owner.map(() => undefined);
  }

  /**
   * The word at pc. False: it could not be performed now and nothing has changed. Each call that returns true retires one.
   */
  step(cpu: StepCpu): boolean {
    const index = cpu.word;
    const word = cpu.fetch(index);
    if (word < 0x10000) return this.#perform(cpu, word, index);
    switch (word) {
      case NOP_WORD:
        cpu.word = index + 1;
        return true;
      case RET_WORD:
        this.#pop(cpu);
        this.#arrive(cpu);
        return true;
      case ERET_WORD:
        this.#pop(cpu);
        cpu.eret();
        return true;
      default:
        return fail(`the word 0x${word.toString(16)} at ${this.describe(index)} is a kernel step, NOP or return`);
    }
  }

  describe(index: number): string {
    const o = this.text.owner[index];
    return o ? `${o.fn.name}.${this.text.labelOf[index]}` : `word ${index} of kernel text`;
  }

  #perform(cpu: StepCpu, id: number, index: number): boolean {
    if (id !== index) return fail('a step runs at its own word');
    const frames = cpu.frames();
    const frame = frames[frames.length - 1];
    if (frame === undefined || frame.pend.at !== id) return this.#edge(cpu, id, frames);
    const { pend } = frame;
    switch (pend.kind) {
      case 'op': {
        const result = cpu.op(frame[NODE]?.op ?? this.#op(pend)!, pend.args);
        if (result === null) return false;
        this.#retire(frame, id, result);
        break;
      }
      case 'call': {
        const node = frame[NODE];
        let target = node?.target;
        if (!target) {
          target = this.text.fns.get(pend.ref);
          if (!target) return fail(`kernel function ${pend.ref} called at ${this.describe(id)} exists`);
          if (node) node.target = target;
        }
        for (let i = 0; i < pend.args.length; i++) cpu.setX(i, pend.args[i]!);
        frame.fall = wordAddress(id + 1);
        frame.in_call = true;
        cpu.setX(30, frame.fall);
        cpu.word = target.entry;
        return true;
      }
      case 'again':
        frame.args = pend.args;
        frame.log = [];
        this.#start(frame, this.#owner(id), frame[NODE]);
        break;
      case 'switch':
        // This task goes on after the step when it is switched to again; what follows it depends on nothing that can change till then.
        this.#retire(frame, id, 0);
        cpu.word = frame.pend.at;
        cpu.switchTo(pend.a);
        return true;
      case 'wfi':
        if (!cpu.interruptPending()) return false;
        this.#retire(frame, id, 0);
        break;
      case 'wait':
        // A round of spinning: it retires and stays.
        if (cpu.load(pend.a, pend.c) !== pend.b) return true;
        this.#retire(frame, id, pend.b);
        break;
      case 'return': {
        const owner = this.#owner(id);
        if (owner.fn.kind === 'normal') {
          cpu.popLink();
          cpu.setX(0, pend.a);
        }
        cpu.word = owner.ret;
        return true;
      }
      default:
        this.#retire(frame, id, this.#plain(cpu, pend));
    }
    cpu.word = frame.pend.at;
    return true;
  }

  #owner(id: number): PlacedFn {
    const owner = this.text.owner[id];
    return owner ?? fail(`a function is at ${this.describe(id)}`);
  }

  /** A prologue: the frame begins. */
  #edge(cpu: StepCpu, id: number, frames: Frame[]): boolean {
    const owner = this.#owner(id);
    const caller = frames[frames.length - 1];
    if (id !== owner.pro) {
      if (caller?.fn !== owner.fn.name) return fail(`the frame at ${this.describe(id)} is its function's`);
      return fail(`the step pending in ${caller.fn} is ${this.describe(caller.pend.at)}, not ${this.describe(id)}`);
    }
    if (owner.fn.kind === 'normal') cpu.pushLink();
    // The registers hold what the call put there.
    const node = caller?.in_call === true ? caller[NODE] : undefined;
    const from = node !== undefined && node.target === owner && node.step.args.length === owner.arity ? node : undefined;
    let args = NO_ARGS;
    if (from !== undefined) ({ args } = from.step);
    else if (owner.arity > 0) args = Array.from({ length: owner.arity }, (_, i) => cpu.x(i));
    const frame: Frame = {
      fn: owner.fn.name,
      args,
      log: [],
      pend: NOTHING,
      fall: 0,
      in_call: false,
    };
    frames.push(frame);
    this.#start(frame, owner, from);
    cpu.word = frame.pend.at;
    return true;
  }

  #plain(cpu: StepCpu, step: Step): number {
    switch (step.kind) {
      case 'nop':
        return 0;
      case 'load':
        return cpu.load(step.a, step.b);
      case 'store':
        cpu.store(step.a, step.b, step.c);
        return 0;
      case 'xchg': {
        const old = cpu.load(step.a, step.c);
        cpu.store(step.a, step.b, step.c);
        return old;
      }
      case 'msr':
        cpu.msr(step.ref, step.a);
        return 0;
      case 'mrs':
        return cpu.mrs(step.ref);
      case 'isb':
        cpu.isb();
        return 0;
      case 'getr':
        return cpu.x(step.a);
      case 'setr':
        cpu.setX(step.a, step.b);
        return 0;
      default:
        return fail(`a ${step.kind} step is performed by its own case`);
    }
  }

  #pop(cpu: StepCpu): void {
    const frames = cpu.frames();
    const frame = frames.pop();
    assert(frame?.pend.kind === 'return', 'a function returns after its body has ended');
  }

  /** Control comes back to X30: the caller whose call is out goes on with X0 as the result. */
  #arrive(cpu: StepCpu): void {
    const pc = cpu.x(30);
    const frames = cpu.frames();
    const caller = frames[frames.length - 1];
    assert(caller && caller.in_call && caller.fall === pc, 'a return goes to the step after the call that is out');
    caller.in_call = false;
    // The word before the one it returns to is the call's.
    this.#retire(caller, wordIndex(pc) - 1, cpu.x(0));
    cpu.word = caller.pend.at;
  }

  #op(step: Step): Op | undefined {
    if (step.kind !== 'op') return undefined;
    const found = this.text.ops.get(step.ref);
    assert(found, `kernel op ${step.ref} exists`);
    return found;
  }

  #memo(owner: PlacedFn): StepMemo {
    return (this.#memos[owner.entry] ??= new StepMemo());
  }

  /** `from`: the call or restart that gave the arguments, where it is remembered. */
  #start(frame: Frame, owner: PlacedFn, from: StepNode | undefined): void {
    const memo = this.restoreAlways ? null : this.#memo(owner);
    const node = from?.called ?? memo?.find(frame.args);
    if (node && memo) {
      if (from !== undefined) from.called = node;
      frame.pend = node.step;
      frame[NODE] = node;
      frame[GENERATOR] = undefined;
      return;
    }
    const [a, b, c, d, e, f, g, h] = frame.args;
    const generator = owner.fn.body(this.#k, owner.labels, a!, b!, c!, d!, e!, f!, g!, h!);
    const first = generator.next(0);
    frame.pend = first.done ? returnStep(owner.epi, first.value) : first.value;
    frame[NODE] = memo?.begin(frame.args, frame.pend, this.#op(frame.pend));
    frame[GENERATOR] = memo ? generator : undefined;
  }

  /** The step at word `id` gave `result`. */
  #retire(frame: Frame, id: number, result: number): void {
    const node = frame[NODE];
    const after = node?.after(result);
    if (after) {
      frame.log.push(result);
      frame.pend = after.step;
      frame[NODE] = after;
      frame[GENERATOR] = undefined;
    } else this.#resume(frame, this.#owner(id), result, node);
  }

  #resume(frame: Frame, owner: PlacedFn, result: number, node: StepNode | undefined): void {
    const generator = frame[GENERATOR] ?? this.#rebuild(frame, owner);
    frame.log.push(result);
    const next = generator.next(result);
    frame.pend = next.done ? returnStep(owner.epi, next.value) : next.value;
    frame[GENERATOR] = this.restoreAlways ? undefined : generator;
    frame[NODE] = node && this.#memo(owner).add(node, result, frame.pend, this.#op(frame.pend));
  }

  /** Feeds the log to a fresh generator. What it then has pending must be what the frame says: kernel code that reads anything mutable fails here. */
  #rebuild(frame: Frame, owner: PlacedFn): Steps {
    const [a, b, c, d, e, f, g, h] = frame.args;
    const generator = owner.fn.body(this.#k, owner.labels, a!, b!, c!, d!, e!, f!, g!, h!);
    let next = generator.next(0);
    for (const result of frame.log) next = generator.next(result);
    const pend = next.done ? returnStep(owner.epi, next.value) : next.value;
    if (!sameStep(pend, frame.pend))
      fail(`${frame.fn} comes back to the step it had pending; it reads something mutable between two steps`);
    return generator;
  }
}

function sameStep(x: Step, y: Step): boolean {
  return (
    x.kind === y.kind &&
    x.at === y.at &&
    x.ref === y.ref &&
    x.a === y.a &&
    x.b === y.b &&
    x.c === y.c &&
    x.args.length === y.args.length &&
    x.args.every((v, i) => v === y.args[i])
  );
}

function fail(whatMustHold: string): never {
  assert(false, whatMustHold);
}
