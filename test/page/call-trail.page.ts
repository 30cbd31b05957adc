// The trail in the code panel, in a real browser with the real machine: it appears by itself, and belongs to the place shown.
import { expect, press, root, standing, test } from '../support/page-host.ts';

test('code says how often each line ran in this call, and stepping back takes the last execution away', async ({ window }) => {
  await standing(window);
  const code = window.locator('[data-panel=code]');
  await expect(code.getByText('this call from')).toBeVisible({ timeout: 30_000 });
  await expect(code.locator('.crow.ran').first()).toBeVisible();
  for (const scheme of ['dark', 'light'] as const) {
    for (const [width, height] of [
      [1440, 900],
      [1280, 720],
    ] as const) {
      await window.setViewportSize({ width, height });
      await window.emulateMedia({ colorScheme: scheme });
      await window.waitForTimeout(200);
      await window.screenshot({ path: `${root}/test-results/trail-${scheme}-${width}.png` });
    }
  }
  // a stretch without a loop: what is about to execute has not run yet in this call, at one place as at the one before
  const next = code.locator('.crow.cur');
  const address = await next.locator('.a').innerText();
  await expect(next).toHaveClass(/idle/);
  for (let n = 0; n < 6 && (await next.locator('.a').innerText()) === address; n += 1) await press(window, 'Shift+F10');
  await expect(next.locator('.a')).not.toHaveText(address);
  await expect(next).toHaveClass(/idle/, { timeout: 30_000 });
});

test('holding a step key is not held up by the trail', async ({ window }) => {
  await standing(window);
  const begun = Date.now();
  await press(window, 'Shift+Alt+F11', 20);
  expect(Date.now() - begun).toBeLessThan(20_000);
});
