// Programs that call the kernel with arguments it should not like: whatever they do, the machine goes on, and twice the same way.
import { expect } from 'vitest';
import { runNamed } from '../support/run-guest.ts';
import { testWith } from '../support/tools.ts';

const first = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? 1);
/** Milliseconds of fuzzing. */
const BUDGET = Number(process.env['TRAPLINE_FUZZ_MS'] ?? 15_000);

testWith(['guest:fuzz-syscalls'], 'no system call breaks the machine', () => {
  const began = performance.now();
  let seeds = 0;
  let calls = 0;
  for (let seed = first; performance.now() - began < BUDGET; seed++) {
    const run = (): ReturnType<typeof runNamed> => {
      try {
        return runNamed('fuzz-syscalls', { args: [String(seed), '300'], seed, maxIcount: 20_000_000, ramBytes: 32 << 20 });
      } catch (e) {
        throw new Error(`TRAPLINE_FUZZ_SEED=${seed}: ${String(e)}`, { cause: e });
      }
    };
    const once = run();
    calls += once.events.filter((e) => e.kind === 'syscall').length;
    // Every child may have blocked every signal that could wake it.
    expect(['exited', 'deadlock', 'target'], `seed ${seed}`).toContain(once.stop.kind);
    if (seeds % 4 === 0) expect(run().machine.digest(), `seed ${seed}: the same again`).toEqual(once.machine.digest());
    seeds++;
  }
  expect(calls).toBeGreaterThan(seeds * 100);
});
