// The form of the record dialog: reading what was typed, and what the watch field completes. Pure.
import fuzzysort from 'fuzzysort';
import type { RecordRequest, SymbolRow } from '../../../workers/api/workbench-api.ts';
import { err, ok, type Result } from '../../../workers/base/result.ts';
import { cleanPath, fileProblems, type GivenFile, readEnvironment } from './given.ts';

export interface RecordForm {
  readonly program: { readonly name: string; readonly data: Uint8Array } | null;
  readonly args: string;
  readonly seed: string;
  readonly cpus: string;
  readonly stdin: string;
  readonly files: readonly GivenFile[];
  /** `NAME=value` lines. */
  readonly env: string;
  readonly watches: readonly string[];
  readonly maxIcount: string;
}

/** Splits arguments as a shell does for plain words and quotes; no expansion of anything. */
export function splitArgs(text: string): Result<readonly string[]> {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at]!;
    if (quote !== '') {
      if (c === quote) quote = '';
      else word += c === '\\' && quote === '"' && at + 1 < text.length ? text[(at += 1)]! : c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= '';
    } else if (/\s/.test(c)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + (c === '\\' && at + 1 < text.length ? text[(at += 1)]! : c);
  }
  if (quote !== '') return err(`A quote (${quote}) is not closed.`);
  if (word !== null) words.push(word);
  return ok(words);
}

function whole(text: string, name: string, least: number, most: number): Result<number> {
  const value = /^\s*(0x[\da-f]+|\d+)\s*$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) && value >= least && value <= most
    ? ok(value)
    : err(`${name} is a whole number from ${least} to ${most}.`);
}

export type FieldErrors = Partial<Record<'program' | 'args' | 'seed' | 'cpus' | 'maxIcount' | 'files' | 'env', string>>;

export function fieldErrors(form: RecordForm): FieldErrors {
  const errors: FieldErrors = {};
  const note = (field: keyof FieldErrors, result: Result<unknown>) => {
    if (!result.ok) errors[field] = result.error;
  };
  if (form.program === null) errors.program = 'Choose a program.';
  note('args', splitArgs(form.args));
  note('env', readEnvironment(form.env));
  const problem = fileProblems(form.files, programPathOf(form)).find((text) => text !== null);
  if (problem !== undefined && problem !== null) errors.files = problem;
  note('seed', whole(form.seed, 'The seed', 0, 0xffffffff));
  note('cpus', whole(form.cpus, 'The number of CPUs', 1, 8));
  if (form.maxIcount.trim() !== '') note('maxIcount', whole(form.maxIcount, 'The limit', 1, Number.MAX_SAFE_INTEGER));
  return errors;
}

const baseOf = (name: string): string => name.replace(/[^\w.-]+/g, '-');

/** Where the guest finds the program of the form. */
export const programPathOf = (form: RecordForm): string | null => (form.program === null ? null : `/${baseOf(form.program.name)}`);

/** The request of a form without errors. */
export function requestOf(form: RecordForm): RecordRequest {
  const program = form.program!;
  const base = baseOf(program.name);
  const args = splitArgs(form.args);
  const env = readEnvironment(form.env);
  const files = form.files.flatMap(({ path, data }) => {
    const clean = cleanPath(path);
    return clean.ok ? [{ path: clean.value, data, mode: 0o755 }] : [];
  });
  return {
    name: program.name,
    programPath: `/${base}`,
    program: program.data,
    argv: [`./${base}`, ...(args.ok ? args.value : [])],
    env: env.ok ? env.value : [],
    files,
    stdin: new TextEncoder().encode(form.stdin),
    seed: Number(form.seed),
    cpus: Number(form.cpus),
    events: form.watches.map((watch) => watch.trim()).filter((watch) => watch !== ''),
    maxIcount: form.maxIcount.trim() === '' ? null : Number(form.maxIcount),
  };
}

/** Specifications a half-typed watch may become: variables first, functions as breakpoints. */
export function completions(typed: string, symbols: readonly SymbolRow[], most = 8): readonly string[] {
  const match = /^(?:mem:)?([^/:]*)$/.exec(typed.trim());
  if (match === null) return [];
  const wanted = match[1] ?? '';
  const objects = symbols.filter((symbol) => symbol.kind === 'object' && symbol.size > 0);
  const pool = wanted === '' ? objects.filter((symbol) => !symbol.name.startsWith('_')) : symbols;
  const found =
    wanted === ''
      ? pool.slice(0, most)
      : fuzzysort.go(wanted, pool as SymbolRow[], { key: 'name', limit: most * 2 }).map((result) => result.obj);
  return found
    .toSorted((a, b) => Number(a.kind === 'function') - Number(b.kind === 'function'))
    .slice(0, most)
    .map((symbol) =>
      symbol.kind === 'function' ? `mem:${symbol.name}:x` : `mem:${symbol.name}/${[8, 4, 2, 1].find((size) => size <= symbol.size) ?? 1}:w`,
    );
}
