// execve, and the first program. Kernel names: do_execveat_common, begin_new_exec, flush_old_exec.
import { ERRNO } from '../errno.ts';
import { close_fd, fd_install, file_table_put, files_of, new_file, new_file_table, dup_file_table } from '../fs/file.ts';
import { byte_string, new_inode } from '../fs/inode.ts';
import { make_root } from '../fs/namei.ts';
import { O, ROOT_INO } from '../fs/records.ts';
import type { KernelContext } from '../kernel-context.ts';
import { find_program } from '../loader/binfmt.ts';
import { load_elf } from '../loader/load-elf.ts';
import { mmput } from '../mm/vma.ts';
import { fn, op } from '../steps/step.ts';
import { SIG_IGN } from '../signals/records.ts';
import { group_of } from '../signals/send.ts';
import { mm_release } from './exit.ts';
import { new_group, new_sighand, set_comm } from './group.ts';

/**
 * Replaces the program of current. Returns 0, or a negated errno with everything as it was. Other threads must be gone already.
 * `path`, `argv` and `envp` are byte strings.
 */
export function do_execve(ctx: KernelContext, path: string, argv: readonly string[], envp: readonly string[]): number {
  const task = ctx.current;
  const program = find_program(ctx, ctx.kernel.fs_contexts.get(task.fs)!.cwd, path, argv.length === 0 ? [''] : argv);
  if (typeof program === 'number') return program;
  const loaded = load_elf(ctx, program, envp, path);
  if (typeof loaded === 'number') return loaded;
  // Point of no return.
  const old = task.mm;
  if (old !== 0) mm_release(ctx, task);
  ctx.switch_mm(loaded.mm.id);
  task.mm = loaded.mm.id;
  if (old !== 0) mmput(ctx, old);
  const table = files_of(ctx, task)!;
  if (table.refs > 1) {
    const own = dup_file_table(ctx, table);
    file_table_put(ctx, table.id);
    task.files = own.id;
  }
  for (const [fd, entry] of [...files_of(ctx, task)!.fds]) if (entry.cloexec) close_fd(ctx, fd);
  // Handlers are gone with the program; what is ignored stays ignored.
  const hand = ctx.kernel.sighands.get(task.sighand)!;
  const actions = new Map([...hand.actions].filter(([, a]) => a.handler === SIG_IGN));
  if (hand.refs > 1) {
    hand.refs--;
    const own = new_sighand(ctx);
    own.actions = actions;
    task.sighand = own.id;
  } else hand.actions = actions;
  task.sas_sp = task.sas_size = 0;
  task.sas_flags = 2;
  task.clear_child_tid = 0;
  task.robust_list = 0;
  task.fault_code = 0;
  const group = group_of(ctx, task);
  group.cmdline = program.argv.map((a) => `${a}\0`).join('');
  group.itimers = group.itimers.filter((t) => {
    if (t.posix >= 0 && t.timer !== 0) ctx.del_timer(t.timer);
    return t.posix < 0;
  });
  set_comm(task, path.slice(path.lastIndexOf('/') + 1));
  const { regs, fpsimd } = ctx;
  for (let n = 0; n < 31; n++) regs.set_x(n, 0);
  regs.sp = loaded.sp;
  regs.pc = loaded.entry;
  regs.pstate = 0;
  regs.syscallno = -1;
  for (let n = 0; n < 32; n++) fpsimd.setV(n, 0n);
  fpsimd.fpcr = 0;
  fpsimd.fpsr = 0;
  fpsimd.tpidr = 0n;
  ctx.emit('exec', { path: program.path, entry: BigInt(loaded.entry) }, { pc: loaded.entry });
  return 0;
}

/** The first task: makes the root, the process and its standard files, and loads the program of the configuration. */
export const kernel_execve = fn('kernel_execve', 'init exec', function* (k, L) {
  yield k.op(L.init, init_process);
  return yield k.op(L.exec, exec_first);
});

export const init_process = op('init_process', (ctx) => {
  const { program } = ctx.config;
  const task = ctx.current;
  make_root(ctx, program.files);
  const group = new_group(ctx, task.tgid, 0);
  group.threads = [task.tid];
  group.live = 1;
  group.pgid = group.sid = task.tgid;
  ctx.kernel.first_tgid = task.tgid;
  task.sighand = new_sighand(ctx).id;
  const fs = { id: ctx.kernel.next_table++, refs: 1, cwd: ROOT_INO, umask: 0o022 };
  ctx.kernel.fs_contexts.set(fs.id, fs);
  task.fs = fs.id;
  task.files = new_file_table(ctx).id;
  for (const [device, flags] of [
    ['stdin', 0],
    ['stdout', O.WRONLY],
    ['stderr', O.WRONLY],
  ] as const) {
    const inode = new_inode(ctx, 'char', 0o600);
    inode.device = device;
    fd_install(ctx, new_file(ctx, inode, flags, `pipe:[${inode.ino}]`), false);
  }
  return 0;
});

export const exec_first = op('exec_first', (ctx) => {
  const { program } = ctx.config;
  return do_execve(ctx, byte_string(program.path), program.argv.map(byte_string), program.env.map(byte_string));
});

/** Pointers to strings in the caller's memory, as argv and envp. */
export function read_strings(ctx: KernelContext, address: number): string[] | number {
  const list: string[] = [];
  let total = 0;
  for (let p = address; p !== 0; p += 8) {
    const pointer = ctx.user.get_user64(p);
    if (pointer === null) return -ERRNO.EFAULT;
    if (pointer === 0n) break;
    const bytes = ctx.user.strncpy_from_user(Number(pointer), 128 << 10);
    if (bytes === null) return -ERRNO.EFAULT;
    if (bytes === 'long') return -ERRNO.E2BIG;
    total += bytes.length + 9;
    if (total > 2 << 20) return -ERRNO.E2BIG;
    let text = '';
    for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
    list.push(text);
  }
  return list;
}
