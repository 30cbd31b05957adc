// A process part for tests of the machine alone: one address space that is a map of pages, write(1), exit(93) and nothing else.
import { parseElf } from '../../workers/base/elf.ts';
import type { KernelContext, ProcessPart } from '../../workers/kernel/kernel-context.ts';
import { fn, op } from '../../workers/kernel/steps/step.ts';
import type { KernelRecords } from '../../workers/kernel/records.ts';

const STACK_TOP = 0x7fff_0000;
type MiniRecords = KernelRecords & { mini_pages?: Map<number, { pfn: number; write: boolean }> };
const pagesOf = (ctx: KernelContext): Map<number, { pfn: number; write: boolean }> =>
  ((ctx.kernel as MiniRecords).mini_pages ??= new Map());

function map(ctx: KernelContext, address: number, write: boolean): number {
  const vpn = Math.floor(address / 4096);
  const pages = pagesOf(ctx);
  const there = pages.get(vpn);
  if (there) {
    there.write ||= write;
    return there.pfn;
  }
  const pfn = ctx.mem.alloc_page();
  pages.set(vpn, { pfn, write });
  return pfn;
}

export const miniPart: ProcessPart = {
  mm: {
    translate(ctx, mm, address, access) {
      const page = mm === 1 ? pagesOf(ctx).get(Math.floor(address / 4096)) : undefined;
      return page && (access !== 1 || page.write) ? page.pfn : -1;
    },
    fault_in: () => -14,
  },
  check_program: () => null,
};

export const mini_load = op('mini_load', (ctx) => {
  const { program } = ctx.config;
  const elf = parseElf(program.files.get(program.path)!.data, program.path);
  if (!elf.ok) throw new Error(elf.error);
  const file = program.files.get(program.path)!.data;
  for (const s of elf.value.segments)
    for (let a = s.address - (s.address % 4096); a < s.address + s.memorySize; a += 4096) {
      const pfn = map(ctx, a, (s.flags & 2) !== 0);
      const from = Math.max(a, s.address);
      const to = Math.min(a + 4096, s.address + s.fileSize);
      if (to > from) ctx.mem.write(pfn * 4096 + (from - a), file.subarray(s.fileOffset + from - s.address, s.fileOffset + to - s.address));
    }
  for (let a = STACK_TOP - 65536; a < STACK_TOP; a += 4096) map(ctx, a, true);
  ctx.switch_mm(1);
  ctx.regs.pc = elf.value.entry;
  ctx.regs.sp = STACK_TOP - 64;
  ctx.regs.pstate = 0;
  return 0;
});
export const kernel_execve = fn('kernel_execve', 'load', function* (k, L) {
  return yield k.op(L.load, mini_load);
});
export const mini_syscall = op('mini_syscall', (ctx) => {
  const { regs } = ctx;
  const nr = regs.w(8);
  if (nr === 93 || nr === 94) {
    ctx.power_off(regs.w(0), null);
    ctx.current.state = 'dead';
  } else if (nr === 64) {
    const data = ctx.user.copy_from_user(regs.x(1), regs.x(2));
    if (data) ctx.emit('output', { fd: regs.w(0), data });
    regs.set_x(0, data ? data.length : -14);
  } else regs.set_x(0, -38);
  return 0;
});
export const do_el0_svc = fn('do_el0_svc', 'call', function* (k, L) {
  return yield k.op(L.call, mini_syscall);
});
export const mini_crash = op('mini_crash', (ctx) => {
  ctx.power_off(0, 'SIGSEGV');
  ctx.current.state = 'dead';
  return 0;
});
const dies = (name: string) =>
  fn(name, 'crash', function* (k, L) {
    return yield k.op(L.crash, mini_crash);
  });
export const do_mem_abort = dies('do_mem_abort');
export const do_undefinstr = dies('do_undefinstr');
export const do_brk = dies('do_brk');
export const do_notify_resume = dies('do_notify_resume');
export const send_sig_trap = dies('send_sig_trap');
