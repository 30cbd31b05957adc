// System calls on time: clocks, sleeping, interval and POSIX timers. All clocks follow virtual time.
import { ERRNO } from '../errno.ts';
import { absolute_deadline } from '../futex/futex.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { Itimer, ThreadGroup } from '../process/records.ts';
import { RESTART_BLOCK } from '../signals/deliver.ts';
import { SI, SIG } from '../signals/records.ts';
import { group_of, send_signal, sig_info } from '../signals/send.ts';
import { op } from '../steps/step.ts';
import { int, sleep_on, sleeping, sys, type SyscallRow } from '../syscalls/define.ts';
import { BOOT_SECONDS, realtime } from './clock.ts';
import { encode_time, get_timespec } from './rusage.ts';

const CLOCK = {
  REALTIME: 0,
  MONOTONIC: 1,
  PROCESS: 2,
  THREAD: 3,
  MONOTONIC_RAW: 4,
  REALTIME_COARSE: 5,
  MONOTONIC_COARSE: 6,
  BOOTTIME: 7,
  TAI: 11,
} as const;

/** Seconds and ns a clock shows; null: there is no such clock. */
function read_clock(ctx: KernelContext, clock: number): readonly [number, number] | null {
  const split = (ns: number): readonly [number, number] => [Math.floor(ns / 1e9), Math.floor(ns % 1e9)];
  switch (clock) {
    case CLOCK.REALTIME:
    case CLOCK.REALTIME_COARSE:
    case CLOCK.TAI:
      return realtime(ctx);
    case CLOCK.MONOTONIC:
    case CLOCK.MONOTONIC_RAW:
    case CLOCK.MONOTONIC_COARSE:
    case CLOCK.BOOTTIME:
      return split(ctx.now());
    case CLOCK.PROCESS:
    case CLOCK.THREAD: {
      const own = ctx.current.runtime + (ctx.now() - ctx.current.sched_in);
      return split(clock === CLOCK.THREAD ? own : own + group_of(ctx, ctx.current).utime);
    }
    default:
      // Clocks of processes and threads by number (negative): the process's own.
      return clock < 0 ? read_clock(ctx, (clock & 4) !== 0 ? CLOCK.THREAD : CLOCK.PROCESS) : null;
  }
}

const put_time = (ctx: KernelContext, address: number, [s, ns]: readonly [number, number], unit = 1): number =>
  ctx.user.copy_to_user(address, encode_parts(s, Math.floor(ns / unit))) === 0 ? 0 : -ERRNO.EFAULT;

function encode_parts(a: number, b: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const at = new DataView(bytes.buffer);
  at.setBigInt64(0, BigInt(a), true);
  at.setBigInt64(8, BigInt(b), true);
  return bytes;
}

/** nanosleep and clock_nanosleep: `remaining` 0 where nothing is to be told. */
function nap(ctx: KernelContext, request: number, remaining: number, absolute: boolean, zero: number): number {
  const { call } = ctx.current;
  if (call.phase === 0) {
    const time = get_timespec(ctx, request);
    if (time === null) return -ERRNO.EFAULT;
    if (time === 'invalid') return -ERRNO.EINVAL;
    call.deadline = absolute ? absolute_deadline(ctx, request, zero) : ctx.now() + time.s * 1e9 + time.ns;
  }
  if (call.phase === RESTART_BLOCK || call.phase === 0) call.phase = 1;
  const result = sleep_on(ctx, 'nap', 'hrtimer_nanosleep', call.deadline, absolute ? -ERRNO.ERESTARTNOHAND : -ERRNO.ERESTART_RESTARTBLOCK);
  if (result === -ERRNO.ETIMEDOUT) return 0;
  if (result === -ERRNO.ERESTART_RESTARTBLOCK && remaining !== 0) {
    if (ctx.user.copy_to_user(remaining, encode_time(Math.max(0, call.deadline - ctx.now()))) !== 0) return -ERRNO.EFAULT;
  }
  return result;
}

// Timers of a process

/** A timer of a process has run out: arg is tgid * 4096 + posix id + 1. */
export const itimer_expired = op('itimer_expired', (ctx, arg) => {
  const group = ctx.kernel.groups.get(Math.floor(arg! / 4096));
  const timer = group?.itimers.find((t) => t.posix === (arg! % 4096) - 1);
  if (group === undefined || timer === undefined) return 0;
  timer.timer = 0;
  if (timer.interval > 0) arm(ctx, group, timer, timer.expires + timer.interval);
  const task = ctx.kernel.tasks.get(group.tgid) ?? ctx.kernel.tasks.get(group.threads[0] ?? 0);
  if (task === undefined || timer.signal === 0) return 0;
  const code = timer.posix < 0 ? SI.KERNEL : SI.TIMER;
  send_signal(ctx, task, sig_info(timer.signal, code, { pid: Math.max(0, timer.posix), value: BigInt(timer.value) }), true);
  return 0;
});

function arm(ctx: KernelContext, group: ThreadGroup, timer: Itimer, expires: number): void {
  if (timer.timer !== 0) ctx.del_timer(timer.timer);
  timer.expires = expires;
  timer.timer = expires > 0 ? ctx.add_timer(expires, 'itimer_expired', group.tgid * 4096 + timer.posix + 1) : 0;
}

/** struct itimerval/itimerspec of a timer: interval, then what is left. */
function encode_itimer(ctx: KernelContext, timer: Itimer | undefined, unit: number): Uint8Array {
  const bytes = new Uint8Array(32);
  if (timer === undefined) return bytes;
  bytes.set(encode_time(timer.interval, unit));
  if (timer.timer !== 0) bytes.set(encode_time(Math.max(unit, timer.expires - ctx.now()), unit), 16);
  return bytes;
}

/** Interval and value in ns; -errno. */
function read_itimer(ctx: KernelContext, address: number, unit: number): { readonly interval: number; readonly value: number } | number {
  const bytes = ctx.user.copy_from_user(address, 32);
  if (bytes === null) return -ERRNO.EFAULT;
  const at = new DataView(bytes.buffer);
  const [a, b, c, d] = [0, 8, 16, 24].map((o) => Number(at.getBigInt64(o, true))) as [number, number, number, number];
  if ([b, d].some((x) => x < 0 || x * unit >= 1e9) || a < 0 || c < 0) return -ERRNO.EINVAL;
  return { interval: a * 1e9 + b * unit, value: c * 1e9 + d * unit };
}

const ITIMER_SIGNALS: readonly number[] = [SIG.ALRM, 26, 27];

export const TIME_CALLS: readonly SyscallRow[] = [
  sys('clock_gettime', 'dp', (ctx, r) => {
    const time = read_clock(ctx, int(r, 0));
    return time === null ? -ERRNO.EINVAL : put_time(ctx, r.x(1), time);
  }),
  sys('clock_getres', 'dp', (ctx, r) => {
    if (read_clock(ctx, int(r, 0)) === null) return -ERRNO.EINVAL;
    return r.x(1) === 0 ? 0 : put_time(ctx, r.x(1), [0, 1]);
  }),
  sys('clock_settime', 'dp', () => -ERRNO.EPERM),
  sys('settimeofday', 'pp', () => -ERRNO.EPERM),
  sys('gettimeofday', 'pp', (ctx, r) => {
    if (r.x(1) !== 0 && ctx.user.put_user64(r.x(1), 0n) !== 0) return -ERRNO.EFAULT;
    return r.x(0) === 0 ? 0 : put_time(ctx, r.x(0), realtime(ctx), 1000);
  }),
  sys('times', 'p', (ctx, r) => {
    const group = group_of(ctx, ctx.current);
    const ticks = (ns: number): bigint => BigInt(Math.floor(ns / 1e7));
    if (r.x(0) !== 0) {
      const bytes = new Uint8Array(32);
      const at = new DataView(bytes.buffer);
      at.setBigInt64(0, ticks(group.utime + ctx.current.runtime + (ctx.now() - ctx.current.sched_in)), true);
      at.setBigInt64(16, ticks(group.cutime), true);
      if (ctx.user.copy_to_user(r.x(0), bytes) !== 0) return -ERRNO.EFAULT;
    }
    return Number(ticks(ctx.now()));
  }),
  sleeping('nanosleep', 'pp', (ctx, r) => nap(ctx, r.x(0), r.x(1), false, 0)),
  sleeping('clock_nanosleep', 'dxpp', (ctx, r) => {
    const clock = int(r, 0);
    if (read_clock(ctx, clock) === null || clock === CLOCK.THREAD) return -ERRNO.EINVAL;
    const real = clock === CLOCK.REALTIME || clock === CLOCK.TAI;
    return nap(ctx, r.x(2), (r.w(1) & 1) !== 0 ? 0 : r.x(3), (r.w(1) & 1) !== 0, real ? -BOOT_SECONDS * 1e9 : 0);
  }),
  sys('setitimer', 'dpp', (ctx, r) => {
    const which = int(r, 0);
    if (which < 0 || which > 2) return -ERRNO.EINVAL;
    // ITIMER_VIRTUAL and ITIMER_PROF would need time of the process alone.
    if (which !== 0) return -ERRNO.EOPNOTSUPP;
    const group = group_of(ctx, ctx.current);
    let timer = group.itimers.find((t) => t.posix === -1);
    const before = encode_itimer(ctx, timer, 1000);
    if (r.x(1) !== 0) {
      const next = read_itimer(ctx, r.x(1), 1000);
      if (typeof next === 'number') return next;
      if (timer === undefined) {
        timer = { timer: 0, expires: 0, interval: 0, signal: ITIMER_SIGNALS[which]!, posix: -1, value: 0 };
        group.itimers.push(timer);
      }
      timer.interval = next.interval;
      arm(ctx, group, timer, next.value === 0 ? 0 : ctx.now() + next.value);
    }
    return r.x(2) !== 0 && ctx.user.copy_to_user(r.x(2), before) !== 0 ? -ERRNO.EFAULT : 0;
  }),
  sys('getitimer', 'dp', (ctx, r) => {
    const which = int(r, 0);
    if (which < 0 || which > 2) return -ERRNO.EINVAL;
    const timer = which === 0 ? group_of(ctx, ctx.current).itimers.find((t) => t.posix === -1) : undefined;
    return ctx.user.copy_to_user(r.x(1), encode_itimer(ctx, timer, 1000)) === 0 ? 0 : -ERRNO.EFAULT;
  }),
  sys('timer_create', 'dpp', (ctx, r) => {
    if (read_clock(ctx, int(r, 0)) === null) return -ERRNO.EINVAL;
    const group = group_of(ctx, ctx.current);
    if (group.next_posix >= 4094) return -ERRNO.EAGAIN;
    let signal: number = SIG.ALRM;
    let value = group.next_posix;
    if (r.x(1) !== 0) {
      const bytes = ctx.user.copy_from_user(r.x(1), 16);
      if (bytes === null) return -ERRNO.EFAULT;
      const at = new DataView(bytes.buffer);
      const notify = at.getInt32(12, true);
      // SIGEV_SIGNAL 0, SIGEV_NONE 1, SIGEV_THREAD_ID 4 (sent to the process here).
      if (notify !== 0 && notify !== 1 && notify !== 4) return -ERRNO.EINVAL;
      signal = notify === 1 ? 0 : at.getInt32(8, true);
      value = Number(at.getBigInt64(0, true));
    }
    const id = group.next_posix++;
    group.itimers.push({ timer: 0, expires: 0, interval: 0, signal, posix: id, value });
    return ctx.user.put_user32(r.x(2), id);
  }),
  sys('timer_settime', 'dxpp', (ctx, r) => {
    const group = group_of(ctx, ctx.current);
    const timer = group.itimers.find((t) => t.posix === int(r, 0));
    if (timer === undefined) return -ERRNO.EINVAL;
    const next = read_itimer(ctx, r.x(2), 1);
    if (typeof next === 'number') return next;
    const before = encode_itimer(ctx, timer, 1);
    timer.interval = next.interval;
    arm(ctx, group, timer, next.value === 0 ? 0 : (r.w(1) & 1) !== 0 ? next.value : ctx.now() + next.value);
    return r.x(3) !== 0 && ctx.user.copy_to_user(r.x(3), before) !== 0 ? -ERRNO.EFAULT : 0;
  }),
  sys('timer_gettime', 'dp', (ctx, r) => {
    const timer = group_of(ctx, ctx.current).itimers.find((t) => t.posix === int(r, 0));
    if (timer === undefined) return -ERRNO.EINVAL;
    return ctx.user.copy_to_user(r.x(1), encode_itimer(ctx, timer, 1)) === 0 ? 0 : -ERRNO.EFAULT;
  }),
  sys('timer_getoverrun', 'd', () => 0),
  sys('timer_delete', 'd', (ctx, r) => {
    const group = group_of(ctx, ctx.current);
    const at = group.itimers.findIndex((t) => t.posix === int(r, 0));
    if (at < 0) return -ERRNO.EINVAL;
    if (group.itimers[at]!.timer !== 0) ctx.del_timer(group.itimers[at]!.timer);
    group.itimers.splice(at, 1);
    return 0;
  }),
];
