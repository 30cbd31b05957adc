// Makes a machine with this kernel on it: the one entry for sessions, the command line and tests.
import { type Result, err } from '../base/result.ts';
import type { MachineApi, MachineConfig } from '../machine/machine-api.ts';

/** The machine at START, its program checked and its events accepted; or the sentence that says what is wrong. */
export function createMachine(_config: MachineConfig): Result<MachineApi> {
  return err('the machine is not there yet');
}
