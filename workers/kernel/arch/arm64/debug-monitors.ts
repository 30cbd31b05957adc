// debug-monitors.c of arm64: who needs MDSCR_EL1.MDE and KDE, single-stepping of programs, and what a step exception means.
import { MDSCR } from '../../../arch/aarch64/debug-unit.ts';
import { PSTATE } from '../../../arch/aarch64/exceptions.ts';
import { TIF } from '../../records.ts';
import { fn, op } from '../../steps/step.ts';
import { AARCH64_BREAKPOINT } from './hw-breakpoint-parse.ts';

/** Counts one more user of this exception level; the MDSCR bits to set. */
export const debug_monitors_get = op('debug_monitors_get', (ctx, el) => {
  const rec = ctx.kernel.cpus[ctx.cpu]!;
  let enable = 0;
  if (++rec.mde_ref === 1) enable = MDSCR.MDE;
  if (el === AARCH64_BREAKPOINT.EL1 && ++rec.kde_ref === 1) enable |= MDSCR.KDE;
  return enable;
});

/** One less; the MDSCR bits to keep, 0: nothing to do. When KDE's last user goes while MDE has others, KDE stays: the kernel's own quirk. */
export const debug_monitors_put = op('debug_monitors_put', (ctx, el) => {
  const rec = ctx.kernel.cpus[ctx.cpu]!;
  let keep = 0;
  if (--rec.mde_ref === 0) keep = ~MDSCR.MDE;
  if (el === AARCH64_BREAKPOINT.EL1 && --rec.kde_ref === 0) keep &= ~MDSCR.KDE;
  return keep;
});

export const enable_debug_monitors = fn('enable_debug_monitors', 'get mrs msr isb', function* (k, L, el) {
  const enable = yield k.op(L.get, debug_monitors_get, el);
  if (enable === 0) return 0;
  const mdscr = yield k.mrs(L.mrs, 'MDSCR_EL1');
  yield k.msr(L.msr, 'MDSCR_EL1', (mdscr | enable) >>> 0);
  yield k.isb(L.isb);
  return 0;
});

export const disable_debug_monitors = fn('disable_debug_monitors', 'put mrs msr isb', function* (k, L, el) {
  const keep = yield k.op(L.put, debug_monitors_put, el);
  if (keep === 0) return 0;
  const mdscr = yield k.mrs(L.mrs, 'MDSCR_EL1');
  yield k.msr(L.msr, 'MDSCR_EL1', (mdscr & keep) >>> 0);
  yield k.isb(L.isb);
  return 0;
});

/** user_enable_single_step: TIF_SINGLESTEP and SPSR.SS of the program. */
export const user_enable_single_step = op('user_enable_single_step', (ctx) => {
  ctx.current.flags |= TIF.SINGLESTEP;
  ctx.regs.pstate = (ctx.regs.pstate | PSTATE.SS) >>> 0;
  return 0;
});
export const user_disable_single_step = op('user_disable_single_step', (ctx) => {
  ctx.current.flags &= ~TIF.SINGLESTEP;
  return 0;
});
/** user_rewind_single_step: another instruction is stepped after this one was reported. */
export const user_rewind_single_step = op('user_rewind_single_step', (ctx) => {
  if (ctx.current.flags & TIF.SINGLESTEP) ctx.regs.pstate = (ctx.regs.pstate | PSTATE.SS) >>> 0;
  return 0;
});

export const instruction_pointer = op('instruction_pointer', (ctx) => ctx.regs.pc);

const TRAP_TRACE = 2;

/** A software step exception of a program. */
export const do_softstep = fn('do_softstep', 'try pc trap rewind', function* (k, L) {
  if (yield k.call(L.try, 'try_step_suspended_breakpoints')) return 0;
  const pc = yield k.op(L.pc, instruction_pointer);
  yield k.call(L.trap, 'send_sig_trap', pc, TRAP_TRACE);
  yield k.op(L.rewind, user_rewind_single_step);
  return 0;
});
