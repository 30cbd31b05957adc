// Where the kernel image is, and the per-CPU data that races are about: it lives in guest memory at named symbols, so that steps load and
// store it and watchpoints could see it.
import { KERNEL_TEXT } from './steps/text.ts';

/** Physical address of the kernel image. */
export const IMAGE_BASE = 0x10000;
/** Data is after the largest text (65536 words). */
const DATA_OFFSET = 0x80000;
const PER_CPU = 512;

/** Byte offsets in a CPU's area; each array has 16 pointers (perf_event ids here) of 8 bytes. */
export const PER_CPU_DATA = {
  bp_on_reg: { offset: 0, count: 16 },
  wp_on_reg: { offset: 128, count: 16 },
  stepping_kernel_bp: { offset: 256, count: 1 },
} as const;
export type PerCpuSymbol = keyof typeof PER_CPU_DATA;

/** Kernel address of element `index` of a per-CPU array. */
export const per_cpu = (symbol: PerCpuSymbol, cpu: number, index = 0): number =>
  KERNEL_TEXT + DATA_OFFSET + cpu * PER_CPU + PER_CPU_DATA[symbol].offset + index * 8;

/** First physical page after the image, for `cpus` CPUs. */
export const imageEnd = (cpus: number): number => Math.ceil((IMAGE_BASE + DATA_OFFSET + cpus * PER_CPU) / 4096);

/** The per-CPU symbol an address is in, for people. */
export function dataSymbolAt(address: number, cpus: number): { readonly name: string; readonly offset: number } | null {
  const at = address - (KERNEL_TEXT + DATA_OFFSET);
  if (at < 0 || at >= cpus * PER_CPU) return null;
  const cpu = Math.floor(at / PER_CPU);
  for (const [name, row] of Object.entries(PER_CPU_DATA)) {
    const offset = (at % PER_CPU) - row.offset;
    if (offset >= 0 && offset < row.count * 8) return { name: `${name}(cpu${cpu})`, offset };
  }
  return null;
}
