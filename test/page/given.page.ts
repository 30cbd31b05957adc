// Files, environment and standard input given in the record dialog, in a real browser.
import { existsSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, root, standing, test } from '../support/page-host.ts';

const cat = `${root}/.cache/guest/cat`;
test('standard input typed into the dialog reaches the program, and a mistake in the path of a file says what is wrong', async ({
  window,
}) => {
  test.skip(!existsSync(cat), 'the program cat is not built: node scripts/build-guests.mjs needs gcc-aarch64-linux-gnu');
  await standing(window);
  await window.locator('input[type=file]').first().setInputFiles(cat);
  const dialog = window.getByRole('dialog', { name: 'Record a program' });
  await dialog.getByText('Files, environment, standard input').click();
  await dialog.getByLabel('Standard input, as typed').fill('spoken once\n');
  await dialog.getByLabel('Add files…').setInputFiles({ name: 'in.txt', mimeType: 'text/plain', buffer: Buffer.from('from a file\n') });
  const path = dialog.getByLabel('Path of in.txt in the guest');
  await expect(path).toHaveValue('/in.txt');
  await path.fill('/cat');
  await expect(dialog.getByText('/cat is the program itself.')).toBeVisible();
  const record = dialog.getByRole('button', { name: 'Record', exact: true });
  await expect(record).toBeDisabled();
  await path.fill('/data/in.txt');
  await dialog.getByLabel('Environment, NAME=value a line').fill('LANG=C\nTZ=UTC');
  await expect(dialog.getByText('1 file, 2 variables, 12 bytes')).toBeVisible();
  expect((await new AxeBuilder({ page: window }).include('dialog').analyze()).violations.map((found) => found.id)).toEqual([]);
  for (const scheme of ['dark', 'light'] as const) {
    for (const [width, height] of [
      [1440, 900],
      [1280, 720],
    ] as const) {
      await window.setViewportSize({ width, height });
      await window.emulateMedia({ colorScheme: scheme });
      await window.waitForTimeout(150);
      await window.screenshot({ path: `${root}/test-results/given-${scheme}-${width}.png` });
    }
  }
  await record.click();
  await expect(dialog).toBeHidden({ timeout: 60_000 });
  await standing(window);
  await expect(window.locator('[data-panel=output]')).toContainText('spoken once');
});
