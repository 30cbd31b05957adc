// A value of an instruction's semantics: pure, typed, a node of the graph a Builder records. Integer constants fold.
import type { Ty } from '../wasm/opcodes.ts';
import type { Reg } from './operands.ts';
import type { StateField } from './state-layout.ts';

export type Node =
  | { readonly k: 'const'; readonly value: number | bigint }
  | { readonly k: 'bytes'; readonly bytes: Uint8Array }
  | { readonly k: 'reg'; readonly reg: Reg; readonly offset: number; readonly op: string }
  | { readonly k: 'slot'; readonly slot: StateField }
  /** An immediate operand: position in the interpreter's entry and its value for this instruction. */
  | { readonly k: 'field'; readonly field: number; readonly value: number | bigint }
  | { readonly k: 'op'; readonly op: string; readonly args: readonly Val[]; readonly lanes: readonly number[] | undefined }
  /** Made by an effect. */
  | { readonly k: 'out' };

/** A value, or a constant of the type that is wanted there. */
export type Arg = Val | number | bigint;

export function coerce(ty: Ty, value: Arg): Val {
  if (value instanceof Val) {
    if (value.ty !== ty) throw new Error(`Trapline defect: a value of type ${value.ty} where ${ty} is wanted`);
    return value;
  }
  if (ty === 'i32') return new Val(ty, { k: 'const', value: Number(value) | 0 });
  if (ty === 'i64') return new Val(ty, { k: 'const', value: BigInt.asIntN(64, BigInt(value)) });
  if (ty === 'v128') throw new Error('Trapline defect: a number where v128 is wanted');
  return new Val(ty, { k: 'const', value: Number(value) });
}

type Fold = (x: bigint, y: bigint, bits: bigint) => bigint;
const FOLDS: Readonly<Record<string, Fold>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y, bits) => x << (y & (bits - 1n)),
};

/**
 * What a value is for, besides how it is computed: a lowering may know a shorter way that gives the same. `flags`: NZCV of x + y, of x - y,
 * or of x with C and V clear. `holds`: whether NZCV is among those of the mask (bit i for NZCV i).
 */
export type Meaning =
  | { readonly k: 'flags'; readonly op: 'add' | 'sub'; readonly x: Val; readonly y: Val }
  | { readonly k: 'flags'; readonly op: 'logic'; readonly x: Val }
  | { readonly k: 'holds'; readonly mask: Val };

export class Val {
  readonly ty: Ty;
  readonly node: Node;
  /** Set by whoever made the value; for lowerings only. */
  meaning: Meaning | undefined;

  constructor(ty: Ty, node: Node) {
    this.ty = ty;
    this.node = node;
  }

  private binary(op: string, other: Arg, result: Ty = this.ty): Val {
    const y = coerce(this.ty, other);
    const fold = FOLDS[op];
    if (fold !== undefined && this.node.k === 'const' && y.node.k === 'const') {
      const bits = this.ty === 'i64' ? 64n : 32n;
      return coerce(this.ty, BigInt.asIntN(Number(bits), fold(BigInt(this.node.value), BigInt(y.node.value), bits)));
    }
    return new Val(result, { k: 'op', op: `${this.ty}.${op}`, args: [this, y], lanes: undefined });
  }

  private unary(op: string, result: Ty = this.ty): Val {
    return new Val(result, { k: 'op', op, args: [this], lanes: undefined });
  }

  add(y: Arg): Val {
    return this.binary('add', y);
  }
  sub(y: Arg): Val {
    return this.binary('sub', y);
  }
  mul(y: Arg): Val {
    return this.binary('mul', y);
  }
  /** Signed division; traps the host on zero and MIN / -1: select safe operands. */
  divs(y: Arg): Val {
    return this.binary('div_s', y);
  }
  /** Unsigned division; traps the host on zero. */
  divu(y: Arg): Val {
    return this.binary('div_u', y);
  }
  remu(y: Arg): Val {
    return this.binary('rem_u', y);
  }
  and(y: Arg): Val {
    return this.binary('and', y);
  }
  or(y: Arg): Val {
    return this.binary('or', y);
  }
  xor(y: Arg): Val {
    return this.binary('xor', y);
  }
  not(): Val {
    return this.xor(-1);
  }
  neg(): Val {
    return coerce(this.ty, 0).sub(this);
  }
  /** Shifts take the amount modulo the width, of the value's own type. */
  shl(y: Arg): Val {
    return this.binary('shl', y);
  }
  shru(y: Arg): Val {
    return this.binary('shr_u', y);
  }
  shrs(y: Arg): Val {
    return this.binary('shr_s', y);
  }
  rotl(y: Arg): Val {
    return this.binary('rotl', y);
  }
  rotr(y: Arg): Val {
    return this.binary('rotr', y);
  }
  clz(): Val {
    return this.unary(`${this.ty}.clz`);
  }
  ctz(): Val {
    return this.unary(`${this.ty}.ctz`);
  }
  popcnt(): Val {
    return this.unary(`${this.ty}.popcnt`);
  }
  /** Comparisons give i32 0 or 1. */
  eqz(): Val {
    return this.unary(`${this.ty}.eqz`, 'i32');
  }
  eq(y: Arg): Val {
    return this.binary('eq', y, 'i32');
  }
  ne(y: Arg): Val {
    return this.binary('ne', y, 'i32');
  }
  lts(y: Arg): Val {
    return this.binary('lt_s', y, 'i32');
  }
  ltu(y: Arg): Val {
    return this.binary('lt_u', y, 'i32');
  }
  gts(y: Arg): Val {
    return this.binary('gt_s', y, 'i32');
  }
  gtu(y: Arg): Val {
    return this.binary('gt_u', y, 'i32');
  }
  les(y: Arg): Val {
    return this.binary('le_s', y, 'i32');
  }
  leu(y: Arg): Val {
    return this.binary('le_u', y, 'i32');
  }
  ges(y: Arg): Val {
    return this.binary('ge_s', y, 'i32');
  }
  geu(y: Arg): Val {
    return this.binary('ge_u', y, 'i32');
  }
  /** The value as an integer of 32 or 64 bits: truncated or zero-extended. */
  as(bits: number): Val {
    return bits === 64 ? this.zext() : this.lo();
  }
  /** The low 32 bits. */
  lo(): Val {
    if (this.ty === 'i32') return this;
    if (this.node.k === 'const') return coerce('i32', BigInt.asIntN(32, BigInt(this.node.value)));
    return this.unary('i32.wrap_i64', 'i32');
  }
  zext(): Val {
    if (this.ty === 'i64') return this;
    if (this.node.k === 'const') return coerce('i64', BigInt.asUintN(32, BigInt(this.node.value)));
    return this.unary('i64.extend_i32_u', 'i64');
  }
  sext(): Val {
    return this.ty === 'i64' ? this : this.unary('i64.extend_i32_s', 'i64');
  }
  /** The low `bits` (8, 16, 32) extended to the value's own type. */
  ext(bits: number, signed: boolean): Val {
    if (bits === (this.ty === 'i64' ? 64 : 32)) return this;
    if (signed) return this.unary(`${this.ty}.extend${bits}_s`);
    return this.and(this.ty === 'i64' ? (1n << BigInt(bits)) - 1n : 2 ** bits - 1);
  }
}
