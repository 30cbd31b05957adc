import { createRoot } from 'solid-js';
import { expect, test, vi } from 'vitest';
import type { TraplineBridge } from '../../../main/ipc/contract.ts';
import { checkRequest } from '../../../main/ipc/check.ts';
import { arrivedFile, connectMenu, fileSaver } from '../../../renderer/client/main-window.ts';
import { memoryLibrary } from '../../../renderer/client/memory-library.ts';
import { createTrapline } from '../../../renderer/state/trapline.ts';
import { err, ok, type Result } from '../../../workers/base/result.ts';
import { fakeWorkbench } from '../../support/fake-workbench.ts';

/** A bridge whose main process answers what it is told, and checks requests as the real one does. */
function fakeMain(answers: Partial<Record<string, Result<unknown>>>) {
  const asked: { channel: string; request: unknown }[] = [];
  const listeners: ((id: string) => void)[] = [];
  const bridge: TraplineBridge = {
    call: async (channel, request) => {
      asked.push({ channel, request });
      const checked = checkRequest(channel, structuredClone(request));
      if (!checked.ok) return checked as never;
      const answer = answers[channel];
      if (answer === undefined) throw new Error('the application is closing');
      return answer as never;
    },
    onGiven: () => () => undefined,
    onMenu: (listener) => {
      listeners.push(listener);
      return () => undefined;
    },
    connectMachine: () => undefined,
  };
  return { bridge, asked, choose: (id: string) => listeners.forEach((listener) => listener(id)) };
}

function windowOf(main: TraplineBridge) {
  return createRoot(() =>
    createTrapline(fakeWorkbench(), memoryLibrary(), {
      bundled: async () => ({ programs: [], recordings: [{ name: 'a', file: 'a.trapline', about: '' }] }),
      bundledFile: async () => ok(new Uint8Array([0x50])),
      givenFile: async () => err('no'),
      saveFile: fileSaver(main),
      arrived: () => arrivedFile(main),
    }),
  );
}

test('saving asks the main process for a place; what it refuses is said, and a change of mind is no failure', async () => {
  const answers: Partial<Record<string, Result<unknown>>> = { 'recording:given': ok(null), 'recording:save': ok(null) };
  const { bridge, asked } = fakeMain(answers);
  const { shelf, session } = windowOf(bridge);
  await shelf.start({ recording: null, target: null });
  await shelf.exportRow(null, '../.. my run');
  expect(asked.at(-1)).toMatchObject({ channel: 'recording:save', request: { name: '-..-my-run.trapline' } });
  expect(session.notice()).toBe(null);
  answers['recording:save'] = ok('run.trapline');
  await shelf.exportRow(null, 'run');
  expect(session.spoken()).toBe('Saved as run.trapline');
  answers['recording:save'] = err('run.trapline could not be written (ENOSPC).');
  await shelf.exportRow(null, 'run');
  expect(session.notice()).toMatchObject({ title: 'run was not saved', text: 'run.trapline could not be written (ENOSPC).' });
  delete answers['recording:save'];
  await shelf.exportRow(null, 'run');
  expect(session.notice()?.text).toBe('the application is closing');
});

test('a recording the application was started with is opened first; a broken one is said, and the start goes on', async () => {
  const { bridge } = fakeMain({ 'recording:given': ok({ name: 'x.trapline', data: new Uint8Array([0x50]) }) });
  const { shelf, session } = windowOf(bridge);
  await shelf.start({ recording: null, target: null });
  expect(shelf.rows().map((row) => row.name)).toEqual(['ledger · stray write']);
  expect(session.summary()).not.toBe(null);
  const broken = windowOf(fakeMain({ 'recording:given': err('x.trapline is over 1 GiB.') }).bridge);
  expect(await broken.shelf.takeArrived()).toBe(false);
  expect(broken.session.notice()?.text).toBe('x.trapline is over 1 GiB.');
});

test('every command of the window is one the main process takes into its menu, and runs from there only when its key would', async () => {
  const { bridge, asked, choose } = fakeMain({ 'recording:given': ok(null), 'menu:set': ok(null) });
  const { commands, shelf, view, dialog } = windowOf(bridge);
  connectMenu(bridge, commands);
  expect(asked.map((one) => one.channel)).toEqual(['menu:set']);
  expect(checkRequest('menu:set', asked[0]!.request).ok).toBe(true);
  expect(asked[0]!.request).toHaveLength(commands.all.length);
  choose('look.why');
  expect(view.why()).toBe(false);
  await shelf.start({ recording: null, target: null });
  choose('look.why');
  choose('window.keys');
  choose('no.such.command');
  await vi.waitFor(() => expect(view.why()).toBe(true));
  expect(dialog()).toEqual({ kind: 'help' });
});
