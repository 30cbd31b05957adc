// Answers a request for a file of the window: the same answer for the browser host and for Electron's app:// scheme.
// Reads only below the folders it is given; knows nothing of HTTP servers or of Electron.
import { realpath, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { bundledIndex } from './bundled.ts';
import { COMMON_HEADERS, contentType } from './headers.ts';

export interface AssetRoots {
  /** The built window: out/renderer. */
  readonly window: string;
  /** Recordings and programs that come with the project: recordings/bundled. Served below /bundled/. */
  readonly bundled: string;
  /** One file the person named at the start, served as /given/NAME. */
  readonly given?: { readonly name: string; readonly path: string };
}

export interface Asset {
  readonly status: 200 | 304 | 400 | 404;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

const EMPTY = new Uint8Array(0);
const text = (status: 400 | 404, body: string): Asset => ({
  status,
  headers: { ...COMMON_HEADERS, 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  body: new TextEncoder().encode(body),
});

/**
 * The segments of a request path, decoded; null when it is not a plain path below the root (dot segments, backslashes,
 * NUL, drive letters, broken escapes, hidden names).
 */
export function safeSegments(pathname: string): readonly string[] | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (!decoded.startsWith('/')) return null;
  const segments = decoded.slice(1).split('/');
  for (const segment of segments) {
    // oxlint-disable-next-line no-control-regex -- control characters are what is refused here
    if (segment.startsWith('.') || /[\\:\u0000-\u001f]/.test(segment)) return null;
  }
  if (segments.slice(0, -1).includes('')) return null;
  return segments;
}

/** The file at `pathname` (`/`, `/assets/x.js`, `/bundled/index.json`…). Never throws for a bad path; 404 for what is not there. */
export async function asset(roots: AssetRoots, pathname: string, ifNoneMatch?: string): Promise<Asset> {
  const segments = safeSegments(pathname === '/' ? '/index.html' : pathname);
  if (segments === null) return text(400, 'not a path of this workbench\n');
  const [first, ...rest] = segments;
  if (first === 'bundled') {
    if (rest.length === 1 && rest[0] === 'index.json') {
      const body = new TextEncoder().encode(JSON.stringify(await bundledIndex(roots.bundled)));
      return { status: 200, headers: headers('index.json', 'no-cache', body.length), body };
    }
    return file(roots.bundled, rest, ifNoneMatch);
  }
  if (first === 'given') {
    if (roots.given === undefined || rest.length !== 1 || rest[0] !== roots.given.name) return text(404, 'no such file\n');
    return content(roots.given.path, roots.given.name, ifNoneMatch);
  }
  return file(roots.window, segments, ifNoneMatch);
}

async function file(folder: string, segments: readonly string[], ifNoneMatch: string | undefined): Promise<Asset> {
  const name = segments.at(-1);
  if (name === undefined || name === '') return text(404, 'no such file\n');
  try {
    // A symbolic link must not lead out of the folder either.
    const [inside, path] = await Promise.all([realpath(folder), realpath(join(folder, ...segments))]);
    if (!path.startsWith(inside + sep)) return text(404, 'no such file\n');
    return await content(path, name, ifNoneMatch, segments[0] === 'assets' && /-[\w-]{8,}\.\w+(\.map)?$/.test(name));
  } catch {
    return text(404, 'no such file\n');
  }
}

async function content(path: string, name: string, ifNoneMatch: string | undefined, hashed = false): Promise<Asset> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return text(404, 'no such file\n');
  const tag = `"${found.size.toString(36)}-${Math.trunc(found.mtimeMs).toString(36)}"`;
  const policy = hashed ? 'public, max-age=31536000, immutable' : 'no-cache';
  if (ifNoneMatch === tag) return { status: 304, headers: { ...COMMON_HEADERS, ETag: tag, 'Cache-Control': policy }, body: EMPTY };
  const body = new Uint8Array(await readFile(path));
  return { status: 200, headers: { ...headers(name, policy, body.length), ETag: tag }, body };
}

function headers(name: string, caching: string, length: number): Record<string, string> {
  return { ...COMMON_HEADERS, 'Content-Type': contentType(name), 'Content-Length': String(length), 'Cache-Control': caching };
}
