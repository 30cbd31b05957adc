// Slot accounting of hw_breakpoint.c: which breakpoints fit together on which CPUs. Numbers only; it neither knows nor touches registers.
import { ERRNO } from '../errno.ts';
import { type BpConstraints, HW_BREAKPOINT } from '../perf/records.ts';

export const TYPE_INST = 0;
export const TYPE_DATA = 1;
export type BpType = 0 | 1;

/** What accounting knows of a breakpoint. */
export interface BpRequest {
  readonly id: number;
  /** tid of its task; 0: bound to `cpu`. */
  readonly task: number;
  readonly cpu: number;
}

/** The accounting and what it needs from outside: who the registered breakpoints are. */
export interface BpWorld {
  readonly constraints: BpConstraints;
  readonly cpus: number;
  /** Comparators of each type: [TYPE_INST, TYPE_DATA]. */
  readonly slots: readonly [number, number];
  /** CPU (-1: any) and slot type of a registered breakpoint. */
  breakpoint(id: number): { readonly cpu: number; readonly type: BpType };
}

export function new_constraints(cpus: number, slots: readonly [number, number]): BpConstraints {
  const histogram = (type: BpType): number[] => new Array<number>(slots[type]).fill(0);
  return {
    cpu_pinned: Array.from({ length: cpus }, () => [0, 0]),
    tsk_pinned: Array.from({ length: cpus }, () => [histogram(0), histogram(1)]),
    cpu_pinned_hist: [histogram(0), histogram(1)],
    tsk_pinned_all: [histogram(0), histogram(1)],
    task_bps: new Map(),
  };
}

/** R|X and W|X count as data, EMPTY as an instruction breakpoint; both are refused later. */
export const find_slot_idx = (bp_type: number): BpType => ((bp_type & HW_BREAKPOINT.RW) !== 0 ? TYPE_DATA : TYPE_INST);

/** A subject moves from `old` slots to old + delta. */
function bp_slots_histogram_add(histogram: number[], old: number, delta: number): void {
  if (old > 0) histogram[old - 1]!--;
  if (old + delta > 0) histogram[old + delta - 1]!++;
}

/** Largest k+1 with an entry in either histogram, else 0. */
function bp_slots_histogram_max(a: readonly number[], b: readonly number[] | null = null): number {
  for (let k = a.length - 1; k >= 0; k--) if (a[k]! + (b?.[k] ?? 0) > 0) return k + 1;
  return 0;
}

/** Breakpoints of the task that can be on the CPU; -1 when the answer depends on the CPU and none was given (cpu -1). */
function task_bp_pinned(world: BpWorld, cpu: number, task: number, type: BpType): number {
  let count = 0;
  for (const id of world.constraints.task_bps.get(task) ?? []) {
    const bp = world.breakpoint(id);
    if (bp.type !== type) continue;
    if (bp.cpu >= 0) {
      if (cpu === -1) return -1;
      if (bp.cpu !== cpu) continue;
    }
    count++;
  }
  return count;
}

const possible_cpus = (world: BpWorld): number[] => Array.from({ length: world.cpus }, (_, i) => i);

/** Slots taken where it is worst for this request. */
export function max_bp_pinned_slots(world: BpWorld, bp: BpRequest, type: BpType): number {
  const { constraints } = world;
  if (bp.task !== 0 && bp.cpu < 0) {
    const count = task_bp_pinned(world, -1, bp.task, type);
    if (count >= 0) return count + bp_slots_histogram_max(constraints.cpu_pinned_hist[type]!);
  }
  let most = 0;
  for (const cpu of bp.cpu >= 0 ? [bp.cpu] : possible_cpus(world)) {
    const taken =
      constraints.cpu_pinned[cpu]![type]! +
      (bp.task !== 0
        ? task_bp_pinned(world, cpu, bp.task, type)
        : bp_slots_histogram_max(constraints.tsk_pinned[cpu]![type]!, constraints.tsk_pinned_all[type]!));
    most = Math.max(most, taken);
  }
  return most;
}

function toggle_bp_slot(world: BpWorld, bp: BpRequest, enable: boolean, type: BpType): void {
  const { constraints } = world;
  const delta = enable ? 1 : -1;
  if (bp.task === 0) {
    const pinned = constraints.cpu_pinned[bp.cpu]!;
    bp_slots_histogram_add(constraints.cpu_pinned_hist[type]!, pinned[type]!, delta);
    pinned[type]! += delta;
    return;
  }
  const list = constraints.task_bps.get(bp.task) ?? [];
  if (!enable) {
    list.splice(list.indexOf(bp.id), 1);
    if (list.length === 0) constraints.task_bps.delete(bp.task);
  }
  const others = task_bp_pinned(world, -1, bp.task, type);
  const all = constraints.tsk_pinned_all[type]!;
  const on = (cpu: number): number[] => constraints.tsk_pinned[cpu]![type]!;
  if (others >= 0 && bp.cpu < 0) bp_slots_histogram_add(all, enable ? others : others + 1, delta);
  else if (others >= 0 && enable) {
    // The first breakpoint of the task that is for one CPU: the task's accounting moves to each CPU.
    for (const cpu of possible_cpus(world)) bp_slots_histogram_add(on(cpu), 0, others);
    bp_slots_histogram_add(on(bp.cpu), others, 1);
    bp_slots_histogram_add(all, others, -others);
  } else if (others >= 0) {
    // The last such one leaves: it moves back.
    bp_slots_histogram_add(on(bp.cpu), others + 1, -1);
    for (const cpu of possible_cpus(world)) bp_slots_histogram_add(on(cpu), others, -others);
    bp_slots_histogram_add(all, 0, others);
  } else
    for (const cpu of bp.cpu >= 0 ? [bp.cpu] : possible_cpus(world)) {
      const count = task_bp_pinned(world, cpu, bp.task, type);
      bp_slots_histogram_add(on(cpu), enable ? count : count + 1, delta);
    }
  if (enable) {
    list.push(bp.id);
    constraints.task_bps.set(bp.task, list);
  }
}

/** __reserve_bp_slot: 0 or a negated errno, in the kernel's order of checks. */
export function reserve_bp_slot(world: BpWorld, bp: BpRequest, bp_type: number): number {
  if (bp_type === HW_BREAKPOINT.EMPTY || bp_type === HW_BREAKPOINT.INVALID) return -ERRNO.EINVAL;
  const type = find_slot_idx(bp_type);
  if (max_bp_pinned_slots(world, bp, type) + 1 > world.slots[type]) return -ERRNO.ENOSPC;
  toggle_bp_slot(world, bp, true, type);
  return 0;
}

export function release_bp_slot(world: BpWorld, bp: BpRequest, bp_type: number): void {
  toggle_bp_slot(world, bp, false, find_slot_idx(bp_type));
}

/** modify_bp_slot: the old slot is given back first, so a full machine does not refuse a change within one type. */
export function modify_bp_slot(world: BpWorld, bp: BpRequest, old_type: number, new_type: number): number {
  release_bp_slot(world, bp, old_type);
  const result = reserve_bp_slot(world, bp, new_type);
  if (result !== 0) reserve_bp_slot(world, bp, old_type);
  return result;
}

/** hw_breakpoint_is_used */
export function hw_breakpoint_is_used(constraints: BpConstraints): boolean {
  const any = (list: readonly number[]): boolean => list.some((n) => n !== 0);
  return (
    constraints.cpu_pinned.some(any) ||
    constraints.tsk_pinned.some((cpu) => cpu.some(any)) ||
    constraints.tsk_pinned_all.some(any) ||
    constraints.cpu_pinned_hist.some(any)
  );
}
