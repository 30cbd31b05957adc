// The scheduler: one run queue, tasks switched as steps. What the context offers to ops (sleep, wake, timers, new tasks) is built on these.
// Interrupts are taken at EL0 and in the idle loop only; the kernel is not preempted.
import { assert } from '../../base/assert.ts';
import type { KernelContext } from '../kernel-context.ts';
import { type KernelRecords, type Task, TIF } from '../records.ts';
import { fn, op } from '../steps/step.ts';

/** A task runs this long while others wait, plus a random part as long again times three: races must not depend on round numbers. */
export const QUANTUM_NS = 50_000;

/** What the scheduler needs beside the records. */
export interface SchedPort {
  readonly cpus: number;
  now(): number;
  kick(cpu: number): void;
}

const idle = (kernel: KernelRecords, cpu: number): boolean => kernel.cpus[cpu]!.current === 0 && !kernel.cpus[cpu]!.resched;

/** A runnable task that is on no CPU joins the queue; an idle CPU that may run it is woken, the one it last ran on first. */
export function enqueue_task(kernel: KernelRecords, port: SchedPort, task: Task): void {
  assert(!task.on_rq && !task.on_cpu && task.state === 'running', 'only a runnable task that runs nowhere is queued');
  task.on_rq = true;
  kernel.runqueue.push(task.tid);
  const allowed = (cpu: number): boolean => (task.cpus_allowed & (1 << cpu)) !== 0 && idle(kernel, cpu);
  let chosen = allowed(task.cpu) ? task.cpu : -1;
  for (let cpu = 0; chosen < 0 && cpu < port.cpus; cpu++) if (allowed(cpu)) chosen = cpu;
  if (chosen < 0) return;
  kernel.cpus[chosen]!.resched = true;
  port.kick(chosen);
}

/** Position in the run queue of the first task that may run on the CPU, or -1. */
export function first_runnable(kernel: KernelRecords, cpu: number): number {
  for (let i = 0; i < kernel.runqueue.length; i++) if (kernel.tasks.get(kernel.runqueue[i]!)!.cpus_allowed & (1 << cpu)) return i;
  return -1;
}

export function wake_up_process(kernel: KernelRecords, port: SchedPort, task: Task, result: number, interruptible_only: boolean): boolean {
  if (task.state !== 'interruptible' && (task.state !== 'uninterruptible' || interruptible_only)) return false;
  task.state = 'running';
  task.wake_result = result;
  if (task.sleep_timer !== 0) del_timer(kernel, task.sleep_timer);
  task.sleep_timer = 0;
  if (!task.on_cpu) enqueue_task(kernel, port, task);
  return true;
}

export function add_timer(kernel: KernelRecords, expires: number, name: string, arg: number, cpu: number): number {
  const id = kernel.next_timer++;
  const at = kernel.timers.findIndex((t) => t.expires > expires);
  kernel.timers.splice(at < 0 ? kernel.timers.length : at, 0, { id, expires, op: name, arg, cpu });
  return id;
}

export function del_timer(kernel: KernelRecords, id: number): void {
  const at = kernel.timers.findIndex((t) => t.id === id);
  if (at >= 0) kernel.timers.splice(at, 1);
}

/** A sleep's deadline has come: arg is the tid. */
export const process_timeout = op('process_timeout', (ctx, tid) => {
  const task = ctx.kernel.tasks.get(tid!);
  if (!task) return 0;
  task.sleep_timer = 0;
  ctx.wake_up_process(task, -110);
  return 0;
});

/** Whether the current task of the CPU should give way. */
export function quantum_over(kernel: KernelRecords, cpu: number, now: number): boolean {
  const rec = kernel.cpus[cpu]!;
  return now >= rec.quantum_end && kernel.runqueue.length > 0 && first_runnable(kernel, cpu) >= 0;
}

/** Chooses the next task and takes it off the queue. Its tid, 0 for the idle task, -1: the current one goes on. */
export const pick_next_task = op('pick_next_task', (ctx) => {
  const { kernel, cpu, current } = ctx;
  current.flags &= ~TIF.NEED_RESCHED;
  kernel.cpus[cpu]!.resched = false;
  const at = first_runnable(kernel, cpu);
  const stays = current.tid === 0 || (current.state === 'running' && (current.cpus_allowed & (1 << cpu)) !== 0);
  if (at < 0) return stays ? -1 : 0;
  const tid = kernel.runqueue[at]!;
  kernel.runqueue.splice(at, 1);
  const next = kernel.tasks.get(tid)!;
  next.on_rq = false;
  next.on_cpu = true;
  return tid;
});

export const has_perf_context = op('has_perf_context', (ctx) => (ctx.current.perf_events.length > 0 ? 1 : 0));
/** Files whose breakpoints are off for one of current and `next` only: bit 0 BRP, bit 1 WRP; bits 2 and 3: off for next. */
export const debug_state_differs = op('debug_state_differs', (ctx, next) => {
  const mine = ctx.current.debug;
  const its = next === 0 ? ctx.kernel.cpus[ctx.cpu]!.idle.debug : ctx.kernel.tasks.get(next!)!.debug;
  const differs = (mine.bps_disabled === its.bps_disabled ? 0 : 1) | (mine.wps_disabled === its.wps_disabled ? 0 : 2);
  return differs === 0 ? 0 : differs | (its.bps_disabled ? 4 : 0) | (its.wps_disabled ? 8 : 0);
});

/** Gives the CPU to another task if one wants it, or if this one sleeps. */
export const schedule = fn('schedule', 'pick perf out debug toggle switch in_perf in', function* (k, L) {
  const next = yield k.op(L.pick, pick_next_task);
  if (next === -1) return 0;
  if (yield k.op(L.perf, has_perf_context)) yield k.call(L.out, 'perf_event_task_sched_out');
  const differs = yield k.op(L.debug, debug_state_differs, next);
  if (differs !== 0) yield k.call(L.toggle, 'hw_breakpoint_thread_switch', differs);
  yield k.switch_to(L.switch, next);
  if (yield k.op(L.in_perf, has_perf_context)) yield k.call(L.in, 'perf_event_task_sched_in');
  return 0;
});

export const sched_timer_due = op('run_timers', (ctx) => run_timers(ctx));

/** Every timer of this CPU that is due, in order. Number of them. */
function run_timers(ctx: KernelContext): number {
  const { kernel, cpu } = ctx;
  let count = 0;
  for (;;) {
    const at = kernel.timers.findIndex((t) => t.cpu === cpu && t.expires <= ctx.now());
    if (at < 0) break;
    const timer = kernel.timers[at]!;
    kernel.timers.splice(at, 1);
    ctx.run_op(timer.op, timer.arg);
    count++;
  }
  if (quantum_over(kernel, cpu, ctx.now()) || (ctx.current.tid === 0 && first_runnable(kernel, cpu) >= 0))
    ctx.current.flags |= TIF.NEED_RESCHED;
  return count;
}

export const irq_ack = op('irq_ack', (ctx) => {
  const rec = ctx.kernel.cpus[ctx.cpu]!;
  const was = rec.resched;
  rec.resched = false;
  if (was && first_runnable(ctx.kernel, ctx.cpu) >= 0 && ctx.current.tid === 0) ctx.current.flags |= TIF.NEED_RESCHED;
  const perf = rec.perf_resched;
  rec.perf_resched = false;
  return perf ? 1 : 0;
});

/** Acknowledges what is pending: other CPUs' requests and the timer. */
export const handle_irq = fn('handle_irq', 'ack perf timers', function* (k, L) {
  if (yield k.op(L.ack, irq_ack)) yield k.call(L.perf, 'perf_ctx_resched');
  yield k.op(L.timers, sched_timer_due);
  return 0;
});

/** The idle task of each CPU. */
export const do_idle = fn(
  'do_idle',
  'wfi irq sched again',
  function* (k, L) {
    yield k.wfi(L.wfi);
    yield k.call(L.irq, handle_irq);
    yield k.call(L.sched, schedule);
    yield k.again(L.again);
    return 0;
  },
  'naked',
);
