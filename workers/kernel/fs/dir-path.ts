// The way back from a directory to its path. Apart from namei.ts because /proc needs it, and namei.ts needs /proc.
import type { KernelContext } from '../kernel-context.ts';
import { get_inode } from './inode.ts';
import { ROOT_INO } from './records.ts';

/** Path of a directory, or null when it was removed. */
export function dir_path(ctx: KernelContext, ino: number): string | null {
  const parts: string[] = [];
  for (let dir = get_inode(ctx, ino); dir.ino !== ROOT_INO; ) {
    if (dir.proc !== '') return `/proc${dir.text}`;
    const parent = ctx.kernel.inodes.get(dir.parent);
    if (parent === undefined) return null;
    const name = [...parent.entries!].find(([, child]) => child === dir.ino)?.[0];
    if (name === undefined) return null;
    parts.push(name);
    dir = parent;
  }
  return `/${parts.reverse().join('/')}`;
}
