// Moves through the recording one after another: held keys are summed into one step, and the details are fetched where the moves end.
import type { Mark } from '../../workers/base/mark.ts';
import { formatMark } from '../../workers/base/mark.ts';
import type { Direction, Position, StepUnit, WorkbenchApi } from '../../workers/api/workbench-api.ts';
import type { Work } from './session-types.ts';

type Move =
  | {
      readonly kind: 'step';
      readonly direction: Direction;
      readonly unit: StepUnit;
      count: number;
      readonly done: ((ok: boolean) => void)[];
    }
  | { readonly kind: 'seek'; readonly target: string | Mark; readonly jump: boolean; readonly done: ((ok: boolean) => void)[] };

interface Landing {
  land(position: Position, jump: boolean, detailed: boolean): Promise<void>;
  fail(text: string): void;
  busy(work: Work | null): void;
}

/** A move that takes longer than this shows what is going on, with Cancel. */
const PATIENCE_MS = 100;

export function createMoves(api: Pick<WorkbenchApi, 'step' | 'seek'>, landing: Landing) {
  const queue: Move[] = [];
  let running = false;
  let waiting: (() => void)[] = [];

  const titleOf = (move: Move) =>
    move.kind === 'step'
      ? `Stepping ${move.direction === 'back' ? 'back' : 'on'} by ${move.count} × ${move.unit}`
      : `Going to ${typeof move.target === 'string' ? move.target : formatMark(move.target)}`;

  async function perform(move: Move): Promise<boolean> {
    const slow = setTimeout(() => landing.busy({ title: titleOf(move), done: 0, total: 0, hits: null }), PATIENCE_MS);
    try {
      const answer = move.kind === 'step' ? await api.step(move.direction, move.unit, move.count) : await api.seek(move.target);
      if (!answer.ok) {
        landing.fail(answer.error);
        return false;
      }
      await landing.land(answer.value, move.kind === 'seek' ? move.jump : move.unit === 'hit' || move.unit === 'event', queue.length === 0);
      return true;
    } finally {
      clearTimeout(slow);
      landing.busy(null);
    }
  }

  async function drain(): Promise<void> {
    if (running) return;
    running = true;
    try {
      for (let move = queue.shift(); move !== undefined; move = queue.shift()) {
        const ok = await perform(move);
        for (const done of move.done) done(ok);
      }
    } finally {
      running = false;
      const told = waiting;
      waiting = [];
      for (const tell of told) tell();
    }
  }

  const enqueue = (move: Move, done: (ok: boolean) => void) => {
    move.done.push(done);
    queue.push(move);
    void drain();
  };

  return {
    /** When every move asked for so far has ended: who goes on from the current place waits for it, so that quick keys add up. */
    landed: () => (running ? new Promise<void>((tell) => waiting.push(tell)) : Promise.resolve()),
    step: (direction: Direction, unit: StepUnit, count: number) =>
      new Promise<boolean>((done) => {
        const last = queue.at(-1);
        if (last?.kind === 'step' && last.direction === direction && last.unit === unit) {
          last.count += count;
          last.done.push(done);
        } else enqueue({ kind: 'step', direction, unit, count, done: [] }, done);
      }),
    seek: (target: string | Mark, jump: boolean) => new Promise<boolean>((done) => enqueue({ kind: 'seek', target, jump, done: [] }, done)),
  };
}
