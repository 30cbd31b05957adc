// recording.json, end.json and notes.json: their fields, limits and canonical text. The layout is in recordings/README.md.
import type { Mark } from '../../workers/base/mark.ts';
import type { MachineConfig, WatchSpec } from '../../workers/machine/machine-api.ts';
import { Damage, decodeUtf8, encodeUtf8 } from './bytes.ts';
import { contentId } from './hashes.ts';
import { JsonReader } from './json-reader.ts';
import { FORMAT_VERSION, type Note, type RecordingEnd, type RecordingHeader } from './recording.ts';

const PATH = 4096;
const TEXT = 1 << 17;
const MAX_FILES = 10_000;
const MAX_STRINGS = 10_000;
const MAX_WATCHES = 1000;
const MAX_NOTES = 100_000;
const U32 = 0xffffffff;

/** A file of the image as the header lists it; its bytes are the part `image/<sha256>`. */
export interface FileRow {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly sha256: string;
}

/** The header as it is in the file: the configuration with content ids in place of bytes. */
export interface HeaderPart {
  readonly header: RecordingHeader;
  readonly config: Omit<MachineConfig, 'program'> & { readonly program: Omit<MachineConfig['program'], 'files'> };
  readonly files: readonly FileRow[];
}

/** Files of an image do not change, and each is asked about several times. */
const ids = new WeakMap<Uint8Array, string>();
/** For hosts with a faster SHA-256: `id` is the content id of `data`, which does not change any more. */
export function knowContentId(data: Uint8Array, id: string): void {
  ids.set(data, id);
}
function idOf(data: Uint8Array): string {
  let id = ids.get(data);
  if (id === undefined) ids.set(data, (id = contentId(data)));
  return id;
}

/** Rows of the image in the order given, which a machine may depend on (inode numbers). */
export function fileRows(config: MachineConfig): FileRow[] {
  return [...config.program.files].map(([path, file]) => ({ path, mode: file.mode, size: file.data.length, sha256: idOf(file.data) }));
}

/** What decides a run besides its inputs, as canonical JSON values. */
function runFields(config: MachineConfig, kernelText: string, files: readonly FileRow[]): Record<string, unknown> {
  const policies = Object.entries(config.policies).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    kernelText,
    machine: {
      arch: config.arch,
      cpus: config.cpus,
      seed: config.seed,
      ramBytes: config.ramBytes,
      brps: config.brps,
      wrps: config.wrps,
      policies: Object.fromEntries(policies),
    },
    program: { path: config.program.path, argv: [...config.program.argv], env: [...config.program.env] },
    watches: config.events.map((w) => ({ text: w.text, address: `0x${w.address.toString(16)}`, length: w.length, type: w.type })),
    files: files.map(({ path, mode, size, sha256 }) => ({ path, mode, size, sha256 })),
  };
}

const json = (value: unknown): Uint8Array<ArrayBuffer> => encodeUtf8(`${JSON.stringify(value, null, 2)}\n`);

export function encodeHeader(header: RecordingHeader, config: MachineConfig, files: readonly FileRow[]): Uint8Array<ArrayBuffer> {
  const { format, tool, name, kernelText } = header;
  return json({ trapline: format, tool, name, ...runFields(config, kernelText, files) });
}

/**
 * SHA-256, hex, of what decides a run: configuration, image, kernel text and inputs, not its name. Equal ids are equal runs.
 * `inputs` is the part inputs.bin.
 */
export function runId(header: RecordingHeader, config: MachineConfig, inputs: Uint8Array): string {
  const fields = json(runFields(config, header.kernelText, fileRows(config)));
  const both = new Uint8Array(fields.length + inputs.length);
  both.set(fields);
  both.set(inputs, fields.length);
  return contentId(both);
}

function parse(data: Uint8Array): unknown {
  const text = decodeUtf8(data);
  if (text === null) throw new Damage('is not UTF-8', 0);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Damage('is not JSON', 0);
  }
}

/** The format version a header claims, before anything else of it is looked at. */
export function headerVersion(data: Uint8Array): { readonly version: number; readonly tool: string } {
  const value = parse(data);
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const version = Object.hasOwn(fields, 'trapline') ? new JsonReader(fields['trapline'], 'trapline').whole(1, 1_000_000) : null;
  if (version === null) throw new Damage('does not say which version of the format it is', 0);
  const tool = fields['tool'];
  return { version, tool: typeof tool === 'string' && /^[\w .+-]{1,60}$/.test(tool) ? tool : 'a newer Trapline' };
}

export function decodeHeader(data: Uint8Array): HeaderPart {
  const root = new JsonReader(parse(data), '').fields(['trapline', 'tool', 'name', 'kernelText', 'machine', 'program', 'watches', 'files']);
  const machine = root.machine.fields(['arch', 'cpus', 'seed', 'ramBytes', 'brps', 'wrps', 'policies']);
  if (machine.arch.text(32) !== 'aarch64') machine.arch.fail('this version does not have; it has aarch64');
  const ramBytes = machine.ramBytes.whole(4096, 2 ** 31);
  if (ramBytes % 4096 !== 0) machine.ramBytes.fail('is not a multiple of 4096');
  const program = root.program.fields(['path', 'argv', 'env']);
  const strings = (reader: JsonReader): string[] => reader.list(MAX_STRINGS).map((item) => item.text(TEXT));
  const files = root.files.list(MAX_FILES).map(decodeFile);
  const paths = new Set(files.map((file) => file.path));
  if (paths.size !== files.length) root.files.fail('lists a path twice');
  const path = program.path.text(PATH);
  if (!paths.has(path)) program.path.fail('is not among its files');
  return {
    header: {
      format: root.trapline.whole(1, FORMAT_VERSION),
      tool: root.tool.text(200),
      name: root.name.text(1000),
      kernelText: root.kernelText.text(200),
    },
    config: {
      arch: 'aarch64',
      cpus: machine.cpus.whole(1, 8),
      seed: machine.seed.whole(0, U32),
      ramBytes,
      brps: machine.brps.whole(2, 16),
      wrps: machine.wrps.whole(2, 16),
      policies: Object.fromEntries(machine.policies.entries(200).map(([name, value]) => [name, value.text(200)])),
      program: { path, argv: strings(program.argv), env: strings(program.env) },
      events: root.watches.list(MAX_WATCHES).map(decodeWatch),
    },
    files,
  };
}

function decodeFile(row: JsonReader): FileRow {
  const f = row.fields(['path', 'mode', 'size', 'sha256']);
  const path = f.path.text(PATH);
  if (!path.startsWith('/') || path.includes('\0') || path.split('/').some((step) => step === '.' || step === '..')) {
    f.path.fail('is not an absolute path inside the machine');
  }
  const sha256 = f.sha256.text(64);
  if (!/^[0-9a-f]{64}$/.test(sha256)) f.sha256.fail('is not a SHA-256');
  return { path, mode: f.mode.whole(0, 0o177777), size: f.size.whole(0, 2 ** 31), sha256 };
}

function decodeWatch(row: JsonReader): WatchSpec {
  const f = row.fields(['text', 'address', 'length', 'type']);
  return { text: f.text.text(1000), address: f.address.address(), length: f.length.whole(1, 2 ** 31), type: f.type.whole(1, 4) };
}

const markFields = (mark: Mark): Mark => ({ icount: mark.icount, event: mark.event });

function decodeMark(reader: JsonReader): Mark {
  const f = reader.fields(['icount', 'event']);
  return { icount: f.icount.whole(0, Number.MAX_SAFE_INTEGER), event: f.event.whole(0, U32) };
}

export function encodeEnd(end: RecordingEnd): Uint8Array<ArrayBuffer> {
  const { code, signal, how } = end.exit;
  return json({ mark: markFields(end.mark), eventCount: end.eventCount, exit: { code, signal, how } });
}

export function decodeEnd(data: Uint8Array): RecordingEnd {
  const root = new JsonReader(parse(data), '').fields(['mark', 'eventCount', 'exit']);
  const exit = root.exit.fields(['code', 'signal', 'how']);
  return {
    mark: decodeMark(root.mark),
    eventCount: root.eventCount.whole(0, Number.MAX_SAFE_INTEGER),
    exit: {
      code: exit.code.whole(-0x80000000, 0x7fffffff),
      signal: exit.signal.isNull ? null : exit.signal.text(40),
      how: exit.how.text(1000),
    },
  };
}

export function encodeNotes(notes: readonly Note[]): Uint8Array<ArrayBuffer> {
  return json(notes.map(({ mark, text }) => ({ mark: markFields(mark), text })));
}

export function decodeNotes(data: Uint8Array): Note[] {
  return new JsonReader(parse(data), '').list(MAX_NOTES).map((row) => {
    const f = row.fields(['mark', 'text']);
    return { mark: decodeMark(f.mark), text: f.text.text(TEXT) };
  });
}
