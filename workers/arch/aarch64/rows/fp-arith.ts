// Floating-point arithmetic as WebAssembly where that is provably what the architecture does, and by call otherwise. The same code
// serves scalars and vectors. No rows here.
//
// WebAssembly rounds to nearest even and keeps no flags. Under FPCR = 0, with FPSR.IXC already set, an operation whose result is
// finite and (where it could underflow) above the least normal number raises nothing new, so the WebAssembly result is the answer.
// Everything else (NaNs, infinities, tiny results, other modes, the first inexact result of a program) goes to softfloat.ts.
import type { Builder, Val } from '../../../rows/builder.ts';
import type { Ty } from '../../../wasm/opcodes.ts';
import type { LaneOpName } from '../lane-ops.ts';
import { IXC } from '../softfloat.ts';
import { FIELDS } from '../state.ts';
import { callLanes, callScalar, loHalf, splat } from './lanes.ts';

/** A scalar, or the first `lanes` lanes of a vector. */
export interface Shape {
  readonly size: 32 | 64;
  readonly lanes: number;
  readonly vector: boolean;
}

export const scalarShape = (size: 32 | 64): Shape => ({ size, lanes: 1, vector: false });
export const vectorShape = (size: 32 | 64, q: number): Shape => ({ size, lanes: (q ? 128 : 64) / size, vector: true });

const name = (s: Shape, op: string): string => `f${s.size}${s.vector ? `x${128 / s.size}` : ''}.${op}`;

/** Whether FPCR asks for nothing special. */
export const plain = (b: Builder): Val => b.read(FIELDS.fpcr).eqz();
/** The same, and another inexact result changes nothing. */
export const settled = (b: Builder): Val => b.read(FIELDS.fpcr).or(b.read(FIELDS.fpsr).and(IXC).xor(IXC)).eqz();

export class Float {
  readonly b: Builder;
  readonly s: Shape;
  constructor(b: Builder, s: Shape) {
    this.b = b;
    this.s = s;
  }
  op(op: string, ...x: readonly Val[]): Val {
    return this.b.op(name(this.s, op), ...x);
  }
  constant(value: number): Val {
    if (!this.s.vector) return this.b.lit(`f${this.s.size}`, value);
    const view = new DataView(new ArrayBuffer(8));
    if (this.s.size === 64) view.setFloat64(0, value);
    else view.setFloat32(0, value);
    return splat(this.b, this.s.size, this.s.size === 64 ? view.getBigUint64(0) : BigInt(view.getUint32(0)));
  }
  /** Conditions are i32 for a scalar, lane masks for a vector. */
  and(x: Val, y: Val): Val {
    return this.s.vector ? this.b.op('v128.and', x, y) : x.and(y);
  }
  or(x: Val, y: Val): Val {
    return this.s.vector ? this.b.op('v128.or', x, y) : x.or(y);
  }
  /** A condition of all lanes that count, as i32. */
  truth(c: Val): Val {
    if (!this.s.vector) return c;
    if (this.s.lanes * this.s.size === 128) return this.b.op('i64x2.all_true', this.b.op('i64x2.eq', c, splat(this.b, 64, -1n)));
    if (this.s.lanes * this.s.size === 64) return loHalf(this.b, c).eq(-1);
    return this.b.lane('i32x4.extract_lane', 0, c);
  }
  finite(x: Val): Val {
    return this.op('lt', this.op('abs', x), this.constant(Infinity));
  }
  notTiny(x: Val): Val {
    return this.op('gt', this.op('abs', x), this.constant(this.s.size === 64 ? 2 ** -1022 : 2 ** -126));
  }
  isZero(x: Val): Val {
    return this.op('eq', x, this.constant(0));
  }
  ordered(x: Val): Val {
    return this.op('eq', x, x);
  }
  /** The exact operation by call, in the shape's own type. */
  call(op: LaneOpName, param: number, x: Val, y?: Val, z?: Val): Val {
    const request = { op, from: this.s.size, lanes: this.s.lanes, param };
    if (this.s.vector) return callLanes(this.b, request, x, y, z);
    return this.fromBits(callScalar(this.b, request, this.bits(x), y && this.bits(y), z && this.bits(z)));
  }
  bits(x: Val): Val {
    return this.b.op(this.s.size === 64 ? 'i64.reinterpret_f64' : 'i32.reinterpret_f32', x);
  }
  fromBits(x: Val): Val {
    return this.s.size === 64 ? this.b.op('f64.reinterpret_i64', x) : this.b.op('f32.reinterpret_i32', x.lo());
  }
  get ty(): Ty {
    return this.s.vector ? 'v128' : `f${this.s.size}`;
  }
}

type Binary = (f: Float, x: Val, y: Val) => Val;
type Unary = (f: Float, x: Val) => Val;

const quick = (f: Float, ready: Val, safe: Val, result: Val, slow: () => Val): Val =>
  f.b.cond(ready.and(f.truth(safe)), () => result, slow);

const sum =
  (op: 'add' | 'sub'): Binary =>
  (f, x, y) => {
    const r = f.op(op, x, y);
    return quick(f, settled(f.b), f.finite(r), r, () => f.call(`f${op}`, 0, x, y));
  };

const extreme =
  (op: 'max' | 'min', call: LaneOpName): Binary =>
  (f, x, y) => {
    return quick(f, plain(f.b), f.and(f.ordered(x), f.ordered(y)), f.op(op, x, y), () => f.call(call, 0, x, y));
  };

const called =
  (op: LaneOpName): Binary =>
  (f, x, y) =>
    f.call(op, 0, x, y);

export const BINARY = {
  fadd: sum('add'),
  fsub: sum('sub'),
  fmul: (f, x, y) => {
    const r = f.op('mul', x, y);
    const safe = f.and(f.finite(r), f.or(f.notTiny(r), f.or(f.isZero(x), f.isZero(y))));
    return quick(f, settled(f.b), safe, r, () => f.call('fmul', 0, x, y));
  },
  fdiv: (f, x, y) => {
    const r = f.op('div', x, y);
    const safe = f.and(f.finite(r), f.or(f.notTiny(r), f.isZero(x)));
    return quick(f, settled(f.b), safe, r, () => f.call('fdiv', 0, x, y));
  },
  fmax: extreme('max', 'fmax'),
  fmin: extreme('min', 'fmin'),
  fmaxnm: extreme('max', 'fmaxnm'),
  fminnm: extreme('min', 'fminnm'),
  fmulx: called('fmulx'),
  frecps: called('frecps'),
  frsqrts: called('frsqrts'),
  fabd: (f, x, y) => {
    const r = f.op('sub', x, y);
    return quick(f, settled(f.b), f.finite(r), f.op('abs', r), () => f.call('fabd', 0, x, y));
  },
} as const satisfies Record<string, Binary>;
export type BinaryName = keyof typeof BINARY;

/** Comparisons that give a mask; vectors only. With NaNs or FZ the flags need the call. */
export const COMPARE = {
  fcmeq: 'eq',
  fcmge: 'ge',
  fcmgt: 'gt',
  facge: 'ge',
  facgt: 'gt',
} as const;
export type CompareName = keyof typeof COMPARE;

export function compareLanes(f: Float, op: CompareName, x: Val, y: Val): Val {
  const absolute = op === 'facge' || op === 'facgt';
  const r = absolute ? f.op(COMPARE[op], f.op('abs', x), f.op('abs', y)) : f.op(COMPARE[op], x, y);
  return quick(f, plain(f.b), f.and(f.ordered(x), f.ordered(y)), r, () => f.call(op, 0, x, y));
}

export const sqrt: Unary = (f, x) => {
  const r = f.op('sqrt', x);
  return quick(f, settled(f.b), f.finite(r), r, () => f.call('fsqrt', 0, x));
};

/** Rounding to integral; `direction` as in lane-ops' frint: 0 N, 1 P, 2 M, 3 Z, 4 A, 7 FPCR, 15 FPCR and exact. */
export function roundIntegral(f: Float, direction: number, x: Val): Val {
  if (direction === 4) return f.call('frint', 4, x);
  const r = f.op(direction === 1 ? 'ceil' : direction === 2 ? 'floor' : direction === 3 ? 'trunc' : 'nearest', x);
  const safe = direction === 15 ? f.op('eq', r, x) : f.ordered(x);
  return quick(f, plain(f.b), safe, r, () => f.call('frint', direction, x));
}

/** x * y + z rounded once, operands and result vectors; `s` says how many lanes count. */
export function fusedVector(b: Builder, s: Shape, x: Val, y: Val, z: Val): Val {
  const f = new Float(b, { ...s, vector: true });
  const { result, safe } = s.size === 64 ? fusedDouble(f, x, y, z) : fusedSingle(f, x, y, z);
  return quick(f, settled(b), safe, result, () => f.call('fma', 0, x, y, z));
}

/** x + y as a sum and its exact error (Knuth); right when nothing overflows. */
function twoSum(f: Float, x: Val, y: Val): [Val, Val] {
  const s = f.op('add', x, y);
  const xx = f.op('sub', s, y);
  return [s, f.op('add', f.op('sub', x, xx), f.op('sub', y, f.op('sub', s, xx)))];
}

/**
 * The product as p + e and the sum as s + t, both exact (Dekker, Knuth); what remains is s + (t + e) rounded once. t + e is rounded
 * itself, so the last step is made with a little more and a little less: when both agree, so does the true value between them
 * (rounding is monotonic). They differ at exact ties and next to them only.
 */
function fusedDouble(f: Float, x: Val, y: Val, z: Val): { result: Val; safe: Val } {
  const splitter = f.constant(134217729);
  const split = (v: Val): [Val, Val] => {
    const c = f.op('mul', splitter, v);
    const hi = f.op('sub', c, f.op('sub', c, v));
    return [hi, f.op('sub', v, hi)];
  };
  const p = f.op('mul', x, y);
  const [xh, xl] = split(x);
  const [yh, yl] = split(y);
  const e1 = f.op('sub', f.op('mul', xh, yh), p);
  const e2 = f.op('add', e1, f.op('mul', xh, yl));
  const e3 = f.op('add', e2, f.op('mul', xl, yh));
  const e = f.op('add', e3, f.op('mul', xl, yl));
  const [s, t] = twoSum(f, p, z);
  const rest = f.op('add', t, e);
  const margin = f.op('mul', rest, f.constant(2 ** -51));
  const more = f.op('add', s, f.op('add', rest, margin));
  const less = f.op('add', s, f.op('sub', rest, margin));
  const nothing = f.or(f.isZero(x), f.isZero(y));
  const result = f.b.op('v128.bitselect', s, more, nothing);
  // Far from both ends of the range every step above is exact: the product, its error and each difference stay normal or are zero.
  const middle = (v: Val, low: number, high: number): Val =>
    f.and(f.op('gt', f.op('abs', v), f.constant(low)), f.op('lt', f.op('abs', v), f.constant(high)));
  const factors = f.and(f.op('lt', f.op('abs', x), f.constant(2 ** 900)), f.op('lt', f.op('abs', y), f.constant(2 ** 900)));
  const product = f.or(nothing, f.and(middle(p, 2 ** -800, 2 ** 900), f.op('eq', more, less)));
  const addend = f.or(f.isZero(z), middle(z, 2 ** -800, 2 ** 900));
  return { result, safe: f.and(f.and(factors, product), addend) };
}

/**
 * The product of two singles is exact as a double, so a double's sum rounded to single is rounded twice at worst: wrong only when the
 * double lies exactly between two singles and the true sum does not. Such doubles are left to the call.
 */
function fusedSingle(f: Float, x: Val, y: Val, z: Val): { result: Val; safe: Val } {
  const { b } = f;
  const half = (hi: boolean): { single: Val; between: Val } => {
    const up = (v: Val): Val =>
      b.op('f64x2.promote_low_f32x4', hi ? b.shuffle(v, v, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]) : v);
    const s = b.op('f64x2.add', b.op('f64x2.mul', up(x), up(y)), up(z));
    const dropped = b.op('v128.and', s, splat(b, 64, 0x1fffffffn));
    return { single: b.op('f32x4.demote_f64x2_zero', s), between: b.op('i64x2.eq', dropped, splat(b, 64, 0x10000000n)) };
  };
  const low = half(false);
  const high = f.s.lanes > 2 ? half(true) : undefined;
  // A lane of `between` is two lanes of singles wide; its halves are equal, so every other one is taken.
  const evens = (v: Val, w: Val): Val => b.shuffle(v, w, [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]);
  const result = high ? b.shuffle(low.single, high.single, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]) : low.single;
  const clear = b.op('v128.not', evens(low.between, high ? high.between : low.between));
  const notTiny = f.or(f.notTiny(result), f.or(f.isZero(x), f.isZero(y)));
  return { result, safe: f.and(clear, f.and(f.finite(result), notTiny)) };
}
