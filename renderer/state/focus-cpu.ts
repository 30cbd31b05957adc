// The CPU the focus is on. Pure.
import type { Position } from '../../workers/api/workbench-api.ts';
import type { CpuView } from '../../workers/machine/machine-api.ts';

export const cpuOf = (position: Position | null): CpuView | null => position?.cpus[position.cpu] ?? null;
