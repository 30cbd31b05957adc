// Sending signals: queueing, waking, job control. Kernel names: send_signal_locked, complete_signal, force_sig_fault.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { ThreadGroup } from '../process/records.ts';
import { type Task, TIF } from '../records.ts';
import {
  IGNORED_BY_DEFAULT,
  SI,
  SIG,
  SIG_DFL,
  SIG_IGN,
  type SigAction,
  type SigInfo,
  STOPS_BY_DEFAULT,
  UNBLOCKABLE,
  sigmask,
  signal_name,
} from './records.ts';

export const DEFAULT_ACTION: SigAction = { handler: SIG_DFL, flags: 0, mask: 0n };

export const group_of = (ctx: KernelContext, task: Task): ThreadGroup => ctx.kernel.groups.get(task.tgid)!;
export const action_of = (ctx: KernelContext, task: Task, signo: number): SigAction =>
  ctx.kernel.sighands.get(task.sighand)?.actions.get(signo) ?? DEFAULT_ACTION;

export const sig_info = (signo: number, code: number, fields: Partial<SigInfo> = {}): SigInfo => ({
  signo,
  code,
  errno: 0,
  pid: 0,
  uid: 0,
  value: 0n,
  address: 0,
  cause: -1,
  ...fields,
});

/** Signals queued for the thread or its process. */
export function pending_mask(ctx: KernelContext, task: Task): bigint {
  let mask = 0n;
  for (const info of task.pending) mask |= sigmask(info.signo);
  for (const info of ctx.kernel.groups.get(task.tgid)?.pending ?? []) mask |= sigmask(info.signo);
  return mask;
}

/** A signal waits that the thread does not block, or its process is being killed. */
export function signal_pending(ctx: KernelContext, task: Task): boolean {
  const group = ctx.kernel.groups.get(task.tgid);
  if (group === undefined) return false;
  if ((group.group_exit >= 0 || task.zapped) && task.state !== 'zombie' && task.state !== 'dead') return true;
  if (task.pending.length === 0 && group.pending.length === 0) return false;
  return (pending_mask(ctx, task) & ~task.blocked) !== 0n;
}

/** Makes the thread look at its signals before its next user instruction if there are any. */
export function recalc_sigpending(ctx: KernelContext, task: Task): void {
  if (signal_pending(ctx, task)) ctx.set_tif(task, TIF.SIGPENDING);
}

function ignored(ctx: KernelContext, task: Task, signo: number): boolean {
  if ((task.blocked & sigmask(signo)) !== 0n) return false;
  const { handler } = action_of(ctx, task, signo);
  return handler === SIG_IGN || (handler === SIG_DFL && (IGNORED_BY_DEFAULT & sigmask(signo)) !== 0n);
}

/** Sends to one thread (`whole` false) or to its process. Returns 0 or a negated errno. */
export function send_signal(ctx: KernelContext, task: Task, info: SigInfo, whole: boolean): number {
  const group = ctx.kernel.groups.get(task.tgid);
  if (group === undefined || task.state === 'dead') return -ERRNO.ESRCH;
  if (task.state === 'zombie' && group.live === 0) return 0;
  const bit = sigmask(info.signo);
  const threads = group.threads
    .map((tid) => ctx.kernel.tasks.get(tid)!)
    .filter((t) => t !== undefined && t.state !== 'zombie' && t.state !== 'dead');
  const drop = (mask: bigint): void => {
    const keep = (list: SigInfo[]): SigInfo[] => list.filter((i) => (mask & sigmask(i.signo)) === 0n);
    group.pending = keep(group.pending);
    for (const t of threads) t.pending = keep(t.pending);
  };
  if ((STOPS_BY_DEFAULT & bit) !== 0n) drop(sigmask(SIG.CONT));
  if (info.signo === SIG.CONT || info.signo === SIG.KILL) {
    if (info.signo === SIG.CONT) drop(STOPS_BY_DEFAULT);
    if (group.stopped) {
      group.stopped = false;
      group.stop_code = 0;
      group.continued = info.signo === SIG.CONT;
      for (const t of threads) ctx.wake_up_process(t, 0);
    }
  }
  if (ignored(ctx, task, info.signo)) {
    ctx.emit(
      'signal',
      { signal: signal_name(info.signo), code: info.code, address: BigInt(Math.max(0, info.address)), action: 'ignored' },
      { cause: info.cause },
    );
    return 0;
  }
  const queue = whole ? group.pending : task.pending;
  if (info.signo < 32 && queue.some((i) => i.signo === info.signo)) return 0;
  if (queue.length >= 4096) return -ERRNO.EAGAIN;
  queue.push(info);
  if (info.signo === SIG.KILL) {
    for (const t of threads) wake_for_signal(ctx, t);
    return 0;
  }
  const wants = (t: Task): boolean => (t.blocked & bit) === 0n || (UNBLOCKABLE & bit) !== 0n;
  // sigtimedwait takes blocked signals: whoever waits there is worth waking.
  const target = whole ? (threads.find((t) => t.tid === task.tid && wants(t)) ?? threads.find(wants)) : task;
  if (target !== undefined && wants(target)) wake_for_signal(ctx, target);
  else for (const t of whole ? threads : [task]) if (t.wchan === 'do_sigtimedwait') ctx.wake_up_process(t, 0, true);
  return 0;
}

function wake_for_signal(ctx: KernelContext, task: Task): void {
  ctx.set_tif(task, TIF.SIGPENDING);
  if (task.tid !== ctx.current.tid) ctx.wake_up_process(task, -ERRNO.EINTR, true);
}

/** A signal the program's own instruction caused: it cannot be blocked or ignored. */
export function force_sig_fault(ctx: KernelContext, signo: number, code: number, address: number, cause = -1): void {
  const task = ctx.current;
  const hand = ctx.kernel.sighands.get(task.sighand)!;
  const action = action_of(ctx, task, signo);
  const blocked = (task.blocked & sigmask(signo)) !== 0n;
  if (blocked || action.handler === SIG_IGN) {
    hand.actions.delete(signo);
    task.blocked &= ~sigmask(signo);
  }
  task.pending.push(sig_info(signo, code, { address, cause }));
  ctx.set_tif(task, TIF.SIGPENDING);
}

/** The thread dies by this signal whatever it thinks of it. */
export function force_fatal(ctx: KernelContext, signo: number): void {
  ctx.kernel.sighands.get(ctx.current.sighand)!.actions.delete(signo);
  ctx.current.blocked &= ~sigmask(signo);
  ctx.current.pending.push(sig_info(signo, SI.KERNEL));
  ctx.set_tif(ctx.current, TIF.SIGPENDING);
}

/** Starts the end of a process: every thread finds `status` on its way to the program. */
export function start_group_exit(ctx: KernelContext, group: ThreadGroup, status: number): void {
  if (group.group_exit >= 0) return;
  group.group_exit = status;
  group.stopped = false;
  for (const tid of group.threads) {
    const task = ctx.kernel.tasks.get(tid);
    if (task === undefined || task.state === 'zombie' || task.state === 'dead') continue;
    ctx.set_tif(task, TIF.SIGPENDING);
    if (tid !== ctx.current.tid) ctx.wake_up_process(task, -ERRNO.EINTR);
  }
}
