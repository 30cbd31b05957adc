// The whole main job in a real browser: first start, recording, walking backwards by keyboard, and being there again after a reload.
import { existsSync, readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { parseMark } from '../../workers/base/mark.ts';
import { Session } from '../../workers/session/session.ts';
import { expect, press, root, shownDigest, shownMark, standing, test } from '../support/page-host.ts';

/** Records the first bundled program, by keyboard. */
async function recordSample(window: Page): Promise<void> {
  await window.keyboard.press('r');
  const dialog = window.getByRole('dialog', { name: 'Record a program' });
  await dialog.getByRole('group', { name: 'Bundled programs' }).getByRole('button').first().focus();
  await window.keyboard.press('Enter');
  await expect(dialog.getByRole('combobox').first()).not.toHaveValue('');
  await expect(dialog.getByRole('button', { name: 'Record', exact: true })).toBeEnabled();
  await dialog.getByRole('button', { name: 'Record', exact: true }).focus();
  await window.keyboard.press('Enter');
  await expect(dialog).toBeHidden({ timeout: 60_000 });
  await standing(window);
}

test('the first start opens the bundled recording by itself, at its last hit', async ({ window }) => {
  await standing(window);
  await expect(window.getByRole('heading', { name: /^Hit \d+ of \d+$/ })).toBeVisible();
  await expect(window).toHaveTitle(/^#[\d,]+\.\d+ · .+ — Trapline$/);
});

test('by keyboard alone: record the bundled sample, go to its last hit, ten instructions and ten hits back, reload, same Mark', async ({
  window,
}) => {
  await standing(window);
  await recordSample(window);

  await press(window, 'Shift+End'); // it has to be there before the next key is measured
  await press(window, 'Shift+F5');
  const lastHit = await shownMark(window);
  await expect(window.getByRole('heading', { name: /^Hit (\d+) of \1$/ })).toBeVisible();
  await press(window, 'Shift+Alt+F11', 10);
  expect(await shownMark(window)).not.toBe(lastHit);
  await press(window, 'Shift+F5', 10);
  const there = await shownMark(window);
  const digest = await shownDigest(window);
  await expect(window).toHaveURL(new RegExp(`#r=[0-9a-f]{16}&t=${there.replace(/[,]/g, '').replace(/\.0$/, '').replace('.', '\\.')}$`));

  await window.reload();
  await standing(window);
  expect(await shownMark(window)).toBe(there);
  expect(await shownDigest(window)).toBe(digest);
});

test('forward is the exact inverse of back: the same Marks with the same digests', async ({ window }) => {
  await standing(window);
  await press(window, 'Shift+Alt+F11'); // from the event to the instruction: the Marks between are events, which steps by instruction pass
  await press(window, 'Shift+Alt+F11');
  const seen: (readonly [string, string])[] = [];
  for (let n = 0; n < 5; n += 1) {
    seen.push([await shownMark(window), await shownDigest(window)]);
    await press(window, 'Shift+Alt+F11');
  }
  for (const [mark, digest] of seen.reverse()) {
    await press(window, 'F11');
    expect([await shownMark(window), await shownDigest(window)]).toEqual([mark, digest]);
  }
});

test('the digests a browser shows are those Node computes', async ({ window, host }) => {
  await standing(window);
  const index = (await (await fetch(`${host.address}bundled/index.json`)).json()) as {
    readonly recordings: readonly { readonly file: string }[];
  };
  const session = new Session({ pause: async () => undefined, now: () => 0 });
  const opened = await session.open(readFileSync(`${root}/recordings/bundled/${index.recordings[0]!.file}`));
  if (!opened.ok) throw new Error(opened.error);
  for (const place of ['!1', '!50', '!100']) {
    await window.keyboard.press('g');
    await window.keyboard.type(place);
    const mark = parseMark(place, opened.value.end);
    if (!mark.ok) throw new Error(mark.error);
    await window.keyboard.press('Enter');
    const there = await session.seek(mark.value);
    if (!there.ok) throw new Error(there.error);
    await expect(window.locator('[data-digest]')).toHaveText(there.value.digest, { timeout: 30_000 });
    await window.keyboard.press('Escape');
  }
});

test('verifying compares every digest and says that the replay is exact', async ({ window }) => {
  await standing(window);
  await recordSample(window);
  await window.keyboard.press('v');
  await expect(window.getByText('replays exactly', { exact: true })).toBeVisible({ timeout: 60_000 });
});

test('a watch added after the fact finds in the browser what Node finds, and its lane can be walked', async ({ window, host }) => {
  await standing(window);
  const index = (await (await fetch(`${host.address}bundled/index.json`)).json()) as {
    readonly recordings: readonly { readonly file: string }[];
  };
  const session = new Session({ pause: async () => undefined, now: () => 0 });
  const opened = await session.open(readFileSync(`${root}/recordings/bundled/${index.recordings[0]!.file}`));
  if (!opened.ok) throw new Error(opened.error);
  const found = await session.addWatch(
    'mem:pool/4:w',
    () => undefined,
    () => undefined,
  );
  if (!found.ok) throw new Error(found.error);
  await window.keyboard.press('Shift+W');
  await window.keyboard.type('pool/4:w');
  await window.keyboard.press('Enter');
  await expect(window.getByRole('rowheader', { name: new RegExp(`^pool w 4, .*${found.value.hits} hits?, found`) })).toBeVisible({
    timeout: 60_000,
  });
  await window.getByRole('rowheader', { name: /^pool w 4, / }).focus();
  await window.keyboard.press('Shift+Home');
  await press(window, 'ArrowRight');
  await expect(window.getByRole('heading', { name: `Hit 1 of ${found.value.hits}` })).toBeVisible();
  await window.keyboard.press('Enter');
  await expect(window.getByRole('dialog', { name: /^pool: / }).getByRole('row')).toHaveCount(found.value.hits);
  await window.keyboard.press('Escape');
  await window.waitForTimeout(400);
  await window.reload();
  await standing(window);
  await expect(window.getByRole('rowheader', { name: /^pool w 4, / })).toBeVisible({ timeout: 60_000 });
});

const endless = `${root}/.cache/guest/endless`;
test('a program that never ends is stopped by a button, and is an ordinary recording that a reload finds again', async ({ window }) => {
  test.skip(!existsSync(endless), 'the program endless is not built: node scripts/build-guests.mjs needs gcc-aarch64-linux-gnu');
  await standing(window);
  await window.locator('input[type=file]').first().setInputFiles(endless);
  const dialog = window.getByRole('dialog', { name: 'Record a program' });
  await dialog.getByRole('button', { name: 'Record', exact: true }).click();
  await expect(dialog.getByText('instructions of endless')).toBeVisible();
  await window.waitForTimeout(500);
  await dialog.getByRole('button', { name: 'Stop here' }).click();
  await expect(dialog).toBeHidden({ timeout: 60_000 });
  await standing(window);
  await expect(window.locator('.status')).toContainText('stopped');
  await press(window, 'Shift+Alt+F11');
  const there = [await shownMark(window), await shownDigest(window)];
  await window.waitForTimeout(400);
  await window.reload();
  await standing(window);
  expect([await shownMark(window), await shownDigest(window)]).toEqual(there);
});
