// What page tests share: the built window served by the real browser host on a free port, and a check that nothing was complained
// about on the console. `import { test, expect } from '../support/page.ts'`, then `await page.goto(host.address)`.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test as base, expect } from '@playwright/test';
import { type BrowserHost, serve } from '../../main/browser-host/server.ts';

export const root = resolve(import.meta.dirname, '../..');

interface WorkerFixtures {
  /** The browser host over out/renderer and recordings/bundled. */
  readonly host: BrowserHost;
}

interface TestFixtures {
  /** Console errors and uncaught exceptions so far; the test fails at its end when there are any left. Empty it when one is expected. */
  readonly complaints: string[];
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  host: [
    // oxlint-disable-next-line no-empty-pattern -- the runner reads the names of the first parameter
    async ({}, use) => {
      if (!existsSync(join(root, 'out/renderer/index.html'))) throw new Error('the window is not built: npm run build');
      const host = await serve({ window: join(root, 'out/renderer'), bundled: join(root, 'recordings/bundled') }, 0);
      await use(host);
      await host.close();
    },
    { scope: 'worker' },
  ],
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
      await use(complaints);
      expect(complaints, 'the console stayed clean').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
