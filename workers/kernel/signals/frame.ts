// The signal frame of arm64 on the program's stack: siginfo, ucontext, FP context. Kernel names: setup_rt_frame, sys_rt_sigreturn.
// Layout: struct rt_sigframe { siginfo 128; ucontext 4560 }, then frame_record { fp, lr } above it.
import { PT_REGS } from '../arch/arm64/pt-regs.ts';
import type { KernelContext } from '../kernel-context.ts';
import { CLD, SA, SI, SIG, type SigAction, type SigInfo, UNBLOCKABLE, sigmask } from './records.ts';
import { recalc_sigpending } from './send.ts';

// biome-ignore format: a table
const FRAME = {
  uc: 128, uc_stack: 128 + 16, uc_sigmask: 128 + 40, fault_address: 128 + 176, regs: 128 + 184, reserved: 128 + 464, size: 4688, record: 16,
} as const;
const FPSIMD_MAGIC = 0x46508001;
const FPSIMD_SIZE = 528;
const ESR_MAGIC = 0x45535201;
const SS_ONSTACK = 1;
const SS_DISABLE = 2;
const SS_AUTODISARM = 0x8000_0000;

const on_sig_stack = (ctx: KernelContext, sp: number): boolean => {
  const t = ctx.current;
  return t.sas_size > 0 && (t.sas_flags & SS_AUTODISARM) === 0 && sp > t.sas_sp && sp - t.sas_sp <= t.sas_size;
};

/** ss_flags as sigaltstack reports it for this stack pointer. */
export const sas_ss_flags = (ctx: KernelContext, sp: number): number =>
  ctx.current.sas_size === 0 ? SS_DISABLE : on_sig_stack(ctx, sp) ? SS_ONSTACK : 0;

/** struct siginfo, 128 bytes. */
export function encode_siginfo(info: SigInfo): Uint8Array {
  const bytes = new Uint8Array(128);
  const at = new DataView(bytes.buffer);
  at.setInt32(0, info.signo, true);
  at.setInt32(4, info.errno, true);
  at.setInt32(8, info.code, true);
  const fault = info.code > 0 && info.code < SI.KERNEL && [SIG.SEGV, SIG.BUS, SIG.ILL, SIG.FPE, SIG.TRAP].some((s) => s === info.signo);
  if (fault) at.setBigInt64(16, BigInt(info.address), true);
  else {
    at.setInt32(16, info.pid, true);
    at.setInt32(20, info.uid, true);
    if (info.signo === SIG.CHLD && info.code >= CLD.EXITED && info.code <= CLD.CONTINUED)
      at.setInt32(24, Number(BigInt.asIntN(32, info.value)), true);
    else at.setBigUint64(24, BigInt.asUintN(64, info.value), true);
  }
  return bytes;
}

/** Puts the frame on the program's stack and points its registers at the handler. false: the stack cannot take it. */
export function setup_rt_frame(ctx: KernelContext, info: SigInfo, action: SigAction, oldmask: bigint): boolean {
  const { current: task, regs, fpsimd } = ctx;
  let sp = regs.sp;
  if ((action.flags & SA.ONSTACK) !== 0 && task.sas_size > 0 && !on_sig_stack(ctx, sp)) sp = task.sas_sp + task.sas_size;
  if (!(sp > 0 && sp < 2 ** 48)) return false;
  const record = Math.floor((sp - FRAME.record) / 16) * 16;
  const frame = record - FRAME.size;
  const bytes = new Uint8Array(FRAME.size);
  const at = new DataView(bytes.buffer);
  bytes.set(encode_siginfo(info));
  at.setBigUint64(FRAME.uc_stack, BigInt(task.sas_sp), true);
  at.setInt32(FRAME.uc_stack + 8, sas_ss_flags(ctx, regs.sp), true);
  at.setBigUint64(FRAME.uc_stack + 16, BigInt(task.sas_size), true);
  at.setBigUint64(FRAME.uc_sigmask, oldmask, true);
  at.setBigInt64(FRAME.fault_address, BigInt(task.fault_address), true);
  // regs[31], sp, pc, pstate lie in the same order as in pt_regs.
  bytes.set(ctx.mem.view(regs.base, PT_REGS.orig_x0), FRAME.regs);
  let p: number = FRAME.reserved;
  at.setUint32(p, FPSIMD_MAGIC, true);
  at.setUint32(p + 4, FPSIMD_SIZE, true);
  at.setUint32(p + 8, fpsimd.fpsr, true);
  at.setUint32(p + 12, fpsimd.fpcr, true);
  for (let n = 0; n < 32; n++) {
    const v = fpsimd.v(n);
    at.setBigUint64(p + 16 + n * 16, BigInt.asUintN(64, v), true);
    at.setBigUint64(p + 24 + n * 16, v >> 64n, true);
  }
  p += FPSIMD_SIZE;
  if (task.fault_code !== 0) {
    at.setUint32(p, ESR_MAGIC, true);
    at.setUint32(p + 4, 16, true);
    at.setUint32(p + 8, task.fault_code, true);
  }
  const link = new Uint8Array(16);
  new DataView(link.buffer).setBigUint64(0, regs.x_bits(29), true);
  new DataView(link.buffer).setBigUint64(8, regs.x_bits(30), true);
  if (ctx.user.copy_to_user(frame, bytes) !== 0 || ctx.user.copy_to_user(record, link) !== 0) return false;
  regs.set_x(0, info.signo);
  regs.set_x(1, frame);
  regs.set_x(2, frame + FRAME.uc);
  regs.sp = frame;
  regs.set_x(29, record);
  regs.set_x(30, ctx.kernel.mms.get(task.mm)!.sigpage);
  regs.pc = action.handler;
  if ((task.sas_flags & SS_AUTODISARM) !== 0) {
    task.sas_sp = task.sas_size = 0;
    task.sas_flags = SS_DISABLE;
  }
  return true;
}

/** Takes the frame at sp back. false: there is none; the caller sends SIGSEGV. */
export function restore_rt_frame(ctx: KernelContext): boolean {
  const { current: task, regs, fpsimd } = ctx;
  const frame = regs.sp;
  if (frame % 16 !== 0) return false;
  const bytes = ctx.user.copy_from_user(frame, FRAME.reserved + FPSIMD_SIZE + 8);
  if (bytes === null) return false;
  const at = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Contexts follow one another; the FP one must be there.
  let p: number = FRAME.reserved;
  for (;;) {
    if (p + 8 > bytes.length) return false;
    const magic = at.getUint32(p, true);
    const size = at.getUint32(p + 4, true);
    if (magic === FPSIMD_MAGIC) break;
    if (magic === 0 || size < 16 || size % 16 !== 0) return false;
    p += size;
  }
  if (p + FPSIMD_SIZE > bytes.length || at.getUint32(p + 4, true) !== FPSIMD_SIZE) return false;
  fpsimd.fpsr = at.getUint32(p + 8, true);
  fpsimd.fpcr = at.getUint32(p + 12, true);
  for (let n = 0; n < 32; n++) fpsimd.setV(n, (at.getBigUint64(p + 24 + n * 16, true) << 64n) | at.getBigUint64(p + 16 + n * 16, true));
  // Only the flags are the program's to set (valid_user_regs).
  const step = regs.pstate & 0x0020_0000;
  ctx.mem.write(regs.base, bytes.subarray(FRAME.regs, FRAME.regs + PT_REGS.pstate));
  regs.pstate = (at.getUint32(FRAME.regs + PT_REGS.pstate, true) & 0xf000_0000) | step;
  regs.syscallno = -1;
  task.blocked = at.getBigUint64(FRAME.uc_sigmask, true) & ~UNBLOCKABLE;
  task.sas_sp = Number(at.getBigUint64(FRAME.uc_stack, true));
  task.sas_size = Number(at.getBigUint64(FRAME.uc_stack + 16, true));
  recalc_sigpending(ctx, task);
  return true;
}

/** What a handler blocks while it runs, beyond what is blocked already. */
export const handler_mask = (action: SigAction, signo: number): bigint =>
  (action.mask | ((action.flags & SA.NODEFER) === 0 ? sigmask(signo) : 0n)) & ~UNBLOCKABLE;
