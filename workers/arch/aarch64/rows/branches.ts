// Branches, exceptions, hints, barriers and system registers: C4.1 of the Arm ARM.
import { defineHelper } from '../../../rows/builder.ts';
import { imm, imm32, target } from '../../../rows/operands.ts';
import { row, todo } from '../../../rows/row.ts';
import * as t from '../asm.ts';
import { FIELDS, X, Xd } from '../state.ts';
import { sysregKey, sysregName } from '../sysregs.ts';
import { conditionMask, holds, width } from './common.ts';

const READ_SYSREG = defineHelper('read_sysreg', ['i32'], 'i32', (context, key: number) => {
  const value = context.readSysreg(key);
  if (value === null) {
    context.refuse();
    return 0;
  }
  context.view.setBigUint64(context.results, BigInt.asUintN(64, value), true);
  return 1;
});
const WRITE_SYSREG = defineHelper('write_sysreg', ['i32', 'i64'], 'i32', (context, key: number, value: bigint) => {
  if (context.writeSysreg(key, BigInt.asUintN(64, value))) return 1;
  context.refuse();
  return 0;
});

const HINTS: Readonly<Record<number, string>> = {
  0: 'nop',
  1: 'yield',
  2: 'wfe',
  3: 'wfi',
  4: 'sev',
  5: 'sevl',
  7: 'xpaclri',
  8: 'pacia1716',
  10: 'pacib1716',
  12: 'autia1716',
  14: 'autib1716',
  16: 'esb',
  17: 'psb\tcsync',
  18: 'tsb\tcsync',
  20: 'csdb',
  22: 'clearbhb',
  24: 'paciaz',
  25: 'paciasp',
  26: 'pacibz',
  27: 'pacibsp',
  28: 'autiaz',
  29: 'autiasp',
  30: 'autibz',
  31: 'autibsp',
  32: 'bti',
  34: 'bti\tc',
  36: 'bti\tj',
  38: 'bti\tjc',
};
const BARRIER_OPTIONS: Readonly<Record<number, string>> = {
  1: 'oshld',
  2: 'oshst',
  3: 'osh',
  5: 'nshld',
  6: 'nshst',
  7: 'nsh',
  9: 'ishld',
  10: 'ishst',
  11: 'ish',
  13: 'ld',
  14: 'st',
  15: 'sy',
};
const ends = true;

export const BRANCHES = [
  row(
    'B.cond',
    'C6.2 B.cond',
    '0101010 0 imm19:s19 0 cond:4',
    (f, pc) => ({ mask: imm32(conditionMask(f.cond)), to: target(pc + BigInt(f.imm19) * 4n) }),
    (b, o) => b.branchIf(holds(b, o.mask), o.to),
    { ends, asm: (f, pc) => t.ins(`b.${t.COND[f.cond]!}`, t.at(pc + BigInt(f.imm19) * 4n)) },
  ),
  row(
    'B',
    'C6.2 B',
    '000101 imm26:s26',
    (f, pc) => ({ to: target(pc + BigInt(f.imm26) * 4n) }),
    (b, o) => b.goto(o.to),
    {
      ends,
      asm: (f, pc) => t.ins('b', t.at(pc + BigInt(f.imm26) * 4n)),
    },
  ),
  row(
    'BL',
    'C6.2 BL',
    '100101 imm26:s26',
    (f, pc) => ({ lr: Xd(30), link: imm(pc + 4n), to: target(pc + BigInt(f.imm26) * 4n) }),
    (b, o) => {
      b.set(o.lr, o.link);
      b.goto(o.to);
    },
    { ends, asm: (f, pc) => t.ins('bl', t.at(pc + BigInt(f.imm26) * 4n)) },
  ),
  row(
    'CBZ, CBNZ',
    'C6.2 CBZ',
    'sf:1 011010 op:1 imm19:s19 Rt:5',
    (f, pc) => ({ w: width(f.sf), nz: f.op === 1, t: X(f.Rt), to: target(pc + BigInt(f.imm19) * 4n) }),
    (b, o) => {
      const v = b.get(o.t, o.w);
      b.branchIf(o.nz ? v.ne(0) : v.eqz(), o.to);
    },
    { ends, asm: (f, pc) => t.ins(f.op ? 'cbnz' : 'cbz', t.r(f.Rt, f.sf), t.at(pc + BigInt(f.imm19) * 4n)) },
  ),
  row(
    'TBZ, TBNZ',
    'C6.2 TBZ',
    'b5:1 011011 op:1 b40:5 imm14:s14 Rt:5',
    (f, pc) => ({ nz: f.op === 1, t: X(f.Rt), bit: imm(1n << BigInt(f.b5 * 32 + f.b40)), to: target(pc + BigInt(f.imm14) * 4n) }),
    (b, o) => {
      const v = b.get(o.t).and(o.bit);
      b.branchIf(o.nz ? v.ne(0) : v.eqz(), o.to);
    },
    { ends, asm: (f, pc) => t.ins(f.op ? 'tbnz' : 'tbz', t.r(f.Rt, f.b5), t.d(f.b5 * 32 + f.b40), t.at(pc + BigInt(f.imm14) * 4n)) },
  ),
  row(
    'BR',
    'C6.2 BR',
    '1101011 0000 11111 000000 Rn:5 00000',
    (f) => ({ n: X(f.Rn) }),
    (b, o) => b.jump(b.get(o.n)),
    {
      ends,
      asm: (f) => t.ins('br', t.r(f.Rn, 1)),
    },
  ),
  row(
    'BLR',
    'C6.2 BLR',
    '1101011 0001 11111 000000 Rn:5 00000',
    (f, pc) => ({ lr: Xd(30), n: X(f.Rn), link: imm(pc + 4n) }),
    (b, o) => {
      b.set(o.lr, o.link);
      b.jump(b.get(o.n));
    },
    { ends, asm: (f) => t.ins('blr', t.r(f.Rn, 1)) },
  ),
  row(
    'RET',
    'C6.2 RET',
    '1101011 0010 11111 000000 Rn:5 00000',
    (f) => ({ n: X(f.Rn) }),
    (b, o) => b.jump(b.get(o.n)),
    {
      ends,
      asm: (f) => t.ins('ret', f.Rn !== 30 && t.r(f.Rn, 1)),
    },
  ),
  row(
    'SVC',
    'C6.2 SVC',
    '11010100 000 imm16:16 00001',
    (f) => ({ value: imm32(f.imm16) }),
    (b, o) => b.raise('svc', o.value),
    {
      ends,
      asm: (f) => t.ins('svc', t.h(f.imm16)),
      unfuzzed: 'an exception',
    },
  ),
  row(
    'BRK',
    'C6.2 BRK',
    '11010100 001 imm16:16 00000',
    (f) => ({ value: imm32(f.imm16) }),
    (b, o) => b.trap('brk', o.value),
    {
      ends,
      asm: (f) => t.ins('brk', t.h(f.imm16)),
      unfuzzed: 'an exception',
    },
  ),
  row(
    'UDF',
    'C6.2 UDF',
    '0000000000000000 imm16:16',
    () => ({}),
    (b) => b.trap('undefined'),
    {
      ends,
      asm: (f) => t.ins('udf', t.d(f.imm16)),
      unfuzzed: 'an exception',
    },
  ),
  todo('HVC', 'C6.2 HVC', '11010100 000 imm16:16 00010'),
  todo('SMC', 'C6.2 SMC', '11010100 000 imm16:16 00011'),
  todo('HLT', 'C6.2 HLT', '11010100 010 imm16:16 00000'),
  row(
    'HINT',
    'C6.2 HINT',
    '1101010100 0 00 011 0010 CRm:4 op2:3 11111',
    () => ({}),
    () => undefined,
    {
      asm: (f) => HINTS[f.CRm * 8 + f.op2] ?? t.ins('hint', t.h(f.CRm * 8 + f.op2)),
    },
  ),
  row(
    'CLREX',
    'C6.2 CLREX',
    '1101010100 0 00 011 0011 CRm:4 010 11111',
    () => ({}),
    (b) => b.write(FIELDS.exclusiveSize, 0),
    {
      asm: (f) => t.ins('clrex', f.CRm !== 15 && t.h(f.CRm)),
    },
  ),
  row(
    'DSB, DMB, ISB',
    'C6.2 DSB',
    '1101010100 0 00 011 0011 CRm:4 1 opc:2 11111',
    (f) => (f.opc === 3 ? null : {}),
    () => undefined,
    {
      asm: (f) => {
        const option = BARRIER_OPTIONS[f.CRm] ?? t.h2(f.CRm);
        if (f.opc === 0 && f.CRm === 0) return 'ssbb';
        if (f.opc === 0 && f.CRm === 4) return 'pssbb';
        return f.opc === 2 ? t.ins('isb', f.CRm !== 15 && t.h(f.CRm)) : t.ins(f.opc === 0 ? 'dsb' : 'dmb', option);
      },
    },
  ),
  // MSR and MRS. Plain state has rows of its own; everything else is asked of the host.
  row(
    'MRS',
    'C6.2 MRS',
    '1101010100 1 1 o0:1 op1:3 CRn:4 CRm:4 op2:3 Rt:5',
    (f) => ({ d: Xd(f.Rt), key: imm32(sysregKey(2 + f.o0, f.op1, f.CRn, f.CRm, f.op2)) }),
    (b, o) => {
      b.require(b.helper(READ_SYSREG, o.key));
      b.set(o.d, b.result('i64'));
    },
    { asm: (f) => t.ins('mrs', t.r(f.Rt, 1), sysregName(2 + f.o0, f.op1, f.CRn, f.CRm, f.op2)), unfuzzed: 'asked of the machine' },
  ),
  row(
    'MSR (register)',
    'C6.2 MSR (register)',
    '1101010100 0 1 o0:1 op1:3 CRn:4 CRm:4 op2:3 Rt:5',
    (f) => ({ t: X(f.Rt), key: imm32(sysregKey(2 + f.o0, f.op1, f.CRn, f.CRm, f.op2)) }),
    (b, o) => {
      b.require(b.helper(WRITE_SYSREG, o.key, b.get(o.t)));
    },
    { asm: (f) => t.ins('msr', sysregName(2 + f.o0, f.op1, f.CRn, f.CRm, f.op2), t.r(f.Rt, 1)), unfuzzed: 'asked of the machine' },
  ),
  row(
    'MRS NZCV',
    'C5.2 NZCV',
    '1101010100 1 1 1 011 0100 0010 000 Rt:5',
    (f) => ({ d: Xd(f.Rt) }),
    (b, o) => b.set(o.d, b.read(FIELDS.nzcv).shl(28)),
    {
      asm: (f) => t.ins('mrs', t.r(f.Rt, 1), 'nzcv'),
    },
  ),
  row(
    'MSR NZCV',
    'C5.2 NZCV',
    '1101010100 0 1 1 011 0100 0010 000 Rt:5',
    (f) => ({ t: X(f.Rt) }),
    (b, o) => b.write(FIELDS.nzcv, b.get(o.t, 32).shru(28)),
    {
      asm: (f) => t.ins('msr', 'nzcv', t.r(f.Rt, 1)),
    },
  ),
  row(
    'MRS FPCR, FPSR',
    'C5.2 FPCR',
    '1101010100 1 1 1 011 0100 0100 00 op2:1 Rt:5',
    (f) => ({ d: Xd(f.Rt), sr: f.op2 === 1 }),
    (b, o) => b.set(o.d, b.read(o.sr ? FIELDS.fpsr : FIELDS.fpcr)),
    {
      asm: (f) => t.ins('mrs', t.r(f.Rt, 1), f.op2 ? 'fpsr' : 'fpcr'),
      unfuzzed: 'the harness reads them',
    },
  ),
  // RES0 bits read as zero. FPCR: AHP, DN, FZ, RMode, FZ16 (no trapping). FPSR: QC and the cumulative exception bits.
  row(
    'MSR FPCR, FPSR',
    'C5.2 FPCR',
    '1101010100 0 1 1 011 0100 0100 00 op2:1 Rt:5',
    (f) => ({ t: X(f.Rt), sr: f.op2 === 1 }),
    (b, o) => {
      const v = b.get(o.t, 32);
      if (o.sr) b.write(FIELDS.fpsr, v.and(0x0800009f));
      else b.write(FIELDS.fpcr, v.and(0x07c00000));
    },
    { asm: (f) => t.ins('msr', f.op2 ? 'fpsr' : 'fpcr', t.r(f.Rt, 1)), unfuzzed: 'the harness writes them' },
  ),
  row(
    'MRS TPIDR_EL0, TPIDRRO_EL0',
    'C5.2 TPIDR_EL0',
    '1101010100 1 1 1 011 1101 0000 01 ro:1 Rt:5',
    (f) => ({ d: Xd(f.Rt), ro: f.ro === 1 }),
    (b, o) => b.set(o.d, b.read(o.ro ? FIELDS.tpidrro_el0 : FIELDS.tpidr_el0)),
    {
      asm: (f) => t.ins('mrs', t.r(f.Rt, 1), f.ro ? 'tpidrro_el0' : 'tpidr_el0'),
      unfuzzed: 'differs between the machines compared',
    },
  ),
  row(
    'MSR TPIDR_EL0',
    'C5.2 TPIDR_EL0',
    '1101010100 0 1 1 011 1101 0000 010 Rt:5',
    (f) => ({ t: X(f.Rt) }),
    (b, o) => b.write(FIELDS.tpidr_el0, b.get(o.t)),
    {
      asm: (f) => t.ins('msr', 'tpidr_el0', t.r(f.Rt, 1)),
      unfuzzed: 'the harness keeps a register there',
    },
  ),
];
