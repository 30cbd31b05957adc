// Which A64 instruction words call and return, as far as stepping over and out needs it. Not a decoder (workers/arch/aarch64).

function wordOf(bytes: readonly (number | null)[]): number | null {
  if (bytes.length < 4 || bytes.some((byte) => byte === null)) return null;
  return (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
}

/** The address after a BL, BLR (with or without authentication) or SVC at `pc` (DDI0487 C6.2.34, .35, C6.2.384); null for anything else. */
export function callReturn(bytes: readonly (number | null)[], pc: bigint): bigint | null {
  const word = wordOf(bytes);
  if (word === null) return null;
  const bl = (word & 0xfc000000) >>> 0 === 0x94000000;
  const blr = (word & 0xfefff800) >>> 0 === 0xd63f0800 || (word & 0xfffffc1f) >>> 0 === 0xd63f0000;
  const svc = (word & 0xffe0001f) >>> 0 === 0xd4000001;
  return bl || blr || svc ? pc + 4n : null;
}

/** Target of a branch that is no call: B, B.cond, BC.cond, CBZ, CBNZ, TBZ, TBNZ (DDI0487 C6.2.26 ff.); null for anything else. */
export function branchTarget(bytes: readonly (number | null)[], pc: bigint): bigint | null {
  const word = wordOf(bytes);
  if (word === null) return null;
  if ((word & 0xfc000000) >>> 0 === 0x14000000) return pc + BigInt(((word << 6) >> 6) * 4);
  const conditional = (word & 0xff000000) >>> 0 === 0x54000000 || (word & 0x7e000000) >>> 0 === 0x34000000;
  if (conditional) return pc + BigInt(((word << 8) >> 13) * 4);
  if ((word & 0x7e000000) >>> 0 === 0x36000000) return pc + BigInt(((word << 13) >> 18) * 4);
  return null;
}

/** RET, RETAA or RETAB (DDI0487 C6.2.254, .255). */
export function isReturn(bytes: readonly (number | null)[]): boolean {
  const word = wordOf(bytes);
  return word !== null && ((word & 0xfffffc1f) >>> 0 === 0xd65f0000 || (word & 0xfffffbff) >>> 0 === 0xd65f0bff);
}
