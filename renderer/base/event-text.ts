// What one event says in a row of a table. Pure.
import type { EventRow } from '../../workers/api/workbench-api.ts';
import { hex, shownValue } from './format.ts';

/** The value an event leaves: of a write the new one. */
export function valueText(event: EventRow): string {
  if (event.kind === 'watchpoint-hit') {
    const { access, old, new: next } = event.fields as { access: string; old: bigint; new: bigint };
    return shownValue(access === 'r' ? old : next);
  }
  if (event.kind === 'syscall') return (event.fields as { result: string }).result;
  return '';
}

export const whereText = (event: EventRow): string => event.symbol ?? hex(event.pc);
