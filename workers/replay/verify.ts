// Replays a recording from its image and inputs alone and compares every digest and every event with what was recorded. A
// difference is located as closely as two executions allow.
import type { EventLog } from '../../recordings/format/event-log.ts';
import type { EventFields, EventKind, TraceEvent } from '../../recordings/format/events.ts';
import type { RecordedDigest } from '../../recordings/format/recording.ts';
import { type Mark, START, compareMarks, formatMark } from '../base/mark.ts';
import type { Checkpoint } from '../machine/machine-api.ts';
import { type Divergence, type Replica, formatDigest, locate } from './divergence.ts';
import { type History, type Manners, ReplayFault, polite } from './history.ts';
import { intervalEnd } from './intervals.ts';
import type { Progress } from './query.ts';

export interface Expected {
  readonly events: EventLog;
  readonly digests: readonly RecordedDigest[];
  /** Of the whole recording; null when it was interrupted. */
  readonly eventCount: number | null;
}

export interface Verified {
  readonly digests: number;
  readonly events: number;
  readonly divergence: Divergence | null;
}

/** Compares emitted events with recorded ones; hits when their new value is known, or at the end. */
class EventCheck {
  readonly #log: EventLog;
  #next = 0;
  #open = new Map<number, Record<string, unknown>>();
  divergence: Divergence | null = null;

  constructor(log: EventLog) {
    this.#log = log;
  }

  get count(): number {
    return this.#next;
  }

  emitted(event: TraceEvent): void {
    if (this.divergence !== null) return;
    const index = this.#next++;
    const mark = { icount: event.icount, event: event.event };
    if (index >= this.#log.length) {
      this.#differs(mark, `event ${index}`, 'the end of the events', event.kind);
      return;
    }
    const recorded = this.#log.get(index);
    const where = { icount: recorded.icount, event: recorded.event };
    const first = compareMarks(mark, where) < 0 ? mark : where;
    const head: readonly (readonly [string, unknown, unknown])[] = [
      ['kind', recorded.kind, event.kind],
      ['mark', formatMark(where), formatMark(mark)],
      ['cpu', recorded.cpu, event.cpu],
      ['tid', recorded.tid, event.tid],
      ['pc', recorded.pc, event.pc],
      ['cause', recorded.cause, event.cause],
    ];
    for (const [name, a, b] of head) if (a !== b) return this.#differs(first, `event ${index} ${recorded.kind}.${name}`, show(a), show(b));
    // A hit learns its new value when its instruction has been stepped over, which on another CPU may be long after.
    if (event.kind === 'watchpoint-hit') this.#open.set(index, { ...event.fields });
    else this.#compare(index, event.fields);
  }

  patched(index: number, fields: Partial<Record<string, unknown>>): void {
    const open = this.#open.get(index);
    if (open === undefined) return;
    Object.assign(open, fields);
    if (!('new' in fields)) return;
    this.#open.delete(index);
    this.#compare(index, open);
  }

  /** Compares what was never patched. */
  finish(): void {
    for (const [index, fields] of this.#open) this.#compare(index, fields);
    this.#open.clear();
  }

  #compare(index: number, fields: Readonly<Record<string, unknown>>): void {
    if (this.divergence !== null) return;
    const recorded = this.#log.get(index);
    for (const [name, expected] of Object.entries(recorded.fields)) {
      if (same(expected, fields[name])) continue;
      const mark = { icount: recorded.icount, event: recorded.event };
      this.#differs(mark, `event ${index} ${recorded.kind}.${name}`, show(expected), show(fields[name]));
      return;
    }
  }

  #differs(mark: Mark, field: string, expected: string, found: string): void {
    this.divergence ??= { mark, field, expected, found, exact: false };
  }
}

const show = (value: unknown): string =>
  typeof value === 'bigint'
    ? `0x${value.toString(16)}`
    : value instanceof Uint8Array
      ? `${value.length} bytes`
      : typeof value === 'string'
        ? `'${value}'`
        : String(value);

function same(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return a.length === b.length && a.every((byte, i) => byte === b[i]);
  return a === b;
}

/** Lends another way to the recorded states: the recorder's own checkpoints, or a second machine. */
export type Reference = (work: (good: Replica) => Promise<Divergence | null>) => Promise<Divergence | null>;

/**
 * Executes all of `history` from its start. `reference` is used only when something differs; with it a difference of state is located
 * to the Mark and field, without it to the first event or digest.
 */
export async function verify(
  history: History,
  expected: Expected,
  manners: Manners,
  onProgress: (progress: Progress) => void,
  reference: Reference | null = null,
): Promise<Verified> {
  const check = new EventCheck(expected.events);
  const total = history.countIntervals();
  let checked = 0;
  let done = 0;
  let position: Mark = START;
  /** States whose digest was the recorded one: the first and the newest two. */
  let good: Checkpoint[] = [];
  let divergence: Divergence | null = null;
  const observe = (on: boolean): void => {
    history.machine.onEvent = on ? (event) => check.emitted(event) : null;
    history.machine.onPatch = on
      ? <K extends EventKind>(index: number, fields: Partial<EventFields<K>>): void =>
          check.patched(index, fields as Partial<Record<string, unknown>>)
      : null;
  };
  await history.exclusive(async () => {
    history.toStart();
    good = [history.machine.save()];
    try {
      while (divergence === null && compareMarks(position, history.end) < 0) {
        const next = { icount: intervalEnd(position.icount), event: 0 };
        let target = compareMarks(next, history.end) < 0 ? next : history.end;
        const digest = expected.digests[checked];
        if (digest !== undefined && compareMarks(digest.mark, target) < 0) target = digest.mark;
        observe(true);
        await history.runTo(target, manners);
        observe(false);
        position = target;
        if (digest !== undefined && compareMarks(digest.mark, position) === 0) {
          const now = history.machine.digest();
          if (now.lo !== digest.lo || now.hi !== digest.hi) {
            const [want, got] = [formatDigest(digest.lo, digest.hi), formatDigest(now.lo, now.hi)];
            divergence = { mark: digest.mark, field: 'the digest', expected: want, found: got, exact: false };
          } else good = [good[0]!, ...good.slice(1).slice(-1), history.machine.save()];
          checked++;
        }
        if (check.divergence !== null) divergence = check.divergence;
        onProgress({ done: Math.min(total, ++done), total, hits: check.count });
        await polite(manners);
      }
    } catch (fault) {
      if (!(fault instanceof ReplayFault)) throw fault;
      check.finish();
      divergence = check.divergence ?? {
        mark: history.machine.mark,
        field: 'the run',
        expected: 'to go on',
        found: fault.message,
        exact: false,
      };
    } finally {
      observe(false);
    }
    check.finish();
    divergence ??= check.divergence;
    if (divergence === null && expected.eventCount !== null && check.count !== expected.eventCount) {
      divergence = {
        mark: history.end,
        field: 'number of events',
        expected: String(expected.eventCount),
        found: String(check.count),
        exact: false,
      };
    }
  });
  if (divergence !== null && reference !== null) divergence = await closer(history, divergence, good, reference);
  return { digests: checked, events: check.count, divergence };
}

/** `good`: states of the replay whose digest was the recorded one, oldest first. An event may turn out to differ after a later digest agreed. */
async function closer(history: History, divergence: Divergence, good: readonly Checkpoint[], reference: Reference): Promise<Divergence> {
  const equal = good.findLast((checkpoint) => compareMarks(checkpoint.mark, divergence.mark) <= 0);
  if (equal === undefined) return divergence;
  const bad: Replica = {
    machine: history.machine,
    goTo: async (mark) => {
      if (compareMarks(history.machine.mark, mark) > 0) history.restore(equal);
      await history.runTo(mark);
    },
  };
  try {
    const found = await history.exclusive(() => reference((other) => locate(other, bad, equal.mark, divergence.mark)));
    return found ?? divergence;
  } catch (fault) {
    if (fault instanceof ReplayFault) return divergence;
    throw fault;
  }
}
