// The call that generated code makes for the lanes it does not compute itself: operands and result pass through a block of scratch
// memory, one number says what to do. No state of its own.
import type { FpEnv } from './softfloat.ts';
import { LANE_OP_NAMES, LANE_OPS, type LaneOpName } from './lane-ops.ts';

/** Byte offsets in the scratch block: three operands and a result of 16 bytes each, FPCR in, flags raised out. */
export const LANE_A = 0;
export const LANE_B = 16;
export const LANE_C = 32;
export const LANE_RESULT = 48;
export const LANE_FPCR = 64;
export const LANE_FLAGS = 68;
export const LANE_BLOCK_SIZE = 80;

type Size = 8 | 16 | 32 | 64;

export interface LaneRequest {
  readonly op: LaneOpName;
  /** Bits of a source lane. */
  readonly from: Size;
  /** Bits of a result lane and of a lane of the third operand; default `from`. */
  readonly to?: Size;
  /** Lanes computed, from lane 0; only they raise flags. Default 1. The rest of the result is 0. */
  readonly lanes?: number;
  /** 0..65535; the operation says what it means. */
  readonly param?: number;
}

const log = (size: Size): number => Math.log2(size) - 3;

/** bits 0..7 operation, 8..9 source size, 10..11 result size, 12..15 lanes - 1, 16..31 param. */
export function laneCode(request: LaneRequest): number {
  const { op, from, to = from, lanes = 1, param = 0 } = request;
  return LANE_OP_NAMES.indexOf(op) | (log(from) << 8) | (log(to) << 10) | ((lanes - 1) << 12) | (param << 16);
}

function readLane(view: DataView, at: number, size: number): bigint {
  switch (size) {
    case 8:
      return BigInt(view.getUint8(at));
    case 16:
      return BigInt(view.getUint16(at, true));
    case 32:
      return BigInt(view.getUint32(at, true));
    default:
      return view.getBigUint64(at, true);
  }
}

function writeLane(view: DataView, at: number, size: number, value: bigint): void {
  switch (size) {
    case 8:
      view.setUint8(at, Number(value));
      break;
    case 16:
      view.setUint16(at, Number(value), true);
      break;
    case 32:
      view.setUint32(at, Number(value), true);
      break;
    default:
      view.setBigUint64(at, value, true);
  }
}

/** Performs `code` on the block at `at` and leaves the flags it raised (FPSR bits) there. */
export function laneCall(code: number, view: DataView, at: number): void {
  const op = LANE_OPS[code & 255];
  if (!op) throw new Error(`Trapline defect: lane code ${code} names no operation`);
  const from = 8 << ((code >> 8) & 3);
  const to = 8 << ((code >> 10) & 3);
  const lanes = ((code >> 12) & 15) + 1;
  const param = code >>> 16;
  const env: FpEnv = { fpcr: view.getUint32(at + LANE_FPCR, true), flags: 0 };
  view.setBigUint64(at + LANE_RESULT, 0n, true);
  view.setBigUint64(at + LANE_RESULT + 8, 0n, true);
  for (let i = 0; i < lanes; i++) {
    const source = (i * from) >> 3;
    const target = (i * to) >> 3;
    const a = readLane(view, at + LANE_A + source, from);
    const b = readLane(view, at + LANE_B + source, from);
    const c = readLane(view, at + LANE_C + target, to);
    writeLane(view, at + LANE_RESULT + target, to, op(env, a, b, c, from, to, param));
  }
  view.setUint32(at + LANE_FLAGS, env.flags, true);
}
