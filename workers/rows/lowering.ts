// Turns the record of one instruction (builder.ts) into WebAssembly. What differs between tiers (where registers, immediates and the
// next instruction are, how an access is checked) is abstract here; everything else is shared.
import type { FunctionBuilder } from '../wasm/function.ts';
import type { Ty } from '../wasm/opcodes.ts';
import type { Effect, Helper } from './builder.ts';
import type { Reg, To } from './operands.ts';
import type { StateField } from './state-layout.ts';
import type { Node, Val } from './val.ts';

type Of<K extends Effect['k']> = Extract<Effect, { k: K }>;
export type ProbeEffect = Of<'probe'>;
export type Commit = Of<'store' | 'set' | 'write'>;
export type Control = Of<'goto' | 'branchIf' | 'jump' | 'raise' | 'trap'>;

export abstract class Lowering {
  protected readonly f: FunctionBuilder;
  private readonly uses = new Map<Val, number>();
  private readonly locals = new Map<Val, number>();
  private scope: Val[] = [];

  constructor(f: FunctionBuilder) {
    this.f = f;
  }

  /** Pushes a register's part: the load instruction is given. */
  protected abstract regLoad(reg: Reg, offset: number, op: string): void;
  /** Pushes what `regStore` needs below the value. */
  protected abstract regStoreStart(reg: Reg): void;
  protected abstract regStore(reg: Reg, offset: number, op: string): void;
  protected abstract slotLoad(slot: StateField): void;
  protected abstract slotStoreStart(slot: StateField): void;
  protected abstract slotStore(slot: StateField): void;
  /** Pushes an immediate operand. */
  protected abstract field(ty: Ty, node: Extract<Node, { k: 'field' }>): void;
  /** The address (i64) is on the stack; replaces it by the host address (i32) or leaves before the instruction. */
  protected abstract probe(effect: ProbeEffect): void;
  /** Pushes what precedes a helper's own arguments. */
  protected abstract helperStart(): void;
  protected abstract helperCall(helper: Helper): void;
  protected abstract resultLoad(ty: Ty, offset: number): void;
  protected abstract leaveBefore(): void;
  /** The instruction retires and goes on there. For branchIf the condition, for jump the address is on the stack. */
  protected abstract next(): void;
  protected abstract goto(to: To): void;
  protected abstract branchIf(to: To): void;
  protected abstract jump(): void;
  /** The argument (i32) is on the stack. */
  protected abstract leave(control: Of<'raise' | 'trap'>): void;

  /** Emits one instruction. */
  lower(effects: readonly Effect[]): void {
    this.uses.clear();
    this.locals.clear();
    this.scope = [];
    this.count(effects);
    const control = this.block(effects);
    if (control === undefined) this.next();
    else this.control(control);
    this.leaveScope(this.scope);
  }

  private use(v: Val | undefined): void {
    if (v === undefined) return;
    const n = (this.uses.get(v) ?? 0) + 1;
    this.uses.set(v, n);
    if (n === 1 && v.node.k === 'op') for (const a of v.node.args) this.use(a);
  }

  private count(effects: readonly Effect[]): void {
    for (const e of effects) {
      switch (e.k) {
        case 'probe':
          this.use(e.address);
          break;
        case 'load':
          this.use(e.vector);
          break;
        case 'helper':
          for (const a of e.args) this.use(a);
          break;
        case 'cond':
          this.use(e.c);
          this.use(e.x);
          this.use(e.y);
          this.count(e.then);
          this.count(e.else);
          break;
        case 'require':
        case 'branchIf':
          this.use(e.c);
          break;
        case 'store':
        case 'set':
        case 'write':
        case 'jump':
          this.use(e.value);
          break;
        case 'raise':
        case 'trap':
          this.use(e.arg);
          break;
        case 'result':
        case 'goto':
          break;
      }
    }
  }

  private assign(v: Val): number {
    const local = this.f.local(v.ty);
    this.locals.set(v, local);
    this.scope.push(v);
    return local;
  }

  private leaveScope(vals: readonly Val[]): void {
    for (const v of vals) {
      this.f.release(v.ty, this.locals.get(v)!);
      this.locals.delete(v);
    }
  }

  /** Pushes a value. */
  protected gen(v: Val): void {
    const local = this.locals.get(v);
    if (local !== undefined) return this.f.get(local);
    this.compute(v);
    if ((this.uses.get(v) ?? 0) > 1 && v.node.k !== 'const') this.f.tee(this.assign(v));
  }

  private compute(v: Val): void {
    const n = v.node;
    switch (n.k) {
      case 'const':
        if (v.ty === 'i64') this.f.i64(BigInt(n.value));
        else if (v.ty === 'i32') this.f.i32(Number(n.value));
        else if (v.ty === 'f32') this.f.f32(Number(n.value));
        else this.f.f64(Number(n.value));
        return;
      case 'bytes':
        return this.f.v128(n.bytes);
      case 'reg':
        return this.regLoad(n.reg, n.offset, n.op);
      case 'slot':
        return this.slotLoad(n.slot);
      case 'field':
        return this.field(v.ty, n);
      case 'op':
        for (const a of n.args) this.gen(a);
        if (n.op === 'select') {
          if (v.ty === 'v128') this.f.selectTyped('v128');
          else this.f.select();
        } else if (n.lanes !== undefined) this.f.lanes(n.op, n.lanes);
        else this.f.op(n.op);
        return;
      case 'out':
        throw new Error('Trapline defect: a value made in one arm is used outside of it');
    }
  }

  /** Computes a value now, for later. */
  protected materialise(v: Val): void {
    if (this.locals.has(v) || v.node.k === 'const') return;
    this.compute(v);
    this.f.set(this.assign(v));
  }

  /** Everything but control, which is returned. */
  private block(effects: readonly Effect[]): Control | undefined {
    const commits: Commit[] = [];
    let control: Control | undefined;
    for (const e of effects) {
      switch (e.k) {
        case 'probe':
          this.gen(e.address);
          this.probe(e);
          this.f.set(this.assign(e.out));
          break;
        case 'load':
          this.gen(e.at);
          if (e.vector !== undefined) this.gen(e.vector);
          this.f.memory(e.op, e.offset, e.vector === undefined ? -1 : (e.lane ?? 0));
          this.f.set(this.assign(e.out));
          break;
        case 'helper':
          this.helperStart();
          for (const a of e.args) this.gen(a);
          this.helperCall(e.helper);
          if (e.out !== undefined) this.f.set(this.assign(e.out));
          break;
        case 'result':
          this.resultLoad(e.ty, e.offset);
          this.f.set(this.assign(e.out));
          break;
        case 'require':
          this.gen(e.c);
          this.f.op('i32.eqz');
          this.f.if();
          this.leaveBefore();
          this.f.end();
          break;
        case 'cond':
          if (e.out === undefined) for (const c of commits) this.prepare(c);
          this.cond(e);
          break;
        case 'store':
        case 'set':
        case 'write':
          commits.push(e);
          break;
        default:
          control = e;
      }
    }
    const value =
      control === undefined ? undefined : control.k === 'branchIf' ? control.c : control.k === 'jump' ? control.value : undefined;
    for (let i = 1; i < commits.length; i++) this.prepare(commits[i]!);
    if (value !== undefined && commits.length > 0) this.materialise(value);
    for (const c of commits) this.commit(c);
    return control;
  }

  /** Makes a commit independent of the commits before it. */
  protected prepare(e: Commit): void {
    this.materialise(e.value);
  }

  protected commit(e: Commit): void {
    if (e.k === 'store') {
      this.gen(e.at);
      this.gen(e.value);
      this.f.memory(e.op, e.offset, e.lane ?? -1);
    } else if (e.k === 'set') {
      this.regStoreStart(e.reg);
      this.gen(e.value);
      this.regStore(e.reg, e.offset, e.op);
    } else {
      this.slotStoreStart(e.slot);
      this.gen(e.value);
      this.slotStore(e.slot);
    }
  }

  private cond(e: Of<'cond'>): void {
    const out = e.out === undefined ? -1 : this.f.local(e.out.ty);
    this.gen(e.c);
    this.f.if();
    this.arm(e.then, e.x, out);
    if (e.else.length > 0 || e.y !== undefined) {
      this.f.else();
      this.arm(e.else, e.y, out);
    }
    this.f.end();
    if (e.out !== undefined) {
      this.locals.set(e.out, out);
      this.scope.push(e.out);
    }
  }

  private arm(effects: readonly Effect[], value: Val | undefined, out: number): void {
    const outer = this.scope;
    this.scope = [];
    const control = this.block(effects);
    if (value !== undefined) {
      this.gen(value);
      this.f.set(out);
    }
    if (control !== undefined) this.control(control);
    this.leaveScope(this.scope);
    this.scope = outer;
  }

  private control(c: Control): void {
    switch (c.k) {
      case 'goto':
        return this.goto(c.to);
      case 'branchIf':
        this.gen(c.c);
        return this.branchIf(c.to);
      case 'jump':
        this.gen(c.value);
        return this.jump();
      case 'raise':
      case 'trap':
        this.gen(c.arg);
        return this.leave(c);
    }
  }
}
