import { expect, test } from 'vitest';
import { sortLanes } from '../../../renderer/state/lanes.ts';
import { PICTURE_COLUMNS, pictureOf, readPicture } from '../../../renderer/state/picture.ts';
import { fakeWorkbench } from '../../support/fake-workbench.ts';

test('a picture has a row a CPU, a column for each hit, and reads back from storage', async () => {
  const picture = pictureOf(sortLanes(await fakeWorkbench().lanes(), 2), 290316);
  expect(picture.cpus).toHaveLength(2);
  expect(picture.cpus.every((row) => row.length === PICTURE_COLUMNS && /[2-9]/.test(row))).toBe(true);
  expect(picture.hits).toContain(Math.floor((265797 / 290317) * PICTURE_COLUMNS));
  expect(readPicture(structuredClone(picture))).toEqual(picture);
});

test('what is not a picture is none', () => {
  for (const value of [
    null,
    3,
    'x',
    {},
    { cpus: ['1'], hits: [] },
    { cpus: ['0'.repeat(160)], hits: [160] },
    { cpus: ['<'.repeat(160)], hits: [] },
  ])
    expect(readPicture(value)).toBe(null);
});
