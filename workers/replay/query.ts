// Questions about memory asked after the fact: every access to a range, the last write before a Mark. Answered by executing
// again only the intervals that touched its pages. The guest does not notice: no slot is taken, no exception raised.
import type { TraceEvent } from '../../recordings/format/events.ts';
import { type Mark, compareMarks } from '../base/mark.ts';
import type { AccessQuery, AccessReport } from '../machine/machine-api.ts';
import { Cancelled, type History, type Manners, SLICE_TICKS, polite } from './history.ts';
import { TOUCHED_EXECUTED, TOUCHED_READ, TOUCHED_WRITTEN, pageOf, touches } from './intervals.ts';

/** What to look for. `text` names it in the hits it finds. */
export interface Wanted {
  readonly text: string;
  readonly address: bigint;
  readonly length: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

export type FoundHit = TraceEvent<'watchpoint-hit'>;

/** Intervals, of the whole recording. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly hits: number;
}

const bitsOf = (wanted: Wanted): number =>
  (wanted.read ? TOUCHED_READ : 0) | (wanted.write ? TOUCHED_WRITTEN : 0) | (wanted.execute ? TOUCHED_EXECUTED : 0);

/** Little-endian value of at most 8 bytes of an access: all of it, or of a larger one the first 8 that overlap the range. */
export function accessedValue(bytes: Uint8Array, address: bigint, size: number, wanted: { readonly address: bigint }): bigint {
  const skip = size <= 8 || wanted.address <= address ? 0 : Number(wanted.address - address);
  let value = 0n;
  for (let i = Math.min(bytes.length, skip + 8) - 1; i >= skip; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

/** A report as the event a watchpoint would have recorded. An access of the kernel (el 1) has `counted` false, as perf would not count it. */
export function hitOf(report: AccessReport, wanted: Wanted): FoundHit {
  return {
    kind: 'watchpoint-hit',
    icount: report.mark.icount,
    event: report.mark.event,
    cpu: report.cpu,
    tid: report.tid,
    pc: report.pc,
    cause: -1,
    fields: {
      event: wanted.text,
      perf_event: 0,
      address: report.address,
      size: report.size,
      access: report.access,
      slot: 0,
      reported: 'before',
      old: accessedValue(report.old, report.address, report.size, wanted),
      new: accessedValue(report.new, report.address, report.size, wanted),
      counted: report.el === 0,
    },
  };
}

/**
 * Collects reports of one range, one hit an instruction: of several accesses of one instruction the write is kept, else the first. The kernel
 * may do several accesses in one step; those stay apart.
 */
export class Collector {
  readonly hits: FoundHit[] = [];
  readonly queries: readonly AccessQuery[];
  readonly #wanted: Wanted;
  readonly #accept: (report: AccessReport) => boolean;

  constructor(wanted: Wanted, accept: (report: AccessReport) => boolean = () => true) {
    this.#wanted = wanted;
    this.#accept = accept;
    const { address, length, read, write, execute } = wanted;
    this.queries = [{ address, length, read, write, execute, mm: null, report: (report) => this.#take(report) }];
  }

  take(): FoundHit[] {
    return this.hits.splice(0);
  }

  #take(report: AccessReport): void {
    if (!this.#accept(report)) return;
    const hit = hitOf(report, this.#wanted);
    const last = this.hits.at(-1);
    if (report.el === 0 && last !== undefined && compareMarks(last, hit) === 0 && last.cpu === hit.cpu && last.fields.counted) {
      if (last.fields.access === 'w' || hit.fields.access !== 'w') return;
      this.hits.pop();
    }
    this.hits.push(hit);
  }
}

const touchesWanted = (history: History, number: number, wanted: Wanted): boolean =>
  touches(history.intervals.get(number), pageOf(wanted.address), pageOf(wanted.address + BigInt(wanted.length - 1)), bitsOf(wanted));

/** Executes [from, to) of the recording with the query in force. */
async function execute(history: History, from: Mark, to: Mark, collector: Collector, manners: Manners): Promise<void> {
  await history.goTo(from, manners);
  history.machine.setQuery(collector.queries);
  try {
    await history.runTo(to, manners);
  } finally {
    history.machine.setQuery(null);
  }
}

/**
 * Every access to the range in the whole recording, in order, in batches as they are found. Intervals not built yet are built on the way.
 * Rejects with Cancelled when cancelled; batches given before that are right.
 */
export async function findHits(
  history: History,
  wanted: Wanted,
  manners: Manners,
  onHits: (hits: readonly FoundHit[]) => void,
  onProgress: (progress: Progress) => void = () => {},
): Promise<number> {
  const total = history.countIntervals();
  let found = 0;
  for (let i = 0; i < total; i++) {
    if (manners.cancelled?.() === true) throw new Cancelled();
    if (i < history.intervals.count && !touchesWanted(history, i, wanted)) continue;
    const collector = new Collector(wanted);
    await history.exclusive(async () => {
      if (i < history.intervals.count) {
        const interval = history.intervals.get(i);
        await execute(history, interval.start, interval.end, collector, manners);
      } else if (!history.complete) await history.buildNext(manners, collector.queries);
    });
    const hits = collector.take();
    found += hits.length;
    if (hits.length > 0) onHits(hits);
    onProgress({ done: i + 1, total, hits: found });
    await manners.pause();
  }
  onProgress({ done: total, total, hits: found });
  return found;
}

export interface LastOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Asked at the moment of the access. */
  readonly accept?: (report: AccessReport) => boolean;
  /** The caller is inside `exclusive`. */
  readonly held?: boolean;
}

/** The last access to the range before a Mark, looked for in the newest interval first; null when there is none. */
export async function findLast(
  history: History,
  wanted: Wanted,
  before: Mark,
  manners: Manners,
  options: LastOptions = {},
): Promise<FoundHit | null> {
  const turn = <T>(work: () => Promise<T>): Promise<T> => (options.held === true ? work() : history.exclusive(work));
  const progress = options.onProgress ?? ((): void => {});
  const stopIfCancelled = (): void => {
    if (manners.cancelled?.() === true) throw new Cancelled();
  };
  while (compareMarks(history.intervals.end, before) < 0) {
    await turn(() => (compareMarks(history.intervals.end, before) < 0 ? history.buildNext(manners) : Promise.resolve()));
    progress({ done: 0, total: history.countIntervals(), hits: 0 });
    stopIfCancelled();
  }
  const first = history.intervals.at(before);
  for (let i = first; i >= 0; i--) {
    stopIfCancelled();
    const interval = history.intervals.get(i);
    if (compareMarks(interval.start, before) >= 0 || !touchesWanted(history, i, wanted)) continue;
    const collector = new Collector(wanted, options.accept);
    const end = compareMarks(interval.end, before) < 0 ? interval.end : before;
    await turn(() => execute(history, interval.start, end, collector, manners));
    const hits = collector.take();
    progress({ done: first - i + 1, total: first + 1, hits: Math.min(1, hits.length) });
    if (hits.length > 0) return hits.at(-1)!;
    await manners.pause();
  }
  progress({ done: first + 1, total: first + 1, hits: 0 });
  return null;
}

/**
 * The first access to any of the ranges at or after the machine's Mark that `accept` takes, or null. Call inside `exclusive`. The machine
 * ends at its Mark, before the access; at the end of the recording when there is none.
 */
export async function runToAccess(
  history: History,
  wanted: readonly Wanted[],
  manners: Manners,
  accept: (report: AccessReport) => boolean = () => true,
): Promise<Mark | null> {
  const { machine, end } = history;
  let found: Mark | null = null;
  const queries = wanted.map(({ address, length, read, write, execute }) => ({
    address,
    length,
    read,
    write,
    execute,
    mm: null,
    report: (report: AccessReport): void => {
      if (found === null && accept(report)) found = report.mark;
    },
  }));
  let slice = 4096;
  while (compareMarks(machine.mark, end) < 0) {
    const start = machine.save();
    history.near.add(start);
    machine.setQuery(queries);
    const stop = machine.run(end, slice);
    machine.setQuery(null);
    if (found !== null) {
      history.restore(start);
      await history.runTo(found, manners);
      return found;
    }
    if (stop.kind !== 'interrupted') break;
    slice = Math.min(slice * 4, SLICE_TICKS);
    if (slice > 65536) {
      await polite(manners);
    }
  }
  return null;
}
