// What the hosts hand out: the files of the window and the bundled items with the full header set, and nothing outside their folders.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asset, type AssetRoots, safeSegments } from '../../main/assets/asset.ts';
import { bundledIndex } from '../../main/assets/bundled.ts';
import { COMMON_HEADERS, contentType } from '../../main/assets/headers.ts';

let folder = '';
let roots: AssetRoots;
const text = (body: Uint8Array): string => new TextDecoder().decode(body);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-assets-'));
  for (const dir of ['window/assets', 'bundled', 'elsewhere']) mkdirSync(join(folder, dir), { recursive: true });
  const files = {
    'window/index.html': '<title>Trapline</title>',
    'window/assets/index-a1b2c3d4.js': 'export {};',
    'window/assets/plain.js': 'export {};',
    'window/.hidden': 'hidden',
    'bundled/counter': 'ELF',
    'bundled/ledger': 'ELF!',
    'bundled/ledger.trapline': 'PK',
    'bundled/about.json': JSON.stringify({ ledger: { name: 'Ledger', about: 'An overrun.', events: ['mem:pool/8:w'] } }),
    'elsewhere/secret.txt': 'secret',
    'given.trapline': 'PK given',
  };
  for (const [path, body] of Object.entries(files)) writeFileSync(join(folder, path), body);
  symlinkSync(join(folder, 'elsewhere/secret.txt'), join(folder, 'window/link.txt'));
  roots = {
    window: join(folder, 'window'),
    bundled: join(folder, 'bundled'),
    given: { name: 'my run.trapline', path: join(folder, 'given.trapline') },
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the root is the page', async () => {
  const found = await asset(roots, '/');
  expect(found.status).toBe(200);
  expect(text(found.body)).toContain('Trapline');
  expect(found.headers['Content-Type']).toBe('text/html; charset=utf-8');
});

test('every answer carries the full header set, errors too', async () => {
  for (const path of ['/', '/assets/plain.js', '/bundled/index.json', '/bundled/counter', '/gone', '/../x', '/given/other']) {
    expect((await asset(roots, path)).headers).toMatchObject(COMMON_HEADERS);
  }
  expect(COMMON_HEADERS['Cross-Origin-Embedder-Policy']).toBe('require-corp');
  expect(COMMON_HEADERS['Content-Security-Policy']).not.toMatch(/'unsafe-eval'|'unsafe-inline'|\*/);
});

test('a file whose name carries a hash is kept for good, any other is asked for again', async () => {
  expect((await asset(roots, '/assets/index-a1b2c3d4.js')).headers['Cache-Control']).toContain('immutable');
  expect((await asset(roots, '/assets/plain.js')).headers['Cache-Control']).toBe('no-cache');
});

test('a file that has not changed is not sent again', async () => {
  const first = await asset(roots, '/assets/plain.js');
  const again = await asset(roots, '/assets/plain.js', first.headers['ETag']);
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

test('the file named at the start is served under its name only', async () => {
  expect(text((await asset(roots, '/given/my%20run.trapline')).body)).toBe('PK given');
  expect((await asset(roots, '/given/other.trapline')).status).toBe(404);
});

test('bundled programs and recordings are listed, those with a description first', async () => {
  const index = await bundledIndex(roots.bundled);
  expect(index.recordings.map((item) => item.file)).toEqual(['ledger.trapline']);
  expect(index.programs).toEqual([
    { file: 'ledger', size: 4, name: 'Ledger', about: 'An overrun.', args: [], events: ['mem:pool/8:w'] },
    { file: 'counter', size: 3, name: 'counter', about: '', args: [], events: [] },
  ]);
  expect(await bundledIndex(join(folder, 'nowhere'))).toEqual({ recordings: [], programs: [] });
});

describe('nothing outside is reached:', () => {
  test.each([
    ['dot segments', '/../elsewhere/secret.txt'],
    ['escaped dot segments', '/%2e%2e/elsewhere/secret.txt'],
    ['escaped slashes', '/..%2felsewhere%2fsecret.txt'],
    ['backslashes', '/..\\elsewhere\\secret.txt'],
    ['a drive letter', '/C:/secret.txt'],
    ['out of bundled', '/bundled/../../elsewhere/secret.txt'],
    ['a hidden file', '/.hidden'],
    ['a NUL', '/index.html%00.js'],
    ['a broken escape', '/%zz'],
    ['an absolute path', '//etc/passwd'],
    ['a symbolic link', '/link.txt'],
    ['a folder', '/assets'],
    ['a folder with a slash', '/assets/'],
  ])('%s', async (_name, path) => {
    const found = await asset(roots, path);
    expect([400, 404]).toContain(found.status);
    expect(text(found.body)).not.toContain('secret');
  });

  test('whatever the path, its segments never climb', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('..', '.', '%2e', '%2E%2e', '/', '%2f', '%5c', '\\', 'a', ':', '%00', '%'), { maxLength: 12 }),
        (parts) => {
          const segments = safeSegments(`/${parts.join('')}`);
          for (const segment of segments ?? []) expect(segment).not.toMatch(/^\.|[\\/:\0]/);
        },
      ),
    );
  });
});

test('unknown endings are bytes', () => {
  expect(contentType('counter')).toBe('application/octet-stream');
  expect(contentType('a.WOFF2')).toBe('font/woff2');
});
