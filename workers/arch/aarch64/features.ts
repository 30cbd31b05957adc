// What the emulated CPU has beyond the ARMv8.0 base, as programs are told. A bit is announced only when every row it promises exists.

/** Linux's arm64 AT_HWCAP bits (uapi/asm/hwcap.h), as far as they are announced. */
export const HWCAPS = {
  FP: 1 << 0,
  ASIMD: 1 << 1,
  CRC32: 1 << 7,
  ATOMICS: 1 << 8,
  ASIMDRDM: 1 << 12,
  LRCPC: 1 << 15,
} as const;

/** AT_HWCAP. Not announced: AES, PMULL, SHA1, SHA2, half precision, dot product, SVE and everything later. AT_HWCAP2 is 0. */
export const HWCAP: number = Object.values(HWCAPS).reduce((all, bit) => all | bit, 0);
