// Which checkpoints are kept: bounded in number and bytes, dense near the newest, and never a gap that takes long to run through.
import { describe, expect, test } from 'vitest';
import { AGED, CheckpointStore } from '../../../workers/replay/checkpoints.ts';
import { countIntervalsTo, intervalEnd, packTouched, pageOf, touches } from '../../../workers/replay/intervals.ts';

const at = (icount: number) => ({ mark: { icount, event: 0 }, bytes: 4096 });

describe('checkpoints', () => {
  test('of a long run at most so many are kept, the first and the newest among them', () => {
    const store = new CheckpointStore(AGED);
    for (let icount = 0; icount < 2 ** 34; icount = intervalEnd(icount)) store.add(at(icount));
    const marks = store.marks().map((mark) => mark.icount);
    expect(marks.length).toBe(AGED.most);
    expect(marks[0]).toBe(0);
    expect(marks.at(-1)).toBeGreaterThan(2 ** 34 - 2 ** 23);
    const gaps = marks.slice(1).map((icount, i) => icount - marks[i]!);
    expect(Math.max(...gaps)).toBeLessThan(2 ** 34 / 100);
  });

  test('the byte budget holds', () => {
    const store = new CheckpointStore({ name: 'small', most: 1000, bytes: 10 * 4096 });
    for (let i = 0; i < 100; i++) store.add(at(i * 1000));
    expect(store.bytes).toBeLessThanOrEqual(10 * 4096);
    expect(store.nearest({ icount: 0, event: 5 })!.mark.icount).toBe(0);
    expect(store.nearest({ icount: 1e9, event: 0 })!.mark.icount).toBe(99_000);
  });

  test('one Mark has one checkpoint', () => {
    const store = new CheckpointStore(AGED);
    store.add(at(5));
    store.add(at(5));
    expect(store.count).toBe(1);
    expect(store.has({ icount: 5, event: 0 })).toBe(true);
    expect(store.has({ icount: 5, event: 1 })).toBe(false);
  });
});

describe('intervals', () => {
  test('end at every multiple of 2^24, and grow no longer than 2^22', () => {
    const ends = new Set<number>();
    let icount = 0;
    while (icount < 2 ** 28) {
      const end = intervalEnd(icount);
      expect(end - icount).toBeLessThanOrEqual(2 ** 22);
      expect(end).toBeGreaterThan(icount);
      ends.add(end);
      icount = end;
    }
    for (let digest = 2 ** 24; digest <= 2 ** 28; digest += 2 ** 24) expect(ends).toContain(digest);
  });

  test('are counted without walking them', () => {
    for (const end of [0, 1, 2 ** 14, 2 ** 14 + 1, 1_000_000, 2 ** 27, 2 ** 27 + 5, 2 ** 28 + 12_345]) {
      let count = 0;
      for (let icount = 0; icount < end; icount = intervalEnd(icount)) count++;
      expect(countIntervalsTo(end), String(end)).toBe(count);
    }
    expect(countIntervalsTo(Number.MAX_SAFE_INTEGER)).toBeGreaterThan(2 ** 30);
  });

  test('touched pages are found by page and kind of access, whoever touched them', () => {
    const pages = packTouched(
      new Map([
        [1 * 2 ** 36 + 0x4a0, 2],
        [2 * 2 ** 36 + 0x4a0, 1],
        [2 * 2 ** 36 + 0x4a3, 4],
      ]),
    );
    const interval = { start: { icount: 0, event: 0 }, end: { icount: 1, event: 0 }, pages };
    expect(pages).toHaveLength(2);
    expect(touches(interval, pageOf(0x4a0010n), pageOf(0x4a0017n), 2)).toBe(true);
    expect(touches(interval, pageOf(0x4a1000n), pageOf(0x4a2fffn), 7)).toBe(false);
    expect(touches(interval, pageOf(0x4a1000n), pageOf(0x4a3000n), 4)).toBe(true);
    expect(touches(interval, pageOf(0x4a3000n), pageOf(0x4a3000n), 3)).toBe(false);
  });
});
