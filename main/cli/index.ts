// The command line: finds the verb, reads its arguments, and turns faults into one sentence and an exit status. It holds no verb's work.
import type { Result } from '../../workers/base/result.ts';
import { Cancelled, ReplayFault } from '../../workers/replay/history.ts';
import { type Tiers, engineDefaults } from '../../workers/session/tiers.ts';
import { type CliIo, processIo } from './io.ts';
import { events, hits, lastWrite, replay, state } from './look.ts';
import { near } from './near.ts';
import { type Parsed, parseArguments } from './options.ts';
import { record } from './record.ts';
import { why } from './why.ts';
import { VERBS, type Verb, help, helpFor, verbRow } from './verbs.ts';

const WORK: Readonly<Record<Verb, (parsed: Parsed, io: CliIo) => Promise<Result<number>>>> = {
  record,
  replay,
  events,
  state,
  'last-write': lastWrite,
  hits,
  why,
};

/** TRAPLINE_TIERS, for debugging: 0 interprets, 1 translates hot code, check does both and compares. */
const TIERS: Readonly<Record<string, Tiers>> = { '0': 0, '1': 1, check: 'check' };

/** Verbs of the design that are not there yet; they say so by name. */
const LATER = ['run', 'explore', 'diff', 'gdbserver'];

/** Exit status: 0 fine, 1 assertion or verdict failed, 2 bad usage or input, 3 divergence. `args` without node and script. */
export async function main(args: readonly string[], io: CliIo = processIo()): Promise<number> {
  const [verb, ...rest] = args;
  engineDefaults.tiers = TIERS[process.env['TRAPLINE_TIERS'] ?? ''] ?? engineDefaults.tiers;
  if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') {
    const about = VERBS.find((row) => row.verb === rest[0]);
    io.out(about === undefined ? help() : helpFor(about));
    return 0;
  }
  if (verb === '--version') {
    io.out('trapline 0.1.0\n');
    return 0;
  }
  const bad = (where: string, sentence: string): number => {
    io.error(`trapline${where}: ${sentence}\n`);
    return 2;
  };
  const names = VERBS.map((row) => row.verb);
  if (!(names as readonly string[]).includes(verb)) {
    if (LATER.includes(verb)) return bad('', `'${verb}' is not implemented yet; there are ${names.join(', ')}`);
    const close = near(verb, names);
    const what = verb.startsWith('-') ? 'unknown option' : 'unknown verb';
    return bad(
      '',
      `${what} '${verb}'${close.length > 0 ? `; did you mean ${close[0]}?` : `; there are ${names.join(', ')}`} (\`trapline --help\`)`,
    );
  }
  const row = verbRow(verb as Verb);
  const parsed = parseArguments(row, rest);
  if (!parsed.ok) return bad(` ${verb}`, parsed.error);
  if (parsed.value.help) {
    io.out(helpFor(row));
    return 0;
  }
  try {
    const done = await WORK[verb as Verb](parsed.value, io);
    return done.ok ? done.value : bad(` ${verb}`, done.error);
  } catch (fault) {
    if (fault instanceof ReplayFault) {
      io.error(`trapline ${verb}: ${fault.message}\n`);
      return 3;
    }
    if (fault instanceof Cancelled) return bad(` ${verb}`, 'cancelled');
    throw fault;
  }
}
