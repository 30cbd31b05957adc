// Makes recordings/bundled and recordings/golden: programs built from test/guest and recordings of them, which are committed so that the
// workbench has something to open with nothing but Node. Needs the cross compiler and a build (npm run build). Run it by hand when
// the format, the machine or a sample changes: node scripts/make-bundled.mjs
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildGuests, guestFolder } from './build-guests.mjs';
import { root, run, which } from './lib.mjs';

const STRIP = 'aarch64-linux-gnu-objcopy';
const bundled = join(root, 'recordings/bundled');

const PROGRAMS = [
  {
    file: 'ledger',
    name: 'Ledger: who broke the total?',
    about: 'Two threads share a pool. A loop that runs once too often overwrites half of pool.total, and much later an audit aborts.',
    args: [],
    events: ['mem:pool+0x20/8:w'],
  },
  {
    file: 'counter',
    name: 'Counter',
    about: 'Stores to one variable 25 times: in main, through a function, and through a pointer.',
    args: [],
    events: ['mem:counter/8:w'],
  },
];

const RECORDINGS = [
  {
    file: 'ledger.trapline',
    program: 'ledger',
    name: 'Ledger: who broke the total?',
    about: 'Ends in abort. Go to the last hit of pool.total and step back from there.',
    options: ['-e', 'mem:pool+0x20/8:w', '--seed', '7'],
  },
  {
    file: 'counter.trapline',
    program: 'counter',
    name: 'Counter',
    about: 'The smallest recording with hits: 25 stores to one variable.',
    options: ['-e', 'mem:counter/8:w'],
  },
];

const built = await buildGuests({ only: PROGRAMS.map((program) => program.file) });
if (built.missing !== null || built.failed.length > 0) throw new Error(`programs not built: ${built.missing ?? built.failed.join('; ')}`);
mkdirSync(bundled, { recursive: true });
for (const { file } of PROGRAMS) {
  const target = join(bundled, file);
  if (which(STRIP) === null) copyFileSync(join(guestFolder, file), target);
  else {
    const { code, output } = await run(STRIP, ['--strip-debug', join(guestFolder, file), target], { quiet: true });
    if (code !== 0) throw new Error(output);
  }
}

// Recorded from the folder itself, so that no path of this machine is in a recording.
process.chdir(bundled);
const { main } = await import(pathToFileURL(join(root, 'out/main/cli.js')).href);
for (const { file, program, name, options } of RECORDINGS) {
  const status = await main(['record', '--name', name, ...options, '-o', file, '--', `./${program}`]);
  if (status !== 0) throw new Error(`${file}: record ended with ${status}`);
  if ((await main(['replay', '--verify', file])) !== 0) throw new Error(`${file} does not verify`);
}
const about = Object.fromEntries([
  ...RECORDINGS.map(({ file, name, about }) => [file, { name, about }]),
  ...PROGRAMS.map(({ file, name, about, args, events }) => [file, { name, about, args, events }]),
]);
writeFileSync(join(bundled, 'about.json'), `${JSON.stringify(about, null, 2)}\n`);
