// Scalar conversions: between precisions, to and from integers and fixed point.
import type { Builder, Val } from '../../../rows/builder.ts';
import { imm32 } from '../../../rows/operands.ts';
import { type Row, row } from '../../../rows/row.ts';
import { type LaneSize, laneCode } from '../lane-call.ts';
import { IXC } from '../softfloat.ts';
import { FIELDS, V, X, Xd } from '../state.ts';
import { Float, plain, scalarShape, settled } from './fp-arith.ts';
import { callScalar, fn, line, xn } from './lanes.ts';

const SIZES: readonly (LaneSize | null)[] = [32, 64, null, 16];
const DIRECTIONS = ['n', 'p', 'm', 'z', 'a'] as const;
const ROUND = ['nearest', 'ceil', 'floor', 'trunc'] as const;

/** Floating point to integer, direction 0..3 as N, P, M, Z; 4 (ties away) only by call. */
export function toInteger(b: Builder, size: 32 | 64, bits: 32 | 64, unsigned: boolean, direction: number, x: Val): Val {
  const f = new Float(b, scalarShape(size));
  const call = (): Val => {
    const r = callScalar(b, { op: 'ftoint', from: size, to: bits, param: (direction << 8) | (unsigned ? 128 : 0) }, f.bits(x));
    return r.as(bits);
  };
  if (direction === 4) return call();
  const r = f.op(ROUND[direction]!, x);
  const low = unsigned ? f.constant(0) : f.constant(-(2 ** (bits - 1)));
  const high = f.constant(2 ** (unsigned ? bits : bits - 1));
  const quiet = b
    .read(FIELDS.fpsr)
    .and(IXC)
    .or(f.op('eq', r, x));
  const quick = plain(b)
    .and(f.op('ge', r, low))
    .and(f.op('lt', r, high))
    .and(quiet.ne(0));
  return b.cond(quick, () => b.op(`i${bits}.trunc_sat_f${size}_${unsigned ? 'u' : 's'}`, r), call);
}

/** Integer to floating point: exact values need no look at FPCR. */
export function fromInteger(b: Builder, size: 32 | 64, bits: 32 | 64, unsigned: boolean, x: Val): Val {
  const converted = b.op(`f${size}.convert_i${bits}_${unsigned ? 'u' : 's'}`, x);
  if (size === 64 && bits === 32) return converted;
  const limit = size === 64 ? 1n << 53n : 1n << 24n;
  const exact = unsigned ? x.ltu(limit) : x.add(limit).ltu(limit * 2n);
  const f = new Float(b, scalarShape(size));
  return b.cond(
    settled(b).or(exact),
    () => converted,
    () => f.fromBits(callScalar(b, { op: 'inttof', from: bits, to: size, param: unsigned ? 128 : 0 }, x)),
  );
}

export const FP_CONVERT_ROWS: readonly Row[] = [
  row(
    'FCVT',
    'C7.2.70',
    '0001 1110 type:2 1 0001 opc:2 10000 rn:5 rd:5',
    (f) => {
      const from = SIZES[f.type];
      const to = SIZES[f.opc];
      if (!from || !to || from === to) return null;
      const call = from === 16 || to === 16;
      return { kind: call ? 0 : from, code: imm32(laneCode({ op: 'fcvt', from, to })), d: V(f.rd), n: V(f.rn) };
    },
    (b, o) => {
      const call = (): Val => callScalar(b, o.code, b.part(o.n, 'i64'));
      if (o.kind === 0) {
        b.setScalar(o.d, call());
      } else if (o.kind === 64) {
        const x = b.part(o.n, 'f64');
        const f = new Float(b, scalarShape(32));
        const r = b.op('f32.demote_f64', x);
        const quick = settled(b)
          .and(f.finite(r))
          .and(f.notTiny(r).or(b.op('f64.eq', x, 0)));
        b.setScalar(
          o.d,
          b.cond(quick, () => f.bits(r).zext(), call),
        );
      } else {
        const x = b.part(o.n, 'f32');
        const quick = plain(b).and(b.op('f32.eq', x, x));
        b.setScalar(
          o.d,
          b.cond(quick, () => b.op('i64.reinterpret_f64', b.op('f64.promote_f32', x)), call),
        );
      }
    },
    { asm: (f) => line('fcvt', fn(f.rd, SIZES[f.opc]!), fn(f.rn, SIZES[f.type]!)) },
  ),
  ...[0, 1].map((a) =>
    row(
      a ? 'FCVTAS, FCVTAU (scalar, integer)' : 'FCVT{N,P,M,Z}{S,U} (scalar, integer)',
      'C7.2.71',
      `sf:1 0011110 type:2 1 ${a ? '00' : 'mode:2'} ${a ? '10' : '00'} u:1 000000 rn:5 rd:5` as 'sf:1 0011110 type:2 1 mode:2 00 u:1 000000 rn:5 rd:5',
      (f) => (f.type > 1 ? null : { size: f.type ? 64 : 32, bits: f.sf ? 64 : 32, u: f.u, mode: a ? 4 : f.mode, d: Xd(f.rd), n: V(f.rn) }),
      (b, o) => b.set(o.d, toInteger(b, o.size as 32, o.bits as 32, o.u === 1, o.mode, b.part(o.n, `f${o.size as 32}`))),
      { asm: (f) => line(`fcvt${DIRECTIONS[a ? 4 : f.mode]}${f.u ? 'u' : 's'}`, xn(f.rd, f.sf), fn(f.rn, f.type ? 64 : 32)) },
    ),
  ),
  row(
    'SCVTF, UCVTF (scalar, integer)',
    'C7.2.287, C7.2.380',
    'sf:1 0011110 type:2 1 00 01 u:1 000000 rn:5 rd:5',
    (f) => (f.type > 1 ? null : { size: f.type ? 64 : 32, bits: f.sf ? 64 : 32, u: f.u, d: V(f.rd), n: X(f.rn) }),
    (b, o) => b.setScalar(o.d, fromInteger(b, o.size as 32, o.bits as 32, o.u === 1, b.get(o.n, o.bits))),
    { asm: (f) => line(f.u ? 'ucvtf' : 'scvtf', fn(f.rd, f.type ? 64 : 32), xn(f.rn, f.sf)) },
  ),
  row(
    'FCVTZS, FCVTZU (scalar, fixed-point)',
    'C7.2.91, C7.2.95',
    'sf:1 0011110 type:2 0 11 00 u:1 scale:6 rn:5 rd:5',
    (f) => {
      if (f.type > 1 || (!f.sf && f.scale < 32)) return null;
      const param = 0x300 | (f.u << 7) | (64 - f.scale);
      return { d: Xd(f.rd), n: V(f.rn), code: imm32(laneCode({ op: 'ftoint', from: f.type ? 64 : 32, to: f.sf ? 64 : 32, param })) };
    },
    (b, o) => b.set(o.d, callScalar(b, o.code, b.part(o.n, 'i64'))),
    { asm: (f) => line(f.u ? 'fcvtzu' : 'fcvtzs', xn(f.rd, f.sf), fn(f.rn, f.type ? 64 : 32), `#${64 - f.scale}`) },
  ),
  row(
    'SCVTF, UCVTF (scalar, fixed-point)',
    'C7.2.286, C7.2.379',
    'sf:1 0011110 type:2 0 00 01 u:1 scale:6 rn:5 rd:5',
    (f) => {
      if (f.type > 1 || (!f.sf && f.scale < 32)) return null;
      const param = (f.u << 7) | (64 - f.scale);
      return { d: V(f.rd), n: X(f.rn), code: imm32(laneCode({ op: 'inttof', from: f.sf ? 64 : 32, to: f.type ? 64 : 32, param })) };
    },
    (b, o) => b.setScalar(o.d, callScalar(b, o.code, b.get(o.n))),
    { asm: (f) => line(f.u ? 'ucvtf' : 'scvtf', fn(f.rd, f.type ? 64 : 32), xn(f.rn, f.sf), `#${64 - f.scale}`) },
  ),
];
