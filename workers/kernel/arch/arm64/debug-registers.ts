// The names of arm64's debug registers as the kernel uses them, and the record of writes to them and of kernel accesses under a watchpoint.
import { MDSCR } from '../../../arch/aarch64/debug-unit.ts';
import { MAX_COMPARATORS } from '../../../arch/aarch64/system-state.ts';
import type { KernelContext } from '../../kernel-context.ts';

export type DebugField = 'mdscr_el1' | 'dbgbvr' | 'dbgbcr' | 'dbgwvr' | 'dbgwcr';
interface DebugRegister {
  readonly field: DebugField;
  readonly index: number;
}

const TABLE = new Map<string, DebugRegister>([['MDSCR_EL1', { field: 'mdscr_el1', index: 0 }]]);
for (const kind of ['BVR', 'BCR', 'WVR', 'WCR'] as const)
  for (let i = 0; i < MAX_COMPARATORS; i++)
    TABLE.set(`DBG${kind}${i}_EL1`, { field: `dbg${kind.toLowerCase() as 'bvr' | 'bcr' | 'wvr' | 'wcr'}`, index: i });

/** The register of that name, or undefined. */
export const debugRegister = (name: string): DebugRegister | undefined => TABLE.get(name);

/** Which file a register is of: 0 breakpoints, 1 watchpoints. */
export const control_register = (file: number, index: number): string => (file === 0 ? `DBGBCR${index}_EL1` : `DBGWCR${index}_EL1`);
export const value_register = (file: number, index: number): string => (file === 0 ? `DBGBVR${index}_EL1` : `DBGWVR${index}_EL1`);

/** MDSCR_EL1.SS follows every single step; its writes are not events of their own. */
export function record_register_write(ctx: KernelContext, register: string, old: bigint, now: bigint): void {
  if (register === 'MDSCR_EL1' && ((old ^ now) & ~BigInt(MDSCR.SS)) === 0n) return;
  ctx.emit('register-write', { register, old, new: now });
}

/** The kernel accesses a program's memory under one of its watchpoints. Filled in with the watchpoints themselves. */
export function note_kernel_access(_ctx: KernelContext, _address: number, _size: number, _write: boolean, _pa: number): void {}
