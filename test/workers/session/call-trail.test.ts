// The trail of a call, against every instruction of the program told one by one by single ticks.
import { describe, expect, test } from 'vitest';
import type { TrailAnswer } from '../../../workers/api/workbench-api.ts';
import { compareMarks, type Mark } from '../../../workers/base/mark.ts';
import type { Result } from '../../../workers/base/result.ts';
import { CallFollower } from '../../../workers/session/call-trail.ts';
import { Session } from '../../../workers/session/session.ts';
import { pause, requestFor } from '../../support/guests.ts';
import { testWith } from '../../support/tools.ts';

const nothing = (): void => {};

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

async function recorded(guest: string, events: readonly string[], cpus = 1): Promise<Session> {
  const session = new Session({ pause, now: () => 0 });
  must(await session.record(requestFor(guest, { events, cpus }), nothing, nothing));
  return session;
}

async function trailHere(session: Session, limit = 1_000_000): Promise<TrailAnswer> {
  const { cpu, cpus } = await session.position();
  const found = must(await session.trail(cpu, cpus[cpu]!.user?.['pc'] ?? cpus[cpu]!.pc, limit));
  if (found === null) throw new Error('no function is here');
  return found;
}

/** Executions of a range by a task from one Mark to another, counted tick by tick without any query. */
async function ticked(session: Session, from: Mark, to: Mark, found: TrailAnswer): Promise<ReadonlyMap<bigint, number>> {
  const { history } = session.current!;
  const { address, size } = found.function;
  return history.exclusive(async () => {
    const { machine } = history;
    await history.goTo(from);
    const counts = new Map<bigint, number>();
    // An instruction that takes an exception instead of retiring comes again: it is counted once the task has gone on to another.
    let pending: bigint | null = null;
    const goesOn = (pc: bigint): void => {
      if (pending !== null && pending !== pc && pending >= address && pending < address + BigInt(size))
        counts.set(pending, (counts.get(pending) ?? 0) + 1);
      pending = pc;
    };
    const { view } = machine;
    while (compareMarks(machine.mark, to) < 0) {
      const { tid, el, pc } = view.cpu(view.currentCpu);
      if (tid === found.tid && el === 0) goesOn(pc);
      machine.tick();
    }
    const last = Array.from({ length: machine.config.cpus }, (_, cpu) => view.cpu(cpu)).find((cpu) => cpu.tid === found.tid)!;
    goesOn(last.el === 0 ? last.pc : (last.user?.['pc'] ?? 0n));
    return counts;
  });
}

const RET = [0xc0, 0x03, 0x5f, 0xd6];
const NOP = [0x1f, 0x20, 0x03, 0xd5];
const at = (icount: number): Mark => ({ icount, event: 0 });

describe('the trail of a call', () => {
  for (const [guest, event, cpus] of [
    ['counter', 'mem:counter/8:w', 1],
    ['ledger', 'mem:pool+0x20/8:w', 2],
  ] as const)
    testWith([`guest:${guest}`], `counts at each hit of ${guest} what single steps count, and leaves the place alone`, async () => {
      const session = await recorded(guest, [event], cpus);
      must(await session.seek('!100'));
      let whole = 0;
      for (let n = 0; n < 12; n++) {
        const there = must(await session.step('back', 'hit', 1));
        const found = await trailHere(session);
        expect(found.mark).toEqual(there.mark);
        const counted = await ticked(session, found.from, found.mark, found);
        if (found.entered !== null) {
          whole++;
          expect(found.counts.find((row) => row.address === found.function.address)?.times).toBe(1);
          expect(new Map(found.counts.map((row) => [row.address, row.times]))).toEqual(counted);
        }
        expect((await session.position()).digest).toBe(there.digest);
      }
      expect(whole).toBeGreaterThan(8);
    });

  testWith(['guest:counter'], 'further back than the limit is unknown, and says from where on it knows', async () => {
    const session = await recorded('counter', ['mem:counter/8:w']);
    const there = must(await session.step('forward', 'hit', 9));
    const found = await trailHere(session, 5);
    expect(found.entered).toBe(null);
    expect(found.from.icount).toBe(there.mark.icount - 5);
    expect((await trailHere(session)).entered).not.toBe(null);
  });

  testWith(['guest:counter'], 'gives way to whoever asks next, and can be asked again', async () => {
    const session = await recorded('counter', ['mem:counter/8:w']);
    must(await session.seek('!100'));
    must(await session.step('back', 'hit', 3));
    const { cpu, cpus } = await session.position();
    const asked = session.trail(cpu, cpus[cpu]!.pc, 1_000_000);
    void session.cancel();
    const answer = await asked;
    if (!answer.ok) expect(answer.error).toBe('cancelled');
    expect((await trailHere(session)).counts.length).toBeGreaterThan(0);
  });

  test('a recursive call has its own counts, and its return gives the outer one back', () => {
    const words = new Map([
      [100, NOP],
      [104, NOP],
      [108, RET],
    ]);
    const follower = new CallFollower(100, at(0), (address) => words.get(address)!);
    follower.execute(100, at(1), () => 900n);
    follower.execute(104, at(2), () => 0n);
    follower.execute(100, at(3), () => 800n);
    follower.execute(104, at(4), () => 0n);
    expect(follower.callAt(108, at(5))).toMatchObject({ entered: at(3) });
    follower.execute(108, at(5), () => 0n);
    const outer = follower.callAt(108, at(6));
    expect([outer.entered, [...outer.counts]]).toEqual([
      at(1),
      [
        [100, 1],
        [104, 1],
      ],
    ]);
  });

  test('a loop to the first instruction is the same call; a call at the same depth after one that never returned is another', () => {
    const branchBack = [0xff, 0xff, 0xff, 0x17]; // b .-4
    const follower = new CallFollower(100, at(0), (address) => (address === 104 ? branchBack : NOP));
    follower.execute(100, at(1), () => 900n);
    follower.execute(104, at(2), () => 0n);
    follower.execute(100, at(3), () => 900n);
    expect([...follower.callAt(104, at(4)).counts]).toEqual([
      [100, 2],
      [104, 1],
    ]);
    follower.execute(108, at(4), () => 0n);
    follower.execute(100, at(9), () => 900n);
    expect(follower.callAt(104, at(10))).toMatchObject({ entered: at(9) });
  });
});
