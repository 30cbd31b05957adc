// AdvSIMD shifts by an immediate, vector and scalar. Fixed-point conversions share the encoding and are in simd-fp-convert.ts.
import type { Builder, Val } from '../../../rows/builder.ts';
import { imm32 } from '../../../rows/operands.ts';
import { type Row, row } from '../../../rows/row.ts';
import { type LaneSize, laneCode } from '../lane-call.ts';
import { V } from '../state.ts';
import { callLanes, fn, line, loHalf, setQ, shape, shuffleLanes, splat, times, vec, vn } from './lanes.ts';

interface Shift {
  readonly immh: number;
  readonly immb: number;
}

/** Lane size of immh; 0 is the modified-immediate group. */
const sizeAt = (immh: number): number => (immh === 0 ? 0 : 8 << (31 - Math.clz32(immh)));
const right = (f: Shift): number => 2 * sizeAt(f.immh) - (f.immh * 8 + f.immb);
const left = (f: Shift): number => f.immh * 8 + f.immb - sizeAt(f.immh);

/** n is the amount: 1..size when shifting right, 0..size-1 when left. */
type Semantics = (b: Builder, size: number, x: Val, n: Val, d: Val) => Val;

/** Shifts right by n, 1..size: WebAssembly takes the amount modulo the size, so in two steps. */
const shiftRight =
  (unsigned: boolean): Semantics =>
  (b, size, x, n) => {
    const op = `${shape(size)}.shr_${unsigned ? 'u' : 's'}`;
    return b.op(op, b.op(op, x, n.sub(1)), 1);
  };

/** The same, adding the last bit shifted out. */
const shiftRightRounded =
  (unsigned: boolean): Semantics =>
  (b, size, x, n) => {
    const op = `${shape(size)}.shr_${unsigned ? 'u' : 's'}`;
    const almost = b.op(op, x, n.sub(1));
    return b.op(`${shape(size)}.add`, b.op(op, almost, 1), b.op('v128.and', almost, splat(b, size as LaneSize, 1n)));
  };

const accumulated =
  (shift: Semantics): Semantics =>
  (b, size, x, n, d) =>
    b.op(`${shape(size)}.add`, d, shift(b, size, x, n, d));

/** SRI: the bits of d above the shifted ones stay. */
const insertRight: Semantics = (b, size, x, n, d) => {
  const ones = shiftRight(true)(b, size, splat(b, 64, -1n), n, d);
  return b.op('v128.or', shiftRight(true)(b, size, x, n, d), b.op('v128.andnot', d, ones));
};
const insertLeft: Semantics = (b, size, x, n, d) => {
  const op = `${shape(size)}.shl`;
  return b.op('v128.or', b.op(op, x, n), b.op('v128.andnot', d, b.op(op, splat(b, 64, -1n), n)));
};

function shift(name: string, ref: string, u: number, opcode: string, amount: (f: Shift) => number, semantics: Semantics): Row[] {
  const mnemonic = name.split(' ')[0]!.toLowerCase();
  return [
    row(
      name,
      ref,
      `0 q:1 ${u} 011110 immh:4 immb:3 ${opcode} 1 rn:5 rd:5` as '0 q:1 0 011110 immh:4 immb:3 00000 1 rn:5 rd:5',
      (f) => {
        const size = sizeAt(f.immh);
        if (size === 0 || (size === 64 && !f.q)) return null;
        return { size, q: f.q, amount: imm32(amount(f)), d: V(f.rd), n: V(f.rn) };
      },
      (b, o) => setQ(b, o.d, o.q, semantics(b, o.size, vec(b, o.n), o.amount, vec(b, o.d))),
      { asm: (f) => line(mnemonic, vn(f.rd, sizeAt(f.immh), f.q), vn(f.rn, sizeAt(f.immh), f.q), `#${amount(f)}`) },
    ),
    row(
      `${mnemonic.toUpperCase()} (scalar)`,
      ref,
      `01 ${u} 111110 immh:4 immb:3 ${opcode} 1 rn:5 rd:5` as '01 0 111110 immh:4 immb:3 00000 1 rn:5 rd:5',
      (f) => (f.immh & 8 ? { amount: imm32(amount(f)), d: V(f.rd), n: V(f.rn) } : null),
      (b, o) => setQ(b, o.d, 0, semantics(b, 64, vec(b, o.n), o.amount, vec(b, o.d))),
      { asm: (f) => line(mnemonic, fn(f.rd, 64), fn(f.rn, 64), `#${amount(f)}`) },
    ),
  ];
}

/** Saturating left shifts of the same size; by call. param as lane-ops' shrq. */
function saturatingLeft(name: string, ref: string, u: number, opcode: string, param: number): Row[] {
  const mnemonic = name.split(' ')[0]!.toLowerCase();
  const code = (f: Shift, lanes: number) =>
    imm32(laneCode({ op: 'shrq', from: sizeAt(f.immh) as LaneSize, lanes, param: param | (128 + left(f)) }));
  return [
    row(
      name,
      ref,
      `0 q:1 ${u} 011110 immh:4 immb:3 ${opcode} 1 rn:5 rd:5` as '0 q:1 0 011110 immh:4 immb:3 00000 1 rn:5 rd:5',
      (f) => {
        const size = sizeAt(f.immh);
        if (size === 0 || (size === 64 && !f.q)) return null;
        return { code: code(f, (f.q ? 128 : 64) / size), d: V(f.rd), n: V(f.rn) };
      },
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n))),
      { asm: (f) => line(mnemonic, vn(f.rd, sizeAt(f.immh), f.q), vn(f.rn, sizeAt(f.immh), f.q), `#${left(f)}`) },
    ),
    row(
      `${name} (scalar)`,
      ref,
      `01 ${u} 111110 immh:4 immb:3 ${opcode} 1 rn:5 rd:5` as '01 0 111110 immh:4 immb:3 00000 1 rn:5 rd:5',
      (f) => (f.immh === 0 ? null : { code: code(f, 1), d: V(f.rd), n: V(f.rn) }),
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n))),
      { asm: (f) => line(mnemonic, fn(f.rd, sizeAt(f.immh)), fn(f.rn, sizeAt(f.immh)), `#${left(f)}`) },
    ),
  ];
}

const intoHalf = (b: Builder, q: number, result: Val, d: Val): Val => (q ? b.lane('i64x2.replace_lane', 1, d, loHalf(b, result)) : result);

/** Saturating narrowing right shifts; by call. */
function saturatingNarrow(name: string, ref: string, u: number, opcode: string, param: number): Row[] {
  const mnemonic = name.toLowerCase();
  const wide = (f: Shift): number => 2 * sizeAt(f.immh);
  const code = (f: Shift, lanes: number) =>
    imm32(laneCode({ op: 'shrq', from: wide(f) as LaneSize, to: sizeAt(f.immh) as LaneSize, lanes, param: param | (128 - right(f)) }));
  return [
    row(
      `${name}, ${name}2`,
      ref,
      `0 q:1 ${u} 011110 immh:4 immb:3 ${opcode} 1 rn:5 rd:5` as '0 q:1 0 011110 immh:4 immb:3 00000 1 rn:5 rd:5',
      (f) => (f.immh === 0 || f.immh & 8 ? null : { q: f.q, code: code(f, 128 / wide(f)), d: V(f.rd), n: V(f.rn) }),
      (b, o) => b.setV(o.d, intoHalf(b, o.q, callLanes(b, o.code, vec(b, o.n)), vec(b, o.d))),
      { asm: (f) => line(f.q ? `${mnemonic}2` : mnemonic, vn(f.rd, sizeAt(f.immh), f.q), vn(f.rn, wide(f), 1), `#${right(f)}`) },
    ),
    row(
      `${name} (scalar)`,
      ref,
      `01 ${u} 111110 immh:4 immb:3 ${opcode} 1 rn:5 rd:5` as '01 0 111110 immh:4 immb:3 00000 1 rn:5 rd:5',
      (f) => (f.immh === 0 || f.immh & 8 ? null : { code: code(f, 1), d: V(f.rd), n: V(f.rn) }),
      (b, o) => b.setV(o.d, callLanes(b, o.code, vec(b, o.n))),
      { asm: (f) => line(mnemonic, fn(f.rd, sizeAt(f.immh)), fn(f.rn, wide(f)), `#${right(f)}`) },
    ),
  ];
}

/** SHRN and RSHRN: no saturation, so a shift and the even lanes of it. */
function narrow(name: string, ref: string, opcode: string, rounded: boolean): Row {
  const mnemonic = name.toLowerCase();
  return row(
    `${name}, ${name}2`,
    ref,
    `0 q:1 0 011110 immh:4 immb:3 ${opcode} 1 rn:5 rd:5` as '0 q:1 0 011110 immh:4 immb:3 00000 1 rn:5 rd:5',
    (f) => (f.immh === 0 || f.immh & 8 ? null : { size: sizeAt(f.immh), q: f.q, amount: imm32(right(f)), d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const wide = (rounded ? shiftRightRounded(true) : shiftRight(true))(b, 2 * o.size, vec(b, o.n), o.amount, vec(b, o.d));
      const lanes = 64 / o.size;
      const zero = splat(b, 64, 0n);
      const low = shuffleLanes(
        b,
        o.size,
        wide,
        zero,
        times(2 * lanes, (i) => (i < lanes ? 2 * i : 2 * lanes)),
      );
      b.setV(o.d, intoHalf(b, o.q, low, vec(b, o.d)));
    },
    { asm: (f) => line(f.q ? `${mnemonic}2` : mnemonic, vn(f.rd, sizeAt(f.immh), f.q), vn(f.rn, 2 * sizeAt(f.immh), 1), `#${right(f)}`) },
  );
}

/** SSHLL, USHLL; without a shift it is SXTL, UXTL. */
function long(u: number, ref: string): Row {
  const name = u ? 'USHLL' : 'SSHLL';
  return row(
    `${name}, ${name}2`,
    ref,
    `0 q:1 ${u} 011110 immh:4 immb:3 10100 1 rn:5 rd:5` as '0 q:1 0 011110 immh:4 immb:3 10100 1 rn:5 rd:5',
    (f) => (f.immh === 0 || f.immh & 8 ? null : { size: sizeAt(f.immh), q: f.q, amount: imm32(left(f)), d: V(f.rd), n: V(f.rn) }),
    (b, o) => {
      const wide = shape(2 * o.size);
      const extended = b.op(`${wide}.extend_${o.q ? 'high' : 'low'}_${shape(o.size)}_${u ? 'u' : 's'}`, vec(b, o.n));
      b.setV(o.d, b.op(`${wide}.shl`, extended, o.amount));
    },
    {
      asm: (f) => {
        const none = left(f) === 0;
        const mnemonic = (none ? (u ? 'uxtl' : 'sxtl') : name.toLowerCase()) + (f.q ? '2' : '');
        return line(mnemonic, vn(f.rd, 2 * sizeAt(f.immh), 1), vn(f.rn, sizeAt(f.immh), f.q), ...(none ? [] : [`#${left(f)}`]));
      },
    },
  );
}

export const SIMD_SHIFT_ROWS: readonly Row[] = [
  ...shift('SSHR', 'C7.2.324', 0, '00000', right, shiftRight(false)),
  ...shift('USHR', 'C7.2.402', 1, '00000', right, shiftRight(true)),
  ...shift('SSRA', 'C7.2.325', 0, '00010', right, accumulated(shiftRight(false))),
  ...shift('USRA', 'C7.2.404', 1, '00010', right, accumulated(shiftRight(true))),
  ...shift('SRSHR', 'C7.2.321', 0, '00100', right, shiftRightRounded(false)),
  ...shift('URSHR', 'C7.2.398', 1, '00100', right, shiftRightRounded(true)),
  ...shift('SRSRA', 'C7.2.322', 0, '00110', right, accumulated(shiftRightRounded(false))),
  ...shift('URSRA', 'C7.2.400', 1, '00110', right, accumulated(shiftRightRounded(true))),
  ...shift('SRI', 'C7.2.319', 1, '01000', right, insertRight),
  ...shift('SHL', 'C7.2.257', 0, '01010', left, (b, size, x, n) => b.op(`${shape(size)}.shl`, x, n)),
  ...shift('SLI', 'C7.2.262', 1, '01010', left, insertLeft),
  ...saturatingLeft('SQSHLU', 'C7.2.307', 1, '01100', 512),
  ...saturatingLeft('SQSHL (immediate)', 'C7.2.304', 0, '01110', 0),
  ...saturatingLeft('UQSHL (immediate)', 'C7.2.387', 1, '01110', 256 | 512),
  narrow('SHRN', 'C7.2.260', '10000', false),
  narrow('RSHRN', 'C7.2.244', '10001', true),
  ...saturatingNarrow('SQSHRUN', 'C7.2.309', 1, '10000', 512),
  ...saturatingNarrow('SQRSHRUN', 'C7.2.303', 1, '10001', 512 | 1024),
  ...saturatingNarrow('SQSHRN', 'C7.2.308', 0, '10010', 0),
  ...saturatingNarrow('UQSHRN', 'C7.2.390', 1, '10010', 256 | 512),
  ...saturatingNarrow('SQRSHRN', 'C7.2.302', 0, '10011', 1024),
  ...saturatingNarrow('UQRSHRN', 'C7.2.386', 1, '10011', 256 | 512 | 1024),
  long(0, 'C7.2.323'),
  long(1, 'C7.2.401'),
];
