// The layout of kernel text: which word of guest memory belongs to which function and label. Words are UDF #index ("perform the pending
// step"), entry NOPs and RET; they are written to guest memory at power-on, where they can be disassembled and patched.
import { assert } from '../../base/assert.ts';
import { VECTOR } from '../../arch/aarch64/exceptions.ts';
import type { Fn, Labels, Op } from './step.ts';

/** 0xffff800080000000, the arm64 kernel image with 48-bit addresses; signed reading. */
export const KERNEL_TEXT = -0x7fff_8000_0000;
/** 0xffff000000000000: physical memory, one to one. */
export const LINEAR_MAP = -0x1_0000_0000_0000;

const NOP = 0xd503201f;
const RET = 0xd65f03c0;
const ERET = 0xd69f03e0;

export type WordRole = 'entry' | 'pro' | 'label' | 'epi' | 'ret' | 'pad';

export interface PlacedFn {
  readonly fn: Fn;
  /** Word indices in kernel text. */
  readonly entry: number;
  readonly pro: number;
  readonly epi: number;
  readonly ret: number;
  readonly labels: Labels;
  /** Number of arguments the body takes. */
  readonly arity: number;
}

export interface KernelText {
  /** By word index; null: padding. */
  readonly owner: readonly (PlacedFn | null)[];
  readonly role: readonly WordRole[];
  readonly labelOf: readonly string[];
  /** Words to write at power-on. */
  readonly words: Uint32Array;
  readonly fns: ReadonlyMap<string, PlacedFn>;
  readonly ops: ReadonlyMap<string, Op>;
  /** Virtual address after the last word, rounded up to a page. */
  readonly end: number;
}

export const wordAddress = (index: number): number => KERNEL_TEXT + index * 4;
/** Word index of a kernel address; may be outside the text. */
export const wordIndex = (address: number): number => (address - KERNEL_TEXT) / 4;

/** Functions and ops exported by modules, by themselves or in arrays, in the order of the modules and of names within one. */
export function collect(modules: readonly object[]): { fns: Fn[]; ops: Op[] } {
  const fns: Fn[] = [];
  const ops: Op[] = [];
  for (const module of modules)
    for (const name of Object.keys(module).sort()) {
      const value = (module as Record<string, unknown>)[name];
      for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (typeof item !== 'object' || item === null || !('is' in item)) continue;
        if (item.is === 'fn' && !fns.includes(item as Fn)) fns.push(item as Fn);
        else if (item.is === 'op' && !ops.includes(item as Op)) ops.push(item as Op);
      }
    }
  return { fns, ops };
}

export function layoutText(fns: readonly Fn[], ops: readonly Op[]): KernelText {
  const owner: (PlacedFn | null)[] = [];
  const role: WordRole[] = [];
  const labelOf: string[] = [];
  const words: number[] = [];
  const placed = new Map<string, PlacedFn>();
  const put = (index: number, o: PlacedFn | null, r: WordRole, label: string, word: number): void => {
    owner[index] = o;
    role[index] = r;
    labelOf[index] = label;
    words[index] = word;
  };
  const place = (fn: Fn, at: number): number => {
    assert(!placed.has(fn.name), `kernel function ${fn.name} is defined once`);
    assert(new Set(fn.labels).size === fn.labels.length, `labels of ${fn.name} are different`);
    const labels: Record<string, number> = {};
    fn.labels.forEach((label, i) => {
      labels[label] = at + 2 + i;
    });
    const epi = at + 2 + fn.labels.length;
    const row: PlacedFn = { fn, entry: at, pro: at + 1, epi, ret: epi + 1, labels, arity: Math.max(0, fn.body.length - 2) };
    placed.set(fn.name, row);
    put(at, row, 'entry', 'entry', NOP);
    put(at + 1, row, 'pro', 'pro', at + 1);
    for (const label of fn.labels) put(labels[label]!, row, 'label', label, labels[label]!);
    put(epi, row, 'epi', 'epi', epi);
    put(epi + 1, row, 'ret', 'ret', fn.kind === 'vector' ? ERET : RET);
    return epi + 2;
  };
  for (const fn of fns)
    if (fn.vector >= 0) {
      const end = place(fn, fn.vector / 4);
      assert(end <= fn.vector / 4 + 32, `vector ${fn.name} fits its 32 words`);
    }
  let at = VECTOR.size / 4;
  for (const fn of fns) if (fn.vector < 0) at = (place(fn, at) + 3) & ~3;
  assert(at <= 0x10000, 'kernel text has at most 65536 words: UDF has 16 bits for the index');
  for (let i = 0; i < at; i++) if (words[i] === undefined) put(i, null, 'pad', '', NOP);
  const byName = new Map<string, Op>();
  for (const op of ops) {
    assert(!byName.has(op.name), `kernel op ${op.name} is defined once`);
    byName.set(op.name, op);
  }
  const size = Math.ceil((at * 4) / 4096) * 4096;
  return { owner, role, labelOf, words: Uint32Array.from(words), fns: placed, ops: byName, end: KERNEL_TEXT + size };
}
