#!/usr/bin/env node
// `npm start`: installs and builds what is missing, then opens the workbench, in Electron when its executable is there and in
// the browser otherwise. Arguments: [FILE.trapline] [--browser] [--no-open] [--port N]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { bootstrap, root } from './bootstrap.mjs';
import { findElectron, haveDisplay } from './electron.mjs';

const usage = `usage: npm start -- [FILE.trapline] [--browser] [--no-open] [--port N]
  --browser   use the browser even when Electron is there
  --no-open   print the address and leave opening it to you
  --port N    port of the browser host on 127.0.0.1 (default: 4173, or a free one when that is taken)
`;

function refuse(text) {
  process.stderr.write(`trapline: ${text}\n${usage}`);
  process.exit(2);
}

function options(argv) {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        browser: { type: 'boolean' },
        'no-open': { type: 'boolean' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return { values, positionals };
  } catch (error) {
    return refuse(error.message);
  }
}

/** Runs Electron; true when it ran, false when it failed before a window can have been up. */
function runElectron(executable, args) {
  return new Promise((done) => {
    const started = Date.now();
    const child = spawn(executable, [root, ...args], { stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', forward);
    process.on('SIGTERM', forward);
    const finish = (code, why) => {
      process.off('SIGINT', forward);
      process.off('SIGTERM', forward);
      if (code === 0 || Date.now() - started > 8000) {
        process.exitCode = code;
        done(true);
        return;
      }
      process.stderr.write(`trapline: Electron could not start (${why})\n`);
      done(false);
    };
    child.on('error', (error) => finish(127, error.message));
    child.on('close', (code, signal) => finish(signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : (code ?? 1), signal ?? `exit ${code}`));
  });
}

export async function start(argv) {
  const { values, positionals } = options(argv);
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65535)) refuse(`'${values.port}' is not a port (0 to 65535)`);
  if (positionals.length > 1) refuse('only one file can be opened at a time');
  const file = positionals[0] === undefined ? undefined : resolve(positionals[0]);
  if (file !== undefined && !existsSync(file)) refuse(`${positionals[0]}: no such file`);

  await bootstrap({ show: true });

  const executable = values.browser ? null : findElectron(root);
  if (executable !== null && haveDisplay() && (await runElectron(executable, file === undefined ? [] : [file]))) return;
  const reason = values.browser
    ? 'Using the browser, as asked.'
    : executable === null
      ? 'Electron is not installed here, so the workbench opens in the browser.'
      : 'Electron cannot show a window here, so the workbench opens in the browser.';
  const host = await import(pathToFileURL(join(root, 'out/main/browser-host.js')).href);
  await host.runBrowserHost({
    root,
    reason,
    open: values['no-open'] !== true && haveDisplay(),
    ...(port === undefined ? {} : { port }),
    ...(file === undefined ? {} : { file }),
  });
}

if (process.argv[1] === import.meta.filename) await start(process.argv.slice(2));
