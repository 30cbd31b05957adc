// Bytes in rows of 16 with what is known of each: changed, watched, part of the access at this Mark. Pure.
import type { EventRow, MemoryView } from '../../../workers/api/workbench-api.ts';
import type { WatchLane } from '../../state/session-types.ts';

export interface ByteCell {
  readonly address: bigint;
  /** null: not mapped. */
  readonly value: number | null;
  readonly changed: boolean;
  readonly watched: boolean;
  readonly accessed: boolean;
}

export interface ByteRow {
  readonly address: bigint;
  readonly cells: readonly ByteCell[];
  readonly text: string;
}

const within = (address: bigint, start: bigint, length: number) => address >= start && address < start + BigInt(length);

export function byteRows(
  view: MemoryView,
  before: MemoryView | null,
  watches: readonly WatchLane[],
  event: EventRow | null,
): readonly ByteRow[] {
  const access = event?.kind === 'watchpoint-hit' ? (event.fields as { address: bigint; size: number }) : null;
  const old = before !== null && before.address === view.address ? before.bytes : null;
  const rows: ByteRow[] = [];
  for (let offset = 0; offset < view.bytes.length; offset += 16) {
    const address = view.address + BigInt(offset);
    const cells = view.bytes.slice(offset, offset + 16).map((value, n): ByteCell => {
      const at = address + BigInt(n);
      return {
        address: at,
        value,
        changed: old !== null && old[offset + n] !== value && old[offset + n] !== null && value !== null,
        watched: watches.some((lane) => within(at, lane.watch.address, lane.watch.length)),
        accessed: access !== null && within(at, access.address, access.size),
      };
    });
    rows.push({ address, cells, text: cells.map((cell) => printable(cell.value)).join('') });
  }
  return rows;
}

const printable = (value: number | null) => (value === null ? ' ' : value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '.');

export const shownByte = (value: number | null): string => (value === null ? '··' : value.toString(16).padStart(2, '0'));

export function spokenByte(cell: ByteCell): string {
  const value = cell.value === null ? 'not mapped' : shownByte(cell.value);
  return `${cell.address.toString(16)}: ${value}${cell.changed ? ', changed' : ''}${cell.watched ? ', watched' : ''}`;
}

export interface FieldRow {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  /** Little-endian value of at most 8 bytes; null: larger, or a byte is unknown. */
  readonly value: bigint | null;
}

/** Symbols with a size that lie whole in view. */
export function fieldRows(view: MemoryView): readonly FieldRow[] {
  const end = view.address + BigInt(view.bytes.length);
  return view.symbols.flatMap((symbol) => {
    if (symbol.address < view.address || symbol.address >= end || symbol.size === 0) return [];
    const start = Number(symbol.address - view.address);
    const bytes = view.bytes.slice(start, start + symbol.size);
    const whole = symbol.size <= 8 && bytes.length === symbol.size && bytes.every((byte) => byte !== null);
    const value = whole ? bytes.reduceRight<bigint>((sum, byte) => (sum << 8n) | BigInt(byte ?? 0), 0n) : null;
    return [{ name: symbol.name, address: symbol.address, size: symbol.size, value }];
  });
}
