// From a program into the kernel and back: vectors, dispatch by exception class, work on the way out. What the exceptions mean is in the
// functions called by name (kernel-context.ts lists them).
import { EC, esrClass } from '../../arch/aarch64/exceptions.ts';
import { MDSCR } from '../../arch/aarch64/debug-unit.ts';
import { FIELDS } from '../../arch/aarch64/state.ts';
import { SYSTEM_WORD } from '../../arch/aarch64/system-state.ts';
import { PSTATE, VECTOR } from '../../arch/aarch64/exceptions.ts';
import type { CpuPort } from '../../machine/guest-kernel.ts';
import type { PhysMem } from '../../machine/phys-mem.ts';
import { type Task, TIF } from '../records.ts';
import { handle_irq, schedule } from '../sched/core.ts';
import { fn, op } from '../steps/step.ts';

const PC_WORD = FIELDS.pc.offset >> 2;
const NZCV_WORD = FIELDS.nzcv.offset >> 2;
const X_WORD = FIELDS.x.offset >> 2;
/** The exclusive monitor's rows, which are neighbours. */
const EXCLUSIVE_WORD = FIELDS.exclusiveSize.offset >> 2;
const EXCLUSIVE_END = (FIELDS.exclusiveHi.offset >> 2) + 2;

/** Saves the program's registers in pt_regs. */
export const kernel_entry = op('kernel_entry', (ctx) => {
  const { port, regs, current } = ctx;
  regs.save_x(port.words, X_WORD);
  const sys = port.sys.words;
  regs.set_pc_halves(sys[SYSTEM_WORD.elr_el1]!, sys[SYSTEM_WORD.elr_el1 + 1]!);
  regs.pstate = sys[SYSTEM_WORD.spsr_el1]!;
  regs.syscallno = -1;
  port.sys.set('sp_el1', ctx.stack_top(current));
  if (current.flags & TIF.SINGLESTEP) port.debug.write('mdscr_el1', 0, (port.sys.low('mdscr_el1') & ~MDSCR.SS) >>> 0);
  return 0;
});

/** Puts them back; the ERET that follows makes them the program's again. */
export const kernel_exit = op('kernel_exit', (ctx) => {
  const { port, regs, current } = ctx;
  regs.load_x(port.words, X_WORD);
  const sys = port.sys.words;
  sys[SYSTEM_WORD.elr_el1] = regs.pc_low;
  sys[SYSTEM_WORD.elr_el1 + 1] = regs.pc_high;
  sys[SYSTEM_WORD.spsr_el1] = regs.pstate;
  sys[SYSTEM_WORD.spsr_el1 + 1] = 0;
  port.words.fill(0, EXCLUSIVE_WORD, EXCLUSIVE_END);
  if (current.flags & TIF.SINGLESTEP) port.debug.write('mdscr_el1', 0, (port.sys.low('mdscr_el1') | MDSCR.SS) >>> 0);
  current.cause = -1;
  return 0;
});

/** Exception return: PSTATE, pc. */
export function eret(port: CpuPort): void {
  const sys = port.sys.words;
  const spsr = sys[SYSTEM_WORD.spsr_el1]! >>> 0;
  port.words[PC_WORD] = sys[SYSTEM_WORD.elr_el1]!;
  port.words[PC_WORD + 1] = sys[SYSTEM_WORD.elr_el1 + 1]!;
  port.words[NZCV_WORD] = spsr >>> 28;
  sys[SYSTEM_WORD.pstate] = spsr & (PSTATE.SS | PSTATE.D | PSTATE.A | PSTATE.I | PSTATE.F | PSTATE.modeMask);
  sys[SYSTEM_WORD.pstate + 1] = 0;
  port.debug.synchronise();
}

export const read_thread_flags = op('read_thread_flags', (ctx) => ctx.current.flags);

/** Until nothing is left to do before the program goes on. */
export const prepare_exit_to_user_mode = fn('prepare_exit_to_user_mode', 'flags sched notify again', function* (k, L) {
  const flags = yield k.op(L.flags, read_thread_flags);
  if (flags & TIF.NEED_RESCHED) yield k.call(L.sched, schedule);
  else if (flags & (TIF.SIGPENDING | TIF.NOTIFY_RESUME)) yield k.call(L.notify, 'do_notify_resume');
  else return 0;
  yield k.again(L.again);
  return 0;
});

export const el0t_64_sync_handler = fn('el0t_64_sync_handler', 'esr svc far abort undef brk bp wp_far wp step', function* (k, L) {
  const esr = yield k.mrs(L.esr, 'ESR_EL1');
  switch (esrClass(esr)) {
    case EC.svc64:
      return yield k.call(L.svc, 'do_el0_svc');
    case EC.dabtLower:
    case EC.iabtLower:
    case EC.pcAlignment:
    case EC.spAlignment: {
      const far = yield k.mrs(L.far, 'FAR_EL1');
      return yield k.call(L.abort, 'do_mem_abort', far, esr);
    }
    case EC.brk64:
      return yield k.call(L.brk, 'do_brk', esr);
    case EC.breakpointLower:
      return yield k.call(L.bp, 'do_breakpoint', esr);
    case EC.watchpointLower: {
      const far = yield k.mrs(L.wp_far, 'FAR_EL1');
      return yield k.call(L.wp, 'do_watchpoint', far, esr);
    }
    case EC.stepLower:
      return yield k.call(L.step, 'do_softstep', esr);
    default:
      return yield k.call(L.undef, 'do_undefinstr');
  }
});

export const el0t_64_sync = fn(
  'el0t_64_sync',
  'kernel_entry handler prepare kernel_exit',
  function* (k, L) {
    yield k.op(L.kernel_entry, kernel_entry);
    yield k.call(L.handler, el0t_64_sync_handler);
    yield k.call(L.prepare, prepare_exit_to_user_mode);
    yield k.op(L.kernel_exit, kernel_exit);
    return 0;
  },
  'vector',
  VECTOR.lowerSync,
);

export const el0t_64_irq = fn(
  'el0t_64_irq',
  'kernel_entry handler prepare kernel_exit',
  function* (k, L) {
    yield k.op(L.kernel_entry, kernel_entry);
    yield k.call(L.handler, handle_irq);
    yield k.call(L.prepare, prepare_exit_to_user_mode);
    yield k.op(L.kernel_exit, kernel_exit);
    return 0;
  },
  'vector',
  VECTOR.lowerIrq,
);

/** First step of a new task. */
export const ret_from_fork = fn(
  'ret_from_fork',
  'perf prepare kernel_exit',
  function* (k, L) {
    yield k.call(L.perf, 'perf_event_task_sched_in');
    yield k.call(L.prepare, prepare_exit_to_user_mode);
    yield k.op(L.kernel_exit, kernel_exit);
    return 0;
  },
  'vector',
);

export const boot_failed = op('boot_failed', (ctx, error) => {
  ctx.boot_failed(error!);
  return 0;
});
export const boot_done = op('boot_done', (ctx) => {
  ctx.kernel.booted = true;
  return 0;
});

/** First function of the first task: loads the program, opens the events asked for, becomes the program. */
export const kernel_init = fn(
  'kernel_init',
  'execve failed perf no_perf done prepare kernel_exit',
  function* (k, L) {
    const loaded = yield k.call(L.execve, 'kernel_execve');
    if (loaded < 0) yield k.op(L.failed, boot_failed, loaded);
    const opened = yield k.call(L.perf, 'open_configured_events', 0);
    if (opened < 0) yield k.op(L.no_perf, boot_failed, opened);
    yield k.op(L.done, boot_done);
    yield k.call(L.prepare, prepare_exit_to_user_mode);
    yield k.op(L.kernel_exit, kernel_exit);
    return 0;
  },
  'vector',
);

/** V0..V31, FPCR, FPSR and TPIDR_EL0 of a task that leaves its CPU, at the bottom of its kernel stack. */
const FPSIMD_WORDS = 128;
export function fpsimd_save(port: CpuPort, mem: PhysMem, task: Task): void {
  mem.writeWords(task.stack, port.words, FIELDS.v.offset >> 2, FPSIMD_WORDS);
  mem.write32(task.stack + 512, port.regs.fpcr);
  mem.write32(task.stack + 516, port.regs.fpsr);
  mem.write_bits64(task.stack + 520, port.regs.tpidr);
}

export function fpsimd_load(port: CpuPort, mem: PhysMem, task: Task): void {
  mem.readWords(task.stack, port.words, FIELDS.v.offset >> 2, FPSIMD_WORDS);
  port.regs.fpcr = mem.read32(task.stack + 512);
  port.regs.fpsr = mem.read32(task.stack + 516);
  port.regs.tpidr = mem.read_bits64(task.stack + 520);
  port.regs.clearExclusive();
}
