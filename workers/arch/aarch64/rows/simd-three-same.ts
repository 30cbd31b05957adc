// AdvSIMD integer operations on two vectors of the same shape, and their scalar forms.
import type { Builder, Val } from '../../../rows/builder.ts';
import { imm32 } from '../../../rows/operands.ts';
import { type Row, row } from '../../../rows/row.ts';
import { type LaneRequest, type LaneSize, laneCode } from '../lane-call.ts';
import { FIELDS, V } from '../state.ts';
import { callLanes, fn, line, setQ, shape, shuffleLanes, splat, times, vec, vn } from './lanes.ts';

/** x and y are the sources, d the old destination; upper halves do not matter when q is 0. */
type Semantics = (b: Builder, size: number, x: Val, y: Val, d: Val, q: number) => Val;

const S = { 8: [8], 16: [16], 32: [32] } as const;
const ALL = [8, 16, 32, 64];
const TO32 = [8, 16, 32];
const HS = [16, 32];
const D = [64];

interface Options {
  /** Sizes of the scalar form; it is the vector form on one lane. */
  readonly scalar?: readonly number[];
  readonly writesFpsr?: boolean;
}

function three(
  name: string,
  ref: string,
  u: 0 | 1,
  opcode: string,
  sizes: readonly number[],
  semantics: Semantics,
  options: Options = {},
): Row[] {
  const mnemonic = name.split(' ')[0]!.toLowerCase();
  const rows = [
    row(
      name,
      ref,
      `0 q:1 ${u as 0} 01110 size:2 1 rm:5 ${opcode as '00000'} 1 rn:5 rd:5`,
      (f) => {
        const size = 8 << f.size;
        if (!sizes.includes(size) || (size === 64 && !f.q)) return null;
        return { size, q: f.q, d: V(f.rd), n: V(f.rn), m: V(f.rm) };
      },
      (b, o) => setQ(b, o.d, o.q, semantics(b, o.size, vec(b, o.n), vec(b, o.m), vec(b, o.d), o.q)),
      { asm: (f) => line(mnemonic, ...[f.rd, f.rn, f.rm].map((r) => vn(r, 8 << f.size, f.q))) },
    ),
  ];
  if (options.scalar) {
    rows.push(
      row(
        `${mnemonic.toUpperCase()} (scalar)`,
        ref,
        `01 ${u as 0} 11110 size:2 1 rm:5 ${opcode as '00000'} 1 rn:5 rd:5`,
        (f) => (options.scalar!.includes(8 << f.size) ? { size: 8 << f.size, d: V(f.rd), n: V(f.rn), m: V(f.rm) } : null),
        (b, o) => setQ(b, o.d, 0, semantics(b, o.size, vec(b, o.n), vec(b, o.m), vec(b, o.d), 0)),
        { asm: (f) => line(mnemonic, ...[f.rd, f.rn, f.rm].map((r) => fn(r, 8 << f.size))) },
      ),
    );
  }
  return rows;
}

/** Forms that are made by call, vector and scalar: the code is an immediate, so one handler serves them all. */
function called(
  name: string,
  ref: string,
  u: 0 | 1,
  opcode: string,
  sizes: readonly number[],
  scalarSizes: readonly number[],
  request: Pick<LaneRequest, 'op' | 'param'>,
  onlyMultiply = false,
): Row[] {
  const mnemonic = name.split(' ')[0]!.toLowerCase();
  const code = (size: number, lanes: number) => imm32(laneCode({ ...request, from: size as LaneSize, lanes }));
  const out = [
    row(
      name,
      ref,
      `0 q:1 ${u as 0} 01110 size:2 ${onlyMultiply ? '0' : ('1' as '1')} rm:5 ${opcode as '00000'} 1 rn:5 rd:5`,
      (f) => {
        const size = 8 << f.size;
        if (!sizes.includes(size) || (size === 64 && !f.q)) return null;
        return { code: code(size, (f.q ? 128 : 64) / size), d: V(f.rd), n: V(f.rn), m: V(f.rm) };
      },
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n), vec(b, o.m), vec(b, o.d))),
      { asm: (f) => line(mnemonic, ...[f.rd, f.rn, f.rm].map((r) => vn(r, 8 << f.size, f.q))) },
    ),
  ];
  if (scalarSizes.length > 0) {
    out.push(
      row(
        `${mnemonic.toUpperCase()} (scalar)`,
        ref,
        `01 ${u as 0} 11110 size:2 ${onlyMultiply ? '0' : ('1' as '1')} rm:5 ${opcode as '00000'} 1 rn:5 rd:5`,
        (f) => (scalarSizes.includes(8 << f.size) ? { code: code(8 << f.size, 1), d: V(f.rd), n: V(f.rn), m: V(f.rm) } : null),
        (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n), vec(b, o.m), vec(b, o.d))),
        { asm: (f) => line(mnemonic, ...[f.rd, f.rn, f.rm].map((r) => fn(r, 8 << f.size))) },
      ),
    );
  }
  return out;
}

const op =
  (name: string): Semantics =>
  (b, size, x, y) =>
    b.op(`${shape(size)}.${name}`, x, y);
const sign = (b: Builder, size: number): Val => splat(b, size as LaneSize, 1n << BigInt(size - 1));
const and = (b: Builder, x: Val, y: Val): Val => b.op('v128.and', x, y);
const or = (b: Builder, x: Val, y: Val): Val => b.op('v128.or', x, y);
const xor = (b: Builder, x: Val, y: Val): Val => b.op('v128.xor', x, y);
const half = (b: Builder, size: number, unsigned: boolean, v: Val): Val => b.op(`${shape(size)}.shr_${unsigned ? 'u' : 's'}`, v, 1);

const halvingAdd =
  (unsigned: boolean): Semantics =>
  (b, size, x, y) =>
    b.op(`${shape(size)}.add`, and(b, x, y), half(b, size, unsigned, xor(b, x, y)));
const halvingSub =
  (unsigned: boolean): Semantics =>
  (b, size, x, y) =>
    b.op(`${shape(size)}.sub`, half(b, size, unsigned, xor(b, x, y)), b.op('v128.andnot', y, x));
const roundingHalvingAdd =
  (unsigned: boolean): Semantics =>
  (b, size, x, y) =>
    b.op(`${shape(size)}.sub`, or(b, x, y), half(b, size, unsigned, xor(b, x, y)));

/** x > y (or >=) per lane; WebAssembly has no unsigned comparison of 64-bit lanes. */
const compare =
  (name: 'gt' | 'ge', unsigned: boolean): Semantics =>
  (b, size, x, y) => {
    if (size === 64 && unsigned) return b.op(`i64x2.${name}_s`, xor(b, x, sign(b, 64)), xor(b, y, sign(b, 64)));
    return b.op(`${shape(size)}.${name}_${unsigned ? 'u' : 's'}`, x, y);
  };

/** SABD, UABD: the difference of the larger and the smaller. */
export const absoluteDifference =
  (unsigned: boolean): Semantics =>
  (b, size, x, y) => {
    const s = unsigned ? 'u' : 's';
    return b.op(`${shape(size)}.sub`, b.op(`${shape(size)}.max_${s}`, x, y), b.op(`${shape(size)}.min_${s}`, x, y));
  };

/** Lane products; 8-bit ones are made of 16-bit products of the even and the odd lanes. */
export const multiply: Semantics = (b, size, x, y) => {
  if (size !== 8) return b.op(`${shape(size)}.mul`, x, y);
  const even = and(b, b.op('i16x8.mul', x, y), splat(b, 16, 0xffn));
  const odd = b.op('i16x8.mul', b.op('i16x8.shr_u', x, 8), b.op('i16x8.shr_u', y, 8));
  return or(b, even, b.op('i16x8.shl', odd, 8));
};

/** The even (0) or odd (1) lanes of the concatenation y:x, of whole or half vectors. */
export function alternate(b: Builder, size: number, x: Val, y: Val, q: number, odd: number): Val {
  const lanes = 128 / size;
  if (q)
    return shuffleLanes(
      b,
      size,
      x,
      y,
      times(lanes, (i) => 2 * i + odd),
    );
  const per = lanes / 4; // from each half
  return shuffleLanes(
    b,
    size,
    x,
    y,
    times(lanes, (i) => (i < per ? 2 * i + odd : i < 2 * per ? lanes + 2 * (i - per) + odd : 0)),
  );
}

const pairwise =
  (combine: Semantics): Semantics =>
  (b, size, x, y, d, q) =>
    combine(b, size, alternate(b, size, x, y, q, 0), alternate(b, size, x, y, q, 1), d, q);

/** 8- and 16-bit saturation, and QC when it made a difference in a lane that counts. */
const saturating =
  (name: 'add' | 'sub', unsigned: boolean): Semantics =>
  (b, size, x, y, _d, q) => {
    const r = b.op(`${shape(size)}.${name}_sat_${unsigned ? 'u' : 's'}`, x, y);
    const changed = xor(b, r, b.op(`${shape(size)}.${name}`, x, y));
    const counted = q ? changed : and(b, changed, b.vector(times(16, (i) => (i < 8 ? 255 : 0))));
    b.write(FIELDS.fpsr, b.read(FIELDS.fpsr).or(b.op('v128.any_true', counted).shl(27)));
    return r;
  };

/** Shift by a register, not saturating, not rounding: each lane on its own, as gcc's vectorised variable shifts need it fast. */
const shiftByLane =
  (unsigned: boolean): Semantics =>
  (b, size, x, y, _d, q) => {
    const wide = size === 64;
    const ty = wide ? 'i64' : 'i32';
    let out = x;
    for (let i = 0; i < (q ? 128 : 64) / size; i++) {
      const extract = size < 32 ? `${shape(size)}.extract_lane_${unsigned ? 'u' : 's'}` : `${shape(size)}.extract_lane`;
      const v = b.lane(extract, i, x);
      const count = b.lane('i8x16.extract_lane_s', (i * size) / 8, y);
      const left = count.ges(0);
      const by = wide ? count.sext() : count;
      const tooFar = count.add(size - 1).geu(2 * size - 1); // not in -(size-1) .. size-1
      const filled = unsigned ? b.lit(ty, 0) : b.sel(left, b.lit(ty, 0), v.shrs(wide ? 63 : 31));
      const right = unsigned ? v.shru(by.neg()) : v.shrs(by.neg());
      const r = b.sel(tooFar, filled, b.sel(left, v.shl(by), right));
      out = b.lane(`${shape(size)}.replace_lane`, i, out, r);
    }
    return out;
  };

/** Bitwise operations: the size field is part of the opcode. */
function logical(name: string, ref: string, u: 0 | 1, size: string, semantics: (b: Builder, x: Val, y: Val, d: Val) => Val): Row {
  const mnemonic = name.split(' ')[0]!.toLowerCase();
  return row(
    name,
    ref,
    `0 q:1 ${u as 0} 01110 ${size as '00'} 1 rm:5 00011 1 rn:5 rd:5`,
    (f) => ({ q: f.q, d: V(f.rd), n: V(f.rn), m: V(f.rm) }),
    (b, o) => setQ(b, o.d, o.q, semantics(b, vec(b, o.n), vec(b, o.m), vec(b, o.d))),
    {
      asm: (f) =>
        mnemonic === 'orr' && f.rn === f.rm
          ? line('mov', vn(f.rd, 8, f.q), vn(f.rn, 8, f.q))
          : line(mnemonic, ...[f.rd, f.rn, f.rm].map((r) => vn(r, 8, f.q))),
    },
  );
}

const accumulate =
  (combine: Semantics, name: 'add' | 'sub'): Semantics =>
  (b, size, x, y, d, q) =>
    b.op(`${shape(size)}.${name}`, d, combine(b, size, x, y, d, q));

export const SIMD_THREE_SAME_ROWS: readonly Row[] = [
  ...three('SHADD', 'C7.2.255', 0, '00000', TO32, halvingAdd(false)),
  ...three('UHADD', 'C7.2.365', 1, '00000', TO32, halvingAdd(true)),
  ...three('SQADD', 'C7.2.283', 0, '00001', [8, 16], saturating('add', false)),
  ...three('UQADD', 'C7.2.381', 1, '00001', [8, 16], saturating('add', true)),
  ...called('SQADD', 'C7.2.283', 0, '00001', [32, 64], ALL, { op: 'addq', param: 0 }),
  ...called('UQADD', 'C7.2.381', 1, '00001', [32, 64], ALL, { op: 'addq', param: 1 }),
  ...three('SRHADD', 'C7.2.318', 0, '00010', TO32, roundingHalvingAdd(false)),
  ...three('URHADD', 'C7.2.396', 1, '00010', TO32, roundingHalvingAdd(true)),
  logical('AND (vector)', 'C7.2.11', 0, '00', and),
  logical('BIC (vector, register)', 'C7.2.17', 0, '01', (b, x, y) => b.op('v128.andnot', x, y)),
  logical('ORR (vector, register)', 'C7.2.227', 0, '10', or),
  logical('ORN (vector)', 'C7.2.225', 0, '11', (b, x, y) => or(b, x, b.op('v128.not', y))),
  logical('EOR (vector)', 'C7.2.36', 1, '00', xor),
  logical('BSL', 'C7.2.20', 1, '01', (b, x, y, d) => b.op('v128.bitselect', x, y, d)),
  logical('BIT', 'C7.2.19', 1, '10', (b, x, y, d) => b.op('v128.bitselect', x, d, y)),
  logical('BIF', 'C7.2.18', 1, '11', (b, x, y, d) => b.op('v128.bitselect', d, x, y)),
  ...three('SHSUB', 'C7.2.261', 0, '00100', TO32, halvingSub(false)),
  ...three('UHSUB', 'C7.2.366', 1, '00100', TO32, halvingSub(true)),
  ...three('SQSUB', 'C7.2.309', 0, '00101', [8, 16], saturating('sub', false)),
  ...three('UQSUB', 'C7.2.392', 1, '00101', [8, 16], saturating('sub', true)),
  ...called('SQSUB', 'C7.2.309', 0, '00101', [32, 64], ALL, { op: 'addq', param: 2 }),
  ...called('UQSUB', 'C7.2.392', 1, '00101', [32, 64], ALL, { op: 'addq', param: 3 }),
  ...three('CMGT (register)', 'C7.2.26', 0, '00110', ALL, compare('gt', false), { scalar: D }),
  ...three('CMHI (register)', 'C7.2.28', 1, '00110', ALL, compare('gt', true), { scalar: D }),
  ...three('CMGE (register)', 'C7.2.24', 0, '00111', ALL, compare('ge', false), { scalar: D }),
  ...three('CMHS (register)', 'C7.2.29', 1, '00111', ALL, compare('ge', true), { scalar: D }),
  ...three('SSHL', 'C7.2.322', 0, '01000', ALL, shiftByLane(false), { scalar: D }),
  ...three('USHL', 'C7.2.400', 1, '01000', ALL, shiftByLane(true), { scalar: D }),
  ...called('SQSHL (register)', 'C7.2.305', 0, '01001', ALL, ALL, { op: 'shl', param: 4 }),
  ...called('UQSHL (register)', 'C7.2.388', 1, '01001', ALL, ALL, { op: 'shl', param: 5 }),
  ...called('SRSHL', 'C7.2.320', 0, '01010', ALL, D, { op: 'shl', param: 2 }),
  ...called('URSHL', 'C7.2.397', 1, '01010', ALL, D, { op: 'shl', param: 3 }),
  ...called('SQRSHL', 'C7.2.301', 0, '01011', ALL, ALL, { op: 'shl', param: 6 }),
  ...called('UQRSHL', 'C7.2.385', 1, '01011', ALL, ALL, { op: 'shl', param: 7 }),
  ...three('SMAX', 'C7.2.264', 0, '01100', TO32, op('max_s')),
  ...three('UMAX', 'C7.2.368', 1, '01100', TO32, op('max_u')),
  ...three('SMIN', 'C7.2.267', 0, '01101', TO32, op('min_s')),
  ...three('UMIN', 'C7.2.371', 1, '01101', TO32, op('min_u')),
  ...three('SABD', 'C7.2.247', 0, '01110', TO32, absoluteDifference(false)),
  ...three('UABD', 'C7.2.357', 1, '01110', TO32, absoluteDifference(true)),
  ...three('SABA', 'C7.2.245', 0, '01111', TO32, accumulate(absoluteDifference(false), 'add')),
  ...three('UABA', 'C7.2.355', 1, '01111', TO32, accumulate(absoluteDifference(true), 'add')),
  ...three('ADD (vector)', 'C7.2.2', 0, '10000', ALL, op('add'), { scalar: D }),
  ...three('SUB (vector)', 'C7.2.340', 1, '10000', ALL, op('sub'), { scalar: D }),
  ...three('CMTST', 'C7.2.33', 0, '10001', ALL, (b, size, x, y) => b.op(`${shape(size)}.ne`, and(b, x, y), splat(b, 64, 0n)), {
    scalar: D,
  }),
  ...three('CMEQ (register)', 'C7.2.22', 1, '10001', ALL, op('eq'), { scalar: D }),
  ...three('MLA (vector)', 'C7.2.209', 0, '10010', TO32, accumulate(multiply, 'add')),
  ...three('MLS (vector)', 'C7.2.211', 1, '10010', TO32, accumulate(multiply, 'sub')),
  ...three('MUL (vector)', 'C7.2.217', 0, '10011', TO32, multiply),
  ...called('PMUL', 'C7.2.229', 1, '10011', S[8], [], { op: 'pmul', param: 0 }),
  ...three('SMAXP', 'C7.2.265', 0, '10100', TO32, pairwise(op('max_s'))),
  ...three('UMAXP', 'C7.2.369', 1, '10100', TO32, pairwise(op('max_u'))),
  ...three('SMINP', 'C7.2.268', 0, '10101', TO32, pairwise(op('min_s'))),
  ...three('UMINP', 'C7.2.372', 1, '10101', TO32, pairwise(op('min_u'))),
  ...called('SQDMULH (vector)', 'C7.2.290', 0, '10110', HS, HS, { op: 'sqdmulh', param: 0 }),
  ...called('SQRDMULH (vector)', 'C7.2.300', 1, '10110', HS, HS, { op: 'sqdmulh', param: 1 }),
  ...three('ADDP (vector)', 'C7.2.5', 0, '10111', ALL, pairwise(op('add'))),
  ...called('SQRDMLAH (vector)', 'C7.2.296', 1, '10000', HS, HS, { op: 'sqrdmlah', param: 0 }, true),
  ...called('SQRDMLSH (vector)', 'C7.2.298', 1, '10001', HS, HS, { op: 'sqrdmlah', param: 1 }, true),
];
