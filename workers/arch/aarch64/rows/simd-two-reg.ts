// AdvSIMD integer operations on one vector, their scalar forms, and those that reduce a vector to a scalar.
import type { Builder, Val } from '../../../rows/builder.ts';
import { imm32 } from '../../../rows/operands.ts';
import { type Row, row } from '../../../rows/row.ts';
import { type LaneRequest, type LaneSize, laneCode } from '../lane-call.ts';
import { V } from '../state.ts';
import { callLanes, fn, line, loHalf, setQ, shape, shuffleLanes, splat, times, vec, vn } from './lanes.ts';

type Semantics = (b: Builder, size: number, x: Val, d: Val, q: number) => Val;

const TO32 = [8, 16, 32];
const ALL = [8, 16, 32, 64];

interface Options {
  readonly scalar?: readonly number[];
  /** Written after the sources: '#0'. */
  readonly suffix?: readonly string[];
}

/** '0 q U 01110 size 10000 opcode 10 rn rd'. */
function two(
  name: string,
  ref: string,
  u: number,
  opcode: string,
  sizes: readonly number[],
  semantics: Semantics,
  options: Options = {},
): Row[] {
  const mnemonic = name.split(' ')[0]!.toLowerCase();
  const suffix = options.suffix ?? [];
  const vector = row(
    name,
    ref,
    `0 q:1 ${u} 01110 size:2 10000 ${opcode} 10 rn:5 rd:5` as '0 q:1 0 01110 size:2 10000 00000 10 rn:5 rd:5',
    (f) => {
      const size = 8 << f.size;
      if (!sizes.includes(size) || (size === 64 && !f.q)) return null;
      return { size, q: f.q, d: V(f.rd), n: V(f.rn) };
    },
    (b, o) => setQ(b, o.d, o.q, semantics(b, o.size, vec(b, o.n), vec(b, o.d), o.q)),
    { asm: (f) => line(mnemonic, vn(f.rd, 8 << f.size, f.q), vn(f.rn, 8 << f.size, f.q), ...suffix) },
  );
  if (!options.scalar) return [vector];
  const scalar = row(
    `${mnemonic.toUpperCase()} (scalar${suffix.length > 0 ? ', zero' : ''})`,
    ref,
    `01 ${u} 11110 size:2 10000 ${opcode} 10 rn:5 rd:5` as '01 0 11110 size:2 10000 00000 10 rn:5 rd:5',
    (f) => (options.scalar!.includes(8 << f.size) ? { size: 8 << f.size, d: V(f.rd), n: V(f.rn) } : null),
    (b, o) => setQ(b, o.d, 0, semantics(b, o.size, vec(b, o.n), vec(b, o.d), 0)),
    { asm: (f) => line(mnemonic, fn(f.rd, 8 << f.size), fn(f.rn, 8 << f.size), ...suffix) },
  );
  return [vector, scalar];
}

/** By call, lane by lane. */
function called(
  name: string,
  ref: string,
  u: number,
  opcode: string,
  sizes: readonly number[],
  request: Pick<LaneRequest, 'op' | 'param'>,
  scalar = true,
): Row[] {
  const mnemonic = name.toLowerCase();
  const code = (size: number, lanes: number) => imm32(laneCode({ ...request, from: size as LaneSize, lanes }));
  const rows = [
    row(
      `${name} (vector)`,
      ref,
      `0 q:1 ${u} 01110 size:2 10000 ${opcode} 10 rn:5 rd:5` as '0 q:1 0 01110 size:2 10000 00000 10 rn:5 rd:5',
      (f) => {
        const size = 8 << f.size;
        if (!sizes.includes(size) || (size === 64 && !f.q)) return null;
        return { code: code(size, (f.q ? 128 : 64) / size), d: V(f.rd), n: V(f.rn) };
      },
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n), vec(b, o.n), vec(b, o.d))),
      { asm: (f) => line(mnemonic, vn(f.rd, 8 << f.size, f.q), vn(f.rn, 8 << f.size, f.q)) },
    ),
  ];
  if (scalar) {
    rows.push(
      row(
        `${name} (scalar)`,
        ref,
        `01 ${u} 11110 size:2 10000 ${opcode} 10 rn:5 rd:5` as '01 0 11110 size:2 10000 00000 10 rn:5 rd:5',
        (f) => ({ code: code(8 << f.size, 1), d: V(f.rd), n: V(f.rn) }),
        (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n), vec(b, o.n), vec(b, o.d))),
        { asm: (f) => line(mnemonic, fn(f.rd, 8 << f.size), fn(f.rn, 8 << f.size)) },
      ),
    );
  }
  return rows;
}

/** Narrowing with saturation, into the low or (q) the high half; by call. */
function narrowing(name: string, ref: string, u: number, opcode: string, param: number): Row[] {
  const mnemonic = name.toLowerCase();
  const code = (size: number, lanes: number) =>
    imm32(laneCode({ op: 'shrq', from: (16 << size) as LaneSize, to: (8 << size) as LaneSize, lanes, param: 128 | param }));
  return [
    row(
      `${name}, ${name}2`,
      ref,
      `0 q:1 ${u} 01110 size:2 10000 ${opcode} 10 rn:5 rd:5` as '0 q:1 0 01110 size:2 10000 00000 10 rn:5 rd:5',
      (f) => (f.size === 3 ? null : { q: f.q, code: code(f.size, 8 >> f.size), d: V(f.rd), n: V(f.rn) }),
      (b, o) => {
        const r = callLanes(b, o.code, vec(b, o.n));
        b.setV(o.d, o.q ? b.lane('i64x2.replace_lane', 1, vec(b, o.d), loHalf(b, r)) : r);
      },
      { asm: (f) => line(f.q ? `${mnemonic}2` : mnemonic, vn(f.rd, 8 << f.size, f.q), vn(f.rn, 16 << f.size, 1)) },
    ),
    row(
      `${name} (scalar)`,
      ref,
      `01 ${u} 11110 size:2 10000 ${opcode} 10 rn:5 rd:5` as '01 0 11110 size:2 10000 00000 10 rn:5 rd:5',
      (f) => (f.size === 3 ? null : { code: code(f.size, 1), d: V(f.rd), n: V(f.rn) }),
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n))),
      { asm: (f) => line(mnemonic, fn(f.rd, 8 << f.size), fn(f.rn, 16 << f.size)) },
    ),
  ];
}

/** Reverses the lanes within containers of `container` bits. */
const reverse =
  (container: number): Semantics =>
  (b, size, x) => {
    const per = container / size;
    return shuffleLanes(
      b,
      size,
      x,
      x,
      times(128 / size, (i) => i - (i % per) + per - 1 - (i % per)),
    );
  };

/** Counts leading zeros per byte through a table of nibbles, then widens; 32-bit lanes one by one. */
const countLeading: Semantics = (b, size, x, _d, q) => {
  if (size === 32) {
    let out = x;
    for (let i = 0; i < (q ? 4 : 2); i++) out = b.lane('i32x4.replace_lane', i, out, b.lane('i32x4.extract_lane', i, x).clz());
    return out;
  }
  const table = b.vector([4, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  const high = b.op('i8x16.swizzle', table, b.op('i8x16.shr_u', x, 4));
  const low = b.op('i8x16.swizzle', table, b.op('v128.and', x, splat(b, 8, 15n)));
  const four = splat(b, 8, 4n);
  const bytes = b.op('i8x16.add', high, b.op('v128.and', low, b.op('i8x16.eq', high, four)));
  if (size === 8) return bytes;
  const upper = b.op('i16x8.shr_u', bytes, 8);
  const lower = b.op('v128.and', bytes, splat(b, 16, 255n));
  return b.op('i16x8.add', upper, b.op('v128.and', lower, b.op('i16x8.eq', upper, splat(b, 16, 8n))));
};

const reverseBits: Semantics = (b, _size, x) => {
  const table = b.vector([0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15]);
  const low = b.op('i8x16.swizzle', table, b.op('v128.and', x, splat(b, 8, 15n)));
  const high = b.op('i8x16.swizzle', table, b.op('i8x16.shr_u', x, 4));
  return b.op('v128.or', b.op('i8x16.shl', low, 4), high);
};

const againstZero =
  (name: string): Semantics =>
  (b, size, x) =>
    b.op(`${shape(size)}.${name}`, x, splat(b, 64, 0n));

/** Sums of neighbours at twice the size. */
function pairSums(b: Builder, size: number, x: Val, unsigned: boolean): Val {
  const s = unsigned ? 'u' : 's';
  if (size < 32) return b.op(`${shape(size * 2)}.extadd_pairwise_${shape(size)}_${s}`, x);
  const shifted = b.op(`i64x2.shr_${s}`, x, 32);
  const low = b.op(`i64x2.shr_${s}`, b.op('i64x2.shl', x, 32), 32);
  return b.op('i64x2.add', shifted, low);
}

function pairLong(name: string, ref: string, u: number, opcode: string, accumulate: boolean): Row {
  const mnemonic = name.toLowerCase();
  return row(
    name,
    ref,
    `0 q:1 ${u} 01110 size:2 10000 ${opcode} 10 rn:5 rd:5` as '0 q:1 0 01110 size:2 10000 00000 10 rn:5 rd:5',
    (f) => (f.size === 3 ? null : { size: 8 << f.size, q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const sums = pairSums(b, o.size, vec(b, o.n), u === 1);
      setQ(b, o.d, o.q, accumulate ? b.op(`${shape(o.size * 2)}.add`, sums, vec(b, o.d)) : sums);
    },
    {
      asm: (f) => line(mnemonic, `v${f.rd}.${(f.q ? 8 : 4) >> f.size}${'hsd'[f.size]}`, vn(f.rn, 8 << f.size, f.q)),
    },
  );
}

/** Halves the number of lanes until one is left; `lanes` count, from lane 0. */
function reduce(b: Builder, size: number, x: Val, lanes: number, combine: (x: Val, y: Val) => Val): Val {
  let v = x;
  for (let n = lanes / 2; n >= 1; n /= 2)
    v = combine(
      v,
      shuffleLanes(
        b,
        size,
        v,
        v,
        times(128 / size, (i) => (i + n) % (128 / size)),
      ),
    );
  return v;
}

/** ADDV, SMAXV and so on; the result is one lane. */
function across(name: string, ref: string, u: number, opcode: string, op: string): Row {
  const mnemonic = name.toLowerCase();
  return row(
    name,
    ref,
    `0 q:1 ${u} 01110 size:2 11000 ${opcode} 10 rn:5 rd:5` as '0 q:1 0 01110 size:2 11000 00000 10 rn:5 rd:5',
    (f) => (f.size === 3 || (f.size === 2 && !f.q) ? null : { size: 8 << f.size, q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const r = reduce(b, o.size, vec(b, o.n), (o.q ? 128 : 64) / o.size, (x, y) => b.op(`${shape(o.size)}.${op}`, x, y));
      b.setScalar(o.d, b.lane(o.size === 32 ? 'i32x4.extract_lane' : `${shape(o.size)}.extract_lane_u`, 0, r));
    },
    { asm: (f) => line(mnemonic, fn(f.rd, 8 << f.size), vn(f.rn, 8 << f.size, f.q)) },
  );
}

/** SADDLV, UADDLV: the sum at twice the size. */
function acrossLong(name: string, ref: string, u: number): Row {
  return row(
    name,
    ref,
    `0 q:1 ${u} 01110 size:2 11000 00011 10 rn:5 rd:5` as '0 q:1 0 01110 size:2 11000 00011 10 rn:5 rd:5',
    (f) => (f.size === 3 || (f.size === 2 && !f.q) ? null : { size: 8 << f.size, q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const wide = o.size * 2;
      const sums = pairSums(b, o.size, vec(b, o.n), u === 1);
      const r = reduce(b, wide, sums, (o.q ? 128 : 64) / wide, (x, y) => b.op(`${shape(wide)}.add`, x, y));
      b.setScalar(o.d, b.lane(wide === 16 ? 'i16x8.extract_lane_u' : `${shape(wide)}.extract_lane`, 0, r));
    },
    { asm: (f) => line(name.toLowerCase(), fn(f.rd, 16 << f.size), vn(f.rn, 8 << f.size, f.q)) },
  );
}

export const SIMD_TWO_REG_ROWS: readonly Row[] = [
  ...two('REV64', 'C7.2.243', 0, '00000', TO32, reverse(64)),
  ...two('REV32 (vector)', 'C7.2.242', 1, '00000', [8, 16], reverse(32)),
  ...two('REV16 (vector)', 'C7.2.241', 0, '00001', [8], reverse(16)),
  ...two('CLS (vector)', 'C7.2.21', 0, '00100', TO32, (b, size, x, d, q) => {
    // Leading bits equal to the sign: those of x ^ (x >> 1), less the sign itself.
    const same = b.op('v128.xor', x, b.op(`${shape(size)}.shr_s`, x, 1));
    return b.op(`${shape(size)}.sub`, countLeading(b, size, same, d, q), splat(b, size as LaneSize, 1n));
  }),
  ...two('CLZ (vector)', 'C7.2.22', 1, '00100', TO32, countLeading),
  ...two('CNT', 'C7.2.34', 0, '00101', [8], (b, _size, x) => b.op('i8x16.popcnt', x)),
  row(
    'NOT',
    'C7.2.222',
    '0 q:1 1 01110 00 10000 00101 10 rn:5 rd:5',
    (f) => ({ q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => setQ(b, o.d, o.q, b.op('v128.not', vec(b, o.n))),
    { asm: (f) => line('mvn', vn(f.rd, 8, f.q), vn(f.rn, 8, f.q)) },
  ),
  row(
    'RBIT (vector)',
    'C7.2.240',
    '0 q:1 1 01110 01 10000 00101 10 rn:5 rd:5',
    (f) => ({ q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => setQ(b, o.d, o.q, reverseBits(b, 8, vec(b, o.n), vec(b, o.d), o.q)),
    { asm: (f) => line('rbit', vn(f.rd, 8, f.q), vn(f.rn, 8, f.q)) },
  ),
  pairLong('SADDLP', 'C7.2.252', 0, '00010', false),
  pairLong('UADDLP', 'C7.2.362', 1, '00010', false),
  pairLong('SADALP', 'C7.2.250', 0, '00110', true),
  pairLong('UADALP', 'C7.2.360', 1, '00110', true),
  ...called('SUQADD', 'C7.2.341', 0, '00011', ALL, { op: 'suqadd', param: 0 }),
  ...called('USQADD', 'C7.2.405', 1, '00011', ALL, { op: 'suqadd', param: 1 }),
  ...called('SQABS', 'C7.2.282', 0, '00111', ALL, { op: 'sqabs' }),
  ...called('SQNEG', 'C7.2.294', 1, '00111', ALL, { op: 'sqneg' }),
  ...two('CMGT (zero)', 'C7.2.27', 0, '01000', ALL, againstZero('gt_s'), { scalar: [64], suffix: ['#0'] }),
  ...two('CMGE (zero)', 'C7.2.25', 1, '01000', ALL, againstZero('ge_s'), { scalar: [64], suffix: ['#0'] }),
  ...two('CMEQ (zero)', 'C7.2.23', 0, '01001', ALL, againstZero('eq'), { scalar: [64], suffix: ['#0'] }),
  ...two('CMLE (zero)', 'C7.2.30', 1, '01001', ALL, againstZero('le_s'), { scalar: [64], suffix: ['#0'] }),
  ...two('CMLT (zero)', 'C7.2.31', 0, '01010', ALL, againstZero('lt_s'), { scalar: [64], suffix: ['#0'] }),
  ...two('ABS (vector)', 'C7.2.1', 0, '01011', ALL, (b, size, x) => b.op(`${shape(size)}.abs`, x), { scalar: [64] }),
  ...two('NEG (vector)', 'C7.2.220', 1, '01011', ALL, (b, size, x) => b.op(`${shape(size)}.neg`, x), { scalar: [64] }),
  row(
    'XTN, XTN2',
    'C7.2.411',
    '0 q:1 0 01110 size:2 10000 10010 10 rn:5 rd:5',
    (f) => (f.size === 3 ? null : { size: 8 << f.size, q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const lanes = 64 / o.size;
      const x = vec(b, o.n);
      const d = vec(b, o.d);
      const zero = splat(b, 64, 0n);
      // The even lanes of x after (q) or before (zeros) half a register.
      if (o.q)
        b.setV(
          o.d,
          shuffleLanes(
            b,
            o.size,
            d,
            x,
            times(2 * lanes, (i) => (i < lanes ? i : 2 * lanes + 2 * (i - lanes))),
          ),
        );
      else
        b.setV(
          o.d,
          shuffleLanes(
            b,
            o.size,
            x,
            zero,
            times(2 * lanes, (i) => (i < lanes ? 2 * i : 2 * lanes)),
          ),
        );
    },
    { asm: (f) => line(f.q ? 'xtn2' : 'xtn', vn(f.rd, 8 << f.size, f.q), vn(f.rn, 16 << f.size, 1)) },
  ),
  ...narrowing('SQXTN', 'C7.2.311', 0, '10100', 0),
  ...narrowing('UQXTN', 'C7.2.393', 1, '10100', 256 | 512),
  ...narrowing('SQXTUN', 'C7.2.312', 1, '10010', 512),
  row(
    'SHLL, SHLL2',
    'C7.2.258',
    '0 q:1 1 01110 size:2 10000 10011 10 rn:5 rd:5',
    (f) => (f.size === 3 ? null : { size: 8 << f.size, q: f.q, d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const wide = b.op(`${shape(o.size * 2)}.extend_${o.q ? 'high' : 'low'}_${shape(o.size)}_u`, vec(b, o.n));
      b.setV(o.d, b.op(`${shape(o.size * 2)}.shl`, wide, o.size));
    },
    { asm: (f) => line(f.q ? 'shll2' : 'shll', vn(f.rd, 16 << f.size, 1), vn(f.rn, 8 << f.size, f.q), `#${8 << f.size}`) },
  ),
  ...[0, 1].map((rsqrt) =>
    row(
      rsqrt ? 'URSQRTE' : 'URECPE',
      rsqrt ? 'C7.2.401' : 'C7.2.395',
      `0 q:1 ${rsqrt} 01110 10 10000 11100 10 rn:5 rd:5` as '0 q:1 0 01110 10 10000 11100 10 rn:5 rd:5',
      (f) => ({ code: imm32(laneCode({ op: rsqrt ? 'ursqrte' : 'urecpe', from: 32, lanes: f.q ? 4 : 2 })), d: V(f.rd), n: V(f.rn) }),
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n))),
      { asm: (f) => line(rsqrt ? 'ursqrte' : 'urecpe', vn(f.rd, 32, f.q), vn(f.rn, 32, f.q)) },
    ),
  ),
];

export const SIMD_ACROSS_ROWS: readonly Row[] = [
  across('ADDV', 'C7.2.6', 0, '11011', 'add'),
  across('SMAXV', 'C7.2.266', 0, '01010', 'max_s'),
  across('UMAXV', 'C7.2.370', 1, '01010', 'max_u'),
  across('SMINV', 'C7.2.269', 0, '11010', 'min_s'),
  across('UMINV', 'C7.2.373', 1, '11010', 'min_u'),
  acrossLong('SADDLV', 'C7.2.253', 0),
  acrossLong('UADDLV', 'C7.2.363', 1),
  row(
    'ADDP (scalar)',
    'C7.2.4',
    '01 0 11110 11 11000 11011 10 rn:5 rd:5',
    (f) => ({ d: V(f.rd), n: V(f.rn) }),
    (b, o) => b.setScalar(o.d, b.part(o.n, 'i64').add(b.part(o.n, 'i64', 8))),
    { asm: (f) => line('addp', fn(f.rd, 64), vn(f.rn, 64, 1)) },
  ),
];
