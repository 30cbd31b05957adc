// The kernel's own hw_breakpoint KUnit cases, by name, on the accounting alone: two CPUs, several slot counts.
import { describe, expect, test } from 'vitest';
import {
  type BpRequest,
  type BpWorld,
  hw_breakpoint_is_used,
  modify_bp_slot,
  new_constraints,
  release_bp_slot,
  reserve_bp_slot,
  TYPE_DATA,
} from '../../../../workers/kernel/hw_breakpoint/constraints.ts';
import { HW_BREAKPOINT } from '../../../../workers/kernel/perf/records.ts';

const T = 100;
const O = 200;
const ANY = -1;
const NONE = 0;
const ENOSPC = -28;

class Suite {
  readonly made = new Map<number, BpRequest>();
  readonly world: BpWorld;
  readonly slots: number;
  #next = 1;
  constructor(slots: number) {
    this.slots = slots;
    this.world = {
      constraints: new_constraints(2, [slots, slots]),
      cpus: 2,
      slots: [slots, slots],
      breakpoint: (id) => ({ cpu: this.made.get(id)!.cpu, type: TYPE_DATA }),
    };
  }
  /** Reserves one; its id, or the errno. */
  open(cpu: number, task: number): number {
    const request = { id: this.#next++, task, cpu };
    this.made.set(request.id, request);
    const result = reserve_bp_slot(this.world, request, HW_BREAKPOINT.RW);
    if (result === 0) return request.id;
    this.made.delete(request.id);
    return result;
  }
  fill(cpu: number, task: number, skip: number): number[] {
    return Array.from({ length: this.slots - skip }, () => {
      const id = this.open(cpu, task);
      expect(id).toBeGreaterThan(0);
      return id;
    });
  }
  full(...where: readonly (readonly [number, number])[]): void {
    for (const [cpu, task] of where) expect(this.open(cpu, task), `cpu ${cpu} task ${task}`).toBe(ENOSPC);
  }
  remove(id: number): void {
    release_bp_slot(this.world, this.made.get(id)!, HW_BREAKPOINT.RW);
    this.made.delete(id);
  }
  fits(cpu: number, task: number): number {
    const id = this.open(cpu, task);
    expect(id, `cpu ${cpu} task ${task}`).toBeGreaterThan(0);
    return id;
  }
  teardown(): void {
    for (const id of [...this.made.keys()]) this.remove(id);
    expect(hw_breakpoint_is_used(this.world.constraints)).toBe(false);
  }
}

describe.each([1, 2, 4, 6, 16])('%i slots', (slots) => {
  const scenario = (name: string, run: (s: Suite) => void, least = 1): void => {
    if (slots < least) return; // the kernel skips these cases too
    test(name, () => {
      const s = new Suite(slots);
      run(s);
      s.teardown();
    });
  };

  scenario('one_cpu', (s) => {
    s.fill(0, NONE, 0);
    s.full([ANY, T], [0, NONE]);
  });
  scenario('many_cpus', (s) => {
    for (const cpu of [0, 1]) {
      s.fill(cpu, NONE, 0);
      s.full([cpu, NONE]);
    }
  });
  scenario('one_task_on_all_cpus', (s) => {
    const ids = s.fill(ANY, T, 0);
    s.full([ANY, T], [0, T], [0, NONE]);
    s.remove(ids[0]!);
    s.fits(0, NONE);
  });
  scenario('two_tasks_on_all_cpus', (s) => {
    const ids = s.fill(ANY, T, 0);
    s.fill(ANY, O, 0);
    s.full([ANY, T], [ANY, O], [0, T], [0, O], [0, NONE]);
    s.remove(ids[0]!);
    s.full([0, NONE]);
  });
  scenario('one_task_on_one_cpu', (s) => {
    const ids = s.fill(0, T, 0);
    s.full([ANY, T], [0, T], [0, NONE]);
    s.remove(ids[0]!);
    s.fits(0, NONE);
  });
  scenario(
    'one_task_mixed',
    (s) => {
      const ids = [s.fits(0, T), ...s.fill(ANY, T, 1)];
      s.full([ANY, T], [0, T], [0, NONE]);
      s.remove(ids[0]!);
      s.remove(ids[1]!);
      s.fits(0, NONE);
      s.fits(0, NONE);
      s.full([0, NONE]);
    },
    3,
  );
  scenario('two_tasks_on_one_cpu', (s) => {
    s.fill(0, T, 0);
    s.fill(0, O, 0);
    s.full([ANY, T], [ANY, O], [0, T], [0, O], [0, NONE]);
    s.fill(1, NONE, 0);
  });
  scenario('two_tasks_on_one_all_cpus', (s) => {
    s.fill(0, T, 0);
    s.fill(ANY, O, 0);
    s.full([ANY, T], [ANY, O], [0, T], [0, O], [0, NONE], [1, NONE]);
  });
  scenario(
    'task_on_all_and_one_cpu',
    (s) => {
      s.fill(ANY, T, 2);
      const x = s.fits(0, T);
      s.fits(ANY, T);
      s.full([ANY, T], [0, T], [0, NONE]);
      const y = s.fits(1, NONE);
      s.full([1, NONE]);
      s.remove(x);
      s.full([ANY, T]);
      s.remove(y);
      s.fits(ANY, T);
      s.full([ANY, T], [0, T], [0, NONE], [1, NONE]);
    },
    3,
  );
  scenario('a change within one type succeeds on a full machine', (s) => {
    const ids = s.fill(ANY, T, 0);
    expect(modify_bp_slot(s.world, s.made.get(ids[0]!)!, HW_BREAKPOINT.RW, HW_BREAKPOINT.W)).toBe(0);
    s.full([ANY, T]);
  });
});

test('EMPTY and INVALID are refused before slots are counted, R|X and W|X are not', () => {
  const s = new Suite(4);
  const request = { id: 1, task: T, cpu: ANY };
  expect(reserve_bp_slot(s.world, request, HW_BREAKPOINT.EMPTY)).toBe(-22);
  expect(reserve_bp_slot(s.world, request, HW_BREAKPOINT.INVALID)).toBe(-22);
  s.made.set(1, request);
  expect(reserve_bp_slot(s.world, request, HW_BREAKPOINT.R | HW_BREAKPOINT.X)).toBe(0);
});
