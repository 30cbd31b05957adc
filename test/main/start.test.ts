// `npm start` and `trapline` as processes: what they print, what they refuse, and that Ctrl-C ends them. Uses what is built in out/.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/tools.ts';

const launcher = join(root, 'main/launcher/start.mjs');
const env = { ...process.env, TRAPLINE_BUILD: 'skip', DISPLAY: '', WAYLAND_DISPLAY: '' };
const built = existsSync(join(root, 'out/main/browser-host.js'));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function start(args: readonly string[], onOutput?: (text: string, child: ChildProcess) => void, script = launcher): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const hear = (chunk: Buffer): void => {
      output += chunk.toString();
      onOutput?.(output, child);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', (code) => done({ code, output }));
  });
}

test.skipIf(!built)(
  'prints the address, serves the page, and Ctrl-C ends it with 0',
  async () => {
    let asked: Promise<number> | undefined;
    const { code, output } = await start(['--browser', '--no-open', '--port', '0'], (text, child) => {
      const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0];
      if (address === undefined || !text.includes('Ctrl-C') || asked !== undefined) return;
      asked = fetch(`${address}bundled/index.json`).then((response) => {
        child.kill('SIGINT');
        return response.status;
      });
    });
    expect(await asked).toBe(200);
    expect(code).toBe(0);
    expect(output).toContain('Using the browser, as asked.');
  },
  30_000,
);

test.each([
  [['--port', '99999'], "'99999' is not a port"],
  [['--colour'], 'Unknown option'],
  [['gone.trapline'], 'gone.trapline: no such file'],
  [['a', 'b'], 'only one file'],
])('%j is refused with exit code 2 and a sentence', async (args, sentence) => {
  const { code, output } = await start(args);
  expect(code).toBe(2);
  expect(output).toContain(sentence);
  expect(output).not.toContain('    at ');
});

test.skipIf(!built)(
  '`trapline --no-open` opens the workbench as well',
  async () => {
    const { code, output } = await start(
      ['--no-open', '--browser', '--port', '0'],
      (text, child) => {
        if (text.includes('Ctrl-C')) child.kill('SIGTERM');
      },
      join(root, 'main/launcher/trapline.mjs'),
    );
    expect(code).toBe(0);
    expect(output).toContain('http://127.0.0.1:');
  },
  30_000,
);
