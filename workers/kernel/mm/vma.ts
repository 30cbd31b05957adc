// Areas of an address space: finding, placing, splitting, merging, and the life of an mm. Kernel names: find_vma, vm_munmap, mm_alloc.
import { ERRNO } from '../errno.ts';
import { get_inode, inode_hold, inode_put } from '../fs/inode.ts';
import type { KernelContext } from '../kernel-context.ts';
import { free_pgtables, zap_page_range } from './page-table.ts';
import { MMAP_BASE, type Mm, STACK_GUARD_GAP, TASK_SIZE, type Vma } from './records.ts';

const PAGE = 4096;
export const page_align = (n: number): number => Math.ceil(n / PAGE) * PAGE;
export const page_floor = (n: number): number => Math.floor(n / PAGE) * PAGE;

/** Lowest address a program may map (vm.mmap_min_addr). */
const MMAP_MIN_ADDR = 65536;
const MAX_MAP_COUNT = 65530;

/** Index of the first area that ends after `address`; the number of areas when there is none. */
export function find_vma(mm: Mm, address: number): number {
  let low = 0;
  let high = mm.vmas.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mm.vmas[middle]!.end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The area that holds `address`, or null. */
export function vma_at(mm: Mm, address: number): Vma | null {
  const vma = mm.vmas[find_vma(mm, address)];
  return vma !== undefined && vma.start <= address ? vma : null;
}

/** A free range of `length` bytes: at `hint` if that is free, else the highest below MMAP_BASE. -ENOMEM when there is none. */
export function get_unmapped_area(mm: Mm, hint: number, length: number): number {
  if (length > TASK_SIZE) return -ERRNO.ENOMEM;
  if (hint >= MMAP_MIN_ADDR && hint + length <= TASK_SIZE && range_is_free(mm, hint, length)) return hint;
  let end = MMAP_BASE;
  for (let i = mm.vmas.length - 1; i >= 0; i--) {
    const vma = mm.vmas[i]!;
    if (vma.start >= end) continue;
    if (end - vma.end >= length) break;
    end = Math.min(end, vma.start);
  }
  return end - length >= MMAP_MIN_ADDR ? end - length : -ERRNO.ENOMEM;
}

function range_is_free(mm: Mm, start: number, length: number): boolean {
  const next = mm.vmas[find_vma(mm, start)];
  return next === undefined || next.start - (next.grows_down ? STACK_GUARD_GAP : 0) >= start + length;
}

const compatible = (a: Vma, b: Vma): boolean =>
  a.end === b.start &&
  a.prot === b.prot &&
  a.shared === b.shared &&
  a.ino === b.ino &&
  a.grows_down === b.grows_down &&
  a.name === b.name &&
  (a.ino === 0 || a.offset + (a.end - a.start) === b.offset);

/** Adds an area over free addresses and joins it with equal neighbours. Takes a hold of its file. */
export function insert_vma(ctx: KernelContext, mm: Mm, vma: Vma): void {
  if (vma.ino !== 0) inode_hold(get_inode(ctx, vma.ino));
  const list = mm.vmas.slice();
  list.splice(find_vma(mm, vma.start), 0, vma);
  mm.vmas = list;
  merge_vmas(ctx, mm, vma.start, vma.end);
}

/** Joins equal neighbours that touch [start, end]. */
export function merge_vmas(ctx: KernelContext, mm: Mm, start: number, end: number): void {
  const list = mm.vmas.slice();
  let i = Math.max(1, find_vma(mm, Math.max(0, start - 1)));
  while (i < list.length && list[i]!.start <= end) {
    const a = list[i - 1]!;
    const b = list[i]!;
    if (compatible(a, b)) {
      list.splice(i - 1, 2, { ...a, end: b.end });
      if (b.ino !== 0) inode_put(ctx, b.ino);
    } else i++;
  }
  mm.vmas = list;
}

/** Makes `address` a border between areas. */
export function split_vma(ctx: KernelContext, mm: Mm, address: number): void {
  const i = find_vma(mm, address);
  const vma = mm.vmas[i];
  if (vma === undefined || vma.start >= address) return;
  if (vma.ino !== 0) inode_hold(get_inode(ctx, vma.ino));
  const list = mm.vmas.slice();
  list.splice(i, 1, { ...vma, end: address }, { ...vma, start: address, offset: vma.ino === 0 ? 0 : vma.offset + (address - vma.start) });
  mm.vmas = list;
}

/** Removes all areas and pages of [start, start + length), page aligned. */
export function vm_munmap(ctx: KernelContext, mm: Mm, start: number, length: number): void {
  const end = start + length;
  split_vma(ctx, mm, start);
  split_vma(ctx, mm, end);
  const gone = mm.vmas.filter((v) => v.start >= start && v.end <= end);
  if (gone.length === 0) return;
  mm.vmas = mm.vmas.filter((v) => v.start < start || v.end > end);
  zap_page_range(ctx, mm.pgd, start, end);
  for (const vma of gone) if (vma.ino !== 0) inode_put(ctx, vma.ino);
  ctx.flush_tlb_mm(mm.id);
}

export const too_many_vmas = (mm: Mm): boolean => mm.vmas.length >= MAX_MAP_COUNT;

/** An empty address space with one user; null when memory is out. */
export function mm_alloc(ctx: KernelContext): Mm | null {
  const pgd = ctx.mem.alloc_page();
  if (pgd < 0) return null;
  const mm: Mm = {
    id: ctx.kernel.next_mm++,
    users: 1,
    pgd,
    vmas: [],
    start_brk: 0,
    brk: 0,
    start_stack: 0,
    arg_start: 0,
    arg_end: 0,
    env_start: 0,
    env_end: 0,
    exe_ino: 0,
    exe_path: '',
    load_bias: 0,
    sigpage: 0,
  };
  ctx.kernel.mms.set(mm.id, mm);
  return mm;
}

/** Drops a user; the last one takes the memory away. */
export function mmput(ctx: KernelContext, id: number): void {
  const mm = ctx.kernel.mms.get(id);
  if (mm === undefined || --mm.users > 0) return;
  for (const vma of mm.vmas) zap_page_range(ctx, mm.pgd, vma.start, vma.end);
  for (const vma of mm.vmas) if (vma.ino !== 0) inode_put(ctx, vma.ino);
  mm.vmas = [];
  free_pgtables(ctx, mm.pgd);
  if (mm.exe_ino !== 0) inode_put(ctx, mm.exe_ino);
  ctx.flush_tlb_mm(mm.id);
  ctx.kernel.mms.delete(id);
}
