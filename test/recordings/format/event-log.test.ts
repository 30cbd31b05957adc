// The event log: what goes in comes out, found by Mark and by kind, and its chunks read back whole or not at all.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Damage } from '../../../recordings/format/bytes.ts';
import { EventChunkWriter, decodeChunk, encodeEvents } from '../../../recordings/format/event-chunk.ts';
import { EventLog } from '../../../recordings/format/event-log.ts';
import { EVENT_KIND_NAMES, type TraceEvent } from '../../../recordings/format/events.ts';
import { compareMarks } from '../../../workers/base/mark.ts';
import { sampleEvents, sampleLog } from '../../support/sample-recording.ts';

const all = (log: EventLog): TraceEvent[] => Array.from({ length: log.length }, (_, i) => log.get(i));

describe('the log', () => {
  test('gives back every event of every kind as it was appended', () => {
    const events = sampleEvents(3000, 5);
    const log = sampleLog(3000, 5);
    expect(all(log)).toEqual(events);
    expect(Object.values(log.counts()).reduce((a, b) => a + b, 0)).toBe(3000);
  });

  test('search, filters, next and previous agree with a scan', () => {
    const log = sampleLog(500, 9);
    const marks = all(log);
    fc.assert(
      fc.property(fc.subarray([...EVENT_KIND_NAMES]), fc.nat(520), fc.nat(520), fc.boolean(), (kinds, a, b, any) => {
        const from = { icount: (marks[a]?.icount ?? 1e9) + (a % 2), event: a % 3 };
        const to = { icount: marks[b]?.icount ?? 1e9, event: b % 2 };
        const filter = { kinds: any ? null : kinds, from, to };
        const expected = marks
          .map((event, index) => ({ event, index }))
          .filter(({ event }) => (any || kinds.includes(event.kind)) && compareMarks(event, from) >= 0 && compareMarks(event, to) <= 0)
          .map(({ index }) => index);
        expect(log.page(filter)).toEqual(expected);
        expect(log.count(filter)).toBe(expected.length);
        expect(log.page(filter, 3, 4)).toEqual(expected.slice(3, 7));
        expect(log.search(from)).toBe(marks.filter((event) => compareMarks(event, from) < 0).length);
        const wanted = marks.map((event) => any || kinds.includes(event.kind));
        expect(log.nextOf(filter.kinds, a)).toBe(wanted.indexOf(true, a));
        expect(log.previousOf(filter.kinds, a)).toBe(a === 0 ? -1 : wanted.lastIndexOf(true, a - 1));
      }),
    );
  });

  test('at a Mark there is its event, between Marks there is none', () => {
    const log = sampleLog(50, 2);
    for (let i = 0; i < 50; i++) expect(log.at(log.markAt(i))).toBe(i);
    expect(log.at({ icount: log.markAt(49).icount + 1, event: 0 })).toBe(-1);
  });

  test('a patch changes one field of one event', () => {
    const log = sampleLog(300, 3);
    const index = log.page({ kinds: ['watchpoint-hit'] })[1]!;
    const before = log.getAs('watchpoint-hit', index);
    log.patch(index, { new: 0xfedc_ba98_7654_3210n });
    expect(log.get(index)).toEqual({ ...before, fields: { ...before.fields, new: 0xfedc_ba98_7654_3210n } });
  });

  test('Marks that do not rise and causes that are not earlier are refused as our defect', () => {
    const log = sampleLog(10, 3);
    const last = log.get(9);
    expect(() => log.append(last)).toThrow('rise strictly');
    expect(() => log.append({ ...last, icount: last.icount + 1, cause: 10 })).toThrow('earlier event');
  });

  test('lanes are the head columns', () => {
    const log = sampleLog(40, 3);
    const lanes = log.lanes();
    expect([...lanes.icount]).toEqual(all(log).map((e) => e.icount));
    expect([...lanes.kind].map((k) => EVENT_KIND_NAMES[k])).toEqual(all(log).map((e) => e.kind));
    expect([...lanes.tid]).toEqual(all(log).map((e) => e.tid));
    expect(lanes.index.length).toBe(40);
  });

  test('takes a million events in about a second', () => {
    const events = sampleEvents(1, 1);
    const log = new EventLog();
    const started = performance.now();
    for (let i = 0; i < 1_000_000; i++) log.append({ ...events[0]!, icount: i, event: 0, cause: -1 } as TraceEvent);
    expect(log.length).toBe(1_000_000);
    expect(performance.now() - started).toBeLessThan(8000); // generous: machines under load
  });
});

describe('chunks', () => {
  const decodeAll = (chunks: Iterable<Uint8Array>): EventLog => {
    const log = new EventLog();
    for (const chunk of chunks) decodeChunk(log, chunk);
    return log;
  };

  test('a log of more than one chunk reads back, and is written again as the same bytes', () => {
    const log = sampleLog(70_000, 11);
    const chunks = [...encodeEvents(log)];
    expect(chunks.length).toBe(2);
    const back = decodeAll(chunks);
    expect(back.length).toBe(70_000);
    for (let i = 0; i < 70_000; i += 97) expect(back.get(i)).toEqual(log.get(i));
    expect([...encodeEvents(back)].map((chunk, i) => Buffer.compare(chunk, chunks[i]!))).toEqual([0, 0]);
  });

  test('a log given away while it grows carries later patches, of numbers and of new strings', () => {
    const events = sampleEvents(400, 21);
    const log = new EventLog();
    const writer = new EventChunkWriter(log);
    const chunks: Uint8Array[] = [];
    events.forEach((event, index) => {
      log.append(event);
      if (event.kind === 'watchpoint-hit') log.patch(Math.max(0, index), { old: BigInt(index) });
      if (index % 50 === 49) chunks.push(writer.next()!);
    });
    const hit = log.page({ kinds: ['watchpoint-hit'] })[0]!;
    log.patch(hit, { new: 77n, event: 'mem:never seen before/4:w' });
    chunks.push(writer.next()!);
    expect(writer.next()).toBeNull();
    const back = decodeAll(chunks);
    expect(all(back)).toEqual(all(log));
    expect(back.getAs('watchpoint-hit', hit).fields).toMatchObject({ new: 77n, event: 'mem:never seen before/4:w' });
  });

  test('a chunk out of order is refused', () => {
    const chunks = [...encodeEvents(sampleLog(70_000, 11))];
    expect(() => decodeAll(chunks.slice(1))).toThrow('events came before it');
  });

  test('a chunk cut at any length, or with any byte changed, is refused or decodes; it never throws anything else', () => {
    const chunk = [...encodeEvents(sampleLog(60, 4))][0]!;
    for (let cut = 0; cut < chunk.length; cut++)
      expect(() => decodeChunk(new EventLog(), chunk.subarray(0, cut)), `cut at ${cut}`).toThrow(Damage);
    for (let at = 0; at < chunk.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const changed = chunk.slice();
        changed[at]! ^= flip;
        try {
          decodeChunk(new EventLog(), changed);
        } catch (error) {
          expect(error, `byte ${at} ^ ${flip}`).toBeInstanceOf(Damage);
        }
      }
    }
  });
});
