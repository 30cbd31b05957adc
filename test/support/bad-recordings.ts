// Recordings that must be refused, each a few hundred bytes made from a good one. test/corpus/recordings holds them as
// files, so that a change of the writer cannot change what the reader is tried with.
import { strToU8 } from 'fflate';
import { recordingParts, writeRecording } from '../../recordings/format/write.ts';
import { type ZipPart, readZip, writeZip } from '../../recordings/format/zip.ts';
import { sampleRecording } from './sample-recording.ts';

export interface BadRecording {
  readonly name: string;
  readonly data: Uint8Array;
  /** What the sentence must say. */
  readonly says: string;
}

const parts = (): ZipPart[] => [...recordingParts(sampleRecording(30))];
const withPart = (name: string, data: Uint8Array): Uint8Array =>
  writeZip([...parts().filter((part) => part.name !== name), { name, data }]);

function header(change: (value: Record<string, unknown>) => unknown): Uint8Array {
  const value = JSON.parse(new TextDecoder().decode(parts()[0]!.data)) as Record<string, unknown>;
  return withPart('recording.json', strToU8(JSON.stringify(change(value))));
}

/** Changes a 32-bit field of an entry in the directory (offset `central`) and in its own header (`local`, null: not there). */
function entryField(file: Uint8Array, name: string, central: number, local: number | null, value: number): Uint8Array {
  const copy = file.slice();
  const view = new DataView(copy.buffer);
  const { offset } = readZip(file).find((entry) => entry.name === name)!;
  for (let at = 0; at + 46 < copy.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50 && view.getUint32(at + 42, true) === offset) view.setUint32(at + central, value, true);
  }
  if (local !== null) view.setUint32(offset + local, value, true);
  return copy;
}

function flipped(file: Uint8Array, at: number): Uint8Array {
  const copy = file.slice();
  copy[at]! ^= 0x10;
  return copy;
}

export function badRecordings(): BadRecording[] {
  const good = writeRecording(sampleRecording(30));
  const entry = (name: string) => readZip(good).find((e) => e.name === name)!;
  const spaces = withPart('notes.json', new Uint8Array(1 << 20).fill(0x20));
  const bad = (name: string, data: Uint8Array, says: string): BadRecording => ({ name, data, says });
  return [
    bad('empty', new Uint8Array(0), 'is only 0 bytes long'),
    bad('text', strToU8('this is a text and not a recording at all\n'), 'does not start as a ZIP file does'),
    bad('cut-in-half', good.slice(0, good.length >> 1), 'is cut short: its directory'),
    bad('cut-by-one', good.slice(0, -1), 'is cut short: its directory'),
    bad('bit-in-events', flipped(good, entry('events/000000.bin').offset + 60), 'part events/000000.bin,'),
    bad('bit-in-header', flipped(good, 60), 'part recording.json,'),
    bad(
      'from-the-future',
      header((h) => ({ ...h, trapline: 9, tool: 'trapline 12.0' })),
      'format version 9, written by trapline 12.0',
    ),
    bad('path-out', withPart('../../../etc/passwd', strToU8('x')), 'has a part called'),
    bad('path-backslash', withPart('..\\evil.bin', strToU8('x')), 'has a part called'),
    bad(
      'guest-path-out',
      header((h) => ({ ...h, files: [{ path: '/../x', mode: 0, size: 0, sha256: '0'.repeat(64) }] })),
      'not an absolute path inside the machine',
    ),
    bad('claims-4-gb', entryField(good, 'events/000000.bin', 24, 22, 0xfffffffe), 'at most 536870912 can be opened'),
    bad('claims-500-mb', entryField(good, 'recording.json', 24, 22, 500 << 20), 'at most 16777216 are possible'),
    bad('bomb', entryField(spaces, 'notes.json', 24, 22, 1000), 'inflates to more than the 1000 bytes it claims'),
    bad('overlap', entryField(good, 'end.json', 42, null, 0), 'overlaps'),
    bad('zip64', entryField(good, 'end.json', 24, null, 0xffffffff), 'is a ZIP64 file'),
    bad('two-headers', writeZip([...parts(), parts()[0]!]), 'has two parts called recording.json'),
    bad('no-image', writeZip(parts().filter((part) => !part.name.startsWith('image/'))), 'is missing'),
    bad(
      'nine-cpus',
      header((h) => ({ ...h, machine: { ...(h['machine'] as object), cpus: 9 } })),
      'machine.cpus that is not a whole number from 1 to 8',
    ),
    bad('deep-json', withPart('recording.json', strToU8('['.repeat(100_000))), 'part recording.json, is not JSON'),
    bad(
      'million-events',
      withPart('events/000000.bin', Uint8Array.of(0x54, 0x4c, 0x45, 0x56, 0, 0xc0, 0x84, 0x3d)),
      'the number of events is 1000000; at most 65536',
    ),
    bad(
      'million-strings',
      withPart('events/000000.bin', Uint8Array.of(0x54, 0x4c, 0x45, 0x56, 0, 1, 0xc0, 0x84, 0x3d)),
      'the number of strings is 1000000',
    ),
    bad('long-input', withPart('inputs.bin', Uint8Array.of(1, 0, 0, 0xff, 0xff, 0xff, 0x7f)), 'part inputs.bin, ends inside an input'),
    bad('events-missing', writeZip(parts().filter((part) => !part.name.startsWith('events/'))), 'promises 30 events where 0 are there'),
  ];
}
