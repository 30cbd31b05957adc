// Open files and descriptor tables: opening, sharing, closing. Reading and writing are in fs/read-write.ts.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { Task } from '../records.ts';
import { get_inode, inode_put } from './inode.ts';
import { pipe_wake } from './pipe.ts';
import { type File, type FileTable, type Inode, O } from './records.ts';

export const OPEN_MAX = 1024;

export const readable = (file: File): boolean => (file.flags & O.ACCMODE) !== O.WRONLY && (file.flags & O.PATH) === 0;
export const writable = (file: File): boolean => (file.flags & O.ACCMODE) !== 0 && (file.flags & O.PATH) === 0;

/** An open file of an inode, with no descriptor yet and one reference, which is the caller's. */
export function new_file(ctx: KernelContext, inode: Inode, flags: number, path: string, perf_event = 0): File {
  inode.holds++;
  const file: File = {
    id: ctx.kernel.next_file++,
    ino: inode.ino,
    refs: 1,
    flags: flags & ~(O.CREAT | O.EXCL | O.TRUNC | O.NOCTTY | O.CLOEXEC),
    position: 0,
    path,
    perf_event,
  };
  ctx.kernel.files.set(file.id, file);
  if (inode.pipe !== null) {
    if (readable(file)) inode.pipe.readers++;
    if (writable(file)) inode.pipe.writers++;
  }
  return file;
}

export function file_put(ctx: KernelContext, id: number): void {
  const file = ctx.kernel.files.get(id);
  if (file === undefined || --file.refs > 0) return;
  const inode = get_inode(ctx, file.ino);
  if (inode.pipe !== null) {
    if (readable(file)) inode.pipe.readers--;
    if (writable(file)) inode.pipe.writers--;
    pipe_wake(ctx, inode.pipe);
  }
  ctx.kernel.files.delete(id);
  if (file.perf_event !== 0) ctx.kernel.closed_perf_events.push(file.perf_event);
  inode_put(ctx, file.ino);
}

export const files_of = (ctx: KernelContext, task: Task): FileTable | null => ctx.kernel.file_tables.get(task.files) ?? null;

/** The open file of a descriptor of current, or null. */
export function fget(ctx: KernelContext, fd: number): File | null {
  const entry = files_of(ctx, ctx.current)?.fds.get(fd);
  return entry === undefined ? null : ctx.kernel.files.get(entry.file)!;
}

/** Gives an open file the lowest free descriptor from `from` on; takes over the caller's reference. -EMFILE (reference dropped). */
export function fd_install(ctx: KernelContext, file: File, cloexec: boolean, from = 0): number {
  const table = files_of(ctx, ctx.current)!;
  const limit = ctx.kernel.groups.get(ctx.current.tgid)?.rlimits.get(7)?.[0] ?? OPEN_MAX;
  for (let fd = from; fd < limit; fd++) {
    if (table.fds.has(fd)) continue;
    table.fds.set(fd, { file: file.id, cloexec });
    return fd;
  }
  file_put(ctx, file.id);
  return -ERRNO.EMFILE;
}

export function close_fd(ctx: KernelContext, fd: number): number {
  const table = files_of(ctx, ctx.current)!;
  const entry = table.fds.get(fd);
  if (entry === undefined) return -ERRNO.EBADF;
  table.fds.delete(fd);
  file_put(ctx, entry.file);
  return 0;
}

export function new_file_table(ctx: KernelContext): FileTable {
  const table: FileTable = { id: ctx.kernel.next_table++, refs: 1, fds: new Map() };
  ctx.kernel.file_tables.set(table.id, table);
  return table;
}

/** A copy for fork: the same open files. */
export function dup_file_table(ctx: KernelContext, from: FileTable): FileTable {
  const table = new_file_table(ctx);
  for (const [fd, entry] of from.fds) {
    table.fds.set(fd, { ...entry });
    ctx.kernel.files.get(entry.file)!.refs++;
  }
  return table;
}

export function file_table_put(ctx: KernelContext, id: number): void {
  const table = ctx.kernel.file_tables.get(id);
  if (table === undefined || --table.refs > 0) return;
  for (const { file } of table.fds.values()) file_put(ctx, file);
  ctx.kernel.file_tables.delete(id);
}
