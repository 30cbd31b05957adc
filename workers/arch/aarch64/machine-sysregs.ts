// System registers a program may read whose value is not plain state: identification of the cache and counter, and the time.
import { sysregKey } from './sysregs.ts';

/** Counter frequency: one tick a virtual nanosecond. */
export const COUNTER_HZ = 1_000_000_000n;

/** Constant registers of EL0 by key (D24.2): CTR_EL0 with 64-byte lines, DCZID_EL0 64 bytes and permitted. */
const CONSTANTS: ReadonlyMap<number, bigint> = new Map([
  [sysregKey(3, 3, 0, 0, 1), 0x8444c004n],
  [sysregKey(3, 3, 0, 0, 7), 4n],
  [sysregKey(3, 3, 14, 0, 0), COUNTER_HZ],
]);
/** CNTPCT_EL0 and CNTVCT_EL0 */
const COUNTERS: readonly number[] = [sysregKey(3, 3, 14, 0, 1), sysregKey(3, 3, 14, 0, 2)];

/** The value a program reads; null: undefined instruction. `now`: virtual ns. */
export function readMachineSysreg(key: number, now: number): bigint | null {
  if (COUNTERS.includes(key)) return BigInt(now);
  return CONSTANTS.get(key) ?? null;
}
