// Type-checks every project of the repository, each with the libraries of the runtime it is for. Prints the compiler's own messages.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bin, filesUnder, root, run } from './lib.mjs';

export const projects = ['workers', 'workers/host', 'recordings', 'main', 'renderer', 'test'];

/** Checks all projects, two at a time. Returns the number of projects that fail. */
export async function typecheck() {
  const compiler = bin('tsc', 'typescript');
  const waiting = projects.filter(
    (p) => existsSync(join(root, p, 'tsconfig.json')) && filesUnder(join(root, p)).some((f) => /\.tsx?$/.test(f)),
  );
  let failed = 0;
  const worker = async () => {
    for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
      const { code, output } = await run(process.execPath, [compiler, '-p', project, '--pretty', 'false'], {
        quiet: true,
        timeout: 300_000,
      });
      if (code !== 0) failed += 1;
      process.stdout.write(code === 0 ? `  ${project}: ok\n` : `  ${project}: failed\n${output}`);
    }
  };
  await Promise.all([worker(), worker()]);
  return failed;
}

if (process.argv[1] === import.meta.filename) process.exitCode = (await typecheck()) === 0 ? 0 : 1;
