// The kernel's access to programs' memory: faults pages in, tells queries and watchpoints. Whole copies are one step.
import type { MachinePort } from '../machine/guest-kernel.ts';
import type { KernelContext, MmOps, UserAccess } from './kernel-context.ts';

const PAGE = 4096;
const EFAULT = 14;
/** End of what a program can address: 48 bits. */
export const TASK_SIZE = 0x1_0000_0000_0000;

/** An access of the kernel under a watchpoint is about to be made; the function given back is called after it. For the record, see docs/decisions.md. */
export type WatchNote = (address: number, size: number, write: boolean, pa: number) => (() => void) | null;

export class UserMemory implements UserAccess {
  readonly #ctx: KernelContext;
  readonly #mm: () => number;
  readonly #ops: MmOps;
  readonly #machine: MachinePort;
  readonly #note: WatchNote;

  constructor(ctx: KernelContext, mm: () => number, ops: MmOps, machine: MachinePort, note: WatchNote) {
    this.#ctx = ctx;
    this.#mm = mm;
    this.#ops = ops;
    this.#machine = machine;
    this.#note = note;
  }

  /** Physical address, or -1. A tag in the top byte is ignored. */
  #reach(address: number, write: boolean): number {
    const at = address >= 0 ? address % 0x100_0000_0000_0000 : address;
    if (at < 0 || at >= TASK_SIZE) return -1;
    const mm = this.#mm();
    let pfn = this.#ops.translate(this.#ctx, mm, at, write ? 1 : 0);
    if (pfn < 0) pfn = this.#ops.fault_in(this.#ctx, mm, at, write ? 1 : 0);
    if (pfn < 0) return -1;
    this.#machine.touched(mm, at, write ? 2 : 1);
    return pfn * PAGE + (at % PAGE);
  }

  copy_from_user(address: number, length: number): Uint8Array | null {
    const out = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = address + done;
      const size = Math.min(length - done, PAGE - (((at % PAGE) + PAGE) % PAGE));
      const pa = this.#reach(at, false);
      if (pa < 0) return null;
      this.#machine.userAccess(this.#ctx.cpu, this.#mm(), at, pa, size, false);
      this.#note(at, size, false, pa)?.();
      out.set(this.#ctx.mem.view(pa, size), done);
      this.#machine.userAccessDone(this.#ctx.cpu);
      done += size;
    }
    return out;
  }

  copy_to_user(address: number, bytes: Uint8Array): number {
    const { length } = bytes;
    for (let done = 0; done < length; ) {
      const at = address + done;
      const size = Math.min(length - done, PAGE - (((at % PAGE) + PAGE) % PAGE));
      const pa = this.#reach(at, true);
      if (pa < 0) return length - done;
      this.#machine.userAccess(this.#ctx.cpu, this.#mm(), at, pa, size, true);
      const after = this.#note(at, size, true, pa);
      this.#ctx.mem.write(pa, bytes.subarray(done, done + size));
      after?.();
      this.#machine.userAccessDone(this.#ctx.cpu);
      done += size;
    }
    return 0;
  }

  strncpy_from_user(address: number, max: number): Uint8Array | null | 'long' {
    const out: number[] = [];
    for (let at = address; out.length < max; ) {
      const size = Math.min(max - out.length, PAGE - (((at % PAGE) + PAGE) % PAGE));
      const pa = this.#reach(at, false);
      if (pa < 0) return null;
      const view = this.#ctx.mem.view(pa, size);
      const end = view.indexOf(0);
      const count = end < 0 ? size : end;
      this.#machine.userAccess(this.#ctx.cpu, this.#mm(), at, pa, end < 0 ? size : end + 1, false);
      this.#note(at, end < 0 ? size : end + 1, false, pa)?.();
      for (let i = 0; i < count; i++) out.push(view[i]!);
      this.#machine.userAccessDone(this.#ctx.cpu);
      if (end >= 0) return Uint8Array.from(out);
      at += size;
    }
    return 'long';
  }

  get_user32(address: number): number {
    const bytes = this.copy_from_user(address, 4);
    return bytes ? new DataView(bytes.buffer).getUint32(0, true) : -EFAULT;
  }
  put_user32(address: number, value: number): number {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
    return this.copy_to_user(address, bytes) === 0 ? 0 : -EFAULT;
  }
  get_user64(address: number): bigint | null {
    const bytes = this.copy_from_user(address, 8);
    return bytes ? new DataView(bytes.buffer).getBigUint64(0, true) : null;
  }
  put_user64(address: number, value: bigint): number {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
    return this.copy_to_user(address, bytes) === 0 ? 0 : -EFAULT;
  }
}
