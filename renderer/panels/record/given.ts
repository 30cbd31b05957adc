// Files, environment and standard input of a recording: reading and checking what a person gave. Pure.
import { err, ok, type Result } from '../../../workers/base/result.ts';

/** A file of the person's, and where the program finds it. */
export interface GivenFile {
  readonly name: string;
  readonly path: string;
  readonly data: Uint8Array;
}

/** Linux PATH_MAX, with its terminating zero. */
const LONGEST_PATH = 4095;

/** Where a program that starts in `/` finds a file named without a directory. */
export const guestPathOf = (name: string): string => `/${name.replace(/^.*[\\/]/, '')}`;

/** The guest path as the recording keeps it: absolute, without empty and `.` parts. */
export function cleanPath(text: string): Result<string> {
  const parts = text
    .trim()
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.length === 0) return err('Give the file a path, such as /data/input.txt.');
  if (parts.includes('..')) return err('A path without .. says where the file is.');
  if (text.includes('\0')) return err('A path has no zero characters.');
  const path = `/${parts.join('/')}`;
  if (new TextEncoder().encode(path).length > LONGEST_PATH) return err(`A path has at most ${LONGEST_PATH} bytes.`);
  return ok(path);
}

/** One sentence a file, or null. Two files at one path, and one at the program's, are mistakes; so is a file where another needs a directory. */
export function fileProblems(files: readonly GivenFile[], program: string | null): readonly (string | null)[] {
  const paths = files.map((file) => cleanPath(file.path));
  return paths.map((path, n) => {
    if (!path.ok) return path.error;
    if (path.value === program) return `${path.value} is the program itself.`;
    if (paths.some((other, m) => m < n && other.ok && other.value === path.value)) return `Another file is ${path.value} already.`;
    if (paths.some((other) => other.ok && other.value.startsWith(`${path.value}/`)))
      return `${path.value} is the directory of another file.`;
    return null;
  });
}

/** `NAME=value`, one a line; empty lines mean nothing, and of spaces all are kept but those before the name. */
export function readEnvironment(text: string): Result<readonly string[]> {
  const lines: string[] = [];
  const names = new Set<string>();
  for (const [n, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trimStart();
    if (line.trim() === '') continue;
    const name = /^([^=\s]+)=/.exec(line)?.[1];
    if (name === undefined) return err(`Line ${n + 1} is not NAME=value.`);
    if (line.includes('\0')) return err(`Line ${n + 1} has a zero character.`);
    if (names.has(name)) return err(`Line ${n + 1} gives ${name} again.`);
    names.add(name);
    lines.push(line);
  }
  return ok(lines);
}
