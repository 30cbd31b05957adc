// System calls on signals.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { Task } from '../records.ts';
import { fn } from '../steps/step.ts';
import { int, sleep_on, sleeping, sys, type SyscallRow } from '../syscalls/define.ts';
import { get_timespec } from '../time/rusage.ts';
import { dequeue_signal, sys_rt_sigreturn_work } from './deliver.ts';
import { encode_siginfo, sas_ss_flags } from './frame.ts';
import { IGNORED_BY_DEFAULT, NSIG, SI, SIG_DFL, SIG_IGN, UNBLOCKABLE, sigmask } from './records.ts';
import { action_of, group_of, pending_mask, recalc_sigpending, send_signal, sig_info } from './send.ts';

export const sys_rt_sigreturn = fn('sys_rt_sigreturn', 'restore', function* (k, L) {
  yield k.op(L.restore, sys_rt_sigreturn_work);
  return 0;
});

const leader_of = (ctx: KernelContext, tgid: number): Task | undefined => {
  const group = ctx.kernel.groups.get(tgid);
  return group === undefined ? undefined : (ctx.kernel.tasks.get(tgid) ?? ctx.kernel.tasks.get(group.threads[0] ?? 0));
};

function kill(ctx: KernelContext, pid: number, signo: number): number {
  if (signo < 0 || signo > NSIG) return -ERRNO.EINVAL;
  const info = sig_info(signo, SI.USER, { pid: ctx.current.tgid });
  const send = (task: Task): number => (signo === 0 ? 0 : send_signal(ctx, task, info, true));
  if (pid > 0) {
    const task = leader_of(ctx, pid);
    return task === undefined ? -ERRNO.ESRCH : send(task);
  }
  const pgid = pid === 0 ? group_of(ctx, ctx.current).pgid : -pid;
  let found = false;
  for (const group of [...ctx.kernel.groups.values()]) {
    if (pid === -1 ? group.tgid === ctx.current.tgid || group.tgid === ctx.kernel.first_tgid : group.pgid !== pgid) continue;
    const task = leader_of(ctx, group.tgid);
    if (task === undefined) continue;
    found = true;
    send(task);
  }
  return found ? 0 : -ERRNO.ESRCH;
}

function tgkill(ctx: KernelContext, tgid: number, tid: number, signo: number): number {
  if (tid <= 0 || tgid === 0 || signo < 0 || signo > NSIG) return -ERRNO.EINVAL;
  const task = ctx.kernel.tasks.get(tid);
  if (task === undefined || task.state === 'dead' || (tgid > 0 && task.tgid !== tgid)) return -ERRNO.ESRCH;
  return signo === 0 ? 0 : send_signal(ctx, task, sig_info(signo, SI.TKILL, { pid: ctx.current.tgid }), false);
}

/** Changes the mask by SIG_BLOCK 0, SIG_UNBLOCK 1, SIG_SETMASK 2. */
function set_mask(ctx: KernelContext, how: number, mask: bigint): number {
  const task = ctx.current;
  if (how === 0) task.blocked |= mask;
  else if (how === 1) task.blocked &= ~mask;
  else if (how === 2) task.blocked = mask;
  else return -ERRNO.EINVAL;
  task.blocked &= ~UNBLOCKABLE;
  recalc_sigpending(ctx, task);
  return 0;
}

function sigaction(ctx: KernelContext, signo: number, next: number, old: number): number {
  if (signo < 1 || signo > NSIG || (next !== 0 && (UNBLOCKABLE & sigmask(signo)) !== 0n)) return -ERRNO.EINVAL;
  const task = ctx.current;
  const before = action_of(ctx, task, signo);
  const hand = ctx.kernel.sighands.get(task.sighand)!;
  if (next !== 0) {
    const bytes = ctx.user.copy_from_user(next, 32);
    if (bytes === null) return -ERRNO.EFAULT;
    const at = new DataView(bytes.buffer);
    const handler = Number(at.getBigInt64(0, true));
    const action = { handler, flags: at.getUint32(8, true), mask: at.getBigUint64(24, true) & ~UNBLOCKABLE };
    hand.actions.set(signo, action);
    // What is ignored from now on is forgotten.
    if (handler === SIG_IGN || (handler === SIG_DFL && (IGNORED_BY_DEFAULT & sigmask(signo)) !== 0n)) {
      const group = group_of(ctx, task);
      group.pending = group.pending.filter((i) => i.signo !== signo);
      task.pending = task.pending.filter((i) => i.signo !== signo);
    }
  }
  if (old !== 0) {
    const bytes = new Uint8Array(32);
    const at = new DataView(bytes.buffer);
    at.setBigInt64(0, BigInt(before.handler), true);
    at.setBigUint64(8, BigInt(before.flags >>> 0), true);
    at.setBigUint64(24, before.mask, true);
    if (ctx.user.copy_to_user(old, bytes) !== 0) return -ERRNO.EFAULT;
  }
  return 0;
}

function sigaltstack(ctx: KernelContext, next: number, old: number): number {
  const task = ctx.current;
  const before = { sp: task.sas_sp, size: task.sas_size, flags: sas_ss_flags(ctx, ctx.regs.sp) | (task.sas_flags & 0x8000_0000) };
  if (next !== 0) {
    const bytes = ctx.user.copy_from_user(next, 24);
    if (bytes === null) return -ERRNO.EFAULT;
    if ((before.flags & 1) !== 0) return -ERRNO.EPERM;
    const at = new DataView(bytes.buffer);
    const flags = at.getUint32(8, true);
    const mode = flags & 0x7fff_ffff;
    if (mode !== 0 && mode !== 1 && mode !== 2) return -ERRNO.EINVAL;
    const size = Number(at.getBigUint64(16, true));
    if (mode !== 2 && size < 5120) return -ERRNO.ENOMEM;
    task.sas_sp = mode === 2 ? 0 : Number(at.getBigUint64(0, true));
    task.sas_size = mode === 2 ? 0 : size;
    task.sas_flags = flags;
  }
  if (old !== 0) {
    const bytes = new Uint8Array(24);
    const at = new DataView(bytes.buffer);
    at.setBigUint64(0, BigInt(before.sp), true);
    at.setUint32(8, before.flags >>> 0, true);
    at.setBigUint64(16, BigInt(before.size), true);
    if (ctx.user.copy_to_user(old, bytes) !== 0) return -ERRNO.EFAULT;
  }
  return 0;
}

/** siginfo a program gives with rt_sigqueueinfo; -errno. */
function queue_info(ctx: KernelContext, address: number, signo: number) {
  const bytes = ctx.user.copy_from_user(address, 128);
  if (bytes === null) return -ERRNO.EFAULT;
  const at = new DataView(bytes.buffer);
  const code = at.getInt32(8, true);
  if (code >= 0 || code === SI.TKILL) return -ERRNO.EPERM;
  return sig_info(signo, code, {
    errno: at.getInt32(4, true),
    pid: at.getInt32(16, true),
    uid: at.getInt32(20, true),
    value: at.getBigUint64(24, true),
  });
}

export const SIGNAL_CALLS: readonly SyscallRow[] = [
  { name: 'rt_sigreturn', args: '', pointer: false, run: sys_rt_sigreturn, ops: [sys_rt_sigreturn_work] },
  sys('rt_sigaction', 'dppl', (ctx, r) => (r.x(3) !== 8 ? -ERRNO.EINVAL : sigaction(ctx, int(r, 0), r.x(1), r.x(2)))),
  sys('rt_sigprocmask', 'dppl', (ctx, r) => {
    if (r.x(3) !== 8) return -ERRNO.EINVAL;
    const before = ctx.current.blocked;
    if (r.x(1) !== 0) {
      const mask = ctx.user.get_user64(r.x(1));
      if (mask === null) return -ERRNO.EFAULT;
      const result = set_mask(ctx, int(r, 0), mask);
      if (result < 0) return result;
    }
    return r.x(2) !== 0 ? ctx.user.put_user64(r.x(2), before) : 0;
  }),
  sys('rt_sigpending', 'pl', (ctx, r) => ctx.user.put_user64(r.x(0), pending_mask(ctx, ctx.current) & ctx.current.blocked)),
  sleeping('rt_sigsuspend', 'pl', (ctx, r) => {
    const task = ctx.current;
    if (task.call.phase === 0) {
      const mask = ctx.user.get_user64(r.x(0));
      if (mask === null) return -ERRNO.EFAULT;
      task.saved_sigmask = task.blocked;
      task.blocked = mask & ~UNBLOCKABLE;
      task.call.phase = 1;
    }
    return sleep_on(ctx, 'nap', 'sigsuspend', -1, -ERRNO.ERESTARTNOHAND);
  }),
  sleeping('rt_sigtimedwait', 'pppl', (ctx, r) => {
    const task = ctx.current;
    const mask = ctx.user.get_user64(r.x(0));
    if (mask === null) return -ERRNO.EFAULT;
    if (task.call.phase === 0 && r.x(2) !== 0) {
      const time = get_timespec(ctx, r.x(2));
      if (time === null) return -ERRNO.EFAULT;
      if (time === 'invalid') return -ERRNO.EINVAL;
      task.call.deadline = ctx.now() + time.s * 1e9 + time.ns;
    }
    task.call.phase = 1;
    const info = dequeue_signal(ctx, ~mask | UNBLOCKABLE);
    if (info !== null) {
      if (r.x(1) !== 0 && ctx.user.copy_to_user(r.x(1), encode_siginfo(info)) !== 0) return -ERRNO.EFAULT;
      return info.signo;
    }
    const result = sleep_on(ctx, 'nap', 'do_sigtimedwait', task.call.deadline, -ERRNO.EINTR);
    return result === -ERRNO.ETIMEDOUT ? -ERRNO.EAGAIN : result;
  }),
  sys('rt_sigqueueinfo', 'ddp', (ctx, r) => {
    const task = leader_of(ctx, int(r, 0));
    const info = queue_info(ctx, r.x(2), int(r, 1));
    if (typeof info === 'number') return info;
    return task === undefined ? -ERRNO.ESRCH : send_signal(ctx, task, info, true);
  }),
  sys('rt_tgsigqueueinfo', 'dddp', (ctx, r) => {
    const task = ctx.kernel.tasks.get(int(r, 1));
    const info = queue_info(ctx, r.x(3), int(r, 2));
    if (typeof info === 'number') return info;
    return task === undefined || task.tgid !== int(r, 0) ? -ERRNO.ESRCH : send_signal(ctx, task, info, false);
  }),
  sys('sigaltstack', 'pp', (ctx, r) => sigaltstack(ctx, r.x(0), r.x(1))),
  sys('kill', 'dd', (ctx, r) => kill(ctx, int(r, 0), int(r, 1))),
  sys('tkill', 'dd', (ctx, r) => tgkill(ctx, -1, int(r, 0), int(r, 1))),
  sys('tgkill', 'ddd', (ctx, r) => tgkill(ctx, int(r, 0), int(r, 1), int(r, 2))),
];
