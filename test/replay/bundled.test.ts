// The recordings that come with the project replay to the bit on the machine that comes with it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { root } from '../support/tools.ts';

const folder = join(root, 'recordings/bundled');
const files = readdirSync(folder).filter((name) => name.endsWith('.trapline'));

describe('bundled recordings', () => {
  test('there are some', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  test.each(files)('%s verifies (after a change of the machine: node scripts/bundle.mjs makes them again)', async (file) => {
    const run = await cli(['replay', '--verify', join(folder, file)]);
    expect(run.error).toBe('');
    expect(run.status).toBe(0);
  });
});
