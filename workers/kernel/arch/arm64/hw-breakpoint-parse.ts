// hw_breakpoint_arch_parse of arm64: what a request becomes in a comparator. Pure.
import { ERRNO } from '../../errno.ts';
import { type ArchHwBreakpoint, HW_BREAKPOINT } from '../../perf/records.ts';
import { TASK_SIZE } from '../../user-access.ts';

export const ARM_BREAKPOINT = { EXECUTE: 0, LOAD: 1, STORE: 2, BOTH: 3 } as const;
export const AARCH64_BREAKPOINT = { EL1: 1, EL0: 2 } as const;

export interface BreakpointRequest {
  readonly bp_type: number;
  readonly bp_addr: bigint;
  readonly bp_len: bigint;
  /** tid of the target task; 0: bound to a CPU. */
  readonly task: number;
  /** A 32-bit task. This machine runs none; the rule is here because it is one of the parse rules. */
  readonly compat: boolean;
}

const TYPES = new Map<number, number>([
  [HW_BREAKPOINT.X, ARM_BREAKPOINT.EXECUTE],
  [HW_BREAKPOINT.R, ARM_BREAKPOINT.LOAD],
  [HW_BREAKPOINT.W, ARM_BREAKPOINT.STORE],
  [HW_BREAKPOINT.RW, ARM_BREAKPOINT.BOTH],
]);

/** The comparator's settings, or a negated errno. Any offset is accepted; bytes beyond the doubleword are dropped without a word. */
export function hw_breakpoint_arch_parse(request: BreakpointRequest): ArchHwBreakpoint | number {
  const type = TYPES.get(request.bp_type);
  if (type === undefined) return -ERRNO.EINVAL;
  if (request.bp_len < 1n || request.bp_len > 8n) return -ERRNO.EINVAL;
  let length = Number(request.bp_len);
  if (type === ARM_BREAKPOINT.EXECUTE) {
    if (request.compat) {
      if (length !== 2 && length !== 4) return -ERRNO.EINVAL;
    } else length = 4;
  }
  const top = BigInt(TASK_SIZE);
  const last = BigInt.asUintN(64, request.bp_addr + BigInt(length) - 1n);
  const privilege = request.bp_addr >= top && last >= top ? AARCH64_BREAKPOINT.EL1 : AARCH64_BREAKPOINT.EL0;
  let align = type === ARM_BREAKPOINT.EXECUTE ? 3n : 7n;
  if (request.compat && request.task !== 0) {
    align = length === 8 ? 7n : 3n;
    const offset = Number(request.bp_addr & align);
    const allowed = offset === 0 || ((offset === 1 || offset === 2) && (length === 2 || length === 1)) || (offset === 3 && length === 1);
    if (!allowed) return -ERRNO.EINVAL;
  }
  const offset = Number(request.bp_addr & align);
  const mask = (((1 << length) - 1) << offset) & 0xff;
  if (privilege === AARCH64_BREAKPOINT.EL1 && request.task !== 0) return -ERRNO.EINVAL;
  return { address: Number(BigInt.asIntN(64, request.bp_addr & ~align)), type, mask, privilege };
}

/** encode_ctrl_reg: DBGBCR or DBGWCR without HMC (the kernel runs at EL1). */
export const encode_ctrl_reg = (info: ArchHwBreakpoint, enabled: boolean): number =>
  (info.mask << 5) | (info.type << 3) | (info.privilege << 1) | (enabled ? 1 : 0);

/** arch_check_bp_in_kernelspace, on the shifted mask: a mask that is none of the eight from byte 0 counts as length 0. */
export function arch_check_bp_in_kernelspace(info: ArchHwBreakpoint): boolean {
  const length = (info.mask & (info.mask + 1)) === 0 ? 32 - Math.clz32(info.mask) : 0;
  const unsigned = (value: number): bigint => BigInt.asUintN(64, BigInt(value));
  const top = BigInt(TASK_SIZE);
  return unsigned(info.address) >= top && unsigned(info.address + length - 1) >= top;
}
