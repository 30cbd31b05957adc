// `npm run bench`: builds the programs, runs each row against its peer in the same run, and writes docs/performance.md and (with
// --json FILE) every number. A row that is not measured yet says so. Times are net of start-up: the same command with no work to do.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus as hostCpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync, spawnSync } from 'node:child_process';
import { bootstrap } from '../main/launcher/bootstrap.mjs';
import { buildGuests, guestFolder } from './build-guests.mjs';
import { root, which } from './lib.mjs';

const RUNS = 5;
const kernels = [
  { name: 'sieve', rounds: 150, goal: 0.8 },
  { name: 'sha256', rounds: 1000, goal: 0.7 },
  { name: 'list', rounds: 200, goal: 0.8 },
];
const NOT_YET = [
  'the kernels against `qemu-system-aarch64 -icount shift=0` (bare-metal builds)',
  'busybox sha256sum, gzip, sort, awk, bc; floating-point and vector programs',
  'a recording against the same run not recorded',
  '`busybox true` recorded',
  'step back, previous hit, last write in 3·10⁸ instructions',
  'a watchpoint after the fact over 3·10⁸ instructions',
  'a hit with its handler and step-over, against the host’s own debug registers',
  'file size per instruction and event',
  '10⁶ events in a browser: opening, zooming',
  'memory while recording 10⁹ instructions',
];

const folder = mkdtempSync(join(tmpdir(), 'trapline-bench-'));
const launcher = join(root, 'main/launcher/trapline.mjs');
const program = (name) => join(guestFolder, `bench-${name}`);

/** Wall time of a command in ms, and what it printed. */
function time(command, args, env = {}) {
  const started = performance.now();
  const done = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 300_000 });
  const ms = performance.now() - started;
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`);
  return { ms, output: done.stdout };
}
const qemu = (name, rounds) => time('qemu-aarch64', [program(name), String(rounds)]);
const ours = (name, rounds, event, env) =>
  time(process.execPath, [launcher, 'record', '-e', event, '-o', join(folder, 'a.trapline'), '--', program(name), String(rounds)], env);

const sorted = (values) => values.toSorted((a, b) => a - b);
const summary = (values) => {
  const s = sorted(values);
  return { median: s[s.length >> 1], min: s[0], max: s.at(-1), runs: values };
};

/** Work runs alternate between the two, each followed by its start-up alone. */
function compare(name, rounds, event, env = {}) {
  const mine = [];
  const peer = [];
  const starts = [];
  for (let run = 0; run < RUNS; run++) {
    const a = qemu(name, rounds);
    peer.push(a.ms - qemu(name, 0).ms);
    const b = ours(name, rounds, event, env);
    const start = ours(name, 0, event, env).ms;
    mine.push(b.ms - start);
    starts.push(start);
    if (a.output !== b.output) throw new Error(`bench-${name}: '${b.output}' where the peer prints '${a.output}'`);
  }
  const ratios = mine.map((ms, i) => peer[i] / ms);
  return { ours: summary(mine), peer: summary(peer), start: summary(starts), ratio: summary(ratios) };
}

if (which('qemu-aarch64') === null) {
  process.stdout.write('bench: qemu-aarch64 is missing (Debian: qemu-user)\n');
  process.exit(1);
}
const built = await buildGuests({ only: kernels.map((k) => `bench-${k.name}`) });
if (built.missing !== null || built.failed.length > 0) {
  process.stdout.write(`${built.missing === null ? built.failed.join('\n') : `${built.missing} is missing`}\n`);
  process.exit(1);
}
await bootstrap();

const rows = [];
for (const { name, rounds, goal } of kernels) {
  for (const [what, event, env, wanted] of [
    ['recorded, one watchpoint on another page', 'mem:watched/8:w', {}, goal],
    ['the same, interpreted only', 'mem:watched/8:w', { TRAPLINE_TIERS: '0' }, null],
  ]) {
    if (wanted === null && process.argv.includes('--quick')) continue;
    const result = compare(name, wanted === null ? Math.ceil(rounds / 10) : rounds, event, env);
    rows.push({ name, what, goal: wanted, ...result });
    const r = result.ratio;
    process.stdout.write(
      `${name}, ${what}: ${r.median.toFixed(2)} of qemu-aarch64 (${r.min.toFixed(2)}–${r.max.toFixed(2)})${wanted === null ? '' : `, goal ${wanted}`}\n`,
    );
  }
}
for (const text of NOT_YET) process.stdout.write(`not measured yet: ${text}\n`);
rmSync(folder, { recursive: true });

const versions = {
  node: process.version,
  qemu: execFileSync('qemu-aarch64', ['--version'], { encoding: 'utf8' }).split('\n')[0],
  cpu: `${hostCpus().length} × ${hostCpus()[0]?.model ?? 'unknown'}`,
};
const json = process.argv.indexOf('--json');
if (json > 0) writeFileSync(process.argv[json + 1], `${JSON.stringify({ versions, rows, notMeasured: NOT_YET }, null, 2)}\n`);

const cell = (s) => `${s.median.toFixed(0)} (${s.min.toFixed(0)}–${s.max.toFixed(0)})`;
const page = join(root, 'docs/performance.md');
const notes = readFileSync(page, 'utf8').split('<!-- notes -->')[1] ?? '\n';
writeFileSync(
  page,
  [
    '# Performance',
    '',
    `Written by \`npm run bench\`; what is below the table is kept. Medians of ${RUNS} runs, smallest and largest in brackets. The two sides alternate; both are`,
    'wall time less the same command with nothing to do. Ratios are what counts; the times belong to one machine:',
    `${versions.cpu}, ${versions.qemu}, Node ${versions.node}.`,
    '',
    '| program | how | of qemu-aarch64’s speed | goal | ms | qemu-aarch64, ms | start, ms |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(
      (r) =>
        `| ${r.name} | ${r.what} | ${r.ratio.median.toFixed(2)} (${r.ratio.min.toFixed(2)}–${r.ratio.max.toFixed(2)}) | ${r.goal ?? ''} | ${cell(r.ours)} | ${cell(r.peer)} | ${cell(r.start)} |`,
    ),
    '',
    'Not measured yet:',
    ...NOT_YET.map((text) => `- ${text}`),
    '',
    `<!-- notes -->${notes}`,
  ].join('\n'),
);
