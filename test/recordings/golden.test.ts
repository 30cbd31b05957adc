// Golden recordings open for ever. That those which were run replay to the same digest is for test/replay.
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { EVENT_KIND_NAMES } from '../../recordings/format/events.ts';
import { contentId } from '../../recordings/format/hashes.ts';
import { readRecording } from '../../recordings/format/read.ts';
import { lastKnownMark } from '../../recordings/format/recording.ts';
import { formatMark } from '../../workers/base/mark.ts';
import { GOLDEN, digestText, readManifest, writeGolden } from '../support/make-golden.ts';
import { plain, sampleRecording } from '../support/sample-recording.ts';

if (process.env['ACCEPT'] === '1') {
  writeGolden('v1-every-kind', 'Made up, never run: has every part and every kind of event of version 1.', sampleRecording(60, 1), false);
}
const manifest = readManifest();

test('there is a golden recording, and the manifest names all of them', () => {
  const files = readdirSync(GOLDEN).filter((name) => name.endsWith('.trapline'));
  expect(files.length).toBeGreaterThan(0);
  expect(files.toSorted()).toEqual(
    Object.keys(manifest)
      .map((name) => `${name}.trapline`)
      .toSorted(),
  );
});

test.each(Object.entries(manifest))('%s opens and is what its row says', (name, row) => {
  const data = readFileSync(resolve(GOLDEN, `${name}.trapline`));
  expect(contentId(data), 'a golden file is never changed').toBe(row.sha256);
  const read = readRecording(data, { file: name });
  if (!read.ok) expect.fail(read.error);
  expect(read.value.header.format).toBe(row.version);
  expect(formatMark(lastKnownMark(read.value))).toBe(row.end);
  expect(read.value.events.length).toBe(row.events);
  expect(digestText(read.value)).toBe(row.digest);
});

test('v1-every-kind has every kind of event, field by field', () => {
  const read = readRecording(readFileSync(resolve(GOLDEN, 'v1-every-kind.trapline')));
  if (!read.ok) expect.fail(read.error);
  expect(Object.keys(read.value.events.counts()).toSorted()).toEqual([...EVENT_KIND_NAMES].toSorted());
  expect(plain(read.value)).toEqual(plain(sampleRecording(60, 1)));
});
