// A machine with this kernel and a given process part: boots it once to see that the program and its events are accepted, then goes
// back to START. create-machine.ts gives it Linux's process part; tests may give a small one.
import { type Result, err, ok } from '../base/result.ts';
import { Machine } from '../machine/machine.ts';
import type { MachineConfig } from '../machine/machine-api.ts';
import * as debugMonitors from './arch/arm64/debug-monitors.ts';
import * as hwBreakpoint from './arch/arm64/hw-breakpoint.ts';
import * as entry from './entry/entry.ts';
import type { ProcessPart } from './kernel-context.ts';
import { Kernel } from './kernel.ts';
import * as perf from './perf/core.ts';
import * as perfLifecycle from './perf/lifecycle.ts';
import * as perfCalls from './perf/syscalls.ts';
import { parsePolicies } from './policies.ts';
import * as sched from './sched/core.ts';

/** The parts of the kernel that are the same for every process part. */
export const MODULES: readonly object[] = [entry, sched, debugMonitors, hwBreakpoint, perf, perfLifecycle, perfCalls];

/** Instructions and steps a boot may take. */
const LONGEST_BOOT = 10_000_000;
const LEAST_RAM = 8 << 20;
const MOST_RAM = 2048 * 1048576;

/** What is wrong with the numbers of a configuration, or null. */
function check(config: MachineConfig): string | null {
  const whole = (n: number, low: number, high: number): boolean => Number.isInteger(n) && n >= low && n <= high;
  if (!whole(config.cpus, 1, 8)) return `a machine has 1 to 8 CPUs, not ${config.cpus}`;
  if (!whole(config.brps, 2, 16) || !whole(config.wrps, 2, 16)) return 'an arm64 CPU has 2 to 16 comparators of each kind';
  if (!whole(config.ramBytes, LEAST_RAM, MOST_RAM) || config.ramBytes % 4096 !== 0)
    return `a machine has ${LEAST_RAM / 1048576} to ${MOST_RAM / 1048576} MiB of RAM in whole pages, not ${config.ramBytes} bytes`;
  const policies = parsePolicies(config.policies);
  return typeof policies === 'string' ? policies : null;
}

export function buildMachine(config: MachineConfig, part: ProcessPart, modules: readonly object[]): Result<Machine> {
  const wrong = check(config) ?? part.check_program(config);
  if (wrong !== null) return err(wrong);
  const machine = new Machine(config, (port) => new Kernel(port, part, [...MODULES, ...modules]));
  const start = machine.save();
  while (!machine.kernel.booted && machine.mark.icount < LONGEST_BOOT) {
    const stop = machine.run({ icount: machine.mark.icount + 64, event: 0 });
    if (stop.kind !== 'target') break;
  }
  if (!machine.kernel.booted) return err(machine.kernel.bootError ?? 'the program does not start');
  machine.restore(start);
  machine.takeTouched();
  return ok(machine);
}
