// `npm test`: installs what is missing, then builds, checks and tests everything. The last line is `N passed, N failed[, N skipped]`
// over all suites. Exit 1 on any failure, and when a suite runs no test. Arguments: names of suites to run (default: all).
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from '../main/launcher/bootstrap.mjs';
import { bin, cache, root, run } from './lib.mjs';
import { lockProblems } from './lock.mjs';
import { prepare } from './prepare.mjs';
import { typecheck } from './typecheck.mjs';

const ci = (process.env.CI ?? '') !== '';
const total = { passed: 0, failed: 0, skipped: 0 };
const failedSuites = [];
const only = process.argv.slice(2);

function count(name, counts, seconds) {
  for (const key of ['passed', 'failed', 'skipped']) total[key] += counts[key];
  if (counts.failed > 0) failedSuites.push(name);
  for (const reason of counts.skips ?? []) process.stdout.write(`  skipped: ${reason}\n`);
  process.stdout.write(
    `[${name}] ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds.toFixed(1)} s)\n\n`,
  );
}

async function suite(name, work) {
  if (only.length > 0 && !only.includes(name)) return;
  const begun = performance.now();
  process.stdout.write(`[${name}] …\n`);
  let counts;
  try {
    counts = await work();
  } catch (error) {
    process.stdout.write(`${error.stack ?? error}\n`);
    counts = { passed: 0, failed: 1, skipped: 0 };
  }
  count(name, counts, (performance.now() - begun) / 1000);
}

const one = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

/** Runs a test runner that leaves its counts in a file; a runner that dies without leaving any is a failure. */
async function counted(name, args, env) {
  const file = join(cache, 'counts', `${name}.json`);
  mkdirSync(join(cache, 'counts'), { recursive: true });
  rmSync(file, { force: true });
  const { code } = await run(process.execPath, args, {
    env: { ...env, TRAPLINE_COUNTS: file, TRAPLINE_SUITE: name },
    timeout: 45 * 60_000,
  });
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const counts = JSON.parse(readFileSync(file, 'utf8'));
  if (counts.passed + counts.failed + counts.skipped === 0) {
    process.stdout.write(`  ${name}: no test ran\n`);
    counts.failed = 1;
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

const vitest = (name, env) =>
  counted(name, [bin('vitest'), 'run', '--project', name, '--reporter', 'default', '--reporter', './test/support/reporters/suite.ts'], env);

async function pages(env) {
  const { chromium } = await import('@playwright/test');
  const found = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser', chromium.executablePath()].some((path) =>
    existsSync(path),
  );
  if (found) return counted('page', [bin('playwright', '@playwright/test'), 'test'], env);
  const reason = 'no Chromium: apt-get install chromium, or npx playwright install chromium';
  if (ci && !env.TRAPLINE_DOWNLOAD_FAILED.includes('chromium')) {
    process.stdout.write(`  ${reason}\n`);
    return one(false);
  }
  return { passed: 0, failed: 0, skipped: 1, skips: [reason] };
}

process.stdout.write('[prepare] …\n');
await bootstrap({ build: false, show: true });
const ready = await prepare();
for (const note of ready.notes) process.stdout.write(`  ${note}\n`);
const env = { TRAPLINE_DOWNLOAD_FAILED: ready.downloadFailed.join(','), TRAPLINE_BUILD: 'skip' };
process.stdout.write('\n');

await suite('guests', async () => {
  for (const text of ready.failures) process.stdout.write(`  ${text}\n`);
  return { passed: ready.failures.length === 0 ? 1 : 0, failed: ready.failures.length, skipped: 0 };
});
await suite('lock', async () => {
  const problems = lockProblems(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  for (const text of problems) process.stdout.write(`  ${text}\n`);
  return one(problems.length === 0);
});
await suite('build', async () => {
  const { code } = await run(process.execPath, [join(root, 'main/launcher/bootstrap-only.mjs')], { timeout: 600_000 });
  return one(code === 0);
});
await suite('typecheck', async () => one((await typecheck()) === 0));
await suite('lint', async () => one((await run(process.execPath, [bin('oxlint'), '--type-aware'], { timeout: 600_000 })).code === 0));
await suite('format', async () =>
  one((await run(process.execPath, [bin('biome', '@biomejs/biome'), 'format'], { timeout: 300_000 })).code === 0));
for (const name of ['unit', 'renderer', 'differential', 'replay', 'fuzz']) await suite(name, () => vitest(name, env));
await suite('page', () => pages(env));

if (failedSuites.length > 0) process.stdout.write(`failed: ${failedSuites.join(', ')}\n`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`);
