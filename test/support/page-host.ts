// The browser host as `npm start` runs it, on a free port, for page tests; and what every page test watches for.
import { resolve } from 'node:path';
import { type ConsoleMessage, expect, type Page, test as base } from '@playwright/test';
import { type BrowserHost, serve } from '../../main/browser-host/server.ts';

export const root = resolve(import.meta.dirname, '../..');

interface Fixtures {
  /** A page on a fresh library. The test fails when anything was written to its console as an error. */
  readonly window: Page;
}

interface WorkerFixtures {
  readonly host: BrowserHost;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  host: [
    // biome-ignore lint: Playwright reads the fixtures from the destructured argument
    async ({}, use) => {
      const host = await serve({ window: `${root}/out/renderer`, bundled: `${root}/recordings/bundled` }, 0);
      await use(host);
      await host.close();
    },
    { scope: 'worker' },
  ],
  window: async ({ page, host }, use) => {
    const errors: string[] = [];
    page.on('console', (message: ConsoleMessage) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(host.address);
    await use(page);
    expect(errors, 'errors on the console').toEqual([]);
  },
});

export { expect };

/** The Mark the window stands at, as the field between the arrows shows it. */
export const shownMark = (page: Page): Promise<string> => page.locator('#mark').inputValue();

export const shownDigest = (page: Page): Promise<string> => page.locator('[data-digest]').innerText();

/** Waits until the window shows a recording and stands somewhere in it. */
export async function standing(page: Page): Promise<void> {
  await expect(page.locator('#mark')).toHaveValue(/^#[\d,]+\.\d+$/, { timeout: 60_000 });
  await expect(page.locator('main[aria-busy=false]')).toHaveCount(1, { timeout: 60_000 });
  await expect(page.locator('.status .progress')).toHaveCount(0, { timeout: 60_000 });
}

/** Presses a key so often, and waits until the moves it caused are over. */
export async function press(page: Page, key: string, times = 1): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const from = await shownMark(page);
    await page.keyboard.press(key);
    await expect.poll(() => shownMark(page), { message: `${key} moves on from ${from}`, timeout: 30_000 }).not.toBe(from);
  }
}
