// Is the lock complete? Every optional dependency named by an entry of package-lock.json must have an entry of its own, or `npm ci`
// fails on the platform it is for. A registry that serves a package without its platform builds produces such locks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib.mjs';

/** Names that are missing, as `dependent -> dependency`; also entries that pin an address instead of a version. */
export function lockProblems(lock) {
  const problems = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      let at = path;
      let found = false;
      for (;;) {
        if (lock.packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) found = true;
        if (found || at === '') break;
        at = at.includes('/node_modules/') ? at.slice(0, at.lastIndexOf('/node_modules/')) : '';
      }
      if (!found) problems.push(`${path || 'the project'} -> ${name}`);
    }
    if (path !== '' && entry.resolved !== undefined)
      problems.push(`${path}: names an address (npm install --omit-lockfile-registry-resolved)`);
  }
  return problems;
}

if (process.argv[1] === import.meta.filename) {
  const problems = lockProblems(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  process.stdout.write(
    problems.length === 0 ? 'package-lock.json is complete\n' : `package-lock.json is incomplete:\n  ${problems.join('\n  ')}\n`,
  );
  if (problems.length > 0) process.exitCode = 1;
}
