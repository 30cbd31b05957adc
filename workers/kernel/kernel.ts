// The kernel of a machine: its text and records, one context per CPU, and what the machine asks of it. Composition only; what it does is in
// the functions and ops of the modules listed by create-machine.ts.
import { esrClass, EC, VECTOR } from '../arch/aarch64/exceptions.ts';
import { PSTATE } from '../arch/aarch64/exceptions.ts';
import { assert } from '../base/assert.ts';
import { seedPrng } from '../base/prng.ts';
import type { DebugMatch, GuestKernel, MachinePort } from '../machine/guest-kernel.ts';
import { record_matches } from './arch/arm64/hw-breakpoint.ts';
import { CpuContext, type KernelShared, new_task } from './cpu-context.ts';
import { IMAGE_BASE, imageEnd } from './kernel-data.ts';
import type { ProcessPart } from './kernel-context.ts';
import { kernelView } from './kernel-view.ts';
import { new_constraints } from './hw_breakpoint/constraints.ts';
import { parsePolicies } from './policies.ts';
import { new_kernel_parts } from './process/records.ts';
import type { KernelRecords } from './records.ts';
import { first_runnable } from './sched/core.ts';
import { StepMachine } from './steps/perform.ts';
import { createK } from './steps/step.ts';
import { KERNEL_TEXT, collect, layoutText } from './steps/text.ts';

/** Names of exception classes, for events. */
const CLASS_NAMES: Readonly<Record<number, string>> = {
  [EC.unknown]: 'undefined instruction',
  [EC.iabtLower]: 'instruction abort',
  [EC.pcAlignment]: 'pc alignment',
  [EC.dabtLower]: 'data abort',
  [EC.spAlignment]: 'sp alignment',
  [EC.brk64]: 'brk',
};
const DEBUG_CLASSES: readonly number[] = [EC.svc64, EC.breakpointLower, EC.watchpointLower, EC.stepLower];

export class Kernel implements GuestKernel {
  readonly vectors = { sync: KERNEL_TEXT + VECTOR.lowerSync, irq: KERNEL_TEXT + VECTOR.lowerIrq };
  readonly view: GuestKernel['view'];
  readonly steps: StepMachine;
  readonly shared: KernelShared;
  readonly contexts: readonly CpuContext[];
  readonly #machine: MachinePort;

  constructor(machine: MachinePort, part: ProcessPart, modules: readonly object[]) {
    this.#machine = machine;
    const policies = parsePolicies(machine.config.policies);
    assert(typeof policies !== 'string', 'policies were checked before');
    const { fns, ops } = collect(modules);
    const text = layoutText(fns, ops);
    this.shared = { kernel: undefined as unknown as KernelRecords, text, machine, mm: part.mm };
    this.steps = new StepMachine(text, createK(policies));
    this.contexts = machine.cpus.map((c) => new CpuContext(this.shared, c.cpu));
    this.view = kernelView(this.shared, this.contexts);
  }

  get records(): object {
    return this.shared.kernel;
  }
  set records(value: object) {
    this.shared.kernel = value as KernelRecords;
    for (const ctx of this.contexts) ctx.reloaded();
  }
  get restoreAlways(): boolean {
    return this.steps.restoreAlways;
  }
  set restoreAlways(value: boolean) {
    this.steps.restoreAlways = value;
  }
  get booted(): boolean {
    return this.shared.kernel.booted;
  }
  get bootError(): string | null {
    return this.shared.kernel.boot_error;
  }
  reloaded(): void {}

  powerOn(): void {
    const { mem, config, cpus } = this.#machine;
    mem.initFrames(imageEnd(config.cpus));
    this.shared.text.words.forEach((word, i) => mem.write32(IMAGE_BASE + i * 4, word));
    const idles = cpus.map((c) => {
      const pfn = mem.alloc_page();
      assert(pfn >= 0, 'there is memory for the idle tasks');
      const task = new_task(0, pfn * 4096, this.shared.text, 'do_idle');
      task.comm = `swapper/${c.cpu}`;
      task.on_cpu = true;
      task.cpu = c.cpu;
      c.pc = task.pc;
      c.sys.set('sp_el1', task.sp);
      c.sys.set('pstate', PSTATE.EL1h | PSTATE.D | PSTATE.A | PSTATE.I | PSTATE.F);
      return task;
    });
    const kernel: KernelRecords = {
      ...new_kernel_parts(),
      tasks: new Map(),
      cpus: idles.map((idle) => ({
        current: 0,
        resched: false,
        perf_resched: false,
        quantum_end: 0,
        idle,
        perf_events: [],
        mde_ref: 0,
        kde_ref: 0,
      })),
      runqueue: [1],
      next_tid: 2,
      timers: [],
      next_timer: 1,
      perf_events: new Map(),
      next_perf_event: 1,
      bp_constraints: new_constraints(config.cpus, [config.brps, config.wrps]),
      booted: false,
      boot_error: null,
      random: seedPrng(config.seed, 1),
    };
    this.records = kernel;
    const pfn = mem.alloc_page();
    const init = new_task(1, pfn * 4096, this.shared.text, 'kernel_init');
    init.comm = 'init';
    init.on_rq = true;
    kernel.tasks.set(1, init);
    kernel.cpus[0]!.resched = true;
  }

  step(cpu: number): boolean {
    return this.steps.step(this.contexts[cpu]!);
  }

  waiting(cpu: number): boolean {
    const { current, idle } = this.shared.kernel.cpus[cpu]!;
    if (current !== 0) return false;
    return idle.frames[idle.frames.length - 1]?.pend.kind === 'wfi' && !this.contexts[cpu]!.interruptPending();
  }

  interruptPending(cpu: number): boolean {
    if (this.contexts[cpu]!.interruptPending()) return true;
    const { kernel } = this.shared;
    const rec = kernel.cpus[cpu]!;
    return kernel.runqueue.length > 0 && this.#machine.now() >= rec.quantum_end && first_runnable(kernel, cpu) >= 0;
  }

  deadline(cpu: number): number {
    const { kernel } = this.shared;
    const rec = kernel.cpus[cpu]!;
    let at = Number.POSITIVE_INFINITY;
    for (const t of kernel.timers)
      if (t.cpu === cpu) {
        at = t.expires;
        break;
      }
    if (rec.current !== 0 && rec.quantum_end < at && kernel.runqueue.length > 0 && first_runnable(kernel, cpu) >= 0) at = rec.quantum_end;
    return at;
  }

  tid(cpu: number): number {
    return this.shared.kernel.cpus[cpu]!.current;
  }
  mm(cpu: number): number {
    return this.contexts[cpu]!.current.mm;
  }
  translate(cpu: number, address: number, access: 0 | 1 | 2): number {
    const ctx = this.contexts[cpu]!;
    return this.shared.mm.translate(ctx, ctx.current.mm, address, access);
  }
  translateIn(mm: number, address: number, access: 0 | 1 | 2): number {
    return this.shared.mm.translate(this.contexts[0]!, mm, address, access);
  }

  debugMatched(cpu: number, match: DebugMatch): void {
    record_matches(this.contexts[cpu]!, match);
  }

  exceptionTaken(cpu: number, esr: number, far: number, irq: boolean): void {
    if (!irq && DEBUG_CLASSES.includes(esrClass(esr))) return;
    const ctx = this.contexts[cpu]!;
    const elr = this.#machine.cpus[cpu]!.sys.bits('elr_el1');
    if (irq) ctx.current.cause = ctx.emit('exception', { class: 'irq', esr: 0, far: 0n }, { pc: elr, cause: -1 });
    else {
      const name = CLASS_NAMES[esrClass(esr)] ?? `class 0x${esrClass(esr).toString(16)}`;
      const bits = this.#machine.cpus[cpu]!.sys.bits('far_el1');
      ctx.current.cause = ctx.emit('exception', { class: name, esr, far: far === 0 ? 0n : bits }, { pc: elr, cause: -1 });
    }
  }

  whyIdle(): string {
    const asleep = [...this.shared.kernel.tasks.values()].filter(
      (t) => t.state === 'interruptible' || t.state === 'uninterruptible' || t.state === 'stopped',
    );
    const names = asleep.map((t) => `${t.tid} (${t.comm}) ${t.state === 'stopped' ? 'stopped' : `in ${t.wchan}`}`);
    return `nothing can run: ${names.length === 0 ? 'no task is left' : names.join(', ')}`;
  }
}
