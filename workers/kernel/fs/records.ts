// Records of the file system layer: inodes, open files, descriptor tables, pipes. Plain data only; contents of regular files are pages
// in guest RAM or, until written or mapped, bytes of the image.
import type { WaitQueue } from '../records.ts';

export type InodeType = 'file' | 'dir' | 'symlink' | 'pipe' | 'char' | 'anon';

export interface Inode {
  readonly ino: number;
  readonly type: InodeType;
  /** Permission bits, 07777. */
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  /** Open files and mappings that hold it. With nlink 0 it goes away when this reaches 0. */
  holds: number;
  size: number;
  /** Page cache: pfn + 1 by page index, 0 where there is no page. */
  pages: Int32Array;
  /** Path in the image whose first `source_size` bytes show where there is no page; '' for none. */
  source: string;
  source_size: number;
  /** Times the contents were changed, by writing or through a shared mapping. */
  version: number;
  /** Directory: name -> ino, in the order the names were made. */
  entries: Map<string, number> | null;
  parent: number;
  /** symlink: target. Generated files of /proc: contents, one character a byte. */
  text: string;
  /** char: which driver. */
  device: string;
  /** Entry of /proc that is made when asked for: 'root', 'pid:N', 'fd:N', … */
  proc: string;
  pipe: Pipe | null;
  /** Seconds and nanoseconds since 1970. */
  atime: readonly [number, number];
  mtime: readonly [number, number];
  ctime: readonly [number, number];
}

export interface Pipe {
  /** Ring of PIPE_SIZE bytes; made at the first write. */
  ring: Uint8Array;
  head: number;
  length: number;
  readers: number;
  writers: number;
  /** Everyone who waits for room, bytes or the other end. */
  queue: WaitQueue;
}

export const PIPE_SIZE = 65536;
export const PIPE_BUF = 4096;

/** An open file description, shared by dup and fork. */
export interface File {
  readonly id: number;
  readonly ino: number;
  refs: number;
  /** O_ bits of open, without creation flags. */
  flags: number;
  position: number;
  /** The path it was opened by, for /proc/self/fd and people. */
  readonly path: string;
  /** perf_event behind the file; 0: none. */
  readonly perf_event: number;
}

export interface FileTable {
  readonly id: number;
  refs: number;
  /** Descriptor -> open file. */
  fds: Map<number, { file: number; cloexec: boolean }>;
}

export interface FsContext {
  readonly id: number;
  refs: number;
  cwd: number;
  umask: number;
}

export interface FsRecords {
  inodes: Map<number, Inode>;
  files: Map<number, File>;
  file_tables: Map<number, FileTable>;
  fs_contexts: Map<number, FsContext>;
  next_ino: number;
  next_file: number;
  next_table: number;
  /** perf_events whose last file was closed; do_el0_svc and do_exit release them. */
  closed_perf_events: number[];
}

export const ROOT_INO = 1;

// biome-ignore format: a table
export const O = {
  ACCMODE: 3, WRONLY: 1, RDWR: 2, CREAT: 0o100, EXCL: 0o200, NOCTTY: 0o400, TRUNC: 0o1000, APPEND: 0o2000, NONBLOCK: 0o4000,
  DIRECTORY: 0o40000, NOFOLLOW: 0o100000, LARGEFILE: 0o400000, CLOEXEC: 0o2000000, PATH: 0o10000000, TMPFILE: 0o20000000,
} as const;

export const AT = { FDCWD: -100, SYMLINK_NOFOLLOW: 0x100, REMOVEDIR: 0x200, SYMLINK_FOLLOW: 0x400, EMPTY_PATH: 0x1000 } as const;
