// The listing around the pc: rows, the symbol they are in, and what the row about to execute will do. Pure.
import type { DisasmRow, EventRow, TrailAnswer } from '../../../workers/api/workbench-api.ts';
import { watchName } from '../../base/format.ts';
import type { SymbolTable } from '../../base/symbols.ts';

export interface CodeRow {
  readonly row: DisasmRow;
  readonly mnemonic: string;
  readonly operands: string;
  readonly note: string;
  readonly hit: boolean;
  /** The instruction about to execute, on the side shown. */
  readonly next: boolean;
  /** Whether it ran in this call. `unknown`: the call began before what was looked at. `outside`: of another function, or not looked yet. */
  readonly ran: 'yes' | 'no' | 'unknown' | 'outside';
  /** `×9`, `≥9` when there may be more, `·` when unknown, or nothing. */
  readonly times: string;
}

/** What the trail says of one address. */
export function ranAt(address: bigint, trail: TrailAnswer | null, counts: ReadonlyMap<bigint, number>): Pick<CodeRow, 'ran' | 'times'> {
  if (trail === null) return { ran: 'outside', times: '' };
  const { function: where, entered } = trail;
  if (address < where.address || address >= where.address + BigInt(where.size)) return { ran: 'outside', times: '' };
  const times = counts.get(address);
  if (times !== undefined) return { ran: 'yes', times: `${entered === null ? '≥' : '×'}${shortTimes(times)}` };
  return entered === null ? { ran: 'unknown', times: '·' } : { ran: 'no', times: '' };
}

/** At most four characters: 12,345 -> `12k`. */
const shortTimes = (times: number): string => (times < 10_000 ? String(times) : `${Math.floor(times / 1000)}k`);

/** What stands on the line of now: how often the instruction below it ran before in this call. */
export function nowText(row: CodeRow): string {
  if (row.ran === 'yes') return `${row.times.replace('×', '')} done, next`;
  return row.ran === 'no' ? 'first time, next' : 'next';
}

/** `pc` is of the side shown; `symbols` name branch targets; `event` is the one at this Mark, `trail` what ran in this call. */
export function codeRows(
  rows: readonly DisasmRow[],
  pc: bigint,
  event: EventRow | null,
  symbols: SymbolTable,
  trail: TrailAnswer | null = null,
): readonly CodeRow[] {
  const counts = new Map(trail?.counts.map((row) => [row.address, row.times]));
  return rows.map((row) => {
    const [, mnemonic = row.text, operands = ''] = /^(\S+)\s*(.*)$/.exec(row.text) ?? [];
    const next = row.address === pc;
    const hit = row.address === event?.pc && event.kind.endsWith('-hit');
    return {
      row,
      mnemonic,
      operands,
      note: hit ? hitNote(event) : mnemonic.startsWith('adr') ? '' : targetNote(operands, row.address, symbols),
      hit,
      next,
      ...ranAt(row.address, trail, counts),
    };
  });
}

function hitNote(event: EventRow): string {
  const text = (event.fields as { event?: string }).event;
  return text === undefined ? 'hit' : watchName(text).name;
}

/** A branch or address operand: which function it leads to, or which way within this one. */
function targetNote(operands: string, from: bigint, symbols: SymbolTable): string {
  const target = /(?:^|, )#?(0x[\da-f]{5,})$/.exec(operands)?.[1];
  if (target === undefined) return '';
  const address = BigInt(target);
  const here = symbols.at(from);
  const there = symbols.at(address);
  if (there === null) return '';
  if (here !== null && here.name === there.name) return address < from ? '↑' : '↓';
  return symbols.text(address) ?? '';
}

/** `rows` name the kernel's functions, which are not in the program's symbols. */
export function codeTitle(
  pc: bigint,
  rows: readonly DisasmRow[],
  event: EventRow | null,
  symbols: SymbolTable,
): { readonly name: string; readonly offset: string } {
  const found = symbols.at(pc);
  if (found !== null) return { name: found.name, offset: found.offset === 0 ? '' : `+0x${found.offset.toString(16)}` };
  const kernel = rows.findLast((row) => row.symbol !== null && row.address <= pc)?.symbol ?? null;
  const text = event?.pc === pc ? (event.symbol ?? null) : null;
  return text === null
    ? { name: kernel ?? 'Code', offset: kernel === null ? `at 0x${pc.toString(16)}` : '' }
    : { name: text.split('+')[0] ?? text, offset: text.includes('+') ? `+${text.split('+')[1]}` : '' };
}
