// The AArch64 instruction set of this version: every row, in the order of the manual's encoding chapters.
import type { Row } from '../../rows/row.ts';
import { ATOMICS } from './rows/atomics.ts';
import { BRANCHES } from './rows/branches.ts';
import { DATA_IMMEDIATE } from './rows/data-immediate.ts';
import { DATA_REGISTER } from './rows/data-register.ts';
import { FP_SIMD_ROWS } from './rows/fp-simd.ts';
import { LOADS } from './rows/loads.ts';

export { AARCH64_HOT } from './hot.ts';
export { AARCH64_STATE } from './state.ts';

export const AARCH64_GROUPS: readonly { readonly name: string; readonly rows: readonly Row[] }[] = [
  { name: 'Data processing (immediate)', rows: DATA_IMMEDIATE },
  { name: 'Data processing (register)', rows: DATA_REGISTER },
  { name: 'Branches, exceptions and system', rows: BRANCHES },
  { name: 'Loads and stores', rows: LOADS },
  { name: 'Exclusives, atomics and cache maintenance', rows: ATOMICS },
  { name: 'Floating point and Advanced SIMD', rows: FP_SIMD_ROWS },
];

export const AARCH64: { readonly rows: readonly Row[] } = { rows: AARCH64_GROUPS.flatMap((group) => group.rows) };
