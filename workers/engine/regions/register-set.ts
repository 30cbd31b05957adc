// The registers a region keeps in locals while it runs, as sets: X0..X30 and SP, V0..V31, the flags. What else a CPU's state has stays in
// memory.
import { FIELDS } from '../../arch/aarch64/state.ts';
import type { Effect } from '../../rows/builder.ts';
import type { Reg } from '../../rows/operands.ts';
import type { Val } from '../../rows/val.ts';

/** A set of registers: bits of the general registers, of the vector registers, and 1 for the flags. */
export class RegisterSet {
  x = 0;
  v = 0;
  flags = 0;

  /** Adds another set; true when that changed something. */
  add(other: RegisterSet): boolean {
    const { x, v, flags } = this;
    this.x |= other.x;
    this.v |= other.v;
    this.flags |= other.flags;
    return x !== this.x || v !== this.v || flags !== this.flags;
  }

  addWithout(other: RegisterSet, without: RegisterSet): boolean {
    const { x, v, flags } = this;
    this.x |= other.x & ~without.x;
    this.v |= other.v & ~without.v;
    this.flags |= other.flags & ~without.flags;
    return x !== this.x || v !== this.v || flags !== this.flags;
  }

  get size(): number {
    const count = (bits: number): number => {
      let n = 0;
      for (let b = bits >>> 0; b !== 0; b = (b & (b - 1)) >>> 0) n++;
      return n;
    };
    return count(this.x) + count(this.v) + this.flags;
  }
}

export type Place =
  | { readonly k: 'x'; readonly n: number }
  | { readonly k: 'v'; readonly n: number; readonly byte: number }
  | { readonly k: 'zero' | 'sink' };

const inside = (offset: number, field: { readonly offset: number }, bytes: number): boolean =>
  offset >= field.offset && offset < field.offset + bytes;

/** Where a register operand is, `offset` bytes into it. */
export function placeOf(reg: Reg, offset: number): Place {
  const at = reg.offset + offset;
  if (inside(at, FIELDS.v, 512)) return { k: 'v', n: (at - FIELDS.v.offset) >> 4, byte: (at - FIELDS.v.offset) & 15 };
  if (inside(at, FIELDS.x, 256)) return { k: 'x', n: (at - FIELDS.x.offset) >> 3 };
  return { k: at === FIELDS.zero.offset ? 'zero' : 'sink' };
}

/** What an instruction does to registers. */
export interface RegisterUse {
  /** Read before the instruction writes them. */
  readonly use: RegisterSet;
  /** Written, whatever happens. */
  readonly def: RegisterSet;
  /** Written, or perhaps. */
  readonly may: RegisterSet;
}

function put(set: RegisterSet, place: Place): void {
  if (place.k === 'x') set.x |= 1 << place.n;
  else if (place.k === 'v') set.v |= 1 << place.n;
}

export function registerUse(effects: readonly Effect[]): RegisterUse {
  const result: RegisterUse = { use: new RegisterSet(), def: new RegisterSet(), may: new RegisterSet() };
  const seen = new Set<Val>();
  const read = (v: Val | undefined): void => {
    if (v === undefined || seen.has(v)) return;
    seen.add(v);
    const { node } = v;
    if (node.k === 'reg') put(result.use, placeOf(node.reg, node.offset));
    else if (node.k === 'slot' && node.slot === FIELDS.nzcv) result.use.flags = 1;
    else if (node.k === 'op') for (const a of node.args) read(a);
  };
  const walk = (list: readonly Effect[], certain: boolean): void => {
    for (const e of list) {
      if ('value' in e) read(e.value);
      switch (e.k) {
        case 'probe':
          read(e.address);
          break;
        case 'load':
          read(e.vector);
          break;
        case 'helper':
          for (const a of e.args) read(a);
          break;
        case 'require':
        case 'branchIf':
          read(e.c);
          break;
        case 'cond':
          read(e.c);
          read(e.x);
          read(e.y);
          walk(e.then, false);
          walk(e.else, false);
          break;
        case 'set': {
          const place = placeOf(e.reg, e.offset);
          put(result.may, place);
          put(certain ? result.def : result.use, place);
          break;
        }
        case 'write':
          if (e.slot !== FIELDS.nzcv) break;
          result.may.flags = 1;
          if (certain) result.def.flags = 1;
          else result.use.flags = 1;
          break;
        default:
      }
    }
  };
  walk(effects, true);
  return result;
}

const VECTOR_LOADS: Readonly<Record<string, number>> = {
  'i32.load8_u': 1,
  'i32.load16_u': 2,
  'i32.load': 4,
  'i64.load': 8,
  'f32.load': 4,
  'f64.load': 8,
  'v128.load': 16,
};
const GENERAL_LOADS: readonly string[] = ['i32.load', 'i64.load'];

/** Whether a region can hold this instruction: it goes on in the program, and its registers are read and written in ways locals can be. */
export function liftable(effects: readonly Effect[]): boolean {
  const seen = new Set<Val>();
  const readable = (v: Val | undefined): boolean => {
    if (v === undefined || seen.has(v)) return true;
    seen.add(v);
    const { node } = v;
    if (node.k === 'op') return node.args.every(readable);
    if (node.k !== 'reg') return true;
    const place = placeOf(node.reg, node.offset);
    if (place.k !== 'v') return place.k !== 'sink' && GENERAL_LOADS.includes(node.op);
    const bytes = VECTOR_LOADS[node.op];
    return bytes !== undefined && place.byte % bytes === 0;
  };
  const walk = (list: readonly Effect[], top: boolean): boolean =>
    list.every((e) => {
      if ('value' in e && !readable(e.value)) return false;
      switch (e.k) {
        case 'probe':
          return readable(e.address);
        case 'load':
          return readable(e.vector);
        case 'helper':
          return e.args.every(readable);
        case 'require':
          return readable(e.c);
        case 'cond':
          return readable(e.c) && readable(e.x) && readable(e.y) && walk(e.then, false) && walk(e.else, false);
        case 'set': {
          const place = placeOf(e.reg, e.offset);
          if (place.k === 'v')
            return e.op === 'v128.store' ? place.byte === 0 : e.op === 'i64.store' && (place.byte === 0 || e.offset === 8);
          return place.k !== 'zero' && e.op === 'i64.store';
        }
        case 'goto':
        case 'jump':
          return top;
        case 'branchIf':
          return top && readable(e.c);
        case 'raise':
        case 'trap':
          return false;
        default:
          return true;
      }
    });
  return walk(effects, true);
}
