// The control registers of AArch64 comparators, field by field: DDI0487 D24.3.13 (DBGWCR<n>_EL1) and D24.3.2 (DBGBCR<n>_EL1).
// Only the fields of a machine without FEAT_Debugv8p9: its LBNX, MASK of breakpoints and BT2 are not decoded.

export interface ControlField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  /** What a value of it means, in a word or two. */
  readonly meaning: (value: number, control: number) => string;
}

export interface DecodedField {
  readonly name: string;
  readonly bits: string;
  readonly position: string;
  readonly meaning: string;
  /** Part of what the comparator looks for, as opposed to a field left at rest. */
  readonly hot: boolean;
}

const rest = '–';

/** PAC/PMC with HMC and SSC choose the exception levels (DDI0487 D2.8.3, D2.9.3); the combinations Linux uses are named. */
function levels(value: number, control: number): string {
  const hmc = (control >>> 13) & 1;
  if (hmc === 1) return value === 3 ? 'EL0–EL2' : value === 1 ? 'EL1, EL2' : 'EL2';
  return ['none', 'EL1', 'EL0', 'EL0, EL1'][value] ?? rest;
}

function byteRange(value: number): string {
  if (value === 0) return 'none';
  const low = 31 - Math.clz32(value & -value);
  const high = 31 - Math.clz32(value);
  if ((value >>> low) + 1 !== 2 ** (high - low + 1)) return 'not contiguous';
  return low === high ? `byte ${low}` : `bytes ${low}–${high}`;
}

export const WATCH_CONTROL: readonly ControlField[] = [
  { name: 'MASK', high: 28, low: 24, meaning: (v) => (v === 0 ? 'none' : v < 3 ? 'reserved' : `2^${v} bytes`) },
  { name: 'WT', high: 20, low: 20, meaning: (v) => (v === 1 ? 'linked' : 'no') },
  { name: 'LBN', high: 19, low: 16, meaning: (v, c) => (((c >>> 20) & 1) === 1 ? `BRP${v}` : rest) },
  { name: 'SSC', high: 15, low: 14, meaning: (v) => (v === 0 ? rest : `state ${v}`) },
  { name: 'HMC', high: 13, low: 13, meaning: (v) => (v === 1 ? 'EL2 too' : rest) },
  { name: 'BAS', high: 12, low: 5, meaning: byteRange },
  { name: 'LSC', high: 4, low: 3, meaning: (v) => ['none', 'load', 'store', 'either'][v] ?? rest },
  { name: 'PAC', high: 2, low: 1, meaning: levels },
  { name: 'E', high: 0, low: 0, meaning: (v) => (v === 1 ? 'on' : 'off') },
];

const BREAK_TYPES: Readonly<Record<number, string>> = {
  0: 'address',
  1: 'linked address',
  2: 'context',
  3: 'linked context',
  4: 'mismatch',
  5: 'linked mismatch',
  8: 'VMID',
  9: 'linked VMID',
  10: 'VMID, context',
  11: 'linked VMID, context',
};

export const BREAK_CONTROL: readonly ControlField[] = [
  { name: 'BT', high: 23, low: 20, meaning: (v) => BREAK_TYPES[v] ?? 'reserved' },
  { name: 'LBN', high: 19, low: 16, meaning: (v, c) => (((c >>> 20) & 1) === 1 ? `BRP${v}` : rest) },
  { name: 'SSC', high: 15, low: 14, meaning: (v) => (v === 0 ? rest : `state ${v}`) },
  { name: 'HMC', high: 13, low: 13, meaning: (v) => (v === 1 ? 'EL2 too' : rest) },
  { name: 'BAS', high: 8, low: 5, meaning: (v) => (v === 15 ? 'A64' : v === 3 ? 'low half' : v === 12 ? 'high half' : 'reserved') },
  { name: 'PMC', high: 2, low: 1, meaning: levels },
  { name: 'E', high: 0, low: 0, meaning: (v) => (v === 1 ? 'on' : 'off') },
];

const HOT = new Set(['BAS', 'LSC', 'PAC', 'PMC', 'E', 'BT']);

/** The fields of a control register with their bits and what they mean, highest first. */
export function decodeControl(file: 'WRP' | 'BRP', control: number): readonly DecodedField[] {
  return (file === 'WRP' ? WATCH_CONTROL : BREAK_CONTROL).map((field) => {
    const width = field.high - field.low + 1;
    const value = (control >>> field.low) & (2 ** width - 1);
    return {
      name: field.name,
      bits: value.toString(2).padStart(width, '0'),
      position: width === 1 ? `${field.low}` : `${field.high}–${field.low}`,
      meaning: field.meaning(value, control),
      hot: value !== 0 && HOT.has(field.name),
    };
  });
}

/** The whole register in a few words: `on · EL0 · store · bytes 0–7`. */
export function controlSummary(file: 'WRP' | 'BRP', control: number): string {
  const fields = new Map(decodeControl(file, control).map((field) => [field.name, field.meaning]));
  const names = file === 'WRP' ? ['E', 'PAC', 'LSC', 'BAS'] : ['E', 'PMC', 'BT', 'BAS'];
  return names.map((name) => fields.get(name)).join(' · ');
}
