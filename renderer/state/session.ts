// The open recording as the window sees it: the one place that asks the machine and the only writer of what it answered.
import { batch, createSignal } from 'solid-js';
import { compareMarks, formatMark, type Mark } from '../../workers/base/mark.ts';
import type { Result } from '../../workers/base/result.ts';
import type {
  Direction,
  EventRow,
  Position,
  RecordingSummary,
  StepUnit,
  WatchSummary,
  WorkbenchApi,
} from '../../workers/api/workbench-api.ts';
import { plural } from '../base/format.ts';
import { isHit } from '../base/kinds.ts';
import { SymbolTable } from '../base/symbols.ts';
import { cpuOf, type Side, shownPc } from './focus-cpu.ts';
import { sortLanes } from './lanes.ts';
import { createMoves } from './moves.ts';
import { outputLines } from './output-lines.ts';
import type { CodeView, Lanes, MemoryState, Notice, OutputLine, TaskSpan, Verification, WatchLane, Work } from './session-types.ts';

const ROWS_BEFORE = 12;
const ROWS_AFTER = 40;
const MEMORY_BYTES = 256;
const SPANS_LIMIT = 20_000;

export type Session = ReturnType<typeof createSession>;

export function createSession(api: WorkbenchApi) {
  const [summary, setSummary] = createSignal<RecordingSummary | null>(null);
  /** Id under which the library keeps the open recording. */
  const [id, setId] = createSignal<number | null>(null);
  const [position, setPosition] = createSignal<Position | null>(null);
  /** The stop before this one; what changed is measured against it. */
  const [before, setBefore] = createSignal<Position | null>(null);
  /** Which side of the CPU code and registers show while it is in the kernel. */
  const [side, setSideSignal] = createSignal<Side>('program');
  const [code, setCode] = createSignal<CodeView>({ rows: [] });
  const [memory, setMemory] = createSignal<MemoryState>({ expression: 'sp', view: null, before: null, error: null });
  const [lanes, setLanes] = createSignal<Lanes | null>(null);
  const [watches, setWatches] = createSignal<readonly WatchLane[]>([]);
  const [spans, setSpans] = createSignal<readonly TaskSpan[]>([]);
  const [output, setOutput] = createSignal<readonly OutputLine[]>([]);
  const [symbols, setSymbols] = createSignal(new SymbolTable([]));
  const [work, setWork] = createSignal<Work | null>(null);
  const [notice, setNotice] = createSignal<Notice | null>(null);
  const [verification, setVerification] = createSignal<Verification>({ kind: 'unknown' });
  /** The recording is shown, and its first place reached. */
  const [settled, setSettled] = createSignal(false);
  /** What a screen reader is told; set at each landing and each answer. */
  const [spoken, setSpoken] = createSignal('');

  /** The person cancelled the long call under way: its refusal is then no failure. */
  let cancelled = false;
  const past: Mark[] = [];
  const future: Mark[] = [];

  function fail(title: string, text: string): void {
    setNotice({ tone: 'bad', title, text });
  }

  async function readMemory(at: Position, expression: string): Promise<MemoryState> {
    const previous = memory();
    const address = await api.evaluate(at.cpu, expression);
    if (!address.ok) return { expression, view: null, before: null, error: address.error };
    const view = await api.memory(at.cpu, address.value & ~15n, MEMORY_BYTES);
    return { expression, view, before: previous.view, error: null };
  }

  /** Everything that hangs on the position is shown in one step, so that no panel is ever ahead of another. */
  async function land(at: Position, jump: boolean, detailed: boolean): Promise<void> {
    const pc = shownPc(cpuOf(at), side());
    const details = detailed
      ? await Promise.all([api.disassemble(at.cpu, pc, ROWS_BEFORE, ROWS_AFTER), readMemory(at, memory().expression)])
      : null;
    const from = position();
    batch(() => {
      if (from !== null && compareMarks(from.mark, at.mark) !== 0) {
        setBefore(from);
        if (jump) {
          past.push(from.mark);
          future.length = 0;
          if (past.length > 200) past.shift();
        }
      }
      setPosition(at);
      if (details !== null) {
        setCode({ rows: details[0] });
        setMemory(details[1]);
      }
      const where = symbols().text(pc) ?? `0x${pc.toString(16)}`;
      setSpoken(`${formatMark(at.mark)}, CPU ${at.cpu}, ${where}${at.event === null ? '' : `, ${at.event.kind}: ${at.event.what}`}`);
    });
  }

  const moves = createMoves(api, { land, fail: (text) => fail('That is not a place in this recording', text), busy: setWork });

  async function watchLanes(list: readonly WatchSummary[]): Promise<readonly WatchLane[]> {
    return Promise.all(list.map(async (watch) => ({ watch, series: await api.watchSeries(watch.text) })));
  }

  async function taskSpans(): Promise<readonly TaskSpan[]> {
    const { rows } = await api.events({ kinds: ['switch'], from: null, to: null, offset: 0, limit: SPANS_LIMIT });
    return rows.map((row) => ({ cpu: row.cpu, from: row.mark.icount, tid: (row.fields as { to: number }).to }));
  }

  async function refreshEvents(list: readonly WatchSummary[]): Promise<void> {
    const open = summary();
    if (open === null) return;
    const [data, found] = await Promise.all([api.lanes(), watchLanes(list)]);
    batch(() => {
      setLanes(sortLanes(data, open.cpus));
      setWatches(found);
    });
  }

  /** Shows a recording the worker has open. `target`: where to stand first; null: at its end, or at its last hit when it has one. */
  async function show(opened: RecordingSummary, libraryId: number | null, target: string | null): Promise<void> {
    const first = opened.watches[0];
    past.length = 0;
    future.length = 0;
    batch(() => {
      setSettled(false);
      setSummary(opened);
      setId(libraryId);
      setPosition(null);
      setBefore(null);
      setLanes(null);
      setWatches([]);
      setVerification({ kind: 'unknown' });
      setMemory({ expression: first === undefined ? 'sp' : `0x${first.address.toString(16)}`, view: null, before: null, error: null });
    });
    const [names, pieces, running] = await Promise.all([
      api.symbols('', 100_000),
      api.output(),
      taskSpans(),
      refreshEvents(opened.watches),
    ]);
    batch(() => {
      setSymbols(new SymbolTable(names));
      setOutput(outputLines(pieces));
      setSpans(running);
    });
    const reached = target === null ? false : await moves.seek(target, false);
    if (!reached) {
      await moves.seek(opened.end, false);
      if (target === null && opened.watches.some((watch) => watch.hits > 0)) await moves.step('back', 'hit', 1);
    }
    // how it got to its first place is no history of the person's
    past.length = 0;
    batch(() => (setBefore(null), setMemory((now) => ({ ...now, before: null })), setSettled(true)));
  }

  async function long<T>(
    title: string,
    task: (progress: (done: number, total: number, hits: number | null) => void) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    cancelled = false;
    let live = true; // progress travels by a way of its own, and may arrive after the answer
    setWork({ title, done: 0, total: 0, hits: null });
    setNotice(null);
    try {
      return await task((done, total, hits) => live && setWork({ title, done, total, hits }));
    } finally {
      live = false;
      setWork(null);
    }
  }

  async function addWatch(text: string): Promise<boolean> {
    const answer = await long(`Searching the whole recording for ${text}`, (progress) =>
      api.addWatch(
        text,
        (p) => progress(p.done, p.total, p.hits),
        () => undefined,
      ),
    );
    if (!answer.ok) {
      if (!cancelled) fail(`${text} could not be watched`, answer.error);
      return false;
    }
    if (cancelled)
      setNotice({ tone: 'info', title: `The search for ${text} was cancelled`, text: 'Its lane holds what was found until then.' });
    await refreshEvents([...watches().map((lane) => lane.watch), answer.value]);
    setSpoken(`${answer.value.hits} accesses found`);
    return true;
  }

  async function removeWatch(text: string): Promise<void> {
    await api.removeWatch(text);
    await refreshEvents(watches().flatMap((lane) => (lane.watch.text === text && !lane.watch.recorded ? [] : [lane.watch])));
  }

  /** Goes to the last write of these bytes before now; says so when there is none. */
  async function lastWrite(address: bigint, length: number): Promise<void> {
    const name = symbols().text(address) ?? `0x${address.toString(16)}`;
    const at = position()?.mark ?? null;
    const answer = await long(`Looking for the last write of ${name}`, (progress) =>
      api.lastWrite(address, length, at, (p) => progress(p.done, p.total, p.hits)),
    );
    if (!answer.ok) return cancelled ? undefined : fail('The last write was not found', answer.error);
    if (answer.value === null) {
      setNotice({
        tone: 'info',
        title: `Nothing wrote ${name} before ${at === null ? 'here' : formatMark(at)}`,
        text: 'It still holds what the program was loaded with.',
      });
      return;
    }
    await moves.seek({ icount: answer.value.icount, event: answer.value.event }, true);
  }

  async function verify(): Promise<void> {
    const answer = await long('Replaying everything and comparing digests', (progress) =>
      api.verify((p) => progress(p.done, p.total, null)),
    );
    if (!answer.ok && cancelled) return;
    setVerification(answer.ok ? { kind: 'exact', digests: answer.value.digests } : { kind: 'diverged', text: answer.error });
    if (!answer.ok) fail('The replay differs from the recording', answer.error);
    else setSpoken(`Replays exactly, ${plural(answer.value.digests, 'digest')} compared`);
    const now = position();
    if (now !== null) await moves.seek(now.mark, false);
  }

  /** The next (or previous) hit of one watch; by its series, so it works for recorded and found ones alike. */
  async function stepWatch(text: string, direction: Direction): Promise<void> {
    const lane = watches().find((candidate) => candidate.watch.text === text);
    await moves.landed();
    const now = position()?.mark;
    if (lane === undefined || now === undefined) return;
    const { icount, index } = lane.series;
    const order = direction === 'forward' ? 1 : -1;
    let item = direction === 'forward' ? icount.findIndex((n) => n >= now.icount) : icount.findLastIndex((n) => n <= now.icount);
    for (; item >= 0 && item < icount.length; item += order) {
      const row = await api.event(index[item]!);
      if (row !== null && Math.sign(compareMarks(row.mark, now)) === order) return void (await moves.seek(row.mark, true));
    }
    setSpoken(`No ${direction === 'forward' ? 'later' : 'earlier'} hit of ${text}`);
  }

  async function history(direction: Direction): Promise<void> {
    const [take, give] = direction === 'back' ? [past, future] : [future, past];
    const mark = take.pop();
    const now = position()?.mark;
    if (mark === undefined || now === undefined) return;
    give.push(now);
    await moves.seek(mark, false);
  }

  async function setSide(next: Side): Promise<void> {
    const now = position();
    const pc = shownPc(cpuOf(now), next);
    const rows = now === null ? [] : await api.disassemble(now.cpu, pc, ROWS_BEFORE, ROWS_AFTER);
    batch(() => (setSideSignal(next), setCode({ rows })));
  }

  async function lookAt(expression: string): Promise<void> {
    const now = position();
    if (now !== null) setMemory(await readMemory(now, expression));
  }

  return {
    api,
    summary,
    id,
    position,
    before,
    code,
    memory,
    lanes,
    watches,
    spans,
    output,
    symbols,
    work,
    notice,
    verification,
    spoken,
    settled,
    show,
    fail,
    say: setSpoken,
    note: setNotice,
    dismiss: () => setNotice(null),
    setWork,
    step: (direction: Direction, unit: StepUnit) => moves.step(direction, unit, 1),
    seek: (target: string | Mark) => moves.seek(target, true),
    landed: moves.landed,
    cancel: () => {
      cancelled = true;
      setSpoken('Cancelled');
      return api.cancel();
    },
    addWatch,
    removeWatch,
    lastWrite,
    verify,
    stepWatch,
    history,
    side,
    setSide,
    lookAt,
    rename: (name: string) => setSummary((now) => (now === null ? null : { ...now, name })),
    close: () => batch(() => (setSummary(null), setPosition(null), setId(null))),
  };
}

/** True for the hit of a watch that was not recorded but found. */
export function foundAfter(row: EventRow, watches: readonly WatchLane[]): boolean {
  if (!isHit(row.kind)) return false;
  const text = (row.fields as { event?: string }).event;
  return watches.some((lane) => lane.watch.text === text && !lane.watch.recorded);
}
