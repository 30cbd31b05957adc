// How the window looks and is reached: axe in every state and both themes, small and enlarged windows, pictures for people.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, press, root, standing, test } from '../support/page-host.ts';

async function clean(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((found) => `${state}: ${found.id}: ${found.nodes[0]?.html}`)).toEqual([]);
}

for (const theme of ['dark', 'light'] as const) {
  test(`axe finds nothing in any state, ${theme}`, async ({ window }) => {
    test.setTimeout(300_000); // axe takes its time where two cores do other things
    await window.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await standing(window);
    await clean(window, 'at a hit');
    await press(window, 'Shift+Alt+F11');
    await clean(window, 'between hits');
    await window.keyboard.press('?');
    await clean(window, 'keys');
    await window.keyboard.press('Escape');
    await window.keyboard.press('>');
    await clean(window, 'palette');
    await window.keyboard.press('Escape');
    await window.keyboard.press('r');
    await window.getByRole('group', { name: 'Bundled programs' }).getByRole('button').first().click();
    await clean(window, 'record dialog');
    await window.keyboard.press('Escape');
    await window.keyboard.press('b');
    await clean(window, 'library');
    await window.screenshot({ path: `${root}/test-results/library-${theme}.png` });
  });
}

test('every panel is reached by F6, and every lane by the arrow keys', async ({ window }) => {
  await standing(window);
  const seen = new Set<string>();
  for (let n = 0; n < 9; n += 1) {
    await window.keyboard.press('F6');
    seen.add(await window.evaluate(() => document.activeElement?.closest('[data-panel]')?.getAttribute('data-panel') ?? ''));
  }
  expect([...seen].sort()).toEqual(['code', 'debug', 'events', 'inspector', 'memory', 'output', 'registers', 'timeline']);
});

for (const [name, width, height] of [
  ['1280x720', 1280, 720],
  ['200 %', 720, 450],
] as const) {
  test(`at ${name} nothing is wider than the window and every panel can be reached`, async ({ window }) => {
    await window.setViewportSize({ width, height });
    await standing(window);
    expect(await window.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    for (const panel of ['code', 'registers', 'memory', 'events', 'debug']) {
      const box = window.locator(`[data-panel=${panel}]`);
      await box.scrollIntoViewIfNeeded();
      expect((await box.boundingBox())?.height).toBeGreaterThan(90);
    }
    await window.screenshot({ path: `${root}/test-results/window-${width}.png` });
  });
}

test('pictures: the window at a hit in both themes', async ({ window }) => {
  await window.emulateMedia({ colorScheme: 'dark' });
  await standing(window);
  await window.waitForTimeout(300);
  await window.screenshot({ path: `${root}/docs/pictures/window.png` });
  await window.emulateMedia({ colorScheme: 'light' });
  await window.waitForTimeout(300);
  await window.screenshot({ path: `${root}/test-results/window-light.png` });
});
