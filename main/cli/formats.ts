// Events as lines: a table for people, and the forms of perf script and of a tracefs trace for the tools that read those.
import { eventToJson } from '../../recordings/format/json.ts';
import type { TraceEvent } from '../../recordings/format/events.ts';
import type { EventRow } from '../../workers/api/workbench-api.ts';
import { formatMark } from '../../workers/base/mark.ts';
import type { OpenRecording } from '../../workers/session/open-recording.ts';

export const FORMATS = ['table', 'json', 'perf-script', 'ftrace'] as const;
export type Format = (typeof FORMATS)[number];

export const TABLE_HEAD = `${'MARK'.padEnd(16)} ${'CPU'.padStart(3)} ${'TID'.padStart(5)} ${'KIND'.padEnd(16)} ${'WHERE'.padEnd(28)} WHAT\n`;
export const FTRACE_HEAD =
  '# tracer: nop\n#\n#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n#              | |         |   |||||     |         |\n';

export function formatEvent(row: EventRow, event: TraceEvent, format: Format, open: OpenRecording): string {
  switch (format) {
    case 'table': {
      const where = row.symbol ?? `0x${row.pc.toString(16)}`;
      return `${formatMark(row.mark).padEnd(16)} ${String(row.cpu).padStart(3)} ${String(row.tid).padStart(5)} ${row.kind.padEnd(16)} ${where.padEnd(28)} ${row.what}\n`;
    }
    case 'json':
      return `${JSON.stringify(eventToJson(event, row.symbol, row.cause?.mark ?? null))}\n`;
    case 'perf-script':
      return `${comm(row, open).padStart(16)} ${String(row.tid).padStart(5)} [${String(row.cpu).padStart(3, '0')}] ${seconds(row.mark.icount, 9)}: ${name(event).padStart(24)}: ${row.pc.toString(16).padStart(16)} ${row.symbol ?? '[unknown]'} (${open.symbols.programAt(row.tid, row.index)?.name ?? '[unknown]'})\n`;
    case 'ftrace':
      return `${comm(row, open).padStart(16)}-${String(row.tid).padEnd(7)} [${String(row.cpu).padStart(3, '0')}] ..... ${seconds(row.mark.icount, 6).padStart(12)}: ${row.kind}: (${row.symbol ?? `0x${row.pc.toString(16)}`})${fields(event)}\n`;
  }
}

/** perf_event names a hit by what the person wrote, anything else by its kind. */
const name = (event: TraceEvent): string =>
  event.kind === 'watchpoint-hit' || event.kind === 'breakpoint-hit' ? event.fields.event : `trapline:${event.kind}`;

/** At most 15 characters, as the kernel's comm. */
function comm(row: EventRow, open: OpenRecording): string {
  return row.tid === 0 ? '<idle>' : (open.symbols.programAt(row.tid, row.index)?.name ?? 'program').slice(0, 15);
}

/** Virtual time as far as an event knows it: a nanosecond an instruction. */
function seconds(icount: number, digits: 6 | 9): string {
  const whole = Math.floor(icount / 1e9);
  const rest = String(icount % 1e9).padStart(9, '0');
  return `${whole}.${rest.slice(0, digits)}`;
}

function fields(event: TraceEvent): string {
  return Object.entries(event.fields)
    .map(
      ([key, value]) =>
        ` ${key}=${typeof value === 'bigint' ? `0x${value.toString(16)}` : value instanceof Uint8Array ? `${value.length}B` : String(value)}`,
    )
    .join('');
}
