// Records of address spaces. Page tables are in guest RAM (mm/page-table.ts).

export interface Vma {
  readonly start: number;
  readonly end: number;
  /** PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
  readonly prot: number;
  readonly shared: boolean;
  /** Inode of the mapped file (shared anonymous memory has one too); 0: private anonymous. */
  readonly ino: number;
  /** Byte offset in the file of `start`. */
  readonly offset: number;
  /** VM_GROWSDOWN: the stack. */
  readonly grows_down: boolean;
  /** `[heap]`, `[stack]` or the path, for /proc/PID/maps. */
  readonly name: string;
}

export interface Mm {
  readonly id: number;
  /** Tasks that use it. */
  users: number;
  /** Frame of the top-level table. */
  readonly pgd: number;
  /** By address, not overlapping. Replaced, never changed in place. */
  vmas: readonly Vma[];
  start_brk: number;
  brk: number;
  start_stack: number;
  arg_start: number;
  arg_end: number;
  env_start: number;
  env_end: number;
  exe_ino: number;
  exe_path: string;
  /** Added to the program's symbol addresses (static-pie). */
  load_bias: number;
  /** Address of the page with the code that handlers return to (rt_sigreturn); it stands in for the vDSO. */
  sigpage: number;
}

export interface MmRecords {
  mms: Map<number, Mm>;
  next_mm: number;
}

/** End of user memory: 48 bits. */
export const TASK_SIZE = 2 ** 48;
export const STACK_TOP = TASK_SIZE - 4096;
/** Anonymous and file mappings grow down from here. */
export const MMAP_BASE = 0xffff_f7ff_f000;
export const STACK_LIMIT = 8 << 20;
/** No mapping may come closer below the stack. */
export const STACK_GUARD_GAP = 256 * 4096;
