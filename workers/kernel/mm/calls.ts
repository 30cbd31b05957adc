// System calls on memory: mmap, munmap, mprotect, brk, mremap, madvise and the ones that only need to say yes.
import { ERRNO } from '../errno.ts';
import { fget, readable, writable } from '../fs/file.ts';
import { get_inode, new_inode } from '../fs/inode.ts';
import { adopt_text } from '../fs/read-write.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { PtRegs } from '../arch/arm64/pt-regs.ts';
import { int, sys, type SyscallRow } from '../syscalls/define.ts';
import { clear_pte, for_each_pte, pte_address, pte_frame, pte_writable, set_pte, zap_page_range } from './page-table.ts';
import { type Mm, TASK_SIZE, type Vma } from './records.ts';
import { find_vma, get_unmapped_area, insert_vma, merge_vmas, page_align, split_vma, too_many_vmas, vm_munmap, vma_at } from './vma.ts';

const PAGE = 4096;
const MAP = { SHARED: 1, PRIVATE: 2, SHARED_VALIDATE: 3, FIXED: 0x10, ANONYMOUS: 0x20, FIXED_NOREPLACE: 0x100000 } as const;

export const mm_of = (ctx: KernelContext): Mm => ctx.kernel.mms.get(ctx.current.mm)!;

function do_mmap(ctx: KernelContext, r: PtRegs): number {
  const mm = mm_of(ctx);
  const hint = r.x(0);
  const length = page_align(r.x(1));
  const prot = r.w(2) & 7;
  const flags = r.w(3);
  const fd = int(r, 4);
  const offset = r.x(5);
  const shared = (flags & 3) === MAP.SHARED || (flags & 3) === MAP.SHARED_VALIDATE;
  if (r.x(1) <= 0 || (!shared && (flags & 3) !== MAP.PRIVATE) || offset % PAGE !== 0) return -ERRNO.EINVAL;
  if (length > TASK_SIZE || too_many_vmas(mm)) return -ERRNO.ENOMEM;
  let ino = 0;
  let name = '';
  if ((flags & MAP.ANONYMOUS) === 0) {
    const file = fget(ctx, fd);
    if (file === null) return -ERRNO.EBADF;
    if (file.perf_event !== 0) return -ERRNO.EOPNOTSUPP;
    const inode = get_inode(ctx, file.ino);
    if (!readable(file) || (shared && (prot & 2) !== 0 && !writable(file))) return -ERRNO.EACCES;
    if (inode.device === 'zero') ino = 0;
    else if (inode.type !== 'file') return -ERRNO.ENODEV;
    else {
      if (inode.text !== '') adopt_text(ctx, inode);
      ino = inode.ino;
    }
    name = file.path;
  }
  let address: number;
  if ((flags & (MAP.FIXED | MAP.FIXED_NOREPLACE)) !== 0) {
    address = hint;
    if (address % PAGE !== 0 || address < 0) return -ERRNO.EINVAL;
    if (address + length > TASK_SIZE) return -ERRNO.ENOMEM;
    if (address < 65536) return -ERRNO.EPERM;
    if ((flags & MAP.FIXED_NOREPLACE) !== 0) {
      const next = mm.vmas[find_vma(mm, address)];
      if (next !== undefined && next.start < address + length) return -ERRNO.EEXIST;
    } else vm_munmap(ctx, mm, address, length);
  } else {
    address = get_unmapped_area(mm, Math.floor(Math.max(0, hint) / PAGE) * PAGE, length);
    if (address < 0) return address;
  }
  if (shared && ino === 0) {
    // Shared anonymous memory is a file nobody can name.
    const inode = new_inode(ctx, 'file', 0o600);
    inode.size = length;
    ino = inode.ino;
    name = '/dev/zero (deleted)';
  }
  insert_vma(ctx, mm, {
    start: address,
    end: address + length,
    prot,
    shared,
    ino,
    offset: ino === 0 ? 0 : offset,
    grows_down: false,
    name,
  });
  return address;
}

function do_mprotect(ctx: KernelContext, start: number, size: number, prot: number): number {
  const mm = mm_of(ctx);
  const length = page_align(size);
  if (start % PAGE !== 0 || start < 0) return -ERRNO.EINVAL;
  if (length === 0) return 0;
  if (start + length > TASK_SIZE) return -ERRNO.ENOMEM;
  // What lies before a hole is changed all the same.
  const { covered, end } = areas(mm, start, start + length);
  const refused = covered.find((v) => v.shared && (prot & 2) !== 0 && (v.prot & 2) === 0 && !may_write(ctx, v));
  const stop = refused === undefined ? end : Math.max(start, refused.start);
  split_vma(ctx, mm, start);
  split_vma(ctx, mm, stop);
  mm.vmas = mm.vmas.map((v) => (v.start >= start && v.end <= stop ? { ...v, prot } : v));
  for (const vma of mm.vmas) {
    if (vma.start < start || vma.end > stop) continue;
    for_each_pte(ctx.mem, mm.pgd, vma.start, vma.end, (pte) => {
      // Write permission comes with the next fault, which knows whether the page must be copied.
      set_pte(ctx.mem, pte, pte_frame(ctx.mem, pte), prot, pte_writable(ctx.mem, pte) && (prot & 2) !== 0);
    });
  }
  merge_vmas(ctx, mm, start, stop);
  ctx.flush_tlb_mm(mm.id);
  if (refused !== undefined) return -ERRNO.EACCES;
  return end < start + length ? -ERRNO.ENOMEM : 0;
}

/** A shared file mapping may become writable when some descriptor could write; files of our root are all root's. */
const may_write = (ctx: KernelContext, vma: Vma): boolean => (get_inode(ctx, vma.ino).mode & 0o222) !== 0;

/** The areas from `start` up to the first hole or `end`, and where that is. */
function areas(mm: Mm, start: number, end: number): { readonly covered: readonly Vma[]; readonly end: number } {
  const covered: Vma[] = [];
  let at = start;
  for (let i = find_vma(mm, start); at < end; i++) {
    const vma = mm.vmas[i];
    if (vma === undefined || vma.start > at) break;
    covered.push(vma);
    at = vma.end;
  }
  return { covered, end: Math.min(at, end) };
}

/** Every byte of [start, start + length) is in some area. */
const is_mapped = (mm: Mm, start: number, length: number): boolean =>
  length <= 0 || areas(mm, start, start + length).end === start + length;

function do_brk(ctx: KernelContext, wanted: number): number {
  const mm = mm_of(ctx);
  if (wanted < mm.start_brk || wanted > mm.start_brk + 0x4000_0000) return mm.brk;
  const old = page_align(mm.brk);
  const next = page_align(wanted);
  if (next < old) vm_munmap(ctx, mm, next, old - next);
  else if (next > old) {
    const above = mm.vmas[find_vma(mm, old)];
    if (above !== undefined && above.start < next + PAGE) return mm.brk;
    insert_vma(ctx, mm, { start: old, end: next, prot: 3, shared: false, ino: 0, offset: 0, grows_down: false, name: '[heap]' });
  }
  mm.brk = wanted;
  return wanted;
}

const MREMAP = { MAYMOVE: 1, FIXED: 2, DONTUNMAP: 4 } as const;

function do_mremap(ctx: KernelContext, r: PtRegs): number {
  const mm = mm_of(ctx);
  const old = r.x(0);
  const oldLength = page_align(r.x(1));
  const length = page_align(r.x(2));
  const flags = r.w(3);
  if (old % PAGE !== 0 || length === 0 || (flags & ~3) !== 0) return -ERRNO.EINVAL;
  if ((flags & MREMAP.FIXED) !== 0 && (flags & MREMAP.MAYMOVE) === 0) return -ERRNO.EINVAL;
  const vma = vma_at(mm, old);
  if (vma === null || (vma.end < old + oldLength && oldLength !== 0)) return -ERRNO.EFAULT;
  if (oldLength === 0) return -ERRNO.EINVAL;
  if ((flags & MREMAP.FIXED) === 0) {
    if (length <= oldLength) {
      if (length < oldLength) vm_munmap(ctx, mm, old + length, oldLength - length);
      return old;
    }
    const next = mm.vmas[find_vma(mm, old + oldLength)];
    if (vma.end === old + oldLength && (next === undefined || next.start >= old + length) && old + length <= TASK_SIZE) {
      insert_vma(ctx, mm, { ...vma, start: vma.end, end: old + length, offset: vma.ino === 0 ? 0 : vma.offset + (vma.end - vma.start) });
      return old;
    }
    if ((flags & MREMAP.MAYMOVE) === 0) return -ERRNO.ENOMEM;
  }
  let target = r.x(4);
  if ((flags & MREMAP.FIXED) !== 0) {
    if (target % PAGE !== 0 || target < 65536 || target + length > TASK_SIZE || (target < old + oldLength && old < target + length))
      return -ERRNO.EINVAL;
    vm_munmap(ctx, mm, target, length);
  } else {
    target = get_unmapped_area(mm, 0, length);
    if (target < 0) return target;
  }
  insert_vma(ctx, mm, {
    ...vma,
    start: target,
    end: target + length,
    offset: vma.ino === 0 ? 0 : vma.offset + (old - vma.start),
    grows_down: false,
  });
  const { mem } = ctx;
  for_each_pte(mem, mm.pgd, old, old + Math.min(oldLength, length), (from, address) => {
    const to = pte_address(mem, mm.pgd, target + (address - old), true);
    if (to === 0) return;
    mem.write32(to, mem.read32(from));
    mem.write32(to + 4, mem.read32(from + 4));
    clear_pte(mem, from);
  });
  vm_munmap(ctx, mm, old, oldLength);
  ctx.flush_tlb_mm(mm.id);
  return target;
}

const MADV_DONTNEED = 4;
const MADV_FREE = 8;

function do_madvise(ctx: KernelContext, start: number, size: number, advice: number): number {
  const mm = mm_of(ctx);
  if (start % PAGE !== 0 || start < 0 || size < 0) return -ERRNO.EINVAL;
  if (advice > 25 && advice !== 100 && advice !== 101) return -ERRNO.EINVAL;
  const end = start + page_align(size);
  if (end > TASK_SIZE) return -ERRNO.ENOMEM;
  // Holes are passed over and reported at the end.
  if (advice === MADV_DONTNEED || advice === MADV_FREE) {
    zap_page_range(ctx, mm.pgd, start, end);
    ctx.flush_tlb_mm(mm.id);
  }
  return is_mapped(mm, start, end - start) ? 0 : -ERRNO.ENOMEM;
}

export const MM_CALLS: readonly SyscallRow[] = [
  sys('mmap', 'plxxdl', do_mmap, true),
  sys('munmap', 'pl', (ctx, r) => {
    const start = r.x(0);
    const length = page_align(r.x(1));
    if (start % PAGE !== 0 || length <= 0 || start < 0 || start + length > TASK_SIZE) return -ERRNO.EINVAL;
    vm_munmap(ctx, mm_of(ctx), start, length);
    return 0;
  }),
  sys('mprotect', 'plx', (ctx, r) => ((r.w(2) & ~7) !== 0 ? -ERRNO.EINVAL : do_mprotect(ctx, r.x(0), r.x(1), r.w(2)))),
  sys('brk', 'p', (ctx, r) => do_brk(ctx, r.x(0)), true),
  sys('mremap', 'pllxp', do_mremap, true),
  sys('madvise', 'pld', (ctx, r) => do_madvise(ctx, r.x(0), r.x(1), int(r, 2))),
  sys('msync', 'plx', (ctx, r) => (is_mapped(mm_of(ctx), r.x(0), page_align(r.x(1))) ? 0 : -ERRNO.ENOMEM)),
  sys('mincore', 'plp', (ctx, r) => {
    const pages = page_align(r.x(1)) / PAGE;
    if (r.x(0) % PAGE !== 0) return -ERRNO.EINVAL;
    if (r.x(0) < 0 || pages < 0 || !is_mapped(mm_of(ctx), r.x(0), pages * PAGE)) return -ERRNO.ENOMEM;
    for (let done = 0; done < pages; done += PAGE) {
      const part = new Uint8Array(Math.min(PAGE, pages - done)).fill(1);
      if (ctx.user.copy_to_user(r.x(2) + done, part) !== 0) return -ERRNO.EFAULT;
    }
    return 0;
  }),
  // Memory is never swapped.
  sys('mlock', 'pl', () => 0),
  sys('munlock', 'pl', () => 0),
  sys('mlockall', 'x', () => 0),
  sys('munlockall', '', () => 0),
  sys('mlock2', 'plx', () => 0),
  sys('membarrier', 'dxd', (_, r) => (int(r, 0) === 0 ? 0x7f : 0)),
];
