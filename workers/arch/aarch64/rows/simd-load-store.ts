// LD1..LD4 and ST1..ST4: multiple structures, single structures and replicating loads, without and with post-index.
import type { Builder, Mem, Val } from '../../../rows/builder.ts';
import { type Both, imm } from '../../../rows/operands.ts';
import { type Row, row } from '../../../rows/row.ts';
import { V, X, XSP } from '../state.ts';
import { arrangement, LETTER, line, shuffleLanes, splat, times, vec, xn, xspn } from './lanes.ts';

/** opcode of the multiple-structure group: registers and elements per structure. */
const MULTIPLE: Readonly<Record<number, readonly [registers: number, structure: number]>> = {
  0b0000: [4, 4],
  0b0010: [4, 1],
  0b0100: [3, 3],
  0b0110: [3, 1],
  0b0111: [1, 1],
  0b1000: [2, 2],
  0b1010: [2, 1],
};

interface Registers {
  readonly r0: Both;
  readonly r1: Both;
  readonly r2: Both;
  readonly r3: Both;
}
/** Consecutive registers, wrapping; unused ones repeat the last, so that the operands always have the same shape. */
function registers(rt: number, count: number): Registers {
  const at = (i: number): Both => V((rt + Math.min(i, count - 1)) % 32);
  return { r0: at(0), r1: at(1), r2: at(2), r3: at(3) };
}
const listOf = (o: Registers, count: number): Both[] => [o.r0, o.r1, o.r2, o.r3].slice(0, count);

/** Element i of register r of a structure of `n` is element i * n + r of memory; `words` hold memory in order. */
function deinterleave(b: Builder, size: number, n: number, q: number, words: readonly Val[], r: number): Val {
  const per = 128 / size;
  const lanes = q ? per : per / 2;
  const wanted = times(lanes, (i) => i * n + r);
  return gather(b, size, words, wanted);
}

/** A vector whose element i is element wanted[i] of the concatenation of `words`; elements not wanted are zero. */
function gather(b: Builder, size: number, words: readonly Val[], wanted: readonly number[]): Val {
  const per = 128 / size;
  const zero = splat(b, 64, 0n);
  let out = zero;
  words.forEach((word, w) => {
    if (!wanted.some((e) => Math.floor(e / per) === w)) return;
    out = shuffleLanes(
      b,
      size,
      out,
      word,
      times(per, (i) => {
        const e = wanted[i];
        return e !== undefined && Math.floor(e / per) === w ? per + (e % per) : i;
      }),
    );
  });
  return out;
}

function list(rt: number, count: number, suffix: string): string {
  const names = times(count, (i) => (rt + i) % 32).map((r) => `v${r}.${suffix}`);
  return count > 2 && rt + count <= 32 ? `{${names[0]}-${names.at(-1)}}` : `{${names.join(', ')}}`;
}

/** Post-index: by a register, or (31) by the bytes transferred. */
function advance(b: Builder, post: number, base: Both, by: Val): void {
  if (post) b.set(base, b.get(base).add(by));
}
const postText = (post: boolean, rm: number, bytes: number): string[] => (post ? [rm === 31 ? `#${bytes}` : xn(rm, 1)] : []);

function multiple(post: boolean): Row {
  const bytesOf = (f: { q: number; opcode: number }): number => MULTIPLE[f.opcode]![0] * (f.q ? 16 : 8);
  return row(
    `LD1-LD4, ST1-ST4 (multiple structures${post ? ', post-index' : ''})`,
    'C7.2.188, C7.2.191, C7.2.194, C7.2.197, C7.2.328, C7.2.330, C7.2.332, C7.2.334',
    (post
      ? '0 q:1 001100 1 l:1 0 rm:5 opcode:4 size:2 rn:5 rt:5'
      : '0 q:1 001100 0 l:1 0 00000 opcode:4 size:2 rn:5 rt:5') as '0 q:1 001100 1 l:1 0 rm:5 opcode:4 size:2 rn:5 rt:5',
    (f) => {
      const form = MULTIPLE[f.opcode];
      if (form === undefined) return null;
      const [count, structure] = form;
      if (structure > 1 && f.size === 3 && !f.q) return null;
      // LD1 and ST1 of whole registers are the same for every lane size.
      const size = structure === 1 ? 64 : 8 << f.size;
      const by = post && f.rm === 31 ? 1 : 0;
      return {
        load: f.l,
        q: f.q,
        count,
        structure,
        size,
        unit: 1 << f.size,
        post: post ? (by ? 1 : 2) : 0,
        n: XSP(f.rn),
        m: X(post ? f.rm : 31),
        by: imm(bytesOf(f)),
        ...registers(f.rt, count),
      };
    },
    (b, o) => {
      const bytes = o.count * (o.q ? 16 : 8);
      const address = b.get(o.n);
      const mem = b.mem(address, bytes, { access: o.load ? 'r' : 'w', unit: o.unit });
      const regs = listOf(o, o.count);
      if (o.load) loadAll(b, mem, o.q, o.structure, o.size, regs, bytes);
      else storeAll(b, mem, o.q, o.structure, o.size, regs);
      advance(b, o.post, o.n, o.post === 2 ? b.get(o.m) : o.by);
    },
    {
      asm: (f) => {
        const [count, structure] = MULTIPLE[f.opcode]!;
        const suffix = f.size === 3 && !f.q ? '1d' : arrangement(8 << f.size, f.q);
        return line(`${f.l ? 'ld' : 'st'}${structure}`, list(f.rt, count, suffix), `[${xspn(f.rn)}]`, ...postText(post, f.rm, bytesOf(f)));
      },
    },
  );
}

function loadAll(b: Builder, mem: Mem, q: number, structure: number, size: number, regs: readonly Both[], bytes: number): void {
  if (structure === 1) {
    regs.forEach((r, i) => b.setV(r, mem.loadOp(q ? 'v128.load' : 'v128.load64_zero', i * (q ? 16 : 8))));
    return;
  }
  const words: Val[] = [];
  for (let at = 0; at < bytes; at += 16) words.push(mem.loadOp(bytes - at >= 16 ? 'v128.load' : 'v128.load64_zero', at));
  regs.forEach((r, i) => b.setV(r, deinterleave(b, size, structure, q, words, i)));
}

function storeAll(b: Builder, mem: Mem, q: number, structure: number, size: number, regs: readonly Both[]): void {
  const step = q ? 16 : 8;
  if (structure === 1) {
    regs.forEach((r, i) => (q ? mem.store(i * 16, 16, vec(b, r)) : mem.store(i * 8, 8, b.part(r, 'i64'))));
    return;
  }
  const per = 128 / size;
  const sources = regs.map((r) => vec(b, r));
  const total = regs.length * step;
  for (let at = 0; at < total; at += 16) {
    const elements = Math.min(16, total - at) / (size / 8);
    const wanted = times(elements, (i) => {
      const e = (at * 8) / size + i;
      return (e % structure) * per + Math.floor(e / structure);
    });
    const word = gather(b, size, sources, wanted);
    if (total - at >= 16) mem.store(at, 16, word);
    else mem.store(at, 8, b.lane('i64x2.extract_lane', 0, word));
  }
}

interface Single {
  readonly q: number;
  readonly r: number;
  readonly opcode: number;
  readonly s: number;
  readonly size: number;
  readonly l: number;
}
/** Of the single-structure group: elements per structure, lane size, lane; replicate when lane is null. */
function single(f: Single): { structure: number; size: number; lane: number | null } | null {
  const structure = ((f.opcode & 1) << 1) + f.r + 1;
  const index = f.q * 8 + f.s * 4 + f.size;
  switch (f.opcode >> 1) {
    case 0:
      return { structure, size: 8, lane: index };
    case 1:
      return f.size & 1 ? null : { structure, size: 16, lane: index >> 1 };
    case 2:
      if (f.size === 0) return { structure, size: 32, lane: index >> 2 };
      return f.size === 1 && f.s === 0 ? { structure, size: 64, lane: f.q } : null;
    default:
      return f.l && f.s === 0 ? { structure, size: 8 << f.size, lane: null } : null;
  }
}

function singles(post: boolean): Row {
  return row(
    `LD1-LD4, ST1-ST4, LD1R-LD4R (single structure${post ? ', post-index' : ''})`,
    'C7.2.189, C7.2.190, C7.2.192, C7.2.193, C7.2.195, C7.2.196, C7.2.198, C7.2.199, C7.2.329, C7.2.331, C7.2.333, C7.2.335',
    (post
      ? '0 q:1 001101 1 l:1 r:1 rm:5 opcode:3 s:1 size:2 rn:5 rt:5'
      : '0 q:1 001101 0 l:1 r:1 00000 opcode:3 s:1 size:2 rn:5 rt:5') as '0 q:1 001101 1 l:1 r:1 rm:5 opcode:3 s:1 size:2 rn:5 rt:5',
    (f) => {
      const form = single(f);
      if (form === null) return null;
      return {
        load: f.l,
        q: f.q,
        structure: form.structure,
        size: form.size,
        lane: form.lane ?? -1,
        post: post ? (f.rm === 31 ? 1 : 2) : 0,
        n: XSP(f.rn),
        m: X(post ? f.rm : 31),
        by: imm((form.structure * form.size) / 8),
        ...registers(f.rt, form.structure),
      };
    },
    (b, o) => {
      const unit = o.size / 8;
      const mem = b.mem(b.get(o.n), unit * o.structure, { access: o.load ? 'r' : 'w', unit });
      listOf(o, o.structure).forEach((r, i) => {
        if (!o.load) mem.storeLane(`v128.store${o.size}_lane`, i * unit, vec(b, r), o.lane);
        else if (o.lane >= 0) b.setV(r, mem.loadLane(`v128.load${o.size}_lane`, i * unit, vec(b, r), o.lane));
        else if (o.q) b.setV(r, mem.loadOp(`v128.load${o.size}_splat`, i * unit));
        else b.setScalar(r, b.lane('i64x2.extract_lane', 0, mem.loadOp(`v128.load${o.size}_splat`, i * unit)));
      });
      advance(b, o.post, o.n, o.post === 2 ? b.get(o.m) : o.by);
    },
    {
      asm: (f) => {
        const { structure, size, lane } = single(f)!;
        const tail = [`[${xspn(f.rn)}]`, ...postText(post, f.rm, (structure * size) / 8)];
        if (lane === null) {
          const suffix = size === 64 && !f.q ? '1d' : arrangement(size, f.q);
          return line(`ld${structure}r`, list(f.rt, structure, suffix), ...tail);
        }
        return line(`${f.l ? 'ld' : 'st'}${structure}`, `${list(f.rt, structure, LETTER[size]!)}[${lane}]`, ...tail);
      },
    },
  );
}

export const SIMD_LOAD_STORE_ROWS: readonly Row[] = [multiple(false), multiple(true), singles(false), singles(true)];
