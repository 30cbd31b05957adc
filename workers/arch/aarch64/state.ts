// The architectural state of one AArch64 CPU as the engine sees it (EL0). Checkpoints, digests and register panels read these rows.
import { type Both, type Dst, Reg, type Src } from '../../rows/operands.ts';
import { layoutState } from '../../rows/state-layout.ts';

export const AARCH64_STATE = layoutState([
  /** X0..X30, then SP. */
  ['x', 'u64', 32],
  /** Reads of XZR; always 0. */
  ['zero', 'u64'],
  /** Writes of XZR; means nothing and is 0 between runs. */
  ['sink', 'u64'],
  ['pc', 'u64'],
  /** N=8 Z=4 C=2 V=1. */
  ['nzcv', 'u32'],
  ['fpcr', 'u32'],
  ['fpsr', 'u32'],
  /** The exclusive monitor: bytes of the access it was set by, 0 when open. */
  ['exclusiveSize', 'u32'],
  ['exclusiveAddress', 'u64'],
  ['exclusiveLo', 'u64'],
  ['exclusiveHi', 'u64'],
  ['tpidr_el0', 'u64'],
  ['tpidrro_el0', 'u64'],
  ['v', 'v128', 32],
]);

export const FIELDS = AARCH64_STATE.fields;

const at = (field: { offset: number }, index: number, size: number, byte = 0): Reg => new Reg(field.offset + index * size + byte);
const general = Array.from({ length: 32 }, (_, n) => at(FIELDS.x, n, 8));
const sources = general.map((r, n) => (n === 31 ? at(FIELDS.zero, 0, 8) : r));
const sinks = general.map((r, n) => (n === 31 ? at(FIELDS.sink, 0, 8) : r));
const vectors = Array.from({ length: 32 }, (_, n) => at(FIELDS.v, n, 16));

/** Xn or Wn as a source; 31 is ZR. */
export const X = (n: number): Src => sources[n] as Src;
/** Xn or Wn as a destination; 31 discards. */
export const Xd = (n: number): Dst => sinks[n] as Dst;
/** Xn where 31 is SP. */
export const XSP = (n: number): Both => general[n] as Both;
/** Vn. */
export const V = (n: number): Both => vectors[n & 31] as Both;
/** The bytes of Vn from `byte` on, as a source: an element chosen at decode time is then an ordinary register operand. */
export const VE = (n: number, byte: number): Src => at(FIELDS.v, n, 16, byte) as Src;
