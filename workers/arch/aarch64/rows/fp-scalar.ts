// Scalar floating point: arithmetic, comparison, selection and moves. Conversions are in fp-convert.ts. Half-precision arithmetic
// (FEAT_FP16) is not announced and stays undefined.
import type { Builder, Val } from '../../../rows/builder.ts';
import { imm, imm32, type Src } from '../../../rows/operands.ts';
import { type Row, row, todo } from '../../../rows/row.ts';
import { FIELDS, V, X, Xd } from '../state.ts';
import { BINARY, type BinaryName, Float, fusedVector, plain, roundIntegral, scalarShape, sqrt } from './fp-arith.ts';
import { callScalar, fn, line, loHalf, splat, vec, xn } from './lanes.ts';

type Size = 32 | 64;
/** ftype: 0 single, 1 double; halves and the unallocated value are not decoded by these rows. */
const sizeOf = (type: number): Size | null => (type === 0 ? 32 : type === 1 ? 64 : null);

const get = (b: Builder, r: Src, size: Size): Val => b.part(r, `f${size}`);

const CONDITIONS = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le', 'al', 'nv'] as const;

/** Bit n says whether the condition holds when NZCV is n (ConditionHolds). */
function conditionSet(cond: number): number {
  let set = 0;
  for (let nzcv = 0; nzcv < 16; nzcv++) {
    const n = (nzcv >> 3) & 1;
    const z = (nzcv >> 2) & 1;
    const c = (nzcv >> 1) & 1;
    const v = nzcv & 1;
    const base = [z === 1, c === 1, n === 1, v === 1, c === 1 && z === 0, n === v, n === v && z === 0, true][cond >> 1]!;
    if (base !== ((cond & 1) === 1 && cond !== 15)) set |= 1 << nzcv;
  }
  return set;
}
const holds = (b: Builder, set: Val): Val => set.shru(b.read(FIELDS.nzcv)).and(1);

function compare(b: Builder, size: Size, x: Val, y: Val, signalling: boolean): Val {
  const f = new Float(b, scalarShape(size));
  const quick = plain(b).and(f.ordered(x)).and(f.ordered(y));
  return b.cond(
    quick,
    () => b.sel(f.op('eq', x, y), b.lit('i32', 0b0110), b.sel(f.op('lt', x, y), b.lit('i32', 0b1000), 0b0010)),
    () => callScalar(b, { op: 'fcmp', from: size, param: signalling ? 1 : 0 }, f.bits(x), f.bits(y)).lo(),
  );
}

function twoSource(op: BinaryName, ref: string, opcode: string): Row {
  const text = op.toUpperCase();
  return row(
    `${text} (scalar)`,
    ref,
    `0001 1110 type:2 1 rm:5 ${opcode as '0000'} 10 rn:5 rd:5`,
    (f) => {
      const size = sizeOf(f.type);
      return size && { size, d: V(f.rd), n: V(f.rn), m: V(f.rm) };
    },
    (b, o) => b.setScalar(o.d, BINARY[op](new Float(b, scalarShape(o.size)), get(b, o.n, o.size), get(b, o.m, o.size))),
    { asm: (f) => line(op, ...[f.rd, f.rn, f.rm].map((r) => fn(r, sizeOf(f.type)!))) },
  );
}

/** Bit operations on the pattern: no flags, no NaN rules. */
function bitwise(op: 'fmov' | 'fabs' | 'fneg', ref: string, opcode: string): Row {
  return row(
    op === 'fmov' ? 'FMOV (register)' : `${op.toUpperCase()} (scalar)`,
    ref,
    `0001 1110 type:2 1 ${opcode as '000000'} 10000 rn:5 rd:5`,
    (f) => {
      const size = sizeOf(f.type);
      return size && { size, d: V(f.rd), n: V(f.rn) };
    },
    (b, o) => {
      const x = b.part(o.n, `i${o.size}`);
      const sign = 1n << BigInt(o.size - 1);
      b.setScalar(o.d, op === 'fmov' ? x : op === 'fneg' ? x.xor(sign) : x.and(sign - 1n));
    },
    { asm: (f) => line(op, fn(f.rd, sizeOf(f.type)!), fn(f.rn, sizeOf(f.type)!)) },
  );
}

function integral(letter: string, ref: string, opcode: string, direction: number): Row {
  return row(
    `FRINT${letter.toUpperCase()} (scalar)`,
    ref,
    `0001 1110 type:2 1 ${opcode as '000000'} 10000 rn:5 rd:5`,
    (f) => {
      const size = sizeOf(f.type);
      return size && { size, d: V(f.rd), n: V(f.rn) };
    },
    (b, o) => b.setScalar(o.d, roundIntegral(new Float(b, scalarShape(o.size)), direction, get(b, o.n, o.size))),
    { asm: (f) => line(`frint${letter}`, fn(f.rd, sizeOf(f.type)!), fn(f.rn, sizeOf(f.type)!)) },
  );
}

function fused(op: 'fmadd' | 'fmsub' | 'fnmadd' | 'fnmsub', ref: string, o1: string, o0: string): Row {
  return row(
    op.toUpperCase(),
    ref,
    `0001 1111 type:2 ${o1 as '0'} rm:5 ${o0 as '0'} ra:5 rn:5 rd:5`,
    (f) => {
      const size = sizeOf(f.type);
      return size && { size, d: V(f.rd), n: V(f.rn), m: V(f.rm), a: V(f.ra) };
    },
    (b, o) => {
      const sign = splat(b, o.size, 1n << BigInt(o.size - 1));
      const flip = (v: Val): Val => b.op('v128.xor', v, sign);
      const x = vec(b, o.n);
      const z = vec(b, o.a);
      const negProduct = op === 'fmsub' || op === 'fnmadd';
      const negAddend = op === 'fnmadd' || op === 'fnmsub';
      const r = fusedVector(b, scalarShape(o.size), negProduct ? flip(x) : x, vec(b, o.m), negAddend ? flip(z) : z);
      b.setScalar(o.d, o.size === 64 ? loHalf(b, r) : b.lane('i32x4.extract_lane', 0, r));
    },
    { asm: (f) => line(op, ...[f.rd, f.rn, f.rm, f.ra].map((r) => fn(r, sizeOf(f.type)!))) },
  );
}

/** VFPExpandImm: the pattern of the constant imm8 stands for. */
export function expandImmediate(imm8: number, size: 32 | 64): bigint {
  const sign = BigInt(imm8 >> 7);
  const b6 = (imm8 >> 6) & 1;
  const expBits = size === 64 ? 11 : 8;
  const exp = (BigInt(b6 ^ 1) << BigInt(expBits - 1)) | ((b6 ? (1n << BigInt(expBits - 3)) - 1n : 0n) << 2n) | BigInt((imm8 >> 4) & 3);
  const frac = size === 64 ? 52 : 23;
  return (sign << BigInt(size - 1)) | (exp << BigInt(frac)) | (BigInt(imm8 & 15) << BigInt(frac - 4));
}

/** The same constant the way objdump prints it. */
export function immediateText(imm8: number): string {
  const exponent = (((imm8 >> 4) & 7) ^ 4) - 3;
  const value = (imm8 & 128 ? -1 : 1) * (1 + (imm8 & 15) / 16) * 2 ** exponent;
  return `#${value.toExponential(18).replace(/e([+-])(\d)$/, 'e$10$2')}`;
}

export const FP_SCALAR_ROWS: readonly Row[] = [
  twoSource('fmul', 'C7.2.143', '0000'),
  twoSource('fdiv', 'C7.2.99', '0001'),
  twoSource('fadd', 'C7.2.44', '0010'),
  twoSource('fsub', 'C7.2.184', '0011'),
  twoSource('fmax', 'C7.2.103', '0100'),
  twoSource('fmin', 'C7.2.113', '0101'),
  twoSource('fmaxnm', 'C7.2.105', '0110'),
  twoSource('fminnm', 'C7.2.115', '0111'),
  row(
    'FNMUL (scalar)',
    'C7.2.150',
    '0001 1110 type:2 1 rm:5 1000 10 rn:5 rd:5',
    (f) => {
      const size = sizeOf(f.type);
      return size && { size, d: V(f.rd), n: V(f.rn), m: V(f.rm) };
    },
    (b, o) => {
      const f = new Float(b, scalarShape(o.size));
      const r = f.bits(BINARY.fmul(f, get(b, o.n, o.size), get(b, o.m, o.size)));
      b.setScalar(o.d, r.xor(1n << BigInt(o.size - 1)));
    },
    { asm: (f) => line('fnmul', ...[f.rd, f.rn, f.rm].map((r) => fn(r, sizeOf(f.type)!))) },
  ),
  bitwise('fmov', 'C7.2.132', '000000'),
  bitwise('fabs', 'C7.2.41', '000001'),
  bitwise('fneg', 'C7.2.147', '000010'),
  row(
    'FSQRT (scalar)',
    'C7.2.181',
    '0001 1110 type:2 1 000011 10000 rn:5 rd:5',
    (f) => {
      const size = sizeOf(f.type);
      return size && { size, d: V(f.rd), n: V(f.rn) };
    },
    (b, o) => b.setScalar(o.d, sqrt(new Float(b, scalarShape(o.size)), get(b, o.n, o.size))),
    { asm: (f) => line('fsqrt', fn(f.rd, sizeOf(f.type)!), fn(f.rn, sizeOf(f.type)!)) },
  ),
  integral('n', 'C7.2.167', '001000', 0),
  integral('p', 'C7.2.169', '001001', 1),
  integral('m', 'C7.2.165', '001010', 2),
  integral('z', 'C7.2.173', '001011', 3),
  integral('a', 'C7.2.161', '001100', 4),
  integral('x', 'C7.2.171', '001110', 15),
  integral('i', 'C7.2.163', '001111', 7),
  fused('fmadd', 'C7.2.101', '0', '0'),
  fused('fmsub', 'C7.2.139', '0', '1'),
  fused('fnmadd', 'C7.2.148', '1', '0'),
  fused('fnmsub', 'C7.2.149', '1', '1'),
  row(
    'FCMP, FCMPE',
    'C7.2.67, C7.2.68',
    '0001 1110 type:2 1 rm:5 00 1000 rn:5 e:1 z:1 000',
    (f) => {
      const size = sizeOf(f.type);
      return size && { size, e: f.e, z: f.z, n: V(f.rn), m: V(f.rm) };
    },
    (b, o) => b.write(FIELDS.nzcv, compare(b, o.size, get(b, o.n, o.size), o.z ? b.lit(`f${o.size}`, 0) : get(b, o.m, o.size), o.e === 1)),
    { asm: (f) => line(f.e ? 'fcmpe' : 'fcmp', fn(f.rn, sizeOf(f.type)!), f.z ? '#0.0' : fn(f.rm, sizeOf(f.type)!)) },
  ),
  row(
    'FCCMP, FCCMPE',
    'C7.2.57, C7.2.58',
    '0001 1110 type:2 1 rm:5 cond:4 01 rn:5 e:1 nzcv:4',
    (f) => {
      const size = sizeOf(f.type);
      return size && { size, e: f.e, n: V(f.rn), m: V(f.rm), set: imm32(conditionSet(f.cond)), nzcv: imm32(f.nzcv) };
    },
    (b, o) =>
      b.write(
        FIELDS.nzcv,
        b.cond(
          holds(b, o.set),
          () => compare(b, o.size, get(b, o.n, o.size), get(b, o.m, o.size), o.e === 1),
          () => o.nzcv,
        ),
      ),
    {
      asm: (f) =>
        line(
          f.e ? 'fccmpe' : 'fccmp',
          fn(f.rn, sizeOf(f.type)!),
          fn(f.rm, sizeOf(f.type)!),
          `#0x${f.nzcv.toString(16)}`,
          CONDITIONS[f.cond]!,
        ),
    },
  ),
  row(
    'FCSEL',
    'C7.2.69',
    '0001 1110 type:2 1 rm:5 cond:4 11 rn:5 rd:5',
    (f) => {
      const size = sizeOf(f.type);
      return size && { size, d: V(f.rd), n: V(f.rn), m: V(f.rm), set: imm32(conditionSet(f.cond)) };
    },
    (b, o) => b.setScalar(o.d, b.sel(holds(b, o.set), b.part(o.n, `i${o.size}`), b.part(o.m, `i${o.size}`))),
    { asm: (f) => line('fcsel', ...[f.rd, f.rn, f.rm].map((r) => fn(r, sizeOf(f.type)!)), CONDITIONS[f.cond]!) },
  ),
  row(
    'FMOV (scalar, immediate)',
    'C7.2.134',
    '0001 1110 type:2 1 imm8:8 100 00000 rd:5',
    (f) => {
      const size = sizeOf(f.type);
      return size && { d: V(f.rd), value: imm(expandImmediate(f.imm8, size)) };
    },
    (b, o) => b.setScalar(o.d, o.value),
    { asm: (f) => line('fmov', fn(f.rd, sizeOf(f.type)!), immediateText(f.imm8)) },
  ),
  row(
    'FMOV (general)',
    'C7.2.133',
    'sf:1 0011110 type:2 10 0 11 to:1 000000 rn:5 rd:5',
    (f) => (f.type === f.sf ? { wide: f.sf, to: f.to, v: V(f.to ? f.rd : f.rn), s: X(f.rn), d: Xd(f.rd) } : null),
    (b, o) => {
      const bits = o.wide ? 64 : 32;
      if (o.to) b.setScalar(o.v, b.get(o.s, bits));
      else b.set(o.d, b.part(o.v, `i${bits}`));
    },
    {
      asm: (f) => (f.to ? line('fmov', fn(f.rd, f.sf ? 64 : 32), xn(f.rn, f.sf)) : line('fmov', xn(f.rd, f.sf), fn(f.rn, f.sf ? 64 : 32))),
    },
  ),
  row(
    'FMOV (general, top half)',
    'C7.2.133',
    '1 0011110 10 10 1 11 to:1 000000 rn:5 rd:5',
    (f) => ({ to: f.to, v: V(f.to ? f.rd : f.rn), s: X(f.rn), d: Xd(f.rd) }),
    (b, o) => {
      if (o.to) b.setV(o.v, b.lane('i64x2.replace_lane', 1, vec(b, o.v), b.get(o.s)));
      else b.set(o.d, b.part(o.v, 'i64', 8));
    },
    { asm: (f) => (f.to ? line('fmov', `v${f.rd}.d[1]`, xn(f.rn, 1)) : line('fmov', xn(f.rd, 1), `v${f.rn}.d[1]`)) },
  ),
  todo('FJCVTZS', 'FEAT_JSCVT', '0001 1110 0111 1110 0000 00 ----- -----'),
  todo('FRINT32Z, FRINT32X, FRINT64Z, FRINT64X (scalar)', 'FEAT_FRINTTS', '0001 1110 0- 1 0100 -- 10000 ----- -----'),
  todo('Floating-point arithmetic (half precision)', 'FEAT_FP16', '0001 111- 11 - ----- ------ ----- -----'),
];
