// Making thread groups and signal handler tables. Their life is in fork.ts and exit.ts.
import type { KernelContext } from '../kernel-context.ts';
import type { Task } from '../records.ts';
import { SIG } from '../signals/records.ts';
import type { Sighand, ThreadGroup } from './records.ts';

export function new_group(ctx: KernelContext, tgid: number, parent: number): ThreadGroup {
  const group: ThreadGroup = {
    tgid,
    parent,
    pgid: tgid,
    sid: tgid,
    threads: [],
    live: 0,
    pending: [],
    group_exit: -1,
    stop_code: 0,
    stopped: false,
    continued: false,
    exit_signal: SIG.CHLD,
    wait_chldexit: { waiters: [] },
    cmdline: '',
    itimers: [],
    next_posix: 0,
    rlimits: new Map(),
    start: ctx.now(),
    utime: 0,
    cutime: 0,
    dumpable: 1,
    no_new_privs: 0,
    keepcaps: 0,
    child_subreaper: false,
  };
  ctx.kernel.groups.set(tgid, group);
  return group;
}

export function new_sighand(ctx: KernelContext): Sighand & { readonly id: number } {
  const hand = { id: ctx.kernel.next_sighand++, refs: 1, actions: new Map() };
  ctx.kernel.sighands.set(hand.id, hand);
  return hand;
}

/** task_struct.comm: 15 bytes. */
export function set_comm(task: Task, name: string): void {
  task.comm = name.slice(0, 15);
}
