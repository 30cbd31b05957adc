// All rows of the SIMD and floating-point register file, except loads and stores of single registers and pairs.
import { type Row, todo } from '../../../rows/row.ts';
import { FP_CONVERT_ROWS } from './fp-convert.ts';
import { FP_SCALAR_ROWS } from './fp-scalar.ts';
import { SIMD_COPY_ROWS } from './simd-copy.ts';
import { SIMD_FP_CONVERT_ROWS } from './simd-fp-convert.ts';
import { SIMD_FP_ROWS } from './simd-fp.ts';
import { SIMD_LOAD_STORE_ROWS } from './simd-load-store.ts';
import { SIMD_PERMUTE_ROWS } from './simd-permute.ts';
import { SIMD_SHIFT_ROWS } from './simd-shift.ts';
import { SIMD_THREE_DIFFERENT_ROWS } from './simd-three-different.ts';
import { SIMD_THREE_SAME_ROWS } from './simd-three-same.ts';
import { SIMD_ACROSS_ROWS, SIMD_TWO_REG_ROWS } from './simd-two-reg.ts';

const CRYPTO_ROWS: readonly Row[] = [
  todo('AESE, AESD, AESMC, AESIMC', 'FEAT_AES', '0100 1110 0010 1000 01-- 10 ----- -----'),
  todo('SHA1C, SHA1P, SHA1M, SHA1SU0, SHA256H, SHA256H2, SHA256SU1', 'FEAT_SHA1, FEAT_SHA256', '0101 1110 000 ----- 0 --- 00 ----- -----'),
  todo('SHA1H, SHA1SU1, SHA256SU0', 'FEAT_SHA1, FEAT_SHA256', '0101 1110 0010 1000 00-- 10 ----- -----'),
  todo('SHA512, SHA3, SM3, SM4', 'FEAT_SHA512, FEAT_SHA3, FEAT_SM3, FEAT_SM4', '1100 1110 --- ----- ------ ----- -----'),
];

export const FP_SIMD_ROWS: readonly Row[] = [
  ...FP_SCALAR_ROWS,
  ...FP_CONVERT_ROWS,
  ...SIMD_THREE_SAME_ROWS,
  ...SIMD_FP_ROWS,
  ...SIMD_FP_CONVERT_ROWS,
  ...SIMD_TWO_REG_ROWS,
  ...SIMD_ACROSS_ROWS,
  ...SIMD_PERMUTE_ROWS,
  ...SIMD_COPY_ROWS,
  ...SIMD_SHIFT_ROWS,
  ...SIMD_THREE_DIFFERENT_ROWS,
  ...SIMD_LOAD_STORE_ROWS,
  ...CRYPTO_ROWS,
];
