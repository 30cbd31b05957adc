// Tier 1: lowers an instruction inside a region, where registers are locals and operands are known. Control is not written here but
// said in `outcome`: what follows a block is the region's flow.
//
// Flags are kept as what they come from: `flagsKind`, `flagsX`, `flagsY`. A condition that follows a comparison is then that comparison.
import { FIELDS } from '../../arch/aarch64/state.ts';
import type { Effect, Helper } from '../../rows/builder.ts';
import { type Commit, Lowering, type ProbeEffect } from '../../rows/lowering.ts';
import type { Reg, To } from '../../rows/operands.ts';
import type { StateField } from '../../rows/state-layout.ts';
import type { Val } from '../../rows/val.ts';
import type { FunctionBuilder } from '../../wasm/function.ts';
import type { Ty } from '../../wasm/opcodes.ts';
import * as block from '../cpu-block.ts';
import { conditionCode, kindOfFlags } from './flags.ts';
import { type RegisterSet, placeOf } from './register-set.ts';

const CPU_PARAM = 0;

/** What the code of a region calls. */
export interface RegionRuntime {
  readonly slow: number;
  readonly helpers: ReadonlyMap<Helper, number>;
  /** (kind, x, y) -> NZCV. */
  readonly packFlags: number;
}

export type Outcome =
  | { readonly k: 'next' }
  | { readonly k: 'goto'; readonly address: bigint }
  /** The condition is in the local. */
  | { readonly k: 'branch'; readonly address: bigint; readonly local: number }
  /** The address is in the local. */
  | { readonly k: 'jump'; readonly local: number };

const EXTRACT: Readonly<Record<string, readonly [name: string, bytes: number]>> = {
  'i32.load8_u': ['i8x16.extract_lane_u', 1],
  'i32.load16_u': ['i16x8.extract_lane_u', 2],
  'i32.load': ['i32x4.extract_lane', 4],
  'i64.load': ['i64x2.extract_lane', 8],
  'f32.load': ['f32x4.extract_lane', 4],
  'f64.load': ['f64x2.extract_lane', 8],
};
const ZEROS = new Uint8Array(16);

/** A float that is written as its bit pattern, so that it need not go through an integer register. */
function floatIn(v: Val): { readonly lane: string; readonly value: Val } | undefined {
  const { node } = v;
  if (node.k !== 'op') return undefined;
  if (node.op === 'i64.reinterpret_f64') return { lane: 'f64x2.replace_lane', value: node.args[0]! };
  const inner = node.op === 'i64.extend_i32_u' ? node.args[0]!.node : undefined;
  return inner?.k === 'op' && inner.op === 'i32.reinterpret_f32' ? { lane: 'f32x4.replace_lane', value: inner.args[0]! } : undefined;
}

export class RegionLowering extends Lowering {
  readonly left: number;
  readonly code: number;
  readonly ip: number;
  outcome: Outcome = { k: 'next' };
  /** Kind of the flags where code is being written, -1 when it depends on the way there. */
  kind = -1;
  private readonly runtime: RegionRuntime;
  private readonly general: (number | undefined)[] = [];
  private readonly vectors: (number | undefined)[] = [];
  private readonly flagsKind: number;
  private readonly flagsX: number;
  private readonly flagsY: number;
  private readonly condition: number;
  private readonly target: number;
  /** Of the instruction: its entry, how many of its block are not retired at it, where to go to leave before it. */
  private entry = 0;
  private unretired = 0;
  private failed = 0;

  private readonly callsSlow: boolean;
  /** Where the block of the only CPU is; undefined: there are several. */
  private readonly cpuBase: number | undefined;

  constructor(f: FunctionBuilder, runtime: RegionRuntime, options: { readonly callsSlow: boolean; readonly cpuBase: number | undefined }) {
    super(f);
    this.callsSlow = options.callsSlow;
    this.cpuBase = options.cpuBase;
    this.runtime = runtime;
    this.left = f.local('i32');
    this.code = f.local('i32');
    this.ip = f.local('i32');
    this.flagsKind = f.local('i32');
    this.flagsX = f.local('i64');
    this.flagsY = f.local('i64');
    this.condition = f.local('i32');
    this.target = f.local('i64');
  }

  /** Kinds of the flags where the block was left so far: one, or -1 when there are several. */
  failKind = -1;

  /** Where the next instruction is. `unretired` includes it; `failed` is the label of the block's way out. */
  at(entry: number, unretired: number, failed: number): void {
    this.entry = entry;
    this.unretired = unretired;
    this.failed = failed;
    this.outcome = { k: 'next' };
  }

  /** Pushes the address of the CPU's block. */
  cpu(): void {
    if (this.cpuBase === undefined) this.f.get(CPU_PARAM);
    else this.f.i32(this.cpuBase);
  }

  private x(n: number): number {
    return (this.general[n] ??= this.f.local('i64'));
  }

  private v(n: number): number {
    return (this.vectors[n] ??= this.f.local('v128'));
  }

  /** Loads locals from the state. */
  fetch(set: RegisterSet): void {
    const { f } = this;
    this.each(set, (local, op, offset) => {
      this.cpu();
      f.memory(`${op}.load`, offset);
      f.set(local);
    });
    if (set.flags === 0) return;
    f.i32(0);
    f.set(this.flagsKind);
    this.cpu();
    f.memory('i64.load32_u', FIELDS.nzcv.offset);
    f.set(this.flagsX);
  }

  /** Stores locals to the state. */
  writeBack(set: RegisterSet): void {
    const { f } = this;
    this.each(set, (local, op, offset) => {
      this.cpu();
      f.get(local);
      f.memory(`${op}.store`, offset);
    });
    if (set.flags === 0) return;
    this.cpu();
    this.packed();
    f.memory('i32.store', FIELDS.nzcv.offset);
  }

  private each(set: RegisterSet, body: (local: number, op: 'i64' | 'v128', offset: number) => void): void {
    for (let n = 0; n < 32; n++) if ((set.x >>> n) & 1) body(this.x(n), 'i64', FIELDS.x.offset + n * 8);
    for (let n = 0; n < 32; n++) if ((set.v >>> n) & 1) body(this.v(n), 'v128', FIELDS.v.offset + n * 16);
  }

  /** Pushes NZCV. */
  private packed(): void {
    const { f } = this;
    if (this.kind === 0) {
      f.get(this.flagsX);
      f.op('i32.wrap_i64');
      return;
    }
    if (this.kind > 0) f.i32(this.kind);
    else f.get(this.flagsKind);
    f.get(this.flagsX);
    f.get(this.flagsY);
    f.call(this.runtime.packFlags);
  }

  protected override gen(v: Val): void {
    if (v.meaning?.k === 'holds' && v.meaning.mask.node.k === 'const' && this.kind > 0) {
      const mask = Number(v.meaning.mask.node.value) & 0xffff;
      if (conditionCode(this.f, mask, this.kind, this.flagsX, this.flagsY)) return;
    }
    super.gen(v);
  }

  protected override prepare(e: Commit): void {
    if (e.k === 'write' && e.slot === FIELDS.nzcv && e.value.meaning?.k === 'flags') {
      this.materialise(e.value.meaning.x);
      if (e.value.meaning.op !== 'logic') this.materialise(e.value.meaning.y);
      return;
    }
    if (e.k === 'set') {
      const place = placeOf(e.reg, e.offset);
      if (place.k === 'sink') return;
      const float = place.k === 'v' ? floatIn(e.value) : undefined;
      if (float !== undefined) return this.materialise(float.value);
    }
    super.prepare(e);
  }

  protected override commit(e: Commit): void {
    const { f } = this;
    if (e.k === 'write' && e.slot === FIELDS.nzcv) return this.writeFlags(e.value);
    if (e.k !== 'set') return super.commit(e);
    const place = placeOf(e.reg, e.offset);
    if (place.k === 'x') {
      this.gen(e.value);
      f.set(this.x(place.n));
    } else if (place.k === 'v') {
      if (e.op === 'v128.store') this.gen(e.value);
      else if (e.offset === 8) {
        if (e.value.node.k === 'const' && BigInt(e.value.node.value) === 0n) return; // with the low half
        f.get(this.v(place.n));
        this.gen(e.value);
        f.lanes('i64x2.replace_lane', [1]);
      } else {
        const float = floatIn(e.value);
        f.v128(ZEROS);
        this.gen(float?.value ?? e.value);
        f.lanes(float?.lane ?? 'i64x2.replace_lane', [0]);
      }
      f.set(this.v(place.n));
    }
  }

  private writeFlags(value: Val): void {
    const { f } = this;
    const { meaning } = value;
    const kind = kindOfFlags(value);
    const push = (v: Val): void => {
      this.gen(v);
      if (v.ty === 'i32') f.op('i64.extend_i32_u');
    };
    if (kind > 0 && meaning?.k === 'flags') {
      push(meaning.x);
      if (meaning.op !== 'logic') {
        push(meaning.y);
        f.set(this.flagsY);
      }
    } else push(value);
    f.set(this.flagsX);
    f.i32(kind);
    f.set(this.flagsKind);
    this.kind = kind;
  }

  protected override regLoad(reg: Reg, offset: number, op: string): void {
    const { f } = this;
    const place = placeOf(reg, offset);
    if (place.k === 'zero') {
      if (op === 'i64.load') f.i64(0n);
      else f.i32(0);
    } else if (place.k === 'x') {
      f.get(this.x(place.n));
      if (op === 'i32.load') f.op('i32.wrap_i64');
    } else if (place.k === 'v') {
      f.get(this.v(place.n));
      const how = EXTRACT[op];
      if (how !== undefined) f.lanes(how[0], [place.byte / how[1]]);
    }
  }

  protected override regStoreStart(): void {
    throw new Error('Trapline defect: registers of a region are locals');
  }

  protected override regStore(): void {
    throw new Error('Trapline defect: registers of a region are locals');
  }

  protected override slotLoad(slot: StateField): void {
    if (slot === FIELDS.nzcv) return this.packed();
    this.cpu();
    this.f.memory(slot.width === 'u64' ? 'i64.load' : slot.width === 'u32' ? 'i32.load' : 'i32.load8_u', slot.offset);
  }

  protected override slotStoreStart(_slot: StateField): void {
    this.cpu();
  }

  protected override slotStore(slot: StateField): void {
    this.f.memory(slot.width === 'u64' ? 'i64.store' : slot.width === 'u32' ? 'i32.store' : 'i32.store8', slot.offset);
  }

  protected override field(): void {
    throw new Error('Trapline defect: operands of a region are constants');
  }

  /** Instructions left after this one, as the interpreter counts. */
  private leftAfter(): void {
    this.f.get(this.left);
    this.f.i32(this.unretired - 1);
    this.f.op('i32.add');
  }

  /** Leaves before this instruction; by default for the engine to see why. */
  private fail(code = block.REGION_LEFT + block.LEAVE_BEFORE): void {
    const { f } = this;
    f.get(this.left);
    f.i32(this.unretired);
    f.op('i32.add');
    f.set(this.left);
    f.i32(this.entry);
    f.set(this.ip);
    f.i32(code);
    f.set(this.code);
    if (this.failKind !== this.kind) this.failKind = -1;
    f.br(this.failed);
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
    if (this.cpuBase === undefined) {
      this.cpu();
      f.op('i32.add');
    }
    const tlb = (this.cpuBase ?? 0) + block.TLB;
    f.tee(entry);
    f.memory('i64.load', tlb + (access === 'r' ? 0 : block.TLB_WRITE));
    f.get(va);
    if (align === 1 && effect.bytes > 1) {
      f.i64(BigInt(effect.bytes - 1));
      f.op('i64.add');
    }
    f.i64(-4096n | BigInt(align - 1));
    f.op('i64.and');
    if (!this.callsSlow) {
      f.op('i64.ne');
      f.if();
      this.fail(this.entry | block.REGION_NO_BUDGET);
      f.end();
      f.get(lo);
      f.get(entry);
      f.memory('i32.load', tlb + block.TLB_ADDEND);
      f.op('i32.add');
      f.release('i64', va);
      f.release('i32', lo);
      f.release('i32', entry);
      return;
    }
    f.op('i64.eq');
    f.if('i32');
    f.get(lo);
    f.get(entry);
    f.memory('i32.load', tlb + block.TLB_ADDEND);
    f.op('i32.add');
    f.else();
    this.cpu();
    f.i32(this.entry);
    this.leftAfter();
    f.get(lo);
    f.get(va);
    f.i64(32n);
    f.op('i64.shr_u');
    f.op('i32.wrap_i64');
    f.i32(block.probeFlags(effect.bytes, access, effect.options.unit ?? effect.bytes, align));
    f.call(this.runtime.slow);
    f.tee(lo);
    f.op('i32.eqz');
    f.if();
    this.fail();
    f.end();
    f.get(lo);
    f.end();
    f.release('i64', va);
    f.release('i32', lo);
    f.release('i32', entry);
  }

  protected override helperStart(): void {
    this.cpu();
    this.f.i32(this.entry);
    this.leftAfter();
  }

  protected override helperCall(helper: Helper): void {
    this.f.call(this.runtime.helpers.get(helper)!);
  }

  protected override resultLoad(ty: Ty, offset: number): void {
    this.cpu();
    this.f.memory(`${ty}.load`, block.RESULTS + offset);
  }

  protected override leaveBefore(): void {
    this.fail();
  }

  protected override next(): void {
    this.outcome = { k: 'next' };
  }

  protected override goto(to: To): void {
    this.outcome = { k: 'goto', address: to.address };
  }

  protected override branchIf(to: To): void {
    this.f.set(this.condition);
    this.outcome = { k: 'branch', address: to.address, local: this.condition };
  }

  protected override jump(): void {
    this.f.set(this.target);
    this.outcome = { k: 'jump', local: this.target };
  }

  protected override leave(_control: Extract<Effect, { k: 'raise' | 'trap' }>): void {
    throw new Error('Trapline defect: an instruction that leaves is not part of a region');
  }
}
