// The call that generated code makes for the lanes it does not compute itself: one number says what to do, operands and result are
// 128-bit patterns in two halves. Pure; the glue to the builder is rows/lanes.ts.
import type { FpEnv } from './softfloat.ts';
import { LANE_OP_NAMES, LANE_OPS, type LaneOpName } from './lane-ops.ts';

export type LaneSize = 8 | 16 | 32 | 64;

export interface LaneRequest {
  readonly op: LaneOpName;
  /** Bits of a source lane. */
  readonly from: LaneSize;
  /** Bits of a result lane and of a lane of the third operand; default `from`. */
  readonly to?: LaneSize;
  /** Lanes computed, from lane 0; only they raise flags. Default 1. The rest of the result is 0. */
  readonly lanes?: number;
  /** 0..65535; the operation says what it means. */
  readonly param?: number;
}

const log = (size: LaneSize): number => Math.log2(size) - 3;

/** bits 0..7 operation, 8..9 source size, 10..11 result size, 12..15 lanes - 1, 16..31 param. */
export function laneCode(request: LaneRequest): number {
  const { op, from, to = from, lanes = 1, param = 0 } = request;
  return LANE_OP_NAMES.indexOf(op) | (log(from) << 8) | (log(to) << 10) | ((lanes - 1) << 12) | (param << 16);
}

export interface LaneResult {
  readonly lo: bigint;
  readonly hi: bigint;
  /** FPSR bits raised. */
  readonly flags: number;
}

function lane(lo: bigint, hi: bigint, index: number, size: number): bigint {
  const at = index * size;
  return BigInt.asUintN(size, at < 64 ? lo >> BigInt(at) : hi >> BigInt(at - 64));
}

/** Performs `code` under `fpcr`. Halves may be signed or unsigned; those of the result are unsigned. */
export function laneCall(
  code: number,
  fpcr: number,
  aLo: bigint,
  aHi: bigint,
  bLo: bigint,
  bHi: bigint,
  cLo: bigint,
  cHi: bigint,
): LaneResult {
  const op = LANE_OPS[code & 255];
  if (!op) throw new Error(`Trapline defect: lane code ${code} names no operation`);
  const from = 8 << ((code >> 8) & 3);
  const to = 8 << ((code >> 10) & 3);
  const lanes = ((code >> 12) & 15) + 1;
  const param = code >>> 16;
  const env: FpEnv = { fpcr, flags: 0 };
  let lo = 0n;
  let hi = 0n;
  for (let i = 0; i < lanes; i++) {
    const value = op(env, lane(aLo, aHi, i, from), lane(bLo, bHi, i, from), lane(cLo, cHi, i, to), from, to, param);
    const at = i * to;
    if (at < 64) lo |= value << BigInt(at);
    else hi |= value << BigInt(at - 64);
  }
  return { lo, hi, flags: env.flags };
}
