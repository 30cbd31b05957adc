// Makes the address space of a program: segments, heap start, stack with arguments, environment and auxiliary vector. Kernel names:
// load_elf_binary, create_elf_tables, setup_arg_pages.
import { loadBias } from '../../base/elf.ts';
import { HWCAP } from '../../arch/aarch64/features.ts';
import { ERRNO } from '../errno.ts';
import { bytes_of, inode_hold } from '../fs/inode.ts';
import type { KernelContext } from '../kernel-context.ts';
import { handle_mm_fault } from '../mm/fault.ts';
import { type Mm, STACK_TOP } from '../mm/records.ts';
import { get_unmapped_area, insert_vma, mm_alloc, mmput, page_align, page_floor } from '../mm/vma.ts';
import type { Program } from './binfmt.ts';

const PAGE = 4096;
/** Strings of arguments and environment together, and one of them (MAX_ARG_STRLEN). */
const ARG_MAX = 2 << 20;
const MAX_ARG_STRLEN = 128 << 10;
/** The stack area a program starts with; it grows on demand. */
const STACK_START = 132 << 10;

// biome-ignore format: a table
const AT = {
  NULL: 0, PHDR: 3, PHENT: 4, PHNUM: 5, PAGESZ: 6, BASE: 7, FLAGS: 8, ENTRY: 9, UID: 11, EUID: 12, GID: 13, EGID: 14, PLATFORM: 15, HWCAP: 16,
  CLKTCK: 17, SECURE: 23, RANDOM: 25, HWCAP2: 26, EXECFN: 31, MINSIGSTKSZ: 51,
} as const;
/** Size of the signal frame a program must leave room for: rt_sigframe, its record, and what the kernel adds for alignment. */
const MINSIGSTKSZ = 4720;

export interface Loaded {
  readonly mm: Mm;
  readonly entry: number;
  readonly sp: number;
}

/** Builds the address space, or leaves nothing behind and returns a negated errno. */
export function load_elf(ctx: KernelContext, program: Program, envp: readonly string[], execfn: string): Loaded | number {
  const mm = mm_alloc(ctx);
  if (mm === null) return -ERRNO.ENOMEM;
  const failed = (errno: number): number => {
    mmput(ctx, mm.id);
    return -errno;
  };
  const { elf, inode } = program;
  const bias = loadBias(elf);
  mm.load_bias = bias;
  mm.exe_ino = inode.ino;
  mm.exe_path = program.path;
  inode_hold(inode);
  let end = 0;
  for (const segment of elf.segments) {
    const address = segment.address + bias;
    const start = page_floor(address);
    const fileEnd = address + segment.fileSize;
    const memoryEnd = address + segment.memorySize;
    const prot = ((segment.flags & 4) !== 0 ? 1 : 0) | ((segment.flags & 2) !== 0 ? 2 : 0) | ((segment.flags & 1) !== 0 ? 4 : 0);
    const base = { prot, shared: false, grows_down: false };
    let mapped = start;
    // Two segments may share a page: the later one begins where the earlier one ended.
    const from = Math.max(start, page_align(end));
    if (segment.fileSize > 0 && page_align(fileEnd) > from) {
      insert_vma(ctx, mm, {
        ...base,
        start: from,
        end: page_align(fileEnd),
        ino: inode.ino,
        offset: page_floor(segment.fileOffset) + (from - start),
        name: program.path,
      });
      mapped = page_align(fileEnd);
    }
    mapped = Math.max(mapped, from);
    if (page_align(memoryEnd) > mapped)
      insert_vma(ctx, mm, { ...base, start: mapped, end: page_align(memoryEnd), ino: 0, offset: 0, name: '' });
    // The rest of the last file page is zero (padzero), in a copy of this process.
    if (memoryEnd > fileEnd && fileEnd % PAGE !== 0 && (prot & 2) !== 0) {
      const pfn = handle_mm_fault(ctx, mm.id, fileEnd, 1);
      if (pfn < 0) return failed(ERRNO.ENOMEM);
      ctx.mem.fill(pfn * PAGE + (fileEnd % PAGE), PAGE - (fileEnd % PAGE), 0);
    }
    end = Math.max(end, memoryEnd);
  }
  mm.start_brk = mm.brk = page_align(end);
  insert_vma(ctx, mm, {
    start: STACK_TOP - STACK_START,
    end: STACK_TOP,
    prot: elf.executableStack ? 7 : 3,
    shared: false,
    ino: 0,
    offset: 0,
    grows_down: true,
    name: '[stack]',
  });
  if (!map_sigpage(ctx, mm)) return failed(ERRNO.ENOMEM);
  const sp = create_elf_tables(ctx, mm, program, envp, execfn);
  if (sp < 0) return failed(-sp);
  return { mm, entry: elf.entry + bias, sp };
}

/** A page with `mov x8, #139; svc #0`: what the vDSO's sigtramp does. */
function map_sigpage(ctx: KernelContext, mm: Mm): boolean {
  mm.sigpage = get_unmapped_area(mm, 0, PAGE);
  insert_vma(ctx, mm, {
    start: mm.sigpage,
    end: mm.sigpage + PAGE,
    prot: 5,
    shared: false,
    ino: 0,
    offset: 0,
    grows_down: false,
    name: '[sigpage]',
  });
  const pfn = handle_mm_fault(ctx, mm.id, mm.sigpage, 0);
  if (pfn < 0) return false;
  ctx.mem.write32(pfn * PAGE, 0xd2801168);
  ctx.mem.write32(pfn * PAGE + 4, 0xd4000001);
  return true;
}

/** Writes what a program finds at its stack pointer. Returns the stack pointer or a negated errno. */
function create_elf_tables(ctx: KernelContext, mm: Mm, program: Program, envp: readonly string[], execfn: string): number {
  const { argv, elf } = program;
  let total = 0;
  for (const s of [...argv, ...envp]) {
    if (s.length >= MAX_ARG_STRLEN) return -ERRNO.E2BIG;
    total += s.length + 9;
  }
  if (total > ARG_MAX) return -ERRNO.E2BIG;
  // Strings from the top: execfn, environment, arguments; then platform and random bytes.
  let p = STACK_TOP - 8 - (execfn.length + 1);
  const execfnAt = p;
  const strings: { at: number; text: string }[] = [{ at: p, text: execfn }];
  const place = (list: readonly string[]): number[] => {
    p -= list.reduce((n, s) => n + s.length + 1, 0);
    let at = p;
    return list.map((text) => {
      const here = at;
      strings.push({ at, text });
      at += text.length + 1;
      return here;
    });
  };
  const envAt = place(envp);
  mm.env_start = p;
  mm.env_end = execfnAt;
  const argAt = place(argv);
  mm.arg_start = p;
  mm.arg_end = mm.env_start;
  p -= 8;
  const platformAt = p;
  strings.push({ at: p, text: 'aarch64' });
  p -= 16;
  const randomAt = p;
  const words: (number | bigint)[] = [argv.length, ...argAt, 0, ...envAt, 0];
  const bias = mm.load_bias;
  const aux: readonly (readonly [number, number | bigint])[] = [
    [AT.HWCAP, HWCAP],
    [AT.HWCAP2, 0],
    [AT.PAGESZ, PAGE],
    [AT.CLKTCK, 100],
    [AT.PHDR, elf.programHeaders === 0 ? 0 : elf.programHeaders + bias],
    [AT.PHENT, 56],
    [AT.PHNUM, elf.programHeaderCount],
    [AT.BASE, 0],
    [AT.FLAGS, 0],
    [AT.ENTRY, elf.entry + bias],
    [AT.UID, 0],
    [AT.EUID, 0],
    [AT.GID, 0],
    [AT.EGID, 0],
    [AT.SECURE, 0],
    [AT.RANDOM, randomAt],
    [AT.EXECFN, execfnAt],
    [AT.PLATFORM, platformAt],
    [AT.MINSIGSTKSZ, MINSIGSTKSZ],
    [AT.NULL, 0],
  ];
  for (const [key, value] of aux) words.push(key, value);
  const sp = Math.floor((p - words.length * 8) / 16) * 16;
  mm.start_stack = sp;
  const bytes = new Uint8Array(STACK_TOP - sp);
  const at = new DataView(bytes.buffer);
  words.forEach((w, i) => at.setBigUint64(i * 8, BigInt(w), true));
  for (let i = 0; i < 4; i++) at.setUint32(randomAt - sp + i * 4, ctx.random(), true);
  for (const s of strings) bytes.set(bytes_of(s.text), s.at - sp);
  return ctx.user_of(mm.id).copy_to_user(sp, bytes) === 0 ? sp : -ERRNO.ENOMEM;
}
