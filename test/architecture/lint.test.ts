// The lint rules that keep the machine deterministic and the layers pure are on: each planted violation makes oxlint fail, at the
// place where it is forbidden, and the same text passes where it is allowed.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../support/tools.ts';

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

const violations: readonly [name: string, path: string, text: string, code: string][] = [
  ['Date', 'workers/engine/date.ts', 'export const t = Date.now();', 'no-restricted-globals'],
  ['new Date', 'recordings/format/date.ts', 'export const t = new Date();', 'no-restricted-globals'],
  ['performance', 'workers/replay/clock.ts', 'export const t = performance.now();', 'no-restricted-globals'],
  ['setTimeout', 'workers/kernel/timer.ts', 'setTimeout(() => {}, 1);', 'no-restricted-globals'],
  ['Intl', 'workers/base/intl.ts', "export const f = new Intl.NumberFormat('en');", 'no-restricted-globals'],
  ['Math.random', 'workers/machine/random.ts', 'export const r = Math.random();', 'no-restricted-properties'],
  ['toLocaleString', 'workers/session/locale.ts', 'export const s = (1).toLocaleString();', 'no-restricted-properties'],
  ['localeCompare', 'recordings/format/sort.ts', "export const s = 'a'.localeCompare('b');", 'no-restricted-properties'],
  [
    'node: in the engine',
    'workers/engine/fs.ts',
    "import { readFileSync } from 'node:fs';\nexport const r = readFileSync;",
    'no-restricted-imports',
  ],
  ['comlink in the kernel', 'workers/kernel/remote.ts', "import { wrap } from 'comlink';\nexport const w = wrap;", 'no-restricted-imports'],
  ['Electron in the command line', 'main/cli/window.ts', "import { app } from 'electron';\nexport const a = app;", 'no-restricted-imports'],
  [
    'node: in the window',
    'renderer/app/fs.ts',
    "import { readFileSync } from 'node:fs';\nexport const r = readFileSync;",
    'no-restricted-imports',
  ],
  ['any', 'renderer/base/any.ts', 'export const a = (x: any) => x;', 'no-explicit-any'],
];
const allowed: readonly [path: string, text: string][] = [
  ['workers/host/clock.ts', 'export const t = performance.now();'],
  ['main/cli/date.ts', 'export const t = Date.now();'],
  ['main/app/electron.ts', "import { app } from 'electron';\nexport const a = app;"],
];

let folder = '';
let found: Diagnostic[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-lint-'));
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  const files: readonly (readonly [string, string])[] = [
    ...violations.map(([, path, text]) => [path, text] as const),
    ...allowed,
    ['workers/base/one.ts', "import { two } from './two.ts';\nexport const one = () => two;"],
    ['workers/base/two.ts', "import { one } from './one.ts';\nexport const two = () => one;"],
  ];
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text}\n`);
  }
  let output = '';
  try {
    output = execFileSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--format', 'json'], {
      cwd: folder,
      encoding: 'utf8',
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  found = (JSON.parse(output) as { diagnostics: Diagnostic[] }).diagnostics;
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (path: string): string[] => found.filter(({ filename }) => filename === path).map(({ code }) => code);

describe('oxlint refuses', () => {
  test.each(violations)('%s', (_name, path, _text, code) => {
    expect(at(path).join(' ')).toContain(code);
  });

  test('a cycle of imports', () => {
    expect([...at('workers/base/one.ts'), ...at('workers/base/two.ts')].join(' ')).toContain('no-cycle');
  });
});

test.each(allowed)('oxlint allows it in %s', (path) => {
  expect(at(path)).toEqual([]);
});
