// The handlers of tier 0: one per row and combination of static operands, made when first met. Also says how an entry is laid out.
// Compiled modules are independent of any machine: engines may share a HandlerSet.
import { Builder, type Effect, type Helper } from '../rows/builder.ts';
import type { Decoder } from '../rows/decoder.ts';
import { Imm32, Imm64, type Operand, type Operands, Reg, To } from '../rows/operands.ts';
import type { Row } from '../rows/row.ts';
import type { StateField } from '../rows/state-layout.ts';
import { Val } from '../rows/val.ts';
import { FunctionBuilder } from '../wasm/function.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as block from './cpu-block.ts';
import { InterpreterLowering } from './interpreter-lowering.ts';
import { buildInterpreter } from './interpreter.ts';
import { HANDLER_PARAMS, HANDLER_RESULTS, functionFrame, importRuntime } from './runtime.ts';

type Kind = 'reg' | 'i32' | 'i64' | 'near' | 'far';
const SIZE: Record<Kind, number> = { reg: 2, i32: 4, i64: 8, near: 4, far: 8 };

export interface EntryField {
  readonly name: string;
  readonly kind: Kind;
  /** Byte offset in the entry. */
  readonly at: number;
}

export interface Handler {
  /** Its index in the table and in entries. */
  readonly number: number;
  readonly row: Row;
  readonly key: string;
  readonly fields: readonly EntryField[];
  readonly effects: readonly Effect[];
}

/** A compiled batch: the exports are named by handler number. */
export interface HandlerModule {
  readonly module: WebAssembly.Module;
  readonly numbers: readonly number[];
  readonly helpers: readonly Helper[];
}

const kindOf = (v: Operand, pageLo: number, pageHi: number): Kind | undefined => {
  if (typeof v !== 'object') return undefined;
  if (v instanceof Reg) return 'reg';
  if (v instanceof Imm64) return 'i64';
  if (v instanceof Imm32) return 'i32';
  const lo = Number(v.address & 0xfffff000n);
  const hi = Number(v.address >> 32n);
  return lo === pageLo && hi === pageHi ? 'near' : 'far';
};

/** Places the dynamic operands in the 32 bytes of an entry; the handler number is at 0, its own one at 2 when a region took its place. */
function layout(operands: Operands, pageLo: number, pageHi: number): EntryField[] {
  const taken = new Uint8Array(block.ENTRY_SIZE);
  taken.fill(1, 0, block.ENTRY_OWN + 2);
  const fields: EntryField[] = [];
  for (const name of Object.keys(operands)) {
    const kind = kindOf(operands[name]!, pageLo, pageHi);
    if (kind === undefined) continue;
    const size = SIZE[kind];
    let at = 0;
    while (taken.subarray(at, at + size).includes(1)) at += size;
    if (at + size > block.ENTRY_SIZE) throw new Error('Trapline defect: the operands of an instruction do not fit an entry');
    taken.fill(1, at, at + size);
    fields.push({ name, kind, at });
  }
  return fields;
}

function record(row: Row, operands: Operands, fields: readonly EntryField[]): readonly Effect[] {
  const given: Record<string, unknown> = { ...operands };
  for (const { name, kind, at } of fields) {
    const o = operands[name];
    if (o instanceof Reg) given[name] = new Reg(o.offset, at);
    else if (o instanceof Imm64) given[name] = new Val('i64', { k: 'field', field: at, value: o.value });
    else if (o instanceof Imm32) given[name] = new Val('i32', { k: 'field', field: at, value: o.value });
    else if (o instanceof To) given[name] = new To(o.address, at, kind === 'near');
  }
  const b = new Builder();
  row.semantics(b, given as Readonly<Record<string, never>>);
  return b.effects;
}

function helpersOf(effects: readonly Effect[], into: Set<Helper>): void {
  for (const e of effects) {
    if (e.k === 'helper') into.add(e.helper);
    else if (e.k === 'cond') {
      helpersOf(e.then, into);
      helpersOf(e.else, into);
    }
  }
}

export class HandlerSet {
  readonly decoder: Decoder;
  readonly pc: StateField;
  /** Index = handler number; the first four are not rows. */
  readonly handlers: (Handler | undefined)[] = [];
  /** Modules to instantiate, in order; the first is the interpreter. */
  readonly modules: HandlerModule[] = [];
  private readonly byKey = new Map<string, Handler>();
  private readonly rowNumbers = new Map<Row, number>();
  private pending: Handler[] = [];

  /** `hot`: pairs of word and pc whose handlers are arms of the interpreter's loop. */
  constructor(decoder: Decoder, pc: StateField, hot: readonly number[]) {
    this.decoder = decoder;
    this.pc = pc;
    decoder.rows.forEach((row, index) => this.rowNumbers.set(row, index));
    for (let i = 0; i < block.FIRST_ROW_HANDLER; i++) this.handlers.push(undefined);
    for (let i = 0; i < hot.length; i += 2) {
      const pc = hot[i + 1]!;
      const d = decoder.decode(hot[i]!, BigInt(pc));
      if (d !== null) this.handler(d.row, d.operands, pc & 0xfffff000, 0);
    }
    const inline = this.pending;
    this.pending = [];
    const helpers = new Set<Helper>();
    for (const h of inline) helpersOf(h.effects, helpers);
    this.modules.push({ module: new WebAssembly.Module(buildInterpreter(inline, helpers, pc)), numbers: [], helpers: [...helpers] });
  }

  /** The handler of a decoded instruction on the page at (pageLo, pageHi). It can run after the next `compile`. */
  handler(row: Row, operands: Operands, pageLo: number, pageHi: number): Handler {
    let key = String(this.rowNumbers.get(row));
    for (const name in operands) {
      const v = operands[name]!;
      key += typeof v === 'object' ? ` ${kindOf(v, pageLo >>> 0, pageHi)}` : ` ${v}`;
    }
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const fields = layout(operands, pageLo >>> 0, pageHi);
    const handler: Handler = { number: this.handlers.length, row, key, fields, effects: record(row, operands, fields) };
    this.handlers.push(handler);
    this.byKey.set(key, handler);
    this.pending.push(handler);
    return handler;
  }

  /** Compiles what `handler` made since the last time, as one module. */
  compile(): void {
    if (this.pending.length === 0) return;
    const batch = this.pending;
    this.pending = [];
    const helpers = new Set<Helper>();
    for (const h of batch) helpersOf(h.effects, helpers);
    const m = new ModuleBuilder();
    const runtime = importRuntime(m, helpers);
    for (const h of batch) {
      const f = new FunctionBuilder(HANDLER_PARAMS, HANDLER_RESULTS);
      new InterpreterLowering(f, functionFrame(f, runtime, this.pc)).lower(h.effects);
      f.unreachable();
      m.add(f, String(h.number));
    }
    this.modules.push({ module: new WebAssembly.Module(m.finish()), numbers: batch.map((h) => h.number), helpers: [...helpers] });
  }
}
