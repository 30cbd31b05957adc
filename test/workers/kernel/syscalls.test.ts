// The system call table: docs/system-calls.md lists exactly what it holds.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { syscallName, syscallNumber } from '../../../workers/kernel/syscalls/numbers.ts';
import { SYSCALLS } from '../../../workers/kernel/syscalls/table.ts';
import { root } from '../../support/tools.ts';

const HIGHEST = 450;

function listing(): string {
  const all = Array.from({ length: HIGHEST + 1 }, (_, n) => n).filter((n) => !syscallName(n).startsWith('syscall_'));
  const names = (numbers: readonly number[]): string =>
    numbers
      .map(syscallName)
      .sort()
      .map((name) => `\`${name}\``)
      .join(' ');
  return `# System calls

What a program may call on the emulated kernel, from \`workers/kernel/syscalls/table.ts\`. A call that is not here returns \`-ENOSYS\` and is named once by
an \`unknown-syscall\` event. Written by \`UPDATE_DOCS=1 npx vitest run test/workers/kernel/syscalls.test.ts\`.

## There (${all.filter((n) => SYSCALLS.has(n)).length})

${names(all.filter((n) => SYSCALLS.has(n)))}

\`rseq\` and \`clone3\` answer \`-ENOSYS\` without an event, as a kernel built without them: C libraries have another way. Extended attributes
are refused with \`-EOPNOTSUPP\`, file locks are granted and not kept, one user exists (root).

## Not there (${all.filter((n) => !SYSCALLS.has(n)).length})

${names(all.filter((n) => !SYSCALLS.has(n)))}
`;
}

test('docs/system-calls.md is what the table says', () => {
  const file = join(root, 'docs/system-calls.md');
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, listing());
  expect(readFileSync(file, 'utf8')).toBe(listing());
});

test('numbers and names are each other’s inverse', () => {
  for (let n = 0; n <= HIGHEST; n++) if (!syscallName(n).startsWith('syscall_')) expect(syscallNumber(syscallName(n))).toBe(n);
  expect([syscallNumber('write'), syscallNumber('clone'), syscallNumber('perf_event_open'), syscallNumber('nonsense')]).toEqual([
    64,
    220,
    241,
    null,
  ]);
});
