// From a recording to its parts: all at once as a file, or piece by piece while the run goes on.
import { ByteWriter } from './bytes.ts';
import { EventChunkWriter, encodeEvents } from './event-chunk.ts';
import type { EventLog } from './event-log.ts';
import { encodeEnd, encodeHeader, encodeNotes, fileRows } from './header.ts';
import { encodeDigests, encodeInputs } from './logs.ts';
import type { Note, RecordedDigest, RecordedInput, Recording, RecordingEnd, RecordingHeader } from './recording.ts';
import type { MachineConfig } from '../../workers/machine/machine-api.ts';
import { type Deflate, type ZipPart, writeZip } from './zip.ts';

/** A piece of a part; the pieces of one part concatenated in order of `sequence`, which counts all pieces, are the part. */
export interface RecordingPiece {
  readonly part: string;
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** Larger parts are given away in pieces of this size. */
export const PIECE_BYTES = 1 << 20;

export const eventPart = (number: number): string => `events/${String(number).padStart(6, '0')}.bin`;

/** The parts of a recording in the order of a file: small and needed ones first, so that a cut file keeps them. */
export function* recordingParts(recording: Recording): Generator<ZipPart, void, undefined> {
  const { header, config, inputs, events, digests, notes, end } = recording;
  const files = fileRows(config);
  yield { name: 'recording.json', data: encodeHeader(header, config, files) };
  if (end !== null) yield { name: 'end.json', data: encodeEnd(end) };
  yield { name: 'inputs.bin', data: encodeInputs(inputs) };
  yield* imageParts(config);
  yield { name: 'digests.bin', data: encodeDigests(digests) };
  let number = 0;
  for (const data of encodeEvents(events)) yield { name: eventPart(number++), data };
  if (notes.length > 0) yield { name: 'notes.json', data: encodeNotes(notes) };
}

function* imageParts(config: MachineConfig): Generator<ZipPart, void, undefined> {
  const done = new Set<string>();
  for (const { path, sha256 } of fileRows(config)) {
    if (done.has(sha256)) continue;
    done.add(sha256);
    yield { name: `image/${sha256}`, data: config.program.files.get(path)!.data };
  }
}

/** A `.trapline` file; a function of the recording and of the host's deflate alone. */
export const writeRecording = (recording: Recording, deflate?: Deflate): Uint8Array<ArrayBuffer> =>
  writeZip(recordingParts(recording), 6, deflate);

/** A `.trapline` file of pieces as RecordingStream gave them, in order. `level` 0 when it is only to be opened at once. */
export function assembleFile(pieces: Iterable<RecordingPiece>, level: 0 | 6 = 6): Uint8Array<ArrayBuffer> {
  const parts = new Map<string, Uint8Array[]>();
  for (const { part, data } of pieces) {
    const list = parts.get(part);
    if (list === undefined) parts.set(part, [data]);
    else list.push(data);
  }
  return writeZip(
    [...parts].map(([name, list]) => ({ name, data: joined(list) })),
    level,
  );
}

function joined(list: readonly Uint8Array[]): Uint8Array {
  if (list.length === 1) return list[0]!;
  const out = new ByteWriter(list.reduce((sum, data) => sum + data.length, 0));
  for (const data of list) out.bytes(data);
  return out.take();
}

/**
 * Gives a recording away while it is being made. Inputs go before the events that follow from them, so whatever prefix of
 * the pieces is kept can be opened and replayed up to its last event.
 */
export class RecordingStream {
  readonly #emit: (piece: RecordingPiece) => void;
  readonly #events: EventChunkWriter;
  #inputs: RecordedInput[] = [];
  #digests: RecordedDigest[] = [];
  #sequence = 0;
  readonly #given = new Set<string>();
  #chunks = 0;
  /** Bytes given away, before compression. */
  bytes = 0;

  /** Emits header and image at once. `log` must be empty and is watched from now on. */
  constructor(header: RecordingHeader, config: MachineConfig, log: EventLog, emit: (piece: RecordingPiece) => void) {
    this.#emit = emit;
    this.#events = new EventChunkWriter(log);
    this.#give('recording.json', encodeHeader(header, config, fileRows(config)));
    for (const { name, data } of imageParts(config)) this.#give(name, data);
  }

  input(input: RecordedInput): void {
    this.#inputs.push(input);
  }

  digest(digest: RecordedDigest): void {
    this.#digests.push(digest);
  }

  /** Emits what has gathered. Call it every few 100,000 events or every second of work; each call makes an event part. */
  flush(): void {
    if (this.#inputs.length > 0) this.#give('inputs.bin', encodeInputs(this.#inputs));
    this.#inputs = [];
    for (let chunk = this.#events.next(); chunk !== null; chunk = this.#events.next()) this.#give(eventPart(this.#chunks++), chunk);
    if (this.#digests.length > 0) this.#give('digests.bin', encodeDigests(this.#digests));
    this.#digests = [];
  }

  /** Emits the rest; the recording is then complete. */
  finish(end: RecordingEnd, notes: readonly Note[] = []): void {
    this.flush();
    for (const part of ['inputs.bin', 'digests.bin']) if (!this.#given.has(part)) this.#give(part, new Uint8Array(0));
    if (notes.length > 0) this.#give('notes.json', encodeNotes(notes));
    this.#give('end.json', encodeEnd(end));
  }

  #give(part: string, data: Uint8Array): void {
    this.bytes += data.length;
    this.#given.add(part);
    for (let at = 0; at === 0 || at < data.length; at += PIECE_BYTES) {
      this.#emit({ part, sequence: this.#sequence++, data: data.slice(at, at + PIECE_BYTES) });
    }
  }
}
