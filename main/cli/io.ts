// What the command line needs of the outside: files, standard streams, Ctrl-C. Tests give their own; index.ts gives the process's.
import { constants } from 'node:fs';
import { access, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Result, err, ok } from '../../workers/base/result.ts';

export interface CliIo {
  out(data: string | Uint8Array): void;
  error(data: string | Uint8Array): void;
  /** A line that is written over by the next one, on a terminal only; '' takes it away. */
  progress(text: string): void;
  /** Bytes of a file, or the sentence that says why not. */
  read(path: string): Promise<Result<Uint8Array>>;
  /** Why a file could not be written there, or null. Asked before the work that makes it. */
  cannotWrite(path: string): Promise<string | null>;
  write(path: string, data: Uint8Array, keepOld: boolean): Promise<Result<null>>;
  readonly stdin: NodeJS.ReadStream;
  /** Calls back on Ctrl-C (SIGINT, SIGTERM); returns what takes it away again. */
  onInterrupt(listener: () => void): () => void;
  now(): number;
}

const LARGEST_FILE = 1 << 30;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder, not a file',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a folder',
};

export function reason(fault: unknown): string {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  return REASONS[code] ?? (code === '' ? 'it could not be used' : `it could not be used (${code})`);
}

export function processIo(): CliIo {
  // A reader that has seen enough (`| head`) is no fault of ours, and a recording goes on without it.
  if (process.stdout.listenerCount('error') === 0) {
    process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
      if (fault.code !== 'EPIPE') throw fault;
    });
  }
  return {
    out: (data) => void process.stdout.write(data),
    error: (data) => void process.stderr.write(data),
    progress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001b[K`);
    },
    stdin: process.stdin,
    now: () => performance.now(),
    async read(path) {
      try {
        const found = await stat(path);
        if (found.isDirectory()) return err(`${path}: it is a folder, not a file`);
        if (found.size > LARGEST_FILE) return err(`${path}: ${found.size} bytes are too many; at most ${LARGEST_FILE} can be used`);
        return ok(new Uint8Array(await readFile(path)));
      } catch (fault) {
        return err(`${path}: ${reason(fault)}`);
      }
    },
    async cannotWrite(path) {
      try {
        await access(dirname(path), constants.W_OK);
        const found = await stat(path).catch(() => null);
        return found?.isDirectory() === true ? `${path}: it is a folder; give a file` : null;
      } catch (fault) {
        return `${path}: cannot be written: ${fault instanceof Error && 'code' in fault && fault.code === 'ENOENT' ? 'there is no such folder' : reason(fault)}`;
      }
    },
    async write(path, data, keepOld) {
      try {
        if (keepOld) await rename(path, `${path}.old`).catch(() => undefined);
        await writeFile(path, data);
        return ok(null);
      } catch (fault) {
        return err(`${path}: cannot be written: ${reason(fault)}`);
      }
    },
    onInterrupt(listener) {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      return () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
  };
}
