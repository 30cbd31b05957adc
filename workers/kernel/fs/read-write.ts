// Reading and writing open files of every kind: regular files, generated ones, pipes, devices. Kernel names: vfs_read, vfs_write.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import { fn, op } from '../steps/step.ts';
import { finish_sleep, int, SLEEP, sleep_on, sleeping, sys, type SyscallRow } from '../syscalls/define.ts';
import { fget, readable, writable } from './file.ts';
import { get_inode, read_data, truncate, write_data } from './inode.ts';
import { pipe_consume, pipe_peek, pipe_write } from './pipe.ts';
import { type File, type Inode, O } from './records.ts';

/** Most bytes one call moves (MAX_RW_COUNT), and at a time inside of it. */
const MAX_RW_COUNT = 0x7fff_f000;
const CHUNK = 1 << 20;
/** The file is a perf_event: another function reads it. */
export const IS_PERF = -1_000_001;

/** One piece of a caller's memory. */
interface Segment {
  readonly address: number;
  readonly length: number;
}

/** Bytes of the file at `position`, at most `count`; a number: -errno or SLEEP. Empty: end of file. */
function read_some(ctx: KernelContext, file: File, inode: Inode, position: number, count: number): Uint8Array | number {
  switch (inode.type) {
    case 'dir':
      return -ERRNO.EISDIR;
    case 'pipe': {
      const bytes = pipe_peek(inode.pipe!, count);
      if (bytes !== null) return bytes;
      return (file.flags & O.NONBLOCK) !== 0 ? -ERRNO.EAGAIN : sleep_on(ctx, `pipe:${inode.ino}`, 'pipe_read');
    }
    case 'char':
      return read_device(ctx, inode.device, count);
    case 'file': {
      const size = inode.text !== '' ? inode.text.length : inode.size;
      if (position >= size) return new Uint8Array(0);
      const bytes = new Uint8Array(Math.min(count, size - position));
      if (inode.text !== '') for (let i = 0; i < bytes.length; i++) bytes[i] = inode.text.charCodeAt(position + i);
      else read_data(ctx, inode, position, bytes);
      return bytes;
    }
    default:
      return -ERRNO.EINVAL;
  }
}

function read_device(ctx: KernelContext, device: string, count: number): Uint8Array | number {
  switch (device) {
    case 'stdin': {
      const bytes = ctx.stdin(count);
      return bytes === null || bytes === 'eof' ? new Uint8Array(0) : bytes;
    }
    case 'null':
      return new Uint8Array(0);
    case 'zero':
    case 'full':
      return new Uint8Array(count);
    case 'random':
    case 'urandom':
      return random_bytes(ctx, count);
    default:
      return -ERRNO.EIO;
  }
}

export function random_bytes(ctx: KernelContext, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i += 4) {
    const word = ctx.random();
    for (let j = 0; j < 4 && i + j < count; j++) bytes[i + j] = word >>> (8 * j);
  }
  return bytes;
}

/** Bytes taken, -errno, or SLEEP. */
function write_some(ctx: KernelContext, file: File, inode: Inode, position: number, bytes: Uint8Array): number {
  switch (inode.type) {
    case 'pipe': {
      const n = pipe_write(ctx, inode.pipe!, bytes);
      if (n !== 0) return n;
      return (file.flags & O.NONBLOCK) !== 0 ? -ERRNO.EAGAIN : sleep_on(ctx, `pipe:${inode.ino}`, 'pipe_write');
    }
    case 'char':
      if (inode.device === 'stdout' || inode.device === 'stderr' || inode.device === 'console' || inode.device === 'tty') {
        ctx.emit('output', { fd: inode.device === 'stderr' ? 2 : 1, data: bytes.slice() }, { pc: ctx.regs.pc_bits - 4n });
        return bytes.length;
      }
      return inode.device === 'full' ? -ERRNO.ENOSPC : bytes.length;
    case 'file':
      if (inode.text !== '' && inode.source === '') adopt_text(ctx, inode);
      return write_data(ctx, inode, position, bytes);
    default:
      return -ERRNO.EINVAL;
  }
}

/** A file whose contents were generated gets pages, so that it can be written. */
export function adopt_text(ctx: KernelContext, inode: Inode): void {
  const { text } = inode;
  inode.text = '';
  inode.size = 0;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  write_data(ctx, inode, 0, bytes);
}

/** Reads into pieces of the caller's memory. `at` -1: at the file's own position, which moves. */
function read_segments(ctx: KernelContext, file: File, segments: readonly Segment[], at: number): number {
  const inode = get_inode(ctx, file.ino);
  if (!readable(file)) return -ERRNO.EBADF;
  if (file.perf_event !== 0) return IS_PERF;
  if (at >= 0 && (inode.type === 'pipe' || is_stream(inode))) return -ERRNO.ESPIPE;
  let position = at >= 0 ? at : file.position;
  let total = 0;
  outer: for (const segment of segments) {
    for (let done = 0; done < segment.length; ) {
      const want = Math.min(segment.length - done, CHUNK);
      // A stream gives what it has: ask again only while nothing has come.
      if (total > 0 && (inode.type === 'pipe' || inode.device === 'stdin')) break outer;
      const bytes = read_some(ctx, file, inode, position, want);
      if (typeof bytes === 'number') {
        if (total > 0) break outer;
        return bytes;
      }
      const missing = ctx.user.copy_to_user(segment.address + done, bytes);
      const n = bytes.length - missing;
      if (inode.pipe !== null) pipe_consume(ctx, inode.pipe, n);
      total += n;
      position += n;
      done += n;
      if (missing > 0) {
        if (total === 0) return -ERRNO.EFAULT;
        break outer;
      }
      if (bytes.length < want) break outer;
    }
  }
  if (at < 0 && !is_stream(inode)) file.position = position;
  return total;
}

const is_stream = (inode: Inode): boolean =>
  inode.type === 'pipe' || (inode.type === 'char' && ['stdin', 'stdout', 'stderr', 'tty', 'console'].includes(inode.device));

/** Writes pieces of the caller's memory; what a sleeping writer has done so far is in task.call.done. */
function write_segments(ctx: KernelContext, file: File, segments: readonly Segment[], at: number): number {
  const inode = get_inode(ctx, file.ino);
  if (!writable(file)) return -ERRNO.EBADF;
  if (at >= 0 && (inode.type === 'pipe' || is_stream(inode))) return -ERRNO.ESPIPE;
  const { call } = ctx.current;
  let skip = call.done;
  // Linux appends even at a given position when the file was opened so.
  let position = (file.flags & O.APPEND) !== 0 && inode.type === 'file' ? inode.size : at >= 0 ? at : file.position;
  for (const segment of segments) {
    let done = Math.min(skip, segment.length);
    skip -= done;
    while (done < segment.length) {
      const want = Math.min(segment.length - done, inode.type === 'pipe' ? 65536 : CHUNK);
      const bytes = ctx.user.copy_from_user(segment.address + done, want);
      if (bytes === null) return call.done > 0 ? call.done : -ERRNO.EFAULT;
      const n = write_some(ctx, file, inode, position, bytes);
      if (n === SLEEP) return SLEEP;
      if (n < 0) return call.done > 0 ? call.done : n;
      call.done += n;
      done += n;
      position += n;
      if (at < 0 && !is_stream(inode)) file.position = position;
    }
  }
  return call.done;
}

/** iovec[] of the caller; a number: -errno. */
function read_iovec(ctx: KernelContext, address: number, count: number): Segment[] | number {
  if (count < 0 || count > 1024) return -ERRNO.EINVAL;
  const bytes = ctx.user.copy_from_user(address, count * 16);
  if (bytes === null) return -ERRNO.EFAULT;
  const at = new DataView(bytes.buffer);
  const list: Segment[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const length = Number(at.getBigInt64(i * 16 + 8, true));
    if (length < 0) return -ERRNO.EINVAL;
    const take = Math.min(length, MAX_RW_COUNT - total);
    list.push({ address: Number(at.getBigInt64(i * 16, true)), length: take });
    total += take;
  }
  return list;
}

type Mover = (ctx: KernelContext, file: File, segments: readonly Segment[], at: number) => number;

const one = (ctx: KernelContext, move: Mover, at: number): number => {
  const { regs } = ctx;
  const file = fget(ctx, int(regs, 0));
  if (file === null) return -ERRNO.EBADF;
  const length = regs.x(2);
  if (length < 0) return -ERRNO.EINVAL;
  return move(ctx, file, [{ address: regs.x(1), length: Math.min(length, MAX_RW_COUNT) }], at);
};
const many = (ctx: KernelContext, move: Mover, at: number): number => {
  const { regs } = ctx;
  const file = fget(ctx, int(regs, 0));
  if (file === null) return -ERRNO.EBADF;
  const segments = read_iovec(ctx, regs.x(1), int(regs, 2));
  return typeof segments === 'number' ? segments : move(ctx, file, segments, at);
};
/** A writer that a signal interrupts after some bytes reports them. */
const partial = (ctx: KernelContext, result: number): number =>
  result === -ERRNO.ERESTARTSYS && ctx.current.call.done > 0 ? ctx.current.call.done : result;
const positioned = (position: number, run: (at: number) => number): number => (position < 0 ? -ERRNO.EINVAL : run(position));

export const read_try = op('sys_read.try', (ctx) => one(ctx, read_segments, -1));

/** read(): like the other calls that may sleep, but a perf_event's file is read by perf. */
export const sys_read = fn('sys_read', 'try perf schedule woken again', function* (k, L) {
  const result = yield k.op(L.try, read_try);
  if (result === IS_PERF) return yield k.call(L.perf, 'perf_read');
  if (result !== SLEEP) return result;
  yield k.call(L.schedule, 'schedule');
  yield k.op(L.woken, finish_sleep);
  yield k.again(L.again);
  return 0;
});

const not_perf = (result: number): number => (result === IS_PERF ? -ERRNO.EINVAL : result);

export const READ_WRITE_CALLS: readonly SyscallRow[] = [
  { name: 'read', args: 'dpu', pointer: false, run: sys_read, ops: [read_try, finish_sleep] },
  sleeping('write', 'dbl', (ctx) => partial(ctx, one(ctx, write_segments, -1))),
  sleeping('readv', 'dpd', (ctx) => not_perf(many(ctx, read_segments, -1))),
  sleeping('writev', 'dpd', (ctx) => partial(ctx, many(ctx, write_segments, -1))),
  sys('pread64', 'dpll', (ctx, r) => positioned(r.x(3), (at) => not_perf(one(ctx, read_segments, at)))),
  sys('pwrite64', 'dbll', (ctx, r) => positioned(r.x(3), (at) => one(ctx, write_segments, at))),
  sys('preadv', 'dpdl', (ctx, r) => positioned(r.x(3), (at) => not_perf(many(ctx, read_segments, at)))),
  sys('pwritev', 'dpdl', (ctx, r) => positioned(r.x(3), (at) => many(ctx, write_segments, at))),
  sys('lseek', 'dld', (ctx, r) => {
    const file = fget(ctx, int(r, 0));
    if (file === null) return -ERRNO.EBADF;
    const inode = get_inode(ctx, file.ino);
    if (is_stream(inode) || inode.type === 'anon') return -ERRNO.ESPIPE;
    const size = inode.text !== '' ? inode.text.length : inode.size;
    const offset = r.x(1);
    const whence = int(r, 2);
    // SEEK_DATA and SEEK_HOLE: a file is all data with one hole at its end.
    if ((whence === 3 || whence === 4) && offset >= size) return -ERRNO.ENXIO;
    const next =
      whence === 0 || whence === 3
        ? offset
        : whence === 1
          ? file.position + offset
          : whence === 2
            ? size + offset
            : whence === 4
              ? size
              : -1;
    if (next < 0) return -ERRNO.EINVAL;
    file.position = next;
    return next;
  }),
  sys('ftruncate', 'dl', (ctx, r) => {
    const file = fget(ctx, int(r, 0));
    if (file === null) return -ERRNO.EBADF;
    const inode = get_inode(ctx, file.ino);
    if (r.x(1) < 0 || inode.type !== 'file' || !writable(file)) return -ERRNO.EINVAL;
    if (inode.text !== '') adopt_text(ctx, inode);
    return truncate(ctx, inode, r.x(1));
  }),
  sys('fallocate', 'dxll', (ctx, r) => {
    const file = fget(ctx, int(r, 0));
    if (file === null || !writable(file)) return -ERRNO.EBADF;
    const inode = get_inode(ctx, file.ino);
    if (inode.type !== 'file') return -ERRNO.ENODEV;
    if (int(r, 1) !== 0) return -ERRNO.EOPNOTSUPP;
    if (r.x(2) < 0 || r.x(3) <= 0) return -ERRNO.EINVAL;
    const end = r.x(2) + r.x(3);
    return end > inode.size ? truncate(ctx, inode, end) : 0;
  }),
  sleeping('sendfile', 'ddpl', (ctx, r) => {
    const from = fget(ctx, int(r, 1));
    const to = fget(ctx, int(r, 0));
    if (from === null || to === null || !readable(from) || !writable(to)) return -ERRNO.EBADF;
    const source = get_inode(ctx, from.ino);
    if (source.type !== 'file') return -ERRNO.EINVAL;
    const { call } = ctx.current;
    let position = from.position;
    if (r.x(2) !== 0) {
      const given = ctx.user.get_user64(r.x(2));
      if (given === null) return -ERRNO.EFAULT;
      position = Number(given);
    }
    const total = Math.min(r.x(3), MAX_RW_COUNT);
    const target = get_inode(ctx, to.ino);
    while (call.done < total) {
      const bytes = read_some(ctx, from, source, position + (r.x(2) !== 0 ? call.done : 0), Math.min(total - call.done, 65536));
      if (typeof bytes === 'number') return bytes;
      if (bytes.length === 0) break;
      const at = (to.flags & O.APPEND) !== 0 && target.type === 'file' ? target.size : to.position;
      const n = write_some(ctx, to, target, at, bytes);
      if (n === SLEEP) return SLEEP;
      if (n < 0) return call.done > 0 ? call.done : n;
      call.done += n;
      if (!is_stream(target)) to.position = at + n;
      if (r.x(2) === 0) from.position = position += n;
    }
    if (r.x(2) !== 0 && ctx.user.put_user64(r.x(2), BigInt(position + call.done)) !== 0) return -ERRNO.EFAULT;
    return call.done;
  }),
];
