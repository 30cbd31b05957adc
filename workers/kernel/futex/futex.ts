// Futexes: sleeping on a word of memory. The check of the word and going to sleep are one op, as the kernel does both under the bucket's
// lock. Kernel names: futex_wait, futex_wake, futex_requeue, futex_wake_op.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import { translate } from '../mm/fault.ts';
import { vma_at } from '../mm/vma.ts';
import type { PtRegs } from '../arch/arm64/pt-regs.ts';
import { BOOT_SECONDS } from '../time/clock.ts';
import { get_timespec } from '../time/rusage.ts';
import { int, sleep_on, sleeping, sys, type SyscallRow } from '../syscalls/define.ts';

// biome-ignore format: a table
const FUTEX = {
  WAIT: 0, WAKE: 1, FD: 2, REQUEUE: 3, CMP_REQUEUE: 4, WAKE_OP: 5, LOCK_PI: 6, UNLOCK_PI: 7, TRYLOCK_PI: 8, WAIT_BITSET: 9, WAKE_BITSET: 10,
  WAIT_REQUEUE_PI: 11, CMP_REQUEUE_PI: 12, LOCK_PI2: 13, PRIVATE: 128, CLOCK_REALTIME: 256,
} as const;
const ANY = 0xffff_ffff;

/** Names the word for everybody who can see it: by mm and address, or by file and offset in shared memory. */
function futex_key(ctx: KernelContext, address: number, is_private: boolean): string {
  const mm = ctx.kernel.mms.get(ctx.current.mm)!;
  if (!is_private) {
    const vma = vma_at(mm, address);
    if (vma?.shared === true && vma.ino !== 0) return `i${vma.ino}+${vma.offset + (address - vma.start)}`;
  }
  return `m${mm.id}+${address}`;
}

/** Wakes up to `count` sleepers of a key whose bitset meets `bitset`. */
function wake_key(ctx: KernelContext, key: string, count: number, bitset: number): number {
  const queue = ctx.kernel.futexes.get(key);
  if (queue === undefined) return 0;
  let woken = 0;
  for (const tid of queue.waiters.slice()) {
    if (woken >= count) break;
    const task = ctx.kernel.tasks.get(tid);
    if (task?.futex == null || (task.futex.bitset & bitset) === 0) continue;
    queue.waiters.splice(queue.waiters.indexOf(tid), 1);
    task.futex = null;
    ctx.wake_up_process(task, 0);
    woken++;
  }
  if (queue.waiters.length === 0) ctx.kernel.futexes.delete(key);
  return woken;
}

/** Wakes sleepers on a word of current's memory, private or shared. */
export function futex_wake_address(ctx: KernelContext, address: number, count: number): void {
  const shared = futex_key(ctx, address, false);
  const own = futex_key(ctx, address, true);
  const woken = wake_key(ctx, shared, count, ANY);
  if (own !== shared && woken < count) wake_key(ctx, own, count - woken, ANY);
}

function futex_wait(ctx: KernelContext, r: PtRegs, op: number, bitset: number): number {
  const { call } = ctx.current;
  const address = r.x(0);
  const key = futex_key(ctx, address, (op & FUTEX.PRIVATE) !== 0);
  const task = ctx.current;
  if (call.phase > 0) {
    // Back from sleep: a waker took it off its list, or a signal or the deadline did not.
    if (task.futex === null) return 0;
    const queue = ctx.kernel.futexes.get(task.futex.key);
    const mine = task.futex.key;
    const leave = (): void => {
      task.futex = null;
      if (queue !== undefined) queue.waiters = queue.waiters.filter((tid) => tid !== task.tid);
      if (queue?.waiters.length === 0) ctx.kernel.futexes.delete(mine);
    };
    leave();
    if (call.deadline >= 0 && ctx.now() >= call.deadline) return -ERRNO.ETIMEDOUT;
    return call.deadline >= 0 ? -ERRNO.ERESTART_RESTARTBLOCK : -ERRNO.ERESTARTSYS;
  }
  if (call.phase === 0 && r.x(3) !== 0) {
    const time = get_timespec(ctx, r.x(3));
    if (time === null) return -ERRNO.EFAULT;
    if (time === 'invalid') return -ERRNO.EINVAL;
    // FUTEX_WAIT takes a duration, FUTEX_WAIT_BITSET a moment; get_timespec caps what is far away.
    const absolute = (op & 127) === FUTEX.WAIT_BITSET;
    const zero = !absolute ? ctx.now() : (op & FUTEX.CLOCK_REALTIME) !== 0 ? -BOOT_SECONDS * 1e9 : 0;
    call.deadline = absolute ? absolute_deadline(ctx, r.x(3), zero) : zero + time.s * 1e9 + time.ns;
  }
  const value = ctx.user.get_user32(address);
  if (value < 0) return -ERRNO.EFAULT;
  if (value !== r.w(2)) return -ERRNO.EAGAIN;
  if (!ctx.kernel.futexes.has(key)) ctx.kernel.futexes.set(key, { waiters: [] });
  const result = sleep_on(ctx, `futex:${key}`, 'futex_wait', call.deadline);
  if (result < 0 && result > -1000) {
    if (ctx.kernel.futexes.get(key)!.waiters.length === 0) ctx.kernel.futexes.delete(key);
    return result;
  }
  task.futex = { key, bitset };
  call.phase = 1;
  return result;
}

/** Virtual ns of an absolute timespec whose clock read 0 at `zero`. */
export function absolute_deadline(ctx: KernelContext, address: number, zero: number): number {
  const s = Number(BigInt.asIntN(64, ctx.user.get_user64(address) ?? 0n));
  const ns = Number(ctx.user.get_user64(address + 8) ?? 0n);
  return Math.max(0, Math.min(zero + s * 1e9 + ns, 2 ** 52));
}

function futex_requeue(ctx: KernelContext, r: PtRegs, op: number): number {
  const is_private = (op & FUTEX.PRIVATE) !== 0;
  const count = int(r, 2);
  const move = int(r, 3);
  if (count < 0 || move < 0) return -ERRNO.EINVAL;
  if ((op & 127) === FUTEX.CMP_REQUEUE) {
    const value = ctx.user.get_user32(r.x(0));
    if (value < 0) return -ERRNO.EFAULT;
    if (value !== r.w(5)) return -ERRNO.EAGAIN;
  }
  const from = futex_key(ctx, r.x(0), is_private);
  const to = futex_key(ctx, r.x(4), is_private);
  let done = wake_key(ctx, from, count, ANY);
  const queue = ctx.kernel.futexes.get(from);
  if (queue === undefined || from === to) return done;
  const target = ctx.kernel.futexes.get(to) ?? { waiters: [] };
  for (let n = 0; n < move && queue.waiters.length > 0; n++) {
    const tid = queue.waiters.shift()!;
    const task = ctx.kernel.tasks.get(tid)!;
    target.waiters.push(tid);
    task.futex = { key: to, bitset: task.futex?.bitset ?? ANY };
    task.call.queue = `futex:${to}`;
    done++;
  }
  if (target.waiters.length > 0) ctx.kernel.futexes.set(to, target);
  if (queue.waiters.length === 0) ctx.kernel.futexes.delete(from);
  return done;
}

function futex_wake_op(ctx: KernelContext, r: PtRegs, op: number): number {
  const is_private = (op & FUTEX.PRIVATE) !== 0;
  const code = r.w(5);
  const old = ctx.user.get_user32(r.x(4));
  if (old < 0) return -ERRNO.EFAULT;
  let operand = (code << 8) >> 20;
  const against = (code << 20) >> 20;
  if ((code & 0x8000_0000) !== 0) operand = 1 << (operand & 31);
  const kinds: readonly number[] = [operand, old + operand, old | operand, old & ~operand, old ^ operand];
  const next = kinds[(code >>> 28) & 7];
  if (next === undefined) return -ERRNO.ENOSYS;
  if (ctx.user.put_user32(r.x(4), next >>> 0) !== 0) return -ERRNO.EFAULT;
  const was = old | 0;
  const meets = [was === against, was !== against, was < against, was <= against, was > against, was >= against][(code >>> 24) & 15];
  if (meets === undefined) return -ERRNO.ENOSYS;
  let done = wake_key(ctx, futex_key(ctx, r.x(0), is_private), Math.max(1, int(r, 2)), ANY);
  if (meets) done += wake_key(ctx, futex_key(ctx, r.x(4), is_private), Math.max(1, int(r, 3)), ANY);
  return done;
}

export const FUTEX_CALLS: readonly SyscallRow[] = [
  sleeping('futex', 'pxupxx', (ctx, r) => {
    const op = r.w(1);
    const address = r.x(0);
    if (address % 4 !== 0) return -ERRNO.EINVAL;
    switch (op & 127) {
      case FUTEX.WAIT:
        return futex_wait(ctx, r, op, ANY);
      case FUTEX.WAIT_BITSET:
        return r.w(5) === 0 ? -ERRNO.EINVAL : futex_wait(ctx, r, op, r.w(5));
      case FUTEX.WAKE:
      case FUTEX.WAKE_BITSET: {
        const bitset = (op & 127) === FUTEX.WAKE ? ANY : r.w(5);
        if (bitset === 0) return -ERRNO.EINVAL;
        if ((op & FUTEX.PRIVATE) === 0 && translate(ctx, ctx.current.mm, address, 0) < 0 && ctx.user.get_user32(address) < 0)
          return -ERRNO.EFAULT;
        return wake_key(ctx, futex_key(ctx, address, (op & FUTEX.PRIVATE) !== 0), Math.max(1, int(r, 2)), bitset);
      }
      case FUTEX.REQUEUE:
      case FUTEX.CMP_REQUEUE:
        return futex_requeue(ctx, r, op);
      case FUTEX.WAKE_OP:
        return futex_wake_op(ctx, r, op);
      default:
        return -ERRNO.ENOSYS;
    }
  }),
  sys('set_robust_list', 'pl', (ctx, r) => {
    if (r.x(1) !== 24) return -ERRNO.EINVAL;
    ctx.current.robust_list = r.x(0);
    return 0;
  }),
  sys('get_robust_list', 'dpp', (ctx, r) => {
    const task = int(r, 0) === 0 ? ctx.current : ctx.kernel.tasks.get(int(r, 0));
    if (task === undefined) return -ERRNO.ESRCH;
    if (ctx.user.put_user64(r.x(1), BigInt(task.robust_list)) !== 0) return -ERRNO.EFAULT;
    return ctx.user.put_user64(r.x(2), 24n);
  }),
];
