// The registers of one CPU and what changed since the stop before. Pure.
import type { Position } from '../../../workers/api/workbench-api.ts';
import type { SymbolTable } from '../../base/symbols.ts';
import { cpuOf, type ShownRegisters, type Side, shownRegisters } from '../../state/focus-cpu.ts';

export interface RegisterCell {
  readonly name: string;
  readonly value: bigint;
  readonly changed: boolean;
}

export interface RegisterDelta {
  readonly name: string;
  readonly value: bigint;
  readonly old: bigint;
  readonly note: string;
}

export const GENERAL: readonly string[] = [...Array.from({ length: 31 }, (_, n) => `x${n}`), 'sp', 'pc'];
const QUIET = new Set(['pc']);

/** NZCV as letters, a middle dot where a flag is clear. The register holds them in bits 31 to 28. */
export function flags(nzcv: bigint): string {
  const bits = Number((nzcv >> 28n) & 15n);
  return [...'NZCV'].map((letter, n) => ((bits >> (3 - n)) & 1 ? letter : '·')).join(' ');
}

/** The same CPU at the stop before; null when it ran another task then, or showed the other side: nothing is said to have changed. */
export function comparable(now: Position | null, before: Position | null, side: Side): ShownRegisters | null {
  const here = cpuOf(now);
  const there = here === null ? undefined : before?.cpus[here.cpu];
  if (here === null || there === undefined || there.tid !== here.tid) return null;
  const shown = shownRegisters(there, side);
  return side === 'kernel' && there.el !== here.el ? null : shown;
}

export function registerCells(cpu: ShownRegisters, before: ShownRegisters | null): readonly RegisterCell[] {
  return GENERAL.flatMap((name) => {
    const value = cpu.regs[name];
    return value === undefined ? [] : [{ name, value, changed: before !== null && before.regs[name] !== value && !QUIET.has(name) }];
  });
}

/** What a value is, if it is an address of something with a name. */
function noteOf(value: bigint, symbols: SymbolTable): string {
  return value < 0x1000n ? '' : (symbols.text(value) ?? '');
}

/** The changes worth a line of their own: at most `limit`, flags last. */
export function registerDeltas(
  cpu: ShownRegisters,
  before: ShownRegisters | null,
  symbols: SymbolTable,
  limit: number,
): { readonly rows: readonly RegisterDelta[]; readonly more: number } {
  if (before === null) return { rows: [], more: 0 };
  const names = [...GENERAL.filter((name) => !QUIET.has(name)), 'nzcv', 'tpidr_el0', 'fpcr', 'fpsr'];
  const rows = names.flatMap((name) => {
    const value = cpu.regs[name];
    const old = before.regs[name];
    return value === undefined || old === undefined || value === old ? [] : [{ name, value, old, note: noteOf(value, symbols) }];
  });
  return { rows: rows.slice(0, limit), more: Math.max(0, rows.length - limit) };
}

/** Registers that hold the address of something with a name, for a stop with nothing to compare: at most `limit`. */
export function namedRegisters(
  cpu: ShownRegisters,
  symbols: SymbolTable,
  limit: number,
): readonly { readonly name: string; readonly value: bigint; readonly note: string }[] {
  return GENERAL.filter((name) => !QUIET.has(name))
    .flatMap((name) => {
      const value = cpu.regs[name] ?? 0n;
      const note = noteOf(value, symbols);
      return note === '' ? [] : [{ name, value, note }];
    })
    .slice(0, limit);
}

/** Vector registers whose 128 bits are not zero. */
export function vectorCells(cpu: ShownRegisters): readonly RegisterCell[] {
  return Array.from({ length: 32 }, (_, n) => `v${n}`).flatMap((name) => {
    const value = cpu.regs[name];
    return value === undefined || value === 0n ? [] : [{ name, value, changed: false }];
  });
}
