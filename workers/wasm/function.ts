// Writes the body of one WebAssembly function. It checks nothing: the engine compiles the module, and a wrong one does not compile.
import { Bytes } from './bytes.ts';
import { type Ty, opcode } from './opcodes.ts';

export const TYPE_CODE: Record<Ty, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

export class FunctionBuilder {
  readonly code = new Bytes();
  private readonly localTypes: Ty[] = [];
  private readonly free: Record<Ty, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  /** Open blocks, for branch depths. */
  depth = 0;
  readonly params: readonly Ty[];
  readonly results: readonly Ty[];

  constructor(params: readonly Ty[], results: readonly Ty[]) {
    this.params = params;
    this.results = results;
  }

  /** A local of this type, recycled if one was released. */
  local(ty: Ty): number {
    return this.free[ty].pop() ?? this.params.length + this.localTypes.push(ty) - 1;
  }

  release(ty: Ty, local: number): void {
    this.free[ty].push(local);
  }

  get(local: number): void {
    this.code.u8(0x20);
    this.code.u32(local);
  }

  set(local: number): void {
    this.code.u8(0x21);
    this.code.u32(local);
  }

  tee(local: number): void {
    this.code.u8(0x22);
    this.code.u32(local);
  }

  i32(value: number): void {
    this.code.u8(0x41);
    this.code.s32(value);
  }

  i64(value: bigint): void {
    this.code.u8(0x42);
    this.code.s64(value);
  }

  f32(value: number): void {
    this.code.u8(0x43);
    this.code.f32(value);
  }

  f64(value: number): void {
    this.code.u8(0x44);
    this.code.f64(value);
  }

  v128(bytes: ArrayLike<number>): void {
    this.code.all(opcode('v128.const').bytes);
    this.code.all(bytes);
  }

  /** An instruction without immediates. */
  op(name: string): void {
    this.code.all(opcode(name).bytes);
  }

  /** An instruction with a lane number or 16 bytes. */
  lanes(name: string, lanes: ArrayLike<number>): void {
    this.code.all(opcode(name).bytes);
    this.code.all(lanes);
  }

  /** A load or store; `offset` is added to the address. Alignment is always given as 1: it is a hint. */
  memory(name: string, offset: number, lane = -1): void {
    this.code.all(opcode(name).bytes);
    this.code.u8(0);
    this.code.u32(offset);
    if (lane >= 0) this.code.u8(lane);
  }

  private open(code: number, result: Ty | undefined): number {
    this.code.u8(code);
    this.code.u8(result === undefined ? 0x40 : TYPE_CODE[result]);
    return ++this.depth;
  }

  /** Each of these returns the label of the block it opens, for `br`. */
  block(result?: Ty): number {
    return this.open(0x02, result);
  }

  loop(result?: Ty): number {
    return this.open(0x03, result);
  }

  if(result?: Ty): number {
    return this.open(0x04, result);
  }

  else(): void {
    this.code.u8(0x05);
  }

  end(): void {
    this.code.u8(0x0b);
    this.depth--;
  }

  br(label: number): void {
    this.code.u8(0x0c);
    this.code.u32(this.depth - label);
  }

  brIf(label: number): void {
    this.code.u8(0x0d);
    this.code.u32(this.depth - label);
  }

  brTable(labels: readonly number[], otherwise: number): void {
    this.code.u8(0x0e);
    this.code.u32(labels.length);
    for (const label of labels) this.code.u32(this.depth - label);
    this.code.u32(this.depth - otherwise);
  }

  call(index: number): void {
    this.code.u8(0x10);
    this.code.u32(index);
  }

  callIndirect(type: number, table = 0): void {
    this.code.u8(0x11);
    this.code.u32(type);
    this.code.u32(table);
  }

  ret(): void {
    this.code.u8(0x0f);
  }

  unreachable(): void {
    this.code.u8(0x00);
  }

  drop(): void {
    this.code.u8(0x1a);
  }

  select(): void {
    this.code.u8(0x1b);
  }

  /** `select` of a v128 needs its type written. */
  selectTyped(ty: Ty): void {
    this.code.u8(0x1c);
    this.code.u8(1);
    this.code.u8(TYPE_CODE[ty]);
  }

  /** Locals and code, as the code section wants them. */
  finish(): Uint8Array {
    const out = new Bytes();
    const runs: { ty: Ty; count: number }[] = [];
    for (const ty of this.localTypes) {
      const last = runs.at(-1);
      if (last?.ty === ty) last.count++;
      else runs.push({ ty, count: 1 });
    }
    out.u32(runs.length);
    for (const run of runs) {
      out.u32(run.count);
      out.u8(TYPE_CODE[run.ty]);
    }
    out.all(this.code.view());
    out.u8(0x0b);
    return out.view();
  }
}
