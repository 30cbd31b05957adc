// The imports of the product follow the table, and the walker that says so catches every kind of violation when one is planted.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/tools.ts';
import { islands, layers, packages } from './layers.ts';
import { importsOf, tableProblems, walk, type WalkResult } from './walk.ts';

const rules = { layers, islands, packages };

function planted(files: Readonly<Record<string, string>>): WalkResult {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-layers-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return walk(folder, rules);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the layer table', () => {
  test('names only rows above', () => {
    expect(tableProblems(layers)).toEqual([]);
  });

  test('is refused when a row names one below it', () => {
    expect(tableProblems({ a: ['b'], b: [] })).toEqual(['a -> b: unknown or not above']);
  });
});

test('the imports of the product follow the table', () => {
  const result = walk(root, rules);
  expect(result.violations).toEqual([]);
  expect(result.modules).toBeGreaterThan(50);
  expect(result.edges.length).toBeGreaterThan(100);
});

describe('a planted violation is caught:', () => {
  const target = { 'workers/base/x.ts': 'export const x = 1;', 'workers/session/x.ts': 'export const x = 1;' };
  const cases: readonly [string, Record<string, string>, RegExp][] = [
    ['an import upwards', { 'workers/wasm/a.ts': "import { x } from '../session/x.ts';" }, /may not import workers\/session/],
    ['a re-export upwards', { 'workers/wasm/a.ts': "export * from '../session/x.ts';" }, /may not import workers\/session/],
    ['an import for its effect', { 'workers/wasm/a.ts': "import '../session/x.ts';" }, /may not import workers\/session/],
    ['a dynamic import upwards', { 'workers/wasm/a.ts': "const x = await import('../session/x.ts');" }, /may not import workers\/session/],
    ['a worker by URL upwards', { 'workers/wasm/a.ts': "new URL('../session/x.ts', import.meta.url)" }, /may not import workers\/session/],
    [
      'a value where only types are allowed',
      { 'workers/api/y.ts': 'export const y = 1;', 'renderer/state/a.ts': "import { y } from '../../workers/api/y.ts';" },
      /only types of workers\/api/,
    ],
    [
      'one panel importing another',
      { 'renderer/panels/b/b.ts': 'export const b = 1;', 'renderer/panels/a/a.ts': "import { b } from '../b/b.ts';" },
      /renderer\/panels do not import each other/,
    ],
    ['comlink in the session', { 'workers/session/a.ts': "import { wrap } from 'comlink';" }, /package is not allowed/],
    ['Node in the engine', { 'workers/engine/a.ts': "import { readFileSync } from 'node:fs';" }, /package is not allowed/],
    ['Electron in the window', { 'renderer/app/a.ts': "import { app } from 'electron';" }, /package is not allowed/],
    ['a package nobody listed', { 'renderer/app/a.ts': "import x from 'left-pad';" }, /package is not allowed/],
    [
      'the product importing a test',
      { 'test/t.ts': 'export const t = 1;', 'main/app/a.ts': "import { t } from '../../test/t.ts';" },
      /never imports test/,
    ],
    ['a folder in no layer', { 'workers/attic/a.ts': "import { x } from '../base/x.ts';" }, /in no layer/],
    ['a file that is not there', { 'workers/wasm/a.ts': "import { x } from '../base/gone.ts';" }, /no such file/],
    [
      'a cycle between files',
      {
        'workers/base/a.ts': "import { b } from './b.ts';\nexport const a = b;",
        'workers/base/b.ts': "import { a } from './a.ts';\nexport const b = a;",
      },
      /a cycle/,
    ],
  ];
  test.each(cases)('%s', (_name, files, expected) => {
    const { violations } = planted({ ...target, ...files });
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatch(expected);
  });

  test('and a tree that follows the table has none', () => {
    const { violations, modules } = planted({
      ...target,
      'workers/wasm/a.ts': "import { x } from '../base/x.ts';\nexport const a = x;",
      'workers/api/y.ts': 'export interface Y {}',
      'renderer/state/a.ts': "import type { Y } from '../../workers/api/y.ts';\nimport { type Y as Z } from '../../workers/api/y.ts';",
    });
    expect(violations).toEqual([]);
    expect(modules).toBe(5);
  });
});

test('imports are read over several lines and not out of comments', () => {
  const text = `// import { a } from './comment.ts';
/* import './block.ts' */
import {
  type A,
  b,
} from './lines.ts';
import type { C } from './types.ts';
import d, { type E } from './mixed.ts';
export { type F } from './again.ts';
const g = 'import x from "./string.ts"';`;
  expect(importsOf(text)).toEqual([
    { specifier: './lines.ts', typeOnly: false },
    { specifier: './types.ts', typeOnly: true },
    { specifier: './mixed.ts', typeOnly: false },
    { specifier: './again.ts', typeOnly: true },
  ]);
});
