// perf events of type breakpoint: creating (reserve first, parse second), scheduling in and out with their task, counting, inheriting.
// Groups, other event types, sampling and ring buffers are not there: what asks for them is refused by errno.
import { errnoName, ERRNO } from '../errno.ts';
import {
  type BpWorld,
  find_slot_idx,
  max_bp_pinned_slots,
  release_bp_slot,
  reserve_bp_slot,
  TYPE_INST,
} from '../hw_breakpoint/constraints.ts';
import { AARCH64_BREAKPOINT, arch_check_bp_in_kernelspace, hw_breakpoint_arch_parse } from '../arch/arm64/hw-breakpoint-parse.ts';
import { arch_install_hw_breakpoint, arch_uninstall_hw_breakpoint } from '../arch/arm64/hw-breakpoint.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { KernelRecords } from '../records.ts';
import { fn, op } from '../steps/step.ts';
import { configured_attr } from './attr.ts';
import { ATTR, type ArchHwBreakpoint, type PerfAttr, PERF_EVENT_STATE, type PerfEvent } from './records.ts';

export function bp_world(kernel: KernelRecords, config: { readonly cpus: number; readonly brps: number; readonly wrps: number }): BpWorld {
  return {
    constraints: kernel.bp_constraints,
    cpus: config.cpus,
    slots: [config.brps, config.wrps],
    breakpoint(id) {
      const e = kernel.perf_events.get(id)!;
      return { cpu: e.cpu, type: find_slot_idx(e.attr.bp_type) };
    },
  };
}

const world_of = (ctx: KernelContext): BpWorld => bp_world(ctx.kernel, ctx.config);
const type_name = (bp_type: number): string => (find_slot_idx(bp_type) === TYPE_INST ? 'TYPE_INST' : 'TYPE_DATA');
export const event_of = (ctx: KernelContext, id: number): PerfEvent => ctx.kernel.perf_events.get(id)!;

/** A perf_event that holds no slot yet. */
export function alloc_event(
  ctx: KernelContext,
  fields: { readonly attr: PerfAttr; readonly text: string; readonly task: number; readonly cpu: number; readonly parent: number },
): PerfEvent {
  const { kernel } = ctx;
  const event: PerfEvent = {
    ...fields,
    id: kernel.next_perf_event++,
    info: { address: 0, type: 0, mask: 0, privilege: 0 },
    state: (fields.attr.flags & ATTR.disabled) !== 0n ? PERF_EVENT_STATE.OFF : PERF_EVENT_STATE.INACTIVE,
    children: [],
    count: 0,
    child_count: 0,
    stopped: false,
    on_cpu: -1,
    slot: -1,
    last_cpu: -1,
    last_slot: -1,
    time_stamp: ctx.now(),
    time_enabled: 0,
    time_running: 0,
  };
  kernel.perf_events.set(event.id, event);
  return event;
}

/** Who holds slots that this request competes for, by specification. */
export function slot_holders(ctx: KernelContext, event: PerfEvent): string {
  const type = find_slot_idx(event.attr.bp_type);
  const names: string[] = [];
  for (const e of ctx.kernel.perf_events.values()) {
    if (e.id === event.id || find_slot_idx(e.attr.bp_type) !== type) continue;
    const registered = e.task === 0 ? true : (ctx.kernel.bp_constraints.task_bps.get(e.task) ?? []).includes(e.id);
    if (!registered) continue;
    if (event.task !== 0 && e.task !== 0 && e.task !== event.task) continue;
    names.push(e.text);
  }
  return names.join(', ');
}

/** reserve_bp_slot with its event. */
export function reserve(ctx: KernelContext, e: PerfEvent): number {
  const world = world_of(ctx);
  const type = find_slot_idx(e.attr.bp_type);
  const used = max_bp_pinned_slots(world, e, type);
  const result = reserve_bp_slot(world, e, e.attr.bp_type);
  const slots = world.slots[type];
  if (result === 0) ctx.emit('slot-reserve', { event: e.text, perf_event: e.id, type: type_name(e.attr.bp_type), used: used + 1, slots });
  else {
    const holders = result === -ERRNO.ENOSPC ? slot_holders(ctx, e) : '';
    ctx.emit('slot-refuse', {
      event: e.text,
      type: type_name(e.attr.bp_type),
      errno: errnoName(-result) ?? String(result),
      used,
      slots,
      holders,
    });
  }
  return result;
}

export function release(ctx: KernelContext, e: PerfEvent): void {
  const world = world_of(ctx);
  const type = find_slot_idx(e.attr.bp_type);
  release_bp_slot(world, e, e.attr.bp_type);
  const used = max_bp_pinned_slots(world, e, type);
  ctx.emit('slot-release', { event: e.text, perf_event: e.id, type: type_name(e.attr.bp_type), used, slots: world.slots[type] });
}

/** hw_breakpoint_parse: the comparator's settings, or a negated errno. The machine's programs run as root: CAP_SYS_ADMIN is held. */
export function parse(attr: PerfAttr, task: number): ArchHwBreakpoint | number {
  const info = hw_breakpoint_arch_parse({ bp_type: attr.bp_type, bp_addr: attr.bp_addr, bp_len: attr.bp_len, task, compat: false });
  if (typeof info === 'number') return info;
  if (arch_check_bp_in_kernelspace(info) && (attr.flags & ATTR.exclude_kernel) !== 0n) return -ERRNO.EINVAL;
  return info;
}

/** register_perf_hw_breakpoint: a slot first, the rest second. On error the event is gone. */
export const register_perf_hw_breakpoint = op('register_perf_hw_breakpoint', (ctx, id) => {
  const e = event_of(ctx, id!);
  const reserved = reserve(ctx, e);
  if (reserved !== 0) {
    ctx.kernel.perf_events.delete(e.id);
    return reserved;
  }
  const info = parse(e.attr, e.task);
  if (typeof info === 'number') {
    release(ctx, e);
    ctx.kernel.perf_events.delete(e.id);
    return info;
  }
  e.info = info;
  if (info.privilege === AARCH64_BREAKPOINT.EL1) {
    // Accepted by the kernel's rules; this machine does not check kernel accesses and steps against comparators yet.
    ctx.emit('unknown-syscall', { name: 'breakpoints on kernel addresses', number: 0, args: e.text });
    release(ctx, e);
    ctx.kernel.perf_events.delete(e.id);
    return -ERRNO.EOPNOTSUPP;
  }
  return 0;
});

/** The event joins its context; 1 when it is this CPU's turn to install it, 0 when another CPU was asked to or nothing is to be done. */
export const perf_install_in_context = op('perf_install_in_context', (ctx, id) => {
  const e = event_of(ctx, id!);
  if (e.task === 0) {
    ctx.kernel.cpus[e.cpu]!.perf_events.push(e.id);
    return want_resched(ctx, e);
  }
  const task = ctx.kernel.tasks.get(e.task);
  if (!task) return -ERRNO.ESRCH;
  task.perf_events.push(e.id);
  return want_resched(ctx, e);
});

/** Whether the event's context is live here; another CPU where it is live is interrupted. */
export function want_resched(ctx: KernelContext, e: PerfEvent): number {
  if (e.task === 0) {
    if (e.cpu === ctx.cpu) return 1;
    ctx.interrupt_perf(e.cpu);
    return 0;
  }
  const task = ctx.kernel.tasks.get(e.task);
  if (!task?.on_cpu) return 0;
  if (task.tid === ctx.current.tid) return 1;
  ctx.interrupt_perf(task.cpu);
  return 0;
}

export function perf_event_update_time(ctx: KernelContext, e: PerfEvent): void {
  const now = ctx.now();
  const delta = now - e.time_stamp;
  e.time_stamp = now;
  // A context's time runs only while the context is on a CPU, and then its events are too, unless they are for another CPU.
  if (e.state === PERF_EVENT_STATE.ACTIVE) e.time_running += delta;
  if (e.state === PERF_EVENT_STATE.ACTIVE || (e.state === PERF_EVENT_STATE.INACTIVE && e.task !== 0 && e.cpu >= 0)) e.time_enabled += delta;
}
export function set_state(ctx: KernelContext, e: PerfEvent, state: number): void {
  perf_event_update_time(ctx, e);
  e.state = state;
}

/** Whether the event should be on this CPU now and is not. */
export const event_can_sched_in = op('event_can_sched_in', (ctx, id) => {
  const e = event_of(ctx, id!);
  return e.state === PERF_EVENT_STATE.INACTIVE && (e.cpu === -1 || e.cpu === ctx.cpu) ? 1 : 0;
});
export const event_is_active_here = op('event_is_active_here', (ctx, id) => {
  return ctx.kernel.perf_events.get(id!)?.on_cpu === ctx.cpu ? 1 : 0;
});
export const event_installed = op('event_installed', (ctx, id, result) => {
  const e = event_of(ctx, id!);
  if (result === 0) {
    e.stopped = false;
    set_state(ctx, e, PERF_EVENT_STATE.ACTIVE);
  } else if ((e.attr.flags & ATTR.pinned) !== 0n) set_state(ctx, e, PERF_EVENT_STATE.ERROR);
  return 0;
});
/** It left its slot: inactive, unless somebody turned it off meanwhile. */
export const event_left = op('event_left', (ctx, id) => {
  const e = event_of(ctx, id!);
  if (e.state === PERF_EVENT_STATE.ACTIVE) set_state(ctx, e, PERF_EVENT_STATE.INACTIVE);
  return 0;
});

export const event_sched_in = fn('event_sched_in', 'can install installed', function* (k, L, id) {
  if (!(yield k.op(L.can, event_can_sched_in, id))) return 0;
  const result = yield k.call(L.install, arch_install_hw_breakpoint, id);
  yield k.op(L.installed, event_installed, id, result);
  return result;
});

export const event_sched_out = fn('event_sched_out', 'active uninstall left', function* (k, L, id) {
  if (!(yield k.op(L.active, event_is_active_here, id))) return 0;
  yield k.call(L.uninstall, arch_uninstall_hw_breakpoint, id);
  yield k.op(L.left, event_left, id);
  return 0;
});

/** The n-th event of current, 0: no more. */
export const nth_task_event = op('nth_task_event', (ctx, n) => ctx.current.perf_events[n!] ?? 0);
export const nth_cpu_event = op('nth_cpu_event', (ctx, n) => ctx.kernel.cpus[ctx.cpu]!.perf_events[n!] ?? 0);

export const perf_sched_in_from = fn('perf_sched_in_from', 'next in again', function* (k, L, n) {
  const id = yield k.op(L.next, nth_task_event, n);
  if (id === 0) return 0;
  yield k.call(L.in, event_sched_in, id);
  yield k.again(L.again, n + 1);
  return 0;
});
export const perf_sched_out_from = fn('perf_sched_out_from', 'next out again', function* (k, L, n) {
  const id = yield k.op(L.next, nth_task_event, n);
  if (id === 0) return 0;
  yield k.call(L.out, event_sched_out, id);
  yield k.again(L.again, n + 1);
  return 0;
});

export const perf_event_task_sched_in = fn('perf_event_task_sched_in', 'all', function* (k, L) {
  return yield k.call(L.all, perf_sched_in_from, 0);
});
export const perf_event_task_sched_out = fn('perf_event_task_sched_out', 'all', function* (k, L) {
  return yield k.call(L.all, perf_sched_out_from, 0);
});

/** Another CPU changed events whose context is live here: what should be on is put on, what should not is taken off. */
export const perf_ctx_resched = fn('perf_ctx_resched', 'tasks cpus', function* (k, L) {
  yield k.call(L.tasks, perf_resched_from, 0, 0);
  yield k.call(L.cpus, perf_resched_from, 0, 1);
  return 0;
});
/** State wanted by somebody else: 2 off, 1 on, 0 as it is. */
export const event_wanted = op('event_wanted', (ctx, id) => {
  const e = event_of(ctx, id!);
  if (e.state === PERF_EVENT_STATE.INACTIVE && (e.cpu === -1 || e.cpu === ctx.cpu)) return 1;
  return e.on_cpu === ctx.cpu && e.state !== PERF_EVENT_STATE.ACTIVE ? 2 : 0;
});
export const perf_resched_from = fn('perf_resched_from', 'task cpu wanted in out again', function* (k, L, n, which) {
  const id = which === 0 ? yield k.op(L.task, nth_task_event, n) : yield k.op(L.cpu, nth_cpu_event, n);
  if (id === 0) return 0;
  const wanted = yield k.op(L.wanted, event_wanted, id);
  if (wanted === 1) yield k.call(L.in, event_sched_in, id);
  if (wanted === 2) yield k.call(L.out, arch_uninstall_hw_breakpoint, id);
  yield k.again(L.again, n + 1, which);
  return 0;
});

// The machine's own events

export const alloc_configured_event = op('alloc_configured_event', (ctx, n) => {
  const spec = ctx.config.events[n!];
  if (!spec) return 0;
  const attr = configured_attr(spec.type, spec.address, spec.length);
  return alloc_event(ctx, { attr, text: spec.text, task: ctx.current.tid, cpu: -1, parent: 0 }).id;
});
export const configured_refused = op('configured_refused', (ctx, n, error) => {
  const spec = ctx.config.events[n!]!;
  const name = errnoName(error!) ?? String(error);
  const held = [...ctx.kernel.perf_events.values()].map((e) => e.text).join(', ');
  const why =
    error === -ERRNO.ENOSPC
      ? `no free slot: ${spec.type === 4 ? ctx.config.brps : ctx.config.wrps} comparators, held by ${held}`
      : 'the kernel refuses this address, length or access';
  ctx.kernel.boot_error = `event '${spec.text}': ${name}, ${why}`;
  return 0;
});

/** Opens config.events on the first task, the way perf stat would: reserve, parse, install. */
export const open_configured_events = fn('open_configured_events', 'alloc register refused install sched_in again', function* (k, L, n) {
  const id = yield k.op(L.alloc, alloc_configured_event, n);
  if (id === 0) return 0;
  const result = yield k.op(L.register, register_perf_hw_breakpoint, id);
  if (result < 0) {
    yield k.op(L.refused, configured_refused, n, result);
    return result;
  }
  if (yield k.op(L.install, perf_install_in_context, id)) yield k.call(L.sched_in, event_sched_in, id);
  yield k.again(L.again, n + 1);
  return 0;
});
