// Exceptions a program's own instruction caused, and what they become: a page, or a signal. Kernel names: do_mem_abort, do_page_fault,
// do_undefinstr, do_brk.
import { ERRNO } from '../errno.ts';
import type { KernelContext } from '../kernel-context.ts';
import { SIG } from '../signals/records.ts';
import { force_fatal, force_sig_fault } from '../signals/send.ts';
import { fn, op } from '../steps/step.ts';
import { handle_mm_fault } from './fault.ts';

const EC_IABT_LOWER = 0x20;
const EC_PC_ALIGNMENT = 0x22;
const EC_SP_ALIGNMENT = 0x26;
const ESR_WNR = 1 << 6;
const FSC_ALIGNMENT = 0x21;
const SEGV = { MAPERR: 1, ACCERR: 2 } as const;
const BUS = { ADRALN: 1, ADRERR: 2 } as const;
const ILL_ILLOPC = 1;
const TRAP_BRKPT = 1;

export const do_mem_abort = fn('do_mem_abort', 'fault', function* (k, L, far, esr) {
  yield k.op(L.fault, do_page_fault, far, esr);
  return 0;
});

const untag = (ctx: KernelContext): number => Number(BigInt.asIntN(56, ctx.far_bits));

/** Makes the page present or sends the signal. */
export const do_page_fault = op('do_page_fault', (ctx, _far, esr) => {
  const ec = esr! >>> 26;
  const address = untag(ctx);
  // A handler without SA_EXPOSE_TAGBITS sees the address without its tag.
  const shown = address;
  const send = (signo: number, code: number): number => {
    ctx.current.fault_address = shown;
    ctx.current.fault_code = esr!;
    force_sig_fault(ctx, signo, code, shown, ctx.current.cause);
    return signo;
  };
  if (ec === EC_PC_ALIGNMENT || ec === EC_SP_ALIGNMENT || (esr! & 0x3f) === FSC_ALIGNMENT) return send(SIG.BUS, BUS.ADRALN);
  const access = ec === EC_IABT_LOWER ? 2 : (esr! & ESR_WNR) !== 0 ? 1 : 0;
  const result = handle_mm_fault(ctx, ctx.current.mm, address, access);
  if (result >= 0) return 0;
  if (result === -ERRNO.ENOMEM) {
    // The OOM killer has only one candidate it can be sure of.
    force_fatal(ctx, SIG.KILL);
    return SIG.KILL;
  }
  if (result === -ERRNO.EIO) return send(SIG.BUS, BUS.ADRERR);
  return send(SIG.SEGV, result === -ERRNO.EACCES ? SEGV.ACCERR : SEGV.MAPERR);
});

function fault_at_pc(ctx: KernelContext, signo: number, code: number): number {
  ctx.current.fault_address = 0;
  ctx.current.fault_code = 0;
  force_sig_fault(ctx, signo, code, ctx.regs.pc, ctx.current.cause);
  return 0;
}

export const do_undefinstr = fn('do_undefinstr', 'signal', function* (k, L) {
  yield k.op(L.signal, undefined_instruction);
  return 0;
});
export const undefined_instruction = op('undefined_instruction', (ctx) => fault_at_pc(ctx, SIG.ILL, ILL_ILLOPC));

export const do_brk = fn('do_brk', 'signal', function* (k, L, esr) {
  yield k.op(L.signal, brk_trap, esr);
  return 0;
});
export const brk_trap = op('brk_trap', (ctx) => fault_at_pc(ctx, SIG.TRAP, TRAP_BRKPT));

export const send_sig_trap = fn('send_sig_trap', 'signal', function* (k, L, address, code) {
  yield k.op(L.signal, sig_trap, address, code);
  return 0;
});
export const sig_trap = op('sig_trap', (ctx, address, code) => {
  force_sig_fault(ctx, SIG.TRAP, code!, address!, ctx.current.cause);
  return 0;
});
