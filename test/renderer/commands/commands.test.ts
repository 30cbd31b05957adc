import { createRoot } from 'solid-js';
import { expect, test } from 'vitest';
import { memoryLibrary } from '../../../renderer/client/memory-library.ts';
import { createTrapline } from '../../../renderer/state/trapline.ts';
import { err, ok } from '../../../workers/base/result.ts';
import { fakeWorkbench } from '../../support/fake-workbench.ts';

const host = {
  bundled: async () => ({ programs: [], recordings: [{ name: 'a', file: 'a.trapline', about: '' }] }),
  bundledFile: async () => ok(new Uint8Array([0x50])),
  givenFile: async () => err('no'),
  saveFile: () => undefined,
};
const window = () => createRoot(() => createTrapline(fakeWorkbench(), memoryLibrary(), host));

test('no key means two things at the same time', async () => {
  const trapline = window();
  for (const page of ['library', 'recording'] as const) {
    if (page === 'recording') await trapline.shelf.start({ recording: null, target: null });
    trapline.view.setPage(page);
    const seen = new Map<string, string>();
    for (const command of trapline.commands.all.filter((candidate) => candidate.when())) {
      for (const key of command.keys) {
        expect(seen.get(key), `${key} on ${page}: ${command.id}`).toBeUndefined();
        seen.set(key, command.id);
      }
    }
    expect(seen.size).toBeGreaterThan(8);
  }
});

test('every way forward has its mirror, and back after forward is where it began', async () => {
  const trapline = window();
  await trapline.shelf.start({ recording: null, target: null });
  await trapline.session.seek('#265797');
  for (const [forward, back] of [
    ['move.step', 'move.step-back'],
    ['move.over', 'move.over-back'],
    ['move.hit', 'move.hit-back'],
    ['move.event', 'move.event-back'],
  ] as const) {
    const from = trapline.session.position()?.mark;
    trapline.commands.get(forward).run();
    trapline.commands.get(back).run();
    await trapline.session.seek(trapline.session.position()!.mark);
    expect([forward, trapline.session.position()?.mark]).toEqual([forward, from]);
  }
});

test('the first start opens the bundled recording at its last hit, the next one the library', async () => {
  const library = memoryLibrary();
  const first = createRoot(() => createTrapline(fakeWorkbench(), library, host));
  await first.shelf.start({ recording: null, target: null });
  expect(first.view.page()).toBe('recording');
  expect(first.session.position()?.event?.kind).toBe('watchpoint-hit');
  const second = createRoot(() => createTrapline(fakeWorkbench(), library, host));
  await second.shelf.start({ recording: null, target: null });
  expect(second.view.page()).toBe('library');
  expect(second.shelf.rows()).toHaveLength(1);
});

test('a link opens its recording at its place; one of another library says what to do', async () => {
  const library = memoryLibrary();
  await createRoot(() => createTrapline(fakeWorkbench(), library, host)).shelf.start({ recording: null, target: null });
  const again = createRoot(() => createTrapline(fakeWorkbench(), library, host));
  await again.shelf.start({ recording: 'fake', target: '#1234' });
  expect(again.session.position()?.mark).toEqual({ icount: 1234, event: 0 });
  expect(again.link()).toBe('#r=fake&t=#1234');
  await again.shelf.start({ recording: 'feed', target: '#1' });
  expect(again.session.notice()?.text).toContain('.trapline');
});

test('a recording deleted by mistake comes back', async () => {
  const trapline = window();
  await trapline.shelf.start({ recording: null, target: null });
  const id = trapline.shelf.rows()[0]!.id;
  await trapline.shelf.remove(id);
  expect(trapline.shelf.rows()).toHaveLength(0);
  trapline.shelf.restore();
  expect(trapline.shelf.rows().map((row) => row.id)).toEqual([id]);
});

test('a file that is no recording is refused by name, and what is open stays open', async () => {
  const trapline = window();
  await trapline.shelf.start({ recording: null, target: null });
  await trapline.takeFile('notes.txt', new Uint8Array([1, 2, 3]));
  expect(trapline.session.notice()?.title).toBe('notes.txt could not be opened');
  expect(trapline.session.summary()?.id).toBe('fake');
  await trapline.takeFile('a.elf', new Uint8Array([0x7f, 0x45, 0x4c, 0x46]));
  expect(trapline.dialog()).toEqual({ kind: 'record' });
});

test('a watch added after the fact has its own lane, and is gone when removed', async () => {
  const trapline = window();
  await trapline.shelf.start({ recording: null, target: null });
  expect(await trapline.session.addWatch('mem:pool/4:w')).toBe(true);
  expect(trapline.session.watches().map((lane) => [lane.watch.recorded, lane.series.icount.length])).toEqual([
    [true, 37],
    [false, 6],
  ]);
  await trapline.session.seek('#0');
  await trapline.session.stepWatch('mem:pool/4:w', 'forward');
  expect(trapline.session.position()?.mark.icount).toBe(22730);
  await trapline.session.removeWatch('mem:pool/4:w');
  expect(trapline.session.watches()).toHaveLength(1);
  expect(await trapline.session.addWatch('nonsense')).toBe(false);
  expect(trapline.session.notice()?.title).toBe('nonsense could not be watched');
});

test('a verification that was cancelled says nothing about the replay', async () => {
  const trapline = createRoot(() => createTrapline(fakeWorkbench({ delay: 5 }), memoryLibrary(), host));
  await trapline.shelf.start({ recording: null, target: null });
  const verifying = trapline.session.verify();
  await trapline.session.cancel();
  await verifying;
  expect(trapline.session.verification()).toEqual({ kind: 'unknown' });
  expect(trapline.session.notice()).toBe(null);
  await trapline.session.verify();
  expect(trapline.session.verification()).toEqual({ kind: 'exact', digests: 18 });
});

test('a recording opened again has the watches that were added to it, and stands where it stood', async () => {
  const library = memoryLibrary();
  const first = createRoot(() => createTrapline(fakeWorkbench(), library, host));
  await first.shelf.start({ recording: null, target: null });
  await first.session.addWatch('mem:pool/4:w');
  await first.session.seek('#4321');
  await first.shelf.keepPlace(first.session.id()!, first.session.position()!.mark);
  const again = createRoot(() => createTrapline(fakeWorkbench(), library, host));
  await again.shelf.start({ recording: null, target: null });
  await again.shelf.openRow(again.shelf.rows()[0]!.id, null);
  expect(again.session.watches().map((lane) => lane.watch.text)).toEqual(['mem:pool.total/8:w', 'mem:pool/4:w']);
  expect(again.session.position()?.mark.icount).toBe(4321);
});
