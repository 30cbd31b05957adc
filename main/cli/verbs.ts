// The command line as a table: verbs, their options and what each means. Parser, help and tests read it.
import type { VerbRow } from './options.ts';

const JSON_OPTION = { name: '--json', about: 'one JSON object a line, as docs/json.md describes' };

export const VERBS = [
  {
    verb: 'record',
    usage: '[OPTION]… -- PROGRAM [ARG]…',
    about:
      'Runs a static arm64 program and records everything it does. What the program prints is passed through; a summary goes to stderr.',
    least: 1,
    most: Infinity,
    program: true,
    options: [
      {
        name: '--event',
        short: '-e',
        value: 'EVENT',
        repeat: true,
        about: 'watch memory: mem:ADDR|SYMBOL[+OFFSET][/LEN][:rwx], as in perf',
      },
      { name: '--output', short: '-o', value: 'FILE', about: 'the recording (default: PROGRAM.trapline; an older one becomes .old)' },
      { name: '--file', value: 'HOST[=GUEST]', repeat: true, about: 'a file the program may read, there or under another path' },
      { name: '--env', value: 'K=V', repeat: true, about: 'an environment variable (default: PATH and HOME only)' },
      { name: '--stdin', value: 'FILE', about: 'standard input from a file (default: yours, recorded as it is read)' },
      { name: '--seed', value: 'N', about: 'decides how CPUs interleave and what getrandom gives (default: 1)' },
      { name: '--cpus', value: 'N', about: '1 to 8 (default: 1)' },
      { name: '--arch', value: 'A', about: 'aarch64 (the only one so far)' },
      { name: '--policy', value: 'K=V', repeat: true, about: 'a kernel policy, such as arm64.uninstall=control-first' },
      { name: '--max-icount', value: 'N', about: 'end the recording after N instructions' },
      { name: '--name', value: 'TEXT', about: 'what to call the recording (default: the program and its arguments)' },
      { name: '--exit-status', about: "exit with the program's status (128+N when killed by signal N) instead of 0" },
    ],
    examples: [
      ['trapline record -e mem:counter/8:w -o c.trapline -- ./counter', 'each write to counter becomes a hit'],
      ['trapline record --file big.bin -- ./busybox sha256sum big.bin', 'with a file to read'],
      ['trapline record --cpus 2 --seed 7 -- ./race', 'two CPUs, interleaved by seed 7 and by nothing else'],
    ],
  },
  {
    verb: 'replay',
    usage: 'FILE [--verify] [--to MARK]',
    about: 'Executes a recording again from its image and inputs; the program prints what it printed.',
    least: 1,
    most: 1,
    options: [
      {
        name: '--verify',
        about: 'compare every digest and event with the recording; exit 3 and name the first difference if there is one',
      },
      { name: '--to', value: 'MARK', about: 'stop there' },
    ],
    examples: [
      ['trapline replay --verify c.trapline', 'prove that it replays to the bit'],
      ['trapline replay c.trapline --to !50', 'the first half'],
    ],
  },
  {
    verb: 'events',
    usage: 'FILE [OPTION]…',
    about: 'Lists what was recorded: hits, step-overs, system calls, signals, output and the rest.',
    least: 1,
    most: 1,
    options: [
      { name: '--kind', value: 'KIND', repeat: true, about: 'only this kind, such as watchpoint-hit or syscall' },
      { name: '--from', value: 'MARK', about: 'from there on' },
      { name: '--to', value: 'MARK', about: 'up to and with there' },
      { name: '--format', value: 'FORMAT', about: 'table (default), json, perf-script or ftrace' },
      { name: '--json', about: 'the same as --format json' },
    ],
    examples: [
      ['trapline events c.trapline --kind watchpoint-hit --format json', 'hits with old and new value'],
      ['trapline events c.trapline --from !90', 'the last tenth'],
    ],
  },
  {
    verb: 'state',
    usage: 'FILE [--at MARK] [--json]',
    about: 'Registers, debug registers, slots and the instructions around the pc at a Mark.',
    least: 1,
    most: 1,
    options: [{ name: '--at', value: 'MARK', about: 'where (default: the end)' }, JSON_OPTION],
    examples: [['trapline state c.trapline --at main', 'where main is first executed']],
  },
  {
    verb: 'last-write',
    usage: 'FILE ADDR[/LEN] [--before MARK]',
    about: 'The last write to these bytes before a Mark, whether or not anything watched them.',
    least: 2,
    most: 2,
    options: [{ name: '--before', value: 'MARK', about: 'where to look back from (default: the end)' }, JSON_OPTION],
    examples: [
      ['trapline last-write c.trapline counter/8 --before !50', 'ADDR is a number or a symbol'],
      ['trapline last-write crash.trapline pool+0x40/4', 'who wrote it last'],
    ],
  },
  {
    verb: 'hits',
    usage: 'FILE -e EVENT…',
    about: 'A watchpoint after the fact: every access of the whole recording, in order.',
    least: 1,
    most: 1,
    options: [
      { name: '--event', short: '-e', value: 'EVENT', repeat: true, about: 'mem:ADDR|SYMBOL[+OFFSET][/LEN][:rwx]; any length' },
      JSON_OPTION,
    ],
    examples: [['trapline hits c.trapline -e mem:pool/72:w', 'all writes to pool']],
  },
  {
    verb: 'why',
    usage: 'FILE [--at MARK] [--slot N] [OPTION]…',
    about: 'Why the access about to be made hits, or does not: each condition, its value, and the event that made it so.',
    least: 1,
    most: 1,
    options: [
      { name: '--at', value: 'MARK', about: 'where (default: the end)' },
      { name: '--slot', value: 'N', about: 'one slot: 0 or WRP0 for a watchpoint, BRP0 for a breakpoint (default: all in use)' },
      { name: '--cpu', value: 'N', about: 'whose next instruction (default: the one that is next)' },
      { name: '--access', value: 'ACCESS', about: 'an access nobody made, such as mem:counter/4:w, instead of the instruction at the pc' },
      JSON_OPTION,
    ],
    examples: [
      ['trapline why c.trapline --at #1234.1', 'at a hit: all conditions hold'],
      ['trapline why c.trapline --at main --slot 2', 'what an empty slot lacks'],
      ['trapline why c.trapline --at !50 --access mem:counter/8:r', 'would a load have hit there?'],
    ],
  },
] as const satisfies readonly VerbRow[];

export type Verb = (typeof VERBS)[number]['verb'];

export const verbRow = (verb: Verb): VerbRow => VERBS.find((row) => row.verb === verb)!;

const MARKS = `A MARK is a point of a recording: #ICOUNT or #ICOUNT.EVENT, !50 is half-way, !100 the end, a symbol is its next execution.`;
const EXITS = `Exit status: 0 fine, 1 the assertion or verdict failed, 2 bad usage or bad input, 3 divergence.`;

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(26, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) => (left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`))
    .join('\n');
}

export function helpFor(row: VerbRow): string {
  const options = row.options.map((o): [string, string] => [
    `${o.short === undefined ? '' : `${o.short}, `}${o.name}${o.value === undefined ? '' : ` ${o.value}`}${o.repeat === true ? ' …' : ''}`,
    o.about,
  ]);
  const examples = row.examples.map(([command, about]) => `  ${command}\n      ${about}`).join('\n');
  const marks = row.options.some((o) => o.value === 'MARK') ? `\n${MARKS}\n` : '';
  return `usage: trapline ${row.verb} ${row.usage}\n\n${row.about}\n\n${columns(options)}\n${marks}\nExamples:\n${examples}\n\n${EXITS}\n`;
}

export function help(): string {
  const verbs = VERBS.map((row): [string, string] => [row.verb, row.about]);
  return `usage: trapline [VERB] …

Records real arm64 programs and steps them backwards. Without a verb the workbench opens.

${columns(verbs)}

\`trapline VERB --help\` explains a verb. ${MARKS}
${EXITS}
`;
}
