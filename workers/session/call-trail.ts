// Which instructions of a function ran in the call a person stands in, and how often: found by executing again a bounded stretch before
// their Mark. Calls are told apart by entries, returns and stack depth; nothing is guessed about what lies before the stretch.
import type { TrailAnswer } from '../api/workbench-api.ts';
import { type Mark, compareMarks } from '../base/mark.ts';
import { type Result, err, ok } from '../base/result.ts';
import type { AccessReport } from '../machine/machine-api.ts';
import { branchTarget, isReturn } from '../replay/calls.ts';
import { Cancelled, type History, type Manners, ReplayFault, polite } from '../replay/history.ts';
import type { Timeline } from '../replay/timeline.ts';
import type { EventView } from './event-view.ts';
import type { Symboliser } from './rows.ts';

/** Instructions of the first stretch looked at; each further one is so many times longer. */
const FIRST = 4096;
const GROWTH = 8;
/** Ticks between two looks at whether somebody else wants the machine. */
const SLICE = 4096;
/** Instructions looked back at most, whatever is asked for. */
const MOST_BACK = 8_000_000;

interface Call {
  /** Null: it began before the stretch. */
  readonly entered: Mark | null;
  /** From where on its executions are in `counts`. */
  readonly from: Mark;
  /** Stack pointer after its first instruction. */
  readonly sp: bigint;
  readonly counts: Map<number, number>;
}

/** The function asked about, in the address space of the task that is in it. */
interface TrailPlace {
  readonly mark: Mark;
  readonly pc: number;
  readonly tid: number;
  readonly mm: number;
  readonly function: { readonly name: string; readonly address: bigint; readonly size: number };
}

/** Follows the executions of one function by one task, in order, and keeps the calls that are open. */
export class CallFollower {
  readonly #start: number;
  readonly #wordAt: (address: number) => readonly (number | null)[];
  readonly #words = new Map<number, readonly (number | null)[]>();
  #open: Call[];
  #last = -1;
  #returned = false;

  /** `from`: the Mark the first execution told is at or after. */
  constructor(start: number, from: Mark, wordAt: (address: number) => readonly (number | null)[]) {
    this.#start = start;
    this.#open = [{ entered: null, from, sp: 0n, counts: new Map() }];
    this.#wordAt = wordAt;
  }

  /** An instruction of the function executed. `sp` is asked for at entries only: the stack pointer after the instruction. */
  execute(address: number, mark: Mark, sp: () => bigint): void {
    if (this.#isEntry(address)) this.#enter(mark, sp());
    else this.#leave(mark);
    const { counts } = this.#open.at(-1)!;
    counts.set(address, (counts.get(address) ?? 0) + 1);
    this.#last = address;
    this.#returned = isReturn(this.#word(address));
  }

  /** The call in which `pc` is about to execute at `mark`. */
  callAt(pc: number, mark: Mark): Call {
    if (this.#isEntry(pc)) return { entered: mark, from: mark, sp: 0n, counts: new Map() };
    this.#leave(mark);
    return this.#open.at(-1)!;
  }

  /** At the first instruction, and not by a loop of the function to its own start. */
  #isEntry(address: number): boolean {
    if (address !== this.#start) return false;
    return this.#returned || this.#last < 0 || branchTarget(this.#word(this.#last), BigInt(this.#last)) !== BigInt(address);
  }

  #enter(mark: Mark, sp: bigint): void {
    this.#leave(mark);
    // A call whose stack is not deeper than the new one's is over, though it was not seen to return: a tail call, or longjmp.
    const over = this.#open.findIndex((call) => call.entered !== null && call.sp <= sp);
    if (over >= 0) this.#open.length = over;
    this.#open.push({ entered: mark, from: mark, sp, counts: new Map() });
  }

  /** What came before was a return: its call is over. Of the call around it nothing is known when it began before the stretch. */
  #leave(mark: Mark): void {
    if (!this.#returned) return;
    this.#returned = false;
    this.#open.pop();
    if (this.#open.length === 0) this.#open.push({ entered: null, from: mark, sp: 0n, counts: new Map() });
  }

  #word(address: number): readonly (number | null)[] {
    let found = this.#words.get(address);
    if (found === undefined) this.#words.set(address, (found = this.#wordAt(address)));
    return found;
  }
}

/** The recording asked about. */
export interface TrailRecording {
  readonly history: History;
  readonly timeline: Timeline;
  readonly symbols: Symboliser;
  readonly events: EventView;
}

/** See `WorkbenchApi.trail`. The person's place does not change, and the machine ends there. */
export async function trailAt(
  open: TrailRecording,
  cpu: number,
  around: bigint,
  limit: number,
  manners: Manners,
): Promise<Result<TrailAnswer | null>> {
  if (!Number.isSafeInteger(limit) || limit < 1) return err('a number of instructions is 1 or more');
  try {
    return await open.timeline.show(async () => {
      const { mark } = open.timeline;
      const { tid, mm, el, pc, user } = open.history.machine.view.cpu(cpu);
      const program = open.symbols.programAt(tid, open.events.log.search(mark));
      const at = program === null ? -1n : around - program.bias;
      const found = at < 0n || at > 0xffff_ffff_ffffn ? null : program?.symbols.at(Number(at));
      if (tid === 0 || program === null || !found || found.symbol.size === 0) return ok(null);
      const { name, address, size } = found.symbol;
      const here = Number(el === 0 ? pc : (user?.['pc'] ?? 0n));
      const place: TrailPlace = { mark, tid, mm, pc: here, function: { name, address: BigInt(address) + program.bias, size } };
      return ok(await findTrail(open.history, place, Math.min(limit, MOST_BACK), manners));
    });
  } catch (fault) {
    if (fault instanceof Cancelled) return err('cancelled');
    if (fault instanceof ReplayFault) return err(fault.message);
    throw fault;
  }
}

async function findTrail(history: History, place: TrailPlace, limit: number, manners: Manners): Promise<TrailAnswer> {
  for (let back = FIRST; ; back *= GROWTH) {
    const from: Mark = { icount: Math.max(0, place.mark.icount - Math.min(back, limit)), event: 0 };
    const call = await follow(history, place, from, manners);
    if (call.entered === null && back < limit && from.icount > 0) continue;
    const counts = [...call.counts].sort(([a], [b]) => a - b);
    return {
      mark: place.mark,
      tid: place.tid,
      function: place.function,
      entered: call.entered,
      from: call.entered ?? call.from,
      counts: counts.map(([address, times]) => ({ address: BigInt(address), times })),
    };
  }
}

async function follow(history: History, place: TrailPlace, from: Mark, manners: Manners): Promise<Call> {
  const { machine } = history;
  await history.goTo(from, manners);
  const { address, size } = place.function;
  const follower = new CallFollower(Number(address), machine.mark, (at) => machine.view.read(place.mm, BigInt(at), 4));
  const report = (access: AccessReport): void => {
    if (access.tid !== place.tid || access.el !== 0 || compareMarks(access.mark, place.mark) >= 0) return;
    follower.execute(Number(access.pc), access.mark, () => machine.view.cpu(access.cpu).regs['sp'] ?? 0n);
  };
  machine.setQuery([{ address, length: size, read: false, write: false, execute: true, mm: place.mm, report }]);
  try {
    while (compareMarks(machine.mark, place.mark) < 0) {
      if (machine.run(place.mark, SLICE).kind !== 'interrupted') break;
      if (history.contended) throw new Cancelled();
      await polite(manners);
    }
  } finally {
    machine.setQuery(null);
  }
  return follower.callAt(place.pc, place.mark);
}
