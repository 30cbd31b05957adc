// What a recording is, in memory: the interface between the recorder, the file, the library and everything that replays.
// Not its encoding (read.ts, write.ts) and not its summary for a list (workers/api).
import { START, compareMarks, type Mark } from '../../workers/base/mark.ts';
import type { Digest, MachineConfig } from '../../workers/machine/machine-api.ts';
import type { EventLog } from './event-log.ts';

/** The version this code writes and the newest it reads. */
export const FORMAT_VERSION = 1;

/**
 * What came from outside, in the order the guest took it.
 * `stdin`: these bytes were given at `mark`; `data` of length 0 never occurs. `stdin-eof`: end of file was answered at `mark`.
 * `stop`: the run ended at `mark` because a person or `--max-icount` said so.
 */
export type RecordedInput =
  | { readonly kind: 'stdin'; readonly mark: Mark; readonly data: Uint8Array }
  | { readonly kind: 'stdin-eof'; readonly mark: Mark }
  | { readonly kind: 'stop'; readonly mark: Mark; readonly reason: string };

/** The digest of all state at a Mark, as recorded. */
export interface RecordedDigest extends Digest {
  readonly mark: Mark;
}

/** What a person wrote at a Mark. */
export interface Note {
  readonly mark: Mark;
  readonly text: string;
}

export interface RecordingHeader {
  /** FORMAT_VERSION of the writer. */
  readonly format: number;
  /** `trapline 0.1.0` */
  readonly tool: string;
  /** For people; not part of what decides the run. */
  readonly name: string;
  /** Hash of kernel text, so that a replay by another build of the kernel is refused by name; '' when not known. */
  readonly kernelText: string;
}

/** How it ended. Absent from a recording that was interrupted while being made. */
export interface RecordingEnd {
  readonly mark: Mark;
  readonly eventCount: number;
  /** `how`: exited | killed | stopped | max-icount | deadlock, or a sentence. */
  readonly exit: { readonly code: number; readonly signal: string | null; readonly how: string };
}

export interface Recording {
  readonly header: RecordingHeader;
  /** Decides the run together with `inputs`. */
  readonly config: MachineConfig;
  readonly inputs: readonly RecordedInput[];
  readonly events: EventLog;
  readonly digests: readonly RecordedDigest[];
  readonly notes: readonly Note[];
  /** null: interrupted; the run is known up to `lastKnownMark(recording)`. */
  readonly end: RecordingEnd | null;
}

/**
 * The end, or for an interrupted recording the last Mark that anything was recorded at. Inputs are written before the events
 * that follow from them, so all inputs up to this Mark are there.
 */
export function lastKnownMark(recording: Recording): Mark {
  if (recording.end !== null) return recording.end.mark;
  const { events, digests } = recording;
  const event = events.length > 0 ? events.markAt(events.length - 1) : START;
  const digest = digests.at(-1)?.mark ?? START;
  return compareMarks(event, digest) >= 0 ? event : digest;
}
