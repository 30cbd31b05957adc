// The session's calls on a real program: what a window does with them from the first record to reload.
import { describe, expect } from 'vitest';
import type { Position, RecordingChunk } from '../../../workers/api/workbench-api.ts';
import { assembleFile, writeRecording } from '../../../recordings/format/write.ts';
import { compareMarks } from '../../../workers/base/mark.ts';
import type { Result } from '../../../workers/base/result.ts';
import { Session } from '../../../workers/session/session.ts';
import { pause, requestFor } from '../../support/guests.ts';
import { testWith } from '../../support/tools.ts';

const nothing = (): void => {};
const newSession = (): Session => new Session({ pause, now: () => 0 });

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

async function recorded(guest: string, events: readonly string[] = []): Promise<Session> {
  const session = newSession();
  must(await session.record(requestFor(guest, { events }), nothing, nothing));
  return session;
}

describe('a session', () => {
  testWith(['guest:counter'], 'saves, opens elsewhere, and stands at the same state at the same Mark', async () => {
    const first = await recorded('counter', ['mem:counter/8:w']);
    const there = must(await first.step('forward', 'hit', 12));
    const second = newSession();
    const summary = must(await second.open(must(await first.save())));
    expect({ ...summary, sizeBytes: 0 }).toEqual(first.current!.summary());
    const here = must(await second.seek(there.mark));
    expect(here.digest).toBe(there.digest);
    expect(here.cpus).toEqual(there.cpus);
  });

  testWith(['guest:counter'], 'pieces given away while recording are the recording; without the last ones it still opens', async () => {
    const pieces: RecordingChunk[] = [];
    const session = newSession();
    const whole = must(
      await session.record(requestFor('counter', { events: ['mem:counter/8:w'] }), nothing, (piece) => pieces.push(piece)),
    );
    expect(must(await newSession().open(assembleFile(pieces))).id).toBe(whole.id);
    const cut = must(await newSession().open(assembleFile(pieces.filter((piece) => piece.part !== 'end.json'))));
    expect(cut.watches[0]!.hits).toBe(25);
  });

  testWith(['guest:counter'], 'steps by hit, back and forward, end where they began', async () => {
    const session = await recorded('counter', ['mem:counter/8:w']);
    const last = must(await session.step('forward', 'hit', 25));
    const earlier = must(await session.step('back', 'hit', 10));
    expect(compareMarks(earlier.mark, last.mark)).toBeLessThan(0);
    const again = must(await session.step('forward', 'hit', 10));
    expect(again.digest).toBe(last.digest);
    expect(again.event?.index).toBe(last.event?.index);
  });

  testWith(['guest:counter'], 'over a call and back, out of a function and back', async () => {
    const session = await recorded('counter');
    const inBump = must(await session.seek('bump'));
    const symbolOf = (position: Position): string => session.current!.nameAt(position.cpus[0]!, position.cpus[0]!.pc)!.replace(/\+.*/, '');
    expect(symbolOf(inBump)).toBe('bump');
    const outside = must(await session.step('forward', 'out', 1));
    expect(symbolOf(outside)).toBe('main');
    const call = must(await session.step('back', 'over', 1));
    expect(symbolOf(call)).toBe('main');
    expect(call.cpus[0]!.pc).toBe(outside.cpus[0]!.pc - 4n);
    const over = must(await session.step('forward', 'over', 1));
    expect(over.digest).toBe(outside.digest);
    must(await session.seek(inBump.mark));
    must(await session.step('forward', 'instruction', 2));
    const back = must(await session.step('back', 'out', 1));
    expect(back.mark).toEqual(call.mark);
  });

  testWith(['guest:counter'], 'a watchpoint after the fact takes part in events, lanes, steps and the summary', async () => {
    const session = await recorded('counter');
    const before = await session.events({ kinds: null, from: null, to: null, offset: 0, limit: 1 });
    const watch = must(await session.addWatch('mem:counter/8:w', nothing, nothing));
    expect(watch).toMatchObject({ hits: 25, recorded: false });
    const after = await session.events({ kinds: null, from: null, to: null, offset: 0, limit: 100_000 });
    expect(after.total).toBe(before.total + 25);
    expect(after.rows.map((row) => row.mark)).toEqual(after.rows.map((row) => row.mark).toSorted(compareMarks));
    expect((await session.lanes()).icount).toHaveLength(after.total);
    const hit = must(await session.step('forward', 'hit', 1));
    expect(hit.event).toMatchObject({ kind: 'watchpoint-hit', what: expect.stringContaining('write 8 counter') as string });
    expect((await session.watchSeries('mem:counter/8:w')).value).toHaveLength(25);
    await session.removeWatch('mem:counter/8:w');
    expect((await session.events({ kinds: null, from: null, to: null, offset: 0, limit: 1 })).total).toBe(before.total);
  });

  testWith(['guest:counter'], 'disassembly, memory, symbols and expressions are those of the place', async () => {
    const session = await recorded('counter');
    const position = must(await session.seek('bump'));
    const { pc, regs } = position.cpus[0]!;
    const lines = await session.disassemble(0, pc, 4, 8);
    expect(lines.find((line) => line.isPc)).toMatchObject({ address: pc, symbol: 'bump' });
    expect(must(await session.evaluate(0, 'sp+0x10'))).toBe(regs['sp']! + 16n);
    const counter = must(await session.evaluate(0, 'counter'));
    const memory = await session.memory(0, counter, 8);
    expect(memory.bytes).toHaveLength(8);
    expect(memory.symbols.map((symbol) => symbol.name)).toContain('counter');
    expect((await session.symbols('count', 5))[0]!.name).toBe('counter');
    expect(await session.evaluate(0, 'nonsense+1')).toMatchObject({ ok: false });
  });

  testWith(['guest:counter'], 'verifies, and a person may step meanwhile', async () => {
    const session = await recorded('counter', ['mem:counter/8:w']);
    const verifying = session.verify(nothing);
    must(await session.seek('!50'));
    expect(must(await verifying).digests).toBeGreaterThan(0);
  });

  testWith(['guest:ledger'], 'finds who overwrote the total', async () => {
    const session = await recorded('ledger');
    const address = must(await session.evaluate(0, 'pool+0x20'));
    const series: string[] = [];
    must(
      await session.addWatch('mem:pool+0x20/8:w', nothing, (hits) =>
        hits.forEach((hit) => series.push(session.current!.symbols.symbol(hit.pc, hit.tid, 0) ?? '')),
      ),
    );
    const last = must(await session.lastWrite(address, 8, session.current!.end, nothing));
    expect(last).not.toBeNull();
    expect(series.some((symbol) => symbol.startsWith('slots_clear'))).toBe(true);
    expect(series.some((symbol) => symbol.startsWith('deposit'))).toBe(true);
  });

  testWith(['guest:counter'], 'a recording that claims more than its program does is told, and the session lives on', async () => {
    const session = await recorded('counter', ['mem:counter/8:w']);
    const { recording } = session.current!;
    const liar = { ...recording, end: { ...recording.end!, mark: { icount: Number.MAX_SAFE_INTEGER - 1, event: 3 } } };
    must(await session.open(writeRecording(liar)));
    expect(await session.seek('!100')).toMatchObject({ ok: false, error: expect.stringMatching(/ended at #\d+.*before #\d+/) as string });
    expect(must(await session.seek('#100')).mark.icount).toBe(100);
    expect(await session.verify(nothing)).toMatchObject({ ok: false });
  });

  testWith(['guest:endless'], 'a long way to a Mark can be cancelled', async () => {
    const session = newSession();
    must(await session.record(requestFor('endless', { maxIcount: 200_000 }), nothing, nothing));
    const { recording } = session.current!;
    must(await session.open(writeRecording({ ...recording, end: { ...recording.end!, mark: { icount: 2 ** 50, event: 0 } } })));
    const going = session.seek('!100');
    setTimeout(() => void session.cancel(), 200);
    expect(await going).toEqual({ ok: false, error: 'cancelled' });
    expect(must(await session.seek('#1000')).mark.icount).toBe(1000);
  });
});
