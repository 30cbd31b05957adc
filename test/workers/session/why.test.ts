// Why on real programs: it says hit exactly where the machine hit, names the event that made each condition so, and leaves no trace.
import { describe, expect } from 'vitest';
import type { Position, WhyAnswer, WhyRequest } from '../../../workers/api/workbench-api.ts';
import type { Mark } from '../../../workers/base/mark.ts';
import type { Result } from '../../../workers/base/result.ts';
import { Session } from '../../../workers/session/session.ts';
import { pause, requestFor } from '../../support/guests.ts';
import { randomFrom } from '../../support/toy-recording.ts';
import { testWith } from '../../support/tools.ts';

const nothing = (): void => {};

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

async function recorded(guest: string, events: readonly string[], cpus = 1, maxIcount = 40_000_000): Promise<Session> {
  const session = new Session({ pause, now: () => 0 });
  must(await session.record(requestFor(guest, { events, cpus, maxIcount }), nothing, nothing));
  return session;
}

const ask = async (session: Session, more: Partial<WhyRequest> = {}): Promise<WhyAnswer> =>
  must(await session.why({ mark: null, cpu: null, slot: null, access: null, ...more }));
const hitSlots = (answer: WhyAnswer): string[] => answer.slots.filter((s) => s.verdict === 'hit').map((s) => `${s.file}${s.slot}`);

/**
 * Slots of the hits that the machine records for the access about to be made: those of the CPU's next tick, or, when a program's access has
 * matched already and the hits are being given out, those. null: an interrupt comes first.
 */
function machineHits(session: Session, { mark }: Position, cpu: number): string[] | null {
  const { log } = session.current!.events;
  const given: string[] = [];
  const next: string[] = [];
  for (let i = log.search({ icount: mark.icount, event: mark.event + 1 }); i < log.length && log.icount[i]! <= mark.icount + 1; i++) {
    const event = log.get(i);
    if (event.cpu === cpu && event.icount > mark.icount && event.kind === 'exception' && event.fields.class === 'irq') return null;
    if (event.cpu !== cpu || (event.kind !== 'watchpoint-hit' && event.kind !== 'breakpoint-hit')) continue;
    const slot = `${event.kind === 'breakpoint-hit' ? 'BRP' : 'WRP'}${event.fields.slot}`;
    if (event.icount > mark.icount) next.push(slot);
    else if (event.pc < KERNEL) given.push(slot);
  }
  return given.length > 0 ? given : next;
}
const KERNEL = 1n << 63n;

describe('why', () => {
  testWith(['guest:counter'], 'says hit at every hit, with the access and the install that armed the slot', async () => {
    const session = await recorded('counter', ['mem:counter/8:w']);
    const { log } = session.current!.events;
    const hits = [...log.indices({ kinds: ['watchpoint-hit'] })];
    expect(hits).toHaveLength(25);
    for (const index of hits) {
      const hit = log.getAs('watchpoint-hit', index);
      if (!hit.fields.counted) continue;
      const answer = await ask(session, { mark: log.markAt(index) });
      expect(answer).toMatchObject({ pc: hit.pc, cpu: hit.cpu, tid: hit.tid });
      const [slot] = answer.slots;
      expect(slot).toMatchObject({
        verdict: 'hit',
        event: 'mem:counter/8:w',
        access: { address: hit.fields.address, size: hit.fields.size, access: 'w' },
      });
      for (const { since, by } of slot!.conditions.filter((c) => c.since !== null))
        expect(by === null ? since : log.kindAt(log.at(since!))).toEqual(by ?? { icount: 0, event: 0 });
      expect(slot!.conditions.map((c) => c.by).filter((by) => by !== null)).toEqual(
        expect.arrayContaining(['register-write', index === hits[0] ? 'install' : 'reinstall']),
      );
    }
  });

  // Exclusive and atomic accesses and futex words of the kernel; pairs and vector registers; four slots, some of which overlap.
  const PROGRAMS = {
    ledger: ['mem:pool+0x20/8:rw', 'mem:lock/4:rw', 'mem:deposit:x', 'mem:pool+0x22/2:r', 'mem:lock+1/1:w'],
    mm: ['mem:pipes/8:rw', 'mem:pipes+4/4:w', 'mem:state/4:rw', 'mem:state+1/1:r'],
    'strings.o2': ['mem:a+24/8:rw', 'mem:b+19/1:r', 'mem:a+40/8:w', 'mem:c+8/4:r'],
    mutex: ['mem:lock/4:rw', 'mem:by_atomic/8:rw', 'mem:by_mutex/2:w'],
  } as const;
  for (const guest of Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[])
    testWith([`guest:${guest}`], `at any Mark of ${guest} says hit exactly when the machine hits`, async () => {
      const seed = 20261121;
      const session = await recorded(guest, PROGRAMS[guest], 2, guest === 'mm' ? 4_000_000 : 1_000_000);
      const { log } = session.current!.events;
      const random = randomFrom(seed);
      const marks: Mark[] = [];
      for (let i = 0; i < 40; i++) marks.push({ icount: Math.floor(random() * session.current!.end.icount), event: 0 });
      // The state before a hit, and those around a step over it.
      const events = [...log.indices({ kinds: ['watchpoint-hit', 'breakpoint-hit', 'suspend', 'step-over', 'reinstall'] })];
      const before = (index: number): Mark => ({ icount: log.icount[index]! - 1, event: 0 });
      for (let i = 0; i < 40; i++) marks.push(before(events[Math.floor(random() * events.length)]!));
      const hits = events.filter((index) => log.kindAt(index).endsWith('-hit'));
      for (let i = 0; i < 30; i++) marks.push(before(hits[Math.floor(random() * hits.length)]!));
      const kernels = events.filter((index) => log.kindAt(index) === 'watchpoint-hit' && log.pc.get(index) >= KERNEL);
      for (const index of kernels.slice(0, 10)) marks.push(before(index));
      if (guest === 'mm') expect(kernels.length).toBeGreaterThan(0);
      let found = 0;
      for (const mark of marks) {
        const position = must(await session.seek(mark));
        const cpu = session.current!.history.machine.view.currentCpu;
        const answer = await ask(session, { cpu });
        const expected = machineHits(session, position, cpu);
        if (expected === null) continue;
        found += expected.length;
        expect({ seed, mark, hits: hitSlots(answer).sort() }).toEqual({ seed, mark, hits: expected.sort() });
        expect(must(await session.seek(mark)).digest).toBe(position.digest);
      }
      expect(found).toBeGreaterThan(15);
    });

  testWith(['guest:counter'], 'while the slot is suspended for the step, E fails and the suspend is why', async () => {
    const session = await recorded('counter', ['mem:counter/8:w']);
    const { log } = session.current!.events;
    const over = log.nextOf(['step-over'], 0);
    const suspend = log.previousOf(['suspend'], over);
    // Back to the store, which the step exception has not stopped yet.
    const hit = log.getAs('watchpoint-hit', log.previousOf(['watchpoint-hit'], over));
    must(await session.seek(log.markAt(over)));
    let position = must(await session.step('back', 'instruction', 1));
    while (position.cpus[0]!.el !== 0 || position.cpus[0]!.pc !== hit.pc) position = must(await session.step('back', 'instruction', 1));
    const [slot] = (await ask(session)).slots;
    expect(slot!.verdict).toBe('no-hit');
    expect(slot!.conditions.filter((c) => !c.ok)).toEqual([
      expect.objectContaining({
        text: expect.stringMatching(/^DBGWCR0_EL1 is 0x1ff4: E is 0$/) as string,
        since: log.markAt(suspend),
        by: 'suspend',
      }),
    ]);
  });

  testWith(
    ['guest:counter'],
    'where nothing is accessed it says so; an access nobody made and an empty slot can be asked about',
    async () => {
      const session = await recorded('counter', ['mem:counter/8:w']);
      const counter = must(await session.evaluate(0, 'counter'));
      must(await session.seek('bump'));
      let answer = await ask(session);
      while (answer.accesses.length > 1) {
        must(await session.step('forward', 'instruction', 1));
        answer = await ask(session);
      }
      expect(answer.note).toMatch(/accesses no memory/);
      expect(answer.slots[0]).toMatchObject({ verdict: 'no-hit', access: null, conditions: [] });
      const store = await ask(session, { access: { address: counter + 4n, size: 4, access: 'w' } });
      expect(hitSlots(store)).toEqual(['WRP0']);
      const load = await ask(session, { access: { address: counter, size: 8, access: 'r' } });
      expect(load.slots[0]!.conditions.filter((c) => !c.ok).map((c) => c.text)).toEqual(['LSC 10 selects stores; this is a load']);
      const empty = await ask(session, { slot: { file: 'WRP', slot: 3 }, access: { address: counter, size: 8, access: 'w' } });
      expect(empty.slots[0]!.conditions.find((c) => c.name.includes('(E)'))).toMatchObject({
        ok: false,
        since: { icount: 0, event: 0 },
        by: null,
      });
      expect(await session.why({ mark: null, cpu: null, slot: { file: 'WRP', slot: 99 }, access: null })).toMatchObject({ ok: false });
      expect(await session.why({ mark: null, cpu: 7, slot: null, access: null })).toMatchObject({ ok: false });
    },
  );
});
