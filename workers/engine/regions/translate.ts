// Writes a region as one WebAssembly function (cpu, ip, left) -> next entry, as a handler does: registers are loaded where execution
// enters and stored where it leaves. What the result means is in cpu-block.ts.
import type { FunctionBuilder } from '../../wasm/function.ts';
import * as block from '../cpu-block.ts';
import { FIELDS } from '../../arch/aarch64/state.ts';
import type { RegionPlan } from './discover.ts';
import { type Edge, type Exit, type FlowNode, edge, emitFlow } from './flow.ts';
import { kindOfFlags } from './flags.ts';
import { type Outcome, RegionLowering, type RegionRuntime } from './region-lowering.ts';
import { RegisterSet } from './register-set.ts';

const IP_PARAM = 1;
const LEFT_PARAM = 2;

export interface TranslateOptions {
  /** An access that the TLB does not answer calls the engine; otherwise it leaves, which keeps calls out of loops and registers in registers. */
  readonly callsSlow: boolean;
  /** Where the block of the only CPU is; undefined: there are several. */
  readonly cpuBase: number | undefined;
  /** Asks REGIONS_OFF. */
  readonly mayBeOff: boolean;
}

interface Facts {
  readonly use: RegisterSet;
  readonly def: RegisterSet;
  readonly may: RegisterSet;
  /** Perhaps written since the region was entered, at the end of the block. */
  readonly dirty: RegisterSet;
  readonly dirtyBefore: RegisterSet;
  readonly live: RegisterSet;
  /** Blocks that follow, by index. */
  readonly next: number[];
  /** Kind of the flags it leaves; undefined: that of its beginning. */
  readonly flags: number | undefined;
  /** Kind at its beginning: -1 not known, -2 not reached. */
  flagsBefore: number;
}

/** Writes the function's body. Returns the word indexes of its entries: ENTRY_IDS must hold their positions in this list. */
export function translateRegion(f: FunctionBuilder, plan: RegionPlan, runtime: RegionRuntime, options: TranslateOptions): number[] {
  const { page, blocks } = plan;
  const indexOf = new Map(blocks.map((b, i) => [b.start, i]));
  const base = (BigInt(page.vaHi) << 32n) | BigInt(page.vaLo);
  /** Word index of an address on this page (1024: the one after it), or undefined. */
  const wordOf = (address: bigint): number | undefined => {
    const distance = address - base;
    return distance >= 0n && distance < 4096n ? Number(distance) >>> 2 : undefined;
  };
  const facts = analyse(plan, indexOf, wordOf);
  const lowering = new RegionLowering(f, runtime, options);
  const entryOf = (word: number): number => page.base + word * block.ENTRY_SIZE;

  const nodes: FlowNode[] = [];
  const entries: number[] = [];
  const add = (node: FlowNode): number => nodes.push(node) - 1;

  const leave = (code: () => void): void => {
    lowering.cpu();
    f.get(lowering.left);
    f.memory('i32.store', block.LEFT);
    code();
    f.ret();
  };
  const exitNode = (i: number, code: () => void): Edge =>
    edge(
      add({
        exit: { k: 'none' },
        emit: () => {
          lowering.kind = kindAfter(facts[i]!);
          lowering.writeBack(facts[i]!.dirty);
          leave(code);
          return -1;
        },
      }),
    );
  const toEntry = (i: number, word: number): Edge => exitNode(i, () => f.i32(entryOf(word) | block.REGION_WENT_ON));
  /** The address (i64) is in the local: its entry by the fetch TLB, or by way of the engine. */
  const toAddress = (local: number): void => {
    const entry = f.local('i32');
    f.get(local);
    f.op('i32.wrap_i64');
    f.i32(8);
    f.op('i32.shr_u');
    f.i32((block.FETCH_ENTRIES - 1) * block.FETCH_ENTRY_SIZE);
    f.op('i32.and');
    lowering.cpu();
    f.op('i32.add');
    f.tee(entry);
    f.memory('i64.load', block.FETCH_TLB);
    f.get(local);
    f.i64(-4096n | 3n);
    f.op('i64.and');
    f.op('i64.eq');
    f.if();
    f.get(entry);
    f.memory('i32.load', block.FETCH_TLB + 8);
    f.get(local);
    f.op('i32.wrap_i64');
    f.i32(0xffc);
    f.op('i32.and');
    f.i32(3);
    f.op('i32.shl');
    f.op('i32.add');
    f.i32(block.REGION_WENT_ON);
    f.op('i32.or');
    f.ret();
    f.end();
    lowering.cpu();
    f.get(local);
    f.memory('i64.store', FIELDS.pc.offset);
    f.i32(block.REGION_LEFT + block.LEAVE_JUMP);
    f.release('i32', entry);
  };
  const far = f.local('i64');
  const to = (i: number, address: bigint): Edge => {
    const word = wordOf(address);
    if (word === undefined)
      return exitNode(i, () => {
        f.i64(BigInt.asIntN(64, address));
        f.set(far);
        toAddress(far);
      });
    const known = indexOf.get(word);
    return known === undefined ? toEntry(i, word) : edge(known);
  };

  // Block i is node i.
  blocks.forEach((b, i) => {
    const last = b.instructions.at(-1)!;
    const after = b.start + b.instructions.length;
    let exit: Exit | undefined;
    let outcome: Outcome = { k: 'next' };
    const emit = (): number => {
      const fact = facts[i]!;
      const count = b.instructions.length;
      lowering.kind = fact.flagsBefore;
      lowering.failKind = lowering.kind;
      const done = f.block();
      const failed = f.block();
      f.get(lowering.left);
      f.i32(count);
      f.op('i32.sub');
      f.tee(lowering.left);
      f.i32(0);
      f.op('i32.lt_s');
      f.if();
      f.get(lowering.left);
      f.i32(count);
      f.op('i32.add');
      f.set(lowering.left);
      f.i32(entryOf(b.start) | block.REGION_NO_BUDGET);
      f.set(lowering.code);
      f.br(failed);
      f.end();
      b.instructions.forEach((instruction, k) => {
        lowering.at(entryOf(b.start + k), count - k, failed);
        lowering.lower(instruction.effects);
      });
      outcome = lowering.outcome;
      f.br(done);
      f.end();
      lowering.kind = lowering.failKind;
      lowering.writeBack(fact.dirty);
      leave(() => {
        lowering.cpu();
        f.get(lowering.ip);
        f.memory('i32.store', block.IP);
        f.get(lowering.code);
      });
      f.end();
      return outcome.k === 'branch' ? outcome.local : -1;
    };
    const control = last.effects.find((e) => e.k === 'goto' || e.k === 'branchIf' || e.k === 'jump');
    const follow = (): Edge => {
      const known = indexOf.get(after);
      return known === undefined ? toEntry(i, after) : edge(known);
    };
    nodes[i] = {
      get exit() {
        if (exit !== undefined) return exit;
        if (control?.k === 'goto') exit = { k: 'goto', edge: to(i, control.to.address) };
        else if (control?.k === 'branchIf') exit = { k: 'branch', yes: to(i, control.to.address), no: follow() };
        else if (control?.k === 'jump') {
          exit = {
            k: 'goto',
            edge: exitNode(i, () => {
              if (outcome.k === 'jump') toAddress(outcome.local);
            }),
          };
        } else exit = { k: 'goto', edge: follow() };
        return exit;
      },
      emit,
    };
  });
  for (let i = 0; i < blocks.length; i++) void nodes[i]!.exit;
  const stubs = blocks.flatMap((b, i) => {
    if (!b.entry) return [];
    entries.push(b.start);
    return [
      edge(
        add({
          exit: { k: 'goto', edge: edge(i) },
          emit: () => {
            lowering.fetch(facts[i]!.live);
            return -1;
          },
        }),
      ),
    ];
  });
  const root = add({
    exit: { k: 'switch', edges: stubs },
    emit: () => {
      f.get(LEFT_PARAM);
      f.i32(1);
      f.op('i32.add');
      f.set(lowering.left);
      if (options.mayBeOff) {
        lowering.cpu();
        f.memory('i32.load', block.REGIONS_OFF);
        f.if();
        leave(() => {
          f.get(IP_PARAM);
          f.i32(block.REGION_NO_BUDGET);
          f.op('i32.or');
        });
        f.end();
      }
      f.get(IP_PARAM);
      f.i32(page.base);
      f.op('i32.sub');
      f.i32(4);
      f.op('i32.shr_u');
      f.memory('i32.load16_u', page.base + block.ENTRY_IDS);
      return -1;
    },
  });
  emitFlow(f, nodes, root);
  f.unreachable();
  return entries;
}

const kindAfter = (fact: Facts): number => fact.flags ?? fact.flagsBefore;

/** Liveness, what is written, and what the flags are kept as: iterated until nothing changes. */
function analyse(plan: RegionPlan, indexOf: ReadonlyMap<number, number>, wordOf: (address: bigint) => number | undefined): Facts[] {
  const facts = plan.blocks.map((b): Facts => {
    const use = new RegisterSet();
    const def = new RegisterSet();
    const may = new RegisterSet();
    const next: number[] = [];
    let flags: number | undefined;
    const goes = (word: number | undefined): void => {
      const known = word === undefined ? undefined : indexOf.get(word);
      if (known !== undefined) next.push(known);
    };
    let follows = true;
    for (const { effects, registers } of b.instructions) {
      use.addWithout(registers.use, def);
      def.add(registers.def);
      may.add(registers.may);
      for (const e of effects) {
        if (e.k === 'write' && e.slot === FIELDS.nzcv) flags = kindOfFlags(e.value);
        else if (e.k === 'goto' || e.k === 'branchIf') goes(wordOf(e.to.address));
        if (e.k === 'goto' || e.k === 'jump') follows = false;
      }
    }
    if (follows) goes(b.start + b.instructions.length);
    const empty = (): RegisterSet => new RegisterSet();
    return { use, def, may, dirty: empty(), dirtyBefore: empty(), live: empty(), next, flags, flagsBefore: b.entry ? 0 : -2 };
  });
  for (const fact of facts) fact.dirty.add(fact.may);
  for (let changed = true; changed; ) {
    changed = false;
    for (const fact of facts) {
      const kind = kindAfter(fact);
      for (const n of fact.next) {
        const to = facts[n]!;
        if (to.dirtyBefore.add(fact.dirty)) changed = true;
        if (to.dirty.add(to.dirtyBefore)) changed = true;
        if (kind === -2 || to.flagsBefore === kind || to.flagsBefore === -1) continue;
        to.flagsBefore = to.flagsBefore === -2 ? kind : -1;
        changed = true;
      }
    }
  }
  for (const fact of facts) {
    fact.live.add(fact.use);
    // Its way out stores all of these.
    fact.live.add(fact.dirty);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const fact of facts.toReversed()) for (const n of fact.next) if (fact.live.addWithout(facts[n]!.live, fact.def)) changed = true;
  }
  return facts;
}
