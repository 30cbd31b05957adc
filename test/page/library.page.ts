// The library and files: what comes in, what is refused, and that nothing is lost.
import { readFileSync } from 'node:fs';
import { expect, standing, test } from '../support/page-host.ts';

test('a broken file is refused in a sentence that names it, and what was open stays open', async ({ window }) => {
  await standing(window);
  const files = window.locator('input[type=file]').first();
  await files.setInputFiles({
    name: 'broken.trapline',
    mimeType: 'application/zip',
    buffer: Buffer.from('PK\u0003\u0004 not really a recording'),
  });
  await expect(window.getByRole('alert')).toContainText('broken.trapline could not be opened');
  await standing(window);
  await window.keyboard.press('Escape');
  await expect(window.getByRole('alert')).toHaveCount(0);
});

test('a name with markup in it is text', async ({ window }) => {
  await standing(window);
  await window
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: '<img src=x onerror=alert(1)>.trapline', mimeType: 'application/zip', buffer: Buffer.from('x') });
  await expect(window.getByRole('alert')).toContainText('<img src=x onerror=alert(1)>.trapline could not be opened');
});

test('a program that is not for this machine says so in the record dialog', async ({ window }) => {
  await standing(window);
  const elf = Buffer.alloc(64);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  elf.writeUInt16LE(2, 16);
  elf.writeUInt16LE(62, 18);
  await window.locator('input[type=file]').first().setInputFiles({ name: 'x86.elf', mimeType: 'application/octet-stream', buffer: elf });
  const dialog = window.getByRole('dialog', { name: 'Record a program' });
  await expect(dialog.getByRole('alert').first()).toContainText(/x86|machine|architecture/i);
  await expect(dialog.getByRole('button', { name: 'Record', exact: true })).toBeDisabled();
});

test('rename, save, delete and bring back; a saved file is a recording again', async ({ window }) => {
  await standing(window);
  await window.keyboard.press('b');
  const cards = window.getByRole('main', { name: 'Library' });
  await cards
    .getByRole('button', { name: /^Rename/ })
    .first()
    .click();
  await window.keyboard.type('the stray write');
  await window.keyboard.press('Enter');
  await expect(cards.getByRole('button', { name: 'the stray write', exact: true })).toBeVisible();

  const download = window.waitForEvent('download');
  await cards.getByRole('button', { name: 'Save the stray write as a file' }).click();
  const path = await (await download).path();
  expect((await download).suggestedFilename()).toBe('the-stray-write.trapline');
  expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');

  await cards.getByRole('button', { name: 'Delete the stray write' }).click();
  await expect(cards.getByRole('button', { name: 'the stray write', exact: true })).toHaveCount(0);
  await window.getByRole('button', { name: 'Bring it back' }).click();
  await expect(cards.getByRole('button', { name: 'the stray write', exact: true })).toBeVisible();

  await window.locator('input[type=file]').first().setInputFiles(path);
  await standing(window);
  await window.reload();
  await standing(window);
  await expect(window.getByRole('button', { name: /the stray write/ }).first()).toBeVisible();
});

test('a link to a recording that is not here says what a link carries', async ({ window, host }) => {
  await standing(window);
  await window.goto(`${host.address}#r=0123456789abcdef&t=#5`);
  await window.reload();
  await expect(window.getByRole('alert')).toContainText('not in this library');
});
