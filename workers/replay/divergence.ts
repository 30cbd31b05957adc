// Where two executions that should be the same are not: the first Mark and the first field. Two machines are driven to the same
// Marks and their digests compared by bisection, then their states field by field.
import { type Mark, compareMarks, formatMark } from '../base/mark.ts';
import type { CpuView, MachineApi } from '../machine/machine-api.ts';

/** The first difference found. `mark`: the state there differs and every state before it is equal, unless `exact` is false. */
export interface Divergence {
  readonly mark: Mark;
  /** `x3 of CPU 0`, `memory 0x4a0010 of process 1`, `event 12 watchpoint-hit.old`, `task 2 state`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
  readonly exact: boolean;
}

export function describeDivergence(d: Divergence): string {
  const where = d.exact ? `at ${formatMark(d.mark)}` : `not later than ${formatMark(d.mark)}`;
  return `the replay differs from the recording ${where}: ${d.field} is ${d.found}, recorded was ${d.expected}`;
}

/** One of the two executions: a machine that something can bring to any Mark. */
export interface Replica {
  readonly machine: MachineApi;
  goTo(mark: Mark): Promise<void>;
}

const hexDigest = (machine: MachineApi): string => {
  const { lo, hi } = machine.digest();
  return formatDigest(lo, hi);
};

/** 16 hexadecimal digits. */
export const formatDigest = (lo: number, hi: number): string =>
  (hi >>> 0).toString(16).padStart(8, '0') + (lo >>> 0).toString(16).padStart(8, '0');

/**
 * `good` and `bad` are equal at `low` and differ at `high`. Finds the first Mark at which they differ. When they do not differ at
 * `high` after all (a fault that went away), null.
 */
export async function locate(good: Replica, bad: Replica, low: Mark, high: Mark): Promise<Divergence | null> {
  const same = async (mark: Mark): Promise<boolean> => {
    await good.goTo(mark);
    await bad.goTo(mark);
    return compareMarks(good.machine.mark, bad.machine.mark) === 0 && hexDigest(good.machine) === hexDigest(bad.machine);
  };
  if (await same(high)) return null;
  let equal = low.icount;
  let different = high.icount;
  while (different - equal > 1) {
    const middle = equal + Math.floor((different - equal) / 2);
    if (await same({ icount: middle, event: 0 })) equal = middle;
    else different = middle;
  }
  // Between two icounts there may be exceptions and events: tick by tick.
  const start = { icount: equal, event: 0 };
  await good.goTo(start);
  await bad.goTo(start);
  if (hexDigest(good.machine) !== hexDigest(bad.machine)) return difference(good.machine, bad.machine, start);
  for (let i = 0; i < 100_000; i++) {
    good.machine.takeTouched();
    bad.machine.takeTouched();
    good.machine.tick();
    bad.machine.tick();
    if (compareMarks(good.machine.mark, bad.machine.mark) !== 0 || hexDigest(good.machine) !== hexDigest(bad.machine)) {
      return difference(good.machine, bad.machine, good.machine.mark);
    }
    if (good.machine.mark.icount > different) break;
  }
  return difference(good.machine, bad.machine, high);
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** First field that differs between two machines, in the order: Mark, registers, debug registers, memory touched last, tasks, the rest. */
export function difference(good: MachineApi, bad: MachineApi, mark: Mark): Divergence {
  const found = (field: string, expected: string, got: string): Divergence => ({ mark, field, expected, found: got, exact: true });
  if (compareMarks(good.mark, bad.mark) !== 0) return found('the Mark', formatMark(good.mark), formatMark(bad.mark));
  for (let cpu = 0; cpu < good.config.cpus; cpu++) {
    const a: CpuView = good.view.cpu(cpu);
    const b: CpuView = bad.view.cpu(cpu);
    for (const [name, value] of [...Object.entries(a.regs), ...Object.entries(a.debug)]) {
      const other = b.regs[name] ?? b.debug[name];
      if (other !== undefined && other !== value) return found(`${name} of CPU ${cpu}`, hex(value), hex(other));
    }
    if (a.tid !== b.tid) return found(`task of CPU ${cpu}`, String(a.tid), String(b.tid));
  }
  const memory = memoryDifference(good, bad);
  if (memory !== null) return found(`memory ${hex(memory.address)} of process ${memory.mm}`, memory.a, memory.b);
  const ours = good.view.tasks();
  const theirs = bad.view.tasks();
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [a, b] = [ours[i], theirs[i]];
    if (a === undefined || b === undefined) return found('number of tasks', String(ours.length), String(theirs.length));
    for (const key of ['tid', 'tgid', 'mm', 'name', 'state', 'cpu'] as const) {
      if (a[key] !== b[key]) return found(`task ${a.tid} ${key}`, String(a[key]), String(b[key]));
    }
    if (a.kernelStack.join() !== b.kernelStack.join())
      return found(`task ${a.tid} kernel stack`, a.kernelStack.join(' < '), b.kernelStack.join(' < '));
  }
  return found('a record of the kernel (no register or mapped byte differs)', hexDigest(good), hexDigest(bad));
}

/** The first byte that differs in a page either machine touched since takeTouched was called last. */
function memoryDifference(good: MachineApi, bad: MachineApi): { mm: number; address: bigint; a: string; b: string } | null {
  const keys = [...new Set([...good.takeTouched().keys(), ...bad.takeTouched().keys()])].sort((x, y) => x - y);
  for (const key of keys) {
    const mm = Math.floor(key / 2 ** 36);
    const address = BigInt(key % 2 ** 36) << 12n;
    const a = good.view.read(mm, address, 4096);
    const b = bad.view.read(mm, address, 4096);
    const at = a.findIndex((byte, i) => byte !== b[i]);
    if (at >= 0) return { mm, address: address + BigInt(at), a: String(a[at]), b: String(b[at]) };
  }
  return null;
}
