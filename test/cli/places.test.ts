// Places a person asks for that a recording does not have: a sentence, exit 2, nothing on standard output.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, isSentence } from '../support/cli.ts';

const bundled = join(import.meta.dirname, '../../recordings/bundled/counter.trapline');

test.each([
  [['events', bundled, '--from', '!90', '--to', '!10'], /--from #\d+ is after --to #\d+; exchange them/],
  [['state', bundled, '--at', '0x10'], /0x10 is never executed in this recording/],
  [['state', bundled, '--at', 'counter'], /counter is never executed in this recording/],
  [['state', bundled, '--at', '#99999999'], /#99999999 is after the end of the recording/],
  [['state', bundled, '--at', '!101'], /a recording ends at !100/],
])('%j', async (args, sentence) => {
  const run = await cli(args);
  expect(run.error).toMatch(sentence);
  expect(isSentence(run.error), run.error).toBe(true);
  expect(run.status).toBe(2);
  expect(run.out).toBe('');
});
