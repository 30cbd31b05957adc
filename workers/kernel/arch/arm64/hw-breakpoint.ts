// hw_breakpoint.c of arm64: slots, the debug registers behind them, and what to do when one matches. Slot arrays are in guest memory, register
// writes are MSR and ISB as steps, so that their order is something a recording shows.
import { ESR_WNR } from '../../../arch/aarch64/exceptions.ts';
import type { DebugMatch } from '../../../machine/guest-kernel.ts';
import { ERRNO } from '../../errno.ts';
import { per_cpu } from '../../kernel-data.ts';
import type { KernelContext } from '../../kernel-context.ts';
import type { PerfEvent } from '../../perf/records.ts';
import { HW_BREAKPOINT } from '../../perf/records.ts';
import { TIF } from '../../records.ts';
import { fn, op } from '../../steps/step.ts';
import { control_register, debugRegister, value_register } from './debug-registers.ts';
import { disable_debug_monitors, enable_debug_monitors, user_disable_single_step, user_enable_single_step } from './debug-monitors.ts';
import { AARCH64_BREAKPOINT, ARM_BREAKPOINT, encode_ctrl_reg } from './hw-breakpoint-parse.ts';

/** enum hw_breakpoint_ops */
export const HW_BREAKPOINT_OPS = { INSTALL: 0, UNINSTALL: 1, RESTORE: 2 } as const;
/** Register files: breakpoints, watchpoints. */
export const FILE = { BRP: 0, WRP: 1 } as const;

const array = (file: number): 'bp_on_reg' | 'wp_on_reg' => (file === FILE.BRP ? 'bp_on_reg' : 'wp_on_reg');
const event_of = (ctx: KernelContext, id: number): PerfEvent => ctx.kernel.perf_events.get(id)!;
const slots_of = (ctx: KernelContext, file: number): number => (file === FILE.BRP ? ctx.config.brps : ctx.config.wrps);

export const smp_processor_id = op('smp_processor_id', (ctx) => ctx.cpu);
export const get_num_slots = op('get_num_slots', (ctx, file) => slots_of(ctx, file!));
/** counter_arch_bp(bp): parts of the event's comparator settings. */
export const bp_file = op('bp_file', (ctx, bp) => (event_of(ctx, bp!).info.type === ARM_BREAKPOINT.EXECUTE ? FILE.BRP : FILE.WRP));
export const bp_address = op('bp_address', (ctx, bp) => event_of(ctx, bp!).info.address);
export const bp_privilege = op('bp_privilege', (ctx, bp) => event_of(ctx, bp!).info.privilege);
/** Control value with E as current's debug state wants it. */
export const bp_control = op('bp_control', (ctx, bp) => {
  const { info } = event_of(ctx, bp!);
  const { debug } = ctx.current;
  const disabled = info.type === ARM_BREAKPOINT.EXECUTE ? debug.bps_disabled : debug.wps_disabled;
  return encode_ctrl_reg(info, !disabled);
});

/** Registers are named by file and kind: 0 value, 1 control. */
export const write_wb_reg = fn('write_wb_reg', 'msr isb', function* (k, L, file, kind, n, value) {
  yield k.msr(L.msr, kind === 0 ? value_register(file, n) : control_register(file, n), value);
  yield k.isb(L.isb);
  return 0;
});

/** hw_breakpoint_slot_setup: the slot of `bp` after the operation, or -ENOSPC. One round looks at one slot. */
export const hw_breakpoint_slot_setup = fn(
  'hw_breakpoint_slot_setup',
  'load set clear again',
  function* (k, L, file, cpu, max, bp, ops, i) {
    if (i >= max) return -ERRNO.ENOSPC;
    const owner = yield k.load(L.load, per_cpu(array(file), cpu, i));
    if (ops === HW_BREAKPOINT_OPS.INSTALL && owner === 0) {
      yield k.store(L.set, per_cpu(array(file), cpu, i), bp);
      return i;
    }
    if (ops === HW_BREAKPOINT_OPS.UNINSTALL && owner === bp) {
      if (k.policy['arm64.uninstall'] === 'slot-first') yield k.store(L.clear, per_cpu(array(file), cpu, i), 0);
      return i;
    }
    if (ops === HW_BREAKPOINT_OPS.RESTORE && owner === bp) return i;
    yield k.again(L.again, file, cpu, max, bp, ops, i + 1);
    return 0;
  },
);

/** The slot was taken, left or programmed again: the event for it, and where the perf_event is. */
export const record_install = op('record_install', (ctx, bp, file, slot) => {
  const e = event_of(ctx, bp!);
  const register = control_register(file!, slot!);
  const control = ctx.port.sys.bits(debugRegister(register)!.field, slot);
  if (e.last_cpu < 0)
    ctx.emit('install', {
      event: e.text,
      perf_event: bp!,
      slot: slot!,
      address: BigInt.asUintN(64, BigInt(e.info.address)),
      control,
      file: file === FILE.BRP ? 'BRP' : 'WRP',
    });
  else {
    const reason = e.last_cpu === ctx.cpu && e.last_slot === slot ? 'switched' : 'moved';
    ctx.emit('reinstall', { event: e.text, perf_event: bp!, slot: slot!, register, old: 0n, new: control, reason });
  }
  e.on_cpu = ctx.cpu;
  e.slot = slot!;
  e.last_cpu = ctx.cpu;
  e.last_slot = slot!;
  return 0;
});
export const record_uninstall = op('record_uninstall', (ctx, bp, file, slot) => {
  const e = event_of(ctx, bp!);
  e.on_cpu = -1;
  e.slot = -1;
  ctx.emit('uninstall', { event: e.text, perf_event: bp!, slot: slot!, file: file === FILE.BRP ? 'BRP' : 'WRP' });
  return 0;
});

/**
 * hw_breakpoint_control. Install: slot, monitors, value, control; uninstall: slot, control, monitors (or control before slot, by policy).
 * Every register write is followed by an ISB.
 */
export const hw_breakpoint_control = fn(
  'hw_breakpoint_control',
  'file cpu max slot el enable addr value ctrl control record off clear disable left',
  function* (k, L, bp, ops) {
    const file = yield k.op(L.file, bp_file, bp);
    const cpu = yield k.op(L.cpu, smp_processor_id);
    const max = yield k.op(L.max, get_num_slots, file);
    const i = yield k.call(L.slot, hw_breakpoint_slot_setup, file, cpu, max, bp, ops, 0);
    if (i < 0) return i;
    const el = yield k.op(L.el, bp_privilege, bp);
    if (ops === HW_BREAKPOINT_OPS.UNINSTALL) {
      yield k.call(L.off, write_wb_reg, file, 1, i, 0);
      if (k.policy['arm64.uninstall'] === 'control-first') yield k.store(L.clear, per_cpu(array(file), cpu, i), 0);
      yield k.call(L.disable, disable_debug_monitors, el);
      yield k.op(L.left, record_uninstall, bp, file, i);
      return 0;
    }
    if (ops === HW_BREAKPOINT_OPS.INSTALL) yield k.call(L.enable, enable_debug_monitors, el);
    const address = yield k.op(L.addr, bp_address, bp);
    yield k.call(L.value, write_wb_reg, file, 0, i, address);
    const control = yield k.op(L.ctrl, bp_control, bp);
    yield k.call(L.control, write_wb_reg, file, 1, i, control);
    yield k.op(L.record, record_install, bp, file, i);
    return 0;
  },
);

export const arch_install_hw_breakpoint = fn('arch_install_hw_breakpoint', 'control', function* (k, L, bp) {
  return yield k.call(L.control, hw_breakpoint_control, bp, HW_BREAKPOINT_OPS.INSTALL);
});
export const arch_uninstall_hw_breakpoint = fn('arch_uninstall_hw_breakpoint', 'control', function* (k, L, bp) {
  return yield k.call(L.control, hw_breakpoint_control, bp, HW_BREAKPOINT_OPS.UNINSTALL);
});

/** Event of a toggle: off is a suspend, on a reinstall after the step. */
export const record_toggle = op('record_toggle', (ctx, bp, file, slot, enable, old, now) => {
  const e = event_of(ctx, bp!);
  const register = control_register(file!, slot!);
  const before = BigInt(old!);
  const after = BigInt(now!);
  const reason = enable === 2 ? 'switched' : 'stepped';
  if (enable) ctx.emit('reinstall', { event: e.text, perf_event: bp!, slot: slot!, register, old: before, new: after, reason });
  else ctx.emit('suspend', { slot: slot!, register, old: before, new: after });
  return 0;
});

/** toggle_bp_registers: every owned slot of this exception level, off (0), on after a step (1) or at a switch (2). One round does one slot. */
export const toggle_bp_registers = fn(
  'toggle_bp_registers',
  'cpu max load el read write record again',
  function* (k, L, file, el, enable, i) {
    const max = yield k.op(L.max, get_num_slots, file);
    if (i >= max) return 0;
    const cpu = yield k.op(L.cpu, smp_processor_id);
    const bp = yield k.load(L.load, per_cpu(array(file), cpu, i));
    if (bp !== 0 && (yield k.op(L.el, bp_privilege, bp)) === el) {
      const control = yield k.mrs(L.read, control_register(file, i));
      const next = enable ? control | 1 : control & ~1;
      yield k.call(L.write, write_wb_reg, file, 1, i, next);
      yield k.op(L.record, record_toggle, bp, file, i, enable, control, next);
    }
    yield k.again(L.again, file, el, enable, i + 1);
    return 0;
  },
);

/** hw_breakpoint_thread_switch: registers that stay installed (of CPU-bound events) follow the debug state of the next task. */
export const hw_breakpoint_thread_switch = fn('hw_breakpoint_thread_switch', 'bps wps', function* (k, L, differs) {
  if (differs & 1) yield k.call(L.bps, toggle_bp_registers, FILE.BRP, AARCH64_BREAKPOINT.EL0, differs & 4 ? 0 : 2, 0);
  if (differs & 2) yield k.call(L.wps, toggle_bp_registers, FILE.WRP, AARCH64_BREAKPOINT.EL0, differs & 8 ? 0 : 2, 0);
  return 0;
});

// Handlers

/** Does the event's default overflow handler ask for the instruction to be stepped over: always, for events opened by programs. */
export const do_watchpoint = fn('do_watchpoint', 'max cpu load distance report closest nearest toggle suspend', function* (k, L, far, esr) {
  const access = esr & ESR_WNR ? HW_BREAKPOINT.W : HW_BREAKPOINT.R;
  const max = yield k.op(L.max, get_num_slots, FILE.WRP);
  const cpu = yield k.op(L.cpu, smp_processor_id);
  let step = 0;
  let min = Number.POSITIVE_INFINITY;
  let closest = 0;
  for (let i = 0; i < max; i++) {
    const wp = yield k.load(L.load, per_cpu('wp_on_reg', cpu, i));
    if (wp === 0) continue;
    const distance = yield k.op(L.distance, get_distance_from_watchpoint, wp, far, access, i);
    if (distance < 0) continue;
    if (distance < min) {
      min = distance;
      closest = i;
    }
    if (distance === 0) step = yield k.op(L.report, watchpoint_report, wp, i);
  }
  if (min > 0 && min !== Number.POSITIVE_INFINITY) {
    const wp = yield k.load(L.closest, per_cpu('wp_on_reg', cpu, closest));
    step = yield k.op(L.nearest, watchpoint_report, wp, closest);
  }
  if (step === 0) return 0;
  yield k.call(L.toggle, toggle_bp_registers, FILE.WRP, AARCH64_BREAKPOINT.EL0, 0, 0);
  yield k.call(L.suspend, suspend_for_step, FILE.WRP);
  return 0;
});

export const do_breakpoint = fn('do_breakpoint', 'max cpu load match report toggle suspend', function* (k, L) {
  const max = yield k.op(L.max, get_num_slots, FILE.BRP);
  const cpu = yield k.op(L.cpu, smp_processor_id);
  let step = 0;
  for (let i = 0; i < max; i++) {
    const bp = yield k.load(L.load, per_cpu('bp_on_reg', cpu, i));
    if (bp === 0) continue;
    if (!(yield k.op(L.match, breakpoint_matches, i))) continue;
    step = yield k.op(L.report, breakpoint_report, bp, i);
  }
  if (step === 0) return 0;
  yield k.call(L.toggle, toggle_bp_registers, FILE.BRP, AARCH64_BREAKPOINT.EL0, 0, 0);
  yield k.call(L.suspend, suspend_for_step, FILE.BRP);
  return 0;
});

/** -1: the event does not watch this kind of access. Else how far FAR is from its bytes; 0: on one of them. */
export const get_distance_from_watchpoint = op('get_distance_from_watchpoint', (ctx, wp, far, access, slot) => {
  const e = event_of(ctx, wp!);
  if ((e.attr.bp_type & access!) === 0) return -1;
  const value = ctx.port.sys.get('dbgwvr', slot);
  const bas = (ctx.port.sys.low('dbgwcr', slot) >>> 5) & 0xff;
  const low = value + (31 - Math.clz32(bas & -bas));
  const high = value + (31 - Math.clz32(bas));
  const at = far! >= 0 ? far! % 0x100_0000_0000_0000 : far!;
  return at < low ? low - at : at > high ? at - high : 0;
});

export const breakpoint_matches = op('breakpoint_matches', (ctx, slot) => {
  const { pc } = ctx.regs;
  const value = ctx.port.sys.get('dbgbvr', slot);
  const bas = (ctx.port.sys.low('dbgbcr', slot) >>> 5) & 15;
  return value === pc - (pc % 4) && (bas & (1 << (pc % 4))) !== 0 ? 1 : 0;
});

/** First bytes of an access that overlap the watch, as a number. */
function value_at(ctx: KernelContext, address: number, size: number): bigint {
  const length = Math.min(size, 8);
  if ((address % 4096) + length <= 4096) {
    const pfn = ctx.translate(address);
    if (pfn < 0) return 0n;
    const pa = pfn * 4096 + (address % 4096);
    if (length === 8) return ctx.mem.read_bits64(pa);
    if (length === 4) return BigInt(ctx.mem.read32(pa));
  }
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) {
    const at = address + i;
    const pfn = ctx.translate(at);
    value = (value << 8n) | BigInt(pfn < 0 ? 0 : ctx.mem.read8(pfn * 4096 + (at % 4096)));
  }
  return value;
}

/** Where the recorded value of an access begins: the access itself, or of one longer than 8 bytes the part under the watch. */
function value_start(value: number, bas: number, address: number, size: number): number {
  if (size <= 8) return address;
  const first = value + (31 - Math.clz32(bas & -bas));
  return Math.min(Math.max(address, first), address + size - 8);
}

/** Records a hit for each comparator that matched, before the handler runs: matching is the hardware's, whoever owns the slot. */
export function record_matches(ctx: KernelContext, match: DebugMatch): void {
  const { debug, sys } = ctx.port;
  const { hits } = ctx.current.debug;
  ctx.current.debug.hits = hits.filter((h) => h.reported);
  const pc = BigInt.asUintN(64, BigInt(ctx.port.pc));
  const owner = (array: 'bp_on_reg' | 'wp_on_reg', slot: number): PerfEvent | undefined =>
    ctx.kernel.perf_events.get(ctx.load(per_cpu(array, ctx.cpu, slot), 8));
  const seen = (file: number, slot: number, index: number, address: number, size: number): void => {
    ctx.current.debug.hits.push({ index, file, slot, address, size, reported: false });
  };
  if (match.kind === 'break') {
    const pstate = sys.low('pstate');
    for (let slot = debug.matchBreak(ctx.port.pc, 0, pstate); slot >= 0; slot = debug.matchBreak(ctx.port.pc, 0, pstate, slot + 1)) {
      const e = owner('bp_on_reg', slot);
      const fields = { event: e?.text ?? '', perf_event: e?.id ?? 0, address: pc, slot, reported: 'before', counted: false };
      seen(FILE.BRP, slot, ctx.emit('breakpoint-hit', fields, { pc, cause: -1 }), -1, 0);
    }
    return;
  }
  const { address, size, write } = match.access;
  const access = { address, size, write, privilege: 0, el: 0, masked: false } as const;
  for (let slot = debug.matchWatch(access); slot >= 0; slot = debug.matchWatch(access, slot + 1)) {
    const e = owner('wp_on_reg', slot);
    const start = value_start(sys.get('e_dbgwvr', slot), (sys.low('e_dbgwcr', slot) >>> 5) & 0xff, address, size);
    const old = value_at(ctx, start, size);
    const fields = {
      event: e?.text ?? '',
      perf_event: e?.id ?? 0,
      address: BigInt(address),
      size,
      access: write ? 'w' : 'r',
      slot,
      reported: 'before',
      old,
      new: old,
      counted: false,
    };
    seen(FILE.WRP, slot, ctx.emit('watchpoint-hit', fields, { pc, cause: -1 }), start, size);
  }
}

/** perf_bp_event for the owner of a slot; completes the hit the comparator made. 1: step over the instruction. */
function report(ctx: KernelContext, id: number, file: number, slot: number): number {
  const counted = ctx.perf_bp_event(event_of(ctx, id), ctx.regs.pc, true);
  for (const hit of ctx.current.debug.hits) {
    if (hit.file !== file || hit.slot !== slot || hit.reported) continue;
    hit.reported = true;
    if (counted) ctx.patch<'watchpoint-hit'>(hit.index, { counted });
    ctx.current.cause = hit.index;
  }
  return 1;
}

export const watchpoint_report = op('watchpoint_report', (ctx, wp, slot) => report(ctx, wp!, FILE.WRP, slot!));
export const breakpoint_report = op('breakpoint_report', (ctx, bp, slot) => report(ctx, bp!, FILE.BRP, slot!));

const SUSPENDED = { NOTHING: 0, STEP: 1 } as const;
/** Marks the file as disabled for this task; whether single-step has to be switched on. */
export const mark_disabled = op('mark_disabled', (ctx, file) => {
  const { debug } = ctx.current;
  const other = file === FILE.BRP ? debug.wps_disabled : debug.bps_disabled;
  if (file === FILE.BRP) debug.bps_disabled = true;
  else debug.wps_disabled = true;
  if (other) return SUSPENDED.NOTHING;
  if (ctx.current.flags & TIF.SINGLESTEP) {
    debug.suspended_step = true;
    return SUSPENDED.NOTHING;
  }
  return SUSPENDED.STEP;
});

export const suspend_for_step = fn('suspend_for_step', 'mark step', function* (k, L, file) {
  if ((yield k.op(L.mark, mark_disabled, file)) === SUSPENDED.STEP) yield k.op(L.step, user_enable_single_step);
  return 0;
});

const HANDLED = { BPS: 1, WPS: 2 } as const;
/** Which files were off for the step; marks them on. Records the step and the values the hits left. */
export const stepped_over = op('stepped_over', (ctx) => {
  const { debug } = ctx.current;
  const files = (debug.bps_disabled ? HANDLED.BPS : 0) | (debug.wps_disabled ? HANDLED.WPS : 0);
  if (files === 0) return 0;
  debug.bps_disabled = false;
  debug.wps_disabled = false;
  for (const hit of debug.hits) if (hit.size > 0) ctx.patch<'watchpoint-hit'>(hit.index, { new: value_at(ctx, hit.address, hit.size) });
  const cause = debug.hits[debug.hits.length - 1]?.index ?? -1;
  debug.hits = [];
  ctx.current.cause = ctx.emit('step-over', {}, { pc: ctx.regs.pc_bits, cause });
  return files;
});
/** Whether the program was being stepped by somebody else before. */
export const take_suspended_step = op('take_suspended_step', (ctx) => {
  const was = ctx.current.debug.suspended_step;
  ctx.current.debug.suspended_step = false;
  return was ? 1 : 0;
});

/** try_step_suspended_breakpoints: 1 when the step exception was ours. */
export const try_step_suspended_breakpoints = fn('try_step_suspended_breakpoints', 'over bps wps suspended off', function* (k, L) {
  const files = yield k.op(L.over, stepped_over);
  if (files & HANDLED.BPS) yield k.call(L.bps, toggle_bp_registers, FILE.BRP, AARCH64_BREAKPOINT.EL0, 1, 0);
  if (files & HANDLED.WPS) yield k.call(L.wps, toggle_bp_registers, FILE.WRP, AARCH64_BREAKPOINT.EL0, 1, 0);
  if (files === 0) return 0;
  if (yield k.op(L.suspended, take_suspended_step)) return 0;
  yield k.op(L.off, user_disable_single_step);
  return 1;
});
