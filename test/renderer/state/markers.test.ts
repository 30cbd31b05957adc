import { createRoot } from 'solid-js';
import { expect, test, vi } from 'vitest';
import { memoryLibrary } from '../../../renderer/client/memory-library.ts';
import { plateLeft } from '../../../renderer/panels/timeline/model.ts';
import { distanceText, readMarkers } from '../../../renderer/state/markers.ts';
import { createTrapline } from '../../../renderer/state/trapline.ts';
import { err, ok } from '../../../workers/base/result.ts';
import { fakeWorkbench } from '../../support/fake-workbench.ts';

const host = {
  bundled: async () => ({ programs: [], recordings: [{ name: 'a', file: 'a.trapline', about: '' }] }),
  bundledFile: async () => ok(new Uint8Array([0x50])),
  givenFile: async () => err('no'),
  saveFile: () => undefined,
};

test('two markers say how many instructions and events lie between, counted by the workbench, and the sign when B is first', async () => {
  const { shelf, session, markers, commands } = createRoot(() => createTrapline(fakeWorkbench(), memoryLibrary(), host));
  await shelf.start({ recording: null, target: null });
  await session.seek('#1000');
  commands.get('look.marker-b').run();
  expect(markers.distance()).toBe(null);
  await session.seek('#265797');
  commands.get('look.marker-a').run();
  const from = { icount: 1000, event: 0 };
  const { total } = await session.api.events({ kinds: null, from, to: { icount: 265797, event: 0 }, offset: 0, limit: 0 });
  expect(total).toBeGreaterThan(1);
  await vi.waitFor(() => expect(markers.distance()).toEqual({ instructions: -264797, events: -total }));
  expect(distanceText(markers.distance()!)).toBe(`Δ −264,797 instructions, ${total} events`);
});

test('a marker placed again where it is goes away; Delete takes the one here, else both', async () => {
  const { shelf, session, markers, commands } = createRoot(() => createTrapline(fakeWorkbench(), memoryLibrary(), host));
  await shelf.start({ recording: null, target: null });
  expect(commands.get('look.markers-clear').when()).toBe(false);
  await session.seek('#10');
  markers.place('A');
  markers.place('A');
  expect(markers.some()).toBe(false);
  markers.place('A');
  await session.seek('#20');
  markers.place('B');
  commands.get('look.markers-clear').run();
  expect(markers.all()).toEqual({ A: { icount: 10, event: 0 }, B: null });
  markers.place('B');
  await session.seek('#30');
  commands.get('look.markers-clear').run();
  expect(markers.all()).toEqual({ A: null, B: null });
});

test('markers are where they were when the recording is opened again', async () => {
  const library = memoryLibrary();
  const first = createRoot(() => createTrapline(fakeWorkbench(), library, host));
  await first.shelf.start({ recording: null, target: null });
  await first.session.seek('#77');
  first.markers.place('B');
  await first.shelf.keepPlace(first.session.id()!, { icount: 80, event: 0 });
  const again = createRoot(() => createTrapline(fakeWorkbench(), library, host));
  await again.shelf.start({ recording: null, target: null });
  await again.shelf.openRow(again.shelf.rows()[0]!.id, null);
  expect(again.markers.all()).toEqual({ A: null, B: { icount: 77, event: 0 } });
});

test('kept markers that are no Marks of this recording are ignored', () => {
  const end = { icount: 100, event: 2 };
  for (const value of [
    { icount: 101, event: 0 },
    { icount: 100, event: 3 },
    { icount: -1, event: 0 },
    { icount: 1.5, event: 0 },
    'x',
    null,
  ])
    expect(readMarkers({ markers: { A: value, B: { icount: 100, event: 2 } } }, end)).toEqual({ A: null, B: end });
  for (const panels of [null, undefined, 7, { markers: 3 }, { markers: [] }])
    expect(readMarkers(panels, end)).toEqual({ A: null, B: null });
});

test('the plate of the current Mark gives way to the flags of markers, and stays in the window', () => {
  expect(plateLeft(100, 60, 800, [])).toBe(110);
  expect(plateLeft(780, 60, 800, [])).toBe(710);
  expect(plateLeft(100, 60, 800, [[120, 135]])).toBe(30);
  const flags = [
    [85, 100],
    [120, 135],
  ] as const;
  const left = plateLeft(100, 60, 800, flags);
  expect(flags.every(([from, to]) => to <= left || from >= left + 60)).toBe(true);
});
