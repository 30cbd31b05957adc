// What the machine asks of the kernel that runs on it, and what it offers in return. The machine knows CPUs, memory and time; tasks,
// address spaces and system calls are the kernel's.
import type { EventFields, EventKind } from '../../recordings/format/events.ts';
import type { DebugUnit } from '../arch/aarch64/debug-unit.ts';
import type { SystemState } from '../arch/aarch64/system-state.ts';
import type { PrngState } from '../base/prng.ts';
import type { Engine, Registers } from '../engine/engine.ts';
import type { AccessReport, MachineConfig, MachineView, RunStop } from './machine-api.ts';
import type { PhysMem } from './phys-mem.ts';

/** One CPU: its registers, in guest-independent memory, and its debug unit. */
export interface CpuPort {
  readonly cpu: number;
  readonly regs: Registers;
  readonly sys: SystemState;
  readonly debug: DebugUnit;
  /** The architectural rows of this CPU's block, as 32-bit words (AARCH64_STATE). */
  readonly words: Int32Array;
  /** Signed reading of pc. */
  pc: number;
  x(n: number): number;
  setX(n: number, value: number): void;
}

/** What a watchpoint exception was about; for the record only, ESR and FAR are what the kernel sees. */
export interface WatchAccess {
  readonly address: number;
  readonly size: number;
  readonly write: boolean;
}

/** A comparator matched before an instruction of EL0: the access it would make, or the instruction itself. */
export type DebugMatch = { readonly kind: 'watch'; readonly access: WatchAccess } | { readonly kind: 'break' };

/** What the machine offers to the kernel. */
export interface MachinePort {
  readonly config: MachineConfig;
  readonly mem: PhysMem;
  readonly engine: Engine;
  readonly cpus: readonly CpuPort[];
  /** Instructions retired before the tick in progress. */
  readonly icount: number;
  /** Virtual ns. */
  now(): number;
  /** Index the next event gets. */
  readonly nextEvent: number;
  emit<E extends EventKind>(kind: E, fields: EventFields<E>, cpu: number, tid: number, pc: bigint, cause: number): number;
  patch(index: number, fields: Partial<EventFields<EventKind>>): void;
  stdin(limit: number): Uint8Array | 'eof' | 'pause';
  powerOff(stop: RunStop): void;
  /** Kernel text is loaded and the first CPU may start; the scheduler's random numbers. */
  random(): number;
  /** A CPU that waited has work: it gets its turn soon. */
  kick(cpu: number): void;
  /** The address space of a CPU changed: translations and page watches are asked again. */
  flushTlb(cpu: number): void;
  flushTlbPage(cpu: number, address: number): void;
  /** A kernel access to a program's memory, in pieces that do not cross a page: reported to queries, before and after. */
  userAccess(cpu: number, mm: number, address: number, pa: number, size: number, write: boolean): void;
  userAccessDone(cpu: number): void;
  /** The page of an address space was touched by the kernel on a program's behalf. */
  touched(mm: number, address: number, bits: number): void;
  onAccess?: (report: AccessReport) => void;
}

export interface GuestKernel {
  /** Plain data: everything the kernel keeps outside guest memory. */
  records: object;
  /** After the records or memory were replaced. */
  reloaded(): void;
  /** Writes kernel text and what else is there at power-on. */
  powerOn(): void;
  /** Forget what can be made again from the records after each step (tests). */
  restoreAlways: boolean;
  /** One kernel step on a CPU at EL1. False: not now, nothing has changed. */
  step(cpu: number): boolean;
  /** The CPU sits in WFI and nothing is pending. */
  waiting(cpu: number): boolean;
  /** An interrupt would be taken before the next user instruction. */
  interruptPending(cpu: number): boolean;
  /** Virtual ns at which something will become pending on the CPU without anybody doing anything; Infinity. */
  deadline(cpu: number): number;
  tid(cpu: number): number;
  mm(cpu: number): number;
  /** The frame for a user access on this CPU, -1: it faults. */
  translate(cpu: number, address: number, access: 0 | 1 | 2): number;
  translateIn(mm: number, address: number, access: 0 | 1 | 2): number;
  readonly vectors: { readonly sync: number; readonly irq: number };
  /**
   * Comparators matched before the instruction at pc, whose exception is the CPU's next tick: emits a hit for each. Registers and memory are
   * still those before the instruction, so the hit's Mark is the place a person wants to stand at.
   */
  debugMatched(cpu: number, match: DebugMatch): void;
  /** An exception was taken from EL0. Called after the registers are set. Emits its event. */
  exceptionTaken(cpu: number, esr: number, far: number, irq: boolean): void;
  /** Why nothing can run: names of the sleeping tasks. */
  whyIdle(): string;
  /** The first task has returned to its program, or the boot failed. */
  readonly booted: boolean;
  /** Text of what went wrong in the boot; null. */
  readonly bootError: string | null;
  readonly view: Omit<MachineView, 'currentCpu' | 'cpu'> & {
    cpuTask(cpu: number): { readonly tid: number; readonly mm: number };
    /** Registers in the pt_regs of the CPU's task; null when it has no program. */
    userRegs(cpu: number): Readonly<Record<string, bigint>> | null;
    slots(cpu: number): ReturnType<MachineView['cpu']>['slots'];
  };
}

/** The scheduler's part of the machine's state, and where it stands. Plain data. */
export interface MachineState {
  icount: number;
  event: number;
  eventCount: number;
  /** Virtual ns skipped while every CPU waited. */
  idle: number;
  cpu: number;
  slice: number;
  prng: PrngState;
  /** By CPU: a match that has been recorded and whose exception comes next. */
  matched: (DebugMatch | null)[];
  ended: RunStop | null;
}
