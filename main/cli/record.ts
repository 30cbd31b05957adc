// `trapline record`: from arguments to a recording on disk, the program's output passed through on the way.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync } from 'node:zlib';
import { knowContentId } from '../../recordings/format/header.ts';
import { writeRecording } from '../../recordings/format/write.ts';
import type { TraceEvent } from '../../recordings/format/events.ts';
import type { RecordRequest } from '../../workers/api/workbench-api.ts';
import { type Result, err, ok } from '../../workers/base/result.ts';
import { makePause } from '../../workers/host/pause.ts';
import { type MachineOptions, baseName, loadProgram } from '../../workers/session/program.ts';
import { type RecordedProgram, recordProgram } from '../../workers/session/record-program.ts';
import type { CliIo } from './io.ts';
import { type Parsed, wholeNumber } from './options.ts';
import { hostInput, isRegularFile } from './stdin.ts';
import { recordSummary, signalNumber } from './summary.ts';

/** The path a host path has in the machine: `./a/b` and `a/b` are /a/b, since programs start in /. */
export const guestPath = (host: string): string => posix.join('/', host.replaceAll('\\', '/'));

const DEFAULT_ENV = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/'];

export async function record(parsed: Parsed, io: CliIo): Promise<Result<number>> {
  const request = await readRequest(parsed, io);
  if (!request.ok) return request;
  const given = parsed.get('--output');
  const file = given ?? `${baseName(request.value.programPath)}.trapline`;
  const refused = await io.cannotWrite(file);
  if (refused !== null) return err(refused);

  const packing = packImage(request.value);
  let stopped = false;
  const fileInput = parsed.get('--stdin') === undefined && !isRegularFile(io.stdin) ? hostInput(io.stdin) : null;
  const release = io.onInterrupt(() => {
    stopped = true;
    fileInput?.stop();
  });
  const started = io.now();
  let done: Result<RecordedProgram>;
  try {
    done = await recordProgram(request.value, {
      pause: makePause(),
      stopRequested: () => stopped,
      onEvent: (event) => passThrough(event, io),
      ...(fileInput === null ? {} : { live: fileInput.live, awaitInput: fileInput.awaitInput }),
    });
  } finally {
    release();
    fileInput?.stop();
  }
  if (!done.ok) return done;
  const seconds = (io.now() - started) / 1000;
  const deflated = await packing;
  const data = writeRecording(done.value.recording, (part, options) => deflated.get(part) ?? deflateRawSync(part, options));
  const written = await io.write(file, data, given === undefined);
  if (!written.ok) return written;
  io.error(recordSummary(done.value.recording, { file, bytes: data.length, seconds }));
  const exit = done.value.recording.end?.exit;
  if (!parsed.has('--exit-status') || exit === undefined) return ok(0);
  return ok(exit.signal === null ? exit.code & 255 : 128 + signalNumber(exit.signal));
}

/** Content ids of the image, and its files compressed by other threads while the program runs. */
async function packImage(request: RecordRequest): Promise<ReadonlyMap<Uint8Array, Uint8Array>> {
  const packed = new Map<Uint8Array, Uint8Array>();
  const files = [request.program, ...request.files.map((file) => file.data)];
  for (const file of files) knowContentId(file, createHash('sha256').update(file).digest('hex'));
  await Promise.all(
    files.map(async (file) => {
      if (!packed.has(file)) packed.set(file, await promisify(deflateRaw)(file, { level: 6 }));
    }),
  );
  return packed;
}

export function passThrough(event: TraceEvent, io: CliIo): void {
  if (event.kind !== 'output') return;
  if (event.fields.fd === 2) io.error(event.fields.data);
  else io.out(event.fields.data);
}

async function readRequest(parsed: Parsed, io: CliIo): Promise<Result<RecordRequest & MachineOptions>> {
  const arch = parsed.get('--arch') ?? 'aarch64';
  if (arch !== 'aarch64' && arch !== 'arm64') return err(`--arch '${arch}' is not there yet; this version has aarch64`);
  const seed = wholeNumber(parsed, '--seed', 0, 0xffff_ffff, 1);
  if (!seed.ok) return seed;
  const cpus = wholeNumber(parsed, '--cpus', 1, 8, 1);
  if (!cpus.ok) return cpus;
  const maxIcount = wholeNumber(parsed, '--max-icount', 1, Number.MAX_SAFE_INTEGER, 0);
  if (!maxIcount.ok) return maxIcount;
  const policies = pairs(parsed.all('--policy'), '--policy');
  if (!policies.ok) return policies;
  const env = pairs(parsed.all('--env'), '--env');
  if (!env.ok) return env;

  const host = parsed.args[0]!;
  const program = await io.read(host);
  if (!program.ok) return program;
  const loaded = loadProgram(program.value, host);
  if (!loaded.ok) return loaded;

  const files: { path: string; data: Uint8Array; mode: number }[] = [];
  for (const text of parsed.all('--file')) {
    const equals = text.indexOf('=');
    const from = equals < 0 ? text : text.slice(0, equals);
    const to = equals < 0 ? text : text.slice(equals + 1);
    if (from === '' || to === '') return err(`--file '${text}': write HOST or HOST=GUEST`);
    const path = guestPath(to);
    if (files.some((file) => file.path === path)) return err(`--file '${text}': ${path} is given twice`);
    const data = await io.read(from);
    if (!data.ok) return err(`--file ${data.error}`);
    files.push({ path, data: data.value, mode: 0o755 });
  }
  const stdin = await standardInput(parsed, io);
  if (!stdin.ok) return stdin;
  const given = Object.entries(env.value).map(([key, value]) => `${key}=${value}`);
  const defaults = DEFAULT_ENV.filter((text) => !(text.slice(0, text.indexOf('=')) in env.value));
  return ok({
    name: parsed.get('--name') ?? [baseName(host), ...parsed.args.slice(1)].join(' ').slice(0, 200),
    programPath: guestPath(host),
    program: program.value,
    argv: parsed.args,
    env: [...defaults, ...given],
    files,
    stdin: stdin.value,
    seed: seed.value,
    cpus: cpus.value,
    events: parsed.all('--event'),
    maxIcount: maxIcount.value === 0 ? null : maxIcount.value,
    policies: policies.value,
  });
}

async function standardInput(parsed: Parsed, io: CliIo): Promise<Result<Uint8Array>> {
  const path = parsed.get('--stdin');
  if (path !== undefined) {
    const data = await io.read(path);
    return data.ok ? data : err(`--stdin ${data.error}`);
  }
  if (!isRegularFile(io.stdin)) return ok(new Uint8Array());
  const pieces: Uint8Array[] = [];
  for await (const piece of io.stdin) pieces.push(piece as Uint8Array);
  return ok(new Uint8Array(Buffer.concat(pieces)));
}

function pairs(texts: readonly string[], option: string): Result<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals < 1) return err(`${option} '${text}': write KEY=VALUE`);
    out[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return ok(out);
}
