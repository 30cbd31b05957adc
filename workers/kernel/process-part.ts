// What "Linux for programs" gives to the composition: its functions and ops, address translation, and the check of a program before a
// machine is made.
import { parseElf } from '../base/elf.ts';
import * as futex from './futex/futex.ts';
import type { MachineConfig } from '../machine/machine-api.ts';
import type { ProcessPart } from './kernel-context.ts';
import * as abort from './mm/abort.ts';
import { handle_mm_fault, translate } from './mm/fault.ts';
import * as processCalls from './process/calls.ts';
import * as exec from './process/exec.ts';
import * as exit from './process/exit.ts';
import * as fork from './process/fork.ts';
import * as deliver from './signals/deliver.ts';
import * as signalCalls from './signals/calls.ts';
import * as dispatch from './syscalls/dispatch.ts';
import { SYSCALLS } from './syscalls/table.ts';
import * as timeCalls from './time/calls.ts';

const calls = { work: [...SYSCALLS.values()].flatMap((row) => [row.run, ...row.ops]) };

/** Module namespaces and tables whose functions and ops make up kernel text. */
export const PROCESS_MODULES: readonly object[] = [
  abort,
  deliver,
  dispatch,
  exec,
  exit,
  fork,
  futex,
  processCalls,
  signalCalls,
  timeCalls,
  calls,
];

export const PROCESS_PART: ProcessPart = {
  mm: { translate, fault_in: handle_mm_fault },
  check_program,
};

function check_program(config: MachineConfig): string | null {
  const { path, files } = config.program;
  const file = files.get(path);
  if (file === undefined) return `${path}: the image does not contain this program`;
  if ((file.mode & 0o111) === 0) return `${path}: not executable (mode ${file.mode.toString(8)}); make it executable`;
  // A script is run by its interpreter, which must be in the image; execve says if it is not.
  if (file.data[0] === 0x23 && file.data[1] === 0x21) return null;
  const elf = parseElf(file.data, path);
  return elf.ok ? null : elf.error;
}
