// How the recording is looked at: what part of time is shown, which kinds, which lane. Never part of a recording.
import { batch, createSignal } from 'solid-js';
import type { Group } from '../base/kinds.ts';
import { GROUPS } from '../base/kinds.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The narrowest range: one instruction must stay wide enough to see. */
const NARROWEST = 20;

export type View = ReturnType<typeof createView>;

export function createView() {
  const [end, setEnd] = createSignal(1);
  const [range, setRange] = createSignal<Range>({ from: 0, to: 1 });
  const [groups, setGroups] = createSignal<ReadonlySet<Group>>(new Set(GROUPS.map((row) => row.group)));
  /** Specification of the watch whose lane j and k walk; null: the first. */
  const [lane, setLane] = createSignal<string | null>(null);
  /** The conditions of a hit are shown in place of the event. */
  const [why, setWhy] = createSignal(false);
  const [page, setPage] = createSignal<'library' | 'recording'>('library');

  function show(from: number, to: number): void {
    const width = Math.min(end(), Math.max(NARROWEST, to - from));
    const start = Math.max(0, Math.min(from, end() - width));
    setRange({ from: start, to: start + width });
  }

  return {
    end,
    range,
    groups,
    lane,
    setLane,
    why,
    setWhy,
    page,
    setPage,
    show,
    reset(last: number): void {
      batch(() => {
        setEnd(Math.max(NARROWEST, last + 1));
        setRange({ from: 0, to: Math.max(NARROWEST, last + 1) });
        setLane(null);
      });
    },
    /** `factor` below 1 zooms in; `around` stays where it is on screen. */
    zoom(factor: number, around: number): void {
      const { from, to } = range();
      show(around - (around - from) * factor, around + (to - around) * factor);
    },
    /** By a share of what is shown. */
    pan(share: number): void {
      const { from, to } = range();
      const by = (to - from) * share;
      const start = Math.max(0, Math.min(from + by, end() - (to - from)));
      setRange({ from: start, to: start + (to - from) });
    },
    /** Keeps the current moment in sight. */
    follow(icount: number): void {
      const { from, to } = range();
      if (icount >= from && icount <= to) return;
      const width = to - from;
      show(icount - width / 2, icount + width / 2);
    },
    toggle(group: Group): void {
      const next = new Set(groups());
      if (!next.delete(group)) next.add(group);
      setGroups(next);
    },
    only(group: Group): void {
      setGroups(new Set([group]));
    },
    all(): void {
      setGroups(new Set(GROUPS.map((row) => row.group)));
    },
  };
}
