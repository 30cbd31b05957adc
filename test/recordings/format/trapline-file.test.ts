// `.trapline` files: what is written reads back the same, what an ordinary unzip sees, and what is said of files that are
// cut, changed, from the future or made to harm.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { EventLog } from '../../../recordings/format/event-log.ts';
import { runId } from '../../../recordings/format/header.ts';
import { encodeInputs } from '../../../recordings/format/logs.ts';
import { readRecording, salvageRecording } from '../../../recordings/format/read.ts';
import { lastKnownMark } from '../../../recordings/format/recording.ts';
import { type RecordingPiece, RecordingStream, assembleFile, recordingParts, writeRecording } from '../../../recordings/format/write.ts';
import { ZIP_LIMITS, readZip, writeZip } from '../../../recordings/format/zip.ts';
import { plain, sampleConfig, sampleEvents, sampleRecording } from '../../support/sample-recording.ts';

const recording = sampleRecording();
const file = writeRecording(recording);

function errorOf(data: Uint8Array): string {
  const result = readRecording(data, { file: 'x.trapline' });
  expect(result.ok).toBe(false);
  return result.ok ? '' : result.error;
}

/** The file with one part replaced (null: left out) or added. */
function withPart(name: string, data: Uint8Array | null): Uint8Array {
  const parts = [...recordingParts(recording)].filter((part) => part.name !== name);
  return writeZip(data === null ? parts : [...parts, { name, data }]);
}

const header = (change: (value: Readonly<Record<string, unknown>>) => unknown): Uint8Array => {
  const own = JSON.parse(new TextDecoder().decode(unzipSync(file)['recording.json']!)) as Record<string, unknown>;
  return withPart('recording.json', strToU8(JSON.stringify(change(own))));
};

describe('a recording as a file', () => {
  test('reads back the same and is written again as the same bytes', () => {
    const result = readRecording(file);
    expect(result).toMatchObject({ ok: true });
    if (!result.ok) return;
    expect(plain(result.value)).toEqual(plain(recording));
    expect(Buffer.compare(writeRecording(result.value), file)).toBe(0);
  });

  test('an empty recording is one too', () => {
    const empty = { ...sampleRecording(0), inputs: [], digests: [], notes: [] };
    const result = readRecording(writeRecording(empty));
    expect(result.ok && plain(result.value)).toEqual(plain(empty));
  });

  test('is an ordinary ZIP of sensible names, each file of the image once', () => {
    const names = Object.keys(unzipSync(file));
    const images = names.filter((name) => name.startsWith('image/'));
    expect(names.filter((name) => !name.startsWith('image/'))).toEqual([
      'recording.json',
      'end.json',
      'inputs.bin',
      'digests.bin',
      'events/000000.bin',
      'notes.json',
    ]);
    expect(images.length).toBe(2);
  });

  test('unzip -t finds no fault and unzip -p shows the header', (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'trapline-'));
    try {
      writeFileSync(join(folder, 'a.trapline'), file);
      let listing: string;
      try {
        listing = execFileSync('unzip', ['-t', join(folder, 'a.trapline')], { encoding: 'utf8' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return context.skip('unzip is not installed: apt-get install unzip');
        throw error;
      }
      expect(listing).toContain('No errors detected');
      const shown = execFileSync('unzip', ['-p', join(folder, 'a.trapline'), 'recording.json'], { encoding: 'utf8' });
      expect(JSON.parse(shown)).toMatchObject({ trapline: 1, name: 'counter', machine: { seed: 42 }, watches: [{ address: '0x41f0c8' }] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('packed again by another ZIP program it still opens', () => {
    const again = zipSync({ ...unzipSync(file), 'optional/thumbnail.png': strToU8('anything') }, { level: 9 });
    const result = readRecording(again);
    expect(result.ok && plain(result.value)).toEqual(plain(recording));
  });

  test('its run id depends on what decides the run and on nothing else', () => {
    const inputs = encodeInputs(recording.inputs);
    const id = runId(recording.header, recording.config, inputs);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(runId({ ...recording.header, name: 'other', tool: 'trapline 9' }, recording.config, inputs)).toBe(id);
    expect(runId(recording.header, { ...recording.config, seed: 43 }, inputs)).not.toBe(id);
    expect(runId(recording.header, recording.config, encodeInputs([]))).not.toBe(id);
    expect(runId(recording.header, { ...recording.config, program: { ...recording.config.program, argv: [] } }, inputs)).not.toBe(id);
  });
});

describe('a recording given away while it is made', () => {
  const events = sampleEvents(300, 8);
  const pieces: RecordingPiece[] = [];
  const log = new EventLog();
  const config = sampleConfig(3 << 20);
  const stream = new RecordingStream(recording.header, config, log, (piece) => pieces.push(piece));
  events.forEach((event, i) => {
    log.append(event);
    if (i === 40) stream.input({ kind: 'stdin', mark: { icount: event.icount, event: event.event }, data: strToU8('one') });
    if (event.kind === 'watchpoint-hit') log.patch(i, { new: 5n });
    if (i % 100 === 99) stream.flush();
  });
  const last = log.markAt(299);
  stream.digest({ mark: last, lo: 1, hi: 2 });
  stream.finish({ mark: last, eventCount: 300, exit: { code: 1, signal: 'SIGSEGV', how: 'killed' } });

  test('is the same recording when its pieces are put together', () => {
    const result = readRecording(assembleFile(pieces, 0));
    expect(result).toMatchObject({ ok: true, value: { end: { exit: { signal: 'SIGSEGV' } }, digests: [{ lo: 1, hi: 2 }] } });
    if (!result.ok) return;
    expect(result.value.events.length).toBe(300);
    for (let i = 0; i < 300; i++) expect(result.value.events.get(i)).toEqual(log.get(i));
    expect(Buffer.compare(result.value.config.program.files.get('/counter')!.data, config.program.files.get('/counter')!.data)).toBe(0);
    expect(pieces.map((piece) => piece.sequence)).toEqual(pieces.map((_, i) => i));
    expect(Math.max(...pieces.map((piece) => piece.data.length))).toBe(1 << 20);
    expect(stream.bytes).toBe(pieces.reduce((sum, piece) => sum + piece.data.length, 0));
  });

  test('opens after an interruption up to the last piece kept, wherever it was', () => {
    const firstEvents = pieces.findIndex((piece) => piece.part.startsWith('events/'));
    let known = -1;
    for (let kept = firstEvents; kept < pieces.length; kept++) {
      const result = readRecording(assembleFile(pieces.slice(0, kept), 0));
      expect(result.ok, `${kept} pieces`).toBe(true);
      if (!result.ok) return;
      expect(result.value.end).toBeNull();
      const mark = lastKnownMark(result.value);
      expect(mark.icount).toBeGreaterThanOrEqual(known);
      known = mark.icount;
    }
    expect(known).toBe(last.icount);
  });
});

describe('bad files', () => {
  test('cut at every length: one sentence that names the file, never a throw', () => {
    for (let length = 0; length < file.length; length++) {
      const text = errorOf(file.subarray(0, length));
      expect(text).toMatch(/^x\.trapline/);
      expect(text.split('\n').length).toBe(1);
    }
  });

  test('with any one bit changed it is refused or is the same recording', () => {
    const text = (value: unknown): string =>
      JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v instanceof Map ? [...v] : v));
    const same = text(plain(recording));
    let refused = 0;
    for (let bit = 0; bit < file.length * 8; bit += 3) {
      const changed = file.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const result = readRecording(changed, { file: 'x.trapline' });
      if (!result.ok) {
        refused++;
        continue;
      }
      expect(text(plain(result.value)) === same, `bit ${bit}`).toBe(true);
    }
    expect(refused).toBeGreaterThan((file.length * 8) / 3 / 2);
  });

  test('from the future: says which version and which program, before it complains of anything else', () => {
    const future = writeZip([
      { name: 'recording.json', data: strToU8('{"trapline": 2, "tool": "trapline 7.1", "shape": []}') },
      { name: 'new thing', data: strToU8('x') },
    ]);
    expect(errorOf(future)).toBe(
      'x.trapline is a recording of format version 2, written by trapline 7.1; this Trapline reads versions up to 1: open it with that version or a later one.',
    );
  });

  test.each<[string, () => Uint8Array, RegExp]>([
    [
      'not a ZIP',
      () => strToU8('#!/bin/sh\necho this is no recording, and long enough\n'),
      /does not start as a ZIP file does \(offset 0\): is it a \.trapline file\?/,
    ],
    ['no header', () => withPart('recording.json', null), /part recording\.json, is missing/],
    ['no inputs', () => withPart('inputs.bin', null), /part inputs\.bin, is missing/],
    [
      'an image that is missing',
      () => withPart([...recordingParts(recording)].find((p) => p.name.startsWith('image/'))!.name, null),
      /part image\/[0-9a-f]{64}, is missing/,
    ],
    [
      'an image that is another',
      () => withPart([...recordingParts(recording)].find((p) => p.name.startsWith('image/'))!.name, new Uint8Array(300)),
      /is not what its name says: its SHA-256 differs/,
    ],
    ['an unknown part', () => withPart('run-me.sh', strToU8('rm')), /has a part called "run-me\.sh"/],
    ['a path out of the folder', () => withPart('../../etc/passwd', strToU8('x')), /has a part called "\.\.\/\.\.\/etc\/passwd"/],
    ['an absolute path', () => withPart('/etc/passwd', strToU8('x')), /has a part called "\/etc\/passwd"/],
    ['a header that is no JSON', () => withPart('recording.json', strToU8('{')), /part recording\.json, is not JSON/],
    [
      'a header without a version',
      () => header((h) => Object.fromEntries(Object.entries(h).filter(([name]) => name !== 'trapline'))),
      /does not say which version/,
    ],
    ['an unknown field', () => header((h) => ({ ...h, colour: 1 })), /has colour that this version does not know/],
    [
      '99 CPUs',
      () => header((h) => ({ ...h, machine: { ...(h['machine'] as object), cpus: 99 } })),
      /has machine\.cpus that is not a whole number from 1 to 8/,
    ],
    ['absurd memory', () => header((h) => ({ ...h, machine: { ...(h['machine'] as object), ramBytes: 2 ** 50 } })), /machine\.ramBytes/],
    [
      'a field called __proto__',
      () => withPart('recording.json', strToU8('{"trapline":1,"__proto__":{"x":1}}')),
      /has __proto__ that this version does not know/,
    ],
    [
      'a path of the guest with ..',
      () => header((h) => ({ ...h, files: [{ ...(h['files'] as object[])[0], path: '/a/../b' }] })),
      /files\[0\]\.path that is not an absolute path/,
    ],
    [
      'inputs of an unknown kind',
      () => withPart('inputs.bin', Uint8Array.of(9, 0, 0)),
      /part inputs\.bin, has an input of the unknown kind 9 \(offset 0\)/,
    ],
    ['inputs cut', () => withPart('inputs.bin', Uint8Array.of(1, 0, 0, 200)), /part inputs\.bin, ends inside/],
    [
      'events that are not',
      () => withPart('events/000000.bin', strToU8('nonsense')),
      /part events\/000000\.bin, is not an event chunk.*run them again/,
    ],
    ['a gap in the events', () => withPart('events/000002.bin', strToU8('nonsense')), /part events\/000001\.bin, is missing/],
    ['fewer events than promised', () => withPart('events/000000.bin', null), /promises 200 events where 0 are there/],
    ['two parts of a name', () => twice(), /has two parts called recording\.json/],
    ['an encrypted part', () => patchFlags(1), /has an encrypted part/],
    ['more parts than there can be', () => many(), /has 20001 parts; at most 20000/],
  ])('%s', (_, make, expected) => {
    expect(errorOf(make())).toMatch(expected);
  });

  test('a bomb is refused by what it claims, before it is inflated', () => {
    const zeros = new Uint8Array(1 << 20);
    const bomb = writeZip([...recordingParts(recording), ...[1, 2, 3].map((i) => ({ name: `optional/${i}`, data: zeros }))]);
    expect(bomb.length).toBeLessThan(20_000);
    expect(readRecording(bomb).ok).toBe(true);
    expect(readRecording(bomb, { limits: { ...ZIP_LIMITS, totalBytes: 3 << 20 } })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/claims more than 3145728 bytes in all/) as unknown,
    });
    expect(readRecording(bomb, { limits: { ...ZIP_LIMITS, partBytes: 1000 } })).toMatchObject({
      ok: false,
      error: expect.stringMatching(/claims \d+ bytes; at most 1000/) as unknown,
    });
  });

  test('a part that lies about its size is stopped at the size it claims', () => {
    const name = 'notes.json';
    const data = writeZip(
      [...recordingParts(recording)].filter((p) => p.name !== name).concat({ name, data: new Uint8Array(1 << 20).fill(0x20) }),
    );
    const entry = readZip(data).find((e) => e.name === name)!;
    expect(entry.size).toBe(1 << 20);
    const view = new DataView(data.buffer);
    view.setUint32(entry.offset + 22, 1000, true);
    for (let at = 0; at < data.length - 46; at++) {
      if (view.getUint32(at, true) === 0x02014b50 && view.getUint32(at + 42, true) === entry.offset) view.setUint32(at + 24, 1000, true);
    }
    expect(errorOf(data)).toMatch(/part notes\.json, inflates to more than the 1000 bytes it claims/);
  });

  test('entries that share bytes are refused', () => {
    const small = writeZip([
      { name: 'recording.json', data: strToU8('{}') },
      { name: 'end.json', data: strToU8('{}') },
    ]);
    const view = new DataView(small.buffer);
    const [first, second] = readZip(small) as unknown as readonly [{ offset: number }, { offset: number }];
    for (let at = 0; at < small.length - 46; at++) {
      if (view.getUint32(at, true) === 0x02014b50 && view.getUint32(at + 42, true) === second.offset)
        view.setUint32(at + 42, first.offset, true);
    }
    expect(() => readZip(small)).toThrow(/overlaps|differs/);
  });

  test("limits are the caller's too", () => {
    expect(readRecording(file, { limits: { ...ZIP_LIMITS, fileBytes: 100 } })).toMatchObject({
      ok: false,
      error: expect.stringContaining('at most 100') as unknown,
    });
  });
});

describe('salvage', () => {
  test('damaged events leave a recording that can be replayed, and say what was lost', () => {
    const result = salvageRecording(withPart('events/000000.bin', strToU8('nonsense')), { file: 'x.trapline' });
    expect(result.ok).toBe(true);
    if (!result.ok) return;
    expect(result.value.lost[0]).toMatch(/^x\.trapline, part events\/000000\.bin, is not an event chunk/);
    expect(result.value.recording.inputs).toEqual(recording.inputs);
    expect(result.value.recording.config).toEqual(recording.config);
  });

  test('a file cut after its image keeps header, end, inputs and image', () => {
    const entries = readZip(file);
    const cut = entries.find((entry) => entry.name === 'events/000000.bin')!.offset + 10;
    const result = salvageRecording(file.subarray(0, cut), { file: 'x.trapline' });
    expect(result.ok).toBe(true);
    if (!result.ok) return;
    expect(result.value.recording.end).toEqual(recording.end);
    expect(result.value.recording.config).toEqual(recording.config);
    expect(result.value.recording.events.length).toBe(0);
    expect(errorOf(file.subarray(0, cut))).toContain('run them again');
  });

  test('a damaged image cannot be salvaged and a whole file need not be', () => {
    const name = [...recordingParts(recording)].find((p) => p.name.startsWith('image/'))!.name;
    expect(salvageRecording(withPart(name, new Uint8Array(5))).ok).toBe(false);
    expect(salvageRecording(file)).toMatchObject({ ok: false, error: expect.stringContaining('whole') as unknown });
  });
});

function twice(): Uint8Array {
  const data = strToU8('{}');
  return writeZip([
    { name: 'recording.json', data },
    { name: 'recording.json', data },
  ]);
}

function patchFlags(flag: number): Uint8Array {
  const copy = file.slice();
  const view = new DataView(copy.buffer);
  for (let at = 0; at < copy.length - 46; at++) if (view.getUint32(at, true) === 0x02014b50) view.setUint16(at + 8, flag, true);
  return copy;
}

function many(): Uint8Array {
  return writeZip(Array.from({ length: 20_001 }, (_, i) => ({ name: `optional/${i}`, data: new Uint8Array(0) })));
}
