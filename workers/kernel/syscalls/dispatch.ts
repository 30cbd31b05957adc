// The way of a system call: number and arguments from pt_regs, the call, its result back, one event. Kernel names: do_el0_svc,
// invoke_syscall, sys_ni_syscall.
import { ERRNO, errnoName } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import { translate } from '../mm/fault.ts';
import { RESTART_BLOCK } from '../signals/deliver.ts';
import { signal_pending } from '../signals/send.ts';
import { TIF } from '../records.ts';
import { fn, op } from '../steps/step.ts';
import type { SyscallRow } from './define.ts';
import { syscallName } from './numbers.ts';
import { SYSCALLS } from './table.ts';

export const do_el0_svc = fn('do_el0_svc', 'enter op call ni leave closed', function* (k, L) {
  const nr = yield k.op(L.enter, syscall_enter);
  const row = SYSCALLS.get(nr);
  let result: number;
  if (row === undefined) result = yield k.op(L.ni, sys_ni_syscall);
  else if (row.run.is === 'op') result = yield k.op(L.op, row.run);
  else result = yield k.call(L.call, row.run);
  const closed = yield k.op(L.leave, syscall_leave, result);
  if (closed !== 0) yield k.call(L.closed, 'release_closed_perf_events');
  return 0;
});

const NR_RT_SIGRETURN = 139;
const NR_EXECVE = 221;
const NR_EXECVEAT = 281;

/** Returns the number of the call. */
export const syscall_enter = op('syscall_enter', (ctx) => {
  const { current: task, regs } = ctx;
  const nr = regs.w(8);
  regs.orig_x0_bits = regs.x_bits(0);
  regs.syscallno = nr;
  const resumed = task.call.phase === RESTART_BLOCK && task.call.nr === nr;
  task.call = {
    nr,
    text: describe(ctx, SYSCALLS.get(nr)),
    entry: ctx.icount,
    deadline: resumed ? task.call.deadline : -1,
    done: 0,
    phase: resumed ? RESTART_BLOCK : 0,
    queue: '',
  };
  return nr;
});

/** A call this kernel does not have: said once by an event. */
export const sys_ni_syscall = op('sys_ni_syscall', (ctx) => {
  const { nr, text } = ctx.current.call;
  if (!ctx.kernel.unknown_syscalls.has(nr)) {
    ctx.kernel.unknown_syscalls.add(nr);
    ctx.emit('unknown-syscall', { name: syscallName(nr), number: nr >>> 0, args: text }, { pc: ctx.regs.pc_bits - 4n });
  }
  return -ERRNO.ENOSYS;
});

/** Writes the result and records the call. Returns how many perf_events lost their last descriptor. */
export const syscall_leave = op('syscall_leave', (ctx, result) => {
  const { current: task, regs } = ctx;
  const { nr, text, entry } = task.call;
  // These two have loaded other registers; the program does not see a result.
  const replaced = nr === NR_RT_SIGRETURN || ((nr === NR_EXECVE || nr === NR_EXECVEAT) && result === 0);
  const pc = replaced ? undefined : regs.pc_bits - 4n;
  if (!replaced) regs.set_x(0, result!);
  ctx.emit(
    'syscall',
    { name: syscallName(nr), args: text, result: format_result(SYSCALLS.get(nr), result!), entry: BigInt(entry) },
    pc === undefined ? {} : { pc },
  );
  if (
    signal_pending(ctx, task) ||
    (result! <= -ERRNO.ERESTARTSYS && result! >= -ERRNO.ERESTART_RESTARTBLOCK && !replaced) ||
    task.saved_sigmask !== null
  )
    ctx.set_tif(task, TIF.SIGPENDING);
  return ctx.kernel.closed_perf_events.length;
});

function format_result(row: SyscallRow | undefined, result: number): string {
  const error = errnoName(result);
  if (error !== null) return error;
  return row?.pointer === true || result > 0xffff_ffff ? `0x${result.toString(16)}` : String(result);
}

/** Arguments as text, read before the call changes anything. */
function describe(ctx: KernelContext, row: SyscallRow | undefined): string {
  const { regs } = ctx;
  const letters = row?.args ?? 'xxxxxx';
  const out: string[] = [];
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i]!;
    switch (letter) {
      case 'd':
        out.push(String(regs.w(i) | 0));
        break;
      case 'u':
        out.push(String(regs.w(i)));
        break;
      case 'l':
        out.push(String(regs.x(i)));
        break;
      case 'f':
        out.push((regs.w(i) | 0) === -100 ? 'AT_FDCWD' : String(regs.w(i) | 0));
        break;
      case 'o':
        out.push(`0${regs.w(i).toString(8)}`);
        break;
      case 's':
        out.push(quote_string(ctx, regs.x(i)));
        break;
      case 'b':
        out.push(quote_bytes(ctx, regs.x(i), regs.x(i + 1)));
        break;
      case 'p':
        out.push(regs.x_bits(i) === 0n ? 'NULL' : `0x${regs.x_bits(i).toString(16)}`);
        break;
      default:
        out.push(`0x${regs.x_bits(i).toString(16)}`);
    }
  }
  return out.join(', ');
}

const SHOWN = 32;

function quote_string(ctx: KernelContext, address: number): string {
  if (address === 0) return 'NULL';
  const bytes = peek(ctx, address, 80);
  if (bytes === null) return `0x${address.toString(16)}`;
  const end = bytes.indexOf(0);
  return `"${escape(end < 0 ? bytes : bytes.subarray(0, end))}"${end < 0 ? '...' : ''}`;
}

function quote_bytes(ctx: KernelContext, address: number, length: number): string {
  if (length === 0) return '""';
  const bytes = length > 0 ? peek(ctx, address, Math.min(length, SHOWN)) : null;
  if (bytes === null) return `0x${address.toString(16)}`;
  return `"${escape(bytes)}"${length > bytes.length ? '...' : ''}`;
}

/** Bytes as they are, without faulting anything in and unseen by watchpoints; fewer when a page is not there. */
function peek(ctx: KernelContext, address: number, length: number): Uint8Array | null {
  const mm = ctx.kernel.mms.get(ctx.current.mm);
  if (mm === undefined || !(address >= 0)) return null;
  const out = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const pfn = translate(ctx, mm.id, address + done, 0);
    if (pfn < 0) break;
    const inside = (address + done) % 4096;
    const n = Math.min(4096 - inside, length - done);
    out.set(ctx.mem.view(pfn * 4096 + inside, n), done);
    done += n;
  }
  return done === 0 ? null : out.subarray(0, done);
}

function escape(bytes: Uint8Array): string {
  let out = '';
  for (const c of bytes) {
    if (c === 10) out += '\\n';
    else if (c === 9) out += '\\t';
    else if (c === 34 || c === 92) out += `\\${String.fromCharCode(c)}`;
    else if (c >= 32 && c < 127) out += String.fromCharCode(c);
    else out += `\\${c.toString(8)}`;
  }
  return out;
}
