// NZCV kept as what it comes from. A kind says how: 0 packed in x, otherwise x + y, x - y or x alone, of 64 or 32 bits (zero-extended).
import type { Val } from '../../rows/val.ts';
import { FunctionBuilder } from '../../wasm/function.ts';

const KINDS = ['packed', 'sub64', 'sub32', 'add64', 'add32', 'logic64', 'logic32'] as const;
type Kind = (typeof KINDS)[number];

/** The kind that a value written to NZCV is kept as. */
export function kindOfFlags(v: Val): number {
  const { meaning } = v;
  return meaning?.k === 'flags' ? KINDS.indexOf(`${meaning.op}${meaning.x.ty === 'i64' ? 64 : 32}` as Kind) : 0;
}

/** NZCV values of which bit `bit` is set, as a mask. */
const where = (holds: (n: number, z: number, c: number, v: number) => boolean): number => {
  let mask = 0;
  for (let i = 0; i < 16; i++) if (holds((i >> 3) & 1, (i >> 2) & 1, (i >> 1) & 1, i & 1)) mask |= 1 << i;
  return mask;
};
const BASE = {
  eq: where((_n, z) => z === 1),
  cs: where((_n, _z, c) => c === 1),
  mi: where((n) => n === 1),
  hi: where((_n, z, c) => c === 1 && z === 0),
  ge: where((n, _z, _c, v) => n === v),
  gt: where((n, z, _c, v) => n === v && z === 0),
} as const;
type Base = keyof typeof BASE;

/** How to say a condition of a kind: [operation, operands]. `r` is the result, 0 a zero. */
const SUB: Readonly<Record<Base, readonly [op: string, left: 'x' | 'r', right: 'y' | '0']>> = {
  eq: ['eq', 'x', 'y'],
  cs: ['ge_u', 'x', 'y'],
  mi: ['lt_s', 'r', '0'],
  hi: ['gt_u', 'x', 'y'],
  ge: ['ge_s', 'x', 'y'],
  gt: ['gt_s', 'x', 'y'],
};
const OPPOSITE: Readonly<Record<string, string>> = { eq: 'ne', ge_u: 'lt_u', lt_s: 'ge_s', gt_u: 'le_u', ge_s: 'lt_s', gt_s: 'le_s' };

/** Pushes whether the condition of this mask holds (i32); false: nothing was written, the packed flags have to be asked. */
export function conditionCode(f: FunctionBuilder, mask: number, kind: number, x: number, y: number): boolean {
  const name = KINDS[kind]!;
  if (mask === 0xffff) {
    f.i32(1);
    return true;
  }
  const base = (Object.keys(BASE) as Base[]).find((b) => BASE[b] === mask || (~BASE[b] & 0xffff) === mask);
  if (base === undefined) return false;
  const negated = BASE[base] !== mask;
  const ty = name.endsWith('64') ? 'i64' : 'i32';
  const push = (local: number): void => {
    f.get(local);
    if (ty === 'i32') f.op('i32.wrap_i64');
  };
  const zero = (): void => (ty === 'i64' ? f.i64(0n) : f.i32(0));
  const compare = (op: string): void => f.op(`${ty}.${negated ? OPPOSITE[op]! : op}`);
  if (name.startsWith('sub')) {
    const [op, left, right] = SUB[base];
    push(x);
    if (left === 'r') {
      push(y);
      f.op(`${ty}.sub`);
    }
    if (right === 'y') push(y);
    else zero();
    compare(op);
    return true;
  }
  if (name.startsWith('logic')) {
    // C and V are clear: cs and hi never hold, ge is pl.
    if (base === 'cs' || base === 'hi') {
      f.i32(negated ? 1 : 0);
      return true;
    }
    push(x);
    zero();
    compare(base === 'eq' ? 'eq' : base === 'mi' ? 'lt_s' : base === 'ge' ? 'ge_s' : 'gt_s');
    return true;
  }
  if (base !== 'eq' && base !== 'mi') return false;
  push(x);
  push(y);
  f.op(`${ty}.add`);
  zero();
  compare(base === 'eq' ? 'eq' : 'lt_s');
  return true;
}

/** A function (kind, x, y) -> NZCV. */
export function packFlagsFunction(): FunctionBuilder {
  const f = new FunctionBuilder(['i32', 'i64', 'i64'], ['i32']);
  const r64 = f.local('i64');
  const pack = (ty: 'i32' | 'i64', op: 'add' | 'sub' | 'logic'): void => {
    const bits = ty === 'i64' ? 63 : 31;
    const push = (which: 0 | 1 | 2): void => {
      f.get(which === 0 ? r64 : which);
      if (ty === 'i32') f.op('i32.wrap_i64');
    };
    const shift = (): void => {
      if (ty === 'i64') f.i64(BigInt(bits));
      else f.i32(bits);
      f.op(`${ty}.shr_u`);
      if (ty === 'i64') f.op('i32.wrap_i64');
    };
    f.get(1);
    if (op !== 'logic') {
      f.get(2);
      f.op(`i64.${op}`);
    }
    f.set(r64);
    push(0);
    shift();
    f.i32(3);
    f.op('i32.shl');
    push(0);
    f.op(`${ty}.eqz`);
    f.i32(2);
    f.op('i32.shl');
    f.op('i32.or');
    if (op !== 'logic') {
      push(op === 'add' ? 0 : 1);
      push(op === 'add' ? 1 : 2);
      f.op(`${ty}.${op === 'add' ? 'lt_u' : 'ge_u'}`);
      f.i32(1);
      f.op('i32.shl');
      f.op('i32.or');
      push(1);
      push(op === 'add' ? 0 : 2);
      f.op(`${ty}.xor`);
      push(op === 'add' ? 2 : 1);
      push(0);
      f.op(`${ty}.xor`);
      f.op(`${ty}.and`);
      shift();
      f.op('i32.or');
    }
    f.ret();
  };
  const labels = KINDS.map(() => f.block()).toReversed();
  f.get(0);
  f.brTable(labels, labels[0]!);
  for (const name of KINDS) {
    f.end();
    if (name === 'packed') {
      f.get(1);
      f.op('i32.wrap_i64');
      f.ret();
    } else pack(name.endsWith('64') ? 'i64' : 'i32', name.slice(0, -2) as 'add' | 'sub' | 'logic');
  }
  f.unreachable();
  return f;
}
