// What an op sees when it is performed: the machine's state and the few primitives everything else is built on. The machine implements
// it, one context per CPU; ops must not keep it.
import type { EventFields, EventKind } from '../../recordings/format/events.ts';
import type { CpuPort } from '../machine/guest-kernel.ts';
import type { MachineConfig } from '../machine/machine-api.ts';
import type { PhysMem } from '../machine/phys-mem.ts';
import type { CpuRegisters, PtRegs } from './arch/arm64/pt-regs.ts';
import type { PerfEvent } from './perf/records.ts';
import type { KernelRecords, Task, WaitQueue } from './records.ts';

/** Programs' memory as the kernel accesses it. Addresses are user addresses; pages are faulted in; watchpoints and queries see it as EL1. */
export interface UserAccess {
  /** The bytes, or null when any of them cannot be read (-EFAULT). The copy is the caller's. */
  copy_from_user(address: number, length: number): Uint8Array | null;
  /** Number of bytes not copied: 0 when all went well. Copies up to the page that cannot be written. */
  copy_to_user(address: number, bytes: Uint8Array): number;
  /** Bytes before the NUL, at most `max`; null: fault; 'long': no NUL within max. */
  strncpy_from_user(address: number, max: number): Uint8Array | null | 'long';
  /** Unsigned 32-bit value, or -EFAULT (-14). */
  get_user32(address: number): number;
  /** 0 or -EFAULT. */
  put_user32(address: number, value: number): number;
  get_user64(address: number): bigint | null;
  put_user64(address: number, value: bigint): number;
}

export interface KernelContext {
  readonly cpu: number;
  /** The task of this CPU (the idle task has tid 0). */
  readonly current: Task;
  readonly kernel: KernelRecords;
  readonly config: MachineConfig;
  readonly mem: PhysMem;
  readonly user: UserAccess;
  /** Same for another address space than the current one (ptrace, process_vm, loading). */
  user_of(mm: number): UserAccess;

  /** User registers of current: its pt_regs on its kernel stack. */
  readonly regs: PtRegs;
  regs_of(task: Task): PtRegs;
  /** FAR_EL1 as it was set by the exception being handled, all 64 bits. */
  readonly far_bits: bigint;
  /** V registers, FPCR, FPSR, TPIDR_EL0 of the running task, live in the CPU. */
  readonly fpsimd: CpuRegisters;

  /**
   * Records an event after this step; returns its index. `cause`: the event that led to it, default the CPU's current cause.
   * `pc`: default the pc of this step; of events on behalf of a program give its pc.
   */
  emit<E extends EventKind>(kind: E, fields: EventFields<E>, options?: { readonly cause?: number; readonly pc?: number | bigint }): number;
  /** Changes fields of an event emitted earlier. */
  patch<E extends EventKind>(index: number, fields: Partial<EventFields<E>>): void;
  readonly icount: number;
  /** Virtual time in ns since power-on. */
  now(): number;
  /** u32 from the seed, for getrandom and AT_RANDOM. */
  random(): number;
  /** Standard input at this point: bytes, end of file, or null when the machine must pause before this step and try it again. */
  stdin(limit: number): Uint8Array | 'eof' | null;
  /** The whole machine stops after this step: the first process has ended. */
  power_off(code: number, signal: string | null): void;

  // Scheduling. An op that finds it must sleep puts current on a wait queue and returns a value that makes the function call `schedule`.
  /** Current goes to sleep at the next schedule(); `name` is for people. Deadline in virtual ns, -1 none: then wake_result is -ETIMEDOUT. */
  prepare_to_wait(queue: WaitQueue | null, name: string, interruptible: boolean, deadline: number): void;
  /** Leaves the queue, cancels the timer, state running. Returns wake_result. */
  finish_wait(queue: WaitQueue | null): number;
  /** Wakes up to `count` sleepers of the queue in order and removes them from it. Returns how many. */
  wake_up(queue: WaitQueue, count: number): number;
  /** Makes a sleeping task runnable with this result. false when it was not asleep (or only in uninterruptible sleep and interruptible_only is set). */
  wake_up_process(task: Task, result: number, interruptible_only?: boolean): boolean;
  /** Sets a TIF bit of a task and interrupts its CPU if it runs on another one, so that it sees it before its next user instruction. */
  set_tif(task: Task, bit: number): void;
  /** Calls op(arg) from the timer interrupt at `expires`. */
  add_timer(expires: number, op: string, arg: number): number;
  del_timer(id: number): void;
  /** A new task, asleep in no queue, that will first run `ret_from_fork` and then return to its pt_regs. Copies pt_regs, V registers and TLS of current. */
  create_task(fields: { readonly comm: string; readonly tgid: number; readonly mm: number }): Task | null;
  wake_up_new_task(task: Task): void;
  /** Takes a dead task's stack and record away. */
  release_task(task: Task): void;

  // For the entry code, the scheduler and the debug machinery only.
  /** The CPU's registers; X registers at EL1 are the kernel's own. */
  readonly port: CpuPort;
  /** Kernel virtual address of a task's pt_regs, where its stack begins. */
  stack_top(task: Task): number;
  run_op(name: string, ...args: number[]): number;
  /** Guest memory at a kernel address. */
  load(address: number, size: number): number;
  /** Frame of a user address of current as it is mapped now, -1. */
  translate(address: number): number;
  /** Asks another CPU to look at the events of its current task again. */
  interrupt_perf(cpu: number): void;
  /** A hit of a breakpoint event: counts it. false: stopped or excluded. */
  perf_bp_event(event: PerfEvent, pc: number, user: boolean): boolean;
  /** The machine cannot start: negated errno, or -1 when `boot_message` was set. */
  boot_failed(error: number): void;

  /** Translations of an address space changed: empties the soft TLBs of the CPUs that run it. */
  flush_tlb_mm(mm: number): void;
  flush_tlb_page(mm: number, address: number): void;
  /** Current runs in another address space from now on (exec). */
  switch_mm(mm: number): void;
}

/** What mm provides to the machine. */
export interface MmOps {
  /** Walks the tables for a user access (0 read, 1 write, 2 execute): the frame, or -1 when the access would fault. Changes nothing. */
  translate(ctx: KernelContext, mm: number, address: number, access: 0 | 1 | 2): number;
  /** Makes the access possible (demand zero, copy on write, stack growth): the frame, or a negated errno. */
  fault_in(ctx: KernelContext, mm: number, address: number, access: 0 | 1 | 2): number;
}

/** What the process part gives to the composition (workers/kernel/kernel.ts), besides functions and ops found by name. */
export interface ProcessPart {
  readonly mm: MmOps;
  /** The sentence that says why this program cannot be run, or null. Looks at the files only. */
  check_program(config: MachineConfig): string | null;
}

/**
 * Functions the entry code calls by name, each provided by the process part:
 *   kernel_execve()         first task: loads config.program, sets pt_regs; result 0 or negated errno
 *   do_el0_svc()            system call: number in regs X8, arguments X0..X5, writes X0
 *   do_mem_abort(far, esr)  data and instruction aborts of EL0: makes the page present or sends a signal
 *   do_undefinstr(), do_brk(esr)   signals SIGILL, SIGTRAP
 *   do_notify_resume()      TIF_SIGPENDING or TIF_NOTIFY_RESUME is set on the way back to the program
 *   send_sig_trap(address, code)   SIGTRAP with si_code and si_addr to current
 */
// Functions the perf part provides to the process part, by name:
//   perf_event_init_task(child)     in clone, before the child may run: 0 or a negated errno, which makes the clone fail
//   perf_event_exit_task()          in do_exit, first
//   perf_event_exec()               in execve, after the new program is in place
//   perf_read()                     read() of a perf_event's file, arguments in pt_regs
//   perf_ioctl()                    ioctl() of a perf_event's file, arguments in pt_regs
//   release_closed_perf_events()    after a call that may have closed files, and in do_exit
// and PERF_CALLS (perf/syscalls.ts), rows for the system call table.
export type EntryFunctions =
  | 'kernel_execve'
  | 'do_el0_svc'
  | 'do_mem_abort'
  | 'do_undefinstr'
  | 'do_brk'
  | 'do_notify_resume'
  | 'send_sig_trap';
