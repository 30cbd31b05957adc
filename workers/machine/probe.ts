// What the next instruction or kernel step of a CPU would access, found by executing it. Whether a comparator matches is the debug unit's.
import type { DebugAccess } from '../arch/aarch64/debug-unit.ts';
import { PSTATE } from '../arch/aarch64/exceptions.ts';
import type { Cpu } from './cpu.ts';
import type { GuestKernel } from './guest-kernel.ts';
import type { AccessQuery, Probe, ProbedAccess } from './machine-api.ts';
import type { UserMode } from './user-mode.ts';

/** Bytes of addresses programs may use. */
const USER_BYTES = 2 ** 48;

/** The machine as the probe needs it. */
interface Probed {
  readonly cpus: readonly Cpu[];
  readonly kernel: GuestKernel;
  setQuery(queries: readonly AccessQuery[] | null): void;
}

/** Leaves the machine after the instruction or step: the caller restores. */
export function probe(machine: Probed, user: UserMode, cpu: number): Probe {
  const c = machine.cpus[cpu]!;
  const { pc } = c.regs;
  const fetch: ProbedAccess = { address: pc, size: 4, access: 'x', by: c.el === 0 ? 'program' : 'kernel' };
  if (c.el === 0) {
    const { accesses, fault } = user.probe(c);
    const made = accesses.map(({ address, size, write }): ProbedAccess => {
      return { address: BigInt(address), size, access: write ? 'w' : 'r', by: 'program' };
    });
    return { el: 0, pc, accesses: [fetch, ...made], fault };
  }
  const accesses: ProbedAccess[] = [fetch];
  machine.setQuery([
    {
      address: 0n,
      length: USER_BYTES,
      read: true,
      write: true,
      execute: false,
      mm: null,
      report: ({ address, size, access }) => accesses.push({ address, size, access, by: 'kernel' }),
    },
  ]);
  if (!machine.kernel.waiting(cpu)) machine.kernel.step(cpu);
  machine.setQuery(null);
  return { el: 1, pc, accesses, fault: null };
}

/**
 * As the debug unit is asked about it. A copy of the kernel to or from a program is compared as the program's own access
 * (docs/decisions.md); the fetch of a kernel step is one at EL1.
 */
export function debugAccess(cpu: Cpu, access: ProbedAccess): DebugAccess {
  const el = access.access === 'x' && access.by === 'kernel' ? 1 : 0;
  return {
    address: Number(BigInt.asIntN(64, access.address)),
    size: access.size,
    write: access.access === 'w',
    privilege: el,
    el,
    masked: el === 1 && (cpu.sys.low('pstate') & PSTATE.D) !== 0,
  };
}
