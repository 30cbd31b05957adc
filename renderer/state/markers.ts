// Two places of the open recording a person measures between, A and B. How the recording is looked at, never part of it.
import { createEffect, createSignal, on } from 'solid-js';
import { compareMarks, type Mark } from '../../workers/base/mark.ts';
import { plural } from '../base/format.ts';
import type { Session } from './session.ts';

export type MarkerName = 'A' | 'B';
export type Markers = Readonly<Record<MarkerName, Mark | null>>;

export const NO_MARKERS: Markers = { A: null, B: null };

/** How far B is after A; negative when it is before. `events`: null while they are counted. */
export interface Distance {
  readonly instructions: number;
  readonly events: number | null;
}

export type MarkerState = ReturnType<typeof createMarkers>;

export function createMarkers(session: Session) {
  const [all, setAll] = createSignal<Markers>(NO_MARKERS);
  const [distance, setDistance] = createSignal<Distance | null>(null);

  // an added or removed watch changes how many events lie between
  createEffect(
    on([all, session.lanes], async ([markers]) => {
      const { A: a, B: b } = markers;
      if (a === null || b === null) return void setDistance(null);
      const instructions = b.icount - a.icount;
      const sign = compareMarks(a, b) <= 0 ? 1 : -1;
      setDistance({ instructions, events: null });
      const [from, to] = sign > 0 ? [a, b] : [b, a];
      const { total } = await session.api.events({ kinds: null, from, to, offset: 0, limit: 0 });
      if (all() === markers) setDistance({ instructions, events: total === 0 ? 0 : sign * total });
    }),
  );

  return {
    all,
    distance,
    set: setAll,
    /** Places a marker where the person stands; on the place it already has, removes it. */
    place(name: MarkerName): void {
      const here = session.position()?.mark;
      if (here === undefined) return;
      const there = all()[name];
      const again = there !== null && compareMarks(there, here) === 0;
      setAll({ ...all(), [name]: again ? null : here });
      session.say(`Marker ${name} ${again ? 'removed' : `at ${plural(here.icount, 'instruction')}`}`);
    },
    /** Removes the markers that stand here, else both. */
    clear(): void {
      const here = session.position()?.mark ?? null;
      const stands = (mark: Mark | null) => mark !== null && here !== null && compareMarks(mark, here) === 0;
      const { A: a, B: b } = all();
      if (stands(a) || stands(b)) setAll({ A: stands(a) ? null : a, B: stands(b) ? null : b });
      else setAll(NO_MARKERS);
      session.say('Marker removed');
    },
    some: () => all().A !== null || all().B !== null,
  };
}

/** The markers in the kept arrangement of a recording that ends at `end`; anything else in it is ignored. */
export function readMarkers(panels: unknown, end: Mark): Markers {
  const kept = (panels as { readonly markers?: Readonly<Record<string, unknown>> } | null | undefined)?.markers;
  const one = (value: unknown): Mark | null => {
    const { icount, event } = (value ?? {}) as { readonly icount?: unknown; readonly event?: unknown };
    if (!Number.isSafeInteger(icount) || !Number.isSafeInteger(event)) return null;
    const mark = { icount: icount as number, event: event as number };
    return mark.icount < 0 || mark.event < 0 || compareMarks(mark, end) > 0 ? null : mark;
  };
  return { A: one(kept?.['A']), B: one(kept?.['B']) };
}

/** `Δ 1,204 instructions, 3 events`, with a minus where B is before A. */
export function distanceText(distance: Distance): string {
  const minus = distance.instructions < 0 || (distance.events ?? 0) < 0 ? '−' : '';
  const events = distance.events === null ? '…' : plural(Math.abs(distance.events), 'event');
  return `Δ ${minus}${plural(Math.abs(distance.instructions), 'instruction')}, ${events}`;
}
