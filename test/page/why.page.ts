// Why? in the window, on the bundled recording: the key, the conditions, the way to the event that made one so, and what is said at a miss.
import AxeBuilder from '@axe-core/playwright';
import { expect, press, root, shownMark, standing, test } from '../support/page-host.ts';

test('Y at a hit lists conditions that all hold; a link goes to what made one so', async ({ window }) => {
  await standing(window);
  await window.keyboard.press('y');
  const why = window.getByRole('region', { name: 'Why' });
  await expect(why.getByText(/^WRP\d matches: every condition holds\.$/)).toBeVisible();
  await expect(why.getByRole('listitem').filter({ hasText: /BAS \d{8} selects 0x[0-9a-f]+/ })).toBeVisible();
  expect(await why.getByRole('listitem').filter({ hasText: 'fails' }).count()).toBe(0);
  for (const theme of ['dark', 'light'] as const) {
    await window.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page: window }).include('[data-panel=why]').analyze();
    expect(violations.map((found) => `${theme}: ${found.id}: ${found.nodes[0]?.html}`)).toEqual([]);
  }
  const from = await shownMark(window);
  await why
    .getByRole('button', { name: /^Go to #/ })
    .first()
    .click();
  await expect.poll(() => shownMark(window)).not.toBe(from);
});

test('while the slot is suspended, E fails because of the suspend; in the kernel nothing is accessed; Y closes', async ({ window }) => {
  await standing(window);
  await press(window, 'F10'); // over the handler: the store again, about to be single-stepped
  await window.keyboard.press('y');
  const why = window.getByRole('region', { name: 'Why' });
  await expect(why.getByText('Nothing matches.')).toBeVisible();
  await expect(why.getByRole('listitem').filter({ hasText: 'fails' })).toHaveText(/DBGWCR0_EL1 is 0x[0-9a-f]+: E is 0/);
  await window.screenshot({ path: `${root}/test-results/why-dark.png` });
  await why.getByRole('button', { name: 'Go to the suspend that made it so' }).click();
  await expect(why.getByText(/this step accesses no memory of the program/).first()).toBeVisible();
  await window.keyboard.press('y');
  await expect(why).toHaveCount(0);
  await expect(window.getByRole('button', { name: /Why\?/ })).toBeVisible();
});
