// Delivering signals on the way back to the program: choosing one, restarting the interrupted call, handler, stop or death.
// Kernel names: do_notify_resume, do_signal, get_signal, handle_signal.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import { TIF } from '../records.ts';
import { fn, op } from '../steps/step.ts';
import { handler_mask, restore_rt_frame, setup_rt_frame } from './frame.ts';
import {
  CLD,
  DUMPS_CORE,
  IGNORED_BY_DEFAULT,
  SA,
  SIG,
  SIG_DFL,
  SIG_IGN,
  type SigInfo,
  STOPS_BY_DEFAULT,
  SYNCHRONOUS,
  sigmask,
  signal_name,
} from './records.ts';
import { action_of, force_fatal, group_of, sig_info, send_signal, signal_pending, start_group_exit } from './send.ts';

/** Results of do_signal. */
const DONE = 0;
const DIE = 1;
const STOP = 2;

/** Back to the program with a signal or a restart due. */
export const do_notify_resume = fn('do_notify_resume', 'signal exit schedule woken again', function* (k, L) {
  const next = yield k.op(L.signal, do_signal);
  if (next === DIE) yield k.call(L.exit, 'do_group_exit');
  if (next !== STOP) return 0;
  yield k.call(L.schedule, 'schedule');
  yield k.op(L.woken, leave_stop);
  yield k.again(L.again);
  return 0;
});

export const leave_stop = op('leave_stop', (ctx) => {
  ctx.finish_wait(null);
  return 0;
});

/** Takes the next signal that is not blocked: the thread's own before the process's, faults first, then by number. */
export function dequeue_signal(ctx: KernelContext, blocked: bigint): SigInfo | null {
  const task = ctx.current;
  const group = group_of(ctx, task);
  for (const queue of [task.pending, group.pending]) {
    let best = -1;
    for (let i = 0; i < queue.length; i++) {
      const { signo } = queue[i]!;
      if ((blocked & sigmask(signo)) !== 0n) continue;
      const rank = (s: number): number => ((SYNCHRONOUS & sigmask(s)) !== 0n ? 0 : 100) + s;
      if (best < 0 || rank(signo) < rank(queue[best]!.signo)) best = i;
    }
    if (best >= 0) return queue.splice(best, 1)[0]!;
  }
  return null;
}

export const do_signal = op('do_signal', (ctx) => {
  const task = ctx.current;
  const group = group_of(ctx, task);
  task.flags &= ~(TIF.SIGPENDING | TIF.NOTIFY_RESUME);
  for (;;) {
    if (group.group_exit >= 0 || task.zapped) return DIE;
    const info = dequeue_signal(ctx, task.blocked);
    if (info === null) break;
    const { signo } = info;
    const action = action_of(ctx, task, signo);
    const event = (what: string): number =>
      ctx.emit(
        'signal',
        { signal: signal_name(signo), code: info.code, address: BigInt.asUintN(64, BigInt(Math.trunc(info.address))), action: what },
        { cause: info.cause, pc: ctx.regs.pc_bits },
      );
    const bit = sigmask(signo);
    if (action.handler === SIG_IGN || (action.handler === SIG_DFL && (IGNORED_BY_DEFAULT & bit) !== 0n)) {
      event('ignored');
      continue;
    }
    if (action.handler === SIG_DFL) {
      // The first process has no init's immunity: it is an ordinary program.
      if ((STOPS_BY_DEFAULT & bit) !== 0n) {
        event('stopped');
        if (!group.stopped) stop_group(ctx, signo);
        ctx.prepare_to_wait(null, 'do_signal_stop', false, -1);
        return STOP;
      }
      // What follows, the end of the thread, is because of it.
      task.cause = event('terminated');
      start_group_exit(ctx, group, signo | ((DUMPS_CORE & bit) !== 0n ? 0x80 : 0));
      return DIE;
    }
    event('handler');
    restart_syscall(ctx, (action.flags & SA.RESTART) !== 0, true);
    const oldmask = task.saved_sigmask ?? task.blocked;
    task.saved_sigmask = null;
    if (setup_rt_frame(ctx, info, action, oldmask)) {
      task.blocked |= handler_mask(action, signo);
      if ((action.flags & SA.RESETHAND) !== 0) ctx.kernel.sighands.get(task.sighand)!.actions.delete(signo);
    } else force_fatal(ctx, SIG.SEGV);
  }
  restart_syscall(ctx, true, false);
  if (task.saved_sigmask !== null) {
    task.blocked = task.saved_sigmask;
    task.saved_sigmask = null;
    if (signal_pending(ctx, task)) ctx.set_tif(task, TIF.SIGPENDING);
  }
  return DONE;
});

/** Turns a restart result into -EINTR or makes the program execute its SVC again. */
function restart_syscall(ctx: KernelContext, sa_restart: boolean, handler: boolean): void {
  const { regs } = ctx;
  if (regs.syscallno < 0) return;
  const result = regs.x(0);
  const again =
    result === -ERRNO.ERESTARTNOINTR ||
    (result === -ERRNO.ERESTARTSYS && sa_restart) ||
    ((result === -ERRNO.ERESTARTNOHAND || result === -ERRNO.ERESTART_RESTARTBLOCK) && !handler);
  if (again) {
    regs.set_x_bits(0, regs.orig_x0_bits);
    regs.pc -= 4;
    ctx.current.call.phase = result === -ERRNO.ERESTART_RESTARTBLOCK ? RESTART_BLOCK : 0;
  } else if (result <= -ERRNO.ERESTARTSYS && result >= -ERRNO.ERESTART_RESTARTBLOCK) regs.set_x(0, -ERRNO.EINTR);
  regs.syscallno = -1;
}

/** In call.phase: the call that begins now goes on with the deadline of the one before (restart_syscall of the kernel). */
export const RESTART_BLOCK = -1;

function stop_group(ctx: KernelContext, signo: number): void {
  const group = group_of(ctx, ctx.current);
  group.stopped = true;
  group.stop_code = (signo << 8) | 0x7f;
  group.continued = false;
  for (const tid of group.threads) {
    const task = ctx.kernel.tasks.get(tid);
    // The others stop when they next leave the kernel.
    if (task !== undefined && tid !== ctx.current.tid && task.state !== 'zombie' && task.state !== 'dead') {
      task.pending.push(sig_info(SIG.STOP, 0));
      ctx.set_tif(task, TIF.SIGPENDING);
    }
  }
  notify_parent(ctx, CLD.STOPPED, signo);
}

/** SIGCHLD to the parent of current's process, and its waiters wake. */
export function notify_parent(ctx: KernelContext, code: number, status: number): void {
  const group = group_of(ctx, ctx.current);
  const parent = ctx.kernel.groups.get(group.parent);
  if (parent === undefined) return;
  const leader = ctx.kernel.tasks.get(parent.tgid) ?? ctx.kernel.tasks.get(parent.threads[0] ?? 0);
  if (leader !== undefined && (code < CLD.STOPPED || (action_of(ctx, leader, SIG.CHLD).flags & SA.NOCLDSTOP) === 0)) {
    if (group.exit_signal > 0)
      send_signal(ctx, leader, sig_info(group.exit_signal, code, { pid: group.tgid, value: BigInt(status) }), true);
  }
  ctx.wake_up(parent.wait_chldexit, 1000);
}

export const sys_rt_sigreturn_work = op('rt_sigreturn', (ctx) => {
  if (!restore_rt_frame(ctx)) force_fatal(ctx, SIG.SEGV);
  return 0;
});
