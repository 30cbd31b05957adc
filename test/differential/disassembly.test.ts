// Decoding and disassembly against objdump: over all code of static programs, and over random encodings of every base row.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { AARCH64 } from '../../workers/arch/aarch64/index.ts';
import { FP_SIMD_ROWS } from '../../workers/arch/aarch64/rows/fp-simd.ts';
import { Decoder } from '../../workers/rows/decoder.ts';
import { generator } from '../support/prng.ts';
import { busyboxPath, guestPath, testWith } from '../support/tools.ts';

const decoder = new Decoder(AARCH64.rows);
/** Encodings that objdump names and that are undefined on the machine: extensions that are not announced, and EL1. */
const NOT_ANNOUNCED =
  /^(hvc|smc|hlt|dcps|eret|drps|sys|at|tlbi|cfp|dvp|cpp|msr|mrs|dc|ic|sb$|wfet|wfit|xaflag|axflag|cfinv|rmif|setf|pac|aut|xpac|bra|blra|reta|ereta|ldra|ldapur|stlur|ldg|st[z2]*g|subp|irg|gmi|addg|subg|cpy|set[pmeg]|ld64b|st64b|tstart|tcommit|ttest|tcancel|bc\.|ldiapp|stilp|rcw|mrrs|msrr|sysp|cssc|abs\t[wx]|cnt\t[wx]|ctz|[su]max\t[wx]|[su]min\t[wx]|addpt|subpt|maddpt|msubpt|dgh|chkfeat|gcs|retaa)/;

interface Line {
  readonly address: bigint;
  readonly word: number;
  readonly text: string;
}

/** objdump's lines without symbols, comments and encodings it only annotates. */
function parse(text: string): Line[] {
  return [...text.matchAll(/^\s*([0-9a-f]+):\t([0-9a-f]{8}) \t(.*)$/gm)].map((m) => ({
    address: BigInt(`0x${m[1]!}`),
    word: Number.parseInt(m[2]!, 16),
    text: m[3]!.replace(/\s*(\/\/|;|<).*$/, '').trim(),
  }));
}

/** objdump writes addresses without 0x. */
const ours = (line: Line): string | null => {
  const d = decoder.decode(line.word, line.address);
  if (d === null) return null;
  return d.row.asm(d.fields, line.address).trim();
};
const same = (a: string, b: string): boolean => a === b || a.replace(/(^|[\t ])0x([0-9a-f]+)$/, '$1$2') === b;

function compare(lines: readonly Line[], note: string): void {
  const wrong = new Map<string, string>();
  let count = 0;
  for (const line of lines) {
    const mine = ours(line);
    const undefinedThere = /^(\.inst|\.word|udf)/.test(line.text);
    // SVE and SME are groups of their own. objdump refuses some loads and stores the manual calls unpredictable; they execute here.
    const scalable = ((line.word >>> 25) & 15) === 2 || (((line.word >>> 25) & 15) === 0 && line.word >>> 31 === 1);
    const fine =
      mine === null
        ? undefinedThere || scalable || NOT_ANNOUNCED.test(line.text)
        : undefinedThere
          ? /^(udf|ld|st|cas|swp)/.test(mine)
          : same(mine, line.text) || /^(mrs\t\w+, s\d_|msr\ts\d_)/.test(mine);
    if (fine) continue;
    count++;
    const key = `${mine?.split('\t')[0] ?? 'undefined'} ${line.text.split('\t')[0]!}`;
    if (!wrong.has(key)) wrong.set(key, `${line.word.toString(16).padStart(8, '0')}: '${mine}', objdump '${line.text}'`);
  }
  expect([...wrong.values()].slice(0, 40), `${count} of ${lines.length} differ; ${note}`).toEqual([]);
}

for (const path of [guestPath('integers.o2'), guestPath('strings.o0'), busyboxPath]) {
  testWith(['aarch64-linux-gnu-gcc'], `the code of ${path.split('/').at(-1)!} reads as objdump reads it`, (context) => {
    if (!existsSync(path)) return context.skip();
    compare(parse(execFileSync('aarch64-linux-gnu-objdump', ['-d', path], { encoding: 'utf8', maxBuffer: 1 << 28 })), path);
  });
}

testWith(['aarch64-linux-gnu-gcc'], 'random encodings of the base rows read as objdump reads them', () => {
  const seed = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? Date.now() >>> 0);
  const perRow = Number(process.env['TRAPLINE_FUZZ_WORDS'] ?? 300);
  const next = generator(seed);
  const words: number[] = [];
  for (const row of AARCH64.rows) {
    if (row.todo || FP_SIMD_ROWS.includes(row)) continue;
    for (let i = 0; i < perRow; i++) words.push(((next() & ~row.pattern.mask) | row.pattern.value) >>> 0);
  }
  // Words of no row in particular, outside the SIMD&FP groups.
  for (let i = 0; i < perRow * 40; i++) {
    const word = next() >>> 0;
    if (((word >>> 25) & 7) !== 7 && ((word >>> 25) & 7) !== 6 && ((word >>> 25) & 15) !== 2) words.push(word);
  }
  const dir = mkdtempSync(join(tmpdir(), 'words-'));
  try {
    writeFileSync(join(dir, 'words'), new Uint8Array(Uint32Array.from(words).buffer));
    const text = execFileSync(
      'aarch64-linux-gnu-objdump',
      ['-D', '-b', 'binary', '-m', 'aarch64', '-z', '--adjust-vma=0x40000000', join(dir, 'words')],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      },
    );
    const lines = parse(text);
    expect(lines.length).toBe(words.length);
    compare(lines, `TRAPLINE_FUZZ_SEED=${seed}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
