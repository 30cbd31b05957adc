// Fetches Debian packages of another architecture and unpacks them into .cache/foreign, without touching the machine's own
// package lists: a private apt folder is used. Usage: node scripts/foreign-deb.mjs [NAME:ARCH]…   (default: busybox-static:arm64)
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, run, which } from './lib.mjs';

export const busybox = join(cache, 'foreign', 'busybox-static-arm64', 'bin', 'busybox');

/**
 * Unpacks NAME:ARCH into .cache/foreign/NAME-ARCH. Tries three times.
 * @returns {Promise<string | null>} null when it is there, otherwise one sentence that says what went wrong
 */
export async function fetchForeign(spec) {
  const [name, arch] = spec.split(':');
  if (!name || !arch) return `'${spec}' is not NAME:ARCH`;
  const target = join(cache, 'foreign', `${name}-${arch}`);
  if (existsSync(join(target, '.complete'))) return null;
  if (which('apt-get') === null || which('dpkg-deb') === null)
    return `${spec} needs apt-get and dpkg-deb (a Debian machine); elsewhere unpack the package into ${target} by hand`;
  const work = join(cache, 'foreign', `.apt-${arch}`);
  let last = '';
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    last = await attemptFetch(name, arch, work, target);
    if (last === '') return null;
    process.stderr.write(`${spec}: attempt ${attempt} of 3 failed: ${last.trim().split('\n').at(-1)}\n`);
    if (attempt < 3) await new Promise((wake) => setTimeout(wake, 2000 * attempt));
  }
  return `${spec} could not be downloaded in three attempts: ${last.trim().split('\n').at(-1)}`;
}

function sourcesFor(work) {
  // Only Debian's own sources: a third party's often serves a single architecture.
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((f) => /\.(list|sources)$/.test(f))
        .map((f) => join(folder, f))
    : [];
  if (existsSync('/etc/apt/sources.list')) files.push('/etc/apt/sources.list');
  const debian = files.filter((file) => /debian/i.test(readFileSync(file, 'utf8')));
  const parts = join(work, 'sources');
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  for (const file of debian) writeFileSync(join(parts, file.split('/').at(-1)), readFileSync(file));
  return parts;
}

async function attemptFetch(name, arch, work, target) {
  for (const dir of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(work, dir), { recursive: true });
  writeFileSync(join(work, 'status'), '');
  const settings = {
    'APT::Architecture': arch,
    'APT::Architectures': arch,
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': sourcesFor(work),
    'Dir::State::lists': join(work, 'lists'),
    'Dir::State::status': join(work, 'status'),
    'Dir::Cache': join(work, 'cache'),
    'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '',
    'Acquire::Languages': 'none',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => (value === '' ? [] : ['-o', `${key}=${value}`]));
  const update = await run('apt-get', ['-qq', ...options, 'update'], { quiet: true, timeout: 180_000 });
  const fetched = await run('apt-get', ['-qq', ...options, 'download', name], { quiet: true, cwd: work, timeout: 180_000 });
  if (fetched.code !== 0) return fetched.output || update.output || 'apt-get download failed';
  const deb = readdirSync(work).find((file) => file.startsWith(`${name}_`) && file.endsWith('.deb'));
  if (deb === undefined) return 'apt-get download left no package behind';
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const unpacked = await run('dpkg-deb', ['-x', join(work, deb), target], { quiet: true });
  rmSync(join(work, deb), { force: true });
  if (unpacked.code !== 0) return unpacked.output;
  writeFileSync(join(target, '.complete'), `${deb}\n`);
  return '';
}

if (process.argv[1] === import.meta.filename) {
  const specs = process.argv.slice(2);
  for (const spec of specs.length > 0 ? specs : ['busybox-static:arm64']) {
    const problem = await fetchForeign(spec);
    process.stdout.write(problem === null ? `${spec}: ready in .cache/foreign\n` : `${problem}\n`);
    if (problem !== null) process.exitCode = 1;
  }
}
