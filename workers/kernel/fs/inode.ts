// Inodes: making, holding and dropping them, and the bytes of regular files (page cache in guest RAM over the image). No paths here.
import type { KernelContext } from '../kernel-context.ts';
import { ERRNO } from '../errno.ts';
import { realtime } from '../time/clock.ts';
import type { Inode, InodeType } from './records.ts';

const PAGE = 4096;
/** Largest regular file, in bytes. */
export const LARGEST_FILE = 2 ** 31 - PAGE;
const NO_PAGES = new Int32Array(0);

export function new_inode(ctx: KernelContext, type: InodeType, mode: number): Inode {
  const now = realtime(ctx);
  const inode: Inode = {
    ino: ctx.kernel.next_ino++,
    type,
    mode,
    uid: 0,
    gid: 0,
    nlink: 0,
    holds: 0,
    size: 0,
    pages: NO_PAGES,
    source: '',
    source_size: 0,
    version: 0,
    entries: null,
    parent: 0,
    text: '',
    device: '',
    proc: '',
    pipe: null,
    atime: now,
    mtime: now,
    ctime: now,
  };
  if (type === 'dir') inode.entries = new Map();
  ctx.kernel.inodes.set(inode.ino, inode);
  return inode;
}

export const get_inode = (ctx: KernelContext, ino: number): Inode => ctx.kernel.inodes.get(ino)!;

/** Drops the inode when no name, open file or mapping holds it any more. */
export function inode_release(ctx: KernelContext, inode: Inode): void {
  if (inode.nlink > 0 || inode.holds > 0) return;
  for (const page of inode.pages) if (page !== 0) ctx.mem.put_page(page - 1);
  inode.pages = NO_PAGES;
  ctx.kernel.inodes.delete(inode.ino);
}

export function inode_hold(inode: Inode): void {
  inode.holds++;
}

export function inode_put(ctx: KernelContext, ino: number): void {
  const inode = ctx.kernel.inodes.get(ino);
  if (inode === undefined) return;
  inode.holds--;
  inode_release(ctx, inode);
}

/** Frame of page `index` of the file's cache; -1 when there is none and `create` is false, or no memory. The cache keeps its reference. */
export function cache_page(ctx: KernelContext, inode: Inode, index: number, create: boolean): number {
  const known = index < inode.pages.length ? inode.pages[index]! : 0;
  if (known !== 0) return known - 1;
  if (!create) return -1;
  const pfn = ctx.mem.alloc_page();
  if (pfn < 0) return -1;
  const from = index * PAGE;
  const bytes = source_bytes(ctx, inode, from, Math.min(from + PAGE, inode.source_size, inode.size));
  if (bytes !== null) ctx.mem.write(pfn * PAGE, bytes);
  if (index >= inode.pages.length) {
    const grown = new Int32Array(Math.max(index + 1, Math.min(inode.pages.length * 2, 8 + Math.ceil(inode.size / PAGE))));
    grown.set(inode.pages);
    inode.pages = grown;
  }
  inode.pages[index] = pfn + 1;
  return pfn;
}

function source_bytes(ctx: KernelContext, inode: Inode, from: number, to: number): Uint8Array | null {
  if (inode.source === '' || to <= from) return null;
  return ctx.config.program.files.get(inode.source)!.data.subarray(from, to);
}

/** Copies bytes of a regular file into `target`; the caller keeps position + target.length within the size. */
export function read_data(ctx: KernelContext, inode: Inode, position: number, target: Uint8Array): void {
  let done = 0;
  while (done < target.length) {
    const index = Math.floor((position + done) / PAGE);
    const inside = (position + done) % PAGE;
    const n = Math.min(PAGE - inside, target.length - done);
    const pfn = cache_page(ctx, inode, index, false);
    if (pfn >= 0) target.set(ctx.mem.view(pfn * PAGE + inside, n), done);
    else {
      const from = index * PAGE + inside;
      const bytes = source_bytes(ctx, inode, from, Math.min(from + n, inode.source_size));
      if (bytes !== null) target.set(bytes, done);
    }
    done += n;
  }
}

/** All bytes of a regular or generated file. */
export function read_all(ctx: KernelContext, inode: Inode): Uint8Array {
  const bytes = new Uint8Array(inode.text !== '' ? inode.text.length : inode.size);
  if (inode.text !== '') for (let i = 0; i < bytes.length; i++) bytes[i] = inode.text.charCodeAt(i);
  else read_data(ctx, inode, 0, bytes);
  return bytes;
}

/** Writes into a regular file, growing it. Returns the bytes written, fewer when memory runs out, or -ENOSPC, -EFBIG. */
export function write_data(ctx: KernelContext, inode: Inode, position: number, bytes: Uint8Array): number {
  if (position + bytes.length > LARGEST_FILE) return -ERRNO.EFBIG;
  let done = 0;
  while (done < bytes.length) {
    const index = Math.floor((position + done) / PAGE);
    const inside = (position + done) % PAGE;
    const n = Math.min(PAGE - inside, bytes.length - done);
    const pfn = cache_page(ctx, inode, index, true);
    if (pfn < 0) break;
    ctx.mem.write(pfn * PAGE + inside, bytes.subarray(done, done + n));
    done += n;
  }
  if (done > 0 && position + done > inode.size) inode.size = position + done;
  touch(ctx, inode);
  return done === 0 && bytes.length > 0 ? -ERRNO.ENOSPC : done;
}

/** Sets the size. Pages beyond it are dropped from the cache, the rest of the last one is zeroed. */
export function truncate(ctx: KernelContext, inode: Inode, size: number): number {
  if (size > LARGEST_FILE) return -ERRNO.EFBIG;
  if (size < inode.size) {
    const keep = Math.ceil(size / PAGE);
    for (let i = keep; i < inode.pages.length; i++) {
      if (inode.pages[i] !== 0) ctx.mem.put_page(inode.pages[i]! - 1);
      inode.pages[i] = 0;
    }
    inode.source_size = Math.min(inode.source_size, size);
    const inside = size % PAGE;
    const last = inside === 0 ? -1 : cache_page(ctx, inode, keep - 1, false);
    if (last >= 0) ctx.mem.fill(last * PAGE + inside, PAGE - inside, 0);
  }
  inode.size = size;
  touch(ctx, inode);
  return 0;
}

/** Modification and change time become now. */
export function touch(ctx: KernelContext, inode: Inode): void {
  inode.version++;
  inode.mtime = inode.ctime = realtime(ctx);
}

/** Names of guest paths are byte strings: one character a byte. Text of the image is UTF-8. */
export function byte_string(text: string): string {
  let out = '';
  for (const c of text) {
    const p = c.codePointAt(0)!;
    if (p < 0x80) out += c;
    else if (p < 0x800) out += String.fromCharCode(0xc0 | (p >> 6), 0x80 | (p & 63));
    else if (p < 0x10000) out += String.fromCharCode(0xe0 | (p >> 12), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63));
    else out += String.fromCharCode(0xf0 | (p >> 18), 0x80 | ((p >> 12) & 63), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63));
  }
  return out;
}

export function bytes_of(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function string_of(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i++) out += String.fromCharCode(bytes[i]!);
  return out;
}
