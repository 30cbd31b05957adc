// What the semantics of a row are written in. A builder records one instruction as a small typed graph of values and a list of
// effects; a Lowering (lowering.ts) turns the record into WebAssembly. It computes nothing itself and knows no architecture.
//
// An instruction is a transaction:
//   get/read see the state before the instruction, always;
//   mem (the only thing that can fault), load, helper, require and cond run in the order written;
//   set, write and store are committed at the end, in the order written; then control.
import { type Ty, opcode } from '../wasm/opcodes.ts';
import type { Dst, Reg, Src, To } from './operands.ts';
import type { StateField } from './state-layout.ts';
import { Val, type Arg, coerce } from './val.ts';

export { Val, type Arg } from './val.ts';
export type { Ty } from '../wasm/opcodes.ts';

/** A function of TypeScript that semantics may call: slow, for what WebAssembly cannot say shortly (rounding modes, host reads). */
export interface Helper<R extends Ty | undefined = Ty | undefined> {
  readonly name: string;
  readonly params: readonly Ty[];
  readonly result: R;
  /** i64 arguments and results are bigint (arguments signed), the others numbers. No v128. */
  readonly fn: (context: HelperContext, ...args: never[]) => number | bigint | undefined;
}

export interface HelperContext {
  /** The machine's memory. */
  readonly view: DataView;
  /** Byte address of the state of the CPU that runs. `get` reads and `set` writes of the instruction are not there yet. */
  readonly state: number;
  /** Byte address of 32 bytes that `result` reads: further results. */
  readonly results: number;
  readonly readSysreg: (key: number) => bigint | null;
  readonly writeSysreg: (key: number, value: bigint) => boolean;
  /** Asks the engine to leave before this instruction with `undefined`; the row then says `require(0)`. */
  readonly refuse: () => void;
}

export function defineHelper<R extends Ty | undefined>(
  name: string,
  params: readonly Ty[],
  result: R,
  fn: (context: HelperContext, ...args: never[]) => number | bigint | undefined,
): Helper<R> {
  return { name, params, result, fn };
}

/** The memory of one access, probed: both pages are there and may be accessed. */
export interface Mem {
  /** Loads `bytes` at `offset` as an integer of type `ty`, zero- or sign-extended. */
  load(offset: number, bytes: 1 | 2 | 4 | 8, signed: boolean, ty: 'i32' | 'i64'): Val;
  /** Loads with a WebAssembly load of this name: 'f32.load', 'f64.load', 'v128.load', 'v128.load32_splat', 'v128.load64_zero', ... */
  loadOp(name: string, offset: number): Val;
  /** `v128.loadN_lane` into `vector`. */
  loadLane(name: string, offset: number, vector: Val, lane: number): Val;
  /** Stores the low `bytes` of an integer, or a float or vector whole (bytes is then ignored). */
  store(offset: number, bytes: 1 | 2 | 4 | 8 | 16, value: Val): void;
  /** `v128.storeN_lane` from `vector`. */
  storeLane(name: string, offset: number, vector: Val, lane: number): void;
}

export interface AccessOptions {
  /** 'r' is the default; 'rw' for atomics. */
  readonly access?: 'r' | 'w' | 'rw';
  /** Bytes of the units a debug unit sees; default: the whole access is one. */
  readonly unit?: number;
  /** The address must be a multiple of this, or the access is an alignment fault. */
  readonly align?: number;
}

export type Effect =
  | { readonly k: 'probe'; readonly address: Val; readonly bytes: number; readonly options: AccessOptions; readonly out: Val }
  | {
      readonly k: 'load';
      readonly op: string;
      readonly at: Val;
      readonly offset: number;
      readonly out: Val;
      readonly vector?: Val;
      readonly lane?: number;
    }
  | { readonly k: 'helper'; readonly helper: Helper; readonly args: readonly Val[]; readonly out: Val | undefined }
  | { readonly k: 'result'; readonly ty: Ty; readonly offset: number; readonly out: Val }
  | { readonly k: 'require'; readonly c: Val }
  | {
      readonly k: 'cond';
      readonly c: Val;
      readonly then: readonly Effect[];
      readonly else: readonly Effect[];
      readonly x: Val | undefined;
      readonly y: Val | undefined;
      readonly out: Val | undefined;
    }
  | { readonly k: 'store'; readonly op: string; readonly at: Val; readonly offset: number; readonly value: Val; readonly lane?: number }
  | { readonly k: 'set'; readonly reg: Reg; readonly offset: number; readonly value: Val; readonly op: string }
  | { readonly k: 'write'; readonly slot: StateField; readonly value: Val }
  | { readonly k: 'goto'; readonly to: To }
  | { readonly k: 'branchIf'; readonly c: Val; readonly to: To }
  | { readonly k: 'jump'; readonly value: Val }
  | { readonly k: 'raise' | 'trap'; readonly kind: LeaveKind; readonly arg: Val };

/** Why an instruction leaves the engine. */
export type LeaveKind = 'svc' | 'brk' | 'undefined';

export class Builder {
  /** The record; read by Lowering. */
  readonly effects: Effect[] = [];
  private block: Effect[] = this.effects;

  /** A constant. */
  lit(ty: 'i32' | 'i64' | 'f32' | 'f64', value: number | bigint): Val {
    return coerce(ty, value);
  }

  /** A constant vector. */
  vector(bytes: ArrayLike<number>): Val {
    return new Val('v128', { k: 'bytes', bytes: Uint8Array.from(bytes) });
  }

  /** A general register before the instruction: i64, or i32 for the low half. */
  get(r: Src, bits = 64): Val {
    return this.part(r, bits === 64 ? 'i64' : 'i32');
  }

  /** A vector register, or its low bytes as a scalar: 'v128', 'f64', 'f32', 'i64', 'i32'. */
  part(r: Src, ty: Ty, offset = 0): Val {
    return new Val(ty, { k: 'reg', reg: r, offset, op: `${ty}.load` });
  }

  /** The low 8 or 16 bits of a vector register, zero-extended. */
  low(r: Src, bits: 8 | 16): Val {
    return new Val('i32', { k: 'reg', reg: r, offset: 0, op: `i32.load${bits}_u` });
  }

  /** Writes a general register; i32 zero-extends. */
  set(r: Dst, value: Val): void {
    this.block.push({ k: 'set', reg: r, offset: 0, value: value.ty === 'i32' ? value.zext() : value, op: 'i64.store' });
  }

  /** Writes all 128 bits of a vector register. */
  setV(r: Dst, value: Val): void {
    this.block.push({ k: 'set', reg: r, offset: 0, value, op: 'v128.store' });
  }

  /** Writes a scalar (i32 must be zero-extended from 8/16 bits already) into the low bytes of a vector register and zeroes the rest. */
  setScalar(r: Dst, value: Val): void {
    const bits =
      value.ty === 'f32' ? this.op('i32.reinterpret_f32', value) : value.ty === 'f64' ? this.op('i64.reinterpret_f64', value) : value;
    this.set(r, bits);
    this.block.push({ k: 'set', reg: r, offset: 8, value: this.lit('i64', 0), op: 'i64.store' });
  }

  /** A state field that is not a register operand; i64 for u64, i32 for u32 and u8. */
  read(slot: StateField): Val {
    return new Val(slot.width === 'u64' ? 'i64' : 'i32', { k: 'slot', slot });
  }

  write(slot: StateField, value: Arg): void {
    this.block.push({ k: 'write', slot, value: coerce(slot.width === 'u64' ? 'i64' : 'i32', value) });
  }

  /** Any numeric or vector instruction of WebAssembly by name; operands are checked against its signature. */
  op(name: string, ...args: readonly Arg[]): Val {
    const o = opcode(name);
    if (o.immediate !== 'none' || o.result === undefined || o.params.length !== args.length)
      throw new Error(`Trapline defect: op('${name}')`);
    return new Val(o.result, { k: 'op', op: name, args: args.map((a, i) => coerce(o.params[i]!, a)), lanes: undefined });
  }

  /** `extract_lane` and `replace_lane` instructions. */
  lane(name: string, lane: number, ...args: readonly Arg[]): Val {
    const o = opcode(name);
    if (o.immediate !== 'lane' || o.result === undefined || o.params.length !== args.length)
      throw new Error(`Trapline defect: lane('${name}')`);
    return new Val(o.result, { k: 'op', op: name, args: args.map((a, i) => coerce(o.params[i]!, a)), lanes: [lane] });
  }

  /** `i8x16.shuffle`: byte i of the result is byte lanes[i] of x (0..15) or y (16..31). */
  shuffle(x: Val, y: Val, lanes: readonly number[]): Val {
    return new Val('v128', { k: 'op', op: 'i8x16.shuffle', args: [x, y], lanes });
  }

  /** c is nonzero ? x : y; both are computed. */
  sel(c: Val, x: Val, y: Arg): Val {
    return new Val(x.ty, { k: 'op', op: 'select', args: [x, coerce(x.ty, y), c], lanes: undefined });
  }

  /** Probes an access of `bytes` at a virtual address. At most one on each path through an instruction. */
  mem(address: Val, bytes: number, options: AccessOptions = {}): Mem {
    const at = new Val('i32', { k: 'out' });
    this.block.push({ k: 'probe', address, bytes, options, out: at });
    const load = (op: string, ty: Ty, offset: number, vector?: Val, lane?: number): Val => {
      const out = new Val(ty, { k: 'out' });
      this.block.push({ k: 'load', op, at, offset, out, ...(vector === undefined ? {} : { vector, lane: lane ?? 0 }) });
      return out;
    };
    return {
      load: (offset, size, signed, ty) => {
        const whole = size === (ty === 'i64' ? 8 : 4);
        return load(whole ? `${ty}.load` : `${ty}.load${size * 8}_${signed ? 's' : 'u'}`, ty, offset);
      },
      loadOp: (name, offset) => load(name, opcode(name).result!, offset),
      loadLane: (name, offset, vector, lane) => load(name, 'v128', offset, vector, lane),
      store: (offset, size, value) => {
        const whole = value.ty !== 'i32' && value.ty !== 'i64' ? true : size === (value.ty === 'i64' ? 8 : 4);
        this.block.push({ k: 'store', op: whole ? `${value.ty}.store` : `${value.ty}.store${size * 8}`, at, offset, value });
      },
      storeLane: (name, offset, vector, lane) => this.block.push({ k: 'store', op: name, at, offset, value: vector, lane }),
    };
  }

  /** Calls a helper now. */
  helper<R extends Ty | undefined>(helper: Helper<R>, ...args: readonly Arg[]): R extends Ty ? Val : undefined {
    const out = helper.result === undefined ? undefined : new Val(helper.result, { k: 'out' });
    this.block.push({ k: 'helper', helper: helper as Helper, args: args.map((a, i) => coerce(helper.params[i]!, a)), out });
    return out as R extends Ty ? Val : undefined;
  }

  /** Reads what a helper left in `context.results`, now. */
  result(ty: Ty, offset = 0): Val {
    const out = new Val(ty, { k: 'out' });
    this.block.push({ k: 'result', ty, offset, out });
    return out;
  }

  /** Leaves before this instruction unless c; the reason was given by a helper. */
  require(c: Val): void {
    this.block.push({ k: 'require', c });
  }

  private arm<T>(f: () => T): { effects: Effect[]; value: T } {
    const outer = this.block;
    const effects: Effect[] = [];
    this.block = effects;
    const value = f();
    this.block = outer;
    return { effects, value };
  }

  /** A value of which only one arm is computed. Arms may load, call helpers and nest; they commit nothing. */
  cond(c: Val, x: () => Val, y: () => Val): Val {
    const a = this.arm(x);
    const b = this.arm(y);
    const out = new Val(a.value.ty, { k: 'out' });
    this.block.push({ k: 'cond', c, then: a.effects, else: b.effects, x: a.value, y: b.value, out });
    return out;
  }

  /** As cond, by number; the last arm takes every other index. */
  pick(index: Val, arms: readonly (() => Val)[]): Val {
    const at = (i: number): Val => (i === arms.length - 1 ? arms[i]!() : this.cond(index.eq(i), arms[i]!, () => at(i + 1)));
    return at(0);
  }

  /** Effects under a run-time condition; rare. An arm commits at its end, before the top level does: write it last. */
  when(c: Val, then: () => void, otherwise: () => void = () => undefined): void {
    const a = this.arm(then);
    const b = this.arm(otherwise);
    this.block.push({ k: 'cond', c, then: a.effects, else: b.effects, x: undefined, y: undefined, out: undefined });
  }

  /** Control; last. Without any, the next instruction follows. */
  goto(to: To): void {
    this.block.push({ k: 'goto', to });
  }

  branchIf(c: Val, to: To): void {
    this.block.push({ k: 'branchIf', c, to });
  }

  jump(value: Val): void {
    this.block.push({ k: 'jump', value });
  }

  /** Retires, then leaves. */
  raise(kind: LeaveKind, arg: Arg = 0): void {
    this.block.push({ k: 'raise', kind, arg: coerce('i32', arg) });
  }

  /** Leaves before the instruction. */
  trap(kind: LeaveKind, arg: Arg = 0): void {
    this.block.push({ k: 'trap', kind, arg: coerce('i32', arg) });
  }
}
