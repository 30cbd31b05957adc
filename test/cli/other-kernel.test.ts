// A recording another kernel made: asked about, it is run again and says so; verified, it is taken as it is. The file stays as it was.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRecording } from '../../recordings/format/read.ts';
import { writeRecording } from '../../recordings/format/write.ts';
import { Session } from '../../workers/session/session.ts';
import { cli } from '../support/cli.ts';
import { pause } from '../support/guests.ts';

const bundled = join(import.meta.dirname, '../../recordings/bundled/counter.trapline');

function byAnotherKernel(): string {
  const read = readRecording(readFileSync(bundled), { file: bundled });
  if (!read.ok) throw new Error(read.error);
  const { header } = read.value;
  const file = join(mkdtempSync(join(tmpdir(), 'trapline-')), 'old.trapline');
  writeFileSync(file, writeRecording({ ...read.value, header: { ...header, tool: 'trapline 0.0.9', kernelText: 'feedfacefeedface' } }));
  return file;
}

test('the command line runs it again on this kernel, with a sentence, and answers about the new run', async () => {
  const file = byAnotherKernel();
  const before = readFileSync(file);
  const run = await cli(['hits', file, '-e', 'mem:counter/8:w', '--json']);
  expect(run.status).toBe(0);
  expect(run.error).toContain(
    'recorded by trapline 0.0.9 with another kernel, feedfacefeedface; this is a new run of its program and inputs',
  );
  expect(run.out.trim().split('\n').length).toBe(25);
  expect(readFileSync(file).equals(before)).toBe(true);
  const same = await cli(['hits', bundled, '-e', 'mem:counter/8:w', '--json']);
  expect(same.error).not.toContain('another kernel');
  expect(run.out).toBe(same.out);
});

test('verifying takes it as it is', async () => {
  const run = await cli(['replay', byAnotherKernel(), '--verify']);
  expect(run.error).not.toContain('new run');
  expect(run.status).toBe(0);
});

test('a window gets the sentence with the summary, and the id of the run it now is', async () => {
  const session = new Session({ pause, now: () => 0 });
  const opened = await session.open(readFileSync(byAnotherKernel()));
  const same = await session.open(readFileSync(bundled));
  if (!opened.ok || !same.ok) throw new Error('opens');
  expect(opened.value.notice).toContain('trapline 0.0.9 with another kernel, feedfacefeedface');
  expect(opened.value.exit.how).toBe('exited');
  expect(same.value.notice).toBeUndefined();
  expect(opened.value.id).toBe(same.value.id);
});
