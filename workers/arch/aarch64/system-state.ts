// The system registers of one AArch64 CPU that the machine keeps: exceptions and debug. The registers programs use at EL0 are in state.ts.
import { layoutState } from '../../rows/state-layout.ts';

/** Most comparators of each kind an arm64 CPU has without FEAT_Debugv8p9 (DDI0487 D2). */
export const MAX_COMPARATORS = 16;

/** All are 64 bits wide, so that one accessor serves all. `e_` rows are the effective copies of the debug registers: see debug-unit.ts. */
export const SYSTEM_STATE = layoutState([
  ['sp_el1', 'u64'],
  /** PSTATE without NZCV, in SPSR's positions: SS 21, D 9, A 8, I 7, F 6, mode 4..0 (0 EL0t, 5 EL1h). */
  ['pstate', 'u64'],
  ['spsr_el1', 'u64'],
  ['elr_el1', 'u64'],
  ['esr_el1', 'u64'],
  ['far_el1', 'u64'],
  ['mdscr_el1', 'u64'],
  ['dbgbvr', 'u64', MAX_COMPARATORS],
  ['dbgbcr', 'u64', MAX_COMPARATORS],
  ['dbgwvr', 'u64', MAX_COMPARATORS],
  ['dbgwcr', 'u64', MAX_COMPARATORS],
  ['e_mdscr', 'u64'],
  ['e_dbgbvr', 'u64', MAX_COMPARATORS],
  ['e_dbgbcr', 'u64', MAX_COMPARATORS],
  ['e_dbgwvr', 'u64', MAX_COMPARATORS],
  ['e_dbgwcr', 'u64', MAX_COMPARATORS],
]);

export type SystemField = keyof typeof SYSTEM_STATE.fields;

/** Index of each field's low word in `words`: for paths so hot that a name is too slow. */
export const SYSTEM_WORD = Object.fromEntries(
  Object.entries(SYSTEM_STATE.fields).map(([name, field]) => [name, field.offset >> 2]),
) as Readonly<Record<SystemField, number>>;

/** Bytes from one CPU's system block to the next. */
export const SYSTEM_BLOCK_SIZE = 2048;

/** One CPU's system block. Numbers are the signed reading of the 64 bits. */
export class SystemState {
  readonly words: Int32Array;
  readonly #u32: Uint32Array;
  readonly #view: DataView;
  constructor(buffer: ArrayBuffer, base: number) {
    this.words = new Int32Array(buffer, base, SYSTEM_STATE.size >> 2);
    this.#u32 = new Uint32Array(buffer, base, SYSTEM_STATE.size >> 2);
    this.#view = new DataView(buffer, base, SYSTEM_STATE.size);
  }
  get(field: SystemField, index = 0): number {
    const at = (SYSTEM_STATE.fields[field].offset >> 2) + index * 2;
    return this.words[at + 1]! * 0x1_0000_0000 + this.#u32[at]!;
  }
  set(field: SystemField, value: number, index = 0): void {
    const at = (SYSTEM_STATE.fields[field].offset >> 2) + index * 2;
    this.words[at] = value;
    this.words[at + 1] = Math.floor(value / 0x1_0000_0000);
  }
  /** Low 32 bits, unsigned. */
  low(field: SystemField, index = 0): number {
    return this.#u32[(SYSTEM_STATE.fields[field].offset >> 2) + index * 2]!;
  }
  /** High 32 bits, signed. */
  high(field: SystemField, index = 0): number {
    return this.words[(SYSTEM_STATE.fields[field].offset >> 2) + index * 2 + 1]!;
  }
  setHalves(field: SystemField, lo: number, hi: number): void {
    const at = SYSTEM_STATE.fields[field].offset >> 2;
    this.words[at] = lo;
    this.words[at + 1] = hi;
  }
  /** The field whose low word is `words[at]` (SYSTEM_WORD). */
  getAt(at: number): number {
    const lo = this.words[at]!;
    const hi = this.words[at + 1]!;
    return hi === lo >> 31 ? lo : hi * 0x1_0000_0000 + this.#u32[at]!;
  }
  bitsAt(at: number): bigint {
    return this.#view.getBigUint64(at * 4, true);
  }
  bits(field: SystemField, index = 0): bigint {
    return this.#view.getBigUint64(SYSTEM_STATE.fields[field].offset + index * 8, true);
  }
  setBits(field: SystemField, value: bigint, index = 0): void {
    this.#view.setBigUint64(SYSTEM_STATE.fields[field].offset + index * 8, BigInt.asUintN(64, value), true);
  }
}
