// Writes golden recordings: files made by one version of the format that every later one must read. Called by hand
// (ACCEPT=1), never by a test run; test/recordings/golden.test.ts reads what is there.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { contentId } from '../../recordings/format/hashes.ts';
import { FORMAT_VERSION, type Recording, lastKnownMark } from '../../recordings/format/recording.ts';
import { writeRecording } from '../../recordings/format/write.ts';
import { formatMark } from '../../workers/base/mark.ts';

export const GOLDEN = resolve(import.meta.dirname, '../../recordings/golden');
const MANIFEST = resolve(GOLDEN, 'manifest.json');

/** What must stay true of a golden recording. */
export interface GoldenRow {
  /** Why it exists. */
  readonly why: string;
  readonly version: number;
  /** SHA-256 of the file. */
  readonly sha256: string;
  readonly end: string;
  readonly events: number;
  /** The last digest, 16 hex digits, or null. */
  readonly digest: string | null;
  /** False for one that was made up to show every kind of event: it opens, but was never run. */
  readonly replays: boolean;
}

export function readManifest(): Readonly<Record<string, GoldenRow>> {
  return existsSync(MANIFEST) ? (JSON.parse(readFileSync(MANIFEST, 'utf8')) as Record<string, GoldenRow>) : {};
}

export const digestText = (recording: Recording): string | null => {
  const last = recording.digests.at(-1);
  return last === undefined ? null : last.hi.toString(16).padStart(8, '0') + last.lo.toString(16).padStart(8, '0');
};

/** Adds or replaces `recordings/golden/NAME.trapline` and its row. `name` begins with the version: `v1-counter`. */
export function writeGolden(name: string, why: string, recording: Recording, replays: boolean): void {
  const data = writeRecording(recording);
  mkdirSync(GOLDEN, { recursive: true });
  writeFileSync(resolve(GOLDEN, `${name}.trapline`), data);
  const row: GoldenRow = {
    why,
    version: FORMAT_VERSION,
    sha256: contentId(data),
    end: formatMark(lastKnownMark(recording)),
    events: recording.events.length,
    digest: digestText(recording),
    replays,
  };
  const rows = Object.entries({ ...readManifest(), [name]: row }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(MANIFEST, `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
}
