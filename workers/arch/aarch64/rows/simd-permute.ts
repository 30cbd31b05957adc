// AdvSIMD rows that move lanes: zip, unzip, transpose, extract, table look-up.
import type { Builder, Val } from '../../../rows/builder.ts';
import { type Row, row } from '../../../rows/row.ts';
import { V } from '../state.ts';
import { line, setQ, shuffleLanes, splat, times, vec, vn } from './lanes.ts';

/** Element i of the result comes from element pick(i) of x (0..n-1) followed by y (n..2n-1). */
function permute(name: string, ref: string, opcode: string, pick: (i: number, n: number) => number): Row {
  const mnemonic = name.toLowerCase();
  return row(
    name,
    ref,
    `0 q:1 0 01110 size:2 0 rm:5 0 ${opcode} 10 rn:5 rd:5` as '0 q:1 0 01110 size:2 0 rm:5 0 000 10 rn:5 rd:5',
    (f) => (f.size === 3 && !f.q ? null : { size: 8 << f.size, q: f.q, d: V(f.rd), n: V(f.rn), m: V(f.rm) }),
    (b, o) => {
      const all = 128 / o.size;
      const n = o.q ? all : all / 2;
      // A half vector's elements are numbered without gaps; y starts at `all` in a shuffle.
      const at = (i: number): number => {
        const p = i < n ? pick(i, n) : 0;
        return p < n ? p : all + (p - n);
      };
      setQ(b, o.d, o.q, shuffleLanes(b, o.size, vec(b, o.n), vec(b, o.m), times(all, at)));
    },
    { asm: (f) => line(mnemonic, ...[f.rd, f.rn, f.rm].map((r) => vn(r, 8 << f.size, f.q))) },
  );
}

/** TBL and TBX: indexes beyond the table give zero or leave the lane. */
function table(name: 'TBL' | 'TBX', ref: string, op: number): Row {
  return row(
    name,
    ref,
    `0 q:1 001110 000 rm:5 0 len:2 ${op} 00 rn:5 rd:5` as '0 q:1 001110 000 rm:5 0 len:2 0 00 rn:5 rd:5',
    (f) => {
      const t = (i: number) => V((f.rn + Math.min(i, f.len)) % 32);
      return { len: f.len, q: f.q, d: V(f.rd), m: V(f.rm), t0: t(0), t1: t(1), t2: t(2), t3: t(3) };
    },
    (b, o) => {
      const index = vec(b, o.m);
      const tables = [o.t0, o.t1, o.t2, o.t3].slice(0, o.len + 1);
      let out: Val | undefined;
      tables.forEach((t, i) => {
        const part = b.op('i8x16.swizzle', vec(b, t), i === 0 ? index : b.op('i8x16.sub', index, splat(b, 8, BigInt(16 * i))));
        out = out === undefined ? part : b.op('v128.or', out, part);
      });
      const inside = (b: Builder): Val => b.op('i8x16.lt_u', index, splat(b, 8, BigInt(16 * (o.len + 1))));
      setQ(b, o.d, o.q, name === 'TBL' ? out! : b.op('v128.bitselect', out!, vec(b, o.d), inside(b)));
    },
    {
      asm: (f) => {
        const last = (f.rn + f.len) % 32;
        const list =
          f.len === 0
            ? `v${f.rn}.16b`
            : f.len === 1 || last < f.rn
              ? times(f.len + 1, (i) => (f.rn + i) % 32)
                  .map((r) => `v${r}.16b`)
                  .join(', ')
              : `v${f.rn}.16b-v${last}.16b`;
        return line(name.toLowerCase(), vn(f.rd, 8, f.q), `{${list}}`, vn(f.rm, 8, f.q));
      },
    },
  );
}

export const SIMD_PERMUTE_ROWS: readonly Row[] = [
  permute('UZP1', 'C7.2.408', '001', (i, n) => (2 * i) % (2 * n)),
  permute('UZP2', 'C7.2.409', '101', (i, n) => (2 * i + 1) % (2 * n)),
  permute('TRN1', 'C7.2.352', '010', (i, n) => (i % 2 === 0 ? i : n + i - 1)),
  permute('TRN2', 'C7.2.353', '110', (i, n) => (i % 2 === 0 ? i + 1 : n + i)),
  permute('ZIP1', 'C7.2.412', '011', (i, n) => (i % 2 === 0 ? i >> 1 : n + (i >> 1))),
  permute('ZIP2', 'C7.2.413', '111', (i, n) => (i % 2 === 0 ? n / 2 + (i >> 1) : n + n / 2 + (i >> 1))),
  row(
    'EXT',
    'C7.2.37',
    '0 q:1 10 1110 000 rm:5 0 imm4:4 0 rn:5 rd:5',
    (f) => (!f.q && f.imm4 > 7 ? null : { q: f.q, from: f.imm4, d: V(f.rd), n: V(f.rn), m: V(f.rm) }),
    (b, o) => {
      const bytes = times(16, (i) => (o.q ? o.from + i : i < 8 ? (o.from + i < 8 ? o.from + i : 16 + o.from + i - 8) : 0));
      setQ(b, o.d, o.q, b.shuffle(vec(b, o.n), vec(b, o.m), bytes));
    },
    { asm: (f) => line('ext', ...[f.rd, f.rn, f.rm].map((r) => vn(r, 8, f.q)), `#${f.imm4}`) },
  ),
  table('TBL', 'C7.2.350', 0),
  table('TBX', 'C7.2.351', 1),
];
