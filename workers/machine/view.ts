// The machine's state for people: registers by name, and the kernel's view behind it. Reads only.
import type { Machine } from './machine.ts';
import type { CpuView, MachineView } from './machine-api.ts';

export function createView(machine: Machine): MachineView {
  const { kernel } = machine;
  return {
    get currentCpu() {
      return machine.currentCpu;
    },
    cpu: (cpu) => cpuView(machine, cpu),
    tasks: () => kernel.view.tasks(),
    read: (mm, address, length) => kernel.view.read(mm, address, length),
    symbolAt: (mm, address) => kernel.view.symbolAt(mm, address),
    addressOf: (mm, symbol) => kernel.view.addressOf(mm, symbol),
    disassemble: (mm, address, count) => kernel.view.disassemble(mm, address, count),
  };
}

function cpuView(machine: Machine, cpu: number): CpuView {
  const c = machine.cpus[cpu]!;
  const { regs, sys } = c;
  const { tid, mm } = machine.kernel.view.cpuTask(cpu);
  const named: Record<string, bigint> = {};
  for (let n = 0; n < 31; n++) named[`x${n}`] = regs.x(n);
  named['sp'] = c.el === 0 ? regs.sp : sys.bits('sp_el1');
  named['pc'] = regs.pc;
  named['nzcv'] = BigInt(regs.nzcv);
  named['fpcr'] = BigInt(regs.fpcr);
  named['fpsr'] = BigInt(regs.fpsr);
  named['tpidr_el0'] = regs.tpidr;
  for (let n = 0; n < 32; n++) named[`v${n}`] = regs.v(n);
  named['daif'] = sys.bits('pstate') & 0x3c0n;
  for (const name of ['elr_el1', 'spsr_el1', 'esr_el1', 'far_el1'] as const) named[name] = sys.bits(name);
  const debug: Record<string, bigint> = { MDSCR_EL1: sys.bits('mdscr_el1') };
  for (let i = 0; i < machine.config.brps; i++) {
    debug[`DBGBVR${i}_EL1`] = sys.bits('dbgbvr', i);
    debug[`DBGBCR${i}_EL1`] = sys.bits('dbgbcr', i);
  }
  for (let i = 0; i < machine.config.wrps; i++) {
    debug[`DBGWVR${i}_EL1`] = sys.bits('dbgwvr', i);
    debug[`DBGWCR${i}_EL1`] = sys.bits('dbgwcr', i);
  }
  const user = c.el === 0 ? null : machine.kernel.view.userRegs(cpu);
  return {
    ...(user === null ? {} : { user }),
    cpu,
    el: c.el,
    pc: regs.pc,
    tid,
    mm,
    regs: named,
    debug,
    slots: machine.kernel.view.slots(cpu),
  };
}
