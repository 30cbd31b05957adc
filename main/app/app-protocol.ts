// Serves the window on app://trapline with the same headers as the browser host: file:// cannot be isolated.
import { protocol } from 'electron';
import { asset } from '../assets/asset.ts';
import { COMMON_HEADERS } from '../assets/headers.ts';
import { APP_ORIGIN } from '../ipc/check.ts';
import type { AppPaths } from './roots.ts';

/** Must run before the application is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
  ]);
}

/** Must run once the application is ready. */
export function serveWindow(paths: AppPaths): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    if (`${url.protocol}//${url.host}` !== APP_ORIGIN || (request.method !== 'GET' && request.method !== 'HEAD'))
      return new Response('refused\n', { status: 403, headers: COMMON_HEADERS });
    const found = await asset(paths, url.pathname, request.headers.get('if-none-match') ?? undefined);
    const bodyless = request.method === 'HEAD' || found.status === 304;
    return new Response(bodyless ? null : found.body, { status: found.status, headers: found.headers });
  });
}
