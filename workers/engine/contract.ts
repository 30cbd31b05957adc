// The engine contract: what the machine asks of the engine and what the engine asks of the machine. The engine executes
// user instructions exactly; it knows nothing of processes, time or breakpoints. engine.ts has the class.
import type { HandlerSet } from './handlers.ts';

/** What an access does: 0 reads, 1 writes, 2 fetches an instruction. */
export type Access = 0 | 1 | 2;
export const READ = 0;
export const WRITE = 1;
export const EXEC = 2;

/**
 * Implemented by the machine. All addresses are virtual, as two unsigned 32-bit halves, and are what the instruction used (a tag in the
 * top byte is still there: ignore it when translating, and in `allowAccess`). While one of these runs, `engine.retired` and
 * `regs(cpu).pc` are those of the instruction in progress (it has not retired), and its registers are still the old ones.
 */
export interface EngineHost {
  /**
   * Translates the 4 KiB page holding the address. Returns the page frame number (>= 0), or -1: the access faults; the engine then
   * halts with `fault` before the instruction. May allocate, zero or copy frames; must not run the engine.
   */
  translate(cpu: number, vaLo: number, vaHi: number, access: Access): number;
  /** Whether accesses of this kind to the page must be asked about one by one. Asked when a TLB entry would be filled. */
  isWatched(cpu: number, vaLo: number, vaHi: number, access: Access): boolean;
  /**
   * An access that touches a watched page, before it happens; once per access unit of the instruction, in order (LDP of X: two of 8
   * bytes). Only units of which all translations succeeded are asked. `false`: the instruction does not execute, halt `watch`.
   */
  allowAccess(cpu: number, vaLo: number, vaHi: number, size: number, access: Access): boolean;
  /** A read of a system register that is not plain state. `key` is `sysregKey(op0, op1, crn, crm, op2)`; null: undefined instruction. */
  readSysreg(cpu: number, key: number): bigint | null;
  /** A write of a system register that is not plain state. false: undefined instruction. */
  writeSysreg(cpu: number, key: number, value: bigint): boolean;
}

export type HaltKind =
  | 'budget' // the budget is used up
  | 'svc' // SVC #imm retired; pc is after it
  | 'brk' // before BRK #imm: pc is at it, it has not retired
  | 'undefined' // before an undefined or unimplemented instruction (UDF included)
  | 'fault' // before an instruction one of whose accesses cannot be made, or whose own fetch cannot (access 2)
  | 'watch' // before an instruction the host did not allow
  | 'stop'; // before an instruction at an address given to setStops

/** Details of the last halt; fields that do not apply to its kind are 0. */
export interface Halt {
  kind: HaltKind;
  /** svc, brk: the 16-bit immediate. */
  imm: number;
  /** fault: why. `translation` is whatever the host refused; the other two are made by the engine. */
  fault: 'translation' | 'alignment' | 'pc-alignment';
  /** fault, watch: first byte of the access (of the part on the refused page). */
  addressLo: number;
  addressHi: number;
  /** fault, watch: bytes of the whole access of the instruction, and what it does. */
  size: number;
  access: Access;
}

/** Where things are in the machine's memory; all byte addresses, page aligned. */
export interface EngineLayout {
  /** CPU block of cpu i is at cpuBase + i * CPU_BLOCK_SIZE. Starts with the rows of AARCH64_STATE. */
  readonly cpuBase: number;
  /** Predecoded code: codePages * CODE_PAGE_SIZE bytes. */
  readonly codeBase: number;
  readonly codePages: number;
  /** Frame pfn is at ramBase + pfn * 4096. */
  readonly ramBase: number;
  readonly ramPages: number;
}

export interface EngineOptions {
  readonly memory: WebAssembly.Memory;
  readonly cpus: number;
  readonly layout: EngineLayout;
  readonly host: EngineHost;
  /** Compiled code to share with other engines; default: its own. */
  readonly handlers?: HandlerSet;
  /** Default: `engineDefaults.tiers`. */
  readonly tiers?: Tiers;
  /** How often execution has to be seen on a page before its code is translated. Default: `engineDefaults.hotSamples`. */
  readonly hotSamples?: number;
}

/**
 * How code is executed; nothing a machine can see depends on it. 0: interpreted. 1: hot code is translated. `check`: as 1, and every run is done
 * again by the interpreter from a copy of where it began; a difference throws.
 * `engineDefaults` is for hosts, to set before they make machines: it is no part of a configuration, because nothing depends on it.
 */
export type Tiers = 0 | 1 | 'check';
export const engineDefaults: { tiers: Tiers; hotSamples: number } = {
  tiers: 1,
  /** An eighth of a million instructions on the page: about what translating costs. */
  hotSamples: 32,
};

/** Registers of one CPU. Reads and writes go straight to its block in memory. Not while that CPU runs, except as EngineHost says. */
export interface Registers {
  /** X0..X30 by number; 31 is SP. Unsigned. */
  x(n: number): bigint;
  setX(n: number, value: bigint): void;
  xLo(n: number): number;
  xHi(n: number): number;
  setXHalves(n: number, lo: number, hi: number): void;
  sp: bigint;
  pc: bigint;
  readonly pcLo: number;
  readonly pcHi: number;
  /** N=8 Z=4 C=2 V=1 (PSTATE bits 31..28 are this << 28). */
  nzcv: number;
  /** V0..V31, 128 bits. */
  v(n: number): bigint;
  setV(n: number, value: bigint): void;
  fpcr: number;
  fpsr: number;
  tpidr: bigint;
  /** Forgets the exclusive monitor (exception return, context switch). */
  clearExclusive(): void;
}

/** Key of a system register in EngineHost. */
export { sysregKey } from '../arch/aarch64/sysregs.ts';
