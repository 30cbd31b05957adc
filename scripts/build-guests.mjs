// Builds the arm64 programs the tests run: test/guest/*.{c,S} into .cache/guest. The first comment lines of a source say how:
//   // build: -O2 -pthread          -> .cache/guest/NAME
//   // build(o3): -O3               -> .cache/guest/NAME.o3      (any number of these)
// A source without such a line is built with -O1. -static -g are always added (-static-pie replaces -static).
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { cache, filesUnder, root, run, stampOf, which } from './lib.mjs';

export const guestFolder = join(cache, 'guest');
const compiler = 'aarch64-linux-gnu-gcc';

/** The builds a source asks for: { name, flags[] } each. */
export function buildsOf(file, text) {
  const name = basename(file, extname(file));
  const builds = [];
  for (const line of text.split('\n').slice(0, 12)) {
    const found = /^\s*(?:\/\/|\/\*)\s*build(?:\((\w+)\))?:\s*(.*?)\s*(?:\*\/)?\s*$/.exec(line);
    if (found === null) continue;
    builds.push({ name: found[1] === undefined ? name : `${name}.${found[1]}`, flags: found[2].split(/\s+/).filter(Boolean) });
  }
  return builds.length > 0 ? builds : [{ name, flags: ['-O1'] }];
}

/** Builds what is out of date. Returns { built, kept, failed: string[] }; `missing` is set when there is no compiler. */
export async function buildGuests({ only = [] } = {}) {
  const result = { built: 0, kept: 0, failed: [], missing: null };
  if (which(compiler) === null) return { ...result, missing: compiler };
  const version = execFileSync(compiler, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  mkdirSync(guestFolder, { recursive: true });
  const sources = filesUnder(join(root, 'test/guest')).filter((f) => /\.(c|S)$/.test(f));
  const headers = filesUnder(join(root, 'test/guest')).filter((f) => /\.h$/.test(f));
  for (const source of sources) {
    for (const { name, flags } of buildsOf(source, readFileSync(source, 'utf8'))) {
      if (only.length > 0 && !only.includes(name) && !only.includes(basename(source, extname(source)))) continue;
      const target = join(guestFolder, name);
      const stamp = stampOf([source, ...headers], version, ...flags);
      const stampFile = join(guestFolder, `.${name}.stamp`);
      if (existsSync(target) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
        result.kept += 1;
        continue;
      }
      const link = flags.includes('-static-pie') ? [] : ['-static'];
      // The map keeps this machine's paths out of the debug information, so that a build is the same in every folder.
      const args = [...link, '-g', `-ffile-prefix-map=${root}=.`, '-o', target, source, ...flags];
      const { code, output } = await run(compiler, args, { quiet: true, timeout: 120_000 });
      if (code !== 0) result.failed.push(`${name}: ${output.trim().split('\n').slice(0, 5).join('\n  ')}`);
      else {
        writeFileSync(stampFile, stamp);
        result.built += 1;
      }
    }
  }
  return result;
}

if (process.argv[1] === import.meta.filename) {
  const result = await buildGuests({ only: process.argv.slice(2) });
  if (result.missing !== null)
    process.stdout.write(`guest programs not built: ${result.missing} is missing (Debian: gcc-aarch64-linux-gnu libc6-dev-arm64-cross)\n`);
  else process.stdout.write(`guest programs: ${result.built} built, ${result.kept} up to date, ${result.failed.length} failed\n`);
  for (const text of result.failed) process.stdout.write(`  ${text}\n`);
  if (result.failed.length > 0 || result.missing !== null) process.exitCode = 1;
}
