// Runs the command line in this process: real files, captured streams, no Ctrl-C unless a test presses it.
import { Readable } from 'node:stream';
import { main } from '../../main/cli/index.ts';
import { type CliIo, processIo } from '../../main/cli/io.ts';

export interface CliRun {
  readonly status: number;
  readonly out: string;
  readonly bytes: Uint8Array;
  readonly error: string;
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array;
  /** Given what presses Ctrl-C. */
  readonly interrupt?: (press: () => void) => void;
}

export async function cli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const out: Uint8Array[] = [];
  let error = '';
  const bytes = typeof options.stdin === 'string' ? new TextEncoder().encode(options.stdin) : (options.stdin ?? new Uint8Array());
  const io: CliIo = {
    ...processIo(),
    out: (data) => void out.push(typeof data === 'string' ? new TextEncoder().encode(data) : data.slice()),
    error: (data) => void (error += typeof data === 'string' ? data : new TextDecoder().decode(data)),
    progress: () => {},
    stdin: Readable.from(bytes.length > 0 ? [Buffer.from(bytes)] : []) as unknown as NodeJS.ReadStream,
    onInterrupt: (listener) => {
      options.interrupt?.(listener);
      return () => {};
    },
  };
  const status = await main(args, io);
  const all = new Uint8Array(Buffer.concat(out));
  return { status, out: new TextDecoder().decode(all), bytes: all, error };
}

/** One line, a sentence a person can act on: no stack, no bare code. */
export const isSentence = (text: string): boolean =>
  /^trapline[^\n]*\n$/.test(text) && !/\n\s+at /.test(text) && !/\b(undefined|null|NaN|TypeError|RangeError)\b/.test(text);
