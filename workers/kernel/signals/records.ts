// Signals as data: numbers, names, actions, siginfo. No delivery here.

export interface SigInfo {
  readonly signo: number;
  readonly code: number;
  readonly errno: number;
  /** _kill, _rt, _sigchld: sender. */
  readonly pid: number;
  readonly uid: number;
  /** si_value, si_status or si_tid. */
  readonly value: bigint;
  /** _sigfault. */
  readonly address: number;
  /** The event that led to it, -1 none. */
  readonly cause: number;
}

export interface SigAction {
  /** Address, or SIG_DFL 0, SIG_IGN 1. */
  readonly handler: number;
  readonly flags: number;
  readonly mask: bigint;
}

// biome-ignore format: a table
export const SIGNAL_NAMES = [
  '', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL', 'SIGUSR1', 'SIGSEGV', 'SIGUSR2',
  'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT', 'SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU',
  'SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH', 'SIGIO', 'SIGPWR', 'SIGSYS',
] as const;

// biome-ignore format: a table
export const SIG = {
  HUP: 1, INT: 2, QUIT: 3, ILL: 4, TRAP: 5, ABRT: 6, BUS: 7, FPE: 8, KILL: 9, USR1: 10, SEGV: 11, USR2: 12, PIPE: 13, ALRM: 14, TERM: 15,
  CHLD: 17, CONT: 18, STOP: 19, TSTP: 20, TTIN: 21, TTOU: 22, URG: 23, XCPU: 24, XFSZ: 25, WINCH: 28, SYS: 31,
} as const;

export const NSIG = 64;
/** `SIGSEGV`; `SIGRT_2` for 34. */
export const signal_name = (signo: number): string => SIGNAL_NAMES[signo] ?? (signo >= 32 ? `SIGRT_${signo - 32}` : `signal ${signo}`);

export const SI = { USER: 0, KERNEL: 0x80, QUEUE: -1, TIMER: -2, TKILL: -6 } as const;
export const CLD = { EXITED: 1, KILLED: 2, DUMPED: 3, STOPPED: 5, CONTINUED: 6 } as const;

export const SA = {
  NOCLDSTOP: 1,
  NOCLDWAIT: 2,
  SIGINFO: 4,
  RESTORER: 0x04000000,
  ONSTACK: 0x08000000,
  RESTART: 0x10000000,
  NODEFER: 0x40000000,
  RESETHAND: 0x80000000,
} as const;

export const SIG_DFL = 0;
export const SIG_IGN = 1;

/** Bit of a signal in a mask. */
export const sigmask = (signo: number): bigint => 1n << BigInt(signo - 1);
const maskOf = (...list: readonly number[]): bigint => list.reduce((m, s) => m | sigmask(s), 0n);
export const UNBLOCKABLE = maskOf(SIG.KILL, SIG.STOP);
export const IGNORED_BY_DEFAULT = maskOf(SIG.CHLD, SIG.CONT, SIG.URG, SIG.WINCH);
export const STOPS_BY_DEFAULT = maskOf(SIG.STOP, SIG.TSTP, SIG.TTIN, SIG.TTOU);
export const DUMPS_CORE = maskOf(SIG.QUIT, SIG.ILL, SIG.TRAP, SIG.ABRT, SIG.BUS, SIG.FPE, SIG.SEGV, SIG.XCPU, SIG.XFSZ, SIG.SYS);
/** Delivered before others: caused by the instruction at hand. */
export const SYNCHRONOUS = maskOf(SIG.SEGV, SIG.BUS, SIG.ILL, SIG.TRAP, SIG.FPE, SIG.SYS);
