// The browser host's HTTP server: loopback only, GET and HEAD only, the files of asset() and nothing else.
// The Host header is checked, so that a page elsewhere whose name was made to point at 127.0.0.1 gets nothing.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { asset, type AssetRoots } from '../assets/asset.ts';
import { COMMON_HEADERS } from '../assets/headers.ts';

/** True when `host` names this machine's loopback with this port. */
export function isOwnHost(host: string | undefined, port: number): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].some((name) => host === `${name}:${port}` || (port === 80 && host === name));
}

function refuse(response: ServerResponse, status: number, sentence: string, extra: Record<string, string> = {}): void {
  response.writeHead(status, { ...COMMON_HEADERS, 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...extra });
  response.end(`${sentence}\n`);
}

async function answer(roots: AssetRoots, port: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isOwnHost(request.headers.host, port)) return refuse(response, 421, 'this workbench answers only under its loopback address');
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD', { Allow: 'GET, HEAD' });
  // The raw path: URL parsing would already have folded dot segments away.
  const pathname = (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
  const found = await asset(roots, pathname, request.headers['if-none-match']);
  response.writeHead(found.status, found.headers);
  response.end(request.method === 'HEAD' ? undefined : found.body);
  return undefined;
}

export interface BrowserHost {
  readonly port: number;
  readonly address: string;
  close(): Promise<void>;
}

/** Serves on 127.0.0.1. Port 0 takes a free one. Rejects with the system's error (EADDRINUSE…) when it cannot listen. */
export async function serve(roots: AssetRoots, wanted: number): Promise<BrowserHost> {
  let port = wanted;
  const server: Server = createServer((request, response) => {
    answer(roots, port, request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500, 'the file could not be read');
      else response.destroy();
    });
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(wanted, '127.0.0.1', () => {
      server.off('error', failed);
      listening();
    });
  });
  const bound = server.address();
  if (bound !== null && typeof bound === 'object') port = bound.port;
  return {
    port,
    address: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
