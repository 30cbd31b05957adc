// AdvSIMD floating point: three-register, by-element, unary, pairwise and across-lane forms with their scalar variants.
// Conversions are in simd-fp-convert.ts.
import type { Builder, Val } from '../../../rows/builder.ts';
import type { Src } from '../../../rows/operands.ts';
import { type Row, row, todo } from '../../../rows/row.ts';
import { V, VE } from '../state.ts';
import {
  BINARY,
  type BinaryName,
  type CompareName,
  compareLanes,
  Float,
  fusedVector,
  roundIntegral,
  scalarShape,
  sqrt,
  vectorShape,
} from './fp-arith.ts';
import type { LaneOpName } from '../lane-ops.ts';
import { callScalar, element, fn, line, setQ, splat, vec, vn } from './lanes.ts';
import { alternate } from './simd-three-same.ts';

type Size = 32 | 64;
const sizeOf = (sz: number): Size => (sz ? 64 : 32);

const zeros = (b: Builder): Val => splat(b, 64, 0n);
const signs = (b: Builder, size: Size): Val => splat(b, size, 1n << BigInt(size - 1));

type Semantics = (b: Builder, size: Size, x: Val, y: Val, d: Val, q: number) => Val;

const binary =
  (op: BinaryName): Semantics =>
  (b, size, x, y, _d, q) =>
    BINARY[op](new Float(b, vectorShape(size, q)), x, y);
const pairwise =
  (op: BinaryName): Semantics =>
  (b, size, x, y, _d, q) =>
    BINARY[op](new Float(b, vectorShape(size, q)), alternate(b, size, x, y, q, 0), alternate(b, size, x, y, q, 1));
const comparison =
  (op: CompareName): Semantics =>
  (b, size, x, y, _d, q) =>
    compareLanes(new Float(b, vectorShape(size, q)), op, x, y);
const fused =
  (subtract: boolean): Semantics =>
  (b, size, x, y, d, q) =>
    fusedVector(b, vectorShape(size, q), subtract ? b.op('v128.xor', x, signs(b, size)) : x, y, d);

/** '0 q U 01110 hi sz 1 rm opcode 1 rn rd'. */
function three(name: string, ref: string, u: number, hi: number, opcode: string, semantics: Semantics): Row {
  const mnemonic = name.split(' ')[0]!.toLowerCase();
  return row(
    name,
    ref,
    `0 q:1 ${u} 01110 ${hi} sz:1 1 rm:5 ${opcode} 1 rn:5 rd:5` as '0 q:1 0 01110 0 sz:1 1 rm:5 00000 1 rn:5 rd:5',
    (f) => (f.sz && !f.q ? null : { size: sizeOf(f.sz), q: f.q, d: V(f.rd), n: V(f.rn), m: V(f.rm) }),
    (b, o) => setQ(b, o.d, o.q, semantics(b, o.size, vec(b, o.n), vec(b, o.m), vec(b, o.d), o.q)),
    { asm: (f) => line(mnemonic, ...[f.rd, f.rn, f.rm].map((r) => vn(r, sizeOf(f.sz), f.q))) },
  );
}

/** The scalar forms of some of them; FABD is common, the others go by call. */
function threeScalar(op: LaneOpName, ref: string, u: number, hi: number, opcode: string): Row {
  return row(
    `${op.toUpperCase()} (scalar)`,
    ref,
    `01 ${u} 11110 ${hi} sz:1 1 rm:5 ${opcode} 1 rn:5 rd:5` as '01 0 11110 0 sz:1 1 rm:5 00000 1 rn:5 rd:5',
    (f) => ({ size: sizeOf(f.sz), d: V(f.rd), n: V(f.rn), m: V(f.rm) }),
    (b, o) => {
      if (op === 'fabd')
        b.setScalar(o.d, BINARY.fabd(new Float(b, scalarShape(o.size)), b.part(o.n, `f${o.size}`), b.part(o.m, `f${o.size}`)));
      else b.setScalar(o.d, callScalar(b, { op, from: o.size }, b.part(o.n, `i${o.size}`), b.part(o.m, `i${o.size}`)));
    },
    { asm: (f) => line(op, ...[f.rd, f.rn, f.rm].map((r) => fn(r, sizeOf(f.sz)))) },
  );
}

/** '0 q U 01110 hi sz 10000 opcode 10 rn rd'. */
function two(name: string, ref: string, u: number, hi: number, opcode: string, semantics: (f: Float, x: Val) => Val, zero = false): Row {
  const mnemonic = name.split(' ')[0]!.toLowerCase();
  return row(
    name,
    ref,
    `0 q:1 ${u} 01110 ${hi} sz:1 10000 ${opcode} 10 rn:5 rd:5` as '0 q:1 0 01110 0 sz:1 10000 00000 10 rn:5 rd:5',
    (f) => (f.sz && !f.q ? null : { size: sizeOf(f.sz), q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => setQ(b, o.d, o.q, semantics(new Float(b, vectorShape(o.size, o.q)), vec(b, o.n))),
    { asm: (f) => line(mnemonic, vn(f.rd, sizeOf(f.sz), f.q), vn(f.rn, sizeOf(f.sz), f.q), ...(zero ? ['#0.0'] : [])) },
  );
}

/** Against zero, vector and scalar; LE and LT are GE and GT the other way round. */
function againstZero(name: string, ref: string, u: number, opcode: string, op: CompareName, swap: boolean): Row[] {
  const mnemonic = name.split(' ')[0]!.toLowerCase();
  return [
    two(name, ref, u, 1, opcode, (f, x) => (swap ? compareLanes(f, op, zeros(f.b), x) : compareLanes(f, op, x, zeros(f.b))), true),
    row(
      `${mnemonic.toUpperCase()} (scalar, zero)`,
      ref,
      `01 ${u} 11110 1 sz:1 10000 ${opcode} 10 rn:5 rd:5` as '01 0 11110 1 sz:1 10000 00000 10 rn:5 rd:5',
      (f) => ({ size: sizeOf(f.sz), d: V(f.rd), n: V(f.rn) }),
      (b, o) => {
        const x = b.part(o.n, 'i64');
        const zero = b.lit('i64', 0);
        b.setScalar(o.d, callScalar(b, { op, from: o.size }, swap ? zero : x, swap ? x : zero));
      },
      { asm: (f) => line(mnemonic, fn(f.rd, sizeOf(f.sz)), fn(f.rn, sizeOf(f.sz)), '#0.0') },
    ),
  ];
}

/** FRECPE, FRSQRTE and the scalar-only FRECPX. */
function estimate(op: 'frecpe' | 'frsqrte' | 'frecpx', ref: string, u: number, opcode: string): Row[] {
  const scalar = row(
    `${op.toUpperCase()} (scalar)`,
    ref,
    `01 ${u} 11110 1 sz:1 10000 ${opcode} 10 rn:5 rd:5` as '01 0 11110 1 sz:1 10000 00000 10 rn:5 rd:5',
    (f) => ({ size: sizeOf(f.sz), d: V(f.rd), n: V(f.rn) }),
    (b, o) => b.setScalar(o.d, callScalar(b, { op, from: o.size }, b.part(o.n, 'i64'))),
    { asm: (f) => line(op, fn(f.rd, sizeOf(f.sz)), fn(f.rn, sizeOf(f.sz))) },
  );
  return op === 'frecpx' ? [scalar] : [scalar, two(`${op.toUpperCase()} (vector)`, ref, u, 1, opcode, (f, x) => f.call(op, 0, x))];
}

const part = (b: Builder, r: Src, size: Size, index: number): Val => b.part(r, `f${size}`, (index * size) / 8);

/** Two lanes of one register into a scalar. */
function pair(op: BinaryName, ref: string, hi: number, opcode: string): Row {
  return row(
    `${op.toUpperCase()}P (scalar)`,
    ref,
    `01 1 11110 ${hi} sz:1 11000 ${opcode} 10 rn:5 rd:5` as '01 1 11110 0 sz:1 11000 00000 10 rn:5 rd:5',
    (f) => ({ size: sizeOf(f.sz), d: V(f.rd), n: V(f.rn) }),
    (b, o) => b.setScalar(o.d, BINARY[op](new Float(b, scalarShape(o.size)), part(b, o.n, o.size, 0), part(b, o.n, o.size, 1))),
    { asm: (f) => line(`${op}p`, fn(f.rd, sizeOf(f.sz)), `v${f.rn}.2${f.sz ? 'd' : 's'}`) },
  );
}

/** All four single lanes into one, in pairs as the manual's Reduce does. */
function across(op: BinaryName, ref: string, hi: number, opcode: string): Row {
  return row(
    `${op.toUpperCase()}V`,
    ref,
    `0 1 1 01110 ${hi} 0 11000 ${opcode} 10 rn:5 rd:5` as '0 1 1 01110 0 0 11000 00000 10 rn:5 rd:5',
    (f) => ({ d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const f = new Float(b, scalarShape(32));
      const [w, x, y, z] = [0, 1, 2, 3].map((i) => part(b, o.n, 32, i));
      b.setScalar(o.d, BINARY[op](f, BINARY[op](f, w!, x!), BINARY[op](f, y!, z!)));
    },
    { asm: (f) => line(`${op}v`, `s${f.rd}`, `v${f.rn}.4s`) },
  );
}

/** '0 q U 01111 1 sz L M rm opcode H 0 rn rd' and the scalar form; the element is a source of its own. */
function byElement(op: 'fmla' | 'fmls' | 'fmul' | 'fmulx', ref: string, u: number, opcode: string): Row[] {
  const index = (f: { sz: number; l: number; h: number }): number => (f.sz ? f.h : f.h * 2 + f.l);
  const combine: Semantics = op === 'fmul' || op === 'fmulx' ? binary(op) : fused(op === 'fmls');
  const spread = (b: Builder, size: Size, m: Src): Val => b.op(size === 64 ? 'i64x2.splat' : 'i32x4.splat', b.part(m, `i${size}`));
  const title = op.toUpperCase();
  return [
    row(
      `${title} (by element)`,
      ref,
      `0 q:1 ${u} 01111 1 sz:1 l:1 rm:5 ${opcode} h:1 0 rn:5 rd:5` as '0 q:1 0 01111 1 sz:1 l:1 rm:5 0000 h:1 0 rn:5 rd:5',
      (f) => {
        if (f.sz && (!f.q || f.l)) return null;
        return { size: sizeOf(f.sz), q: f.q, d: V(f.rd), n: V(f.rn), m: VE(f.rm, (index(f) * sizeOf(f.sz)) / 8) };
      },
      (b, o) => setQ(b, o.d, o.q, combine(b, o.size, vec(b, o.n), spread(b, o.size, o.m), vec(b, o.d), o.q)),
      { asm: (f) => line(op, vn(f.rd, sizeOf(f.sz), f.q), vn(f.rn, sizeOf(f.sz), f.q), element(f.rm, sizeOf(f.sz), index(f))) },
    ),
    row(
      `${title} (scalar, by element)`,
      ref,
      `01 ${u} 11111 1 sz:1 l:1 rm:5 ${opcode} h:1 0 rn:5 rd:5` as '01 0 11111 1 sz:1 l:1 rm:5 0000 h:1 0 rn:5 rd:5',
      (f) => {
        if (f.sz && f.l) return null;
        return { size: sizeOf(f.sz), d: V(f.rd), n: V(f.rn), m: VE(f.rm, (index(f) * sizeOf(f.sz)) / 8) };
      },
      (b, o) => {
        const get = (r: Src): Val => b.part(r, `f${o.size}`);
        if (op === 'fmul' || op === 'fmulx') {
          b.setScalar(o.d, BINARY[op](new Float(b, scalarShape(o.size)), get(o.n), get(o.m)));
        } else {
          const x = op === 'fmls' ? b.op('v128.xor', vec(b, o.n), signs(b, o.size)) : vec(b, o.n);
          const r = fusedVector(b, scalarShape(o.size), x, spread(b, o.size, o.m), vec(b, o.d));
          b.setScalar(o.d, b.lane(o.size === 64 ? 'i64x2.extract_lane' : 'i32x4.extract_lane', 0, r));
        }
      },
      { asm: (f) => line(op, fn(f.rd, sizeOf(f.sz)), fn(f.rn, sizeOf(f.sz)), element(f.rm, sizeOf(f.sz), index(f))) },
    ),
  ];
}

export const SIMD_FP_ROWS: readonly Row[] = [
  three('FMAXNM (vector)', 'C7.2.104', 0, 0, '11000', binary('fmaxnm')),
  three('FMINNM (vector)', 'C7.2.114', 0, 1, '11000', binary('fminnm')),
  three('FMLA (vector)', 'C7.2.122', 0, 0, '11001', fused(false)),
  three('FMLS (vector)', 'C7.2.126', 0, 1, '11001', fused(true)),
  three('FADD (vector)', 'C7.2.43', 0, 0, '11010', binary('fadd')),
  three('FSUB (vector)', 'C7.2.183', 0, 1, '11010', binary('fsub')),
  three('FMULX', 'C7.2.145', 0, 0, '11011', binary('fmulx')),
  three('FCMEQ (register)', 'C7.2.59', 0, 0, '11100', comparison('fcmeq')),
  three('FMAX (vector)', 'C7.2.102', 0, 0, '11110', binary('fmax')),
  three('FMIN (vector)', 'C7.2.112', 0, 1, '11110', binary('fmin')),
  three('FRECPS', 'C7.2.160', 0, 0, '11111', binary('frecps')),
  three('FRSQRTS', 'C7.2.180', 0, 1, '11111', binary('frsqrts')),
  three('FMAXNMP (vector)', 'C7.2.107', 1, 0, '11000', pairwise('fmaxnm')),
  three('FMINNMP (vector)', 'C7.2.117', 1, 1, '11000', pairwise('fminnm')),
  three('FADDP (vector)', 'C7.2.46', 1, 0, '11010', pairwise('fadd')),
  three('FABD', 'C7.2.40', 1, 1, '11010', binary('fabd')),
  three('FMUL (vector)', 'C7.2.142', 1, 0, '11011', binary('fmul')),
  three('FCMGE (register)', 'C7.2.61', 1, 0, '11100', comparison('fcmge')),
  three('FCMGT (register)', 'C7.2.63', 1, 1, '11100', comparison('fcmgt')),
  three('FACGE', 'C7.2.41', 1, 0, '11101', comparison('facge')),
  three('FACGT', 'C7.2.42', 1, 1, '11101', comparison('facgt')),
  three('FMAXP (vector)', 'C7.2.110', 1, 0, '11110', pairwise('fmax')),
  three('FMINP (vector)', 'C7.2.120', 1, 1, '11110', pairwise('fmin')),
  three('FDIV (vector)', 'C7.2.98', 1, 0, '11111', binary('fdiv')),
  threeScalar('fmulx', 'C7.2.145', 0, 0, '11011'),
  threeScalar('fcmeq', 'C7.2.59', 0, 0, '11100'),
  threeScalar('frecps', 'C7.2.160', 0, 0, '11111'),
  threeScalar('frsqrts', 'C7.2.180', 0, 1, '11111'),
  threeScalar('fcmge', 'C7.2.61', 1, 0, '11100'),
  threeScalar('facge', 'C7.2.41', 1, 0, '11101'),
  threeScalar('fabd', 'C7.2.40', 1, 1, '11010'),
  threeScalar('fcmgt', 'C7.2.63', 1, 1, '11100'),
  threeScalar('facgt', 'C7.2.42', 1, 1, '11101'),
  two('FABS (vector)', 'C7.2.41', 0, 1, '01111', (f, x) => f.op('abs', x)),
  two('FNEG (vector)', 'C7.2.146', 1, 1, '01111', (f, x) => f.op('neg', x)),
  two('FSQRT (vector)', 'C7.2.180', 1, 1, '11111', sqrt),
  two('FRINTN (vector)', 'C7.2.166', 0, 0, '11000', (f, x) => roundIntegral(f, 0, x)),
  two('FRINTM (vector)', 'C7.2.164', 0, 0, '11001', (f, x) => roundIntegral(f, 2, x)),
  two('FRINTP (vector)', 'C7.2.168', 0, 1, '11000', (f, x) => roundIntegral(f, 1, x)),
  two('FRINTZ (vector)', 'C7.2.172', 0, 1, '11001', (f, x) => roundIntegral(f, 3, x)),
  two('FRINTA (vector)', 'C7.2.160', 1, 0, '11000', (f, x) => roundIntegral(f, 4, x)),
  two('FRINTX (vector)', 'C7.2.170', 1, 0, '11001', (f, x) => roundIntegral(f, 15, x)),
  two('FRINTI (vector)', 'C7.2.162', 1, 1, '11001', (f, x) => roundIntegral(f, 7, x)),
  ...againstZero('FCMGT (zero)', 'C7.2.64', 0, '01100', 'fcmgt', false),
  ...againstZero('FCMEQ (zero)', 'C7.2.60', 0, '01101', 'fcmeq', false),
  ...againstZero('FCMLT (zero)', 'C7.2.66', 0, '01110', 'fcmgt', true),
  ...againstZero('FCMGE (zero)', 'C7.2.62', 1, '01100', 'fcmge', false),
  ...againstZero('FCMLE (zero)', 'C7.2.65', 1, '01101', 'fcmge', true),
  ...estimate('frecpe', 'C7.2.159', 0, '11101'),
  ...estimate('frsqrte', 'C7.2.179', 1, '11101'),
  ...estimate('frecpx', 'C7.2.161', 0, '11111'),
  pair('fmaxnm', 'C7.2.106', 0, '01100'),
  pair('fadd', 'C7.2.45', 0, '01101'),
  pair('fmax', 'C7.2.109', 0, '01111'),
  pair('fminnm', 'C7.2.116', 1, '01100'),
  pair('fmin', 'C7.2.119', 1, '01111'),
  across('fmaxnm', 'C7.2.108', 0, '01100'),
  across('fmax', 'C7.2.111', 0, '01111'),
  across('fminnm', 'C7.2.118', 1, '01100'),
  across('fmin', 'C7.2.121', 1, '01111'),
  ...byElement('fmla', 'C7.2.123', 0, '0001'),
  ...byElement('fmls', 'C7.2.127', 0, '0101'),
  ...byElement('fmul', 'C7.2.144', 0, '1001'),
  ...byElement('fmulx', 'C7.2.146', 1, '1001'),
  todo('AdvSIMD arithmetic (half precision)', 'FEAT_FP16', '0 - - 01110 -1 0 ----- 00 --- 1 ----- -----'),
  todo('FMLAL, FMLSL', 'FEAT_FHM', '0 - - 01110 - 0 1 ----- 11 -011 ----- -----'),
  todo('SDOT, UDOT (vector)', 'FEAT_DotProd', '0 - - 01110 10 0 ----- 1 0010 1 ----- -----'),
  todo('SDOT, UDOT (by element)', 'FEAT_DotProd', '0 - - 01111 10 - ----- 1110 - 0 ----- -----'),
  todo('FCMLA, FCADD', 'FEAT_FCMA', '0 - 1 01110 -- 0 ----- 11 --- 1 ----- -----'),
];
