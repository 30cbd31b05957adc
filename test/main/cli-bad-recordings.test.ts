// The command line and recordings that must be refused: one sentence that names the file, exit status 2, nothing printed.
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../main/cli/index.ts';
import { type CliIo, processIo } from '../../main/cli/io.ts';

const corpus = resolve(import.meta.dirname, '../corpus/recordings');
const manifest = JSON.parse(readFileSync(resolve(corpus, 'manifest.json'), 'utf8')) as Readonly<Record<string, string>>;

async function run(...args: string[]): Promise<{ readonly status: number; readonly out: string; readonly error: string }> {
  let out = '';
  let error = '';
  const io: CliIo = {
    ...processIo(),
    out: (data) => void (out += typeof data === 'string' ? data : Buffer.from(data).toString('latin1')),
    error: (text) => void (error += text),
  };
  const status = await main(args, io);
  return { status, out, error };
}

describe.each(['replay', 'events', 'state'])('trapline %s', (verb) => {
  const more = verb === 'state' ? ['--at', '#0'] : [];

  test('refuses every file of the corpus', async () => {
    expect(readdirSync(corpus).length).toBeGreaterThan(10);
    for (const [name, says] of Object.entries(manifest)) {
      const path = resolve(corpus, `${name}.trapline`);
      const { status, out, error } = await run(verb, path, ...more);
      expect(status, name).toBe(2);
      expect(out, name).toBe('');
      expect(error, name).toContain(path);
      expect(error, name).toContain(says);
      expect(error.trimEnd().split('\n').length, name).toBe(1);
    }
  });

  test('refuses a file that is not there and a folder', async () => {
    expect(await run(verb, '/nowhere/x.trapline', ...more)).toMatchObject({
      status: 2,
      out: '',
      error: expect.stringContaining('/nowhere/x.trapline') as unknown,
    });
    expect(await run(verb, corpus, ...more)).toMatchObject({ status: 2, out: '', error: expect.stringContaining(corpus) as unknown });
  });

  test('refuses a whole recording of something that is no program', async () => {
    const path = resolve(import.meta.dirname, '../../recordings/golden/v1-every-kind.trapline');
    const { status, error } = await run(verb, path, ...more);
    expect(status).toBe(2);
    expect(error).toMatch(/v1-every-kind\.trapline[^\n]*\n$/);
  });
});
