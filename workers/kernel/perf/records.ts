// perf_event records. Plain data (see ../records.ts).

/** perf_event states of the kernel. */
export const PERF_EVENT_STATE = { ERROR: -2, OFF: -1, INACTIVE: 0, ACTIVE: 1 } as const;

export const HW_BREAKPOINT = { EMPTY: 0, R: 1, W: 2, RW: 3, X: 4, INVALID: 7 } as const;

/** The fields of perf_event_attr that breakpoints use, parsed. 64-bit ones are bigint. */
export interface PerfAttr {
  type: number;
  sample_period: bigint;
  sample_type: bigint;
  read_format: bigint;
  /** The flag word at offset 40: ATTR_FLAGS bits. */
  flags: bigint;
  bp_type: number;
  bp_addr: bigint;
  bp_len: bigint;
  sig_data: bigint;
}

/** Bits of the flag word. */
export const ATTR = {
  disabled: 1n << 0n,
  inherit: 1n << 1n,
  pinned: 1n << 2n,
  exclusive: 1n << 3n,
  exclude_user: 1n << 4n,
  exclude_kernel: 1n << 5n,
  exclude_hv: 1n << 6n,
  freq: 1n << 10n,
  enable_on_exec: 1n << 12n,
  inherit_thread: 1n << 35n,
  remove_on_exec: 1n << 36n,
  sigtrap: 1n << 37n,
} as const;

/** arm64's struct arch_hw_breakpoint. */
export interface ArchHwBreakpoint {
  /** Aligned, signed reading. */
  address: number;
  /** 0 execute, 1 load, 2 store, 3 both. */
  type: number;
  /** BAS. */
  mask: number;
  /** 1 EL1, 2 EL0. */
  privilege: number;
}

export interface PerfEvent {
  readonly id: number;
  /** What a person called it: `mem:counter/8:w`. */
  readonly text: string;
  readonly attr: PerfAttr;
  info: ArchHwBreakpoint;
  state: number;
  /** tid of the task it counts; 0: bound to a CPU. */
  readonly task: number;
  /** -1: any. */
  readonly cpu: number;
  /** Event it was cloned from at fork; 0: opened by somebody. */
  readonly parent: number;
  children: number[];
  count: number;
  /** Counts of children that are gone. */
  child_count: number;
  /** PERF_HES_STOPPED. */
  stopped: boolean;
  /** Where it is installed now: CPU and slot, -1. */
  on_cpu: number;
  slot: number;
  /** Where it was installed last, -1 before the first time. */
  last_cpu: number;
  last_slot: number;
  /** Virtual ns: since when the times below run. */
  time_stamp: number;
  time_enabled: number;
  time_running: number;
}

/** Accounting of hw_breakpoint.c (facts: constraint tables). TYPE_INST 0, TYPE_DATA 1. */
export interface BpConstraints {
  /** [cpu][type] */
  cpu_pinned: number[][];
  /** [cpu][type][slots] */
  tsk_pinned: number[][][];
  /** [type][slots] */
  cpu_pinned_hist: number[][];
  tsk_pinned_all: number[][];
  /** Task -> ids of its breakpoints, all types. */
  task_bps: Map<number, number[]>;
}
