// Opens a `.trapline` file from anybody: bounded, never throws, and says in one sentence what is wrong, in which part, at
// which offset, and the way out. What a part holds is decoded by the other files of this folder.
import { type Result, err, ok } from '../../workers/base/result.ts';
import type { MachineConfig, ProgramImage } from '../../workers/machine/machine-api.ts';
import { Damage } from './bytes.ts';
import { decodeChunk } from './event-chunk.ts';
import { EventLog } from './event-log.ts';
import { contentId } from './hashes.ts';
import { type HeaderPart, decodeEnd, decodeHeader, decodeNotes, headerVersion } from './header.ts';
import { decodeDigests, decodeInputs } from './logs.ts';
import { FORMAT_VERSION, type Recording, lastKnownMark } from './recording.ts';
import { ZIP_LIMITS, type ZipEntry, type ZipLimits, readZip, scanZip } from './zip.ts';

const SMALL_PART = 1 << 24;
const PARTS = /^(recording\.json|end\.json|inputs\.bin|digests\.bin|notes\.json|image\/[0-9a-f]{64}|events\/\d{6}\.bin)$/;
/** Directory entries that an ordinary zip program adds, and parts that a reader may ignore. */
const IGNORED = /^(image\/|events\/|optional\/[a-z0-9._/-]{0,150})$/;

export interface ReadOptions {
  /** What to call the file in sentences; `this recording` when absent. */
  readonly file?: string;
  readonly limits?: ZipLimits;
}

/** A damaged recording as far as it can be had. */
export interface Salvage {
  readonly recording: Recording;
  /** A sentence for each thing that was lost. Never empty. */
  readonly lost: readonly string[];
}

interface Context {
  readonly file: string;
  readonly lost: string[] | null;
}

/** A whole recording, or a sentence. A recording without end.json was interrupted: it opens, with `end` null. */
export function readRecording(data: Uint8Array, options: ReadOptions = {}): Result<Recording> {
  const file = options.file ?? 'this recording';
  const first = open(data, options.limits ?? ZIP_LIMITS, { file, lost: null });
  if (first.ok) return first;
  const rest = salvageRecording(data, options);
  return rest.ok ? err(`${first.error} Its program and inputs are whole: the workbench can open it and run them again.`) : first;
}

/**
 * A damaged recording whose header, image and inputs are whole: everything else is recomputed by replaying them. An error
 * when even those are not. Not for a whole recording: its `lost` would be empty, which is an error too.
 */
export function salvageRecording(data: Uint8Array, options: ReadOptions = {}): Result<Salvage> {
  const lost: string[] = [];
  const opened = open(data, options.limits ?? ZIP_LIMITS, { file: options.file ?? 'this recording', lost });
  if (!opened.ok) return opened;
  return lost.length > 0
    ? ok({ recording: opened.value, lost })
    : err(`${options.file ?? 'this recording'} is whole: nothing needs to be salvaged.`);
}

function open(data: Uint8Array, limits: ZipLimits, context: Context): Result<Recording> {
  let part: string | null = null;
  try {
    const entries = directory(data, limits, context);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    const read = <T>(name: string, decode: (bytes: Uint8Array) => T, max = SMALL_PART): T => {
      part = name;
      const entry = byName.get(name);
      if (entry === undefined) throw new Damage('is missing', 0);
      if (entry.size > max) throw new Damage(`claims ${entry.size} bytes; at most ${max} are possible`, 0);
      return decode(bytesOf(entry));
    };
    /** For what replay recomputes: when salvaging, a loss instead of an end. */
    const may = <T>(name: string, fallback: T, decode: (bytes: Uint8Array) => T, max = limits.partBytes): T => {
      try {
        return read(name, decode, max);
      } catch (damage) {
        if (!(damage instanceof Damage) || context.lost === null) throw damage;
        context.lost.push(sentence(context.file, name, damage));
        return fallback;
      }
    };

    read('recording.json', (bytes) => {
      const { version, tool } = headerVersion(bytes);
      if (version > FORMAT_VERSION) throw new Future(version, tool);
    });
    const head = read('recording.json', decodeHeader);
    part = null;
    const unknown = entries.find((entry) => !PARTS.test(entry.name) && !IGNORED.test(entry.name));
    if (unknown !== undefined)
      throw new Damage(
        `has a part called ${JSON.stringify(unknown.name.slice(0, 80))}, which no recording of version ${head.header.format} has`,
        unknown.offset,
      );
    const config = withFiles(head, (name) => read(name, (bytes) => bytes, limits.partBytes));
    const inputs = byName.has('inputs.bin') || byName.has('end.json') ? read('inputs.bin', decodeInputs, limits.partBytes) : [];
    const digests = byName.has('digests.bin') || byName.has('end.json') ? may('digests.bin', [], decodeDigests) : [];
    const notes = byName.has('notes.json') ? may('notes.json', [], decodeNotes, SMALL_PART) : [];
    const end = byName.has('end.json') ? may('end.json', null, decodeEnd) : null;
    const events = readEvents(byName, may);
    const recording = { header: head.header, config, inputs, events, digests, notes, end };
    part = 'end.json';
    return ok(consistent(recording, context));
  } catch (damage) {
    if (damage instanceof Future) {
      const { file } = context;
      return err(
        `${file} is a recording of format version ${damage.version}, written by ${damage.tool}; this Trapline reads versions up to ${FORMAT_VERSION}: open it with that version or a later one.`,
      );
    }
    if (!(damage instanceof Damage)) throw damage;
    return err(sentence(context.file, part, damage));
  }
}

class Future extends Error {
  readonly version: number;
  readonly tool: string;
  constructor(version: number, tool: string) {
    super('a future version');
    this.version = version;
    this.tool = tool;
  }
}

function sentence(file: string, part: string | null, damage: Damage): string {
  const where = part === null ? file : `${file}, part ${part},`;
  const way = part === null && damage.message.includes('ZIP') ? 'is it a .trapline file?' : 'get it again from where it came from.';
  return `${where} ${damage.message} (offset ${damage.offset}): ${way}`;
}

/** The directory, or when salvaging what a walk from the front finds. */
function directory(data: Uint8Array, limits: ZipLimits, context: Context): readonly ZipEntry[] {
  try {
    return readZip(data, limits);
  } catch (damage) {
    if (!(damage instanceof Damage) || context.lost === null) throw damage;
    context.lost.push(sentence(context.file, null, damage));
    return scanZip(data, limits);
  }
}

/** Offsets of damage in the packed form are of the file; within a part they are of its inflated bytes. */
const bytesOf = (entry: ZipEntry): Uint8Array => entry.read();

function withFiles(head: HeaderPart, read: (name: string) => Uint8Array): MachineConfig {
  const contents = new Map<string, Uint8Array>();
  const files = new Map<string, { readonly data: Uint8Array; readonly mode: number }>();
  for (const { path, mode, size, sha256 } of head.files) {
    const data = contents.get(sha256) ?? read(`image/${sha256}`);
    if (!contents.has(sha256) && contentId(data) !== sha256) throw new Damage('is not what its name says: its SHA-256 differs', 0);
    if (data.length !== size) throw new Damage(`has ${data.length} bytes where recording.json says ${size}`, 0);
    contents.set(sha256, data);
    files.set(path, { data, mode });
  }
  const program: ProgramImage = { ...head.config.program, files };
  return { ...head.config, program };
}

type May = <T>(name: string, fallback: T, decode: (bytes: Uint8Array) => T) => T;

/** Chunks are numbered from 0 without a gap. After a damaged one nothing that follows can be placed. */
function readEvents(parts: ReadonlyMap<string, ZipEntry>, may: May): EventLog {
  const count = [...parts.keys()].filter((name) => name.startsWith('events/') && name.length > 7).length;
  const log = new EventLog();
  for (let number = 0; number < count; number++) {
    const good = may(`events/${String(number).padStart(6, '0')}.bin`, false, (bytes) => {
      decodeChunk(log, bytes);
      return true;
    });
    if (!good) return new EventLog();
  }
  return log;
}

/** What the parts say of each other. */
function consistent(recording: Recording, context: Context): Recording {
  const { end, events, digests, inputs } = recording;
  const problem = (text: string): Recording => {
    if (context.lost === null) throw new Damage(text, 0);
    context.lost.push(sentence(context.file, 'end.json', new Damage(text, 0)));
    return { ...recording, events: new EventLog(), digests: [] };
  };
  if (end === null) return recording;
  if (end.eventCount !== events.length) return problem(`promises ${end.eventCount} events where ${events.length} are there`);
  const last = lastKnownMark({ ...recording, end: null });
  const input = inputs.at(-1)?.mark ?? last;
  for (const mark of [last, input, digests.at(-1)?.mark ?? last]) {
    if (mark.icount > end.mark.icount || (mark.icount === end.mark.icount && mark.event > end.mark.event))
      return problem('is before the last thing recorded');
  }
  return recording;
}
