// Paths: walking them, making and removing names, and the tree a machine starts with. Kernel names: path_lookupat, filename_create.
import type { KernelContext } from '../kernel-context.ts';
import { ERRNO } from '../errno.ts';
import { byte_string, get_inode, inode_release, new_inode, touch } from './inode.ts';
import { proc_lookup } from './procfs.ts';
import { type Inode, ROOT_INO } from './records.ts';

const MOST_LINKS = 40;
const NAME_MAX = 255;

export interface Found {
  /** Directory that holds (or would hold) the last name. */
  readonly parent: Inode;
  /** Last name; '' when the path ends in a directory by itself (`/`, `.`, `..`). */
  readonly name: string;
  /** What is there; null when nothing is. */
  readonly inode: Inode | null;
  /** The path ended in a slash: only a directory will do. */
  readonly slash: boolean;
}

/** Walks `path` from directory `start`. A missing last name is no error: `inode` is null. Returns a negated errno otherwise. */
export function path_lookup(ctx: KernelContext, start: number, path: string, follow: boolean): Found | number {
  if (path === '') return -ERRNO.ENOENT;
  let links = 0;
  let rest = path;
  let dir = get_inode(ctx, rest.startsWith('/') ? ROOT_INO : start);
  for (;;) {
    rest = rest.replace(/^\/+/, '');
    if (rest === '') return { parent: dir, name: '', inode: dir, slash: true };
    const slash = rest.indexOf('/');
    const name = slash < 0 ? rest : rest.slice(0, slash);
    rest = slash < 0 ? '' : rest.slice(slash);
    const last = /^\/*$/.test(rest);
    if (dir.type !== 'dir') return -ERRNO.ENOTDIR;
    if (name.length > NAME_MAX) return -ERRNO.ENAMETOOLONG;
    if (name === '.' || name === '..') {
      if (name === '..') dir = get_inode(ctx, dir.parent) ?? dir;
      if (last) return { parent: dir, name: '', inode: dir, slash: true };
      continue;
    }
    const inode = lookup(ctx, dir, name);
    if (inode === null) return last ? { parent: dir, name, inode: null, slash: rest !== '' } : -ERRNO.ENOENT;
    if (inode.type === 'symlink' && (!last || follow || rest !== '')) {
      if (++links > MOST_LINKS) return -ERRNO.ELOOP;
      if (inode.text === '') return -ERRNO.ENOENT;
      rest = inode.text + rest;
      if (rest.startsWith('/')) dir = get_inode(ctx, ROOT_INO);
      continue;
    }
    if (last) {
      if (rest !== '' && inode.type !== 'dir') return -ERRNO.ENOTDIR;
      return { parent: dir, name, inode, slash: rest !== '' };
    }
    dir = inode;
  }
}

/** As path_lookup, but what is named must exist. */
export function lookup_existing(ctx: KernelContext, start: number, path: string, follow: boolean): Inode | number {
  const found = path_lookup(ctx, start, path, follow);
  if (typeof found === 'number') return found;
  return found.inode ?? -ERRNO.ENOENT;
}

export function lookup(ctx: KernelContext, dir: Inode, name: string): Inode | null {
  if (dir.proc !== '') return proc_lookup(ctx, dir, name);
  const ino = dir.entries!.get(name);
  return ino === undefined ? null : get_inode(ctx, ino);
}

/** Adds a name. Directories get their `..` from it. */
export function link_name(ctx: KernelContext, dir: Inode, name: string, inode: Inode): void {
  dir.entries!.set(name, inode.ino);
  inode.nlink++;
  if (inode.type === 'dir') inode.parent = dir.ino;
  touch(ctx, dir);
}

/** Removes a name that exists; the inode goes when nothing else holds it. */
export function unlink_name(ctx: KernelContext, dir: Inode, name: string): void {
  const inode = lookup(ctx, dir, name)!;
  dir.entries!.delete(name);
  inode.nlink--;
  touch(ctx, dir);
  inode_release(ctx, inode);
}

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'console'];

/** The root a machine starts with: the usual directories, devices, a few files of /etc, and the image's files. */
export function make_root(ctx: KernelContext, files: ReadonlyMap<string, { readonly data: Uint8Array; readonly mode: number }>): void {
  const root = new_inode(ctx, 'dir', 0o755);
  root.nlink = 2;
  root.parent = root.ino;
  const dirs: readonly (readonly [string, number])[] = [
    ['bin', 0o755],
    ['dev', 0o755],
    ['etc', 0o755],
    ['home', 0o755],
    ['proc', 0o555],
    ['root', 0o700],
    ['tmp', 0o1777],
    ['usr', 0o755],
    ['usr/bin', 0o755],
    ['var', 0o755],
    ['var/tmp', 0o1777],
    ['sys', 0o555],
  ];
  for (const [path, mode] of dirs) make_dirs(ctx, path).mode = mode;
  const proc = lookup(ctx, root, 'proc')!;
  proc.proc = 'root';
  const dev = lookup(ctx, root, 'dev')!;
  for (const name of DEVICES) {
    const inode = new_inode(ctx, 'char', 0o666);
    inode.device = name;
    link_name(ctx, dev, name, inode);
  }
  const links = { fd: '/proc/self/fd', stdin: '/proc/self/fd/0', stdout: '/proc/self/fd/1', stderr: '/proc/self/fd/2' };
  for (const [name, target] of Object.entries(links)) {
    const inode = new_inode(ctx, 'symlink', 0o777);
    inode.text = target;
    inode.size = target.length;
    link_name(ctx, dev, name, inode);
  }
  const texts: Readonly<Record<string, string>> = {
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
    'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
    'etc/hostname': 'trapline\n',
    'etc/hosts': '127.0.0.1 localhost trapline\n',
    'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
    'etc/shells': '/bin/sh\n',
  };
  for (const [path, text] of Object.entries(texts)) {
    const inode = new_inode(ctx, 'file', 0o644);
    inode.text = text;
    inode.size = text.length;
    link_name(ctx, make_dirs(ctx, 'etc'), path.slice(4), inode);
  }
  for (const [path, file] of files) {
    const parts = byte_string(path)
      .split('/')
      .filter((p) => p !== '' && p !== '.');
    const name = parts.pop();
    if (name === undefined) continue;
    const dir = make_dirs(ctx, parts.join('/'));
    if (lookup(ctx, dir, name) !== null) unlink_name(ctx, dir, name);
    const inode = new_inode(ctx, 'file', file.mode & 0o7777);
    inode.source = path;
    inode.source_size = inode.size = file.data.length;
    link_name(ctx, dir, name, inode);
  }
}

function make_dirs(ctx: KernelContext, path: string): Inode {
  let dir = get_inode(ctx, ROOT_INO);
  for (const name of path.split('/').filter((p) => p !== '')) {
    let next = lookup(ctx, dir, name);
    if (next === null || next.type !== 'dir') {
      if (next !== null) unlink_name(ctx, dir, name);
      next = new_inode(ctx, 'dir', 0o755);
      next.nlink = 1;
      link_name(ctx, dir, name, next);
      dir.nlink++;
    }
    dir = next;
  }
  return dir;
}
