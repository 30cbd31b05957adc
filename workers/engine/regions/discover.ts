// Finds what to translate on a code page: blocks among the predecoded entries, grouped by the branches between them (calls apart), so
// that a group is about a function. Reads entries and memory only.
import { Builder, type Effect } from '../../rows/builder.ts';
import { Imm32, Imm64 } from '../../rows/operands.ts';
import { coerce } from '../../rows/val.ts';
import * as block from '../cpu-block.ts';
import type { CodePage } from '../code-pages.ts';
import type { Handler, HandlerSet } from '../handlers.ts';
import { type RegisterUse, liftable, registerUse } from './register-set.ts';

export interface Instruction {
  readonly effects: readonly Effect[];
  readonly registers: RegisterUse;
}

/** Where a block goes: to a word of the page (1024: to the next page) or elsewhere. */
export interface RegionBlock {
  /** Word index of its first instruction. */
  readonly start: number;
  readonly instructions: readonly Instruction[];
  /** Execution may arrive here from outside of the region. */
  readonly entry: boolean;
}

export interface RegionPlan {
  readonly page: CodePage;
  /** By `start`. */
  readonly blocks: readonly RegionBlock[];
}

interface Shape {
  readonly ends: boolean;
  readonly control: 'none' | 'goto' | 'branch' | 'jump';
  /** Position of a near target in the entry, -1: none. */
  readonly near: number;
  readonly call: boolean;
}

const CALLS: readonly string[] = ['BL', 'BLR'];
/** A region has no more instructions than this. */
const MOST_INSTRUCTIONS = 1024;
/** A block has no more instructions than this: what is left of a budget goes to the interpreter. */
const LONGEST_BLOCK = 64;

export class Discovery {
  private readonly handlers: HandlerSet;
  private readonly view: DataView;
  private readonly ramBase: number;
  private readonly shapes = new Map<Handler, Shape>();

  constructor(memory: ArrayBuffer, ramBase: number, handlers: HandlerSet) {
    this.view = new DataView(memory);
    this.ramBase = ramBase;
    this.handlers = handlers;
  }

  private shape(handler: Handler): Shape {
    const known = this.shapes.get(handler);
    if (known !== undefined) return known;
    let control: Shape['control'] = 'none';
    let near = -1;
    for (const e of handler.effects) {
      if (e.k === 'goto' || e.k === 'branchIf') {
        control = e.k === 'goto' ? 'goto' : 'branch';
        if (e.to.near) near = e.to.field;
      } else if (e.k === 'jump') control = 'jump';
    }
    const shape = { ends: handler.row.ends, control, near, call: CALLS.includes(handler.row.name) };
    this.shapes.set(handler, shape);
    return shape;
  }

  /** The handler of a predecoded row; undefined where there is none or a stop. */
  private handlerAt(page: CodePage, index: number): Handler | undefined {
    const at = page.base + index * block.ENTRY_SIZE;
    const number = this.view.getUint16(at, true);
    const own = number >= block.FIRST_REGION ? this.view.getUint16(at + block.ENTRY_OWN, true) : number;
    return this.handlers.handlers[own];
  }

  /** The instruction at a word as a region needs it, or undefined when a region cannot hold it. */
  private instruction(page: CodePage, index: number): Instruction | undefined {
    const word = this.view.getUint32(this.ramBase + page.pfn * 4096 + index * 4, true);
    const d = this.handlers.decoder.decode(word, (BigInt(page.vaHi) << 32n) | BigInt(page.vaLo + index * 4));
    if (d === null) return undefined;
    const given: Record<string, unknown> = {};
    for (const name of Object.keys(d.operands)) {
      const o = d.operands[name]!;
      given[name] = o instanceof Imm64 ? coerce('i64', o.value) : o instanceof Imm32 ? coerce('i32', o.value) : o;
    }
    const b = new Builder();
    d.row.semantics(b, given as Readonly<Record<string, never>>);
    return liftable(b.effects) ? { effects: b.effects, registers: registerUse(b.effects) } : undefined;
  }

  /** The groups that hold at least one of the words in `wanted`. Words in `fences` are left to the interpreter. */
  plan(page: CodePage, wanted: Iterable<number>, fences: ReadonlySet<number>): RegionPlan[] {
    const shapes: (Shape | undefined)[] = [];
    for (let i = 0; i < 1024; i++) {
      const handler = fences.has(i) || page.stopped.has(i) ? undefined : this.handlerAt(page, i);
      shapes.push(handler && this.shape(handler));
    }
    const targetOf = (i: number): number => {
      const s = shapes[i];
      return s === undefined || s.near < 0
        ? -1
        : (this.view.getUint32(page.base + i * block.ENTRY_SIZE + s.near, true) - page.base) / block.ENTRY_SIZE;
    };
    // Groups: words joined by going on and by branches.
    const group = Array.from({ length: 1024 }, (_, i) => i);
    const find = (i: number): number => {
      let root = i;
      while (group[root] !== root) root = group[root]!;
      group[i] = root;
      return root;
    };
    const join = (a: number, b: number): void => {
      if (b < 0 || b >= 1024 || shapes[b] === undefined) return;
      group[find(b)] = find(a);
    };
    shapes.forEach((s, i) => {
      if (s === undefined) return;
      if (s.control === 'none' || s.control === 'branch' || s.call) join(i, i + 1);
      if (!s.call) join(i, targetOf(i));
    });
    const chosen = new Set<number>();
    for (const i of wanted) if (shapes[i] !== undefined) chosen.add(find(i));
    const members = new Map<number, number[]>();
    shapes.forEach((s, i) => {
      const root = find(i);
      if (s === undefined || !chosen.has(root)) return;
      const list = members.get(root);
      if (list === undefined) members.set(root, [i]);
      else list.push(i);
    });
    const warm = new Set(wanted);
    return [...members.values()].flatMap((words) => this.group(page, words.slice(0, MOST_INSTRUCTIONS), shapes, targetOf, warm));
  }

  private group(
    page: CodePage,
    words: readonly number[],
    shapes: readonly (Shape | undefined)[],
    targetOf: (i: number) => number,
    warm: ReadonlySet<number>,
  ): RegionPlan[] {
    const instructions = new Map<number, Instruction>();
    for (const i of words) {
      const instruction = this.instruction(page, i);
      if (instruction !== undefined) instructions.set(i, instruction);
    }
    // Words where a block starts; of those, the ones that are entered from outside.
    const starts = new Set<number>();
    const entries = new Set<number>();
    const inside = new Set<number>();
    for (const i of words) {
      const s = shapes[i]!;
      const to = s.call ? -1 : targetOf(i);
      if (to >= 0) {
        starts.add(to);
        inside.add(to);
        if (to <= i) entries.add(to);
      }
      if (s.ends) starts.add(i + 1);
      if (s.control === 'branch') inside.add(i + 1);
      if (s.call) entries.add(i + 1);
      const before = shapes[i - 1];
      if (before === undefined || !instructions.has(i - 1)) {
        starts.add(i);
        entries.add(i);
      } else if (before.ends && !inside.has(i)) starts.add(i);
    }
    const blocks: RegionBlock[] = [];
    for (let at = 0; at < words.length; ) {
      const start = words[at]!;
      if (!instructions.has(start)) {
        at++;
        continue;
      }
      const body: Instruction[] = [];
      for (let i = start; instructions.has(i) && body.length < LONGEST_BLOCK; i++) {
        if (i > start && starts.has(i)) break;
        body.push(instructions.get(i)!);
        at++;
        if (shapes[i]!.ends) break;
      }
      const warmed = body.some((_, k) => warm.has(start + k));
      blocks.push({ start, instructions: body, entry: entries.has(start) || !inside.has(start) || warmed });
    }
    return blocks.length === 0 ? [] : [{ page, blocks }];
  }
}
