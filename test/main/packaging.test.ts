// What a package would contain, packed around a stand-in for Electron's binary (the real one is not needed to see the files).
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appPaths } from '../../main/app/roots.ts';
import { root } from '../support/tools.ts';

const config = JSON.parse(readFileSync(join(root, 'electron-builder.json'), 'utf8')) as {
  electronFuses: Record<string, boolean>;
  fileAssociations: { ext: string }[];
  linux: object;
  mac: object;
  win: object;
};

test('fuses close what the application does not use', () => {
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
    enableCookieEncryption: true,
  });
});

test('recordings belong to the application on all three systems', () => {
  expect(config.fileAssociations.map((item) => item.ext)).toEqual(['trapline']);
  for (const system of ['linux', 'mac', 'win'] as const) expect(config[system]).toBeDefined();
});

const built = existsSync(join(root, 'out/main/index.js'));
let dist = '';
let listing: string[] = [];

beforeAll(() => {
  if (!built || process.platform !== 'linux') return;
  dist = mkdtempSync(join(tmpdir(), 'trapline-electron-'));
  writeFileSync(join(dist, 'electron'), '#!/bin/sh\n');
  chmodSync(join(dist, 'electron'), 0o755);
  writeFileSync(join(dist, 'version'), '45.4.1');
  execFileSync(process.execPath, [join(root, 'scripts/package.mjs'), '--layout', dist], {
    cwd: root,
    env: { ...process.env, TRAPLINE_BUILD: 'skip' },
    stdio: 'pipe',
  });
  const fromBuilder = createRequire(createRequire(join(root, 'package.json')).resolve('electron-builder/package.json'));
  const asar = createRequire(fromBuilder.resolve('app-builder-lib/package.json'))('@electron/asar') as {
    listPackage(path: string): string[];
  };
  listing = asar.listPackage(join(root, '.cache/layout/linux-unpacked/resources/app.asar'));
}, 120_000);
afterAll(() => {
  if (dist !== '') rmSync(dist, { recursive: true, force: true });
});

test.skipIf(!built || process.platform !== 'linux')('a package holds what the application reads and nothing else', () => {
  const paths = appPaths('/');
  expect(listing).toContain(paths.preload);
  expect(listing).toContain('/out/main/index.js');
  if (existsSync(join(root, 'workers/host/node-worker.ts'))) expect(listing).toContain(paths.machineWorker);
  if (existsSync(join(root, 'renderer/index.html'))) expect(listing).toContain(join(paths.window, 'index.html'));
  for (const path of listing) expect(path).not.toMatch(/\.map$|\.ts$|^\/(test|node_modules|workers|renderer|scripts|docs)(\/|$)/);
});
