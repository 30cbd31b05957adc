// What start.mjs and trapline.mjs do before the real program can run: install what is missing, build what is out of date.
// Needs nothing but Node, because on a fresh clone there is nothing else. Talks on stderr, and only when there is work.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
const say = (text) => process.stderr.write(`trapline: ${text}\n`);

/** True when every package the lock asks for is in node_modules with that version (packages of other platforms aside). */
export function isInstalled(folder = root) {
  const lockFile = join(folder, 'package-lock.json');
  const installedFile = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(lockFile)) return true; // an installed package has no lock, and its dependencies are somebody else's work
  if (!existsSync(installedFile)) return false;
  try {
    const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
    const present = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || entry.optional === true || entry.devOptional === true || present[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

/** SHA-256 over everything the build reads. */
export function sourceStamp(folder = root) {
  const hash = createHash('sha256');
  const add = (path) => {
    const file = join(folder, path);
    if (!existsSync(file)) return;
    if (!statSync(file).isDirectory()) {
      hash.update(`${path}\0`).update(readFileSync(file)).update('\0');
      return;
    }
    for (const name of readdirSync(file).sort()) if (name !== 'node_modules') add(`${path}/${name}`);
  };
  for (const path of [
    'electron.config.ts',
    'tsconfig.base.json',
    'package-lock.json',
    'main',
    'renderer',
    'workers',
    'recordings/format',
    'recordings/store',
  ])
    add(path);
  return hash.digest('hex');
}

const stampFile = join(root, 'out/.stamp');
export const isBuilt = (stamp) => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;

/** Runs a command, showing its output on stderr only when it fails (or always, when `show`). Ctrl-C reaches it as well. */
function run(command, args, show) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', show ? 2 : 'pipe', show ? 2 : 'pipe'],
      shell: process.platform === 'win32' && command === 'npm',
    });
    const parts = [];
    child.stdout?.on('data', (chunk) => parts.push(chunk));
    child.stderr?.on('data', (chunk) => parts.push(chunk));
    child.on('error', (error) => done({ code: 127, output: `${command}: ${error.message}\n` }));
    child.on('close', (code) => done({ code: code ?? 130, output: Buffer.concat(parts).toString() }));
  });
}

/** One bootstrap at a time: a second process waits for the first. The lock of a process that is gone is taken over. */
async function exclusively(work) {
  const lock = join(root, '.cache/bootstrap.lock');
  mkdirSync(join(root, '.cache'), { recursive: true });
  for (let waited = 0; ; waited += 1) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      let owner = 0;
      try {
        owner = Number(readFileSync(join(lock, 'pid'), 'utf8'));
        process.kill(owner, 0);
      } catch (gone) {
        if (gone.code === 'ESRCH' || (gone.code === 'ENOENT' && waited > 20)) rmSync(lock, { recursive: true, force: true });
      }
      if (waited === 3) say('waiting for another process that installs or builds');
      await new Promise((wake) => setTimeout(wake, 300));
    }
  }
  writeFileSync(join(lock, 'pid'), String(process.pid));
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

/**
 * Installs and builds as needed. `build: false` only installs. Exits the process with 1 and a sentence when it cannot.
 * TRAPLINE_BUILD=skip uses what is in out/ as it is (tests that start many processes, packaged applications).
 */
export async function bootstrap({ build = true, show = false } = {}) {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    say(`Node ${process.versions.node} is too old: 20 or newer is needed`);
    process.exit(1);
  }
  const skip = process.env.TRAPLINE_BUILD === 'skip';
  if (!skip && !isInstalled()) {
    await exclusively(async () => {
      if (isInstalled()) return;
      say('installing packages (npm ci) …');
      const { code, output } = await run('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], show);
      if (code !== 0) {
        process.stderr.write(output);
        say(`npm ci failed (exit ${code}); with a network connection, 'npm ci' in ${root} should say why`);
        process.exit(1);
      }
    });
  }
  if (!build || skip) return;
  const stamp = sourceStamp();
  if (isBuilt(stamp)) return;
  await exclusively(async () => {
    if (isBuilt(stamp)) return;
    say('building …');
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    const { code, output } = await run(process.execPath, [vite, 'build', '-c', 'electron.config.ts', '--logLevel', 'warn'], show);
    if (code !== 0) {
      process.stderr.write(output);
      say(`the build failed (exit ${code}); 'npm run build' shows it again`);
      process.exit(1);
    }
    writeFileSync(stampFile, stamp);
  });
}
