// Waiting for children: wait4 and waitid.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import { CLD, SIG } from '../signals/records.ts';
import { group_of, sig_info } from '../signals/send.ts';
import { encode_siginfo } from '../signals/frame.ts';
import { int, sleep_on, sleeping, type SyscallRow } from '../syscalls/define.ts';
import { encode_rusage } from '../time/rusage.ts';
import { reap } from './exit.ts';
import type { ThreadGroup } from './records.ts';

const W = {
  NOHANG: 1,
  UNTRACED: 2,
  EXITED: 4,
  CONTINUED: 8,
  NOWAIT: 0x01000000,
  NOTHREAD: 0x20000000,
  ALL: 0x40000000,
  CLONE: 0x80000000,
} as const;

/** A change of a child that is worth reporting. */
interface Change {
  readonly child: ThreadGroup;
  readonly code: number;
  /** As wait4 gives it. */
  readonly status: number;
}

/** The first change among children that `wanted` accepts; 'none': nothing yet; null: there are no such children. */
function find_change(ctx: KernelContext, wanted: (child: ThreadGroup) => boolean, options: number): Change | 'none' | null {
  let any = false;
  for (const child of ctx.kernel.groups.values()) {
    if (child.parent !== ctx.current.tgid || !wanted(child)) continue;
    any = true;
    if (child.live === 0 && (options & W.EXITED) !== 0) {
      const status = ctx.kernel.tasks.get(child.tgid)!.exit_code;
      return { child, status, code: (status & 0x7f) === 0 ? CLD.EXITED : (status & 0x80) !== 0 ? CLD.DUMPED : CLD.KILLED };
    }
    if (child.stopped && child.stop_code !== 0 && (options & W.UNTRACED) !== 0)
      return { child, status: child.stop_code, code: CLD.STOPPED };
    if (child.continued && (options & W.CONTINUED) !== 0) return { child, status: 0xffff, code: CLD.CONTINUED };
  }
  return any ? 'none' : null;
}

/** The change has been told; a zombie goes. */
function consume(ctx: KernelContext, change: Change): void {
  if (change.code === CLD.STOPPED) change.child.stop_code = 0;
  else if (change.code === CLD.CONTINUED) change.child.continued = false;
  else reap(ctx, change.child);
}

function by_pid(ctx: KernelContext, pid: number): (child: ThreadGroup) => boolean {
  if (pid === -1) return () => true;
  const pgid = pid === 0 ? group_of(ctx, ctx.current).pgid : -pid;
  return pid > 0 ? (child) => child.tgid === pid : (child) => child.pgid === pgid;
}

export const WAIT_CALLS: readonly SyscallRow[] = [
  sleeping('wait4', 'dpxp', (ctx, r) => {
    const options = r.w(2);
    if ((options & ~(W.NOHANG | W.UNTRACED | W.CONTINUED | W.NOTHREAD | W.ALL | W.CLONE)) >>> 0 !== 0) return -ERRNO.EINVAL;
    const change = find_change(ctx, by_pid(ctx, int(r, 0)), options | W.EXITED);
    if (change === null) return -ERRNO.ECHILD;
    if (change === 'none') return (options & W.NOHANG) !== 0 ? 0 : sleep_on(ctx, 'child', 'do_wait');
    const status = r.x(1);
    if (status !== 0 && ctx.user.put_user32(status, change.status) !== 0) return -ERRNO.EFAULT;
    if (r.x(3) !== 0 && ctx.user.copy_to_user(r.x(3), encode_rusage(change.child.utime)) !== 0) return -ERRNO.EFAULT;
    const pid = change.child.tgid;
    consume(ctx, change);
    return pid;
  }),
  sleeping('waitid', 'ddpxp', (ctx, r) => {
    const which = int(r, 0);
    const id = int(r, 1);
    const options = r.w(3);
    if ((options & (W.EXITED | W.UNTRACED | W.CONTINUED)) === 0) return -ERRNO.EINVAL;
    if (which < 0 || which > 2) return -ERRNO.EINVAL;
    const wanted = which === 0 ? by_pid(ctx, -1) : which === 1 ? by_pid(ctx, id) : by_pid(ctx, -id);
    const change = find_change(ctx, wanted, options);
    if (change === null) return -ERRNO.ECHILD;
    if (change === 'none') {
      if ((options & W.NOHANG) === 0) return sleep_on(ctx, 'child', 'do_wait');
      return r.x(2) !== 0 && ctx.user.copy_to_user(r.x(2), new Uint8Array(128)) !== 0 ? -ERRNO.EFAULT : 0;
    }
    const { status } = change;
    const value =
      change.code === CLD.EXITED
        ? status >> 8
        : change.code === CLD.STOPPED
          ? status >> 8
          : change.code === CLD.CONTINUED
            ? SIG.CONT
            : status & 0x7f;
    const info = encode_siginfo(sig_info(SIG.CHLD, change.code, { pid: change.child.tgid, value: BigInt(value) }));
    if (r.x(2) !== 0 && ctx.user.copy_to_user(r.x(2), info) !== 0) return -ERRNO.EFAULT;
    if (r.x(4) !== 0 && ctx.user.copy_to_user(r.x(4), encode_rusage(change.child.utime)) !== 0) return -ERRNO.EFAULT;
    if ((options & W.NOWAIT) === 0) consume(ctx, change);
    return 0;
  }),
];
