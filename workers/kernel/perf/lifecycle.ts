// What fork, exec and exit mean to perf events: inherited, enabled or removed, and gone with their counts given to the parent.
import {
  event_of,
  event_sched_in,
  event_sched_out,
  alloc_event,
  nth_task_event,
  register_perf_hw_breakpoint,
  release,
  set_state,
} from './core.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { Task } from '../records.ts';
import { fn, op } from '../steps/step.ts';
import { ATTR, PERF_EVENT_STATE, type PerfEvent } from './records.ts';

/** The n-th inheritable event of current cloned for the child: its id; 0 no more; a negated errno. -1000000: skipped. */
export const inherit_event = op('inherit_event', (ctx, child, n) => {
  const id = ctx.current.perf_events[n!];
  if (id === undefined) return 0;
  const from = event_of(ctx, id);
  if ((from.attr.flags & ATTR.inherit) === 0n) return SKIPPED;
  const thread = ctx.kernel.tasks.get(child!)!.tgid === ctx.current.tgid;
  if ((from.attr.flags & ATTR.inherit_thread) !== 0n && !thread) return SKIPPED;
  const origin = from.parent === 0 ? from : event_of(ctx, from.parent);
  const clone = alloc_event(ctx, { attr: { ...from.attr }, text: from.text, task: child!, cpu: from.cpu, parent: origin.id });
  clone.state = from.state >= PERF_EVENT_STATE.INACTIVE ? PERF_EVENT_STATE.INACTIVE : PERF_EVENT_STATE.OFF;
  return clone.id;
});
export const SKIPPED = -1_000_000;
export const link_child = op('link_child', (ctx, id) => {
  const e = event_of(ctx, id!);
  event_of(ctx, e.parent).children.push(e.id);
  ctx.kernel.tasks.get(e.task)!.perf_events.push(e.id);
  return 0;
});

/** perf_event_init_task(child): inherits current's events, each with a slot of its own; without one the fork fails with its errno. */
export const perf_event_init_task = fn('perf_event_init_task', 'all', function* (k, L, child) {
  return yield k.call(L.all, inherit_from, child, 0);
});
export const inherit_from = fn('perf_inherit_from', 'inherit register link again', function* (k, L, child, n) {
  const id = yield k.op(L.inherit, inherit_event, child, n);
  if (id === 0) return 0;
  if (id !== SKIPPED) {
    const result = yield k.op(L.register, register_perf_hw_breakpoint, id);
    if (result < 0) return result;
    yield k.op(L.link, link_child, id);
  }
  yield k.again(L.again, child, n + 1);
  return 0;
});

/** An event ends: its count goes to its parent, its slot is free, its record is gone. */
export function free_event(ctx: KernelContext, e: PerfEvent): void {
  const parent = e.parent === 0 ? undefined : ctx.kernel.perf_events.get(e.parent);
  if (parent) {
    parent.child_count += e.count + e.child_count;
    parent.children.splice(parent.children.indexOf(e.id), 1);
  }
  for (const child of e.children) free_event(ctx, event_of(ctx, child));
  release(ctx, e);
  const owner: Task | undefined = ctx.kernel.tasks.get(e.task);
  const list = e.task === 0 ? ctx.kernel.cpus[e.cpu]!.perf_events : owner?.perf_events;
  if (list?.includes(e.id)) list.splice(list.indexOf(e.id), 1);
  ctx.kernel.perf_events.delete(e.id);
}

/**
 * A task's events end with it. Those opened by somebody (no parent) keep their record, so that a descriptor can still be read, but leave their
 * context; a clone's count goes to its parent.
 */
export const perf_event_gone = op('perf_event_gone', (ctx, id) => {
  const e = event_of(ctx, id!);
  const list = ctx.current.perf_events;
  list.splice(list.indexOf(e.id), 1);
  set_state(ctx, e, PERF_EVENT_STATE.OFF);
  if (e.parent !== 0) free_event(ctx, e);
  return 0;
});
export const perf_event_exit_task = fn('perf_event_exit_task', 'next out gone again', function* (k, L) {
  const id = yield k.op(L.next, nth_task_event, 0);
  if (id === 0) return 0;
  yield k.call(L.out, event_sched_out, id);
  yield k.op(L.gone, perf_event_gone, id);
  yield k.again(L.again);
  return 0;
});

const EXEC = { NOTHING: 0, INSTALL: 1, REMOVE: 2 } as const;
/** What exec means to an event of current: enable_on_exec starts it, remove_on_exec takes it away. */
export const exec_event = op('perf_event_on_exec', (ctx, id) => {
  const e = event_of(ctx, id!);
  if ((e.attr.flags & ATTR.remove_on_exec) !== 0n) return EXEC.REMOVE;
  if ((e.attr.flags & ATTR.enable_on_exec) === 0n) return EXEC.NOTHING;
  e.attr.flags &= ~ATTR.enable_on_exec;
  if (e.state >= PERF_EVENT_STATE.INACTIVE) return EXEC.NOTHING;
  set_state(ctx, e, PERF_EVENT_STATE.INACTIVE);
  return EXEC.INSTALL;
});
export const perf_exec_from = fn('perf_exec_from', 'next what in out gone stay again', function* (k, L, n) {
  const id = yield k.op(L.next, nth_task_event, n);
  if (id === 0) return 0;
  const what = yield k.op(L.what, exec_event, id);
  if (what === EXEC.REMOVE) {
    yield k.call(L.out, event_sched_out, id);
    yield k.op(L.gone, perf_event_gone, id);
    yield k.again(L.stay, n);
  }
  if (what === EXEC.INSTALL) yield k.call(L.in, event_sched_in, id);
  yield k.again(L.again, n + 1);
  return 0;
});
/** perf_event_exec: current has a new program. */
export const perf_event_exec = fn('perf_event_exec', 'all', function* (k, L) {
  return yield k.call(L.all, perf_exec_from, 0);
});
