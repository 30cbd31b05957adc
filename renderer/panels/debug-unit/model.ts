// The debug unit of one CPU: its slots and the registers of the one looked at. Pure.
import type { EventRow } from '../../../workers/api/workbench-api.ts';
import type { CpuView } from '../../../workers/machine/machine-api.ts';

export type SlotView = CpuView['slots'][number];

export const slotsOf = (cpu: CpuView | null, file: 'WRP' | 'BRP'): readonly SlotView[] =>
  cpu?.slots.filter((slot) => slot.file === file) ?? [];

/** The slot to show: the one chosen, else that of the hit at this Mark, else the first that is not free. */
export function shownSlot(
  cpu: CpuView | null,
  chosen: { readonly file: string; readonly slot: number } | null,
  event: EventRow | null,
): SlotView | null {
  if (cpu === null) return null;
  const find = (file: string, slot: number) => cpu.slots.find((candidate) => candidate.file === file && candidate.slot === slot);
  if (chosen !== null) return find(chosen.file, chosen.slot) ?? null;
  const hit = event?.kind === 'watchpoint-hit' ? 'WRP' : event?.kind === 'breakpoint-hit' ? 'BRP' : null;
  const owned = cpu.slots.find((slot) => slot.state !== 'free' && slot.file === 'WRP') ?? cpu.slots.find((slot) => slot.state !== 'free');
  return (
    (hit === null || event === null ? undefined : find(hit, (event.fields as { slot: number }).slot)) ?? owned ?? find('WRP', 0) ?? null
  );
}

/** MDSCR_EL1 bits of DDI0487 D24.3.20 that decide whether comparators work at all. */
export function monitorBits(mdscr: bigint): string {
  const bits = [
    ['SS', 0n],
    ['KDE', 13n],
    ['MDE', 15n],
  ] as const;
  return bits
    .filter(([, bit]) => (mdscr >> bit) & 1n)
    .map(([name]) => name)
    .join(' ');
}

/** Which byte-address-select bits an access covers: `0–3`; empty when it is not at the slot's doubleword. */
export function coveredBytes(slot: SlotView, event: EventRow | null): string {
  if (event?.kind !== 'watchpoint-hit' || slot.file !== 'WRP') return '';
  const { address, size } = event.fields as { address: bigint; size: number };
  const first = Number(address - (slot.address & ~7n));
  const low = Math.max(0, first);
  const high = Math.min(7, first + size - 1);
  return high < low ? '' : low === high ? `${low}` : `${low}–${high}`;
}

export const registerName = (slot: SlotView, which: 'V' | 'C'): string => `DBG${slot.file === 'WRP' ? 'W' : 'B'}${which}R${slot.slot}_EL1`;
