// Arithmetic under FPCR = 0 on ordinary numbers by the host's doubles, telling exactly whether the result is inexact. It answers null
// for whatever it is not certain of; softfloat.ts then decides. Faster only: a program whose results are all exact never sets
// FPSR.IXC and so calls for every operation.
/** Work area of the conversions between patterns and numbers; holds nothing between calls. */
const work = new DataView(new ArrayBuffer(8));

function toNumber(bits: bigint, size: number): number {
  if (size === 64) {
    work.setBigUint64(0, bits);
    return work.getFloat64(0);
  }
  work.setUint32(0, Number(bits));
  return work.getFloat32(0);
}

function toBits(value: number, size: number): bigint {
  if (size === 64) {
    work.setFloat64(0, value);
    return work.getBigUint64(0);
  }
  work.setFloat32(0, value);
  return BigInt(work.getUint32(0));
}

/** Names as in lane-ops. */
export type QuickOp = 'fadd' | 'fsub' | 'fmul' | 'fdiv' | 'fsqrt' | 'fma';

export interface Quick {
  readonly bits: bigint;
  readonly inexact: boolean;
}

/** In this range products, their errors and splits neither overflow nor lose bits. */
const middle = (v: number): boolean => Math.abs(v) > 2 ** -400 && Math.abs(v) < 2 ** 400;
const LEAST = 2 ** -126;

function sumError(x: number, y: number, s: number): number {
  const xx = s - y;
  const yy = s - xx;
  return x - xx + (y - yy);
}

/** x * y - p, exactly (Dekker), for factors and product in the middle. */
function productError(x: number, y: number, p: number): number {
  const cx = 134217729 * x;
  const xh = cx - (cx - x);
  const xl = x - xh;
  const cy = 134217729 * y;
  const yh = cy - (cy - y);
  const yl = y - yh;
  return xh * yh - p + xh * yl + xl * yh + xl * yl;
}

/** A result known as a double with the sign of what was lost; as a single when that is what is wanted. */
function finish(value: number, lost: boolean, size: number): Quick | null {
  if (size === 64) return Math.abs(value) < 2 ** 1000 ? { bits: toBits(value, 64), inexact: lost } : null;
  const rounded = Math.fround(value);
  const inexact = lost || rounded !== value;
  if (inexact && !(Math.abs(value) > LEAST && Math.abs(rounded) < Infinity)) return null;
  return { bits: toBits(rounded, 32), inexact };
}

function add(x: number, y: number, size: number): Quick | null {
  const s = x + y;
  if (!(Math.abs(s) < 2 ** 1000) || Math.abs(x) > 2 ** 1000) return null;
  return finish(s, sumError(x, y, s) !== 0, size);
}

function mul(x: number, y: number, size: number): Quick | null {
  const p = x * y;
  if (size === 32) return Math.abs(p) < Infinity ? finish(p, false, 32) : null;
  if (x === 0 || y === 0) return Math.abs(p) === 0 ? { bits: toBits(p, 64), inexact: false } : null;
  return middle(x) && middle(y) ? { bits: toBits(p, 64), inexact: productError(x, y, p) !== 0 } : null;
}

function div(x: number, y: number, size: number): Quick | null {
  const q = x / y;
  if (x === 0 && Math.abs(q) === 0 && Math.abs(y) < Infinity) return { bits: toBits(q, size), inexact: false };
  if (!middle(x) || !middle(y)) return null;
  const lost = q * y !== x || productError(q, y, x) !== 0;
  return finish(q, lost, size);
}

function sqrt(x: number, size: number): Quick | null {
  if (!(x > 0) || !middle(x)) return null;
  const r = Math.sqrt(x);
  return finish(r, r * r !== x || productError(r, r, x) !== 0, size);
}

function fma(x: number, y: number, z: number, size: number): Quick | null {
  const p = x * y;
  if (size === 64 && (!middle(x) || !middle(y) || !(Math.abs(z) < 2 ** 900) || productError(x, y, p) !== 0)) return null;
  const s = p + z;
  // The product is exact, so a double has been rounded once; a single needs an exact sum for that.
  if (!(Math.abs(s) < 2 ** 1000) || s === 0) return null;
  const lost = sumError(p, z, s) !== 0;
  return lost && size === 32 ? null : finish(s, lost, size);
}

/** The operation on patterns of `size` bits; c is the addend of `fma`. */
export function quick(op: QuickOp, size: number, a: bigint, b: bigint, c: bigint): Quick | null {
  const x = toNumber(a, size);
  const y = toNumber(b, size);
  switch (op) {
    case 'fadd':
      return add(x, y, size);
    case 'fsub':
      return add(x, -y, size);
    case 'fmul':
      return mul(x, y, size);
    case 'fdiv':
      return div(x, y, size);
    case 'fsqrt':
      return sqrt(x, size);
    case 'fma':
      return fma(x, y, toNumber(c, size), size);
  }
}
