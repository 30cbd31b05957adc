// The process part of the kernel's records: address spaces, files, signals. Plain data (see ../records.ts).

/** Process part of a task. */
export interface TaskProcess {
  /** Parent's tgid; 0: none. */
  ppid: number;
}

/** Process part of the root. */
export interface KernelParts {
  /** Next address space id; 0 is the kernel's. */
  next_mm: number;
}

export const new_task_process = (): TaskProcess => ({ ppid: 0 });
export const new_kernel_parts = (): KernelParts => ({ next_mm: 1 });
