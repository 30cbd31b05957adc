import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { density, firstAt, sortLanes } from '../../../renderer/state/lanes.ts';
import { formatLink, parseLink } from '../../../renderer/state/link.ts';
import { outputLines } from '../../../renderer/state/output-lines.ts';
import { createView } from '../../../renderer/state/view.ts';
import { fakeWorkbench } from '../../support/fake-workbench.ts';

describe('lanes', () => {
  test('density counts every item once, whatever the range is cut into', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (times, columns) => {
        const icount = Float64Array.from(times).sort();
        const counts = density({ icount }, 0, 1001, columns);
        expect(counts.reduce((sum, n) => sum + n, 0)).toBe(times.length);
      }),
      { seed: 20261121 },
    );
  });

  test('the first item at or after a moment is found by halves', () => {
    const icount = Float64Array.from([1, 5, 5, 9]);
    expect([0, 1, 2, 5, 6, 9, 10].map((at) => firstAt({ icount }, at))).toEqual([0, 0, 1, 1, 3, 3, 4]);
  });

  test('every event is on the lane of its CPU, and every hit among the hits', async () => {
    const api = fakeWorkbench();
    const data = await api.lanes();
    const lanes = sortLanes(data, 2);
    expect(lanes.cpus.reduce((sum, items) => sum + items.icount.length, 0)).toBe(data.icount.length);
    expect(lanes.hits.icount.length).toBe(37);
  });
});

describe('links', () => {
  test('a link reads back as the place it was made of', () => {
    expect(parseLink(formatLink('ab12', { icount: 265797, event: 2 }))).toEqual({ recording: 'ab12', target: '#265797.2' });
    expect(parseLink(formatLink('ab12', { icount: 9, event: 0 }))).toEqual({ recording: 'ab12', target: '#9' });
    expect(formatLink(null, null)).toBe('');
  });

  test('what is not a link is nothing, never an error', () => {
    for (const hash of ['', '#', '#foo', '#t=#1', '#r=<script>', `#r=${'x'.repeat(300)}`, '#r=ab&t=%E0%A4%A'])
      expect(parseLink(hash)).toMatchObject({ target: null });
  });
});

describe('output', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const at = (icount: number) => ({ icount, event: 0 });

  test('a line belongs to the moment of its first byte', () => {
    const lines = outputLines([
      { mark: at(1), index: 1, fd: 1, data: bytes('one\ntw') },
      { mark: at(2), index: 2, fd: 1, data: bytes('o\nthree\n') },
      { mark: at(3), index: 3, fd: 1, data: bytes('four') },
    ]);
    expect(lines.map((line) => [line.mark.icount, line.text])).toEqual([
      [1, 'one'],
      [1, 'two'],
      [2, 'three'],
      [3, 'four'],
    ]);
  });

  test('stdout and stderr do not mix within a line, and a character cut in two is whole again', () => {
    const euro = bytes('€\n');
    const lines = outputLines([
      { mark: at(1), index: 1, fd: 1, data: euro.slice(0, 2) },
      { mark: at(2), index: 2, fd: 2, data: bytes('error\n') },
      { mark: at(3), index: 3, fd: 1, data: euro.slice(2) },
    ]);
    expect(lines.map((line) => [line.fd, line.text])).toEqual([
      [1, '€'],
      [2, 'error'],
    ]);
  });
});

describe('the view', () => {
  test('zooming in and out around a moment keeps it in place and never leaves the recording', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.array(fc.constantFrom(0.5, 2, 0.9, 1.1), { maxLength: 30 }),
        (around, factors) => {
          const view = createView();
          view.reset(999_999);
          for (const factor of factors) {
            view.zoom(factor, around);
            const { from, to } = view.range();
            expect(from).toBeGreaterThanOrEqual(0);
            expect(to).toBeLessThanOrEqual(1_000_001);
            expect(from).toBeLessThanOrEqual(around + 1);
            expect(to).toBeGreaterThanOrEqual(around);
            expect(to - from).toBeGreaterThanOrEqual(19);
          }
        },
      ),
      { seed: 20261121 },
    );
  });

  test('a moment outside of what is shown is brought into sight, one inside moves nothing', () => {
    const view = createView();
    view.reset(1_000_000);
    view.show(0, 1000);
    view.follow(500);
    expect(view.range()).toEqual({ from: 0, to: 1000 });
    view.follow(500_000);
    expect(view.range()).toEqual({ from: 499_500, to: 500_500 });
  });
});
