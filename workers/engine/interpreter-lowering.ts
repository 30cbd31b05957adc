// Tier 0: lowers an instruction to a handler that finds its operands in a predecoded entry. Handlers are functions
// (cpu, ip, left) -> next entry or LEAVE_*, or arms inside the interpreter's loop.
import type { Effect, Helper } from '../rows/builder.ts';
import { Lowering, type ProbeEffect } from '../rows/lowering.ts';
import type { Reg, To } from '../rows/operands.ts';
import type { StateField } from '../rows/state-layout.ts';
import type { Node } from '../rows/val.ts';
import type { FunctionBuilder } from '../wasm/function.ts';
import type { Ty } from '../wasm/opcodes.ts';
import * as block from './cpu-block.ts';

/** Local 0 is the CPU block, 1 the entry, 2 the instructions left after this one. */
export const CPU_LOCAL = 0;
export const IP_LOCAL = 1;
export const LEFT_LOCAL = 2;

/** How a handler ends. */
export interface Frame {
  /** Code of imported functions. */
  readonly slow: number;
  readonly helpers: ReadonlyMap<Helper, number>;
  /** The next entry is on the stack. */
  go(): void;
  /** The next entry is `ip + 32`. */
  next(): void;
  leave(code: number): void;
  /** State field the engine reads the target of a jump from when it is not in the fetch TLB. */
  readonly pc: StateField;
}

export class InterpreterLowering extends Lowering {
  private readonly frame: Frame;

  constructor(f: FunctionBuilder, frame: Frame) {
    super(f);
    this.frame = frame;
  }

  private regAddress(reg: Reg): void {
    this.f.get(CPU_LOCAL);
    if (reg.field < 0) {
      this.f.i32(reg.offset);
    } else {
      this.f.get(IP_LOCAL);
      this.f.memory('i32.load16_u', reg.field);
    }
    this.f.op('i32.add');
  }

  protected override regLoad(reg: Reg, offset: number, op: string): void {
    this.regAddress(reg);
    this.f.memory(op, offset);
  }

  protected override regStoreStart(reg: Reg): void {
    this.regAddress(reg);
  }

  protected override regStore(_reg: Reg, offset: number, op: string): void {
    this.f.memory(op, offset);
  }

  protected override slotLoad(slot: StateField): void {
    this.f.get(CPU_LOCAL);
    this.f.memory(slot.width === 'u64' ? 'i64.load' : slot.width === 'u32' ? 'i32.load' : 'i32.load8_u', slot.offset);
  }

  protected override slotStoreStart(_slot: StateField): void {
    this.f.get(CPU_LOCAL);
  }

  protected override slotStore(slot: StateField): void {
    this.f.memory(slot.width === 'u64' ? 'i64.store' : slot.width === 'u32' ? 'i32.store' : 'i32.store8', slot.offset);
  }

  protected override field(ty: Ty, node: Extract<Node, { k: 'field' }>): void {
    this.f.get(IP_LOCAL);
    this.f.memory(ty === 'i64' ? 'i64.load' : 'i32.load', node.field);
  }

  protected override probe(effect: ProbeEffect): void {
    const { f } = this;
    const access = effect.options.access ?? 'r';
    const align = effect.options.align ?? 1;
    const va = f.local('i64');
    const lo = f.local('i32');
    const entry = f.local('i32');
    f.tee(va);
    f.op('i32.wrap_i64');
    f.tee(lo);
    f.i32(7);
    f.op('i32.shr_u');
    f.i32((block.TLB_ENTRIES - 1) * block.TLB_ENTRY_SIZE);
    f.op('i32.and');
    f.get(CPU_LOCAL);
    f.op('i32.add');
    f.tee(entry);
    f.memory('i64.load', block.TLB + (access === 'r' ? 0 : block.TLB_WRITE));
    f.get(va);
    // The tag of the page of the last byte: equal to the entry's only when the access stays in the page. An aligned access does so
    // anyway, and its low bits must be 0.
    if (align === 1 && effect.bytes > 1) {
      f.i64(BigInt(effect.bytes - 1));
      f.op('i64.add');
    }
    f.i64(-4096n | BigInt(align - 1));
    f.op('i64.and');
    f.op('i64.eq');
    f.if('i32');
    f.get(lo);
    f.get(entry);
    f.memory('i32.load', block.TLB + block.TLB_ADDEND);
    f.op('i32.add');
    f.else();
    f.get(CPU_LOCAL);
    f.get(IP_LOCAL);
    f.get(LEFT_LOCAL);
    f.get(lo);
    f.get(va);
    f.i64(32n);
    f.op('i64.shr_u');
    f.op('i32.wrap_i64');
    f.i32(block.probeFlags(effect.bytes, access, effect.options.unit ?? effect.bytes, align));
    f.call(this.frame.slow);
    f.tee(lo);
    f.op('i32.eqz');
    f.if();
    this.frame.leave(block.LEAVE_BEFORE);
    f.end();
    f.get(lo);
    f.end();
    f.release('i64', va);
    f.release('i32', lo);
    f.release('i32', entry);
  }

  protected override helperStart(): void {
    this.f.get(CPU_LOCAL);
    this.f.get(IP_LOCAL);
    this.f.get(LEFT_LOCAL);
  }

  protected override helperCall(helper: Helper): void {
    this.f.call(this.frame.helpers.get(helper)!);
  }

  protected override resultLoad(ty: Ty, offset: number): void {
    this.f.get(CPU_LOCAL);
    this.f.memory(`${ty}.load`, block.RESULTS + offset);
  }

  protected override leaveBefore(): void {
    this.frame.leave(block.LEAVE_BEFORE);
  }

  protected override next(): void {
    this.frame.next();
  }

  protected override goto(to: To): void {
    this.f.get(IP_LOCAL);
    if (to.near) {
      this.f.memory('i32.load', to.field);
      this.frame.go();
    } else {
      this.f.memory('i64.load', to.field);
      this.jump();
    }
  }

  protected override branchIf(to: To): void {
    const { f } = this;
    if (to.near) {
      const c = f.local('i32');
      f.set(c);
      f.get(IP_LOCAL);
      f.memory('i32.load', to.field);
      f.get(IP_LOCAL);
      f.i32(block.ENTRY_SIZE);
      f.op('i32.add');
      f.get(c);
      f.select();
      f.release('i32', c);
      this.frame.go();
    } else {
      f.if();
      this.goto(to);
      f.end();
      this.frame.next();
    }
  }

  protected override jump(): void {
    emitJump(this.f, this.frame, block.LEAVE_JUMP, 0);
  }

  protected override leave(control: Extract<Effect, { k: 'raise' | 'trap' }>): void {
    const { f } = this;
    const arg = f.local('i32');
    f.set(arg);
    f.get(CPU_LOCAL);
    f.get(arg);
    f.memory('i32.store', block.ARGUMENT);
    f.get(CPU_LOCAL);
    f.i32(block.reasonCode(control.kind));
    f.memory('i32.store', block.REASON);
    f.release('i32', arg);
    this.frame.leave(control.k === 'raise' ? block.LEAVE_AFTER : block.LEAVE_BEFORE);
  }
}

/** The address (i64) is on the stack: goes to its entry by the fetch TLB, or leaves with the address in the state's pc. */
export function emitJump(f: FunctionBuilder, frame: Frame, leaveCode: number, orToEntry: number): void {
  const va = f.local('i64');
  const lo = f.local('i32');
  const entry = f.local('i32');
  f.tee(va);
  f.op('i32.wrap_i64');
  f.tee(lo);
  f.i32(8);
  f.op('i32.shr_u');
  f.i32((block.FETCH_ENTRIES - 1) * block.FETCH_ENTRY_SIZE);
  f.op('i32.and');
  f.get(CPU_LOCAL);
  f.op('i32.add');
  f.tee(entry);
  f.memory('i64.load', block.FETCH_TLB);
  f.get(va);
  f.i64(-4096n | 3n);
  f.op('i64.and');
  f.op('i64.eq');
  f.if();
  f.get(entry);
  f.memory('i32.load', block.FETCH_TLB + 8);
  f.get(lo);
  f.i32(0xffc);
  f.op('i32.and');
  f.i32(3);
  f.op('i32.shl');
  f.op('i32.add');
  if (orToEntry !== 0) {
    f.i32(orToEntry);
    f.op('i32.or');
  }
  frame.go();
  f.end();
  f.get(CPU_LOCAL);
  f.get(va);
  f.memory('i64.store', frame.pc.offset);
  frame.leave(leaveCode);
  f.release('i64', va);
  f.release('i32', lo);
  f.release('i32', entry);
}
