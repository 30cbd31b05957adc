// Markers: placed, measured, kept over a reload and removed by keyboard, in a real browser with the real machine.
import AxeBuilder from '@axe-core/playwright';
import { expect, press, root, standing, test } from '../support/page-host.ts';

test('two markers by keyboard: the status bar measures between them, a reload keeps them, Delete takes them away', async ({ window }) => {
  await standing(window);
  await window.keyboard.press('Shift+B');
  await press(window, 'Shift+F5', 2);
  await window.keyboard.press('Shift+A');
  const measured = window.getByRole('group', { name: 'Markers' });
  await expect(measured.locator('[data-distance]')).toHaveText(/^Δ [\d,]+ instructions, [\d,]+ events$/);
  const text = await measured.innerText();
  const events = Number(/([\d,]+) events/.exec(text)?.[1]?.replace(/,/g, ''));
  expect(events).toBeGreaterThanOrEqual(2);
  await window.waitForTimeout(400);
  for (const scheme of ['dark', 'light'] as const) {
    for (const [width, height] of [
      [1440, 900],
      [1280, 720],
    ] as const) {
      await window.setViewportSize({ width, height });
      await window.emulateMedia({ colorScheme: scheme });
      await window.waitForTimeout(200);
      expect(
        (await new AxeBuilder({ page: window }).include('.status').include('.tl').analyze()).violations.map((found) => found.id),
      ).toEqual([]);
      await window.screenshot({ path: `${root}/test-results/markers-${scheme}-${width}.png` });
    }
  }
  await window.reload();
  await standing(window);
  await expect(measured).toHaveText(text.replace(/\s+/g, ' '), { useInnerText: true });
  await window.keyboard.press('Delete');
  await expect(measured.getByText('A', { exact: true })).toHaveCount(0);
  await window.keyboard.press('Shift+End');
  await expect.poll(() => window.locator('#mark').inputValue()).not.toBe('');
  await window.keyboard.press('Delete');
  await expect(measured).toHaveCount(0);
});
