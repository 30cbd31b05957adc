// System calls on descriptors and names: open, close, dup, pipes, fcntl, ioctl, directories, links.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import { fn, op } from '../steps/step.ts';
import { int, sys, type SyscallRow } from '../syscalls/define.ts';
import { close_fd, fd_install, fget, files_of, new_file, OPEN_MAX } from './file.ts';
import { get_inode, new_inode, truncate } from './inode.ts';
import { dir_path } from './dir-path.ts';
import { link_name, path_lookup, unlink_name, type Found } from './namei.ts';
import { new_pipe } from './pipe.ts';
import { open_proc, proc_entries, proc_link_target } from './procfs.ts';
import { AT, type Inode, O, PIPE_SIZE, ROOT_INO } from './records.ts';
import { getname, inode_at, may_open, start_of } from './stat.ts';

const fs_of = (ctx: KernelContext) => ctx.kernel.fs_contexts.get(ctx.current.fs)!;

/** Opens a path for current; a descriptor or -errno. */
export function do_sys_open(ctx: KernelContext, dirfd: number, address: number, flags: number, mode: number): number {
  const path = getname(ctx, address);
  if (typeof path === 'number') return path;
  const start = start_of(ctx, dirfd, path);
  if (start < 0) return start;
  const exclusive = (flags & O.CREAT) !== 0 && (flags & O.EXCL) !== 0;
  const found = path_lookup(ctx, start, path, (flags & O.NOFOLLOW) === 0 && !exclusive);
  if (typeof found === 'number') return found;
  let { inode } = found;
  if ((flags & O.TMPFILE) !== 0) {
    inode = new_inode(ctx, 'file', mode & ~fs_of(ctx).umask & 0o7777);
  } else if (inode === null) {
    if ((flags & O.CREAT) === 0) return -ERRNO.ENOENT;
    if (found.slash) return -ERRNO.EISDIR;
    if (found.parent.proc !== '' || found.parent.nlink === 0) return -ERRNO.ENOENT;
    inode = new_inode(ctx, 'file', mode & ~fs_of(ctx).umask & 0o7777);
    link_name(ctx, found.parent, found.name, inode);
  } else {
    if (exclusive) return -ERRNO.EEXIST;
    if ((flags & O.CREAT) !== 0 && inode.type === 'dir') return -ERRNO.EISDIR;
    const refused = (flags & O.PATH) !== 0 ? 0 : may_open(inode, flags);
    if (refused !== 0) return refused;
    if (inode.proc !== '' && inode.type !== 'dir') {
      const opened = open_proc(ctx, inode);
      if (typeof opened === 'number') {
        // A descriptor of this process by its magic link.
        const file = ctx.kernel.files.get(opened)!;
        file.refs++;
        return fd_install(ctx, file, (flags & O.CLOEXEC) !== 0);
      }
      inode = opened;
    } else if (!ctx.kernel.inodes.has(inode.ino)) ctx.kernel.inodes.set(inode.ino, inode);
    if ((flags & O.TRUNC) !== 0 && inode.type === 'file' && (flags & O.ACCMODE) !== 0) {
      inode.text = '';
      truncate(ctx, inode, 0);
    }
  }
  return fd_install(ctx, new_file(ctx, inode, flags, absolute(ctx, path)), (flags & O.CLOEXEC) !== 0);
}

const absolute = (ctx: KernelContext, path: string): string => {
  if (path.startsWith('/')) return path;
  const cwd = dir_path(ctx, fs_of(ctx).cwd) ?? '';
  return `${cwd === '/' ? '' : cwd}/${path}`;
};

/** The place of a name that is to be made or removed; -errno. */
function place(ctx: KernelContext, dirfd: number, address: number): Found | number {
  const path = getname(ctx, address);
  if (typeof path === 'number') return path;
  const start = start_of(ctx, dirfd, path);
  return start < 0 ? start : path_lookup(ctx, start, path, false);
}

/** A place with nothing there yet. */
function free_place(ctx: KernelContext, dirfd: number, address: number, directory: boolean): Found | number {
  const found = place(ctx, dirfd, address);
  if (typeof found === 'number') return found;
  if (found.inode !== null) return -ERRNO.EEXIST;
  if (found.slash && !directory) return -ERRNO.ENOENT;
  return found.parent.proc !== '' ? -ERRNO.EPERM : found;
}

function unlink(ctx: KernelContext, dirfd: number, address: number, directory: boolean): number {
  const found = place(ctx, dirfd, address);
  if (typeof found === 'number') return found;
  const { inode, parent, name } = found;
  if (inode === null) return -ERRNO.ENOENT;
  if (name === '') return directory ? (inode.ino === ROOT_INO ? -ERRNO.EBUSY : -ERRNO.EINVAL) : -ERRNO.EISDIR;
  if (parent.proc !== '' || inode.proc !== '') return -ERRNO.EPERM;
  if (!directory) {
    if (inode.type === 'dir') return -ERRNO.EISDIR;
    if (found.slash) return -ERRNO.ENOTDIR;
  } else {
    if (inode.type !== 'dir') return -ERRNO.ENOTDIR;
    if (inode.entries!.size > 0) return -ERRNO.ENOTEMPTY;
    inode.nlink--;
    parent.nlink--;
  }
  unlink_name(ctx, parent, name);
  return 0;
}

/** Is `dir` the directory `inode`, or somewhere in it? */
function is_above(ctx: KernelContext, inode: Inode, dir: Inode): boolean {
  for (let at: Inode | undefined = dir; at !== undefined; at = at.ino === ROOT_INO ? undefined : ctx.kernel.inodes.get(at.parent)) {
    if (at === inode) return true;
  }
  return false;
}

function rename(ctx: KernelContext, from: Found | number, to: Found | number, flags: number): number {
  if (typeof from === 'number') return from;
  if (typeof to === 'number') return to;
  const moved = from.inode;
  if (moved === null) return -ERRNO.ENOENT;
  if (from.name === '' || to.name === '') return -ERRNO.EBUSY;
  if (from.parent.proc !== '' || to.parent.proc !== '') return -ERRNO.EPERM;
  const NOREPLACE = 1;
  const EXCHANGE = 2;
  if ((flags & ~3) !== 0 || flags === 3) return -ERRNO.EINVAL;
  if (to.inode !== null && (flags & NOREPLACE) !== 0) return -ERRNO.EEXIST;
  if (to.inode === moved) return 0;
  if (moved.type !== 'dir' && (from.slash || to.slash)) return -ERRNO.ENOTDIR;
  if (moved.type === 'dir' && is_above(ctx, moved, to.parent)) return -ERRNO.EINVAL;
  if (to.inode !== null && is_above(ctx, to.inode, from.parent)) return -ERRNO.ENOTEMPTY;
  if ((flags & EXCHANGE) !== 0) {
    if (to.inode === null) return -ERRNO.ENOENT;
    from.parent.entries!.set(from.name, to.inode.ino);
    to.parent.entries!.set(to.name, moved.ino);
    if (moved.type === 'dir') moved.parent = to.parent.ino;
    if (to.inode.type === 'dir') to.inode.parent = from.parent.ino;
    return 0;
  }
  if (to.inode !== null) {
    if (moved.type === 'dir' && to.inode.type !== 'dir') return -ERRNO.ENOTDIR;
    if (moved.type !== 'dir' && to.inode.type === 'dir') return -ERRNO.EISDIR;
    if (to.inode.type === 'dir') {
      if (to.inode.entries!.size > 0) return -ERRNO.ENOTEMPTY;
      to.inode.nlink--;
      to.parent.nlink--;
    }
    unlink_name(ctx, to.parent, to.name);
  }
  link_name(ctx, to.parent, to.name, moved);
  unlink_name(ctx, from.parent, from.name);
  if (moved.type === 'dir') {
    from.parent.nlink--;
    to.parent.nlink++;
  }
  return 0;
}

/** linux_dirent64 records from the directory's position on. */
function getdents(ctx: KernelContext, fd: number, address: number, count: number): number {
  const file = fget(ctx, fd);
  if (file === null) return -ERRNO.EBADF;
  const dir = get_inode(ctx, file.ino);
  if (dir.type !== 'dir') return -ERRNO.ENOTDIR;
  const names: (readonly [string, number, Inode['type']])[] = [
    ['.', dir.ino, 'dir'],
    ['..', dir.parent, 'dir'],
  ];
  if (dir.proc !== '') names.push(...proc_entries(ctx, dir));
  if (dir.proc === '') for (const [name, ino] of dir.entries!) names.push([name, ino, get_inode(ctx, ino).type]);
  const types = { file: 8, dir: 4, symlink: 10, pipe: 1, char: 2, anon: 0 } as const;
  if (count < 0) return -ERRNO.EINVAL;
  const out = new Uint8Array(Math.min(count, 65536));
  const at = new DataView(out.buffer);
  let p = 0;
  let position = file.position;
  for (; position < names.length; position++) {
    const [name, ino, type] = names[position]!;
    const length = Math.ceil((19 + name.length + 1) / 8) * 8;
    if (p + length > out.length) break;
    at.setBigUint64(p, BigInt(ino), true);
    at.setBigInt64(p + 8, BigInt(position + 1), true);
    at.setUint16(p + 16, length, true);
    out[p + 18] = types[type];
    for (let i = 0; i < name.length; i++) out[p + 19 + i] = name.charCodeAt(i);
    p += length;
  }
  if (p === 0 && position < names.length) return -ERRNO.EINVAL;
  if (ctx.user.copy_to_user(address, out.subarray(0, p)) !== 0) return -ERRNO.EFAULT;
  file.position = position;
  return p;
}

const F = {
  DUPFD: 0,
  GETFD: 1,
  SETFD: 2,
  GETFL: 3,
  SETFL: 4,
  GETLK: 5,
  SETLK: 6,
  SETLKW: 7,
  DUPFD_CLOEXEC: 1030,
  SETPIPE_SZ: 1031,
  GETPIPE_SZ: 1032,
} as const;

function fcntl(ctx: KernelContext, fd: number, command: number, argument: number): number {
  const entry = files_of(ctx, ctx.current)!.fds.get(fd);
  if (entry === undefined) return -ERRNO.EBADF;
  const file = ctx.kernel.files.get(entry.file)!;
  switch (command) {
    case F.DUPFD:
    case F.DUPFD_CLOEXEC:
      if (argument < 0 || argument >= OPEN_MAX) return -ERRNO.EINVAL;
      file.refs++;
      return fd_install(ctx, file, command === F.DUPFD_CLOEXEC, argument);
    case F.GETFD:
      return entry.cloexec ? 1 : 0;
    case F.SETFD:
      entry.cloexec = (argument & 1) !== 0;
      return 0;
    case F.GETFL:
      return file.flags | O.LARGEFILE;
    case F.SETFL:
      file.flags = (file.flags & ~(O.APPEND | O.NONBLOCK)) | (argument & (O.APPEND | O.NONBLOCK));
      return 0;
    case F.GETLK: {
      // F_UNLCK: nobody else holds a lock, as locks of one machine's programs are not kept.
      const type = new Uint8Array([2, 0]);
      return ctx.user.copy_to_user(argument, type) === 0 ? 0 : -ERRNO.EFAULT;
    }
    case F.SETLK:
    case F.SETLKW:
      return 0;
    case F.SETPIPE_SZ:
    case F.GETPIPE_SZ:
      return get_inode(ctx, file.ino).type === 'pipe' ? PIPE_SIZE : -ERRNO.EBADF;
    default:
      return -ERRNO.EINVAL;
  }
}

const dup_to = (ctx: KernelContext, from: number, to: number, cloexec: boolean): number => {
  const file = fget(ctx, from);
  if (file === null || to < 0 || to >= OPEN_MAX) return -ERRNO.EBADF;
  file.refs++;
  const table = files_of(ctx, ctx.current)!;
  if (table.fds.has(to)) close_fd(ctx, to);
  table.fds.set(to, { file: file.id, cloexec });
  return to;
};

const FIONREAD = 0x541b;
const FIONBIO = 0x5421;

/** 1: a perf_event's file, whose ioctl is perf's. */
export const ioctl_try = op('sys_ioctl.try', (ctx) => {
  const { regs } = ctx;
  const file = fget(ctx, int(regs, 0));
  if (file === null) return -ERRNO.EBADF;
  if (file.perf_event !== 0) return 1;
  const inode = get_inode(ctx, file.ino);
  if (regs.w(1) === FIONREAD && inode.type === 'pipe') return ctx.user.put_user32(regs.x(2), inode.pipe!.length);
  if (regs.w(1) === FIONREAD && inode.type === 'file') return ctx.user.put_user32(regs.x(2), Math.max(0, inode.size - file.position));
  if (regs.w(1) === FIONBIO) {
    const on = ctx.user.get_user32(regs.x(2));
    if (on < 0) return on;
    file.flags = on !== 0 ? file.flags | O.NONBLOCK : file.flags & ~O.NONBLOCK;
    return 0;
  }
  return -ERRNO.ENOTTY;
});
export const sys_ioctl = fn('sys_ioctl', 'try perf', function* (k, L) {
  const result = yield k.op(L.try, ioctl_try);
  return result === 1 ? yield k.call(L.perf, 'perf_ioctl') : result;
});

function readlink(ctx: KernelContext, inode: Inode | number, address: number, size: number): number {
  if (typeof inode === 'number') return inode;
  if (size <= 0) return -ERRNO.EINVAL;
  if (inode.type !== 'symlink') return -ERRNO.EINVAL;
  const text = (inode.proc !== '' ? proc_link_target(ctx, inode) : inode.text).slice(0, size);
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  return ctx.user.copy_to_user(address, bytes) === 0 ? bytes.length : -ERRNO.EFAULT;
}

const make_dir = (ctx: KernelContext, dirfd: number, address: number, mode: number): number => {
  const found = free_place(ctx, dirfd, address, true);
  if (typeof found === 'number') return found;
  const dir = new_inode(ctx, 'dir', mode & ~fs_of(ctx).umask & 0o1777);
  dir.nlink = 1;
  found.parent.nlink++;
  link_name(ctx, found.parent, found.name, dir);
  return 0;
};

const change_dir = (ctx: KernelContext, inode: Inode | number): number => {
  if (typeof inode === 'number') return inode;
  if (inode.type !== 'dir') return -ERRNO.ENOTDIR;
  if (!ctx.kernel.inodes.has(inode.ino)) ctx.kernel.inodes.set(inode.ino, inode);
  fs_of(ctx).cwd = inode.ino;
  return 0;
};

export const OPEN_CALLS: readonly SyscallRow[] = [
  sys('openat', 'fsxo', (ctx, r) => do_sys_open(ctx, int(r, 0), r.x(1), r.w(2), r.w(3))),
  sys('close', 'd', (ctx, r) => close_fd(ctx, int(r, 0))),
  sys('close_range', 'uux', (ctx, r) => {
    if (r.w(0) > r.w(1)) return -ERRNO.EINVAL;
    for (const [fd, entry] of [...files_of(ctx, ctx.current)!.fds]) {
      if (fd < r.w(0) || fd > r.w(1)) continue;
      if ((r.w(2) & 4) !== 0) entry.cloexec = true;
      else close_fd(ctx, fd);
    }
    return 0;
  }),
  sys('dup', 'd', (ctx, r) => fcntl(ctx, int(r, 0), F.DUPFD, 0)),
  sys('dup3', 'ddx', (ctx, r) =>
    int(r, 0) === int(r, 1) || (r.w(2) & ~O.CLOEXEC) !== 0 ? -ERRNO.EINVAL : dup_to(ctx, int(r, 0), int(r, 1), r.w(2) !== 0),
  ),
  sys('pipe2', 'px', (ctx, r) => {
    const flags = r.w(1);
    if ((flags & ~(O.CLOEXEC | O.NONBLOCK | 0o200000)) !== 0) return -ERRNO.EINVAL;
    const inode = new_pipe(ctx);
    const cloexec = (flags & O.CLOEXEC) !== 0;
    const reader = fd_install(ctx, new_file(ctx, inode, flags & O.NONBLOCK, `pipe:[${inode.ino}]`), cloexec);
    if (reader < 0) return reader;
    const writer = fd_install(ctx, new_file(ctx, inode, O.WRONLY | (flags & O.NONBLOCK), `pipe:[${inode.ino}]`), cloexec);
    if (writer < 0) {
      close_fd(ctx, reader);
      return writer;
    }
    if (ctx.user.put_user64(r.x(0), (BigInt(writer) << 32n) | BigInt(reader)) === 0) return 0;
    close_fd(ctx, reader);
    close_fd(ctx, writer);
    return -ERRNO.EFAULT;
  }),
  sys('fcntl', 'ddx', (ctx, r) => fcntl(ctx, int(r, 0), int(r, 1), r.x(2))),
  { name: 'ioctl', args: 'dxp', pointer: false, run: sys_ioctl, ops: [ioctl_try] },
  sys('getdents64', 'dpl', (ctx, r) => getdents(ctx, int(r, 0), r.x(1), r.x(2))),
  sys('getcwd', 'pl', (ctx, r) => {
    const path = dir_path(ctx, fs_of(ctx).cwd);
    if (path === null) return -ERRNO.ENOENT;
    if (path.length + 1 > r.x(1)) return -ERRNO.ERANGE;
    return ctx.user.copy_to_user(
      r.x(0),
      Uint8Array.from(`${path}\0`, (c) => c.charCodeAt(0)),
    ) === 0
      ? path.length + 1
      : -ERRNO.EFAULT;
  }),
  sys('chdir', 's', (ctx, r) => change_dir(ctx, inode_at(ctx, AT.FDCWD, r.x(0), true, false))),
  sys('fchdir', 'd', (ctx, r) => {
    const file = fget(ctx, int(r, 0));
    return file === null ? -ERRNO.EBADF : change_dir(ctx, get_inode(ctx, file.ino));
  }),
  sys('umask', 'o', (ctx, r) => {
    const fs = fs_of(ctx);
    const old = fs.umask;
    fs.umask = r.w(0) & 0o777;
    return old;
  }),
  sys('mkdirat', 'fso', (ctx, r) => make_dir(ctx, int(r, 0), r.x(1), r.w(2))),
  sys('mknodat', 'fsox', (ctx, r) => {
    const kind = r.w(2) & 0o170000;
    if (kind !== 0 && kind !== 0o100000 && kind !== 0o010000) return -ERRNO.EPERM;
    const found = free_place(ctx, int(r, 0), r.x(1), false);
    if (typeof found === 'number') return found;
    const inode = kind === 0o010000 ? new_pipe(ctx) : new_inode(ctx, 'file', 0);
    inode.mode = r.w(2) & ~fs_of(ctx).umask & 0o7777;
    link_name(ctx, found.parent, found.name, inode);
    return 0;
  }),
  sys('unlinkat', 'fsx', (ctx, r) => unlink(ctx, int(r, 0), r.x(1), (r.w(2) & AT.REMOVEDIR) !== 0)),
  sys('symlinkat', 'sfs', (ctx, r) => {
    const target = getname(ctx, r.x(0));
    if (typeof target === 'number') return target;
    if (target === '') return -ERRNO.ENOENT;
    const found = free_place(ctx, int(r, 1), r.x(2), false);
    if (typeof found === 'number') return found;
    const inode = new_inode(ctx, 'symlink', 0o777);
    inode.text = target;
    inode.size = target.length;
    link_name(ctx, found.parent, found.name, inode);
    return 0;
  }),
  sys('linkat', 'fsfsx', (ctx, r) => {
    const inode = inode_at(ctx, int(r, 0), r.x(1), (r.w(4) & AT.SYMLINK_FOLLOW) !== 0, (r.w(4) & AT.EMPTY_PATH) !== 0);
    if (typeof inode === 'number') return inode;
    const found = free_place(ctx, int(r, 2), r.x(3), false);
    if (typeof found === 'number') return found;
    if (inode.type === 'dir' || inode.proc !== '') return -ERRNO.EPERM;
    link_name(ctx, found.parent, found.name, inode);
    return 0;
  }),
  sys('renameat2', 'fsfsx', (ctx, r) => rename(ctx, place(ctx, int(r, 0), r.x(1)), place(ctx, int(r, 2), r.x(3)), r.w(4))),
  sys('renameat', 'fsfs', (ctx, r) => rename(ctx, place(ctx, int(r, 0), r.x(1)), place(ctx, int(r, 2), r.x(3)), 0)),
  sys('readlinkat', 'fspl', (ctx, r) => readlink(ctx, inode_at(ctx, int(r, 0), r.x(1), false, true), r.x(2), int(r, 3))),
  sys('memfd_create', 'sx', (ctx, r) => {
    const name = getname(ctx, r.x(0));
    if (typeof name === 'number') return name;
    return fd_install(ctx, new_file(ctx, new_inode(ctx, 'file', 0o777), O.RDWR, `/memfd:${name}`), (r.w(1) & 1) !== 0);
  }),
];
