// ppoll and pselect6: sleepers wait in one queue and look again whenever any file may have become ready.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { PtRegs } from '../arch/arm64/pt-regs.ts';
import { UNBLOCKABLE } from '../signals/records.ts';
import { int, SLEEP, sleep_on, sleeping, type SyscallRow } from '../syscalls/define.ts';
import { get_timespec } from '../time/rusage.ts';
import { fget, readable, writable } from './file.ts';
import { get_inode } from './inode.ts';
import { PIPE_BUF, PIPE_SIZE } from './records.ts';

const POLL = { IN: 1, PRI: 2, OUT: 4, ERR: 8, HUP: 16, NVAL: 32, RDNORM: 64, WRNORM: 256 } as const;

/** What is ready on a descriptor now. */
function ready(ctx: KernelContext, fd: number): number {
  const file = fget(ctx, fd);
  if (file === null) return POLL.NVAL;
  const inode = get_inode(ctx, file.ino);
  if (inode.type !== 'pipe') return POLL.IN | POLL.OUT | POLL.RDNORM | POLL.WRNORM;
  const pipe = inode.pipe!;
  let mask = 0;
  if (readable(file)) mask |= (pipe.length > 0 ? POLL.IN | POLL.RDNORM : 0) | (pipe.writers === 0 ? POLL.HUP : 0);
  if (writable(file)) mask |= (PIPE_SIZE - pipe.length >= PIPE_BUF ? POLL.OUT | POLL.WRNORM : 0) | (pipe.readers === 0 ? POLL.ERR : 0);
  return mask;
}

/** First round: deadline from the timespec at `time`, mask of `sigmask`. 0 or -errno. */
function begin(ctx: KernelContext, time: number, sigmask: number, size: number): number {
  const task = ctx.current;
  if (task.call.phase > 0) return 0;
  if (time !== 0) {
    const t = get_timespec(ctx, time);
    if (t === null) return -ERRNO.EFAULT;
    if (t === 'invalid') return -ERRNO.EINVAL;
    task.call.deadline = ctx.now() + t.s * 1e9 + t.ns;
  }
  if (sigmask !== 0) {
    if (size !== 8) return -ERRNO.EINVAL;
    const mask = ctx.user.get_user64(sigmask);
    if (mask === null) return -ERRNO.EFAULT;
    task.saved_sigmask = task.blocked;
    task.blocked = mask & ~UNBLOCKABLE;
  }
  task.call.phase = 1;
  return 0;
}

/** Sleeps until something may be ready; 0 when the deadline has passed. */
function wait(ctx: KernelContext): number {
  const result = sleep_on(ctx, 'poll', 'poll_schedule_timeout', ctx.current.call.deadline, -ERRNO.ERESTARTNOHAND);
  return result === -ERRNO.ETIMEDOUT ? 0 : result;
}

/** A call that does not end by a signal puts the mask back itself. */
function end(ctx: KernelContext, result: number): number {
  const task = ctx.current;
  if (result !== SLEEP && result !== -ERRNO.ERESTARTNOHAND && task.saved_sigmask !== null) {
    task.blocked = task.saved_sigmask;
    task.saved_sigmask = null;
  }
  return result;
}

function ppoll(ctx: KernelContext, r: PtRegs): number {
  const count = r.w(1);
  if (count > 1024) return -ERRNO.EINVAL;
  const started = begin(ctx, r.x(2), r.x(3), r.x(4));
  if (started < 0) return started;
  const bytes = ctx.user.copy_from_user(r.x(0), count * 8);
  if (bytes === null) return end(ctx, -ERRNO.EFAULT);
  const at = new DataView(bytes.buffer);
  let found = 0;
  for (let i = 0; i < count; i++) {
    const fd = at.getInt32(i * 8, true);
    const wanted = at.getUint16(i * 8 + 4, true) | POLL.ERR | POLL.HUP | POLL.NVAL;
    const mask = fd < 0 ? 0 : ready(ctx, fd) & wanted;
    at.setUint16(i * 8 + 6, mask, true);
    if (mask !== 0) found++;
  }
  if (found === 0) {
    const result = wait(ctx);
    if (result !== 0) return end(ctx, result);
  }
  return end(ctx, ctx.user.copy_to_user(r.x(0), bytes) === 0 ? found : -ERRNO.EFAULT);
}

function pselect(ctx: KernelContext, r: PtRegs): number {
  const n = int(r, 0);
  if (n < 0 || n > 1024) return -ERRNO.EINVAL;
  let mask = 0;
  let size = 0;
  if (r.x(5) !== 0) {
    mask = Number(ctx.user.get_user64(r.x(5)) ?? 0n);
    size = Number(ctx.user.get_user64(r.x(5) + 8) ?? 0n);
  }
  const started = begin(ctx, r.x(4), mask, size);
  if (started < 0) return started;
  const length = Math.ceil(n / 64) * 8;
  const kinds = [POLL.IN | POLL.HUP | POLL.ERR, POLL.OUT | POLL.ERR, POLL.PRI];
  const sets: (Uint8Array | null)[] = [];
  let found = 0;
  for (let k = 0; k < 3; k++) {
    const address = r.x(1 + k);
    const set = address === 0 ? null : ctx.user.copy_from_user(address, length);
    if (address !== 0 && set === null) return end(ctx, -ERRNO.EFAULT);
    const out = set === null ? null : new Uint8Array(length);
    for (let fd = 0; fd < n && set !== null; fd++) {
      if ((set[fd >> 3]! & (1 << (fd & 7))) === 0) continue;
      const mask = ready(ctx, fd);
      if ((mask & POLL.NVAL) !== 0) return end(ctx, -ERRNO.EBADF);
      if ((mask & kinds[k]!) === 0) continue;
      out![fd >> 3]! |= 1 << (fd & 7);
      found++;
    }
    sets.push(out);
  }
  if (found === 0) {
    const result = wait(ctx);
    if (result !== 0) return end(ctx, result);
  }
  for (let k = 0; k < 3; k++) if (sets[k] && ctx.user.copy_to_user(r.x(1 + k), sets[k]!) !== 0) return end(ctx, -ERRNO.EFAULT);
  return end(ctx, found);
}

export const POLL_CALLS: readonly SyscallRow[] = [sleeping('ppoll', 'puppl', ppoll), sleeping('pselect6', 'dppppp', pselect)];
