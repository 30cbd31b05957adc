// Kernel steps as plain data, and the constructors kernel code makes them with. Nothing here performs a step: steps/perform.ts does.
import type { KernelContext } from '../kernel-context.ts';
import type { Policies } from '../policies.ts';

/**
 * An address or a value of a kernel step. Addresses are the signed reading of the 64-bit virtual address, which is exact in a
 * number: user addresses are >= 0, kernel addresses negative (0xffff800080000000 is -0x7fff80000000).
 */
export type KernelNumber = number;

export type StepKind =
  | 'nop'
  | 'load' // a: address, b: size -> value
  | 'store' // a: address, b: value, c: size -> 0
  | 'xchg' // a: address, b: new value, c: size -> old value
  | 'msr' // ref: register, a: value -> 0
  | 'mrs' // ref: register -> value
  | 'isb'
  | 'call' // ref: function, args -> its result
  | 'again' // args: restarts the frame
  | 'op' // ref: op, args -> its result
  | 'wait' // a: address, b: value, c: size; stays (and retires) until memory holds the value
  | 'switch' // a: tid -> 0 once this task runs again
  | 'wfi' // until an interrupt is pending
  | 'getr' // a: register number -> value
  | 'setr' // a: register number, b: value
  | 'return'; // a: result. Made by the frame itself when the function's body ends.

/** What the CPU performs. Plain data: it is cloned, hashed and compared. `at` is the index of the word of kernel text it belongs to. */
export interface Step {
  readonly kind: StepKind;
  readonly at: number;
  readonly ref: string;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly args: readonly number[];
}

/** Every step gives one number back. */
export type Steps = Generator<Step, number, number>;

/** A label's word in kernel text, by name; only labels declared with the function exist. */
export type Labels<S extends string = string> = Readonly<Record<S, number>>;

type Split<S extends string> = S extends `${infer H} ${infer R}` ? H | Split<R> : S;

/**
 * normal: entry NOP | prologue | a word per label | epilogue | RET. naked: no prologue push, no epilogue pop (starts of tasks; must not
 * return). vector: reached by an exception, its RET is an ERET.
 */
export type FnKind = 'normal' | 'naked' | 'vector';

// biome-ignore format: one line per shape
export type FnBody<S extends string> = (k: K, L: Labels<S>, x0: number, x1: number, x2: number, x3: number, x4: number, x5: number, x6: number, x7: number) => Steps;

/** A kernel function. Exported from its module: kernel.ts collects functions and ops from module namespaces. */
export interface Fn {
  readonly is: 'fn';
  readonly name: string;
  readonly labels: readonly string[];
  readonly kind: FnKind;
  /** Byte offset in the exception vector table; -1 when it is not a vector. */
  readonly vector: number;
  readonly body: FnBody<string>;
}

/**
 * Declares a kernel function. `labels` are its step labels in text order, separated by one space; each is used by one place of the body.
 * Code between two yields reads nothing mutable: no records, no memory, only its arguments, results of steps, and `k`.
 */
export function fn<const S extends string>(name: string, labels: S, body: FnBody<Split<S>>, kind: FnKind = 'normal', vector = -1): Fn {
  return { is: 'fn', name, labels: labels === '' ? [] : labels.split(' '), kind, vector, body: body as FnBody<string> };
}

/** A named operation on the kernel's records, performed as one step. Everything it reads and changes happens at that step. */
export interface Op {
  readonly is: 'op';
  readonly name: string;
  readonly perform: (ctx: KernelContext, ...args: number[]) => number;
}

/** Declares an op. It returns one number: a value or a negated errno. It must not keep anything outside the records, RAM and CPU state. */
export function op(name: string, perform: (ctx: KernelContext, ...args: number[]) => number): Op {
  return { is: 'op', name, perform };
}

const NO_ARGS: readonly number[] = [];
const step = (kind: StepKind, at: number, ref = '', a = 0, b = 0, c = 0, args: readonly number[] = NO_ARGS): Step => ({
  kind,
  at,
  ref,
  a,
  b,
  c,
  args,
});

/** All that kernel code may use: constructors of steps and constants. */
export interface K {
  readonly policy: Policies;
  nop(at: number): Step;
  /** Guest memory at a kernel address, size 1, 2, 4 or 8 bytes (8: read as a signed 64-bit number). */
  load(at: number, address: KernelNumber, size?: number): Step;
  store(at: number, address: KernelNumber, value: number, size?: number): Step;
  xchg(at: number, address: KernelNumber, value: number, size?: number): Step;
  /** System registers by the manual's name; debug registers as DBGBVR0_EL1 and so on. */
  msr(at: number, register: string, value: number): Step;
  mrs(at: number, register: string): Step;
  isb(at: number): Step;
  /** Arguments go to X0.., the return address to LR; the result is X0 when control comes back. A name may stand for a function of another part. */
  call(at: number, fn: Fn | string, ...args: number[]): Step;
  /** Restarts this frame with these arguments: the end of a round of a loop. Never returns. */
  again(at: number, ...args: number[]): Step;
  op(at: number, op: Op, ...args: number[]): Step;
  wait(at: number, address: KernelNumber, value: number, size?: number): Step;
  switch_to(at: number, tid: number): Step;
  wfi(at: number): Step;
  getr(at: number, register: number): Step;
  setr(at: number, register: number, value: number): Step;
}

export function createK(policy: Policies): K {
  return {
    policy,
    nop: (at) => step('nop', at),
    load: (at, address, size = 8) => step('load', at, '', address, size),
    store: (at, address, value, size = 8) => step('store', at, '', address, value, size),
    xchg: (at, address, value, size = 8) => step('xchg', at, '', address, value, size),
    msr: (at, register, value) => step('msr', at, register, value),
    mrs: (at, register) => step('mrs', at, register),
    isb: (at) => step('isb', at),
    call: (at, target, ...args) => step('call', at, typeof target === 'string' ? target : target.name, 0, 0, 0, args),
    again: (at, ...args) => step('again', at, '', 0, 0, 0, args),
    op: (at, target, ...args) => step('op', at, target.name, 0, 0, 0, args),
    wait: (at, address, value, size = 8) => step('wait', at, '', address, value, size),
    switch_to: (at, tid) => step('switch', at, '', tid),
    wfi: (at) => step('wfi', at),
    getr: (at, register) => step('getr', at, '', register),
    setr: (at, register, value) => step('setr', at, '', register, value),
  };
}

/** The step a frame has pending once its body has ended with `value`. */
export const returnStep = (at: number, value: number): Step => step('return', at, '', value);
