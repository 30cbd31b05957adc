// The coverage matrix: every instruction row and where it works, as a Markdown page. Computed from the rows themselves.
import { Builder } from './builder.ts';
import { Decoder } from './decoder.ts';
import { Imm32, Imm64, type Operands } from './operands.ts';
import type { Row } from './row.ts';
import { Val } from './val.ts';

interface Coverage {
  readonly row: Row;
  /** Share of tried encodings of the pattern that are this instruction (others are undefined or another row's), 0..1. */
  readonly decode: number;
  /** Its semantics can be recorded for encodings that decode. */
  readonly tier0: boolean;
  readonly disassembly: boolean;
  /** True, or why random tests against QEMU leave it out. */
  readonly fuzzed: true | string;
}

const TRIES = 200;
const RECORDED = 5;

function recordable(row: Row, operands: Operands): boolean {
  const given: Record<string, unknown> = { ...operands };
  for (const [name, o] of Object.entries(operands)) {
    if (o instanceof Imm64) given[name] = new Val('i64', { k: 'field', field: 0, value: o.value });
    else if (o instanceof Imm32) given[name] = new Val('i32', { k: 'field', field: 0, value: o.value });
  }
  row.semantics(new Builder(), given as Readonly<Record<string, never>>);
  return true;
}

function cover(row: Row, decoder: Decoder): Coverage {
  let decoded = 0;
  let tier0 = true;
  let disassembly = true;
  let state = 1;
  for (let i = 0; i < TRIES; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const free = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    const d = decoder.decode(((free & ~row.pattern.mask) | row.pattern.value) >>> 0, 0x400000n);
    if (d?.row !== row) continue;
    decoded++;
    if (decoded <= RECORDED) tier0 &&= recordable(row, d.operands);
    disassembly &&= row.asm(d.fields, 0x400000n).length > 0;
  }
  const some = decoded > 0;
  return {
    row,
    decode: decoded / TRIES,
    tier0: some && tier0,
    disassembly: some && disassembly,
    fuzzed: row.todo ? 'not implemented' : (row.unfuzzed ?? true),
  };
}

/** The page docs/coverage-aarch64.md. `groups`: rows under a heading. */
export function coverageMatrix(title: string, groups: readonly { readonly name: string; readonly rows: readonly Row[] }[]): string {
  const all = groups.flatMap((g) => g.rows);
  const decoder = new Decoder(all);
  const done = all.filter((row) => !row.todo).length;
  const lines = [
    `# ${title}`,
    '',
    'Made by `node scripts/coverage-matrix.mjs` from the instruction rows; do not edit. One row may stand for several instructions of the',
    'manual. *Decode*: share of the encodings of its pattern that are this instruction (the others are undefined or have a row of their own).',
    '*Tier 0*: the interpreter executes it. *Fuzzed*: compared with qemu-aarch64 on random operands (`test/differential/rows.test.ts`), or why not.',
    '',
    `${done} of ${all.length} rows are implemented; the others raise the undefined-instruction exception.`,
  ];
  const mark = (yes: boolean): string => (yes ? 'yes' : 'no');
  for (const { name, rows } of groups) {
    lines.push('', `## ${name}`, '', '| row | manual | decode | tier 0 | disassembly | fuzzed |', '|---|---|---|---|---|---|');
    for (const row of rows) {
      const c = cover(row, decoder);
      const decode = row.todo ? 'no' : `${Math.max(1, Math.round(c.decode * 100))} %`;
      lines.push(
        `| ${row.name} | ${row.ref} | ${decode} | ${mark(c.tier0)} | ${mark(c.disassembly)} | ${c.fuzzed === true ? 'yes' : `no: ${c.fuzzed}`} |`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
