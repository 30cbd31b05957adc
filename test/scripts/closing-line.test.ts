// The counts behind the closing line of `npm test`: failures, skips with reasons, files that do not load and empty suites are all seen.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildsOf } from '../../scripts/build-guests.mjs';
import { root } from '../support/tools.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skips: readonly string[];
}

/** Runs vitest with our reporter over planted test files; they are inside the project so that they find vitest. */
function counts(files: Readonly<Record<string, string>>): { code: number | null; counts: Counts; lastLine: string } {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache/planted-'));
  try {
    writeFileSync(join(folder, 'vitest.config.mjs'), "export default { test: { include: ['*.test.ts'], maxWorkers: 1 } };");
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const target = join(folder, 'counts.json');
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder, '--reporter', join(root, 'test/support/reporters/suite.ts')],
      { cwd: folder, env: { ...process.env, TRAPLINE_COUNTS: target, TRAPLINE_SUITE: 'planted' }, encoding: 'utf8' },
    );
    return { code: status, counts: JSON.parse(readFileSync(target, 'utf8')) as Counts, lastLine: stdout.trim().split('\n').at(-1) ?? '' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('passing, failing and skipped tests are counted, with the reason of a skip', () => {
  const result = counts({
    'a.test.ts': `import { expect, test } from 'vitest';
      test('passes', () => {});
      test('fails', () => expect(1).toBe(2));
      test('waits', (context) => context.skip('no tool here'));`,
  });
  expect(result.counts).toEqual({ passed: 1, failed: 1, skipped: 1, skips: ['a.test.ts > waits: no tool here'] });
  expect(result.lastLine).toBe('planted: 1 passed, 1 failed, 1 skipped');
  expect(result.code).not.toBe(0);
}, 60_000);

test('a file that does not load is a failure beside the tests that pass', () => {
  const result = counts({
    'good.test.ts': "import { test } from 'vitest';\ntest('passes', () => {});",
    'syntax.test.ts': 'const = ;',
    'import.test.ts': "import './gone.ts';",
  });
  expect(result.counts).toMatchObject({ passed: 1, failed: 2 });
  expect(result.code).not.toBe(0);
}, 60_000);

test('an exception outside of any test is a failure', () => {
  const result = counts({
    'late.test.ts':
      "import { test } from 'vitest';\ntest('passes', async () => { setTimeout(() => { throw new Error('late'); }, 0); await new Promise((r) => setTimeout(r, 50)); });",
  });
  expect(result.counts.failed).toBeGreaterThan(0);
  expect(result.code).not.toBe(0);
}, 60_000);

test('the first lines of a guest program say how it is built', () => {
  expect(buildsOf('x/race.c', '// build: -O2 -pthread\n// build(o3): -O3\nint main(void) {}')).toEqual([
    { name: 'race', flags: ['-O2', '-pthread'] },
    { name: 'race.o3', flags: ['-O3'] },
  ]);
  expect(buildsOf('plain.c', 'int main(void) {}')).toEqual([{ name: 'plain', flags: ['-O1'] }]);
});
