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

const BASE_ROWS: readonly Row[] = [...DATA_IMMEDIATE, ...DATA_REGISTER, ...BRANCHES, ...LOADS, ...ATOMICS];

export const AARCH64: { readonly rows: readonly Row[] } = { rows: [...BASE_ROWS, ...FP_SIMD_ROWS] };
