// Exception classes, syndromes and PSTATE of AArch64 (DDI0487 D24.2.40 ESR_EL1, C5.2.19 SPSR_EL1). Entry and return are done by the machine.

/** ESR_EL1.EC. */
export const EC = {
  unknown: 0x00,
  svc64: 0x15,
  iabtLower: 0x20,
  iabtCurrent: 0x21,
  pcAlignment: 0x22,
  dabtLower: 0x24,
  dabtCurrent: 0x25,
  spAlignment: 0x26,
  breakpointLower: 0x30,
  breakpointCurrent: 0x31,
  stepLower: 0x32,
  stepCurrent: 0x33,
  watchpointLower: 0x34,
  watchpointCurrent: 0x35,
  brk64: 0x3c,
} as const;

/** ISS fault status codes of data and instruction aborts. */
export const FSC = { translationL3: 0x07, permissionL3: 0x0f, alignment: 0x21, debug: 0x22 } as const;

const IL = 1 << 25;
/** ESR_EL1 value, unsigned: EC, IL set (32-bit instruction), ISS. */
export const makeEsr = (ec: number, iss: number): number => ((ec << 26) | IL | iss) >>> 0;
export const esrClass = (esr: number): number => esr >>> 26;
/** Data aborts and watchpoints: the access was a write. */
export const ESR_WNR = 1 << 6;

export const PSTATE = { SS: 1 << 21, D: 1 << 9, A: 1 << 8, I: 1 << 7, F: 1 << 6, modeMask: 0x1f, EL0t: 0, EL1h: 5 } as const;
/** PSTATE on exception entry: EL1h, everything masked. */
export const PSTATE_ENTRY = PSTATE.D | PSTATE.A | PSTATE.I | PSTATE.F | PSTATE.EL1h;

/** Byte offsets in the vector table (D1.3.1.5). */
export const VECTOR = { currentSync: 0x200, currentIrq: 0x280, lowerSync: 0x400, lowerIrq: 0x480, size: 0x800 } as const;
