// perf_event_attr as programs pass it, and the checks of perf_event_open that come before an event exists, in the kernel's order.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import { ATTR, type PerfAttr } from './records.ts';

export const PERF_TYPE_BREAKPOINT = 5;
const PERF_ATTR_SIZE_VER0 = 64;
/** The largest attr this kernel knows (VER8). */
const KNOWN_SIZE = 136;
/** Bits of the flag word this kernel knows: 0..37. */
const KNOWN_FLAGS = (1n << 38n) - 1n;

/** PERF_FLAG_FD_NO_GROUP, FD_OUTPUT, PID_CGROUP, FD_CLOEXEC */
export const PERF_FLAG = { FD_NO_GROUP: 1, FD_OUTPUT: 2, PID_CGROUP: 4, FD_CLOEXEC: 8, ALL: 15 } as const;

/** The sizes and unknown tail of perf_copy_attr, then what the flag word may not say. */
export function perf_copy_attr(ctx: KernelContext, address: number): PerfAttr | number {
  const head = ctx.user.copy_from_user(address, 8);
  if (!head) return -ERRNO.EFAULT;
  let size = new DataView(head.buffer).getUint32(4, true);
  if (size === 0) size = PERF_ATTR_SIZE_VER0;
  if (size < PERF_ATTR_SIZE_VER0 || size > 4096) return too_big(ctx, address);
  const bytes = ctx.user.copy_from_user(address, size);
  if (!bytes) return -ERRNO.EFAULT;
  for (let i = KNOWN_SIZE; i < size; i++) if (bytes[i] !== 0) return too_big(ctx, address);
  const whole = new Uint8Array(KNOWN_SIZE);
  whole.set(bytes.subarray(0, Math.min(size, KNOWN_SIZE)));
  const view = new DataView(whole.buffer);
  const attr: PerfAttr = {
    type: view.getUint32(0, true),
    sample_period: view.getBigUint64(16, true),
    sample_type: view.getBigUint64(24, true),
    read_format: view.getBigUint64(32, true),
    flags: view.getBigUint64(40, true),
    bp_type: view.getUint32(52, true),
    bp_addr: view.getBigUint64(56, true),
    bp_len: view.getBigUint64(64, true),
    sig_data: view.getBigUint64(120, true),
  };
  const has = (bit: bigint): boolean => (attr.flags & bit) !== 0n;
  if ((attr.flags & ~KNOWN_FLAGS) !== 0n || attr.sample_type >> 25n !== 0n || attr.read_format >> 5n !== 0n) return -ERRNO.EINVAL;
  if (has(ATTR.inherit_thread) && !has(ATTR.inherit)) return -ERRNO.EINVAL;
  if (has(ATTR.remove_on_exec) && has(ATTR.enable_on_exec)) return -ERRNO.EINVAL;
  if (has(ATTR.sigtrap) && !has(ATTR.remove_on_exec)) return -ERRNO.EINVAL;
  return attr;
}

/** The kernel's own size is written back, so that a newer program can try again. */
function too_big(ctx: KernelContext, address: number): number {
  ctx.user.put_user32(address + 4, KNOWN_SIZE);
  return -ERRNO.E2BIG;
}

/** The attr of a `-e` event: counting, inherited by children, everything else as perf stat leaves it. */
export const configured_attr = (type: number, address: bigint, length: number): PerfAttr => ({
  type: PERF_TYPE_BREAKPOINT,
  sample_period: 0n,
  sample_type: 0n,
  read_format: 0n,
  flags: ATTR.inherit,
  bp_type: type,
  bp_addr: address,
  bp_len: BigInt(length),
  sig_data: 0n,
});

/** A specification as a person would write it, for events that a program opened. */
export function attr_text(attr: PerfAttr): string {
  const letters = `${attr.bp_type & 1 ? 'r' : ''}${attr.bp_type & 2 ? 'w' : ''}${attr.bp_type & 4 ? 'x' : ''}`;
  return `mem:0x${attr.bp_addr.toString(16)}/${attr.bp_len}:${letters === '' ? '-' : letters}`;
}
