// Finds out how to start a file: an ELF program by itself, or a script by its interpreter. Kernel names: search_binary_handler,
// load_script. Maps nothing (loader/load-elf.ts does).
import { type ElfFile, parseElf } from '../../base/elf.ts';
import { ERRNO } from '../errno.ts';
import { read_all, string_of } from '../fs/inode.ts';
import { lookup_existing } from '../fs/namei.ts';
import type { Inode } from '../fs/records.ts';
import type { KernelContext } from '../kernel-context.ts';

export interface Program {
  readonly inode: Inode;
  readonly elf: ElfFile;
  /** Path of the ELF file (of the interpreter for a script). */
  readonly path: string;
  readonly argv: readonly string[];
}

const MOST_INTERPRETERS = 4;
const BINPRM_BUF_SIZE = 256;

/** The program `path` stands for with `argv`, byte strings. Returns a negated errno. */
export function find_program(ctx: KernelContext, cwd: number, path: string, argv: readonly string[]): Program | number {
  let file = path;
  let args = argv;
  for (let depth = 0; depth <= MOST_INTERPRETERS; depth++) {
    const inode = lookup_existing(ctx, cwd, file, true);
    if (typeof inode === 'number') return inode;
    if (inode.type !== 'file' || (inode.mode & 0o111) === 0) return -ERRNO.EACCES;
    const bytes = contents(ctx, inode);
    if (bytes[0] !== 0x23 || bytes[1] !== 0x21) {
      const elf = parseElf(bytes, file);
      return elf.ok ? { inode, elf: elf.value, path: file, argv: args } : -ERRNO.ENOEXEC;
    }
    const head = string_of(bytes.subarray(2, BINPRM_BUF_SIZE));
    const end = head.indexOf('\n');
    if (end < 0 && bytes.length > BINPRM_BUF_SIZE) return -ERRNO.ENOEXEC;
    const match = /^[ \t]*([^ \t]+)(?:[ \t]+(.*?))?[ \t]*$/.exec(end < 0 ? head : head.slice(0, end));
    if (match === null) return -ERRNO.ENOEXEC;
    args = [match[1]!, ...(match[2] ? [match[2]] : []), file, ...args.slice(1)];
    file = match[1]!;
  }
  return -ERRNO.ELOOP;
}

/** The bytes of a file; those of the image itself while nothing has changed them. */
function contents(ctx: KernelContext, inode: Inode): Uint8Array {
  const image = inode.source === '' ? undefined : ctx.config.program.files.get(inode.source)?.data;
  const untouched = image !== undefined && inode.size === image.length && inode.source_size === image.length && inode.version === 0;
  return untouched ? image : read_all(ctx, inode);
}
