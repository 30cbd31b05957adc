// What the first stage of a row (decode time) hands to the second: statics, registers, immediates and branch targets.

/** A register file entry as an operand. Source, destination or both; never mix a read of ZR with a write of it. */
export class Reg {
  /** Byte offset in the state. */
  readonly offset: number;
  /** Position in the interpreter's entry, set while a handler is generated; -1: the offset itself is the register. */
  readonly field: number;

  constructor(offset: number, field = -1) {
    this.offset = offset;
    this.field = field;
  }
}

declare const source: unique symbol;
declare const sink: unique symbol;
/** May be read by `get`. */
export type Src = Reg & { readonly [source]: true };
/** May be written by `set`. */
export type Dst = Reg & { readonly [sink]: true };
export type Both = Src & Dst;

/** A 64-bit immediate; all arithmetic on it is already done. */
export class Imm64 {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = BigInt.asUintN(64, value);
  }
}

/** A 32-bit immediate. */
export class Imm32 {
  readonly value: number;
  constructor(value: number) {
    this.value = value | 0;
  }
}

/** A branch target, an absolute virtual address. */
export class To {
  readonly address: bigint;
  /** Position in the interpreter's entry while a handler is generated, and whether that is an entry pointer (same page) or an address. */
  readonly field: number;
  readonly near: boolean;

  constructor(address: bigint, field = -1, near = false) {
    this.address = BigInt.asUintN(64, address);
    this.field = field;
    this.near = near;
  }
}

export const imm = (value: bigint | number): Imm64 => new Imm64(BigInt(value));
export const imm32 = (value: number): Imm32 => new Imm32(value);
export const target = (address: bigint): To => new To(address);

/** Numbers, booleans and strings are static: each combination of them is a handler of its own. */
export type Operand = number | boolean | string | Reg | Imm64 | Imm32 | To;
export type Operands = Readonly<Record<string, Operand>>;
