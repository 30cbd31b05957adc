// The browser host over real HTTP: loopback, GET and HEAD, its own name only.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrowserHost, isOwnHost, serve } from '../../main/browser-host/server.ts';

let folder = '';
let host: BrowserHost;

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(path: string, options: { method?: string; host?: string } = {}): Promise<Reply> {
  return new Promise((done, failed) => {
    const call = request(
      {
        host: '127.0.0.1',
        port: host.port,
        path,
        method: options.method ?? 'GET',
        headers: { host: options.host ?? `127.0.0.1:${host.port}` },
      },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    call.on('error', failed);
    call.end();
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-host-'));
  writeFileSync(join(folder, 'index.html'), '<title>Trapline</title>');
  host = await serve({ window: folder, bundled: join(folder, 'none') }, 0);
});
afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the page is served with isolation headers, whatever its query', async () => {
  const reply = await ask('/?open=given/x.trapline#frag');
  expect(reply.status).toBe(200);
  expect(reply.body).toContain('Trapline');
  expect(reply.headers['cross-origin-opener-policy']).toBe('same-origin');
  expect(reply.headers['cross-origin-embedder-policy']).toBe('require-corp');
});

test('HEAD has the headers without the body', async () => {
  const reply = await ask('/', { method: 'HEAD' });
  expect([reply.status, reply.body, reply.headers['content-length']]).toEqual([200, '', '23']);
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is refused', async (method) => {
  const reply = await ask('/', { method });
  expect([reply.status, reply.headers['allow']]).toEqual([405, 'GET, HEAD']);
});

test('a name that was made to point here is refused', async () => {
  expect((await ask('/', { host: `evil.example:${host.port}` })).status).toBe(421);
  expect((await ask('/', { host: '127.0.0.1' })).status).toBe(421);
  expect((await ask('/', { host: `localhost:${host.port}` })).status).toBe(200);
  expect(isOwnHost(undefined, 80)).toBe(false);
  expect(isOwnHost('localhost', 80)).toBe(true);
});

test('raw dot segments do not leave the folder', async () => {
  expect((await ask('/../../../../etc/passwd')).status).toBe(400);
});

test('a taken port is the system error, for the caller to explain', async () => {
  await expect(serve({ window: folder, bundled: folder }, host.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
