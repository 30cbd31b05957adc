// One CPU at EL1: what steps are performed on (StepCpu) and what ops see (KernelContext). No policy of its own.
import type { EventFields, EventKind } from '../../recordings/format/events.ts';
import { FIELDS } from '../arch/aarch64/state.ts';
import { SYSTEM_WORD } from '../arch/aarch64/system-state.ts';
import { assert } from '../base/assert.ts';
import { nextU32 } from '../base/prng.ts';
import type { CpuPort, MachinePort } from '../machine/guest-kernel.ts';
import type { MachineConfig } from '../machine/machine-api.ts';
import type { PhysMem } from '../machine/phys-mem.ts';
import { type CpuRegisters, KERNEL_STACK_SIZE, PT_REGS, PtRegs } from './arch/arm64/pt-regs.ts';
import { debugRegister, note_kernel_access, record_register_write } from './arch/arm64/debug-registers.ts';
import { eret, fpsimd_load, fpsimd_save } from './entry/entry.ts';
import { IMAGE_BASE } from './kernel-data.ts';
import type { KernelContext, MmOps, UserAccess } from './kernel-context.ts';
import { perf_bp_event } from './perf/hit.ts';
import type { PerfEvent } from './perf/records.ts';
import { new_task_process } from './process/records.ts';
import type { KernelRecords, Task, WaitQueue } from './records.ts';
import { QUANTUM_NS, add_timer, del_timer, enqueue_task, wake_up_process } from './sched/core.ts';
import type { Frame } from './steps/frame.ts';
import { type StepCpu, kernelToPhysical } from './steps/perform.ts';
import type { Op } from './steps/step.ts';
import { KERNEL_TEXT, LINEAR_MAP, type KernelText, wordAddress } from './steps/text.ts';
import { UserMemory } from './user-access.ts';

/** Without an array of the arguments: most ops have few. */
function perform(target: Op, ctx: KernelContext, args: readonly number[]): number {
  switch (args.length) {
    case 0:
      return target.perform(ctx);
    case 1:
      return target.perform(ctx, args[0]!);
    case 2:
      return target.perform(ctx, args[0]!, args[1]!);
    case 3:
      return target.perform(ctx, args[0]!, args[1]!, args[2]!);
    default:
      return target.perform(ctx, ...args);
  }
}

const SP_WORD = SYSTEM_WORD.sp_el1;
const PC_WORD = FIELDS.pc.offset >> 2;
const LINK_WORD = (FIELDS.x.offset >> 2) + 60;
/** Halves of the address of kernel text. */
const TEXT_LOW = KERNEL_TEXT | 0;
const TEXT_HIGH = Math.floor(KERNEL_TEXT / 0x1_0000_0000);

/** What a CPU context shares with the others. */
export interface KernelShared {
  kernel: KernelRecords;
  readonly text: KernelText;
  readonly machine: MachinePort;
  readonly mm: MmOps;
}

/** The `stdin` of this step asked for a pause: the step is not performed. */
class Pause extends Error {}

export class CpuContext implements KernelContext, StepCpu {
  readonly cpu: number;
  readonly port: CpuPort;
  readonly user: UserAccess;
  readonly #shared: KernelShared;
  /** Record of the current task, found again after a switch or when the records were replaced. */
  #current: Task | null = null;
  readonly #users = new Map<number, UserAccess>();

  constructor(shared: KernelShared, cpu: number) {
    this.#shared = shared;
    this.cpu = cpu;
    this.port = shared.machine.cpus[cpu]!;
    this.user = new UserMemory(
      this,
      () => this.current.mm,
      shared.mm,
      shared.machine,
      (address, size, write, pa) => (this.port.debug.watching ? note_kernel_access(this, address, size, write, pa) : null),
    );
  }

  get kernel(): KernelRecords {
    return this.#shared.kernel;
  }
  get current(): Task {
    return (this.#current ??= this.#findCurrent());
  }
  #findCurrent(): Task {
    const rec = this.kernel.cpus[this.cpu]!;
    return rec.current === 0 ? rec.idle : this.kernel.tasks.get(rec.current)!;
  }
  /** The records were replaced. */
  reloaded(): void {
    this.#current = null;
  }
  get config(): MachineConfig {
    return this.#shared.machine.config;
  }
  get mem(): PhysMem {
    return this.#shared.machine.mem;
  }
  user_of(mm: number): UserAccess {
    let user = this.#users.get(mm);
    if (!user) {
      user = new UserMemory(
        this,
        () => mm,
        this.#shared.mm,
        this.#shared.machine,
        () => null,
      );
      this.#users.set(mm, user);
    }
    return user;
  }

  // Registers

  get regs(): PtRegs {
    return this.regs_of(this.current);
  }
  regs_of(task: Task): PtRegs {
    return new PtRegs(this.mem, task.stack + KERNEL_STACK_SIZE - PT_REGS.size);
  }
  stack_top(task: Task): number {
    return LINEAR_MAP + task.stack + KERNEL_STACK_SIZE - PT_REGS.size;
  }
  get far_bits(): bigint {
    return this.port.sys.bits('far_el1');
  }
  get fpsimd(): CpuRegisters {
    return this.port.regs;
  }

  // Steps

  frames(): Frame[] {
    return this.current.frames;
  }
  get pc(): number {
    return this.port.pc;
  }
  set pc(value: number) {
    this.port.pc = value;
  }
  get word(): number {
    const { words } = this.port;
    assert(words[PC_WORD + 1] === TEXT_HIGH, 'a kernel step is in kernel text');
    return (words[PC_WORD]! - TEXT_LOW) >>> 2;
  }
  set word(index: number) {
    const { words } = this.port;
    words[PC_WORD] = TEXT_LOW + index * 4;
    words[PC_WORD + 1] = TEXT_HIGH;
  }
  fetch(word: number): number {
    return this.mem.read32(IMAGE_BASE + word * 4);
  }
  pushLink(): void {
    const { words } = this.port;
    const stack = this.port.sys.words;
    // The stack is in the linear map, whose low halves are physical addresses, and is a page: nothing is borrowed.
    stack[SP_WORD] = stack[SP_WORD]! - 16;
    this.mem.writeHalves((stack[SP_WORD]! >>> 0) + 8, words[LINK_WORD]!, words[LINK_WORD + 1]!);
  }
  popLink(): void {
    const stack = this.port.sys.words;
    this.mem.readWords((stack[SP_WORD]! >>> 0) + 8, this.port.words, LINK_WORD, 2);
    stack[SP_WORD] = stack[SP_WORD]! + 16;
  }
  get sp(): number {
    const { words } = this.port.sys;
    return words[SP_WORD + 1]! * 0x1_0000_0000 + (words[SP_WORD]! >>> 0);
  }
  set sp(value: number) {
    const { words } = this.port.sys;
    words[SP_WORD] = value;
    words[SP_WORD + 1] = Math.floor(value / 0x1_0000_0000);
  }
  x(n: number): number {
    return this.port.x(n);
  }
  setX(n: number, value: number): void {
    this.port.setX(n, value);
  }
  load(address: number, size: number): number {
    const pa = kernelToPhysical(address, IMAGE_BASE);
    const { mem } = this;
    return size === 4 ? mem.read32(pa) : size === 8 ? mem.read64(pa) : size === 2 ? mem.read16(pa) : mem.read8(pa);
  }
  store(address: number, value: number, size: number): void {
    const pa = kernelToPhysical(address, IMAGE_BASE);
    const { mem } = this;
    if (size === 4) mem.write32(pa, value);
    else if (size === 8) mem.write64(pa, value);
    else if (size === 2) mem.write16(pa, value);
    else mem.write8(pa, value);
  }
  msr(register: string, value: number): void {
    const at = debugRegister(register);
    assert(at, `the kernel writes ${register}`);
    const { sys } = this.port;
    const old = sys.bitsAt(at.word);
    this.port.debug.write(at.field, at.index, value);
    record_register_write(this, register, old, sys.bitsAt(at.word));
  }
  mrs(register: string): number {
    if (register === 'ESR_EL1') return this.port.sys.words[SYSTEM_WORD.esr_el1]! >>> 0;
    if (register === 'FAR_EL1') return this.port.sys.getAt(SYSTEM_WORD.far_el1);
    const at = debugRegister(register);
    assert(at, `the kernel reads ${register}`);
    return this.port.sys.getAt(at.word);
  }
  isb(): void {
    this.port.debug.synchronise();
  }
  op(target: Op, args: readonly number[]): number | null {
    try {
      return perform(target, this, args);
    } catch (e) {
      if (e instanceof Pause) return null;
      throw e;
    }
  }
  run_op(name: string, ...args: number[]): number {
    const target = this.#shared.text.ops.get(name);
    assert(target, `kernel op ${name} exists`);
    return target.perform(this, ...args);
  }
  interruptPending(): boolean {
    const { kernel } = this;
    if (kernel.cpus[this.cpu]!.resched) return true;
    const now = this.now();
    for (const t of kernel.timers) {
      if (t.expires > now) break;
      if (t.cpu === this.cpu) return true;
    }
    return false;
  }

  switchTo(tid: number): void {
    const { kernel, machine } = this.#shared;
    const prev = this.current;
    const rec = kernel.cpus[this.cpu]!;
    prev.pc = this.pc;
    prev.sp = this.sp;
    prev.runtime += this.now() - prev.sched_in;
    if (prev.tid !== 0) fpsimd_save(this.port, this.mem, prev);
    const next = tid === 0 ? rec.idle : kernel.tasks.get(tid)!;
    this.emit('switch', { from: prev.tid, to: tid });
    prev.on_cpu = false;
    rec.current = tid;
    this.#current = next;
    next.on_cpu = true;
    next.cpu = this.cpu;
    next.sched_in = this.now();
    rec.quantum_end = this.now() + QUANTUM_NS + (machine.random() % (QUANTUM_NS * 3));
    this.pc = next.pc;
    this.sp = next.sp;
    if (tid !== 0) fpsimd_load(this.port, this.mem, next);
    if (prev.mm !== next.mm) machine.flushTlb(this.cpu);
    if (prev.release) this.release_task(prev);
    else if (prev.tid !== 0 && prev.state === 'running') enqueue_task(kernel, this.#sched, prev);
  }
  eret(): void {
    eret(this.port);
  }

  // Events and inputs

  emit<E extends EventKind>(kind: E, fields: EventFields<E>, options?: { readonly cause?: number; readonly pc?: number | bigint }): number {
    const pc = options?.pc ?? this.pc;
    const task = this.current;
    return this.#shared.machine.emit(
      kind,
      fields,
      this.cpu,
      task.tid,
      BigInt.asUintN(64, typeof pc === 'bigint' ? pc : BigInt(pc)),
      options?.cause ?? task.cause,
    );
  }
  patch<E extends EventKind>(index: number, fields: Partial<EventFields<E>>): void {
    this.#shared.machine.patch(index, fields as Partial<EventFields<EventKind>>);
  }
  get icount(): number {
    return this.#shared.machine.icount;
  }
  now(): number {
    return this.#shared.machine.now();
  }
  random(): number {
    return nextU32(this.kernel.random);
  }
  stdin(limit: number): Uint8Array | 'eof' | null {
    const bytes = this.#shared.machine.stdin(limit);
    if (bytes === 'pause') throw new Pause();
    return bytes;
  }
  power_off(code: number, signal: string | null): void {
    this.#shared.machine.powerOff({ kind: 'exited', code, signal });
  }
  translate(address: number): number {
    return this.#shared.mm.translate(this, this.current.mm, address, 0);
  }
  interrupt_perf(cpu: number): void {
    const rec = this.kernel.cpus[cpu]!;
    rec.perf_resched = true;
    rec.resched = true;
    this.#sched.kick(cpu);
  }
  perf_bp_event(event: PerfEvent, _pc: number, user: boolean): boolean {
    return perf_bp_event(event, user);
  }
  boot_failed(error: number): void {
    this.kernel.boot_error ??= `the program cannot be started (errno ${-error})`;
    this.#shared.machine.powerOff({ kind: 'exited', code: 127, signal: null });
  }

  // Scheduling

  get #sched(): { readonly cpus: number; now(): number; kick(cpu: number): void } {
    const { machine } = this.#shared;
    return {
      cpus: machine.config.cpus,
      now: () => machine.now(),
      kick: (cpu) => {
        if (cpu !== this.cpu) machine.kick(cpu);
      },
    };
  }
  prepare_to_wait(queue: WaitQueue | null, name: string, interruptible: boolean, deadline: number): void {
    const { current, kernel } = this;
    if (queue && !queue.waiters.includes(current.tid)) queue.waiters.push(current.tid);
    current.state = interruptible ? 'interruptible' : 'uninterruptible';
    current.wchan = name;
    current.wake_result = 0;
    if (current.sleep_timer !== 0) del_timer(kernel, current.sleep_timer);
    current.sleep_timer = deadline >= 0 ? add_timer(kernel, deadline, 'process_timeout', current.tid, this.cpu) : 0;
  }
  finish_wait(queue: WaitQueue | null): number {
    const { current, kernel } = this;
    if (queue) {
      const at = queue.waiters.indexOf(current.tid);
      if (at >= 0) queue.waiters.splice(at, 1);
    }
    if (current.sleep_timer !== 0) del_timer(kernel, current.sleep_timer);
    current.sleep_timer = 0;
    current.state = 'running';
    current.wchan = '';
    return current.wake_result;
  }
  wake_up(queue: WaitQueue, count: number): number {
    let woken = 0;
    while (woken < count && queue.waiters.length > 0) {
      const task = this.kernel.tasks.get(queue.waiters.shift()!);
      if (task && this.wake_up_process(task, 0)) woken++;
    }
    return woken;
  }
  wake_up_process(task: Task, result: number, interruptible_only = false): boolean {
    return wake_up_process(this.kernel, this.#sched, task, result, interruptible_only);
  }
  set_tif(task: Task, bit: number): void {
    task.flags |= bit;
    if (task.on_cpu && task.tid !== this.current.tid) {
      this.kernel.cpus[task.cpu]!.resched = true;
      this.#sched.kick(task.cpu);
    }
  }
  add_timer(expires: number, name: string, arg: number): number {
    return add_timer(this.kernel, expires, name, arg, this.cpu);
  }
  del_timer(id: number): void {
    del_timer(this.kernel, id);
  }
  create_task(fields: { readonly comm: string; readonly tgid: number; readonly mm: number }): Task | null {
    const { current, kernel, mem } = this;
    const pfn = mem.alloc_page();
    if (pfn < 0) return null;
    const tid = kernel.next_tid++;
    const task = new_task(tid, pfn * 4096, this.#shared.text, 'ret_from_fork');
    task.tgid = fields.tgid === 0 ? tid : fields.tgid;
    task.comm = fields.comm;
    task.mm = fields.mm;
    task.cpu = this.cpu;
    task.cpus_allowed = current.cpus_allowed;
    task.sp = this.stack_top(task);
    fpsimd_save(this.port, mem, task);
    mem.copy(task.stack + KERNEL_STACK_SIZE - PT_REGS.size, current.stack + KERNEL_STACK_SIZE - PT_REGS.size, PT_REGS.size);
    kernel.tasks.set(tid, task);
    return task;
  }
  wake_up_new_task(task: Task): void {
    assert(!task.on_rq && !task.on_cpu, 'a new task runs nowhere');
    task.state = 'running';
    enqueue_task(this.kernel, this.#sched, task);
  }
  release_task(task: Task): void {
    if (task.on_cpu) {
      task.release = true;
      return;
    }
    this.kernel.tasks.delete(task.tid);
    this.mem.put_page(task.stack / 4096);
  }

  flush_tlb_mm(mm: number): void {
    this.kernel.cpus.forEach((rec, cpu) => {
      const task = rec.current === 0 ? rec.idle : this.kernel.tasks.get(rec.current);
      if (task?.mm === mm) this.#shared.machine.flushTlb(cpu);
    });
  }
  flush_tlb_page(mm: number, address: number): void {
    this.kernel.cpus.forEach((rec, cpu) => {
      const task = rec.current === 0 ? rec.idle : this.kernel.tasks.get(rec.current);
      if (task?.mm === mm) this.#shared.machine.flushTlbPage(cpu, address);
    });
  }
  switch_mm(mm: number): void {
    this.current.mm = mm;
    this.#shared.machine.flushTlb(this.cpu);
  }
}

/** A task that has not run: its kernel pc is the entry of `start`. */
export function new_task(tid: number, stack: number, text: KernelText, start: string): Task {
  const placed = text.fns.get(start);
  assert(placed, `kernel function ${start} exists`);
  return {
    ...new_task_process(),
    tid,
    tgid: tid,
    comm: '',
    state: 'running',
    wchan: '',
    cpu: 0,
    on_cpu: false,
    on_rq: false,
    cpus_allowed: 0xff,
    flags: 0,
    mm: 0,
    stack,
    sp: LINEAR_MAP + stack + KERNEL_STACK_SIZE - PT_REGS.size,
    pc: wordAddress(placed.entry),
    frames: [],
    wake_result: 0,
    sleep_timer: 0,
    debug: { suspended_step: false, bps_disabled: false, wps_disabled: false, hits: [] },
    perf_events: [],
    sched_in: 0,
    runtime: 0,
    cause: -1,
    release: false,
  };
}
