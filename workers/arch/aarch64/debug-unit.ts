// The debug unit of one AArch64 CPU: breakpoint and watchpoint comparators and the software step state (DDI0487 D2). It says what matches;
// taking the exception is the machine's, deciding what to do about it the kernel's. One table of conditions per comparator kind
// serves match and explain: a condition is data with a name, a test and a sentence, not code inside match.
import { PSTATE } from './exceptions.ts';
import { MAX_COMPARATORS, SYSTEM_WORD, type SystemState } from './system-state.ts';

export const MDSCR = { SS: 1 << 0, KDE: 1 << 13, MDE: 1 << 15 } as const;

/** Fields of DBGWCR<n>_EL1 and DBGBCR<n>_EL1 (D24.3.11, D24.3.2). */
export const CONTROL = {
  enabled: (c: number): boolean => (c & 1) !== 0,
  privilege: (c: number): number => (c >>> 1) & 3,
  loadStore: (c: number): number => (c >>> 3) & 3,
  bas: (c: number): number => (c >>> 5) & 0xff,
  breakBas: (c: number): number => (c >>> 5) & 0xf,
  linked: (c: number): boolean => (c & (1 << 20)) !== 0,
  mask: (c: number): number => (c >>> 24) & 31,
} as const;

/** An access as a comparator sees it. */
export interface DebugAccess {
  /** Lowest byte, signed reading, tag removed. */
  readonly address: number;
  readonly size: number;
  readonly write: boolean;
  /** Privilege the access is made with: LDTR and STTR of the kernel are 0. */
  readonly privilege: 0 | 1;
  /** Exception level the instruction executes at, and PSTATE.D there. */
  readonly el: 0 | 1;
  readonly masked: boolean;
}

interface Comparator {
  readonly mdscr: number;
  readonly value: number;
  readonly control: number;
}

/** Bits of a register that a condition looks at; `value` and `control` are the comparator's own. */
export interface Decider {
  readonly register: 'mdscr' | 'value' | 'control';
  readonly bits: bigint;
}

/** Names of a comparator's registers, for sentences. */
export interface ComparatorNames {
  readonly value: string;
  readonly control: string;
}

/** One condition of a match. All must pass. `test` must not depend on another condition having passed; `say` is `test` in words. */
export interface DebugCondition {
  readonly name: string;
  readonly ref: string;
  readonly test: (access: DebugAccess, slot: Comparator) => boolean;
  readonly say: (access: DebugAccess, slot: Comparator, names: ComparatorNames) => string;
  readonly decides: (access: DebugAccess) => readonly Decider[];
}

/** A condition as it was for one access and one comparator, with the registers (by their names in the manual) whose bits decided it. */
export interface ExplainedCondition {
  readonly name: string;
  readonly ref: string;
  readonly ok: boolean;
  readonly text: string;
  readonly decides: readonly { readonly register: string; readonly bits: bigint }[];
}

const PRIVILEGE_OF_EL0 = 2;
const PRIVILEGE_OF_EL1 = 1;

const inControl = (bits: bigint): readonly Decider[] => [{ register: 'control', bits }];
const ALL_BITS = (1n << 64n) - 1n;
const ENABLED = inControl(1n);
const PRIVILEGE = inControl(0x6n);

const COMMON: readonly DebugCondition[] = [
  {
    name: 'debug exceptions are enabled (MDSCR_EL1.MDE)',
    ref: 'D2.4.1',
    test: (_a, s) => (s.mdscr & MDSCR.MDE) !== 0,
    say: (_a, s) => `MDSCR_EL1 is ${hex(s.mdscr)}: MDE is ${s.mdscr & MDSCR.MDE ? 1 : 0}`,
    decides: () => [{ register: 'mdscr', bits: BigInt(MDSCR.MDE) }],
  },
  {
    name: 'an exception from EL1 is enabled (MDSCR_EL1.KDE, PSTATE.D clear)',
    ref: 'D2.4.1',
    test: (a, s) => a.el === 0 || ((s.mdscr & MDSCR.KDE) !== 0 && !a.masked),
    say: (a, s) =>
      a.el === 0
        ? 'the instruction is executed at EL0: KDE and PSTATE.D play no part'
        : `at EL1, KDE is ${s.mdscr & MDSCR.KDE ? 1 : 0} and PSTATE.D is ${a.masked ? 1 : 0}`,
    decides: (a) => (a.el === 0 ? [] : [{ register: 'mdscr', bits: BigInt(MDSCR.KDE) }]),
  },
  {
    name: 'the comparator is enabled (E)',
    ref: 'D2.9.3',
    test: (_a, s) => CONTROL.enabled(s.control),
    say: (_a, s, names) => `${names.control} is ${hex(s.control)}: E is ${s.control & 1}`,
    decides: () => ENABLED,
  },
];

const privilegeMatches = (a: DebugAccess, s: Comparator): boolean =>
  (CONTROL.privilege(s.control) & (a.privilege === 0 ? PRIVILEGE_OF_EL0 : PRIVILEGE_OF_EL1)) !== 0;

/** Whether any accessed byte is a watched one: BAS selects bytes of the doubleword, MASK a larger aligned block. */
export function bytesOverlap(address: number, size: number, value: number, control: number): boolean {
  const mask = CONTROL.mask(control);
  if (mask >= 3) {
    const length = 2 ** mask;
    const base = Math.floor(value / length) * length;
    return address < base + length && address + size > base;
  }
  const bas = CONTROL.bas(control);
  const base = value - mod8(value);
  if (address >= base + 8 || address + size <= base) return false;
  const first = Math.max(0, address - base);
  const last = Math.min(8, address + size - base);
  return (bas & ((1 << last) - (1 << first))) !== 0;
}
const mod8 = (value: number): number => ((value % 8) + 8) % 8;

// Words for explain.
const hex = (value: number): string => `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
const binary = (value: number, digits: number): string => value.toString(2).padStart(digits, '0');
const span = (first: number, bytes: number): string => (bytes === 1 ? hex(first) : `${hex(first)}–${hex(first + bytes - 1)}`);
const SELECTED = ['nothing', 'EL1', 'EL0', 'EL0 and EL1'] as const;
const ACCESSES = ['nothing', 'loads', 'stores', 'loads and stores'] as const;

/** Bytes a watchpoint comparator selects, as ranges of addresses. */
function selectedBytes(value: number, control: number): string {
  const mask = CONTROL.mask(control);
  if (mask >= 3) return span(Math.floor(value / 2 ** mask) * 2 ** mask, 2 ** mask);
  const bas = CONTROL.bas(control);
  const runs: string[] = [];
  for (let i = 0; i < 8; i++) {
    if ((bas & (1 << i)) === 0) continue;
    let end = i;
    while (end < 8 && (bas & (1 << end)) !== 0) end++;
    runs.push(span(value - mod8(value) + i, end - i));
    i = end;
  }
  return runs.length === 0 ? 'no byte' : runs.join(' and ');
}

const privilegeSays =
  (field: 'PAC' | 'PMC', what: string) =>
  (a: DebugAccess, s: Comparator): string =>
    `${field} ${binary(CONTROL.privilege(s.control), 2)} selects ${SELECTED[CONTROL.privilege(s.control)]}; ${what} EL${a.privilege}`;

export const WATCHPOINT_CONDITIONS: readonly DebugCondition[] = [
  ...COMMON,
  {
    name: 'not linked to a context breakpoint (WT)',
    ref: 'D2.9.5',
    test: (_a, s) => !CONTROL.linked(s.control),
    say: (_a, s) => (CONTROL.linked(s.control) ? `WT is 1: linked to breakpoint ${(s.control >>> 16) & 15}` : 'WT is 0'),
    decides: () => inControl(1n << 20n),
  },
  {
    name: 'the privilege of the access is selected (PAC)',
    ref: 'D2.9.2',
    test: privilegeMatches,
    say: privilegeSays('PAC', 'the access has the privilege of'),
    decides: () => PRIVILEGE,
  },
  {
    name: 'loads or stores are selected (LSC)',
    ref: 'D2.9.3',
    test: (a, s) => (CONTROL.loadStore(s.control) & (a.write ? 2 : 1)) !== 0,
    say: (a, s) => {
      const lsc = CONTROL.loadStore(s.control);
      return `LSC ${binary(lsc, 2)} selects ${ACCESSES[lsc]}; this is a ${a.write ? 'store' : 'load'}`;
    },
    decides: () => inControl(0x18n),
  },
  {
    name: 'an accessed byte is selected (DBGWVR, BAS, MASK)',
    ref: 'D2.9.4',
    test: (a, s) => bytesOverlap(a.address, a.size, s.value, s.control),
    say: (a, s) => {
      const mask = CONTROL.mask(s.control);
      const field = mask >= 3 ? `MASK ${mask}` : `BAS ${binary(CONTROL.bas(s.control), 8)}`;
      return `${field} selects ${selectedBytes(s.value, s.control)}; the ${a.write ? 'store' : 'load'} covers ${span(a.address, a.size)}`;
    },
    decides: () => [
      { register: 'value', bits: ALL_BITS },
      { register: 'control', bits: 0x1f00_1fe0n },
    ],
  },
];

export const BREAKPOINT_CONDITIONS: readonly DebugCondition[] = [
  ...COMMON,
  {
    name: 'an unlinked address match (BT 0000)',
    ref: 'D2.8.3',
    test: (_a, s) => ((s.control >>> 20) & 15) === 0,
    say: (_a, s) => `BT is ${binary((s.control >>> 20) & 15, 4)}`,
    decides: () => inControl(0xfn << 20n),
  },
  {
    name: 'the exception level is selected (PMC)',
    ref: 'D2.8.2',
    test: privilegeMatches,
    say: privilegeSays('PMC', 'the instruction is executed at'),
    decides: () => PRIVILEGE,
  },
  {
    name: 'the instruction is at the address (DBGBVR, BAS 1111)',
    ref: 'D2.8.4',
    test: (a, s) => a.address === s.value - (((s.value % 4) + 4) % 4) && CONTROL.breakBas(s.control) === 15,
    say: (a, s, names) =>
      `${names.value} is ${hex(s.value)}, BAS ${binary(CONTROL.breakBas(s.control), 4)}; the instruction is at ${hex(a.address)}`,
    decides: () => [
      { register: 'value', bits: ALL_BITS },
      { register: 'control', bits: 0x1e0n },
    ],
  },
];

/** Words of MDSCR_EL1 and the comparators' registers. */
const COPIED_WORDS = 2 + 4 * MAX_COMPARATORS * 2;

/**
 * System-register writes change the architectural registers; comparators use the effective copies, which follow at a context
 * synchronisation event (ISB, exception entry, exception return: D2.9, B2.7.3). Between the two a match is a choice the architecture leaves
 * open; this version always takes "not yet", because between MSR and ISB the kernel makes no watched access.
 */
export class DebugUnit {
  readonly sys: SystemState;
  readonly brps: number;
  readonly wrps: number;
  /** A register was written since the last synchronisation. Recomputed from the registers after a restore. */
  #pending = false;
  /** One of these writes may change what matches. */
  #selects = false;
  /** Some comparator of the kind is enabled, MDE is set. */
  watching = false;
  breaking = false;
  /** Changes whenever the effective registers do: whoever caches what they select compares it. Not state. */
  generation = 0;

  constructor(sys: SystemState, brps: number, wrps: number) {
    this.sys = sys;
    this.brps = brps;
    this.wrps = wrps;
  }

  /** MSR to a debug register: visible to reads at once, to comparators after `synchronise`. */
  write(field: 'mdscr_el1' | 'dbgbvr' | 'dbgbcr' | 'dbgwvr' | 'dbgwcr', index: number, value: number): void {
    // Software step selects nothing that anybody caches.
    if (field !== 'mdscr_el1' || ((this.sys.words[SYSTEM_WORD.mdscr_el1]! ^ value) & ~MDSCR.SS) !== 0) this.#selects = true;
    this.sys.set(field, value, index);
    this.#pending = true;
  }

  /** A context synchronisation event. */
  synchronise(): void {
    if (!this.#pending) return;
    this.#pending = false;
    const { sys } = this;
    // The effective copies are in the same order as what they are copies of.
    const length = this.#selects ? COPIED_WORDS : 2;
    sys.words.copyWithin(SYSTEM_WORD.e_mdscr, SYSTEM_WORD.mdscr_el1, SYSTEM_WORD.mdscr_el1 + length);
    if (!this.#selects) return;
    this.#selects = false;
    this.#summarise();
  }

  /** After the registers were replaced (restore): the summary follows them. */
  reload(): void {
    const { sys } = this;
    let same = sys.get('e_mdscr') === sys.get('mdscr_el1');
    for (let i = 0; i < this.brps; i++)
      same &&= sys.get('e_dbgbvr', i) === sys.get('dbgbvr', i) && sys.get('e_dbgbcr', i) === sys.get('dbgbcr', i);
    for (let i = 0; i < this.wrps; i++)
      same &&= sys.get('e_dbgwvr', i) === sys.get('dbgwvr', i) && sys.get('e_dbgwcr', i) === sys.get('dbgwcr', i);
    this.#pending = !same;
    this.#selects = !same;
    this.#summarise();
  }

  #summarise(): void {
    const { words } = this.sys;
    const enabled = (words[SYSTEM_WORD.e_mdscr]! & MDSCR.MDE) !== 0;
    this.watching = false;
    this.breaking = false;
    for (let i = 0; enabled && i < this.wrps; i++) this.watching ||= (words[SYSTEM_WORD.e_dbgwcr + 2 * i]! & 1) !== 0;
    for (let i = 0; enabled && i < this.brps; i++) this.breaking ||= (words[SYSTEM_WORD.e_dbgbcr + 2 * i]! & 1) !== 0;
    this.generation++;
  }

  /** Software step is on: each instruction at EL0 is followed by a step exception. */
  get stepping(): boolean {
    return (this.sys.words[SYSTEM_WORD.e_mdscr]! & MDSCR.SS) !== 0;
  }

  /** Lowest watchpoint comparator from `first` on that matches, or -1. */
  matchWatch(access: DebugAccess, first = 0): number {
    if (!this.watching) return -1;
    const mdscr = this.sys.words[SYSTEM_WORD.e_mdscr]! >>> 0;
    for (let i = first; i < this.wrps; i++) {
      if ((this.sys.words[SYSTEM_WORD.e_dbgwcr + 2 * i]! & 1) === 0) continue;
      const slot = { mdscr, value: this.sys.get('e_dbgwvr', i), control: this.sys.low('e_dbgwcr', i) };
      if (WATCHPOINT_CONDITIONS.every((c) => c.test(access, slot))) return i;
    }
    return -1;
  }

  /** Lowest breakpoint comparator from `first` on that matches the instruction at `address`, or -1. */
  matchBreak(address: number, el: 0 | 1, pstate: number, first = 0): number {
    if (!this.breaking) return -1;
    const access: DebugAccess = { address, size: 4, write: false, privilege: el, el, masked: (pstate & PSTATE.D) !== 0 };
    const mdscr = this.sys.words[SYSTEM_WORD.e_mdscr]! >>> 0;
    for (let i = first; i < this.brps; i++) {
      if ((this.sys.words[SYSTEM_WORD.e_dbgbcr + 2 * i]! & 1) === 0) continue;
      const slot = { mdscr, value: this.sys.get('e_dbgbvr', i), control: this.sys.low('e_dbgbcr', i) };
      if (BREAKPOINT_CONDITIONS.every((c) => c.test(access, slot))) return i;
    }
    return -1;
  }

  /**
   * Each condition of `match` for one comparator, in order: `match` finds the comparator exactly when all are ok. Breakpoints are asked
   * about the fetch of an instruction: size 4, not a write.
   */
  explain(file: 'BRP' | 'WRP', slot: number, access: DebugAccess): readonly ExplainedCondition[] {
    const { sys } = this;
    const break_ = file === 'BRP';
    const comparator: Comparator = {
      mdscr: sys.low('e_mdscr'),
      value: sys.get(break_ ? 'e_dbgbvr' : 'e_dbgwvr', slot),
      control: sys.low(break_ ? 'e_dbgbcr' : 'e_dbgwcr', slot),
    };
    const letter = break_ ? 'B' : 'W';
    const names = { mdscr: 'MDSCR_EL1', value: `DBG${letter}VR${slot}_EL1`, control: `DBG${letter}CR${slot}_EL1` };
    return (break_ ? BREAKPOINT_CONDITIONS : WATCHPOINT_CONDITIONS).map((c) => ({
      name: c.name,
      ref: c.ref,
      ok: c.test(access, comparator),
      text: c.say(access, comparator, names),
      decides: c.decides(access).map(({ register, bits }) => ({ register: names[register], bits })),
    }));
  }

  /** Whether an access of the kind to the page at `page` (4 KiB aligned) could match at EL0. */
  watchesPage(page: number, write: boolean): boolean {
    if (!this.watching) return false;
    for (let i = 0; i < this.wrps; i++) {
      const control = this.sys.words[SYSTEM_WORD.e_dbgwcr + 2 * i]!;
      if (!CONTROL.enabled(control) || (CONTROL.privilege(control) & PRIVILEGE_OF_EL0) === 0) continue;
      if ((CONTROL.loadStore(control) & (write ? 2 : 1)) === 0) continue;
      if (bytesOverlap(page, 4096, this.sys.get('e_dbgwvr', i), control)) return true;
    }
    return false;
  }

  /**
   * Addresses at which an instruction of EL0 could match, now or once a comparator that is only switched off is on again: what is
   * stopped at does not change with each hit.
   */
  breakAddresses(): number[] {
    const out: number[] = [];
    for (let i = 0; i < this.brps; i++) {
      const control = this.sys.words[SYSTEM_WORD.e_dbgbcr + 2 * i]!;
      if ((CONTROL.privilege(control) & PRIVILEGE_OF_EL0) !== 0) out.push(this.sys.get('e_dbgbvr', i));
    }
    return out;
  }

  /** Pages (4 KiB aligned addresses) with watched bytes, in the order of the comparators; null: a comparator covers many (MASK). */
  watchedPages(): number[] | null {
    const out: number[] = [];
    for (let i = 0; this.watching && i < this.wrps; i++) {
      const control = this.sys.words[SYSTEM_WORD.e_dbgwcr + 2 * i]!;
      if (!CONTROL.enabled(control) || (CONTROL.privilege(control) & PRIVILEGE_OF_EL0) === 0) continue;
      if (CONTROL.mask(control) !== 0) return null;
      const value = this.sys.get('e_dbgwvr', i);
      out.push(value - (((value % 4096) + 4096) % 4096));
    }
    return out;
  }
}
