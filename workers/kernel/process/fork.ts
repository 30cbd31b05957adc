// New threads and processes. Kernel names: kernel_clone, copy_process, wait_for_vfork_done.
import { ERRNO } from '../errno.ts';
import { dup_file_table } from '../fs/file.ts';
import { dup_mm } from '../mm/fault.ts';
import { mmput } from '../mm/vma.ts';
import { group_of } from '../signals/send.ts';
import { fn, op } from '../steps/step.ts';
import type { SyscallRow } from '../syscalls/define.ts';
import { new_group, new_sighand } from './group.ts';

// biome-ignore format: a table
const CLONE = {
  CSIGNAL: 0xff, VM: 0x100, FS: 0x200, FILES: 0x400, SIGHAND: 0x800, PTRACE: 0x2000, VFORK: 0x4000, PARENT: 0x8000, THREAD: 0x10000,
  NEWNS: 0x20000, SYSVSEM: 0x40000, SETTLS: 0x80000, PARENT_SETTID: 0x100000, CHILD_CLEARTID: 0x200000, DETACHED: 0x400000,
  UNTRACED: 0x800000, CHILD_SETTID: 0x1000000, NAMESPACES: 0x7e020000,
} as const;

const MOST_TASKS = 4096;
/** Where fpsimd_save (entry/entry.ts) keeps TPIDR_EL0 of a task that is on no CPU. */
const SAVED_TPIDR = 520;

/** clone(flags, stack, parent_tid, tls, child_tid): the arm64 order. Returns the child's tid or a negated errno. */
export const kernel_clone = op('kernel_clone', (ctx) => {
  const { current: task, regs, kernel } = ctx;
  const flags = regs.w(0);
  const stack = regs.x(1);
  const thread = (flags & CLONE.THREAD) !== 0;
  if ((flags & CLONE.SIGHAND) !== 0 && (flags & CLONE.VM) === 0) return -ERRNO.EINVAL;
  if (thread && (flags & CLONE.SIGHAND) === 0) return -ERRNO.EINVAL;
  if ((flags & CLONE.NAMESPACES) !== 0) return -ERRNO.EPERM;
  if (kernel.tasks.size >= MOST_TASKS) return -ERRNO.EAGAIN;
  const parent = group_of(ctx, task);
  let mm = task.mm;
  if ((flags & CLONE.VM) === 0) {
    const copy = dup_mm(ctx, kernel.mms.get(task.mm)!);
    if (copy === null) return -ERRNO.ENOMEM;
    mm = copy.id;
  } else kernel.mms.get(mm)!.users++;
  const child = ctx.create_task({ comm: task.comm, tgid: thread ? task.tgid : 0, mm });
  if (child === null) {
    mmput(ctx, mm);
    return -ERRNO.ENOMEM;
  }
  if (!thread) child.tgid = child.tid;
  child.cpus_allowed = task.cpus_allowed;
  child.pending = [];
  child.blocked = task.blocked;
  child.saved_sigmask = null;
  child.sas_sp = child.sas_size = 0;
  child.sas_flags = 2;
  // Without a new stack (or in vfork) the child goes on with the alternate stack of its parent.
  if ((flags & CLONE.VM) === 0 || (flags & CLONE.VFORK) !== 0) {
    child.sas_sp = task.sas_sp;
    child.sas_size = task.sas_size;
    child.sas_flags = task.sas_flags;
  }
  child.call = { ...task.call };
  if ((flags & CLONE.FILES) !== 0) {
    kernel.file_tables.get(task.files)!.refs++;
    child.files = task.files;
  } else child.files = dup_file_table(ctx, kernel.file_tables.get(task.files)!).id;
  const fs = kernel.fs_contexts.get(task.fs)!;
  if ((flags & CLONE.FS) !== 0) {
    fs.refs++;
    child.fs = fs.id;
  } else {
    const own = { ...fs, id: kernel.next_table++, refs: 1 };
    kernel.fs_contexts.set(own.id, own);
    child.fs = own.id;
  }
  if ((flags & CLONE.SIGHAND) !== 0) {
    kernel.sighands.get(task.sighand)!.refs++;
    child.sighand = task.sighand;
  } else {
    const hand = new_sighand(ctx);
    hand.actions = new Map(kernel.sighands.get(task.sighand)!.actions);
    child.sighand = hand.id;
  }
  if (thread) {
    parent.threads.push(child.tid);
    parent.live++;
  } else {
    const group = new_group(ctx, child.tid, (flags & CLONE.PARENT) !== 0 ? parent.parent : task.tgid);
    group.threads = [child.tid];
    group.live = 1;
    group.pgid = parent.pgid;
    group.sid = parent.sid;
    group.cmdline = parent.cmdline;
    group.exit_signal = flags & CLONE.CSIGNAL;
    group.rlimits = new Map(parent.rlimits);
  }
  const childRegs = ctx.regs_of(child);
  childRegs.set_x(0, 0);
  if (stack !== 0) childRegs.sp = stack;
  if ((flags & CLONE.SETTLS) !== 0) ctx.mem.write_bits64(child.stack + SAVED_TPIDR, regs.x_bits(3));
  child.clear_child_tid = (flags & CLONE.CHILD_CLEARTID) !== 0 ? regs.x(4) : 0;
  if ((flags & CLONE.PARENT_SETTID) !== 0) ctx.user.put_user32(regs.x(2), child.tid);
  if ((flags & CLONE.CHILD_SETTID) !== 0) ctx.user_of(mm).put_user32(regs.x(4), child.tid);
  if ((flags & CLONE.VFORK) !== 0) child.vfork_parent = task.tid;
  ctx.emit('fork', { child: child.tid, thread }, { pc: regs.pc_bits - 4n });
  return child.tid;
});

/** The new task may run; a vfork caller sleeps until it has let go of the memory. 1: sleep. */
export const start_child = op('start_child', (ctx, tid) => {
  const child = ctx.kernel.tasks.get(tid!)!;
  const wait = child.vfork_parent !== 0;
  if (wait) ctx.prepare_to_wait(null, 'wait_for_vfork_done', false, -1);
  ctx.wake_up_new_task(child);
  return wait ? 1 : 0;
});

export const finish_vfork = op('finish_vfork', (ctx) => {
  ctx.finish_wait(null);
  return 0;
});

export const sys_clone = fn('sys_clone', 'clone perf start schedule woken', function* (k, L) {
  const tid = yield k.op(L.clone, kernel_clone);
  if (tid < 0) return tid;
  yield k.call(L.perf, 'perf_event_init_task', tid);
  const wait = yield k.op(L.start, start_child, tid);
  if (wait === 0) return tid;
  yield k.call(L.schedule, 'schedule');
  yield k.op(L.woken, finish_vfork);
  return tid;
});

export const CLONE_CALLS: readonly SyscallRow[] = [
  { name: 'clone', args: 'xpppp', pointer: false, run: sys_clone, ops: [kernel_clone, start_child, finish_vfork] },
];
