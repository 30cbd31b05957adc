// Entry of the browser host: serves the built window on loopback until Ctrl-C and opens the default browser when asked.
// The machine runs in the page's own workers; this process only hands out files.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BrowserHost, serve } from './server.ts';

export { serve };

const USUAL_PORT = 4173; // fixed, because the library (IndexedDB) belongs to the origin, and the port is part of it

export interface BrowserHostOptions {
  /** Project root: out/renderer and recordings/bundled are below it. */
  readonly root: string;
  /** Why the browser: printed before the address. */
  readonly reason: string;
  readonly open: boolean;
  readonly port?: number;
  /** A recording to show first. */
  readonly file?: string;
}

function openInBrowser(address: string): void {
  const [command, args]: [string, string[]] =
    process.platform === 'darwin'
      ? ['open', [address]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '""', address]]
        : ['xdg-open', [address]];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => process.stdout.write('No browser could be opened from here; please open the address yourself.\n'));
  child.unref();
}

async function listen(options: BrowserHostOptions): Promise<BrowserHost> {
  const roots = {
    window: join(options.root, 'out/renderer'),
    bundled: join(options.root, 'recordings/bundled'),
    ...(options.file === undefined ? {} : { given: { name: basename(options.file), path: options.file } }),
  };
  try {
    return await serve(roots, options.port ?? USUAL_PORT);
  } catch (error) {
    if (options.port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    process.stdout.write(
      `Port ${USUAL_PORT} is taken, so another one is used; the library of recordings kept in the browser belongs to the usual port.\n`,
    );
    return serve(roots, 0);
  }
}

/** The parent and, where /proc says it, its parent: npm starts a script through a shell, which outlives npm. */
function ancestry(): string {
  try {
    return `${process.ppid} ${readFileSync(`/proc/${process.ppid}/status`, 'utf8').match(/^PPid:\s*(\d+)/m)?.[1] ?? ''}`;
  } catch {
    return String(process.ppid);
  }
}

/** Serves until SIGINT or SIGTERM. A port that cannot be had is a sentence and exit code 1. */
export async function runBrowserHost(options: BrowserHostOptions): Promise<void> {
  let host: BrowserHost;
  try {
    host = await listen(options);
  } catch (error) {
    process.stderr.write(
      `trapline: port ${options.port} on 127.0.0.1 cannot be used (${(error as NodeJS.ErrnoException).code ?? String(error)})\n`,
    );
    process.exitCode = 1;
    return;
  }
  const stop = (): void => {
    void host.close().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // npm does not pass every signal on: when it is gone, so is whoever asked for this.
  const family = ancestry();
  if (process.env['npm_lifecycle_event'] !== undefined) setInterval(() => (ancestry() === family ? undefined : stop()), 1000).unref();
  const address =
    options.file === undefined ? host.address : `${host.address}?open=${encodeURIComponent(`given/${basename(options.file)}`)}`;
  process.stdout.write(`${options.reason}\n\n  ${address}\n\nCtrl-C ends it.\n`);
  if (options.open) openInBrowser(address);
}
