// Checks on what reaches Electron's main process: the sender's page and frame, and the form of each request.
import { expect, test } from 'vitest';
import { recordingArgument, withEnding } from '../../main/app/arguments.ts';
import { checkRequest, isPlainName, isTrustedSender } from '../../main/ipc/check.ts';
import { IPC_CHANNELS } from '../../main/ipc/contract.ts';

test('only the top frame of our own page is trusted', () => {
  expect(isTrustedSender('app://trapline/index.html', true)).toBe(true);
  expect(isTrustedSender('app://trapline', true)).toBe(true);
  expect(isTrustedSender('app://trapline/index.html', false)).toBe(false);
  for (const url of [undefined, '', 'https://trapline/', 'app://trapline.evil/', 'app://other/', 'file:///app/index.html', 'about:blank'])
    expect(isTrustedSender(url, true), String(url)).toBe(false);
});

test('a request must have the form of its channel', () => {
  for (const channel of IPC_CHANNELS.filter((name) => name !== 'recording:save' && name !== 'menu:set')) {
    expect(checkRequest(channel, null).ok).toBe(true);
    expect(checkRequest(channel, { path: '/etc/passwd' }).ok).toBe(false);
  }
  const data = new Uint8Array(3);
  expect(checkRequest('recording:save', { name: 'a.trapline', data })).toEqual({ ok: true, value: { name: 'a.trapline', data } });
  for (const request of [null, {}, { name: 'a' }, { name: '../a', data }, { name: 'a', data: 'text' }, { name: 7, data }])
    expect(checkRequest('recording:save', request).ok).toBe(false);
});

test('a file name is a name, not a path', () => {
  expect(isPlainName('run 1.trapline')).toBe(true);
  for (const name of ['', '.', '..', '.hidden', 'a/b', 'a\\b', 'C:x', 'a\0', 'x'.repeat(201), 5]) expect(isPlainName(name)).toBe(false);
});

test('the recording on the command line is the last .trapline argument', () => {
  expect(recordingArgument(['electron', '.', '--inspect', 'runs/a.trapline'], '/home/x')).toBe('/home/x/runs/a.trapline');
  expect(recordingArgument(['trapline', '/b.TRAPLINE'], '/')).toBe('/b.TRAPLINE');
  expect(recordingArgument(['electron', '.', '--a.trapline'], '/')).toBeNull();
});

test('a saved recording gets its ending once', () => {
  expect(withEnding('a')).toBe('a.trapline');
  expect(withEnding('a.trapline')).toBe('a.trapline');
});
