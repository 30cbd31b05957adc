// Where things are in one CPU's block of machine memory, and the numbers handlers and the engine agree on.
//
//   0       architectural state (AARCH64_STATE)
//   1024    engine variables
//   2048    fetch TLB: 128 entries {tag: i64, entries of the code page: i32, -}
//   4096    data TLB: 1024 entries {read tag: i64, write tag: i64, host address minus virtual address: i32, pfn: i32, -, -}
//
// A tag is the virtual address of the page; NO_TAG never equals one. Nothing beyond the state means anything to the guest.
import type { LeaveKind } from '../rows/builder.ts';

export const RESULTS = 1024; // 32 bytes: further results of helpers
export const LEFT = 1056; // i32: instructions left of the budget
export const IP = 1060; // i32: entry of the current instruction
export const REASON = 1064; // i32: REASONS
export const ARGUMENT = 1068; // i32
export const REGIONS_OFF = 1072; // i32: 1 keeps regions that ask from running
export const BOUNCE = 1152; // 64 bytes: an access that crosses pages

export const FETCH_TLB = 2048;
export const FETCH_ENTRIES = 128;
export const FETCH_ENTRY_SIZE = 16;

export const TLB = 4096;
export const TLB_ENTRIES = 1024;
export const TLB_ENTRY_SIZE = 32;
export const TLB_WRITE = 8;
export const TLB_ADDEND = 16;
export const TLB_PFN = 20;

/** Bytes from one CPU block to the next; a multiple of 4096. */
export const CPU_BLOCK_SIZE = TLB + TLB_ENTRIES * TLB_ENTRY_SIZE;

export const ENTRY_SIZE = 32;
/** Entries of a code page: one per word and one that goes on to the next page. */
export const ENTRIES_PER_PAGE = 1025;
/** In an entry whose handler is a region: its own handler (u16). */
export const ENTRY_OWN = 2;
/** After the entries: which entry of its region each is (u16 each). */
export const ENTRY_IDS = ENTRIES_PER_PAGE * ENTRY_SIZE;
/** Bytes of predecoded code per code page; a multiple of 4096. */
export const CODE_PAGE_SIZE = 36864;

/** What a handler returns instead of the next entry (entries are above these); the interpreter leaves with it. */
export const LEAVE_BEFORE = 0; // the instruction at ip did not execute
export const LEAVE_AFTER = 1; // it did; the next in memory follows
export const LEAVE_JUMP = 2; // it did; pc is in the state
export const LEAVE_BUDGET = 3; // nothing is left
export const LEAVE_PAGE = 4; // as JUMP, from the entry after the last of a page: nothing retired
/** Smallest entry address. */
export const FIRST_ENTRY = 32;
/** Or-ed to a returned entry: it follows, but nothing retired. */
export const UNCOUNTED = 1;

/**
 * What a region returns. It keeps LEFT in the block, because it retires any number of instructions; the first two are or-ed to the next
 * entry, the last is added to LEAVE_BEFORE (IP is then in the block, too) or LEAVE_JUMP.
 */
export const REGION_WENT_ON = 2;
/** The budget does not reach the end of the block at the entry: its own handler runs, and what follows it. */
export const REGION_NO_BUDGET = 4;
export const REGION_LEFT = 8;

/** Why, for LEAVE_BEFORE and LEAVE_AFTER. `host`: engine.halt is already filled. `careful`: run this one instruction in careful mode. */
export const REASONS = ['host', 'careful', 'stop', 'svc', 'brk', 'undefined'] as const;
export type Reason = (typeof REASONS)[number];
export const reasonCode = (reason: Reason | LeaveKind): number => REASONS.indexOf(reason);

/** The handlers that are not rows; their numbers in every table. */
export const HANDLER_DECODE = 0;
export const HANDLER_STOP = 1;
export const HANDLER_UNDEFINED = 2;
export const HANDLER_NEXT_PAGE = 3;
export const FIRST_ROW_HANDLER = 4;
/** Handler numbers from here on are regions; they differ from engine to engine. */
export const FIRST_REGION = 0x8000;
export const MOST_REGIONS = 0x10000 - FIRST_REGION;

/** The last argument of the slow path of an access. */
export const probeFlags = (bytes: number, access: 'r' | 'w' | 'rw', unit: number, align: number): number =>
  bytes | ((access === 'r' ? 0 : access === 'w' ? 1 : 2) << 8) | (unit << 10) | (align << 18);
