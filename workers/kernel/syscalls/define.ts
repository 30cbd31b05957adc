// How a system call is declared: a name, how its arguments read, and an op that does the work. Calls that may sleep get a kernel
// function around the op that sleeps and tries again. The table is in syscalls/table.ts.
import { ERRNO } from '../errno.ts';
import type { PtRegs } from '../arch/arm64/pt-regs.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { WaitQueue } from '../records.ts';
import { type Fn, type Op, fn, op } from '../steps/step.ts';
import { signal_pending } from '../signals/send.ts';

export interface SyscallRow {
  readonly name: string;
  /** A letter an argument: d int, u unsigned, x hex, o octal, p pointer, s string, f descriptor, b bytes whose length is the next argument, l long. */
  readonly args: string;
  /** The result is an address. */
  readonly pointer: boolean;
  /** What do_el0_svc performs: an op, or a function that may sleep. */
  readonly run: Op | Fn;
  /** Ops the function uses. */
  readonly ops: readonly Op[];
}

/** Work of a call: X0..X5 are in `r`. Returns the result, a negated errno, or (calls that may sleep) what sleep_on returned. */
export type SyscallWork = (ctx: KernelContext, r: PtRegs) => number;

/** Result of a round that must sleep before it is tried again. Outside of every errno. */
export const SLEEP = -1_000_000;

export function sys(name: string, args: string, work: SyscallWork, pointer = false): SyscallRow {
  const run = op(`sys_${name}`, (ctx) => work(ctx, ctx.regs));
  return { name, args, pointer, run, ops: [run] };
}

/** A call that may sleep: `work` is tried until it does not return SLEEP. What must last between rounds is in task.call. */
export function sleeping(name: string, args: string, work: SyscallWork): SyscallRow {
  const attempt = op(`sys_${name}.try`, (ctx) => work(ctx, ctx.regs));
  const run = fn(`sys_${name}`, 'try schedule woken again', function* (k, L) {
    const result = yield k.op(L.try, attempt);
    if (result !== SLEEP) return result;
    yield k.call(L.schedule, 'schedule');
    yield k.op(L.woken, finish_sleep);
    yield k.again(L.again);
    return 0;
  });
  return { name, args, pointer: false, run, ops: [attempt, finish_sleep] };
}

/**
 * Current sleeps in the queue named `key` until it is woken, a signal comes or `deadline` passes. Returns SLEEP; or at once -ETIMEDOUT
 * when the deadline has passed, `interrupted` when a signal waits.
 */
export function sleep_on(ctx: KernelContext, key: string, wchan: string, deadline = -1, interrupted: number = -ERRNO.ERESTARTSYS): number {
  if (deadline >= 0 && ctx.now() >= deadline) return -ERRNO.ETIMEDOUT;
  if (signal_pending(ctx, ctx.current)) return interrupted;
  ctx.current.call.queue = key;
  ctx.prepare_to_wait(queue_of(ctx, key), wchan, true, deadline);
  return SLEEP;
}

export const finish_sleep = op('finish_sleep', (ctx) => {
  ctx.finish_wait(queue_of(ctx, ctx.current.call.queue));
  return 0;
});

/** Wait queues by name: `pipe:INO`, `poll`, `nap`, `child`, `futex:KEY`. null: it is gone, as then nobody is in it. */
function queue_of(ctx: KernelContext, key: string): WaitQueue | null {
  const colon = key.indexOf(':');
  const rest = key.slice(colon + 1);
  switch (colon < 0 ? key : key.slice(0, colon)) {
    case 'pipe':
      return ctx.kernel.inodes.get(Number(rest))?.pipe?.queue ?? null;
    case 'poll':
      return ctx.kernel.poll_queue;
    case 'nap':
      return ctx.kernel.nap_queue;
    case 'child':
      return ctx.kernel.groups.get(ctx.current.tgid)?.wait_chldexit ?? null;
    case 'futex':
      return ctx.kernel.futexes.get(rest) ?? null;
    default:
      return null;
  }
}

/** Low 32 bits as a signed int: descriptors, pids, flags. */
export const int = (r: PtRegs, n: number): number => r.w(n) | 0;
