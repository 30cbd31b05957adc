// Questions after the fact against the dumbest way to answer them: one tick at a time, looking at the bytes after each.
import { describe, expect } from 'vitest';
import { compareMarks, formatMark, type Mark } from '../../workers/base/mark.ts';
import { createMachine } from '../../workers/kernel/create-machine.ts';
import { History } from '../../workers/replay/history.ts';
import { type FoundHit, findHits, findLast } from '../../workers/replay/query.ts';
import { Trail } from '../../workers/replay/trail.ts';
import { type OpenRecording, openRecording } from '../../workers/session/open-recording.ts';
import type { RecordedProgram } from '../../workers/session/record-program.ts';
import { pause, recordGuest } from '../support/guests.ts';
import { testWith } from '../support/tools.ts';
import { randomFrom } from '../support/toy-recording.ts';

const manners = { pause };
const seed = Number(process.env['TRAPLINE_SEED'] ?? 31_415);

function opened({ recording }: RecordedProgram): OpenRecording {
  const open = openRecording(recording, { pause });
  if (!open.ok) throw new Error(open.error);
  return open.value;
}

/** Marks of the ticks after which the bytes of the first process differ from before, over the whole run. */
async function changes(made: RecordedProgram, address: bigint, length: number): Promise<Mark[]> {
  const machine = createMachine(made.recording.config);
  if (!machine.ok) throw new Error(machine.error);
  const history = new History({ machine: machine.value, inputs: made.recording.inputs, end: made.recording.end!.mark, pause });
  history.toStart();
  const trail = new Trail(history);
  const { view } = machine.value;
  const mm = (): number => view.tasks().find((task) => task.mm !== 0)?.mm ?? 0;
  let space = mm();
  /** null while any of the bytes is not mapped: a page that comes or goes is no write. */
  const bytes = (): string | null => {
    const now = view.read(space, address, length);
    return now.includes(null) ? null : now.join();
  };
  let last = bytes();
  const found: Mark[] = [];
  for (let mark = machine.value.mark; trail.next(); mark = machine.value.mark) {
    if (space === 0) space = mm();
    const now = bytes();
    if (now !== last && now !== null && last !== null) found.push(mark);
    last = now;
  }
  return found;
}

describe('hits and last-write agree with single steps', () => {
  for (const [guest, symbol, length] of [
    ['counter', 'counter', 8],
    ['ledger', 'pool', 48],
    ['counter', 'stdout', 8],
  ] as const) {
    testWith(
      [`guest:${guest}`],
      `${symbol} of ${guest}, which nobody watched`,
      async () => {
        const made = await recordGuest(guest);
        const open = opened(made);
        const address = open.address(symbol);
        if (!address.ok) throw new Error(address.error);
        const wanted = open.wanted(`mem:${symbol}/${length}:w`);
        if (!wanted.ok) throw new Error(wanted.error);
        const brute = await changes(made, address.value, length);

        const hits: FoundHit[] = [];
        await findHits(open.history, wanted.value, manners, (batch) => hits.push(...batch));
        const marks = new Set(hits.map((hit) => formatMark({ icount: hit.icount, event: hit.event })));
        for (const mark of brute) expect(marks, `change at ${formatMark(mark)}`).toContain(formatMark(mark));
        for (const hit of hits) {
          if (hit.fields.old !== hit.fields.new && hit.fields.size <= 8) {
            expect(brute.map(formatMark), `hit at ${formatMark(hit)}`).toContain(formatMark({ icount: hit.icount, event: hit.event }));
          }
        }

        const random = randomFrom(seed);
        for (let i = 0; i < 12; i++) {
          const before = { icount: Math.floor(random() * open.end.icount), event: 0 };
          const found = await findLast(open.history, wanted.value, before, manners);
          const expected = hits.findLast((hit) => compareMarks(hit, before) < 0) ?? null;
          expect(found === null ? null : formatMark(found), `seed ${seed}, before ${formatMark(before)}`).toBe(
            expected === null ? null : formatMark(expected),
          );
        }
      },
      300_000,
    );
  }

  testWith(['guest:counter'], 'counter is written 25 times, watched or not, with the same values', async () => {
    const watched = await recordGuest('counter', { events: ['mem:counter/8:w'] });
    const log = watched.recording.events;
    const recorded = [...log.indices({ kinds: ['watchpoint-hit'] })].map((i) => log.getAs('watchpoint-hit', i));
    expect(recorded).toHaveLength(25);
    expect(recorded.every((hit) => hit.fields.counted)).toBe(true);

    const open = opened(await recordGuest('counter'));
    const wanted = open.wanted('mem:counter/8:w');
    if (!wanted.ok) throw new Error(wanted.error);
    const found: FoundHit[] = [];
    await findHits(open.history, wanted.value, manners, (batch) => found.push(...batch));
    const values = (hits: readonly FoundHit[]): string[] => hits.map((hit) => `${hit.pc.toString(16)} ${hit.fields.old} ${hit.fields.new}`);
    expect(values(found)).toEqual(values(recorded));
  });

  testWith(['guest:cat'], 'a write of the kernel on behalf of the program is found and marked', async () => {
    const made = await recordGuest('cat', { stdin: new TextEncoder().encode('some bytes for the kernel to copy\n') });
    const open = opened(made);
    const log = made.recording.events;
    const read = [...log.indices({ kinds: ['syscall'] })]
      .map((i) => log.getAs('syscall', i))
      .find((call) => call.fields.name === 'read' && !call.fields.result.startsWith('-'));
    const buffer = /0x[0-9a-f]+/.exec(read?.fields.args ?? '')?.[0];
    expect(buffer, read?.fields.args).toBeDefined();
    const found = await open.lastWrite(BigInt(buffer!), 4, { icount: read!.icount, event: read!.event }, manners, () => {});
    expect(found.ok && found.value).toMatchObject({ kind: 'watchpoint-hit', fields: { access: 'w', counted: false } });
  });
});
