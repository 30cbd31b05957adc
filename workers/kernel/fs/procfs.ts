// /proc: entries are made when a path asks for them, contents when they are opened. Only what programs commonly read.
import { HWCAPS } from '../../arch/aarch64/features.ts';
import type { KernelContext } from '../kernel-context.ts';
import type { Mm } from '../mm/records.ts';
import type { Task } from '../records.ts';
import { dir_path } from './dir-path.ts';
import { new_inode } from './inode.ts';
import type { Inode, InodeType } from './records.ts';

/** Inode numbers of /proc entries start here, so that they never meet those of the root. */
const PROC_INO = 0x4000_0000;

const PID_FILES = ['cmdline', 'comm', 'maps', 'stat', 'statm', 'status', 'mounts', 'limits', 'environ', 'auxv'];
const PID_LINKS = ['cwd', 'exe', 'root'];
const ROOT_FILES = ['cpuinfo', 'filesystems', 'loadavg', 'meminfo', 'mounts', 'stat', 'uptime', 'version'];

/** What AT_HWCAP announces, in words and in the order of the bits. */
const FEATURES = Object.keys(HWCAPS).join(' ').toLowerCase();

/** An entry that is in no table; opening it puts it there. `proc` says what it is: KIND or KIND:PID or KIND:PID:NAME. */
function entry(dir: Inode, type: InodeType, proc: string, mode: number): Inode {
  let hash = 0;
  for (let i = 0; i < proc.length; i++) hash = (hash * 31 + proc.charCodeAt(i)) & 0x0fff_ffff;
  return {
    ...dir,
    ino: PROC_INO + hash,
    type,
    mode,
    nlink: 1,
    holds: 0,
    size: 0,
    entries: type === 'dir' ? new Map() : null,
    parent: dir.ino,
    text: type === 'dir' ? `/${proc.split(':').slice(1).join('/')}` : '',
    device: '',
    proc,
  };
}

/** The thread that stands for a pid: of a process whose first thread has ended, one that has not. */
function task_of(ctx: KernelContext, pid: string): Task | undefined {
  const task = /^\d+$/.test(pid) ? ctx.kernel.tasks.get(Number(pid)) : undefined;
  if (task === undefined || task.mm !== 0 || task.tid !== task.tgid) return task;
  const threads = ctx.kernel.groups.get(task.tgid)?.threads ?? [];
  return threads.map((tid) => ctx.kernel.tasks.get(tid)).find((t) => t !== undefined && t.mm !== 0) ?? task;
}

export function proc_lookup(ctx: KernelContext, dir: Inode, name: string): Inode | null {
  const [kind, pid = ''] = dir.proc.split(':');
  if (kind === 'root') {
    if (name === 'self') return { ...entry(dir, 'symlink', 'self', 0o777), text: String(ctx.current.tgid) };
    if (name === 'thread-self') return { ...entry(dir, 'symlink', 'self', 0o777), text: String(ctx.current.tid) };
    if (ROOT_FILES.includes(name)) return entry(dir, 'file', `file::${name}`, 0o444);
    return task_of(ctx, name) === undefined ? null : entry(dir, 'dir', `pid:${name}`, 0o555);
  }
  if (task_of(ctx, pid) === undefined) return null;
  if (kind === 'pid' || kind === 'thread') {
    if (name === 'fd') return entry(dir, 'dir', `fd:${pid}`, 0o500);
    // A thread has no `task` of its own: a walk of the tree ends.
    if (name === 'task') return kind === 'pid' ? entry(dir, 'dir', `task:${pid}`, 0o555) : null;
    if (PID_LINKS.includes(name)) return linked(ctx, entry(dir, 'symlink', `link:${pid}:${name}`, 0o777));
    return PID_FILES.includes(name) ? entry(dir, 'file', `file:${pid}:${name}`, 0o444) : null;
  }
  if (kind === 'task')
    return ctx.kernel.groups.get(Number(pid))?.threads.includes(Number(name)) === true ? entry(dir, 'dir', `thread:${name}`, 0o555) : null;
  if (kind === 'fd') {
    const table = ctx.kernel.file_tables.get(task_of(ctx, pid)!.files);
    return table?.fds.has(Number(name)) === true ? linked(ctx, entry(dir, 'symlink', `link:${pid}:fd${name}`, 0o700)) : null;
  }
  return null;
}

/** A link followed by the path walk: its text is the target. Descriptors of pipes and devices have none that can be walked. */
function linked(ctx: KernelContext, inode: Inode): Inode {
  const text = proc_link_target(ctx, inode);
  const [, pid, name] = inode.proc.split(':');
  if (name?.startsWith('fd') === true && !text.startsWith('/')) {
    // Opened by do_sys_open through open_proc.
    return { ...inode, type: 'file', proc: `fdfile:${pid}:${name.slice(2)}`, text };
  }
  return { ...inode, text };
}

export function proc_link_target(ctx: KernelContext, inode: Inode): string {
  const [kind, pid = '', name = ''] = inode.proc.split(':');
  if (kind === 'self' || kind === 'fdfile') return inode.text;
  const task = task_of(ctx, pid);
  if (task === undefined) return '';
  if (name === 'exe') return absolute_exe(ctx, task);
  if (name === 'cwd') return dir_path(ctx, ctx.kernel.fs_contexts.get(task.fs)?.cwd ?? 1) ?? '/';
  if (name === 'root') return '/';
  const fd = ctx.kernel.file_tables.get(task.files)?.fds.get(Number(name.slice(2)));
  return fd === undefined ? '' : ctx.kernel.files.get(fd.file)!.path;
}

function absolute_exe(ctx: KernelContext, task: Task): string {
  const path = ctx.kernel.mms.get(task.mm)?.exe_path ?? '';
  return path.startsWith('/') ? path : `/${path.replace(/^\.\//, '')}`;
}

/** Names in a directory of /proc. */
export function proc_entries(ctx: KernelContext, dir: Inode): (readonly [string, number, InodeType])[] {
  const [kind, pid = ''] = dir.proc.split(':');
  const list = (names: readonly string[]) =>
    names.flatMap((name) => {
      const inode = proc_lookup(ctx, dir, name);
      return inode === null ? [] : [[name, inode.ino, inode.type] as const];
    });
  if (kind === 'root') return list([...[...ctx.kernel.groups.keys()].map(String), ...ROOT_FILES, 'self', 'thread-self']);
  if (kind === 'pid' || kind === 'thread') return list([...PID_FILES, ...PID_LINKS, 'fd', 'task']);
  if (kind === 'task') return list((ctx.kernel.groups.get(Number(pid))?.threads ?? []).map(String));
  const table = ctx.kernel.file_tables.get(task_of(ctx, pid)?.files ?? 0);
  return list([...(table?.fds.keys() ?? [])].sort((a, b) => a - b).map(String));
}

/** What opening an entry gives: a generated file, or the id of an open file (a descriptor's link). */
export function open_proc(ctx: KernelContext, inode: Inode): Inode | number {
  const [kind, pid = '', name = ''] = inode.proc.split(':');
  if (kind === 'fdfile') return ctx.kernel.file_tables.get(task_of(ctx, pid)!.files)!.fds.get(Number(name))!.file;
  const made = new_inode(ctx, 'file', 0o444);
  made.text = pid === '' ? root_file(ctx, name) : task_file(ctx, task_of(ctx, pid)!, name);
  made.size = made.text.length;
  return made;
}

function root_file(ctx: KernelContext, name: string): string {
  const seconds = (ctx.now() / 1e9).toFixed(2);
  switch (name) {
    case 'cpuinfo':
      return Array.from(
        { length: ctx.config.cpus },
        (_, i) =>
          `processor\t: ${i}\nBogoMIPS\t: 100.00\nFeatures\t: ${FEATURES}\nCPU implementer\t: 0x00\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0x000\nCPU revision\t: 0\n\n`,
      ).join('');
    case 'meminfo': {
      const line = (label: string, pages: number): string => `${`${label}:`.padEnd(16)}${String(pages * 4).padStart(8)} kB\n`;
      const { pages, freePages } = ctx.mem;
      return (
        line('MemTotal', pages) +
        line('MemFree', freePages) +
        line('MemAvailable', freePages) +
        line('Buffers', 0) +
        line('Cached', 0) +
        line('SwapTotal', 0) +
        line('SwapFree', 0)
      );
    }
    case 'uptime':
      return `${seconds} 0.00\n`;
    case 'loadavg':
      return `0.00 0.00 0.00 1/${ctx.kernel.tasks.size} ${ctx.current.tid}\n`;
    case 'version':
      return 'Linux version 6.19.0-trapline (trapline) #1 SMP\n';
    case 'filesystems':
      return 'nodev\tproc\nnodev\ttmpfs\n';
    case 'stat':
      return `cpu  0 0 0 0 0 0 0 0 0 0\n${Array.from({ length: ctx.config.cpus }, (_, i) => `cpu${i} 0 0 0 0 0 0 0 0 0 0\n`).join('')}btime 1767225600\nprocesses ${ctx.kernel.next_tid}\n`;
    default:
      return 'rootfs / tmpfs rw 0 0\nproc /proc proc rw 0 0\n';
  }
}

function task_file(ctx: KernelContext, task: Task, name: string): string {
  const mm = ctx.kernel.mms.get(task.mm);
  const group = ctx.kernel.groups.get(task.tgid);
  const total = mm === undefined ? 0 : mm.vmas.reduce((n, v) => n + (v.end - v.start), 0);
  const letter = task.state === 'running' ? 'R' : task.state === 'zombie' ? 'Z' : group?.stopped === true ? 'T' : 'S';
  const parent = group?.parent ?? 0;
  switch (name) {
    case 'cmdline':
      return group?.cmdline ?? '';
    case 'comm':
      return `${task.comm}\n`;
    case 'maps':
      return mm === undefined ? '' : maps(mm);
    case 'mounts':
      return root_file(ctx, 'mounts');
    case 'statm':
      return `${total / 4096} 0 0 0 0 0 0\n`;
    case 'stat': {
      const ticks = Math.floor((task.runtime + (task.on_cpu ? ctx.now() - task.sched_in : 0)) / 1e7);
      const fields = [
        task.tid,
        `(${task.comm})`,
        letter,
        parent,
        group?.pgid ?? 0,
        group?.sid ?? 0,
        0,
        -1,
        0,
        0,
        0,
        0,
        0,
        ticks,
        0,
        Math.floor((group?.cutime ?? 0) / 1e7),
        0,
        20,
        0,
        group?.live ?? 0,
        0,
        Math.floor((group?.start ?? 0) / 1e7),
        total,
        0,
        '18446744073709551615',
        mm?.vmas[0]?.start ?? 0,
        mm?.vmas[0]?.end ?? 0,
        mm?.start_stack ?? 0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        17,
        task.cpu,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        mm?.start_brk ?? 0,
        mm?.arg_start ?? 0,
        mm?.arg_end ?? 0,
        mm?.env_start ?? 0,
        mm?.env_end ?? 0,
        task.exit_code,
      ];
      return `${fields.join(' ')}\n`;
    }
    case 'status': {
      const hex = (mask: bigint): string => mask.toString(16).padStart(16, '0');
      const states = { R: 'R (running)', S: 'S (sleeping)', Z: 'Z (zombie)', T: 'T (stopped)' };
      return `Name:\t${task.comm}\nUmask:\t0022\nState:\t${states[letter]}\nTgid:\t${task.tgid}\nPid:\t${task.tid}\nPPid:\t${parent}\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmSize:\t${total / 1024} kB\nThreads:\t${group?.live ?? 0}\nSigBlk:\t${hex(task.blocked)}\n`;
    }
    case 'limits':
      return 'Limit                     Soft Limit           Hard Limit           Units     \n';
    default:
      return '';
  }
}

function maps(mm: Mm): string {
  return mm.vmas
    .map((v) => {
      const bits = `${v.prot & 1 ? 'r' : '-'}${v.prot & 2 ? 'w' : '-'}${v.prot & 4 ? 'x' : '-'}${v.shared ? 's' : 'p'}`;
      const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');
      const line = `${hex(v.start, 8)}-${hex(v.end, 8)} ${bits} ${hex(v.offset, 8)} 00:01 ${v.ino} `;
      return `${v.name === '' ? line : `${line.padEnd(73)}${v.name}`}\n`;
    })
    .join('');
}
