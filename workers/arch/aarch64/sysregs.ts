// Names and keys of system registers and cache operations; which of them mean something is the machine's business.

/** op0 (2 bits) op1 (3) CRn (4) CRm (4) op2 (3), as in the instruction's bits 20..5. */
export const sysregKey = (op0: number, op1: number, crn: number, crm: number, op2: number): number =>
  (op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2;

const NAMES: ReadonlyMap<number, string> = new Map([
  [sysregKey(3, 0, 0, 0, 0), 'midr_el1'],
  [sysregKey(3, 0, 0, 0, 5), 'mpidr_el1'],
  [sysregKey(3, 0, 0, 0, 6), 'revidr_el1'],
  [sysregKey(3, 0, 0, 4, 0), 'id_aa64pfr0_el1'],
  [sysregKey(3, 0, 0, 4, 1), 'id_aa64pfr1_el1'],
  [sysregKey(3, 0, 0, 4, 4), 'id_aa64zfr0_el1'],
  [sysregKey(3, 0, 0, 5, 0), 'id_aa64dfr0_el1'],
  [sysregKey(3, 0, 0, 5, 1), 'id_aa64dfr1_el1'],
  [sysregKey(3, 0, 0, 6, 0), 'id_aa64isar0_el1'],
  [sysregKey(3, 0, 0, 6, 1), 'id_aa64isar1_el1'],
  [sysregKey(3, 0, 0, 6, 2), 'id_aa64isar2_el1'],
  [sysregKey(3, 0, 0, 7, 0), 'id_aa64mmfr0_el1'],
  [sysregKey(3, 0, 0, 7, 1), 'id_aa64mmfr1_el1'],
  [sysregKey(3, 0, 0, 7, 2), 'id_aa64mmfr2_el1'],
  [sysregKey(3, 3, 0, 0, 1), 'ctr_el0'],
  [sysregKey(3, 3, 0, 0, 7), 'dczid_el0'],
  [sysregKey(3, 3, 2, 4, 0), 'rndr'],
  [sysregKey(3, 3, 2, 4, 1), 'rndrrs'],
  [sysregKey(3, 3, 4, 2, 0), 'nzcv'],
  [sysregKey(3, 3, 4, 2, 1), 'daif'],
  [sysregKey(3, 3, 4, 4, 0), 'fpcr'],
  [sysregKey(3, 3, 4, 4, 1), 'fpsr'],
  [sysregKey(3, 3, 13, 0, 2), 'tpidr_el0'],
  [sysregKey(3, 3, 13, 0, 3), 'tpidrro_el0'],
  [sysregKey(3, 3, 14, 0, 0), 'cntfrq_el0'],
  [sysregKey(3, 3, 14, 0, 1), 'cntpct_el0'],
  [sysregKey(3, 3, 14, 0, 2), 'cntvct_el0'],
]);

/** `tpidr_el0`, or `s3_3_c13_c0_2` when it has no name here. */
export const sysregName = (op0: number, op1: number, crn: number, crm: number, op2: number): string =>
  NAMES.get(sysregKey(op0, op1, crn, crm, op2)) ?? `s${op0}_${op1}_c${crn}_c${crm}_${op2}`;
