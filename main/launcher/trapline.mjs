#!/usr/bin/env node
// The `trapline` command: a verb goes to the command line (main/cli), no verb opens the workbench.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrap, root } from './bootstrap.mjs';

const args = process.argv.slice(2);
const forWorkbench =
  args.length === 0 || args[0]?.endsWith('.trapline') || ['--browser', '--no-open', '--port'].some((flag) => args[0]?.startsWith(flag));
if (forWorkbench) {
  const { start } = await import('./start.mjs');
  await start(args);
} else {
  await bootstrap();
  const { main } = await import(pathToFileURL(join(root, 'out/main/cli.js')).href);
  process.exitCode = await main(args);
}
