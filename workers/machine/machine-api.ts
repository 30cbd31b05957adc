// What replay, session and tests may ask of a machine. The kernel and the engine are behind it; nobody above names them.
import type { EventFields, EventKind, TraceEvent } from '../../recordings/format/events.ts';
import type { Mark } from '../base/mark.ts';

/** Everything that decides a run, besides the inputs that arrive later. Plain data; its canonical encoding is hashed into a recording. */
export interface MachineConfig {
  readonly arch: 'aarch64';
  readonly cpus: number; // 1..8
  readonly seed: number; // u32
  readonly ramBytes: number; // multiple of 4096
  readonly policies: Readonly<Record<string, string>>;
  /** Breakpoint and watchpoint comparators of each CPU; arm64 has 2..16 of each. */
  readonly brps: number;
  readonly wrps: number;
  readonly program: ProgramImage;
  /** `-e` events, opened on the program's first task before its first instruction and inherited by its children. */
  readonly events: readonly WatchSpec[];
}

export interface ProgramImage {
  /** Path the program sees as argv[0] unless given in args, and /proc/self/exe. */
  readonly path: string;
  readonly argv: readonly string[];
  readonly env: readonly string[];
  /** The in-memory root at start: absolute guest path -> contents. Contains `path`. Treated as immutable. */
  readonly files: ReadonlyMap<string, { readonly data: Uint8Array; readonly mode: number }>;
}

/** A parsed `mem:ADDR[/LEN][:rwx]` whose symbol has been resolved. `text` is what the person wrote. */
export interface WatchSpec {
  readonly text: string;
  readonly address: bigint;
  readonly length: number;
  /** perf's bp_type: HW_BREAKPOINT_R 1, W 2, RW 3, X 4. */
  readonly type: number;
}

/** Where inputs come from: a host that waits for a person, or a recording's log. */
export interface InputSource {
  /** Bytes for the guest's standard input at `icount`: data, end of file, or `pause` to stop the run until more is there. */
  stdin(icount: number, limit: number): Uint8Array | 'eof' | 'pause';
}

export type RunStop =
  | { readonly kind: 'target' } // the Mark asked for is reached
  | { readonly kind: 'exited'; readonly code: number; readonly signal: string | null } // the first process ended; nothing runs any more
  | { readonly kind: 'input' } // waits for standard input
  | { readonly kind: 'deadlock'; readonly text: string } // every task sleeps and nothing can wake one
  | { readonly kind: 'interrupted' }; // `interrupt` was set

/** One memory access of a query: before the access executes; `retired` is called with the value afterwards. */
export interface AccessReport {
  readonly mark: Mark;
  readonly cpu: number;
  readonly tid: number;
  readonly pc: bigint;
  readonly address: bigint;
  readonly size: number;
  readonly access: 'r' | 'w' | 'x';
  /** 0: an instruction of the program. 1: the kernel on its behalf (copy_to_user and so on). */
  readonly el: 0 | 1;
  /** The accessed bytes before and after, at most 64. */
  readonly old: Uint8Array;
  readonly new: Uint8Array;
}

/** A range to look at without the guest noticing: it takes no slot and raises no exception. */
export interface AccessQuery {
  readonly address: bigint;
  readonly length: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** Only accesses made in this mm (process); null: in any. */
  readonly mm: number | null;
  readonly report: (access: AccessReport) => void;
}

/** A restorable copy of the whole state. Opaque; pages are shared between checkpoints of one machine. */
export interface Checkpoint {
  readonly mark: Mark;
  /** Bytes this checkpoint holds that no earlier one does. */
  readonly bytes: number;
}

export interface Digest {
  readonly lo: number; // u32
  readonly hi: number; // u32
}

/** Pages touched since `takeTouched` was last called. Key: mm * 2^36 + vpn; value bit 0 read, bit 1 written, bit 2 executed. */
export type Touched = ReadonlyMap<number, number>;

/** An access that the next instruction or kernel step of a CPU would make; `x` is the fetch of an instruction. */
export interface ProbedAccess {
  readonly address: bigint;
  readonly size: number;
  readonly access: 'r' | 'w' | 'x';
  /** `kernel`: of a program's memory, on the program's behalf. */
  readonly by: 'program' | 'kernel';
}

/** What the next instruction or kernel step of a CPU would do to memory. */
export interface Probe {
  readonly el: 0 | 1;
  readonly pc: bigint;
  /** In the order they are made, the fetch of an instruction first; a pair of registers makes two. */
  readonly accesses: readonly ProbedAccess[];
  /** Why it would not complete even if no comparator matched (an abort, an undefined instruction); null. */
  readonly fault: string | null;
}

/** One condition of a comparator's match, as it is for one access. */
export interface MatchCondition {
  readonly name: string;
  /** Section of the manual. */
  readonly ref: string;
  readonly ok: boolean;
  /** The condition in the field's words, with real values. */
  readonly text: string;
  /** Bits of debug registers that decide it; none when only the access does. */
  readonly decides: readonly { readonly register: string; readonly bits: bigint }[];
}

export interface MachineApi {
  readonly config: MachineConfig;
  /** Where the machine stands. */
  readonly mark: Mark;
  /** Events emitted since power-on; part of the state. */
  readonly eventCount: number;
  /** Set once the run has ended; running further returns at once. */
  readonly ended: RunStop | null;

  /** Runs until exactly `target` (null: to the end). Never passes it. With `maxTicks`, returns `interrupted` after about so many. */
  run(target: Mark | null, maxTicks?: number): RunStop;
  /** One instruction, kernel step or exception: the smallest move forward. */
  tick(): RunStop;

  save(): Checkpoint;
  restore(checkpoint: Checkpoint): void;
  /** Hash of all state: RAM pages, CPU blocks, kernel records, frames. The same on every host. */
  digest(): Digest;
  takeTouched(): Touched;

  /** Called for each event as it happens; null: events are counted but not built. A hit's `new` is patched through `onPatch`. */
  onEvent: ((event: TraceEvent) => void) | null;
  onPatch: (<K extends EventKind>(index: number, fields: Partial<EventFields<K>>) => void) | null;
  input: InputSource;
  /**
   * What the CPU's next instruction or kernel step would access, whatever debug registers say. It executes it to find out: the caller saves
   * before and restores after.
   */
  probe(cpu: number): Probe;
  /** Every condition under which a comparator of the CPU matches the access, in order; it matches exactly when all are ok. */
  explain(cpu: number, file: 'BRP' | 'WRP', slot: number, access: ProbedAccess): readonly MatchCondition[];
  /** Replaces the query in force; null: none. */
  setQuery(queries: readonly AccessQuery[] | null): void;

  readonly view: MachineView;
}

/** Reading the state for people. Reads never change it. */
export interface MachineView {
  cpu(cpu: number): CpuView;
  /** CPU whose tick comes next. */
  readonly currentCpu: number;
  tasks(): readonly TaskView[];
  /** Bytes of a process's memory; null for a byte that is not mapped. */
  read(mm: number, address: bigint, length: number): (number | null)[];
  /** Guest kernel text too. */
  symbolAt(mm: number, address: bigint): { readonly name: string; readonly offset: number } | null;
  /** Address of a symbol of the program or the kernel. */
  addressOf(mm: number, symbol: string): bigint | null;
  /** A line per word: instructions of the program, steps of the kernel. Undecodable words read `.inst 0x…`. */
  disassemble(
    mm: number,
    address: bigint,
    count: number,
  ): readonly { readonly address: bigint; readonly word: number | null; readonly text: string; readonly symbol: string | null }[];
}

export interface CpuView {
  readonly cpu: number;
  readonly el: 0 | 1;
  readonly pc: bigint;
  readonly tid: number; // 0 when idle
  readonly mm: number; // 0 when none
  /** x0..x30, sp, pc, nzcv, fpcr, fpsr, tpidr_el0, v0..v31 (128 bits), daif, elr_el1, spsr_el1, esr_el1, far_el1. */
  readonly regs: Readonly<Record<string, bigint>>;
  /** While the CPU is in the kernel for a program: x0..x30, sp, pc and nzcv the program will go on with, from its pt_regs. */
  readonly user?: Readonly<Record<string, bigint>>;
  /** MDSCR_EL1, DBGBVR0_EL1, DBGBCR0_EL1, … in the manual's order. */
  readonly debug: Readonly<Record<string, bigint>>;
  readonly slots: readonly SlotView[];
}

export interface SlotView {
  readonly file: 'BRP' | 'WRP';
  readonly slot: number;
  readonly owner: string | null; // specification of the perf_event
  readonly perf_event: number; // 0: free
  readonly address: bigint;
  readonly control: bigint;
  readonly state: 'free' | 'armed' | 'suspended' | 'armed-without-owner' | 'owned-not-armed';
}

export interface TaskView {
  readonly tid: number;
  readonly tgid: number;
  readonly mm: number;
  readonly name: string;
  readonly state: string; // running | runnable | sleeping in NAME | zombie
  readonly cpu: number;
  /** Kernel call stack, innermost first; empty in user mode. */
  readonly kernelStack: readonly string[];
}
