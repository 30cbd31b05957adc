// Reads a verb's arguments against its table of options. Mistakes become one sentence that names the option and the way out.
import { type Result, err, ok } from '../../workers/base/result.ts';
import { near } from './near.ts';

export interface OptionRow {
  /** `--seed`; a short one as `-e`. */
  readonly name: string;
  readonly short?: string;
  /** What the value is called in help; absent: a switch. */
  readonly value?: string;
  readonly repeat?: boolean;
  readonly about: string;
}

export interface VerbRow {
  readonly verb: string;
  /** After the verb, as in help. */
  readonly usage: string;
  readonly about: string;
  readonly options: readonly OptionRow[];
  /** Arguments besides options: least and most. */
  readonly least: number;
  readonly most: number;
  /** Everything from the first argument on belongs to the program. */
  readonly program?: boolean;
  readonly examples: readonly (readonly [command: string, about: string])[];
}

export interface Parsed {
  readonly help: boolean;
  readonly args: readonly string[];
  has(name: string): boolean;
  /** The last value given. */
  get(name: string): string | undefined;
  all(name: string): readonly string[];
}

export function parseArguments(row: VerbRow, given: readonly string[]): Result<Parsed> {
  const values = new Map<string, string[]>();
  const args: string[] = [];
  const see = `\`trapline ${row.verb} --help\` lists the options`;
  let i = 0;
  for (; i < given.length; i++) {
    const word = given[i]!;
    if (word === '--') {
      args.push(...given.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      if (row.program === true) {
        args.push(...given.slice(i));
        break;
      }
      args.push(word);
      continue;
    }
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    let name = equals < 0 ? word : word.slice(0, equals);
    let attached = equals < 0 ? undefined : word.slice(equals + 1);
    if (!word.startsWith('--') && word.length > 2) {
      name = word.slice(0, 2);
      attached = word.slice(2);
    }
    if (name === '--help' || name === '-h') return ok(result(true, [], values));
    const option = row.options.find((o) => o.name === name || o.short === name);
    if (option === undefined) {
      const names = row.options.flatMap((o) => (o.short === undefined ? [o.name] : [o.name, o.short]));
      const suggestion = near(name, [...names, '--help'])[0];
      return err(`unknown option '${name}'${suggestion === undefined ? '' : `; did you mean ${suggestion}?`} (${see})`);
    }
    if (option.value === undefined) {
      if (attached !== undefined) return err(`${option.name} takes no value (${see})`);
      values.set(option.name, ['']);
      continue;
    }
    const value = attached ?? given[++i];
    if (value === undefined || (attached === undefined && value === '--'))
      return err(`${option.name} needs a value: ${option.name} ${option.value} (${see})`);
    const known = values.get(option.name);
    if (known !== undefined && option.repeat !== true) return err(`${option.name} is given twice (${see})`);
    values.set(option.name, [...(known ?? []), value]);
  }
  if (args.length < row.least) return err(`something is missing: trapline ${row.verb} ${row.usage} (${see})`);
  if (args.length > row.most) return err(`'${args[row.most]}' is one argument too many: trapline ${row.verb} ${row.usage} (${see})`);
  return ok(result(false, args, values));
}

function result(help: boolean, args: readonly string[], values: ReadonlyMap<string, readonly string[]>): Parsed {
  return {
    help,
    args,
    has: (name) => values.has(name),
    get: (name) => values.get(name)?.at(-1),
    all: (name) => values.get(name) ?? [],
  };
}

/** A whole number in a range, or a sentence. `absent` when the option was not given. */
export function wholeNumber(parsed: Parsed, name: string, least: number, most: number, absent: number): Result<number> {
  const text = parsed.get(name);
  if (text === undefined) return ok(absent);
  const value = /^(0x[0-9a-f]+|\d[\d_,]*)$/i.test(text) ? Number(text.replace(/[_,]/g, '')) : NaN;
  if (!Number.isSafeInteger(value) || value < least || value > most)
    return err(`${name} '${text}' is not possible; use a whole number from ${least} to ${most}`);
  return ok(value);
}
