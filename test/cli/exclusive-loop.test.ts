// A watch on what an exclusive sequence stores to never lets it succeed; the summary says so, and how to see the stores all the same.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cli } from '../support/cli.ts';
import { testWith } from '../support/tools.ts';

const SOURCE = `long count;
int main(void) {
  for (int i = 0; i < 3; i++) {
    long value; int failed;
    __asm__ volatile("1: ldaxr %0, [%2]\\n add %0, %0, #1\\n stlxr %w1, %0, [%2]\\n cbnz %w1, 1b" : "=&r"(value), "=&r"(failed) : "r"(&count) : "memory");
  }
  return 0;
}`;

testWith(['aarch64-linux-gnu-gcc'], 'the summary of a stopped recording explains the endless loop of a watched exclusive', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'trapline-'));
  const program = join(dir, 'a');
  const file = join(dir, 'a.trapline');
  writeFileSync(`${program}.c`, SOURCE);
  execFileSync('aarch64-linux-gnu-gcc', ['-O1', '-static', '-o', program, `${program}.c`]);
  for (const access of ['w', 'r']) {
    const run = await cli(['record', '-e', `mem:count/8:${access}`, '--max-icount', '100000', '-o', file, '--', program]);
    expect(run.status).toBe(0);
    expect(run.error).toMatch(/mem:count\/8:[rw] keeps the exclusive at main\+0x\w+ from ever succeeding/);
  }
  const free = await cli(['record', '--max-icount', '100000', '-o', file, '--', program]);
  expect(free.error).not.toContain('exclusive');
  const hits = await cli(['hits', file, '-e', 'mem:count/8:w', '--json']);
  expect(hits.out.trim().split('\n').length).toBe(3);
});
