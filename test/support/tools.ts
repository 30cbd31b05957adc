// Real tools and guest programs for tests: are they there, where are they, and a test that says what to install when not.
// A missing tool is a skip with its reason on a developer's machine, and a failure where CI is set (unless its download failed).
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { test, type TestContext } from 'vitest';
import tools from '../../scripts/tools.json' with { type: 'json' };

/** Repository root. */
export const root = resolve(import.meta.dirname, '../..');

export type Tool = keyof typeof tools;
/** A tool of scripts/tools.json, `guest:NAME` (built by scripts/build-guests.mjs) or `busybox` (Debian's arm64 busybox-static). */
export type Need = Tool | `guest:${string}` | 'busybox';

/** Path of an executable on PATH, or undefined. */
export function toolPath(name: string): string | undefined {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(dir, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}

export function haveTool(name: Tool): boolean {
  return toolPath(name) !== undefined;
}

/** Where a guest program is once built: test/guest/NAME.c -> .cache/guest/NAME (or NAME.VARIANT). */
export function guestPath(name: string): string {
  return join(root, '.cache/guest', name);
}

export const busyboxPath = join(root, '.cache/foreign/busybox-static-arm64/bin/busybox');

/** What is missing and how to get it, or undefined when everything needed is there. */
export function missing(needs: readonly Need[]): string | undefined {
  const texts: string[] = [];
  for (const need of needs) {
    if (need === 'busybox') {
      if (!existsSync(busyboxPath)) texts.push('arm64 busybox: node scripts/foreign-deb.mjs');
    } else if (need.startsWith('guest:')) {
      const name = need.slice('guest:'.length);
      if (!existsSync(guestPath(name))) texts.push(`guest program '${name}': node scripts/build-guests.mjs`);
    } else {
      const tool = need as Tool;
      if (!haveTool(tool)) texts.push(`${tool}: apt-get install ${tools[tool].packages.join(' ')}`);
    }
  }
  return texts.length === 0 ? undefined : `missing ${texts.join('; ')}`;
}

/** True when the runner said that getting this failed after three attempts: then a skip is honest even in CI. */
function downloadFailed(needs: readonly Need[]): boolean {
  const failed = (process.env['TRAPLINE_DOWNLOAD_FAILED'] ?? '').split(',').filter(Boolean);
  return needs.some((need) => failed.includes(need) || (need.startsWith('guest:') && failed.includes('aarch64-linux-gnu-gcc')));
}

/**
 * A test that needs real tools. `testWith(['qemu-aarch64', 'guest:counter'], 'name', async () => …)`.
 * Skipped, saying what to install, when something is missing; fails instead in CI.
 */
export function testWith(
  needs: readonly Need[],
  name: string,
  body: (context: TestContext) => void | Promise<void>,
  timeout?: number,
): void {
  test(
    name,
    async (context) => {
      const reason = missing(needs);
      if (reason !== undefined) {
        if ((process.env['CI'] ?? '') !== '' && !downloadFailed(needs)) throw new Error(reason);
        context.skip(reason);
      }
      await body(context);
    },
    timeout,
  );
}
