// Hostile recordings: the committed corpus, and mutations of a good file that keep its structure valid enough to get deep.
// Whatever the bytes, reading ends in a recording or in one sentence, soon, and never throws.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRecording, salvageRecording } from '../../recordings/format/read.ts';
import { recordingParts, writeRecording } from '../../recordings/format/write.ts';
import { type ZipPart, writeZip } from '../../recordings/format/zip.ts';
import { badRecordings } from '../support/bad-recordings.ts';
import { sampleRecording } from '../support/sample-recording.ts';

const corpus = resolve(import.meta.dirname, '../corpus/recordings');
/** For a file of a few kilobytes; generous for machines under load. */
const SOON = 5000;

/** Reads in both ways and uses all of what comes out. */
function tryFile(data: Uint8Array): string | null {
  const started = performance.now();
  const result = readRecording(data, { file: 'x.trapline' });
  salvageRecording(data);
  expect(performance.now() - started).toBeLessThan(SOON);
  if (result.ok) {
    for (let i = 0; i < result.value.events.length; i++) result.value.events.get(i);
    const again = readRecording(writeRecording(result.value));
    expect(again.ok, 'what was read can be written and read again').toBe(true);
    return null;
  }
  expect(result.error).toMatch(/^x\.trapline[^\n]*[.?]$/);
  expect(result.error.length).toBeLessThan(600);
  return result.error;
}

describe('the corpus', () => {
  if (process.env['ACCEPT'] === '1') {
    for (const old of readdirSync(corpus)) rmSync(resolve(corpus, old));
    const list = badRecordings();
    for (const { name, data } of list) writeFileSync(resolve(corpus, `${name}.trapline`), data);
    writeFileSync(
      resolve(corpus, 'manifest.json'),
      `${JSON.stringify(Object.fromEntries(list.map(({ name, says }) => [name, says])), null, 2)}\n`,
    );
  }
  const manifest = JSON.parse(readFileSync(resolve(corpus, 'manifest.json'), 'utf8')) as Readonly<Record<string, string>>;

  test('has a file for each line of its manifest and no other', () => {
    const files = readdirSync(corpus).filter((name) => name.endsWith('.trapline'));
    expect(files.toSorted()).toEqual(
      Object.keys(manifest)
        .map((name) => `${name}.trapline`)
        .toSorted(),
    );
  });

  test.each(Object.entries(manifest))('%s is refused and says why', (name, says) => {
    expect(tryFile(readFileSync(resolve(corpus, `${name}.trapline`)))).toContain(says);
  });
});

const good = sampleRecording(40);
const file = writeRecording(good);
const parts: readonly ZipPart[] = [...recordingParts(good)];

describe('mutations', () => {
  test('of bytes anywhere in the file', () => {
    const edit = fc.record({ at: fc.nat(file.length - 1), length: fc.nat(8), by: fc.uint8Array({ maxLength: 8 }) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let data: Uint8Array = file;
        for (const { at, length, by } of edits) data = Uint8Array.from([...data.subarray(0, at), ...by, ...data.subarray(at + length)]);
        tryFile(data);
      }),
      { numRuns: 400 },
    );
  });

  test('of bytes inside a part, with the check sums made right again', () => {
    const edit = fc.record({
      part: fc.nat(parts.length - 1),
      at: fc.nat(5000),
      by: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        fc.constant(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)),
        fc.constant(new Uint8Array(0)),
      ),
      insert: fc.boolean(),
    });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        const changed = parts.map((part) => ({ ...part }));
        for (const { part, at, by, insert } of edits) {
          const target = changed[part]!;
          const where = at % (target.data.length + 1);
          target.data = Uint8Array.from([
            ...target.data.subarray(0, where),
            ...by,
            ...target.data.subarray(where + (insert ? 0 : Math.max(1, by.length))),
          ]);
        }
        if (tryFile(writeZip(changed)) !== null) refused++;
      }),
      { numRuns: 600 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  test('of the JSON: every value replaced by an absurd one', () => {
    const absurd: readonly unknown[] = [
      null,
      -1,
      1e300,
      2 ** 53,
      0.5,
      '',
      'x'.repeat(200_000),
      [],
      {},
      true,
      [[[[]]]],
      { __proto__: null },
      '../..',
      '0x',
      '\0',
    ];
    const value = JSON.parse(new TextDecoder().decode(parts[0]!.data)) as unknown;
    const paths: (readonly (string | number)[])[] = [];
    const walk = (node: unknown, path: readonly (string | number)[]): void => {
      paths.push(path);
      if (typeof node === 'object' && node !== null) for (const [key, inner] of Object.entries(node)) walk(inner, [...path, key]);
    };
    walk(value, []);
    expect(paths.length).toBeGreaterThan(40);
    for (const path of paths) {
      for (const wrong of absurd) {
        const copy = structuredClone(value);
        let node = copy as Record<string | number, unknown>;
        for (const key of path.slice(0, -1)) node = node[key] as Record<string | number, unknown>;
        if (path.length > 0) node[path.at(-1)!] = wrong;
        const text = path.length > 0 ? JSON.stringify(copy) : JSON.stringify(wrong);
        tryFile(writeZip([{ name: 'recording.json', data: new TextEncoder().encode(text) }, ...parts.slice(1)], 0));
      }
    }
  });

  test('of the set of parts: left out, doubled, swapped, renamed', () => {
    const names = [
      ...parts.map((part) => part.name),
      'events/000001.bin',
      'events/',
      'image/',
      'optional/x',
      '/',
      '..',
      '',
      'recording.json/',
      'a'.repeat(300),
      '\u202Egnp',
    ];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(parts.length - 1), fc.nat(names.length - 1), fc.boolean()), { maxLength: 10 }), (list) => {
        tryFile(writeZip(list.map(([part, name, own]) => ({ name: own ? parts[part]!.name : names[name]!, data: parts[part]!.data }))));
      }),
      { numRuns: 300 },
    );
  });
});
