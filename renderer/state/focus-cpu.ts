// The CPU the focus is on, and which side of it is shown: the program's, or the kernel's while it works for the program. Pure.
import type { Position } from '../../workers/api/workbench-api.ts';
import type { CpuView } from '../../workers/machine/machine-api.ts';

export type Side = 'program' | 'kernel';

export const cpuOf = (position: Position | null): CpuView | null => position?.cpus[position.cpu] ?? null;

export interface ShownRegisters {
  readonly regs: Readonly<Record<string, bigint>>;
  readonly pc: bigint;
  /** They are those the program will go on with; the CPU itself is in the kernel. */
  readonly saved: boolean;
}

/** At EL0 both sides are the same. */
export function shownRegisters(cpu: CpuView, side: Side): ShownRegisters {
  const saved = side === 'program' ? cpu.user : undefined;
  return saved === undefined
    ? { regs: cpu.regs, pc: cpu.pc, saved: false }
    : { regs: { ...cpu.regs, ...saved }, pc: saved['pc'] ?? cpu.pc, saved: true };
}

export const shownPc = (cpu: CpuView | null, side: Side): bigint => (cpu === null ? 0n : shownRegisters(cpu, side).pc);
