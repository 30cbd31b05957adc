// Makes what comes with the project in recordings/bundled: programs built from test/guest, and recordings of them made by the command
// line. Run it after a change of the recording format or of the machine that changes a recording; the results are committed.
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from '../main/launcher/bootstrap.mjs';
import { buildGuests, guestFolder } from './build-guests.mjs';
import { root, run } from './lib.mjs';

const target = join(root, 'recordings/bundled');
const programs = ['ledger', 'counter', 'race'];
const recordings = [
  { program: 'ledger', cpus: 2, events: ['mem:pool+32/8:w'] },
  { program: 'counter', cpus: 1, events: ['mem:counter/8:w'] },
];

const built = await buildGuests({ only: programs });
if (built.missing !== null || built.failed.length > 0) {
  process.stdout.write(`${built.missing === null ? built.failed.join('\n') : `${built.missing} is missing`}\n`);
  process.exit(1);
}
await bootstrap();
mkdirSync(target, { recursive: true });
for (const name of programs) {
  const to = join(target, name);
  copyFileSync(join(guestFolder, name), to);
  // Names of functions and variables stay; line tables do not: nothing reads them yet and they are most of a debug build.
  const { code, output } = await run('aarch64-linux-gnu-strip', ['--strip-debug', to], { quiet: true });
  if (code !== 0) throw new Error(output);
}
for (const { program, cpus, events } of recordings) {
  const file = join(target, `${program}.trapline`);
  const { code } = await run(
    process.execPath,
    [
      join(root, 'main/launcher/trapline.mjs'),
      'record',
      ...['--cpus', String(cpus), '--seed', '1'],
      ...events.flatMap((event) => ['-e', event]),
      ...['-o', file, '--', join('recordings/bundled', program)],
    ],
    { timeout: 300_000 },
  );
  if (code !== 0 || !existsSync(file)) process.exit(1);
  process.stdout.write(`${file.slice(root.length + 1)}: ${statSync(file).size} bytes\n`);
}
