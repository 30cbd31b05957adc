// What ran of the function in sight in this call, asked for once the window has come to rest: it never holds up a step.
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import { compareMarks } from '../../workers/base/mark.ts';
import type { TrailAnswer } from '../../workers/api/workbench-api.ts';
import { cpuOf, shownPc } from './focus-cpu.ts';
import type { Session } from './session.ts';

/** Instructions executed again at most. */
export const TRAIL_LIMIT = 400_000;
/** Holding a step key must not ask at each stop. */
const REST_MS = 60;
const AGAIN_MS = 250;
const MOST_TRIES = 8;

/** Null: unknown, or not known yet. */
export function createCallTrail(session: Session): () => TrailAnswer | null {
  const [trail, setTrail] = createSignal<TrailAnswer | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(left: number): Promise<void> {
    const at = session.position();
    if (at === null || session.work() !== null) return;
    const answer = await session.api.trail(at.cpu, shownPc(cpuOf(at), 'program'), TRAIL_LIMIT);
    if (session.position() !== at) return;
    if (answer.ok) setTrail(answer.value !== null && compareMarks(answer.value.mark, at.mark) === 0 ? answer.value : null);
    else if (answer.error === 'cancelled' && left > 0) timer = setTimeout(() => void ask(left - 1), AGAIN_MS);
  }

  createEffect(on(session.position, () => setTrail(null)));
  createEffect(
    on([session.position, session.work, session.settled], ([at, work, settled]) => {
      clearTimeout(timer);
      if (at !== null && work === null && settled && trail() === null) timer = setTimeout(() => void ask(MOST_TRIES), REST_MS);
    }),
  );
  onCleanup(() => clearTimeout(timer));
  return trail;
}
