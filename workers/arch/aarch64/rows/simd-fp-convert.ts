// AdvSIMD conversions between floating point and integers or fixed point, and between precisions, with their scalar forms.
import type { Builder, Val } from '../../../rows/builder.ts';
import { imm32 } from '../../../rows/operands.ts';
import { type Row, row } from '../../../rows/row.ts';
import { laneCode } from '../lane-call.ts';
import { IXC } from '../softfloat.ts';
import { FIELDS, V } from '../state.ts';
import { Float, plain, settled, vectorShape } from './fp-arith.ts';
import { fromInteger, toInteger } from './fp-convert.ts';
import { callLanes, callScalar, fn, line, loHalf, setQ, shuffleLanes, vec, vn } from './lanes.ts';

type Size = 32 | 64;
const sizeOf = (sz: number): Size => (sz ? 64 : 32);

/** Doubles to 64-bit integers one lane at a time; out-of-range lanes saturate, which the caller has excluded. */
function eachDouble(b: Builder, op: string, x: Val): Val {
  const convert = (i: number): Val => b.op(op, b.lane(op.startsWith('i64') ? 'f64x2.extract_lane' : 'i64x2.extract_lane', i, x));
  const [splat, replace] = op.startsWith('i64') ? ['i64x2.splat', 'i64x2.replace_lane'] : ['f64x2.splat', 'f64x2.replace_lane'];
  return b.lane(replace!, 1, b.op(splat!, convert(0)), convert(1));
}

/** Lanes to integers of their own size. direction: 0..4 as N, P, M, Z, A. */
function lanesToInteger(b: Builder, size: Size, q: number, unsigned: boolean, direction: number, x: Val): Val {
  const f = new Float(b, vectorShape(size, q));
  const call = (): Val => f.call('ftoint', (direction << 8) | (unsigned ? 128 : 0), x);
  if (direction === 4) return call();
  const r = f.op((['nearest', 'ceil', 'floor', 'trunc'] as const)[direction]!, x);
  const low = f.constant(unsigned ? 0 : -(2 ** (size - 1)));
  const high = f.constant(2 ** (unsigned ? size : size - 1));
  const inRange = f.truth(f.and(f.op('ge', r, low), f.op('lt', r, high)));
  const quiet = b
    .read(FIELDS.fpsr)
    .and(IXC)
    .or(f.truth(f.op('eq', r, x)))
    .ne(0);
  const s = unsigned ? 'u' : 's';
  const quick = (): Val => (size === 32 ? b.op(`i32x4.trunc_sat_f32x4_${s}`, r) : eachDouble(b, `i64.trunc_sat_f64_${s}`, r));
  return b.cond(plain(b).and(inRange).and(quiet), quick, call);
}

function lanesFromInteger(b: Builder, size: Size, q: number, unsigned: boolean, x: Val): Val {
  const f = new Float(b, vectorShape(size, q));
  const s = unsigned ? 'u' : 's';
  return b.cond(
    settled(b),
    () => (size === 32 ? b.op(`f32x4.convert_i32x4_${s}`, x) : eachDouble(b, `f64.convert_i64_${s}`, x)),
    () => f.call('inttof', unsigned ? 128 : 0, x),
  );
}

const DIRECTION: Readonly<Record<string, number>> = { n: 0, p: 1, m: 2, z: 3, a: 4 };

function toIntegerRows(letter: string, u: number, hi: number, opcode: string, ref: string): Row[] {
  const direction = DIRECTION[letter]!;
  const mnemonic = `fcvt${letter}${u ? 'u' : 's'}`;
  return [
    row(
      `${mnemonic.toUpperCase()} (vector)`,
      ref,
      `0 q:1 ${u} 01110 ${hi} sz:1 10000 ${opcode} 10 rn:5 rd:5` as '0 q:1 0 01110 0 sz:1 10000 00000 10 rn:5 rd:5',
      (f) => (f.sz && !f.q ? null : { size: sizeOf(f.sz), q: f.q, d: V(f.rd), n: V(f.rn) }),
      (b, o) => setQ(b, o.d, o.q, lanesToInteger(b, o.size, o.q, u === 1, direction, vec(b, o.n))),
      { asm: (f) => line(mnemonic, vn(f.rd, sizeOf(f.sz), f.q), vn(f.rn, sizeOf(f.sz), f.q)) },
    ),
    row(
      `${mnemonic.toUpperCase()} (scalar)`,
      ref,
      `01 ${u} 11110 ${hi} sz:1 10000 ${opcode} 10 rn:5 rd:5` as '01 0 11110 0 sz:1 10000 00000 10 rn:5 rd:5',
      (f) => ({ size: sizeOf(f.sz), d: V(f.rd), n: V(f.rn) }),
      (b, o) => b.setScalar(o.d, toInteger(b, o.size, o.size, u === 1, direction, b.part(o.n, `f${o.size}`))),
      { asm: (f) => line(mnemonic, fn(f.rd, sizeOf(f.sz)), fn(f.rn, sizeOf(f.sz))) },
    ),
  ];
}

function fromIntegerRows(u: number, ref: string): Row[] {
  const mnemonic = u ? 'ucvtf' : 'scvtf';
  return [
    row(
      `${mnemonic.toUpperCase()} (vector, integer)`,
      ref,
      `0 q:1 ${u} 01110 0 sz:1 10000 11101 10 rn:5 rd:5` as '0 q:1 0 01110 0 sz:1 10000 11101 10 rn:5 rd:5',
      (f) => (f.sz && !f.q ? null : { size: sizeOf(f.sz), q: f.q, d: V(f.rd), n: V(f.rn) }),
      (b, o) => setQ(b, o.d, o.q, lanesFromInteger(b, o.size, o.q, u === 1, vec(b, o.n))),
      { asm: (f) => line(mnemonic, vn(f.rd, sizeOf(f.sz), f.q), vn(f.rn, sizeOf(f.sz), f.q)) },
    ),
    row(
      `${mnemonic.toUpperCase()} (scalar, vector register)`,
      ref,
      `01 ${u} 11110 0 sz:1 10000 11101 10 rn:5 rd:5` as '01 0 11110 0 sz:1 10000 11101 10 rn:5 rd:5',
      (f) => ({ size: sizeOf(f.sz), d: V(f.rd), n: V(f.rn) }),
      (b, o) => b.setScalar(o.d, fromInteger(b, o.size, o.size, u === 1, b.part(o.n, `i${o.size}`))),
      { asm: (f) => line(mnemonic, fn(f.rd, sizeOf(f.sz)), fn(f.rn, sizeOf(f.sz))) },
    ),
  ];
}

/** SCVTF, UCVTF, FCVTZS and FCVTZU with fraction bits: by call. immh:immb gives the lane size and 2 * size - fbits. */
function fixed(u: number, opcode: string, ref: string): Row[] {
  const to = opcode === '11100';
  const mnemonic = to ? (u ? 'ucvtf' : 'scvtf') : u ? 'fcvtzu' : 'fcvtzs';
  const sizeAt = (immh: number): Size | null => (immh & 8 ? 64 : immh & 4 ? 32 : null);
  const fbits = (f: { immh: number; immb: number }): number => 2 * sizeAt(f.immh)! - (f.immh * 8 + f.immb);
  const code = (f: { immh: number; immb: number }, lanes: number) =>
    imm32(laneCode({ op: to ? 'inttof' : 'ftoint', from: sizeAt(f.immh)!, lanes, param: fbits(f) | (u << 7) | (to ? 0 : 0x300) }));
  return [
    row(
      `${mnemonic.toUpperCase()} (vector, fixed-point)`,
      ref,
      `0 q:1 ${u} 011110 immh:4 immb:3 ${opcode} 1 rn:5 rd:5` as '0 q:1 0 011110 immh:4 immb:3 11100 1 rn:5 rd:5',
      (f) => {
        const size = sizeAt(f.immh);
        if (size === null || (size === 64 && !f.q)) return null;
        return { code: code(f, (f.q ? 128 : 64) / size), d: V(f.rd), n: V(f.rn) };
      },
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n))),
      { asm: (f) => line(mnemonic, vn(f.rd, sizeAt(f.immh)!, f.q), vn(f.rn, sizeAt(f.immh)!, f.q), `#${fbits(f)}`) },
    ),
    row(
      `${mnemonic.toUpperCase()} (scalar, fixed-point, vector register)`,
      ref,
      `01 ${u} 111110 immh:4 immb:3 ${opcode} 1 rn:5 rd:5` as '01 0 111110 immh:4 immb:3 11100 1 rn:5 rd:5',
      (f) => (sizeAt(f.immh) === null ? null : { code: code(f, 1), d: V(f.rd), n: V(f.rn) }),
      (b, o) => b.setScalar(o.d, callScalar(b, o.code, b.part(o.n, 'i64'))),
      { asm: (f) => line(mnemonic, fn(f.rd, sizeAt(f.immh)!), fn(f.rn, sizeAt(f.immh)!), `#${fbits(f)}`) },
    ),
  ];
}

/** The low result half into the low half of d (zeros above), or with q into the high half (the low one stays). */
const intoHalf = (b: Builder, q: number, result: Val, d: Val): Val => (q ? b.lane('i64x2.replace_lane', 1, d, loHalf(b, result)) : result);

export const SIMD_FP_CONVERT_ROWS: readonly Row[] = [
  ...['n', 'm', 'a'].flatMap((l, i) => [0, 1].flatMap((u) => toIntegerRows(l, u, 0, ['11010', '11011', '11100'][i]!, 'C7.2.71'))),
  ...['p', 'z'].flatMap((l, i) => [0, 1].flatMap((u) => toIntegerRows(l, u, 1, ['11010', '11011'][i]!, 'C7.2.71'))),
  ...fromIntegerRows(0, 'C7.2.285'),
  ...fromIntegerRows(1, 'C7.2.378'),
  ...[0, 1].flatMap((u) => fixed(u, '11100', 'C7.2.284')),
  ...[0, 1].flatMap((u) => fixed(u, '11111', 'C7.2.90')),
  row(
    'FCVTN, FCVTN2',
    'C7.2.81',
    '0 q:1 0 01110 0 sz:1 10000 10110 10 rn:5 rd:5',
    (f) => ({ size: f.sz ? 64 : 32, q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const x = vec(b, o.n);
      if (o.size === 32) {
        b.setV(o.d, intoHalf(b, o.q, callLanes(b, { op: 'fcvt', from: 32, to: 16, lanes: 4 }, x), vec(b, o.d)));
        return;
      }
      const f = new Float(b, vectorShape(32, 0));
      const r = b.op('f32x4.demote_f64x2_zero', x);
      const quick = settled(b).and(f.truth(f.and(f.finite(r), f.notTiny(r))));
      b.setV(
        o.d,
        intoHalf(
          b,
          o.q,
          b.cond(
            quick,
            () => r,
            () => callLanes(b, { op: 'fcvt', from: 64, to: 32, lanes: 2 }, x),
          ),
          vec(b, o.d),
        ),
      );
    },
    { asm: (f) => line(f.q ? 'fcvtn2' : 'fcvtn', vn(f.rd, f.sz ? 32 : 16, f.q), vn(f.rn, f.sz ? 64 : 32, 1)) },
  ),
  row(
    'FCVTXN, FCVTXN2',
    'C7.2.88',
    '0 q:1 1 01110 0 1 10000 10110 10 rn:5 rd:5',
    (f) => ({ q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => b.setV(o.d, intoHalf(b, o.q, callLanes(b, { op: 'fcvt', from: 64, to: 32, lanes: 2, param: 1 }, vec(b, o.n)), vec(b, o.d))),
    { asm: (f) => line(f.q ? 'fcvtxn2' : 'fcvtxn', vn(f.rd, 32, f.q), vn(f.rn, 64, 1)) },
  ),
  row(
    'FCVTXN (scalar)',
    'C7.2.88',
    '01 1 11110 0 1 10000 10110 10 rn:5 rd:5',
    (f) => ({ d: V(f.rd), n: V(f.rn) }),
    (b, o) => b.setScalar(o.d, callScalar(b, { op: 'fcvt', from: 64, to: 32, param: 1 }, b.part(o.n, 'i64'))),
    { asm: (f) => line('fcvtxn', fn(f.rd, 32), fn(f.rn, 64)) },
  ),
  row(
    'FCVTL, FCVTL2',
    'C7.2.74',
    '0 q:1 0 01110 0 sz:1 10000 10111 10 rn:5 rd:5',
    (f) => ({ size: f.sz ? 64 : 32, q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const whole = vec(b, o.n);
      const x = o.q ? shuffleLanes(b, 64, whole, whole, [1, 1]) : whole;
      if (o.size === 32) {
        b.setV(o.d, callLanes(b, { op: 'fcvt', from: 16, to: 32, lanes: 4 }, x));
        return;
      }
      const f = new Float(b, vectorShape(32, 0));
      const value = b.cond(
        plain(b).and(f.truth(f.ordered(x))),
        () => b.op('f64x2.promote_low_f32x4', x),
        () => callLanes(b, { op: 'fcvt', from: 32, to: 64, lanes: 2 }, x),
      );
      b.setV(o.d, value);
    },
    { asm: (f) => line(f.q ? 'fcvtl2' : 'fcvtl', vn(f.rd, f.sz ? 64 : 32, 1), vn(f.rn, f.sz ? 32 : 16, f.q)) },
  ),
];
