// How threads and processes end and how a parent learns of it. Kernel names: do_exit, exit_notify, wait_consider_task.
import { futex_wake_address } from '../futex/futex.ts';
import type { KernelContext } from '../kernel-context.ts';
import { file_table_put } from '../fs/file.ts';
import { mmput } from '../mm/vma.ts';
import type { Task } from '../records.ts';
import { notify_parent } from '../signals/deliver.ts';
import { CLD, SA, SIG, SIG_IGN, signal_name } from '../signals/records.ts';
import { action_of, group_of, start_group_exit } from '../signals/send.ts';
import { fn, op } from '../steps/step.ts';
import { sys, type SyscallRow } from '../syscalls/define.ts';
import type { ThreadGroup } from './records.ts';

/** Ends the calling thread with a wait() status. Never returns. */
export const do_exit = fn('do_exit', 'events work closed perf schedule', function* (k, L, code) {
  yield k.call(L.events, 'perf_event_exit_task');
  yield k.op(L.work, exit_work, code);
  yield k.call(L.perf, 'release_closed_perf_events');
  yield k.call(L.schedule, 'schedule');
  yield k.nop(L.closed);
  return 0;
});

/** Ends the thread with the status its process is ending with. */
export const do_group_exit = fn('do_group_exit', 'code exit', function* (k, L) {
  const code = yield k.op(L.code, group_exit_code);
  yield k.call(L.exit, do_exit, code);
  return 0;
});

export const group_exit_code = op('group_exit_code', (ctx) => Math.max(0, group_of(ctx, ctx.current).group_exit));

export const sys_exit = fn('sys_exit', 'code exit', function* (k, L) {
  const code = yield k.op(L.code, exit_argument);
  yield k.call(L.exit, do_exit, code);
  return 0;
});
export const exit_argument = op('exit_argument', (ctx) => (ctx.regs.w(0) & 255) << 8);

export const sys_exit_group = fn('sys_exit_group', 'start exit', function* (k, L) {
  const code = yield k.op(L.start, exit_group_start);
  yield k.call(L.exit, do_exit, code);
  return 0;
});
/** A group exit that came first decides the status. */
export const exit_group_start = op('exit_group_start', (ctx) => {
  const group = group_of(ctx, ctx.current);
  start_group_exit(ctx, group, (ctx.regs.w(0) & 255) << 8);
  return group.group_exit;
});

/** Lets go of the address space: the address of CLONE_CHILD_CLEARTID is cleared, a parent in vfork goes on. */
export function mm_release(ctx: KernelContext, task: Task): void {
  if (task.clear_child_tid !== 0) {
    // Only when somebody else can see it.
    if (ctx.kernel.mms.get(task.mm)!.users > 1 && ctx.user.put_user32(task.clear_child_tid, 0) === 0)
      futex_wake_address(ctx, task.clear_child_tid, 1);
    task.clear_child_tid = 0;
  }
  if (task.vfork_parent !== 0) {
    const parent = ctx.kernel.tasks.get(task.vfork_parent);
    task.vfork_parent = 0;
    if (parent !== undefined) ctx.wake_up_process(parent, 0);
  }
}

const FUTEX_OWNER_DIED = 0x4000_0000;
const FUTEX_WAITERS = 0x8000_0000;
const FUTEX_TID_MASK = 0x3fff_ffff;
const ROBUST_LIST_LIMIT = 2048;

/** Marks the robust mutexes the thread still holds as ownerless. */
function exit_robust_list(ctx: KernelContext, task: Task): void {
  const head = task.robust_list;
  if (head === 0) return;
  const offset = ctx.user.get_user64(head + 8);
  const first = ctx.user.get_user64(head);
  const pending = ctx.user.get_user64(head + 16);
  if (offset === null || first === null || pending === null) return;
  const handle = (entry: number): void => {
    // Bit 0 marks a priority-inheritance lock.
    const address = entry - (entry % 2) + Number(BigInt.asIntN(64, offset));
    const word = ctx.user.get_user32(address);
    if (word < 0 || (word & FUTEX_TID_MASK) !== task.tid) return;
    ctx.user.put_user32(address, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0);
    if ((word & FUTEX_WAITERS) !== 0) futex_wake_address(ctx, address, 1);
  };
  let entry = Number(first);
  for (let n = 0; n < ROBUST_LIST_LIMIT && entry !== head; n++) {
    const next = ctx.user.get_user64(entry);
    if (entry !== Number(pending)) handle(entry);
    if (next === null) return;
    entry = Number(next);
  }
  if (pending !== 0n) handle(Number(pending));
}

/** Everything of do_exit that is not perf's: ends in state zombie or dead. `code` is a wait() status. */
export const exit_work = op('exit_work', (ctx, code) => {
  const task = ctx.current;
  const group = group_of(ctx, task);
  task.exit_code = group.group_exit >= 0 ? group.group_exit : code!;
  const status = task.exit_code;
  const last = group.live === 1;
  ctx.emit('exit', { code: status >> 8, signal: (status & 0x7f) !== 0 ? signal_name(status & 0x7f) : '', group: last });
  exit_robust_list(ctx, task);
  const { mm } = task;
  if (mm !== 0) {
    mm_release(ctx, task);
    ctx.switch_mm(0);
    task.mm = 0;
    mmput(ctx, mm);
  }
  file_table_put(ctx, task.files);
  task.files = 0;
  const fs = ctx.kernel.fs_contexts.get(task.fs)!;
  if (--fs.refs === 0) ctx.kernel.fs_contexts.delete(fs.id);
  task.fs = 0;
  group.live--;
  group.utime += task.runtime + (ctx.now() - task.sched_in);
  if (task.tid !== task.tgid) {
    group.threads = group.threads.filter((tid) => tid !== task.tid);
    put_sighand(ctx, task);
  }
  if (group.live === 0) end_process(ctx, group);
  else if (task.tid === task.tgid) task.state = 'zombie';
  if (task.tid !== task.tgid) {
    task.state = 'dead';
    ctx.release_task(task);
  }
  // Others may wait for this thread to be gone (execve).
  ctx.wake_up(group.wait_chldexit, 1000);
  return 0;
});

function put_sighand(ctx: KernelContext, task: Task): void {
  const hand = ctx.kernel.sighands.get(task.sighand);
  if (hand !== undefined && --hand.refs === 0) ctx.kernel.sighands.delete(task.sighand);
  task.sighand = 0;
}

/** The last thread has ended: children get a new parent, the parent is told, or nobody is and the process goes at once. */
function end_process(ctx: KernelContext, group: ThreadGroup): void {
  const { kernel } = ctx;
  for (const timer of group.itimers) if (timer.timer !== 0) ctx.del_timer(timer.timer);
  group.itimers = [];
  const leader = kernel.tasks.get(group.tgid)!;
  const status = group.group_exit >= 0 ? group.group_exit : leader.exit_code;
  leader.exit_code = status;
  leader.state = 'zombie';
  if (group.tgid === kernel.first_tgid) {
    const signal = status & 0x7f;
    ctx.power_off(signal === 0 ? status >> 8 : 128 + signal, signal === 0 ? null : signal_name(signal));
    return;
  }
  const reaper = kernel.groups.get(kernel.first_tgid);
  for (const child of [...kernel.groups.values()]) {
    if (child.parent !== group.tgid) continue;
    child.parent = kernel.first_tgid;
    if (child.live === 0 && reaper !== undefined) ctx.wake_up(reaper.wait_chldexit, 1000);
  }
  const parent = kernel.groups.get(group.parent);
  const parentTask = parent === undefined ? undefined : (kernel.tasks.get(parent.tgid) ?? kernel.tasks.get(parent.threads[0] ?? 0));
  const action = parentTask === undefined ? null : action_of(ctx, parentTask, SIG.CHLD);
  const unwanted =
    action === null || (group.exit_signal === SIG.CHLD && (action.handler === SIG_IGN || (action.flags & SA.NOCLDWAIT) !== 0));
  const signal = status & 0x7f;
  notify_parent(ctx, signal === 0 ? CLD.EXITED : (status & 0x80) !== 0 ? CLD.DUMPED : CLD.KILLED, signal === 0 ? status >> 8 : signal);
  if (unwanted) reap(ctx, group);
}

/** Takes a zombie process away. */
export function reap(ctx: KernelContext, group: ThreadGroup): void {
  const leader = ctx.kernel.tasks.get(group.tgid);
  const parent = ctx.kernel.groups.get(group.parent);
  if (parent !== undefined) parent.cutime += group.utime + group.cutime;
  ctx.kernel.groups.delete(group.tgid);
  if (leader === undefined) return;
  put_sighand(ctx, leader);
  leader.state = 'dead';
  ctx.release_task(leader);
}

export const EXIT_CALLS: readonly SyscallRow[] = [
  { name: 'exit', args: 'd', pointer: false, run: sys_exit, ops: [exit_argument, exit_work, group_exit_code] },
  { name: 'exit_group', args: 'd', pointer: false, run: sys_exit_group, ops: [exit_group_start] },
  sys('set_tid_address', 'p', (ctx, r) => {
    ctx.current.clear_child_tid = r.x(0);
    return ctx.current.tid;
  }),
];
