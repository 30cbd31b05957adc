// AdvSIMD rows whose operands differ in lane size: long, wide and narrow arithmetic, and the integer by-element forms.
import type { Builder, Val } from '../../../rows/builder.ts';
import { imm32, type Src } from '../../../rows/operands.ts';
import { type Row, row, todo } from '../../../rows/row.ts';
import { type LaneRequest, type LaneSize, laneCode } from '../lane-call.ts';
import { V, VE } from '../state.ts';
import { arrangement, callLanes, element, fn, line, loHalf, setQ, shape, shuffleLanes, splat, times, vec, vn } from './lanes.ts';
import { absoluteDifference, multiply } from './simd-three-same.ts';

/** The chosen half of a vector with its lanes at twice the size. */
const extend = (b: Builder, size: number, q: number, unsigned: boolean, v: Val): Val =>
  b.op(`${shape(2 * size)}.extend_${q ? 'high' : 'low'}_${shape(size)}_${unsigned ? 'u' : 's'}`, v);
const longMultiply = (b: Builder, size: number, q: number, unsigned: boolean, x: Val, y: Val): Val =>
  b.op(`${shape(2 * size)}.extmul_${q ? 'high' : 'low'}_${shape(size)}_${unsigned ? 'u' : 's'}`, x, y);
/** The chosen half, in the low half of a vector. */
const halfOf = (b: Builder, q: number, v: Val): Val => (q ? shuffleLanes(b, 64, v, v, [1, 1]) : v);

type Kind = 'long' | 'wide' | 'narrow';
type Semantics = (b: Builder, size: number, q: number, x: Val, y: Val, d: Val) => Val;

/** '0 q U 01110 size 1 rm opcode 00 rn rd'. Sizes are those of the narrow lanes. */
function three(name: string, ref: string, u: number, opcode: string, kind: Kind, semantics: Semantics): Row {
  const mnemonic = name.toLowerCase();
  return row(
    `${name}, ${name}2`,
    ref,
    `0 q:1 ${u} 01110 size:2 1 rm:5 ${opcode} 00 rn:5 rd:5` as '0 q:1 0 01110 size:2 1 rm:5 0000 00 rn:5 rd:5',
    (f) => (f.size === 3 ? null : { size: 8 << f.size, q: f.q, d: V(f.rd), n: V(f.rn), m: V(f.rm) }),
    (b, o) => b.setV(o.d, semantics(b, o.size, o.q, vec(b, o.n), vec(b, o.m), vec(b, o.d))),
    {
      asm: (f) => {
        const size = 8 << f.size;
        const wide = (r: number): string => vn(r, 2 * size, 1);
        const part = (r: number): string => vn(r, size, f.q);
        const text = f.q ? `${mnemonic}2` : mnemonic;
        if (kind === 'narrow') return line(text, part(f.rd), wide(f.rn), wide(f.rm));
        return line(text, wide(f.rd), kind === 'wide' ? wide(f.rn) : part(f.rn), part(f.rm));
      },
    },
  );
}

const long =
  (op: 'add' | 'sub', unsigned: boolean): Semantics =>
  (b, size, q, x, y) =>
    b.op(`${shape(2 * size)}.${op}`, extend(b, size, q, unsigned, x), extend(b, size, q, unsigned, y));
const wide =
  (op: 'add' | 'sub', unsigned: boolean): Semantics =>
  (b, size, q, x, y) =>
    b.op(`${shape(2 * size)}.${op}`, x, extend(b, size, q, unsigned, y));

/** The upper halves of sums or differences, optionally rounded. */
const highNarrow =
  (op: 'add' | 'sub', rounded: boolean): Semantics =>
  (b, size, q, x, y, d) => {
    const whole = shape(2 * size);
    const exact = b.op(`${whole}.${op}`, x, y);
    const r = rounded ? b.op(`${whole}.add`, exact, splat(b, (2 * size) as LaneSize, 1n << BigInt(size - 1))) : exact;
    const lanes = 64 / size;
    const zero = splat(b, 64, 0n);
    const low = shuffleLanes(
      b,
      size,
      r,
      zero,
      times(2 * lanes, (i) => (i < lanes ? 2 * i + 1 : 2 * lanes)),
    );
    return q ? b.lane('i64x2.replace_lane', 1, d, loHalf(b, low)) : low;
  };
const difference =
  (unsigned: boolean): Semantics =>
  (b, size, q, x, y, d) => {
    // |x - y| fits the lane as an unsigned number.
    return extend(b, size, q, true, absoluteDifference(unsigned)(b, size, x, y, d, q));
  };
const product =
  (unsigned: boolean): Semantics =>
  (b, size, q, x, y) =>
    longMultiply(b, size, q, unsigned, x, y);
const accumulate =
  (semantics: Semantics, op: 'add' | 'sub'): Semantics =>
  (b, size, q, x, y, d) =>
    b.op(`${shape(2 * size)}.${op}`, d, semantics(b, size, q, x, y, d));

const code = (request: Omit<LaneRequest, 'from' | 'to'>, size: number, to = size) =>
  imm32(laneCode({ ...request, from: size as LaneSize, to: to as LaneSize }));

const DOUBLING = [
  ['SQDMLAL', '1001', '0011', 1, 'C7.2.288'],
  ['SQDMLSL', '1011', '0111', 2, 'C7.2.290'],
  ['SQDMULL', '1101', '1011', 0, 'C7.2.293'],
] as const;

/** SQDMULL and its accumulating forms, by call. */
function doubling(): Row[] {
  return DOUBLING.flatMap(([name, opcode, elementOpcode, param, ref]) => {
    const mnemonic = name.toLowerCase();
    return [
      row(
        `${name}, ${name}2`,
        ref,
        `0 q:1 0 01110 size:2 1 rm:5 ${opcode} 00 rn:5 rd:5`,
        (f) => {
          const size = 8 << f.size;
          if (size !== 16 && size !== 32) return null;
          return { q: f.q, code: code({ op: 'sqdmull', lanes: 64 / size, param }, size, 2 * size), d: V(f.rd), n: V(f.rn), m: V(f.rm) };
        },
        (b, o) => b.setV(o.d, callLanes(b, o.code, halfOf(b, o.q, vec(b, o.n)), halfOf(b, o.q, vec(b, o.m)), vec(b, o.d))),
        {
          asm: (f) =>
            line(f.q ? `${mnemonic}2` : mnemonic, vn(f.rd, 16 << f.size, 1), vn(f.rn, 8 << f.size, f.q), vn(f.rm, 8 << f.size, f.q)),
        },
      ),
      row(
        `${name} (scalar)`,
        ref,
        `01 0 11110 size:2 1 rm:5 ${opcode} 00 rn:5 rd:5`,
        (f) => {
          const size = 8 << f.size;
          if (size !== 16 && size !== 32) return null;
          return { code: code({ op: 'sqdmull', param }, size, 2 * size), d: V(f.rd), n: V(f.rn), m: V(f.rm) };
        },
        (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n), vec(b, o.m), vec(b, o.d))),
        { asm: (f) => line(mnemonic, fn(f.rd, 16 << f.size), fn(f.rn, 8 << f.size), fn(f.rm, 8 << f.size)) },
      ),
      row(
        `${name}, ${name}2 (by element)`,
        ref,
        `0 q:1 0 01111 size:2 l:1 m:1 rm:4 ${elementOpcode} h:1 0 rn:5 rd:5`,
        (f) => {
          const e = elementOf(f);
          if (e === null) return null;
          const request = { op: 'sqdmull', lanes: 64 / e.size, param } as const;
          return { q: f.q, size: e.size, code: code(request, e.size, 2 * e.size), d: V(f.rd), n: V(f.rn), m: e.source };
        },
        (b, o) => b.setV(o.d, callLanes(b, o.code, halfOf(b, o.q, vec(b, o.n)), spread(b, o.size, o.m), vec(b, o.d))),
        { asm: (f) => line(f.q ? `${mnemonic}2` : mnemonic, vn(f.rd, 16 << f.size, 1), vn(f.rn, 8 << f.size, f.q), elementText(f)) },
      ),
      row(
        `${name} (scalar, by element)`,
        ref,
        `01 0 11111 size:2 l:1 m:1 rm:4 ${elementOpcode} h:1 0 rn:5 rd:5`,
        (f) => {
          const e = elementOf(f);
          return e && { size: e.size, code: code({ op: 'sqdmull', param }, e.size, 2 * e.size), d: V(f.rd), n: V(f.rn), m: e.source };
        },
        (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n), spread(b, o.size, o.m), vec(b, o.d))),
        { asm: (f) => line(mnemonic, fn(f.rd, 16 << f.size), fn(f.rn, 8 << f.size), elementText(f)) },
      ),
    ];
  });
}

interface ElementFields {
  readonly size: number;
  readonly l: number;
  readonly m: number;
  readonly rm: number;
  readonly h: number;
}
/** Halves: V0..V15, index H:L:M. Words: V0..V31, index H:L. */
function elementOf(f: ElementFields): { size: number; register: number; index: number; source: Src } | null {
  if (f.size !== 1 && f.size !== 2) return null;
  const size = 8 << f.size;
  const index = f.size === 1 ? f.h * 4 + f.l * 2 + f.m : f.h * 2 + f.l;
  const register = f.size === 1 ? f.rm : f.m * 16 + f.rm;
  return { size, register, index, source: VE(register, (index * size) / 8) };
}
function elementText(f: ElementFields): string {
  const e = elementOf(f)!;
  return element(e.register, e.size, e.index);
}
const spread = (b: Builder, size: number, m: Src): Val => b.op(`${shape(size)}.splat`, size === 16 ? b.low(m, 16) : b.part(m, 'i32'));

/** Same-size by-element forms. */
function byElement(name: 'MUL' | 'MLA' | 'MLS', ref: string, u: number, opcode: string): Row {
  const mnemonic = name.toLowerCase();
  return row(
    `${name} (by element)`,
    ref,
    `0 q:1 ${u} 01111 size:2 l:1 m:1 rm:4 ${opcode} h:1 0 rn:5 rd:5` as '0 q:1 0 01111 size:2 l:1 m:1 rm:4 0000 h:1 0 rn:5 rd:5',
    (f) => {
      const e = elementOf(f);
      return e && { size: e.size, q: f.q, d: V(f.rd), n: V(f.rn), m: e.source };
    },
    (b, o) => {
      const p = multiply(b, o.size, vec(b, o.n), spread(b, o.size, o.m), vec(b, o.d), o.q);
      setQ(b, o.d, o.q, name === 'MUL' ? p : b.op(`${shape(o.size)}.${name === 'MLA' ? 'add' : 'sub'}`, vec(b, o.d), p));
    },
    { asm: (f) => line(mnemonic, vn(f.rd, 8 << f.size, f.q), vn(f.rn, 8 << f.size, f.q), elementText(f)) },
  );
}

function longByElement(name: string, ref: string, u: number, opcode: string, op: 'add' | 'sub' | null): Row {
  const mnemonic = name.toLowerCase();
  return row(
    `${name}, ${name}2 (by element)`,
    ref,
    `0 q:1 ${u} 01111 size:2 l:1 m:1 rm:4 ${opcode} h:1 0 rn:5 rd:5` as '0 q:1 0 01111 size:2 l:1 m:1 rm:4 0000 h:1 0 rn:5 rd:5',
    (f) => {
      const e = elementOf(f);
      return e && { size: e.size, q: f.q, d: V(f.rd), n: V(f.rn), m: e.source };
    },
    (b, o) => {
      const p = longMultiply(b, o.size, o.q, u === 1, vec(b, o.n), spread(b, o.size, o.m));
      b.setV(o.d, op === null ? p : b.op(`${shape(2 * o.size)}.${op}`, vec(b, o.d), p));
    },
    { asm: (f) => line(f.q ? `${mnemonic}2` : mnemonic, vn(f.rd, 16 << f.size, 1), vn(f.rn, 8 << f.size, f.q), elementText(f)) },
  );
}

/** SQDMULH, SQRDMULH, SQRDMLAH, SQRDMLSH by element, vector and scalar; by call. */
function highByElement(name: string, ref: string, u: number, opcode: string, request: Pick<LaneRequest, 'op' | 'param'>): Row[] {
  const mnemonic = name.toLowerCase();
  return [
    row(
      `${name} (by element)`,
      ref,
      `0 q:1 ${u} 01111 size:2 l:1 m:1 rm:4 ${opcode} h:1 0 rn:5 rd:5` as '0 q:1 0 01111 size:2 l:1 m:1 rm:4 0000 h:1 0 rn:5 rd:5',
      (f) => {
        const e = elementOf(f);
        return (
          e && { size: e.size, code: code({ ...request, lanes: (f.q ? 128 : 64) / e.size }, e.size), d: V(f.rd), n: V(f.rn), m: e.source }
        );
      },
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n), spread(b, o.size, o.m), vec(b, o.d))),
      { asm: (f) => line(mnemonic, vn(f.rd, 8 << f.size, f.q), vn(f.rn, 8 << f.size, f.q), elementText(f)) },
    ),
    row(
      `${name} (scalar, by element)`,
      ref,
      `01 ${u} 11111 size:2 l:1 m:1 rm:4 ${opcode} h:1 0 rn:5 rd:5` as '01 0 11111 size:2 l:1 m:1 rm:4 0000 h:1 0 rn:5 rd:5',
      (f) => {
        const e = elementOf(f);
        return e && { size: e.size, code: code(request, e.size), d: V(f.rd), n: V(f.rn), m: e.source };
      },
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n), spread(b, o.size, o.m), vec(b, o.d))),
      { asm: (f) => line(mnemonic, fn(f.rd, 8 << f.size), fn(f.rn, 8 << f.size), elementText(f)) },
    ),
  ];
}

export const SIMD_THREE_DIFFERENT_ROWS: readonly Row[] = [
  three('SADDL', 'C7.2.251', 0, '0000', 'long', long('add', false)),
  three('UADDL', 'C7.2.361', 1, '0000', 'long', long('add', true)),
  three('SADDW', 'C7.2.254', 0, '0001', 'wide', wide('add', false)),
  three('UADDW', 'C7.2.364', 1, '0001', 'wide', wide('add', true)),
  three('SSUBL', 'C7.2.326', 0, '0010', 'long', long('sub', false)),
  three('USUBL', 'C7.2.406', 1, '0010', 'long', long('sub', true)),
  three('SSUBW', 'C7.2.327', 0, '0011', 'wide', wide('sub', false)),
  three('USUBW', 'C7.2.407', 1, '0011', 'wide', wide('sub', true)),
  three('ADDHN', 'C7.2.3', 0, '0100', 'narrow', highNarrow('add', false)),
  three('RADDHN', 'C7.2.238', 1, '0100', 'narrow', highNarrow('add', true)),
  three('SABAL', 'C7.2.246', 0, '0101', 'long', accumulate(difference(false), 'add')),
  three('UABAL', 'C7.2.356', 1, '0101', 'long', accumulate(difference(true), 'add')),
  three('SUBHN', 'C7.2.340', 0, '0110', 'narrow', highNarrow('sub', false)),
  three('RSUBHN', 'C7.2.244', 1, '0110', 'narrow', highNarrow('sub', true)),
  three('SABDL', 'C7.2.248', 0, '0111', 'long', difference(false)),
  three('UABDL', 'C7.2.358', 1, '0111', 'long', difference(true)),
  three('SMLAL', 'C7.2.272', 0, '1000', 'long', accumulate(product(false), 'add')),
  three('UMLAL', 'C7.2.376', 1, '1000', 'long', accumulate(product(true), 'add')),
  three('SMLSL', 'C7.2.274', 0, '1010', 'long', accumulate(product(false), 'sub')),
  three('UMLSL', 'C7.2.378', 1, '1010', 'long', accumulate(product(true), 'sub')),
  three('SMULL', 'C7.2.276', 0, '1100', 'long', product(false)),
  three('UMULL', 'C7.2.380', 1, '1100', 'long', product(true)),
  ...doubling(),
  row(
    'PMULL, PMULL2',
    'C7.2.230',
    '0 q:1 0 01110 00 1 rm:5 1110 00 rn:5 rd:5',
    (f) => ({ q: f.q, d: V(f.rd), n: V(f.rn), m: V(f.rm) }),
    (b, o) => {
      const request = { op: 'pmul', from: 8, to: 16, lanes: 8 } as const;
      b.setV(o.d, callLanes(b, request, halfOf(b, o.q, vec(b, o.n)), halfOf(b, o.q, vec(b, o.m))));
    },
    { asm: (f) => line(f.q ? 'pmull2' : 'pmull', `v${f.rd}.8h`, `v${f.rn}.${arrangement(8, f.q)}`, `v${f.rm}.${arrangement(8, f.q)}`) },
  ),
  todo('PMULL (64-bit)', 'FEAT_PMULL', '0 - 0 01110 11 1 ----- 1110 00 ----- -----'),
  byElement('MLA', 'C7.2.208', 1, '0000'),
  byElement('MLS', 'C7.2.210', 1, '0100'),
  byElement('MUL', 'C7.2.216', 0, '1000'),
  longByElement('SMLAL', 'C7.2.271', 0, '0010', 'add'),
  longByElement('UMLAL', 'C7.2.375', 1, '0010', 'add'),
  longByElement('SMLSL', 'C7.2.273', 0, '0110', 'sub'),
  longByElement('UMLSL', 'C7.2.377', 1, '0110', 'sub'),
  longByElement('SMULL', 'C7.2.275', 0, '1010', null),
  longByElement('UMULL', 'C7.2.379', 1, '1010', null),
  ...highByElement('SQDMULH', 'C7.2.289', 0, '1100', { op: 'sqdmulh', param: 0 }),
  ...highByElement('SQRDMULH', 'C7.2.299', 0, '1101', { op: 'sqdmulh', param: 1 }),
  ...highByElement('SQRDMLAH', 'C7.2.295', 1, '1101', { op: 'sqrdmlah', param: 0 }),
  ...highByElement('SQRDMLSH', 'C7.2.297', 1, '1111', { op: 'sqrdmlah', param: 1 }),
];
