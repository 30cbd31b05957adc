// struct pt_regs of arm64 in guest memory, and the live registers a kernel op may touch. The layout is the kernel's.
import type { Registers } from '../../../engine/engine.ts';
import type { PhysMem } from '../../../machine/phys-mem.ts';

/** Byte offsets: regs[31], sp, pc, pstate, orig_x0, syscallno; sizeof 336 as in the kernel. */
export const PT_REGS = { regs: 0, sp: 248, pc: 256, pstate: 264, orig_x0: 272, syscallno: 280, size: 336 } as const;

/** A kernel stack is one frame (Linux: four; steps need 16 bytes a call). pt_regs is at the top, the V registers of a task off CPU at the bottom. */
export const KERNEL_STACK_SIZE = 4096;

/** Live V registers, FPCR, FPSR, TPIDR_EL0 of the current task. */
export type CpuRegisters = Pick<Registers, 'v' | 'setV' | 'fpcr' | 'fpsr' | 'tpidr'>;

/** Accessor of one pt_regs. Numbers are the signed reading of the 64 bits: exact between -2^53 and 2^53, rounded outside. */
export class PtRegs {
  readonly #mem: PhysMem;
  /** Physical address of the structure. */
  readonly base: number;
  constructor(mem: PhysMem, base: number) {
    this.#mem = mem;
    this.base = base;
  }
  /** X0..X30 */
  x(n: number): number {
    return this.#mem.read64(this.base + 8 * n);
  }
  set_x(n: number, value: number): void {
    this.#mem.write64(this.base + 8 * n, value);
  }
  /** All 64 bits, unsigned. */
  x_bits(n: number): bigint {
    return this.#mem.read_bits64(this.base + 8 * n);
  }
  set_x_bits(n: number, value: bigint): void {
    this.#mem.write_bits64(this.base + 8 * n, value);
  }
  /** Low 32 bits, unsigned: int and unsigned arguments. */
  w(n: number): number {
    return this.#mem.read32(this.base + 8 * n);
  }
  get sp(): number {
    return this.#mem.read64(this.base + PT_REGS.sp);
  }
  set sp(value: number) {
    this.#mem.write64(this.base + PT_REGS.sp, value);
  }
  get pc(): number {
    return this.#mem.read64(this.base + PT_REGS.pc);
  }
  set pc(value: number) {
    this.#mem.write64(this.base + PT_REGS.pc, value);
  }
  get pc_bits(): bigint {
    return this.#mem.read_bits64(this.base + PT_REGS.pc);
  }
  set pc_bits(value: bigint) {
    this.#mem.write_bits64(this.base + PT_REGS.pc, value);
  }
  get pc_low(): number {
    return this.#mem.read32(this.base + PT_REGS.pc);
  }
  get pc_high(): number {
    return this.#mem.read32(this.base + PT_REGS.pc + 4);
  }
  set_pc_halves(lo: number, hi: number): void {
    this.#mem.write32(this.base + PT_REGS.pc, lo);
    this.#mem.write32(this.base + PT_REGS.pc + 4, hi);
  }
  /** PSTATE as SPSR_EL1 holds it: NZCV in bits 31..28, SS bit 21, D A I F bits 9..6, mode bits 4..0. */
  get pstate(): number {
    return this.#mem.read32(this.base + PT_REGS.pstate);
  }
  set pstate(value: number) {
    this.#mem.write64(this.base + PT_REGS.pstate, value >>> 0);
  }
  get orig_x0(): number {
    return this.#mem.read64(this.base + PT_REGS.orig_x0);
  }
  set orig_x0(value: number) {
    this.#mem.write64(this.base + PT_REGS.orig_x0, value);
  }
  get orig_x0_bits(): bigint {
    return this.#mem.read_bits64(this.base + PT_REGS.orig_x0);
  }
  set orig_x0_bits(value: bigint) {
    this.#mem.write_bits64(this.base + PT_REGS.orig_x0, value);
  }
  /** Number of the system call being made; -1: none (an exception, or a call that is not to be restarted). */
  get syscallno(): number {
    return this.#mem.read64(this.base + PT_REGS.syscallno);
  }
  set syscallno(value: number) {
    this.#mem.write64(this.base + PT_REGS.syscallno, value);
  }
  /** X0..X30 and SP from a CPU's state, 32 registers of two words from `at`. */
  save_x(words: Int32Array, at: number): void {
    this.#mem.writeWords(this.base, words, at, 64);
  }
  load_x(words: Int32Array, at: number): void {
    this.#mem.readWords(this.base, words, at, 64);
  }
}
