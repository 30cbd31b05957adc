// Random walks over recordings of real programs: wherever a person goes and however they come back, the state is the one a straight
// run has there. TRAPLINE_ROUNDTRIPS sets how many (default 300 in all), TRAPLINE_SEED which.
import { expect } from 'vitest';
import { type Mark, formatMark } from '../../workers/base/mark.ts';
import { createMachine } from '../../workers/kernel/create-machine.ts';
import { formatDigest } from '../../workers/replay/divergence.ts';
import { History } from '../../workers/replay/history.ts';
import { openRecording } from '../../workers/session/open-recording.ts';
import { pause, recordGuest } from '../support/guests.ts';
import { testWith } from '../support/tools.ts';
import { randomFrom } from '../support/toy-recording.ts';

const ROUND_TRIPS = Number(process.env['TRAPLINE_ROUNDTRIPS'] ?? 300);
const seed = Number(process.env['TRAPLINE_SEED'] ?? 271_828);
const each = Math.ceil(ROUND_TRIPS / 3);

const RECORDINGS = [
  { guest: 'counter', more: { events: ['mem:counter/8:w'] } },
  { guest: 'ledger', more: { events: ['mem:pool+0x20/8:w'], seed: 7 } },
  { guest: 'fork-pipe', more: { cpus: 2, seed: 3 } },
] as const;

const hex = (history: History): string => {
  const { lo, hi } = history.machine.digest();
  return `${formatMark(history.machine.mark)} ${formatDigest(lo, hi)}`;
};

for (const { guest, more } of RECORDINGS) {
  testWith(
    [`guest:${guest}`],
    `${each} round trips over ${guest} end where they began`,
    async () => {
      const made = await recordGuest(guest, more);
      const { recording } = made;
      const end = recording.end!.mark;
      const random = randomFrom(seed);
      const marks: Mark[] = Array.from({ length: each }, () => ({ icount: Math.floor(random() * end.icount), event: 0 }));

      const straight = createMachine(recording.config);
      if (!straight.ok) throw new Error(straight.error);
      const reference = new History({ machine: straight.value, inputs: recording.inputs, end, pause });
      reference.toStart();
      const expected = new Map<number, string>();
      for (const mark of [...marks].sort((a, b) => a.icount - b.icount)) {
        await reference.runTo(mark);
        expected.set(mark.icount, hex(reference));
      }

      const opened = openRecording(recording, { pause });
      if (!opened.ok) throw new Error(opened.error);
      const { timeline, history } = opened.value;
      const manners = { pause };
      for (const [i, mark] of marks.entries()) {
        const context = `seed ${seed}, round trip ${i}, ${formatMark(mark)}`;
        await timeline.seek(mark);
        expect(await timeline.show(() => hex(history)), `${context}: seek`).toBe(expected.get(mark.icount));
        const unit = random() < 0.8 ? 'instruction' : 'event';
        const count = 1 + Math.floor(random() * (random() < 0.2 ? 60 : 6));
        const before = timeline.mark;
        if (unit === 'instruction') {
          const moved = await timeline.step('forward', 'instruction', count, manners);
          expect(await timeline.step('back', 'instruction', moved, manners), `${context}: back`).toBe(moved);
          expect(await timeline.show(() => hex(history)), `${context}: ${count} forward and back`).toBe(expected.get(mark.icount));
          const back = await timeline.step('back', 'instruction', count, manners);
          expect(await timeline.step('forward', 'instruction', back, manners), `${context}: forward`).toBe(back);
          expect(await timeline.show(() => hex(history)), `${context}: ${count} back and forward`).toBe(expected.get(mark.icount));
        } else {
          await timeline.step('forward', 'event', count, manners);
          await timeline.step('back', 'event', count, manners);
          await timeline.seek(before);
          expect(await timeline.show(() => hex(history)), `${context}: ${count} events`).toBe(expected.get(mark.icount));
        }
      }
    },
    Math.max(300_000, each * 2_000),
  );
}
