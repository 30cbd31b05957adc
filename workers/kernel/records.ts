// The kernel's records: plain data under one root (objects, arrays, Map, Set, typed arrays, numbers, strings, booleans, null, bigint; no
// functions, no class instances, no shared references between records: refer by id). A checkpoint clones them, a digest hashes them.
// Bulky data (pages, file contents) is in guest RAM, never here.
import type { BpConstraints, PerfEvent } from './perf/records.ts';
import type { KernelParts, TaskProcess } from './process/records.ts';
import type { Frame } from './steps/frame.ts';

export type TaskState = 'running' | 'interruptible' | 'uninterruptible' | 'stopped' | 'zombie' | 'dead';

/** Bits of thread_info.flags. */
export const TIF = { SIGPENDING: 1, NEED_RESCHED: 2, NOTIFY_RESUME: 4, SINGLESTEP: 8 } as const;

/** arm64's per-thread debug state (struct debug_info). */
export interface DebugInfo {
  suspended_step: boolean;
  bps_disabled: boolean;
  wps_disabled: boolean;
  /** Hits of the instruction about to execute: recorded when the comparator matched, completed by the handler and the step over it. */
  hits: PendingHit[];
}

export interface PendingHit {
  /** Index of its event. */
  readonly index: number;
  readonly file: number; // FILE.BRP or FILE.WRP
  readonly slot: number;
  /** Bytes whose value after the access is still to be recorded; size 0: none. */
  readonly address: number;
  readonly size: number;
  /** The handler has reported it, so it is being stepped over. */
  reported: boolean;
}

/** Tasks waiting; embed one in whatever can be waited for. */
export interface WaitQueue {
  /** tids in the order they came. */
  waiters: number[];
}
export const wait_queue = (): WaitQueue => ({ waiters: [] });

/** Scheduling and debug part of a task; the process part is TaskProcess (process/records.ts). */
export interface TaskCore {
  readonly tid: number;
  tgid: number;
  comm: string;
  state: TaskState;
  /** What it sleeps in, for people: `futex_wait`, `pipe_read`. */
  wchan: string;
  /** CPU it runs on or last ran on. */
  cpu: number;
  on_cpu: boolean;
  on_rq: boolean;
  /** Bit c: may run on CPU c. */
  cpus_allowed: number;
  /** thread_info.flags: TIF bits. */
  flags: number;
  /** Address space: key in `mms`; 0: kernel thread. */
  mm: number;
  /** Physical address of the kernel stack, KERNEL_STACK_SIZE bytes. */
  readonly stack: number;
  /** Kernel sp and pc while it is not on a CPU. */
  sp: number;
  pc: number;
  /** Kernel call stack, outermost first. */
  frames: Frame[];
  /** Result of the last sleep: 0 woken, negated errno otherwise (-ETIMEDOUT from its timer). */
  wake_result: number;
  /** Timer of the sleep in progress, 0 none. */
  sleep_timer: number;
  debug: DebugInfo;
  /** perf_event ids of its context, in the order they were opened. */
  perf_events: number[];
  /** Virtual ns when it was last switched in, and its CPU time before that. */
  sched_in: number;
  runtime: number;
  /** Index of the event that led to what the kernel does for this task now, -1 none. */
  cause: number;
  /** release_task was called while it was still on a CPU. */
  release: boolean;
}

export type Task = TaskCore & TaskProcess;

export interface Timer {
  readonly id: number;
  expires: number; // virtual ns
  /** Op run in the timer interrupt with `arg`. */
  readonly op: string;
  readonly arg: number;
  /** Whose timer interrupt it is. */
  readonly cpu: number;
}

/** The kernel's per-CPU data that no race is about (what one is about lives in guest memory: kernel-data.ts). */
export interface CpuRecord {
  /** tid of the current task; 0 is this CPU's idle task (its record is in `idle`). */
  current: number;
  /** An interrupt from another CPU is pending. */
  resched: boolean;
  /** It is to look at perf events again. */
  perf_resched: boolean;
  /** Virtual ns at which the current task has had its time, when others wait. */
  quantum_end: number;
  /** The idle task of this CPU. */
  idle: Task;
  /** perf_events bound to this CPU. */
  perf_events: number[];
  mde_ref: number;
  kde_ref: number;
}

/** The root's scheduling part; the process part (mms, files, signals) is KernelParts (process/records.ts). */
export interface KernelCore {
  tasks: Map<number, Task>;
  cpus: CpuRecord[];
  runqueue: number[];
  next_tid: number;
  timers: Timer[]; // by expiry, then id
  next_timer: number;
  perf_events: Map<number, PerfEvent>;
  next_perf_event: number;
  bp_constraints: BpConstraints;
  /** The first program has been loaded and its events opened. */
  booted: boolean;
  /** Why it could not be; null. */
  boot_error: string | null;
  /** xorshift state of getrandom and AT_RANDOM; the scheduler has its own in the machine. */
  random: [number, number, number, number];
}

export type KernelRecords = KernelCore & KernelParts;
