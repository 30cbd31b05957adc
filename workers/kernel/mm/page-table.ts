// Page tables of programs in guest RAM, in the AArch64 format (VMSAv8-64, 4 KiB granule, 48 bits, four levels; DDI0487 D8.3). Walks,
// entries and their life; which page belongs where is decided in fault.ts.
import type { KernelContext } from '../kernel-context.ts';
import type { PhysMem } from '../../machine/phys-mem.ts';

const PAGE = 4096;

/** Bits 31..0 of a level 3 descriptor. */
export const PTE = { VALID: 1, PAGE: 2, USER: 1 << 6, RDONLY: 1 << 7, SHARED: 3 << 8, AF: 1 << 10, NG: 1 << 11 } as const;
/** Bits 63..32. PROT_NONE is a software bit as in Linux: the frame is kept, the entry is not valid. */
export const PTE_HI = { PXN: 1 << 21, UXN: 1 << 22, PROT_NONE: 1 << 26 } as const;

/** Bytes that a descriptor of level 0..3 stands for. */
const SPAN = [2 ** 39, 2 ** 30, 2 ** 21, 2 ** 12] as const;

/** Index of the descriptor of `address` at level 0..3. Addresses are below 2^48. */
const index = (address: number, level: number): number => Math.floor(address / SPAN[level]!) & 511;

/** Physical address of the level 3 descriptor; 0 when a table on the way is missing and `create` is false or memory is out. */
export function pte_address(mem: PhysMem, pgd: number, address: number, create: boolean): number {
  let table = pgd;
  for (let level = 0; level < 3; level++) {
    const at = table * PAGE + index(address, level) * 8;
    const entry = mem.read32(at);
    if ((entry & 1) !== 0) table = entry >>> 12;
    else {
      if (!create) return 0;
      const next = mem.alloc_page();
      if (next < 0) return 0;
      mem.write32(at, ((next << 12) | 3) >>> 0);
      mem.write32(at + 4, 0);
      table = next;
    }
  }
  return table * PAGE + index(address, 3) * 8;
}

export const pte_present = (mem: PhysMem, pte: number): boolean =>
  (mem.read32(pte) & PTE.VALID) !== 0 || (mem.read32(pte + 4) & PTE_HI.PROT_NONE) !== 0;
export const pte_frame = (mem: PhysMem, pte: number): number => mem.read32(pte) >>> 12;
export const pte_writable = (mem: PhysMem, pte: number): boolean => (mem.read32(pte) & PTE.RDONLY) === 0;

/** Writes a leaf. `prot` as in mmap; `write` says whether a store may go through (false: copy on write). */
export function set_pte(mem: PhysMem, pte: number, pfn: number, prot: number, write: boolean): void {
  const lo =
    PTE.PAGE | PTE.USER | PTE.SHARED | PTE.AF | PTE.NG | (write && (prot & 2) !== 0 ? 0 : PTE.RDONLY) | (prot !== 0 ? PTE.VALID : 0);
  mem.write32(pte, ((pfn << 12) | lo) >>> 0);
  mem.write32(pte + 4, PTE_HI.PXN | ((prot & 4) !== 0 ? 0 : PTE_HI.UXN) | (prot !== 0 ? 0 : PTE_HI.PROT_NONE));
}

export function clear_pte(mem: PhysMem, pte: number): void {
  mem.write32(pte, 0);
  mem.write32(pte + 4, 0);
}

/** The frame a user access reaches, or -1. Access 0 read, 1 write, 2 execute. */
export function walk(mem: PhysMem, pgd: number, address: number, access: 0 | 1 | 2): number {
  const pte = pte_address(mem, pgd, address, false);
  if (pte === 0) return -1;
  const lo = mem.read32(pte);
  if ((lo & PTE.VALID) === 0) return -1;
  if (access === 1 && (lo & PTE.RDONLY) !== 0) return -1;
  if (access === 2 && (mem.read32(pte + 4) & PTE_HI.UXN) !== 0) return -1;
  return lo >>> 12;
}

/** Calls `visit(pte, address)` for each present leaf of [start, end), in order; missing tables are skipped whole. */
export function for_each_pte(mem: PhysMem, pgd: number, start: number, end: number, visit: (pte: number, address: number) => void): void {
  let address = start;
  while (address < end) {
    let table = pgd;
    let level = 0;
    for (; level < 3; level++) {
      const entry = mem.read32(table * PAGE + index(address, level) * 8);
      if ((entry & 1) === 0) break;
      table = entry >>> 12;
    }
    if (level < 3) {
      const span = SPAN[level]!;
      address = (Math.floor(address / span) + 1) * span;
      continue;
    }
    const stop = Math.min(end, (Math.floor(address / 2 ** 21) + 1) * 2 ** 21);
    for (; address < stop; address += PAGE) {
      const pte = table * PAGE + index(address, 3) * 8;
      if (pte_present(mem, pte)) visit(pte, address);
    }
  }
}

/** Drops the mapped pages of [start, end). The caller flushes translations. */
export function zap_page_range(ctx: KernelContext, pgd: number, start: number, end: number): void {
  for_each_pte(ctx.mem, pgd, start, end, (pte) => {
    ctx.mem.put_page(pte_frame(ctx.mem, pte));
    clear_pte(ctx.mem, pte);
  });
}

/** Gives all tables back. Leaves are gone already. */
export function free_pgtables(ctx: KernelContext, table: number, level = 0): void {
  if (level < 3) {
    for (let i = 0; i < 512; i++) {
      const entry = ctx.mem.read32(table * PAGE + i * 8);
      if ((entry & 1) !== 0) free_pgtables(ctx, entry >>> 12, level + 1);
    }
  }
  ctx.mem.put_page(table);
}
