// What the launcher decides before anything is installed or built: is Electron there, is node_modules complete, are sources newer.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isInstalled, sourceStamp } from '../../main/launcher/bootstrap.mjs';
import { findElectron, haveDisplay } from '../../main/launcher/electron.mjs';
import { lockProblems } from '../../scripts/lock.mjs';

let folder = '';
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-launcher-'));
  write('package.json', '{"name":"x"}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('Electron is found only when its executable is there', () => {
  expect(findElectron(folder, {})).toBeNull();
  write('node_modules/electron/package.json', '{"name":"electron","main":"index.js"}');
  write('node_modules/electron/index.js', 'throw new Error("never loaded")');
  expect(findElectron(folder, {})).toBeNull();
  write('node_modules/electron/path.txt', 'electron-bin');
  write('node_modules/electron/dist/electron-bin', '');
  chmodSync(join(folder, 'node_modules/electron/dist/electron-bin'), 0o755);
  expect(findElectron(folder, {})).toBe(join(folder, 'node_modules/electron/dist/electron-bin'));
  expect(findElectron(folder, { ELECTRON_OVERRIDE_DIST_PATH: '/nowhere' })).toBeNull();
});

test('a display is assumed on Windows and macOS and asked for elsewhere', () => {
  expect(haveDisplay({}, 'linux')).toBe(false);
  expect(haveDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true);
  expect(haveDisplay({}, 'darwin')).toBe(true);
});

test('an installation is complete when every package that is not of another platform has the version of the lock', () => {
  const lock = (version: string) =>
    JSON.stringify({ packages: { '': {}, 'node_modules/a': { version }, 'node_modules/b-win32': { version, optional: true } } });
  write('package-lock.json', lock('1.0.0'));
  expect(isInstalled(folder)).toBe(false);
  write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
  expect(isInstalled(folder)).toBe(true);
  write('package-lock.json', lock('1.0.1'));
  expect(isInstalled(folder)).toBe(false);
});

test('the stamp changes with any source, and not with anything else', () => {
  write('workers/a.ts', '1');
  const before = sourceStamp(folder);
  write('test/a.test.ts', '1');
  expect(sourceStamp(folder)).toBe(before);
  write('workers/a.ts', '2');
  expect(sourceStamp(folder)).not.toBe(before);
});

test('a lock without the builds of another platform is called incomplete', () => {
  const entry = { version: '1.0.0', optionalDependencies: { '@x/darwin': '1.0.0' } };
  expect(lockProblems({ packages: { '': {}, 'node_modules/x': entry } })).toEqual(['node_modules/x -> @x/darwin']);
  expect(lockProblems({ packages: { '': {}, 'node_modules/x': entry, 'node_modules/@x/darwin': { version: '1.0.0' } } })).toEqual([]);
  expect(lockProblems({ packages: { '': {}, 'node_modules/x': { version: '1', resolved: 'somewhere' } } })).toHaveLength(1);
});
