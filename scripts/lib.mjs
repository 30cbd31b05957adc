// What the scripts share: paths, running a command with its output shown, looking for tools, content stamps. Needs nothing but Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
export const cache = join(root, '.cache');

/** Path of an executable on PATH, or null. Nothing is run. */
export function which(name) {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    if (dir === '') continue;
    for (const extension of process.platform === 'win32' ? ['.exe', '.cmd', ''] : ['']) {
      const path = join(dir, name + extension);
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return path;
      } catch {
        continue;
      }
    }
  }
  return null;
}

/**
 * Runs a command. `quiet` keeps its output back and returns it; otherwise it is shown as it comes and returned as well.
 * Resolves to { code, output }; a command that cannot be started or runs over `timeout` ms has a code that is not 0.
 */
export function run(command, args, { quiet = false, cwd = root, env = {}, timeout = 0 } = {}) {
  return new Promise((done) => {
    const shell = process.platform === 'win32' && command === 'npm';
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], shell });
    const parts = [];
    const take = (stream) => (chunk) => {
      parts.push(chunk);
      if (!quiet) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    let late = false;
    const timer =
      timeout > 0
        ? setTimeout(() => {
            late = true;
            child.kill('SIGKILL');
          }, timeout)
        : undefined;
    const finish = (code, extra = '') => {
      clearTimeout(timer);
      done({ code, output: Buffer.concat(parts).toString() + extra });
    };
    child.on('error', (error) => finish(127, `${command}: ${error.message}\n`));
    child.on('close', (code) => {
      if (late) process.stdout.write(`${command} was stopped after ${timeout / 1000} s\n`);
      finish(late ? 124 : (code ?? 1), late ? `stopped after ${timeout / 1000} s\n` : '');
    });
  });
}

/** A program of node_modules by its entry file, to be run with this Node: no shell, no .cmd shim, the same on every OS. */
export function bin(name, packageName = name) {
  const folder = join(root, 'node_modules', packageName);
  const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof description.bin === 'string' ? description.bin : description.bin[name]);
}

/** Files under `folder` (repository paths, sorted), leaving out names in `skip` anywhere. */
export function filesUnder(folder, skip = new Set(['node_modules', '.git', 'out', '.cache'])) {
  const found = [];
  const walk = (dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (skip.has(entry.name)) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  if (existsSync(folder)) walk(folder);
  return found;
}

/** SHA-256 over names and contents of files, and any extra strings. */
export function stampOf(files, ...extra) {
  const hash = createHash('sha256');
  for (const text of extra) hash.update(`${text}\0`);
  for (const file of files) hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}
