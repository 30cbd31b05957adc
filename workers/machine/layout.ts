// Where things are in the one memory of a machine. Sizes only; docs/design.md has the picture.
import { SYSTEM_BLOCK_SIZE } from '../arch/aarch64/system-state.ts';
import { CODE_PAGE_SIZE, CPU_BLOCK_SIZE, type EngineLayout } from '../engine/engine.ts';
import { PAGE_SIZE } from './phys-mem.ts';

const SCRATCH = 65536;

export interface MemoryLayout extends EngineLayout {
  /** System block of cpu i is at systemBase + i * SYSTEM_BLOCK_SIZE. */
  readonly systemBase: number;
  readonly totalBytes: number;
}

const pageUp = (n: number): number => Math.ceil(n / PAGE_SIZE) * PAGE_SIZE;

export function layoutMemory(cpus: number, ramBytes: number, codePages: number): MemoryLayout {
  const systemBase = SCRATCH;
  const cpuBase = pageUp(systemBase + cpus * SYSTEM_BLOCK_SIZE);
  const codeBase = cpuBase + cpus * CPU_BLOCK_SIZE;
  const ramBase = codeBase + codePages * CODE_PAGE_SIZE;
  const ramPages = Math.floor(ramBytes / PAGE_SIZE);
  return { systemBase, cpuBase, codeBase, codePages, ramBase, ramPages, totalBytes: ramBase + ramPages * PAGE_SIZE };
}
