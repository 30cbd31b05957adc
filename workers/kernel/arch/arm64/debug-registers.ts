// The names of arm64's debug registers as the kernel uses them, and the record of writes to them and of kernel accesses under a watchpoint.
import { bytesOverlap, CONTROL, MDSCR } from '../../../arch/aarch64/debug-unit.ts';
import { MAX_COMPARATORS, SYSTEM_WORD } from '../../../arch/aarch64/system-state.ts';
import type { KernelContext } from '../../kernel-context.ts';
import { per_cpu } from '../../kernel-data.ts';

export type DebugField = 'mdscr_el1' | 'dbgbvr' | 'dbgbcr' | 'dbgwvr' | 'dbgwcr';
interface DebugRegister {
  readonly field: DebugField;
  readonly index: number;
  /** SYSTEM_WORD of it. */
  readonly word: number;
}

const namesOf = (kind: string): readonly string[] => Array.from({ length: MAX_COMPARATORS }, (_, i) => `DBG${kind}${i}_EL1`);
const NAMES = { BVR: namesOf('BVR'), BCR: namesOf('BCR'), WVR: namesOf('WVR'), WCR: namesOf('WCR') } as const;

const TABLE = new Map<string, DebugRegister>([['MDSCR_EL1', { field: 'mdscr_el1', index: 0, word: SYSTEM_WORD.mdscr_el1 }]]);
for (const kind of ['BVR', 'BCR', 'WVR', 'WCR'] as const)
  for (let i = 0; i < MAX_COMPARATORS; i++) {
    const field = `dbg${kind.toLowerCase() as 'bvr' | 'bcr' | 'wvr' | 'wcr'}` as const;
    TABLE.set(NAMES[kind][i]!, { field, index: i, word: SYSTEM_WORD[field] + 2 * i });
  }

/** The register of that name, or undefined. */
export const debugRegister = (name: string): DebugRegister | undefined => TABLE.get(name);

/** Which file a register is of: 0 breakpoints, 1 watchpoints. */
export const control_register = (file: number, index: number): string => (file === 0 ? NAMES.BCR : NAMES.WCR)[index]!;
export const value_register = (file: number, index: number): string => (file === 0 ? NAMES.BVR : NAMES.WVR)[index]!;

const NOT_SS = ~BigInt(MDSCR.SS);

/** MDSCR_EL1.SS follows every single step; its writes are not events of their own. */
export function record_register_write(ctx: KernelContext, register: string, old: bigint, now: bigint): void {
  if (register === 'MDSCR_EL1' && ((old ^ now) & NOT_SS) === 0n) return;
  ctx.emit('register-write', { register, old, new: now });
}

/**
 * The kernel accesses a program's memory under watchpoints of EL0. On the CPU this is an unprivileged access at EL1: the handler steps over it
 * and reports nothing to perf (do_watchpoint, "kernel mode and the watchpoint is EL0's"). The copy here is one step, so the hit is an event
 * that is not counted and nothing is stepped; docs/decisions.md says so. The function given back records the value afterwards.
 */
export function note_kernel_access(ctx: KernelContext, address: number, size: number, write: boolean, pa: number): (() => void) | null {
  const { sys, debug } = ctx.port;
  const written: { index: number; pa: number; size: number }[] = [];
  for (let slot = 0; slot < debug.wrps; slot++) {
    const control = sys.low('e_dbgwcr', slot);
    const value = sys.get('e_dbgwvr', slot);
    if (!CONTROL.enabled(control) || (CONTROL.privilege(control) & 2) === 0 || (CONTROL.loadStore(control) & (write ? 2 : 1)) === 0)
      continue;
    if (!bytesOverlap(address, size, value, control)) continue;
    const e = ctx.kernel.perf_events.get(ctx.load(per_cpu('wp_on_reg', ctx.cpu, slot), 8));
    if (!e) continue;
    // Of a long copy, the watched doubleword.
    const from = size <= 8 ? address : Math.max(address, value);
    const length = Math.min(size <= 8 ? size : 8, address + size - from);
    const at = pa + (from - address);
    const old = bytes_value(ctx, at, length);
    const index = ctx.emit('watchpoint-hit', {
      event: e.text,
      perf_event: e.id,
      address: BigInt(from),
      size: length,
      access: write ? 'w' : 'r',
      slot,
      reported: 'before',
      old,
      new: old,
      counted: false,
    });
    written.push({ index, pa: at, size: length });
  }
  if (!write || written.length === 0) return null;
  return () => {
    for (const w of written) ctx.patch<'watchpoint-hit'>(w.index, { new: bytes_value(ctx, w.pa, w.size) });
  };
}

function bytes_value(ctx: KernelContext, pa: number, size: number): bigint {
  let value = 0n;
  for (let i = Math.min(size, 8) - 1; i >= 0; i--) value = (value << 8n) | BigInt(ctx.mem.read8(pa + i));
  return value;
}
