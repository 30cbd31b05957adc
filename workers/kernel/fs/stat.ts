// What is known about a file: stat, statx, statfs, access checks, times and modes.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { PtRegs } from '../arch/arm64/pt-regs.ts';
import { int, sys, type SyscallRow } from '../syscalls/define.ts';
import { realtime } from '../time/clock.ts';
import { fget } from './file.ts';
import { get_inode, string_of, truncate } from './inode.ts';
import { lookup_existing } from './namei.ts';
import { adopt_text } from './read-write.ts';
import { AT, type Inode, O } from './records.ts';

const PATH_MAX = 4096;
const FORMAT = { file: 0o100000, dir: 0o040000, symlink: 0o120000, pipe: 0o010000, char: 0o020000, anon: 0 } as const;
const MINORS: Readonly<Record<string, number>> = { null: 3, zero: 5, full: 7, random: 8, urandom: 9 };

/** st_mode. Standard streams look like the pipes a script would have. */
const mode_of = (inode: Inode): number => (inode.device.startsWith('std') ? FORMAT.pipe : FORMAT[inode.type]) | inode.mode;
const size_of = (inode: Inode): number => (inode.type === 'dir' ? 4096 : inode.text !== '' ? inode.text.length : inode.size);

/** A path argument as a byte string; a number: -errno. */
export function getname(ctx: KernelContext, address: number): string | number {
  const bytes = ctx.user.strncpy_from_user(address, PATH_MAX);
  if (bytes === null) return -ERRNO.EFAULT;
  if (bytes === 'long') return -ERRNO.ENAMETOOLONG;
  return string_of(bytes);
}

/** Directory a path of an *at call starts from; a number below 0: -errno. */
export function start_of(ctx: KernelContext, dirfd: number, path: string): number {
  if (path.startsWith('/') || dirfd === AT.FDCWD) return ctx.kernel.fs_contexts.get(ctx.current.fs)!.cwd;
  const file = fget(ctx, dirfd);
  if (file === null) return -ERRNO.EBADF;
  return get_inode(ctx, file.ino).type === 'dir' ? file.ino : -ERRNO.ENOTDIR;
}

/** The inode an *at call names. */
export function inode_at(ctx: KernelContext, dirfd: number, address: number, follow: boolean, empty: boolean): Inode | number {
  const path = getname(ctx, address);
  if (typeof path === 'number') return path;
  if (path === '' && empty) {
    if (dirfd === AT.FDCWD) return get_inode(ctx, ctx.kernel.fs_contexts.get(ctx.current.fs)!.cwd);
    const file = fget(ctx, dirfd);
    return file === null ? -ERRNO.EBADF : get_inode(ctx, file.ino);
  }
  const start = start_of(ctx, dirfd, path);
  return start < 0 ? start : lookup_existing(ctx, start, path, follow);
}

/** struct stat of arm64, 128 bytes. */
function encode_stat(inode: Inode): Uint8Array {
  const bytes = new Uint8Array(128);
  const at = new DataView(bytes.buffer);
  const size = size_of(inode);
  at.setBigUint64(0, 1n, true);
  at.setBigUint64(8, BigInt(inode.ino), true);
  at.setUint32(16, mode_of(inode), true);
  at.setUint32(20, Math.max(1, inode.nlink), true);
  at.setUint32(24, inode.uid, true);
  at.setUint32(28, inode.gid, true);
  if (inode.device in MINORS) at.setBigUint64(32, BigInt((1 << 8) | MINORS[inode.device]!), true);
  at.setBigInt64(48, BigInt(size), true);
  at.setInt32(56, 4096, true);
  at.setBigInt64(64, BigInt(Math.ceil(size / 512)), true);
  [inode.atime, inode.mtime, inode.ctime].forEach(([s, ns], i) => {
    at.setBigInt64(72 + i * 16, BigInt(s), true);
    at.setBigInt64(80 + i * 16, BigInt(ns), true);
  });
  return bytes;
}

function put_stat(ctx: KernelContext, inode: Inode | number, address: number): number {
  if (typeof inode === 'number') return inode;
  return ctx.user.copy_to_user(address, encode_stat(inode)) === 0 ? 0 : -ERRNO.EFAULT;
}

function encode_statx(inode: Inode): Uint8Array {
  const bytes = new Uint8Array(256);
  const at = new DataView(bytes.buffer);
  const size = size_of(inode);
  at.setUint32(0, 0x7ff, true);
  at.setUint32(4, 4096, true);
  at.setUint32(16, Math.max(1, inode.nlink), true);
  at.setUint32(20, inode.uid, true);
  at.setUint32(24, inode.gid, true);
  at.setUint16(28, mode_of(inode), true);
  at.setBigUint64(32, BigInt(inode.ino), true);
  at.setBigUint64(40, BigInt(size), true);
  at.setBigUint64(48, BigInt(Math.ceil(size / 512)), true);
  [inode.atime, inode.ctime, inode.ctime, inode.mtime].forEach(([s, ns], i) => {
    at.setBigInt64(64 + i * 16, BigInt(s), true);
    at.setUint32(72 + i * 16, ns, true);
  });
  if (inode.device in MINORS) {
    at.setUint32(128, 1, true);
    at.setUint32(132, MINORS[inode.device]!, true);
  }
  at.setUint32(140, 1, true);
  return bytes;
}

function encode_statfs(ctx: KernelContext): Uint8Array {
  const bytes = new Uint8Array(120);
  const at = new DataView(bytes.buffer);
  const words = [
    0x01021994,
    4096,
    ctx.mem.pages,
    ctx.mem.freePages,
    ctx.mem.freePages,
    65536,
    65536 - Math.min(65536, ctx.kernel.inodes.size),
    0,
    255,
    4096,
  ];
  words.forEach((w, i) => at.setBigInt64(i * 8, BigInt(w), true));
  return bytes;
}

/** Root may do everything but execute what nobody may execute. */
function check_access(inode: Inode | number, mode: number): number {
  if (typeof inode === 'number') return inode;
  if ((mode & ~7) !== 0) return -ERRNO.EINVAL;
  return (mode & 1) !== 0 && inode.type === 'file' && (inode.mode & 0o111) === 0 ? -ERRNO.EACCES : 0;
}

function change(inode: Inode | number, ctx: KernelContext, how: (inode: Inode) => void): number {
  if (typeof inode === 'number') return inode;
  how(inode);
  inode.ctime = realtime(ctx);
  return 0;
}

const by_fd = (ctx: KernelContext, fd: number): Inode | number => {
  const file = fget(ctx, fd);
  return file === null ? -ERRNO.EBADF : get_inode(ctx, file.ino);
};
const nofollow = (flags: number): boolean => (flags & AT.SYMLINK_NOFOLLOW) !== 0;
const empty = (flags: number): boolean => (flags & AT.EMPTY_PATH) !== 0;

const UTIME_NOW = 0x3fffffff;
const UTIME_OMIT = 0x3ffffffe;

function utimes(ctx: KernelContext, r: PtRegs, inode: Inode | number): number {
  if (typeof inode === 'number') return inode;
  const now = realtime(ctx);
  let times: (readonly [number, number] | null)[] = [now, now];
  if (r.x(2) !== 0) {
    const bytes = ctx.user.copy_from_user(r.x(2), 32);
    if (bytes === null) return -ERRNO.EFAULT;
    const at = new DataView(bytes.buffer);
    times = [0, 16].map((o) => {
      const ns = Number(at.getBigInt64(o + 8, true));
      return ns === UTIME_NOW ? now : ns === UTIME_OMIT ? null : [Number(at.getBigInt64(o, true)), ns];
    });
  }
  return change(inode, ctx, (i) => {
    i.atime = times[0] ?? i.atime;
    i.mtime = times[1] ?? i.mtime;
  });
}

export const STAT_CALLS: readonly SyscallRow[] = [
  sys('newfstatat', 'fspx', (ctx, r) => put_stat(ctx, inode_at(ctx, int(r, 0), r.x(1), !nofollow(r.w(3)), empty(r.w(3))), r.x(2))),
  sys('fstat', 'dp', (ctx, r) => put_stat(ctx, by_fd(ctx, int(r, 0)), r.x(1))),
  sys('statx', 'fsxxp', (ctx, r) => {
    const inode = inode_at(ctx, int(r, 0), r.x(1), !nofollow(r.w(2)), empty(r.w(2)));
    if (typeof inode === 'number') return inode;
    return ctx.user.copy_to_user(r.x(4), encode_statx(inode)) === 0 ? 0 : -ERRNO.EFAULT;
  }),
  sys('statfs', 'sp', (ctx, r) => {
    const inode = inode_at(ctx, AT.FDCWD, r.x(0), true, false);
    if (typeof inode === 'number') return inode;
    return ctx.user.copy_to_user(r.x(1), encode_statfs(ctx)) === 0 ? 0 : -ERRNO.EFAULT;
  }),
  sys('fstatfs', 'dp', (ctx, r) => {
    if (fget(ctx, int(r, 0)) === null) return -ERRNO.EBADF;
    return ctx.user.copy_to_user(r.x(1), encode_statfs(ctx)) === 0 ? 0 : -ERRNO.EFAULT;
  }),
  sys('faccessat', 'fsd', (ctx, r) => check_access(inode_at(ctx, int(r, 0), r.x(1), true, false), int(r, 2))),
  sys('faccessat2', 'fsdx', (ctx, r) => check_access(inode_at(ctx, int(r, 0), r.x(1), !nofollow(r.w(3)), empty(r.w(3))), int(r, 2))),
  sys('fchmod', 'do', (ctx, r) => change(by_fd(ctx, int(r, 0)), ctx, (i) => (i.mode = r.w(1) & 0o7777))),
  sys('fchmodat', 'fso', (ctx, r) => change(inode_at(ctx, int(r, 0), r.x(1), true, false), ctx, (i) => (i.mode = r.w(2) & 0o7777))),
  sys('fchown', 'ddd', (ctx, r) => change(by_fd(ctx, int(r, 0)), ctx, (i) => chown(i, int(r, 1), int(r, 2)))),
  sys('fchownat', 'fsddx', (ctx, r) =>
    change(inode_at(ctx, int(r, 0), r.x(1), !nofollow(r.w(4)), empty(r.w(4))), ctx, (i) => chown(i, int(r, 2), int(r, 3))),
  ),
  sys('utimensat', 'fspx', (ctx, r) =>
    utimes(ctx, r, r.x(1) === 0 ? by_fd(ctx, int(r, 0)) : inode_at(ctx, int(r, 0), r.x(1), !nofollow(r.w(3)), empty(r.w(3)))),
  ),
  sys('truncate', 'sl', (ctx, r) => {
    const inode = inode_at(ctx, AT.FDCWD, r.x(0), true, false);
    if (typeof inode === 'number') return inode;
    if (inode.type === 'dir') return -ERRNO.EISDIR;
    if (inode.type !== 'file' || r.x(1) < 0) return -ERRNO.EINVAL;
    if (inode.text !== '') adopt_text(ctx, inode);
    return truncate(ctx, inode, r.x(1));
  }),
  sys('fsync', 'd', (ctx, r) => (fget(ctx, int(r, 0)) === null ? -ERRNO.EBADF : 0)),
  sys('fdatasync', 'd', (ctx, r) => (fget(ctx, int(r, 0)) === null ? -ERRNO.EBADF : 0)),
  sys('sync', '', () => 0),
  sys('fadvise64', 'dlld', (ctx, r) => (fget(ctx, int(r, 0)) === null ? -ERRNO.EBADF : 0)),
  sys('flock', 'dd', (ctx, r) => (fget(ctx, int(r, 0)) === null ? -ERRNO.EBADF : 0)),
  ...['getxattr', 'lgetxattr', 'fgetxattr', 'listxattr', 'llistxattr', 'flistxattr', 'setxattr', 'lsetxattr', 'fsetxattr'].map((name) =>
    sys(name, 'pppl', () => -ERRNO.EOPNOTSUPP),
  ),
];

function chown(inode: Inode, uid: number, gid: number): void {
  if (uid !== -1) inode.uid = uid;
  if (gid !== -1) inode.gid = gid;
}

/** May current open the inode so? */
export function may_open(inode: Inode, flags: number): number {
  const write = (flags & O.ACCMODE) !== 0;
  if (inode.type === 'symlink') return -ERRNO.ELOOP;
  if (inode.type === 'dir' && write) return -ERRNO.EISDIR;
  if (inode.type !== 'dir' && (flags & O.DIRECTORY) !== 0) return -ERRNO.ENOTDIR;
  if (inode.device === 'tty') return -ERRNO.ENXIO;
  return 0;
}
