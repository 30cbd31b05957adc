// Makes the machine ready for the tests: packages, Debian tools, the arm64 busybox, guest programs. Installs Debian packages only
// as root on Debian; elsewhere it names exactly what to install. What cannot be had after three attempts is reported, not hidden.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildGuests } from './build-guests.mjs';
import { busybox, fetchForeign } from './foreign-deb.mjs';
import { root, run, which } from './lib.mjs';

const tools = JSON.parse(readFileSync(join(root, 'scripts/tools.json'), 'utf8'));
const isDebian = () => existsSync('/etc/debian_version') && which('apt-get') !== null;
const libraryOf = { 'aarch64-linux-gnu-gcc': '/usr/aarch64-linux-gnu/lib/libc.a' };

const absent = () =>
  Object.keys(tools).filter((tool) => which(tool) === null || (libraryOf[tool] !== undefined && !existsSync(libraryOf[tool])));

async function aptInstall(packages) {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await run('apt-get', ['-qq', 'update'], { quiet: true, timeout: 300_000 });
    const { code, output } = await run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...packages], {
      quiet: true,
      timeout: 900_000,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (code === 0) return true;
    process.stdout.write(`  attempt ${attempt} of 3 failed: ${output.trim().split('\n').at(-1)}\n`);
    if (attempt < 3) await new Promise((wake) => setTimeout(wake, 5000 * attempt));
  }
  return false;
}

/** Returns { notes: string[], downloadFailed: string[], failures: string[] }. */
export async function prepare() {
  const notes = [];
  const downloadFailed = [];
  const failures = [];
  const wanted = absent();
  if (wanted.length > 0) {
    const packages = [...new Set(wanted.flatMap((tool) => tools[tool].packages))];
    if (isDebian() && process.getuid?.() === 0) {
      process.stdout.write(`  installing ${packages.join(' ')}\n`);
      await aptInstall(packages);
      downloadFailed.push(...absent());
      if (absent().length > 0) notes.push(`could not be downloaded in three attempts: ${absent().join(', ')}`);
    } else {
      const how = isDebian()
        ? `sudo apt-get install --no-install-recommends ${packages.join(' ')}`
        : `the Debian packages are ${packages.join(' ')}`;
      notes.push(`missing ${wanted.join(', ')}; tests that need them are skipped. To install: ${how}`);
    }
  }
  if (!existsSync(busybox)) {
    const problem = await fetchForeign('busybox-static:arm64');
    if (problem !== null) {
      notes.push(problem);
      downloadFailed.push('busybox');
    }
  }
  const guests = await buildGuests();
  if (guests.missing === null) process.stdout.write(`  guest programs: ${guests.built} built, ${guests.kept} up to date\n`);
  failures.push(...guests.failed.map((text) => `guest program ${text}`));
  return { notes, downloadFailed, failures };
}

if (process.argv[1] === import.meta.filename) {
  const { notes, failures } = await prepare();
  for (const text of [...notes, ...failures]) process.stdout.write(`  ${text}\n`);
  if (failures.length > 0) process.exitCode = 1;
}
