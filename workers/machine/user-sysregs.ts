// System registers a program may read that are constants of the machine or its time. Registers that are plain state are rows' business;
// ID registers are not announced (no HWCAP_CPUID) and stay undefined at EL0.
import { sysregKey } from '../arch/aarch64/sysregs.ts';

/** CTR_EL0: 64-byte lines, as on common cores (DDI0487 D19.2.34). */
const CTR_EL0 = 0x8444_c004n;
/** DCZID_EL0: DC ZVA clears 2^4 words. */
const DCZID_EL0 = 4n;
/** The counter runs at 1 GHz: it shows virtual ns. */
const CNTFRQ_EL0 = 1_000_000_000n;

/** Value of a register at virtual time `ns`; null: reading it is undefined at EL0. */
export function readUserSysreg(key: number, ns: number): bigint | null {
  switch (key) {
    case sysregKey(3, 3, 0, 0, 1):
      return CTR_EL0;
    case sysregKey(3, 3, 0, 0, 7):
      return DCZID_EL0;
    case sysregKey(3, 3, 14, 0, 0):
      return CNTFRQ_EL0;
    case sysregKey(3, 3, 14, 0, 1):
    case sysregKey(3, 3, 14, 0, 2):
      return BigInt(Math.floor(ns));
    default:
      return null;
  }
}
