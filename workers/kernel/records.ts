// The kernel's records: plain data under one root (objects, arrays, Map, Set, typed arrays, numbers, strings, booleans, null, bigint; no
// functions, no class instances, no shared references between records: refer by id). A checkpoint clones them, a digest hashes them.
// Bulky data (pages, file contents) is in guest RAM, never here.
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
  /** Task time in ns when it was last switched in, and the sum so far. */
  sched_in: number;
  runtime: number;
}

export type Task = TaskCore & TaskProcess;

export interface Timer {
  readonly id: number;
  expires: number; // virtual ns
  /** Op run in the timer interrupt with `arg`. */
  readonly op: string;
  readonly arg: number;
}

/** Interrupts a CPU has pending. */
export interface CpuRecord {
  /** tid of the current task; 0 is this CPU's idle task (its record is in `idle`). */
  current: number;
  resched: boolean;
  /** In WFI with nothing to do. */
  waiting: boolean;
  /** The idle task of this CPU. */
  idle: Task;
  /** perf_events bound to this CPU. */
  perf_events: number[];
  mde_ref: number;
  kde_ref: number;
  /** Event index of the last hit on this CPU that is being stepped over, -1 none: the cause of what follows. */
  cause: number;
}

/** The root's scheduling part; the process part (mms, files, signals) is KernelParts (process/records.ts). */
export interface KernelCore {
  tasks: Map<number, Task>;
  cpus: CpuRecord[];
  runqueue: number[];
  next_tid: number;
  timers: Timer[]; // by expiry, then id
  next_timer: number;
  /** xorshift state of getrandom and AT_RANDOM; the scheduler has its own in the machine. */
  random: [number, number, number, number];
}

export type KernelRecords = KernelCore & KernelParts;
