// Every system call this kernel has, by number. A number that is not here gets -ENOSYS and an unknown-syscall event.
import { OPEN_CALLS } from '../fs/open-calls.ts';
import { POLL_CALLS } from '../fs/poll.ts';
import { READ_WRITE_CALLS } from '../fs/read-write.ts';
import { STAT_CALLS } from '../fs/stat.ts';
import { FUTEX_CALLS } from '../futex/futex.ts';
import { MM_CALLS } from '../mm/calls.ts';
import { PROCESS_CALLS } from '../process/calls.ts';
import { EXIT_CALLS } from '../process/exit.ts';
import { CLONE_CALLS } from '../process/fork.ts';
import { WAIT_CALLS } from '../process/wait.ts';
import { SIGNAL_CALLS } from '../signals/calls.ts';
import { TIME_CALLS } from '../time/calls.ts';
import { assert } from '../../base/assert.ts';
import { PERF_CALLS } from '../perf/syscalls.ts';
import type { SyscallRow } from './define.ts';
import { syscallNumber } from './numbers.ts';

const ROWS: readonly SyscallRow[] = [
  ...OPEN_CALLS,
  ...READ_WRITE_CALLS,
  ...STAT_CALLS,
  ...POLL_CALLS,
  ...MM_CALLS,
  ...PROCESS_CALLS,
  ...CLONE_CALLS,
  ...EXIT_CALLS,
  ...WAIT_CALLS,
  ...SIGNAL_CALLS,
  ...FUTEX_CALLS,
  ...TIME_CALLS,
  ...PERF_CALLS,
];

export const SYSCALLS: ReadonlyMap<number, SyscallRow> = new Map(
  ROWS.map((row) => {
    const number = syscallNumber(row.name);
    assert(number !== null, `system call ${row.name} has a number`);
    return [number, row];
  }),
);
