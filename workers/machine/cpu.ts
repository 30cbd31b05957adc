// One CPU as the machine and the kernel use it: accessors of its two blocks in the machine's memory, and its debug unit. No behaviour.
import { AARCH64_STATE, FIELDS } from '../arch/aarch64/state.ts';
import { DebugUnit } from '../arch/aarch64/debug-unit.ts';
import { PSTATE } from '../arch/aarch64/exceptions.ts';
import { SYSTEM_BLOCK_SIZE, SYSTEM_STATE, SystemState } from '../arch/aarch64/system-state.ts';
import { CPU_BLOCK_SIZE, type Registers } from '../engine/engine.ts';
import type { CpuPort } from './guest-kernel.ts';
import type { MemoryLayout } from './layout.ts';
import type { MachineConfig } from './machine-api.ts';

const PSTATE_WORD = SYSTEM_STATE.fields.pstate.offset >> 2;
const PC_WORD = FIELDS.pc.offset >> 2;
const X_WORD = FIELDS.x.offset >> 2;

export class Cpu implements CpuPort {
  readonly cpu: number;
  readonly regs: Registers;
  readonly sys: SystemState;
  readonly debug: DebugUnit;
  readonly words: Int32Array;
  readonly #u32: Uint32Array;
  readonly stateBytes: Uint8Array;
  readonly systemBytes: Uint8Array;

  constructor(cpu: number, buffer: ArrayBuffer, layout: MemoryLayout, regs: Registers, config: MachineConfig) {
    this.cpu = cpu;
    this.regs = regs;
    const base = layout.cpuBase + cpu * CPU_BLOCK_SIZE;
    const system = layout.systemBase + cpu * SYSTEM_BLOCK_SIZE;
    this.words = new Int32Array(buffer, base, AARCH64_STATE.size >> 2);
    this.#u32 = new Uint32Array(buffer, base, AARCH64_STATE.size >> 2);
    this.stateBytes = new Uint8Array(buffer, base, AARCH64_STATE.size);
    this.systemBytes = new Uint8Array(buffer, system, SYSTEM_STATE.size);
    this.sys = new SystemState(buffer, system);
    this.debug = new DebugUnit(this.sys, config.brps, config.wrps);
  }

  get el(): 0 | 1 {
    return (this.sys.words[PSTATE_WORD]! & PSTATE.modeMask) === PSTATE.EL0t ? 0 : 1;
  }
  get far(): number {
    return this.sys.get('far_el1');
  }
  get pc(): number {
    return this.words[PC_WORD + 1]! * 0x1_0000_0000 + this.#u32[PC_WORD]!;
  }
  set pc(value: number) {
    this.words[PC_WORD] = value;
    this.words[PC_WORD + 1] = Math.floor(value / 0x1_0000_0000);
  }
  x(n: number): number {
    const at = X_WORD + n * 2;
    const lo = this.words[at]!;
    const hi = this.words[at + 1]!;
    return hi === lo >> 31 ? lo : hi * 0x1_0000_0000 + this.#u32[at]!;
  }
  setX(n: number, value: number): void {
    const at = X_WORD + n * 2;
    this.words[at] = value;
    this.words[at + 1] = (value | 0) === value ? value >> 31 : Math.floor(value / 0x1_0000_0000);
  }
}
