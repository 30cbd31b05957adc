// Whole programs that live in the vector registers, compiled at several levels: their output is qemu-aarch64's.
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { outputOf, recordGuest } from '../support/guests.ts';
import { guestPath, testWith } from '../support/tools.ts';

for (const name of [
  'vectors.o0',
  'vectors.o2',
  'vectors.o3',
  'vectors.fast',
  'printf-float.o0',
  'printf-float.o1',
  'printf-float.o2',
  'printf-float.o3',
]) {
  testWith(['qemu-aarch64', `guest:${name}`], `${name} prints what it prints under qemu-aarch64`, async () => {
    const made = await recordGuest(name);
    expect(outputOf(made)).toBe(execFileSync('qemu-aarch64', [guestPath(name)], { encoding: 'utf8' }));
  });
}
