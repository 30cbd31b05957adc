// System calls on processes: who am I, execve, groups and sessions, limits, scheduling, prctl, uname.
import { ERRNO } from '../errno.ts';
import { getname } from '../fs/stat.ts';
import { bytes_of } from '../fs/inode.ts';
import { dir_path } from '../fs/dir-path.ts';
import { fget } from '../fs/file.ts';
import { get_inode } from '../fs/inode.ts';
import { random_bytes } from '../fs/read-write.ts';
import type { KernelContext } from '../kernel-context.ts';
import { STACK_LIMIT } from '../mm/records.ts';
import { type Task, TIF } from '../records.ts';
import { group_of } from '../signals/send.ts';
import { fn, op } from '../steps/step.ts';
import { finish_sleep, int, SLEEP, sys, type SyscallRow } from '../syscalls/define.ts';
import { encode_rusage } from '../time/rusage.ts';
import { do_execve, read_strings } from './exec.ts';
import { set_comm } from './group.ts';

/** Other threads of the process end before its program is replaced (de_thread). 0: alone. */
function end_other_threads(ctx: KernelContext): number {
  const task = ctx.current;
  const group = group_of(ctx, task);
  const others = group.threads.filter(
    (tid) => tid !== task.tid && ['zombie', 'dead'].includes(ctx.kernel.tasks.get(tid)?.state ?? 'dead') === false,
  );
  if (others.length === 0) return 0;
  for (const tid of others) {
    const other = ctx.kernel.tasks.get(tid)!;
    if (task.call.phase === 0) {
      other.zapped = true;
      ctx.set_tif(other, TIF.SIGPENDING);
      ctx.wake_up_process(other, -ERRNO.EINTR, true);
    }
  }
  task.call.phase = 1;
  ctx.current.call.queue = 'child';
  ctx.prepare_to_wait(group.wait_chldexit, 'de_thread', false, -1);
  return SLEEP;
}

export const execve_try = op('sys_execve.try', (ctx) => {
  const { regs, current } = ctx;
  const at = current.call.nr === 281 ? 1 : 0;
  let path = getname(ctx, regs.x(at));
  if (typeof path === 'number') return path;
  if (at === 1 && !path.startsWith('/') && int(regs, 0) !== -100) {
    const file = fget(ctx, int(regs, 0));
    if (file === null) return -ERRNO.EBADF;
    path = path === '' && (regs.w(4) & 0x1000) !== 0 ? file.path : `${dir_path(ctx, get_inode(ctx, file.ino).ino) ?? ''}/${path}`;
  }
  const argv = read_strings(ctx, regs.x(at + 1));
  const envp = typeof argv === 'number' ? argv : read_strings(ctx, regs.x(at + 2));
  if (typeof argv === 'number') return argv;
  if (typeof envp === 'number') return envp;
  const group = group_of(ctx, current);
  if (group.live > 1) {
    const waiting = end_other_threads(ctx);
    if (waiting === SLEEP) return SLEEP;
  }
  return do_execve(ctx, path, argv, envp);
});

export const sys_execve = fn('sys_execve', 'try schedule woken again events', function* (k, L) {
  const result = yield k.op(L.try, execve_try);
  if (result === SLEEP) {
    yield k.call(L.schedule, 'schedule');
    yield k.op(L.woken, finish_sleep);
    yield k.again(L.again);
  }
  if (result === 0) yield k.call(L.events, 'perf_event_exec');
  return result;
});

const group_by_pid = (ctx: KernelContext, pid: number) =>
  pid === 0 ? group_of(ctx, ctx.current) : ctx.kernel.groups.get(ctx.kernel.tasks.get(pid)?.tgid ?? -1);
const task_by_pid = (ctx: KernelContext, pid: number): Task | undefined => (pid === 0 ? ctx.current : ctx.kernel.tasks.get(pid));

const INFINITY = -1;
/** RLIMIT_STACK 3, NPROC 6, NOFILE 7, CORE 4; the rest has none. */
const DEFAULT_LIMITS: Readonly<Record<number, readonly [number, number]>> = {
  3: [STACK_LIMIT, INFINITY],
  4: [0, INFINITY],
  6: [4096, 4096],
  7: [1024, 4096],
};

function prlimit(ctx: KernelContext, pid: number, resource: number, next: number, old: number): number {
  const group = group_by_pid(ctx, pid);
  if (group === undefined) return -ERRNO.ESRCH;
  if (resource < 0 || resource > 15) return -ERRNO.EINVAL;
  const before = group.rlimits.get(resource) ?? DEFAULT_LIMITS[resource] ?? [INFINITY, INFINITY];
  if (next !== 0) {
    const soft = ctx.user.get_user64(next);
    const hard = ctx.user.get_user64(next + 8);
    if (soft === null || hard === null) return -ERRNO.EFAULT;
    if (soft > hard) return -ERRNO.EINVAL;
    const number = (v: bigint): number => (v > 2n ** 53n ? INFINITY : Number(v));
    group.rlimits.set(resource, [number(soft), number(hard)]);
  }
  if (old === 0) return 0;
  return ctx.user.put_user64(old, BigInt(before[0])) || ctx.user.put_user64(old + 8, BigInt(before[1]));
}

function setpgid(ctx: KernelContext, pid: number, pgid: number): number {
  const group = group_by_pid(ctx, pid);
  if (pgid < 0) return -ERRNO.EINVAL;
  if (group === undefined || (group.tgid !== ctx.current.tgid && group.parent !== ctx.current.tgid)) return -ERRNO.ESRCH;
  const target = pgid === 0 ? group.tgid : pgid;
  if (group.sid === group.tgid) return -ERRNO.EPERM;
  if (target !== group.tgid && ![...ctx.kernel.groups.values()].some((g) => g.pgid === target && g.sid === group.sid)) return -ERRNO.EPERM;
  group.pgid = target;
  return 0;
}

function setsid(ctx: KernelContext): number {
  const group = group_of(ctx, ctx.current);
  if ([...ctx.kernel.groups.values()].some((g) => g.pgid === group.tgid)) return -ERRNO.EPERM;
  group.sid = group.pgid = group.tgid;
  return group.sid;
}

function prctl(ctx: KernelContext, option: number, a: number): number {
  const task = ctx.current;
  const group = group_of(ctx, task);
  switch (option) {
    case 1: // PR_SET_PDEATHSIG
      return 0;
    case 3: // PR_GET_DUMPABLE
      return group.dumpable;
    case 4:
      group.dumpable = a;
      return 0;
    case 7: // PR_GET_KEEPCAPS
      return group.keepcaps;
    case 8:
      group.keepcaps = a;
      return 0;
    case 15: {
      // PR_SET_NAME
      const bytes = ctx.user.strncpy_from_user(a, 16);
      if (bytes === null) return -ERRNO.EFAULT;
      const name = bytes === 'long' ? ctx.user.copy_from_user(a, 15) : bytes;
      if (name === null) return -ERRNO.EFAULT;
      set_comm(task, String.fromCharCode(...name));
      return 0;
    }
    case 16: {
      const bytes = new Uint8Array(16);
      bytes.set(bytes_of(task.comm));
      return ctx.user.copy_to_user(a, bytes) === 0 ? 0 : -ERRNO.EFAULT;
    }
    case 36: // PR_SET_CHILD_SUBREAPER
      group.child_subreaper = a !== 0;
      return 0;
    case 37:
      return ctx.user.put_user32(a, group.child_subreaper ? 1 : 0);
    case 38: // PR_SET_NO_NEW_PRIVS
      if (a !== 1) return -ERRNO.EINVAL;
      group.no_new_privs = 1;
      return 0;
    case 39:
      return group.no_new_privs;
    case 0x53564d41: // PR_SET_VMA: names of anonymous memory, for people; Linux without the option says EINVAL.
      return -ERRNO.EINVAL;
    default:
      return -ERRNO.EINVAL;
  }
}

function uname(ctx: KernelContext, address: number): number {
  const bytes = new Uint8Array(390);
  ['Linux', 'trapline', '6.19.0-trapline', '#1 SMP', 'aarch64', '(none)'].forEach((text, i) => bytes.set(bytes_of(text), i * 65));
  return ctx.user.copy_to_user(address, bytes) === 0 ? 0 : -ERRNO.EFAULT;
}

function sysinfo(ctx: KernelContext, address: number): number {
  const bytes = new Uint8Array(112);
  const at = new DataView(bytes.buffer);
  at.setBigInt64(0, BigInt(Math.floor(ctx.now() / 1e9)), true);
  at.setBigUint64(32, BigInt(ctx.mem.pages * 4096), true);
  at.setBigUint64(40, BigInt(ctx.mem.freePages * 4096), true);
  at.setUint16(80, ctx.kernel.tasks.size, true);
  at.setUint32(104, 1, true);
  return ctx.user.copy_to_user(address, bytes) === 0 ? 0 : -ERRNO.EFAULT;
}

function getaffinity(ctx: KernelContext, pid: number, size: number, address: number): number {
  const task = task_by_pid(ctx, pid);
  if (task === undefined) return -ERRNO.ESRCH;
  if (size < 8 || size % 8 !== 0) return -ERRNO.EINVAL;
  return ctx.user.put_user64(address, BigInt(task.cpus_allowed & ((1 << ctx.config.cpus) - 1))) || 8;
}

function setaffinity(ctx: KernelContext, pid: number, size: number, address: number): number {
  const task = task_by_pid(ctx, pid);
  if (task === undefined) return -ERRNO.ESRCH;
  if (size <= 0) return -ERRNO.EINVAL;
  const bytes = ctx.user.copy_from_user(address, Math.min(8, size));
  if (bytes === null) return -ERRNO.EFAULT;
  const mask = (bytes[0] ?? 0) & ((1 << ctx.config.cpus) - 1);
  if (mask === 0) return -ERRNO.EINVAL;
  task.cpus_allowed = mask;
  if ((mask & (1 << task.cpu)) === 0) ctx.set_tif(task, TIF.NEED_RESCHED);
  return 0;
}

const constant = (name: string, args: string, value: number): SyscallRow => sys(name, args, () => value);
const put3 = (ctx: KernelContext, a: number, b: number, c: number): number =>
  ctx.user.put_user32(a, 0) || ctx.user.put_user32(b, 0) || ctx.user.put_user32(c, 0);

export const PROCESS_CALLS: readonly SyscallRow[] = [
  { name: 'execve', args: 'spp', pointer: false, run: sys_execve, ops: [execve_try, finish_sleep] },
  { name: 'execveat', args: 'fsppx', pointer: false, run: sys_execve, ops: [execve_try] },
  sys('getpid', '', (ctx) => ctx.current.tgid),
  sys('gettid', '', (ctx) => ctx.current.tid),
  sys('getppid', '', (ctx) => group_of(ctx, ctx.current).parent),
  ...['getuid', 'geteuid', 'getgid', 'getegid'].map((name) => constant(name, '', 0)),
  ...['setuid', 'setgid', 'setfsuid', 'setfsgid'].map((name) => constant(name, 'd', 0)),
  ...['setreuid', 'setregid'].map((name) => constant(name, 'dd', 0)),
  ...['setresuid', 'setresgid'].map((name) => constant(name, 'ddd', 0)),
  sys('getresuid', 'ppp', (ctx, r) => put3(ctx, r.x(0), r.x(1), r.x(2))),
  sys('getresgid', 'ppp', (ctx, r) => put3(ctx, r.x(0), r.x(1), r.x(2))),
  constant('getgroups', 'dp', 0),
  constant('setgroups', 'dp', 0),
  sys('getpgid', 'd', (ctx, r) => group_by_pid(ctx, int(r, 0))?.pgid ?? -ERRNO.ESRCH),
  sys('getsid', 'd', (ctx, r) => group_by_pid(ctx, int(r, 0))?.sid ?? -ERRNO.ESRCH),
  sys('setpgid', 'dd', (ctx, r) => setpgid(ctx, int(r, 0), int(r, 1))),
  sys('setsid', '', setsid),
  sys('prlimit64', 'ddpp', (ctx, r) => prlimit(ctx, int(r, 0), int(r, 1), r.x(2), r.x(3))),
  sys('getrlimit', 'dp', (ctx, r) => prlimit(ctx, 0, int(r, 0), 0, r.x(1))),
  sys('setrlimit', 'dp', (ctx, r) => prlimit(ctx, 0, int(r, 0), r.x(1), 0)),
  sys('getrusage', 'dp', (ctx, r) => {
    const group = group_of(ctx, ctx.current);
    const own = ctx.current.runtime + (ctx.now() - ctx.current.sched_in);
    const ns = int(r, 0) === -1 ? group.cutime : int(r, 0) === 1 ? own : group.utime + own;
    return ctx.user.copy_to_user(r.x(1), encode_rusage(ns)) === 0 ? 0 : -ERRNO.EFAULT;
  }),
  sys('prctl', 'dxxxx', (ctx, r) => prctl(ctx, int(r, 0), r.x(1))),
  sys('uname', 'p', (ctx, r) => uname(ctx, r.x(0))),
  sys('sysinfo', 'p', (ctx, r) => sysinfo(ctx, r.x(0))),
  sys(
    'getcpu',
    'pp',
    (ctx, r) => (r.x(0) !== 0 ? ctx.user.put_user32(r.x(0), ctx.cpu) : 0) || (r.x(1) !== 0 ? ctx.user.put_user32(r.x(1), 0) : 0),
  ),
  sys('sched_yield', '', (ctx) => {
    ctx.set_tif(ctx.current, TIF.NEED_RESCHED);
    return 0;
  }),
  sys('sched_getaffinity', 'dlp', (ctx, r) => getaffinity(ctx, int(r, 0), r.x(1), r.x(2))),
  sys('sched_setaffinity', 'dlp', (ctx, r) => setaffinity(ctx, int(r, 0), r.x(1), r.x(2))),
  constant('sched_getscheduler', 'd', 0),
  constant('sched_setscheduler', 'ddp', 0),
  sys('sched_getparam', 'dp', (ctx, r) => ctx.user.put_user32(r.x(1), 0)),
  constant('sched_setparam', 'dp', 0),
  sys('sched_get_priority_max', 'd', (_, r) => (int(r, 0) === 1 || int(r, 0) === 2 ? 99 : 0)),
  sys('sched_get_priority_min', 'd', (_, r) => (int(r, 0) === 1 || int(r, 0) === 2 ? 1 : 0)),
  constant('getpriority', 'dd', 20),
  constant('setpriority', 'ddd', 0),
  sys('personality', 'x', () => 0),
  sys('capget', 'pp', (ctx, r) => {
    if (r.x(1) === 0) return 0;
    return ctx.user.copy_to_user(r.x(1), new Uint8Array(24)) === 0 ? 0 : -ERRNO.EFAULT;
  }),
  sys('getrandom', 'plx', (ctx, r) => {
    if ((r.w(2) & ~7) !== 0) return -ERRNO.EINVAL;
    const count = r.x(1) < 0 ? 1 << 20 : Math.min(r.x(1), 1 << 20);
    return ctx.user.copy_to_user(r.x(0), random_bytes(ctx, count)) === 0 ? count : -ERRNO.EFAULT;
  }),
  // Known to exist and not offered, as on a kernel built without them: C libraries have another way.
  constant('rseq', 'plxx', -ERRNO.ENOSYS),
  constant('clone3', 'pl', -ERRNO.ENOSYS),
];
