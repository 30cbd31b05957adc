// `npm run check`: the fast gate before a commit: types, lint, format, unit tests. Two jobs at a time; each one's output in one piece.
import { bin, run } from './lib.mjs';
import { bootstrap } from '../main/launcher/bootstrap.mjs';

await bootstrap({ build: false });
const jobs = [
  ['types', ['scripts/typecheck.mjs']],
  ['lint', [bin('oxlint'), '--type-aware']],
  ['format', [bin('biome', '@biomejs/biome'), 'format']],
  ['unit', [bin('vitest'), 'run', '--project', 'unit', '--project', 'renderer', '--reporter', 'dot']],
];
const waiting = [...jobs];
const failed = [];
const worker = async () => {
  for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
    const begun = performance.now();
    const { code, output } = await run(process.execPath, job[1], { quiet: true, timeout: 600_000 });
    if (code !== 0) failed.push(job[0]);
    process.stdout.write(
      `${code === 0 ? '' : output}${job[0]}: ${code === 0 ? 'ok' : 'FAILED'} (${((performance.now() - begun) / 1000).toFixed(1)} s)\n`,
    );
  }
};
await Promise.all([worker(), worker()]);
process.stdout.write(failed.length === 0 ? 'check: all fine\n' : `check: failed: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
