// Page faults: demand zero, file pages, copy on write, stack growth; and copying an address space for fork. Kernel names:
// do_page_fault, handle_mm_fault, do_anonymous_page, do_wp_page, dup_mmap.
import { ERRNO } from '../errno.ts';
import { cache_page, get_inode, inode_hold } from '../fs/inode.ts';
import type { KernelContext } from '../kernel-context.ts';
import { for_each_pte, pte_address, pte_frame, pte_present, pte_writable, set_pte, walk } from './page-table.ts';
import { type Mm, STACK_GUARD_GAP, STACK_LIMIT, STACK_TOP, TASK_SIZE, type Vma } from './records.ts';
import { find_vma, mm_alloc, mmput, page_floor } from './vma.ts';

const PAGE = 4096;

/** Walks the tables for a user access. Changes nothing. */
export function translate(ctx: KernelContext, id: number, address: number, access: 0 | 1 | 2): number {
  const mm = ctx.kernel.mms.get(id);
  if (mm === undefined || !(address >= 0 && address < TASK_SIZE)) return -1;
  return walk(ctx.mem, mm.pgd, address, access);
}

/**
 * Makes the access possible and returns the frame, or: -EFAULT nothing is mapped there (SEGV_MAPERR), -EACCES it is mapped without
 * this permission (SEGV_ACCERR), -EIO beyond the end of the mapped file (SIGBUS), -ENOMEM.
 */
export function handle_mm_fault(ctx: KernelContext, id: number, address: number, access: 0 | 1 | 2): number {
  const mm = ctx.kernel.mms.get(id);
  if (mm === undefined || !(address >= 0 && address < TASK_SIZE)) return -ERRNO.EFAULT;
  const vma = vma_for_fault(mm, address);
  if (vma === null) return -ERRNO.EFAULT;
  const allowed = access === 1 ? 2 : access === 2 ? 4 : 7;
  if ((vma.prot & allowed) === 0) return -ERRNO.EACCES;
  const { mem } = ctx;
  const pte = pte_address(mem, mm.pgd, address, true);
  if (pte === 0) return -ERRNO.ENOMEM;
  if (pte_present(mem, pte)) {
    const pfn = pte_frame(mem, pte);
    if (access !== 1 || pte_writable(mem, pte)) {
      set_pte(mem, pte, pfn, vma.prot, pte_writable(mem, pte));
      ctx.flush_tlb_page(id, address);
      return pfn;
    }
    return do_wp_page(ctx, id, vma, pte, address, pfn);
  }
  if (vma.ino === 0) {
    const pfn = mem.alloc_page();
    if (pfn < 0) return -ERRNO.ENOMEM;
    set_pte(mem, pte, pfn, vma.prot, true);
    return pfn;
  }
  const inode = get_inode(ctx, vma.ino);
  const offset = vma.offset + (page_floor(address) - vma.start);
  if (offset >= inode.size) return -ERRNO.EIO;
  const cached = cache_page(ctx, inode, offset / PAGE, true);
  if (cached < 0) return -ERRNO.ENOMEM;
  mem.get_page(cached);
  if (access === 1 && !vma.shared) {
    set_pte(mem, pte, cached, vma.prot, false);
    return do_wp_page(ctx, id, vma, pte, address, cached);
  }
  if (vma.shared && (vma.prot & 2) !== 0) inode.version++;
  set_pte(mem, pte, cached, vma.prot, vma.shared);
  return cached;
}

/** A store to a page mapped read-only: shared pages become writable, private ones are copied unless nobody else has them. */
function do_wp_page(ctx: KernelContext, id: number, vma: Vma, pte: number, address: number, pfn: number): number {
  const { mem } = ctx;
  let mine = pfn;
  if (!vma.shared && mem.page_count(pfn) > 1) {
    mine = mem.alloc_page(false);
    if (mine < 0) return -ERRNO.ENOMEM;
    mem.copy(mine * PAGE, pfn * PAGE, PAGE);
    mem.put_page(pfn);
  }
  set_pte(mem, pte, mine, vma.prot, true);
  ctx.flush_tlb_page(id, address);
  return mine;
}

/** The area of a fault; grows the stack down to it when that is allowed. */
function vma_for_fault(mm: Mm, address: number): Vma | null {
  const i = find_vma(mm, address);
  const vma = mm.vmas[i];
  if (vma === undefined) return null;
  if (vma.start <= address) return vma;
  if (!vma.grows_down) return null;
  const start = page_floor(address);
  if (start < STACK_TOP - STACK_LIMIT) return null;
  const below = mm.vmas[i - 1];
  if (below !== undefined && start - below.end < STACK_GUARD_GAP) return null;
  const grown = { ...vma, start };
  const list = mm.vmas.slice();
  list[i] = grown;
  mm.vmas = list;
  return grown;
}

/** A copy of an address space for fork: pages are shared until one side writes. null when memory is out (nothing is left behind). */
export function dup_mm(ctx: KernelContext, old: Mm): Mm | null {
  const mm = mm_alloc(ctx);
  if (mm === null) return null;
  const { id, pgd } = mm;
  const { mem } = ctx;
  Object.assign(mm, old, { id, pgd, users: 1 });
  if (mm.exe_ino !== 0) inode_hold(get_inode(ctx, mm.exe_ino));
  let failed = false;
  for (const vma of mm.vmas) {
    if (vma.ino !== 0) inode_hold(get_inode(ctx, vma.ino));
    for_each_pte(mem, old.pgd, vma.start, vma.end, (from, address) => {
      const to = failed ? 0 : pte_address(mem, mm.pgd, address, true);
      if (to === 0) {
        failed = true;
        return;
      }
      const pfn = pte_frame(mem, from);
      const write = pte_writable(mem, from) && vma.shared;
      mem.get_page(pfn);
      if (!vma.shared && pte_writable(mem, from)) set_pte(mem, from, pfn, vma.prot, false);
      set_pte(mem, to, pfn, vma.prot, write);
    });
  }
  ctx.flush_tlb_mm(old.id);
  if (!failed) return mm;
  mmput(ctx, id);
  return null;
}
