// perf_event_open and what a program does with its descriptor: read, ioctl, close. Counting breakpoints; the rest is refused, and what is not
// implemented says so in an event.
import { modify_bp_slot } from '../hw_breakpoint/constraints.ts';
import { ERRNO } from '../errno.ts';
import { fd_install, fget, new_file } from '../fs/file.ts';
import { new_inode } from '../fs/inode.ts';
import { O } from '../fs/records.ts';
import type { KernelContext } from '../kernel-context.ts';
import { fn, op } from '../steps/step.ts';
import type { SyscallRow } from '../syscalls/define.ts';
import { attr_text, PERF_FLAG, PERF_TYPE_BREAKPOINT, perf_copy_attr } from './attr.ts';
import * as core from './core.ts';
import { free_event } from './lifecycle.ts';
import { ATTR, PERF_EVENT_STATE, type PerfEvent } from './records.ts';

const SAMPLE_RATE = 100_000n;
const PERF_SAMPLE_BRANCH_STACK = 1n << 11n;

/** What a program asked for that this kernel does not implement: an event that names it. */
function not_implemented(ctx: KernelContext, what: string, error: number): number {
  ctx.emit('unknown-syscall', { name: `perf_event: ${what}`, number: ctx.regs.w(8), args: '' }, { pc: ctx.regs.pc_bits - 4n });
  return -error;
}

/** Checks in the kernel's order; the id of an event that holds nothing yet, or a negated errno. */
export const perf_event_prepare = op('perf_event_prepare', (ctx) => {
  const { regs } = ctx;
  const pid = regs.w(1) | 0;
  const cpu = regs.w(2) | 0;
  const group = regs.w(3) | 0;
  const flags = regs.w(4);
  if ((flags & ~PERF_FLAG.ALL) !== 0) return -ERRNO.EINVAL;
  const attr = perf_copy_attr(ctx, regs.x(0));
  if (typeof attr === 'number') return attr;
  if ((attr.flags & ATTR.freq) !== 0n) {
    if (attr.sample_period > SAMPLE_RATE) return -ERRNO.EINVAL;
  } else if (attr.sample_period >> 63n !== 0n) return -ERRNO.EINVAL;
  if ((flags & PERF_FLAG.PID_CGROUP) !== 0) return not_implemented(ctx, 'PERF_FLAG_PID_CGROUP', ERRNO.EINVAL);
  if (pid === -1 && cpu === -1) return -ERRNO.EINVAL;
  if (group !== -1) {
    const leader = fget(ctx, group);
    if (leader === null || leader.perf_event === 0) return -ERRNO.EBADF;
    if ((flags & PERF_FLAG.FD_NO_GROUP) === 0) return not_implemented(ctx, 'groups', ERRNO.EOPNOTSUPP);
  }
  const target = pid === 0 ? ctx.current.tid : pid === -1 ? 0 : pid;
  if (target !== 0 && (target < 0 || !ctx.kernel.tasks.has(target))) return -ERRNO.ESRCH;
  if (cpu < -1 || cpu >= ctx.config.cpus) return -ERRNO.EINVAL;
  if ((attr.flags & ATTR.sigtrap) !== 0n) return target === 0 ? -ERRNO.EINVAL : not_implemented(ctx, 'sigtrap', ERRNO.EOPNOTSUPP);
  if (attr.type !== PERF_TYPE_BREAKPOINT) return not_implemented(ctx, `type ${attr.type}`, ERRNO.ENOENT);
  if ((attr.sample_type & PERF_SAMPLE_BRANCH_STACK) !== 0n) return -ERRNO.EOPNOTSUPP;
  return core.alloc_event(ctx, { attr, text: attr_text(attr), task: target, cpu, parent: 0 }).id;
});

/** A descriptor for the event, or a negated errno (the event is gone then). */
export const perf_event_fd = op('perf_event_fd', (ctx, id) => {
  const cloexec = (ctx.regs.w(4) & PERF_FLAG.FD_CLOEXEC) !== 0;
  const inode = new_inode(ctx, 'anon', 0o600);
  return fd_install(ctx, new_file(ctx, inode, O.RDWR, 'anon_inode:[perf_event]', id), cloexec);
});

export const sys_perf_event_open = fn('sys_perf_event_open', 'prepare register install sched_in fd', function* (k, L) {
  const id = yield k.op(L.prepare, perf_event_prepare);
  if (id < 0) return id;
  const result = yield k.op(L.register, core.register_perf_hw_breakpoint, id);
  if (result < 0) return result;
  if ((yield k.op(L.install, core.perf_install_in_context, id)) === 1) yield k.call(L.sched_in, core.event_sched_in, id);
  return yield k.op(L.fd, perf_event_fd, id);
});

// read

/** Values as read_format wants them; the kernel's layout, also of a "group" of one. */
function format_value(ctx: KernelContext, e: PerfEvent): bigint[] {
  core.perf_event_update_time(ctx, e);
  let count = e.count + e.child_count;
  let enabled = e.time_enabled;
  let running = e.time_running;
  for (const id of e.children) {
    const child = core.event_of(ctx, id);
    core.perf_event_update_time(ctx, child);
    count += child.count;
    enabled += child.time_enabled;
    running += child.time_running;
  }
  const format = Number(e.attr.read_format);
  const times = [...(format & 1 ? [BigInt(enabled)] : []), ...(format & 2 ? [BigInt(running)] : [])];
  const own = [...(format & 4 ? [BigInt(e.id)] : []), ...(format & 16 ? [0n] : [])];
  return format & 8 ? [1n, ...times, BigInt(count), ...own] : [BigInt(count), ...times, ...own];
}

export const perf_read_values = op('perf_read_values', (ctx) => {
  const { regs } = ctx;
  const file = fget(ctx, regs.w(0) | 0)!;
  const e = ctx.kernel.perf_events.get(file.perf_event);
  if (!e) return -ERRNO.EINVAL;
  if (e.state === PERF_EVENT_STATE.ERROR) return 0;
  const values = format_value(ctx, e);
  if (regs.x(2) < values.length * 8) return -ERRNO.ENOSPC;
  const bytes = new Uint8Array(values.length * 8);
  values.forEach((v, i) => new DataView(bytes.buffer).setBigUint64(i * 8, v, true));
  return ctx.user.copy_to_user(regs.x(1), bytes) === 0 ? bytes.length : -ERRNO.EFAULT;
});
export const perf_read = fn('perf_read', 'values', function* (k, L) {
  return yield k.op(L.values, perf_read_values);
});

// ioctl

const IOC = {
  ENABLE: 0x2400,
  DISABLE: 0x2401,
  REFRESH: 0x2402,
  RESET: 0x2403,
  PERIOD: 0x40082404,
  SET_OUTPUT: 0x2405,
  SET_FILTER: 0x40082406,
  ID: 0x80082407,
  SET_BPF: 0x40042408,
  PAUSE_OUTPUT: 0x40042409,
  QUERY_BPF: 0xc008240a,
  MODIFY_ATTRIBUTES: 0x4008240b,
} as const;

const DO = { ENABLE: 1_000_001, DISABLE: 1_000_002, MODIFY: 1_000_003 } as const;
const family = (e: PerfEvent): readonly number[] => [e.id, ...e.children];
const file_event = (ctx: KernelContext): PerfEvent | undefined => ctx.kernel.perf_events.get(fget(ctx, ctx.regs.w(0) | 0)?.perf_event ?? 0);

/** What the ioctl asks for: a result at once, or which of the longer ways to go. */
export const perf_ioctl_begin = op('perf_ioctl_begin', (ctx) => {
  const e = file_event(ctx);
  if (!e) return -ERRNO.EINVAL;
  switch (ctx.regs.w(1)) {
    case IOC.ENABLE:
      return DO.ENABLE;
    case IOC.DISABLE:
      return DO.DISABLE;
    case IOC.MODIFY_ATTRIBUTES:
      return DO.MODIFY;
    case IOC.RESET:
      for (const id of family(e)) core.event_of(ctx, id).count = 0;
      e.child_count = 0;
      return 0;
    case IOC.ID:
      return ctx.user.put_user64(ctx.regs.x(2), BigInt(e.id));
    case IOC.PERIOD: {
      const period = ctx.user.get_user64(ctx.regs.x(2));
      if (period === null) return -ERRNO.EFAULT;
      if (e.attr.sample_period === 0n || period === 0n || period >> 63n !== 0n) return -ERRNO.EINVAL;
      e.attr.sample_period = period;
      return 0;
    }
    case IOC.REFRESH:
      return e.attr.sample_period === 0n || (e.attr.flags & ATTR.inherit) !== 0n
        ? -ERRNO.EINVAL
        : not_implemented(ctx, 'PERF_EVENT_IOC_REFRESH', ERRNO.EOPNOTSUPP);
    case IOC.SET_OUTPUT:
      return not_implemented(ctx, 'PERF_EVENT_IOC_SET_OUTPUT', ERRNO.EOPNOTSUPP);
    case IOC.SET_FILTER:
      return not_implemented(ctx, 'PERF_EVENT_IOC_SET_FILTER', ERRNO.EOPNOTSUPP);
    case IOC.SET_BPF:
    case IOC.QUERY_BPF:
      return not_implemented(ctx, 'BPF', ERRNO.EOPNOTSUPP);
    case IOC.PAUSE_OUTPUT:
      return not_implemented(ctx, 'PERF_EVENT_IOC_PAUSE_OUTPUT', ERRNO.EOPNOTSUPP);
    default:
      return -ERRNO.ENOTTY;
  }
});

/** The n-th of the descriptor's event and its clones; 0: no more. */
export const nth_of_family = op('nth_of_family', (ctx, n) => {
  const e = file_event(ctx);
  return e ? (family(e)[n!] ?? 0) : 0;
});

/** __perf_event_enable; 1: install it on this CPU. */
export const perf_event_mark_enabled = op('perf_event_mark_enabled', (ctx, id) => {
  const e = core.event_of(ctx, id!);
  if (e.state >= PERF_EVENT_STATE.INACTIVE) return 0;
  core.set_state(ctx, e, PERF_EVENT_STATE.INACTIVE);
  return core.want_resched(ctx, e);
});

/** __perf_event_disable: it counts no more; another CPU that has it installed is interrupted. */
export const perf_event_mark_disabled = op('perf_event_mark_disabled', (ctx, id) => {
  const e = core.event_of(ctx, id!);
  if (e.state < PERF_EVENT_STATE.INACTIVE) return 0;
  core.set_state(ctx, e, PERF_EVENT_STATE.OFF);
  if (e.on_cpu >= 0 && e.on_cpu !== ctx.cpu) {
    e.stopped = true;
    ctx.interrupt_perf(e.on_cpu);
  }
  return 0;
});
export const event_on_other_cpu = op('event_on_other_cpu', (ctx, id) => {
  const e = ctx.kernel.perf_events.get(id!);
  return e && e.on_cpu >= 0 && e.on_cpu !== ctx.cpu ? 1 : 0;
});

export const perf_event_enable = fn('perf_event_enable', 'mark in', function* (k, L, id) {
  if (yield k.op(L.mark, perf_event_mark_enabled, id)) yield k.call(L.in, core.event_sched_in, id);
  return 0;
});

/** Waits until another CPU has taken the event off its registers. */
export const perf_event_wait_off = fn('perf_event_wait_off', 'other again', function* (k, L, id) {
  if (yield k.op(L.other, event_on_other_cpu, id)) yield k.again(L.again, id);
  return 0;
});

export const perf_event_disable = fn('perf_event_disable', 'mark out wait', function* (k, L, id) {
  yield k.op(L.mark, perf_event_mark_disabled, id);
  yield k.call(L.out, core.event_sched_out, id);
  yield k.call(L.wait, perf_event_wait_off, id);
  return 0;
});

export const perf_for_each_child = fn('perf_for_each_child', 'next enable disable modify again', function* (k, L, what, n) {
  const id = yield k.op(L.next, nth_of_family, n);
  if (id === 0) return 0;
  let result = 0;
  if (what === DO.ENABLE) yield k.call(L.enable, perf_event_enable, id);
  else if (what === DO.DISABLE) yield k.call(L.disable, perf_event_disable, id);
  else result = yield k.call(L.modify, perf_event_modify_breakpoint, id);
  if (result !== 0) return result;
  yield k.again(L.again, what, n + 1);
  return 0;
});

/** attr.type and sig_data, before anything is disabled. */
export const modify_check_type = op('modify_check_type', (ctx) => {
  const e = file_event(ctx)!;
  const attr = perf_copy_attr(ctx, ctx.regs.x(2));
  if (typeof attr === 'number') return attr;
  if (attr.type !== e.attr.type) return -ERRNO.EINVAL;
  e.attr.sig_data = attr.sig_data;
  return 0;
});

/** modify_user_hw_breakpoint_check, strict: address, type, length and disabled may change, nothing else. */
export const modify_user_hw_breakpoint_check = op('modify_user_hw_breakpoint_check', (ctx, id) => {
  const e = core.event_of(ctx, id!);
  const attr = perf_copy_attr(ctx, ctx.regs.x(2));
  if (typeof attr === 'number') return attr;
  const info = core.parse(attr, e.task);
  if (typeof info === 'number') return info;
  const same =
    attr.sample_period === e.attr.sample_period &&
    attr.sample_type === e.attr.sample_type &&
    attr.read_format === e.attr.read_format &&
    (attr.flags & ~ATTR.disabled) === (e.attr.flags & ~ATTR.disabled);
  if (!same) return -ERRNO.EINVAL;
  if (attr.bp_type !== e.attr.bp_type) {
    const result = modify_bp_slot(core.bp_world(ctx.kernel, ctx.config), e, e.attr.bp_type, attr.bp_type);
    if (result !== 0) return result;
  }
  e.attr.bp_addr = attr.bp_addr;
  e.attr.bp_type = attr.bp_type;
  e.attr.bp_len = attr.bp_len;
  e.attr.flags = attr.flags;
  e.info = info;
  return 0;
});
export const attr_is_disabled = op('attr_is_disabled', (ctx, id) => ((core.event_of(ctx, id!).attr.flags & ATTR.disabled) !== 0n ? 1 : 0));

export const perf_event_modify_breakpoint = fn('perf_event_modify_breakpoint', 'disable check disabled enable', function* (k, L, id) {
  yield k.call(L.disable, perf_event_disable, id);
  const result = yield k.op(L.check, modify_user_hw_breakpoint_check, id);
  if (!(yield k.op(L.disabled, attr_is_disabled, id))) yield k.call(L.enable, perf_event_enable, id);
  return result;
});

/** ioctl on a perf_event's descriptor: the whole system call, arguments in pt_regs. */
export const perf_ioctl = fn('perf_ioctl', 'begin type all', function* (k, L) {
  const what = yield k.op(L.begin, perf_ioctl_begin);
  if (what < DO.ENABLE) return what;
  if (what === DO.MODIFY) {
    const result = yield k.op(L.type, modify_check_type);
    if (result !== 0) return result;
  }
  return yield k.call(L.all, perf_for_each_child, what, 0);
});

// close

/** An event whose last descriptor was closed, 0: none. Its clones go with it. */
export const next_closed_event = op('next_closed_event', (ctx) => {
  for (;;) {
    const id = ctx.kernel.closed_perf_events[0];
    if (id === undefined) return 0;
    const e = ctx.kernel.perf_events.get(id);
    if (!e) {
      ctx.kernel.closed_perf_events.shift();
      continue;
    }
    // Clones first: each is disabled by itself.
    return e.children[0] ?? e.id;
  }
});
export const free_closed_event = op('free_closed_event', (ctx, id) => {
  const e = ctx.kernel.perf_events.get(id!);
  if (e) free_event(ctx, e);
  return 0;
});
export const release_closed_perf_events = fn('release_closed_perf_events', 'next disable free again', function* (k, L) {
  const id = yield k.op(L.next, next_closed_event);
  if (id === 0) return 0;
  yield k.call(L.disable, perf_event_disable, id);
  yield k.op(L.free, free_closed_event, id);
  yield k.again(L.again);
  return 0;
});

export const PERF_CALLS: readonly SyscallRow[] = [
  { name: 'perf_event_open', args: 'pddfx', pointer: false, run: sys_perf_event_open, ops: [] },
];
