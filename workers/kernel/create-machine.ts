// Makes a machine with this kernel on it: the one entry for sessions, the command line and tests.
import type { Result } from '../base/result.ts';
import type { MachineApi, MachineConfig } from '../machine/machine-api.ts';
import { buildMachine } from './build-machine.ts';
import { PROCESS_MODULES, PROCESS_PART } from './process-part.ts';

/** The machine at START, its program checked and its events accepted; or the sentence that says what is wrong. */
export function createMachine(config: MachineConfig): Result<MachineApi> {
  return buildMachine(config, PROCESS_PART, PROCESS_MODULES);
}
