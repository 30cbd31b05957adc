// The process part of the kernel's records: thread groups, what a task adds to scheduling, and the root of everything that is not
// scheduling. Plain data (see ../records.ts).
import type { FsRecords } from '../fs/records.ts';
import type { MmRecords } from '../mm/records.ts';
import type { WaitQueue } from '../records.ts';
import type { SigAction, SigInfo } from '../signals/records.ts';

/** Process part of a task. */
export interface TaskProcess {
  /** Keys into file_tables, fs_contexts, sighands. 0: none (idle tasks, dead tasks). */
  files: number;
  fs: number;
  sighand: number;
  /** Signals blocked: bit s-1. */
  blocked: bigint;
  /** Mask to put back when no handler runs (sigsuspend, ppoll). */
  saved_sigmask: bigint | null;
  /** Signals sent to this thread. */
  pending: SigInfo[];
  sas_sp: number;
  sas_size: number;
  sas_flags: number;
  /** Address zeroed and woken when the thread ends (CLONE_CHILD_CLEARTID). 0: none. */
  clear_child_tid: number;
  robust_list: number;
  /** Of the last fault, for the signal frame: FAR and ESR. */
  fault_address: number;
  fault_code: number;
  /** Another thread replaces the program: this one ends on its way out of the kernel, alone. */
  zapped: boolean;
  /** How it ended, as wait() encodes it. */
  exit_code: number;
  /** tid of the task that waits for this one to exec or exit (vfork); 0: none. */
  vfork_parent: number;
  /** The system call in progress. */
  call: CallRecord;
  /** The futex it waits on; null: none. */
  futex: { readonly key: string; readonly bitset: number } | null;
}

/** What a system call keeps while it sleeps and tries again. */
export interface CallRecord {
  nr: number;
  /** Decoded arguments, for the event. */
  text: string;
  /** icount at which it was made. */
  entry: number;
  /** Virtual ns at which it gives up; -1: never; NaN is not used. */
  deadline: number;
  /** Bytes done, or whatever the call counts. */
  done: number;
  /** Which rounds have been: 0 before the first sleep. */
  phase: number;
  /** Queue it sleeps in (sched/queues.ts names them); '': none. */
  queue: string;
}

export const new_call = (): CallRecord => ({ nr: -1, text: '', entry: 0, deadline: -1, done: 0, phase: 0, queue: '' });

export interface Itimer {
  /** Kernel timer in force, 0 none. */
  timer: number;
  expires: number;
  interval: number;
  readonly signal: number;
  /** POSIX timer id; -1: setitimer(ITIMER_REAL). */
  readonly posix: number;
  readonly value: number;
}

/** A process: what its threads share. */
export interface ThreadGroup {
  readonly tgid: number;
  /** tgid of the parent; 0: none. */
  parent: number;
  pgid: number;
  sid: number;
  /** tids, oldest first; a zombie leader stays in it. */
  threads: number[];
  /** Threads that have not ended. */
  live: number;
  /** Signals sent to the process. */
  pending: SigInfo[];
  /** exit_group or a fatal signal has been: wait() status everybody ends with; -1: none. */
  group_exit: number;
  /** Status for wait() of a stopped process that nobody has asked for; 0: none. */
  stop_code: number;
  stopped: boolean;
  continued: boolean;
  exit_signal: number;
  /** wait4 of its threads. */
  wait_chldexit: WaitQueue;
  cmdline: string;
  itimers: Itimer[];
  next_posix: number;
  /** Resource -> [soft, hard]; missing: the default. */
  rlimits: Map<number, readonly [number, number]>;
  start: number;
  utime: number;
  cutime: number;
  dumpable: number;
  no_new_privs: number;
  keepcaps: number;
  child_subreaper: boolean;
}

export interface Sighand {
  refs: number;
  /** Signal -> action; missing: default. */
  actions: Map<number, SigAction>;
}

/** Process part of the root. */
export interface KernelParts extends MmRecords, FsRecords {
  groups: Map<number, ThreadGroup>;
  sighands: Map<number, Sighand>;
  next_sighand: number;
  /** Futex key -> sleepers. A queue goes when it is empty. */
  futexes: Map<string, WaitQueue>;
  /** poll, select and the like: woken whenever a file may have become ready. */
  poll_queue: WaitQueue;
  /** Sleepers nobody wakes but a signal or a timer. */
  nap_queue: WaitQueue;
  /** Numbers of unknown system calls that have been reported. */
  unknown_syscalls: Set<number>;
  /** tgid of the first process; when it ends, the machine does. */
  first_tgid: number;
}

export const new_task_process = (): TaskProcess => ({
  files: 0,
  fs: 0,
  sighand: 0,
  blocked: 0n,
  saved_sigmask: null,
  pending: [],
  sas_sp: 0,
  sas_size: 0,
  sas_flags: 2,
  clear_child_tid: 0,
  robust_list: 0,
  fault_address: 0,
  fault_code: 0,
  zapped: false,
  exit_code: 0,
  vfork_parent: 0,
  call: new_call(),
  futex: null,
});

export const new_kernel_parts = (): KernelParts => ({
  mms: new Map(),
  next_mm: 1,
  inodes: new Map(),
  files: new Map(),
  file_tables: new Map(),
  fs_contexts: new Map(),
  next_ino: 1,
  next_file: 1,
  next_table: 1,
  closed_perf_events: [],
  groups: new Map(),
  sighands: new Map(),
  next_sighand: 1,
  futexes: new Map(),
  poll_queue: { waiters: [] },
  nap_queue: { waiters: [] },
  unknown_syscalls: new Set(),
  first_tgid: 0,
});
