// Which recorded event gave a debug register the bits it has: the write itself, or the install, suspend or reinstall it was part of.
import type { EventLog, KindTable } from '../../recordings/format/event-log.ts';
import { EVENT_KIND_NAMES, type EventKind } from '../../recordings/format/events.ts';
import { type Mark, START } from '../base/mark.ts';

/** Events that say why a register was written; each follows its writes. */
const REASONS = ['install', 'uninstall', 'suspend', 'reinstall'] as const satisfies readonly EventKind[];

/** Where a register got bits: the event's Mark and kind; power-on when nothing wrote them. */
export interface Since {
  readonly mark: Mark;
  readonly by: EventKind | null;
}

export class RegisterHistory {
  readonly #log: EventLog;
  /** `cpu:register` -> rows of the table of register writes, ascending. */
  #writes: ReadonlyMap<string, readonly number[]> | null = null;
  /** `cpu:control register` -> event indices of reasons, ascending. */
  #reasons: ReadonlyMap<string, readonly number[]> = new Map();

  constructor(log: EventLog) {
    this.#log = log;
  }

  /**
   * What made the bits of any of the registers what they are before event index `end`: the last event that changed one. `slot` says
   * whose install, suspend or reinstall explains a write of its registers.
   */
  since(cpu: number, decides: readonly { readonly register: string; readonly bits: bigint }[], slot: Slot, end: number): Since {
    const writes = this.#index();
    let last = -1;
    let lastNext = end;
    for (const { register, bits } of decides) {
      const rows = writes.get(`${cpu}:${register}`) ?? [];
      const { index, next } = this.#changed(rows, bits, end);
      if (index > last) [last, lastNext] = [index, next];
    }
    if (last < 0) return { mark: START, by: null };
    const reasons = this.#reasons.get(`${cpu}:${slot.file}${slot.slot}`) ?? [];
    const reason = reasons[lowerBound(reasons, last)];
    const own = decides.some(({ register }) => register !== 'MDSCR_EL1') && reason !== undefined && reason < lastNext;
    const index = own ? reason : last;
    return { mark: this.#log.markAt(index), by: this.#log.kindAt(index) };
  }

  /** Of a register's writes before `end`, the last that changed `bits`, and the index of the write after it. */
  #changed(rows: readonly number[], bits: bigint, end: number): { readonly index: number; readonly next: number } {
    const table = tableOf(this.#log, 'register-write');
    const old = table.columns[table.names.indexOf('old')]!;
    const now = table.columns[table.names.indexOf('new')]!;
    let next = end;
    for (let i = lowerBound(rows, end, table.index) - 1; i >= 0; i--) {
      const row = rows[i]!;
      if ((((old.get(row) as bigint) ^ (now.get(row) as bigint)) & bits) !== 0n) return { index: table.index[row]!, next };
      next = table.index[row]!;
    }
    return { index: -1, next: end };
  }

  #index(): ReadonlyMap<string, readonly number[]> {
    if (this.#writes !== null) return this.#writes;
    const writes = new Map<string, number[]>();
    const table = tableOf(this.#log, 'register-write');
    const register = table.columns[table.names.indexOf('register')]!;
    for (let row = 0; row < table.rows; row++) push(writes, `${this.#log.cpu[table.index[row]!]}:${String(register.get(row))}`, row);
    const reasons = new Map<string, number[]>();
    for (const index of this.#log.indices({ kinds: REASONS })) {
      const { kind, cpu, fields } = this.#log.get(index);
      const slot = kind === 'install' || kind === 'uninstall' ? `${fields.file}${fields.slot}` : slotOf(fields);
      push(reasons, `${cpu}:${slot}`, index);
    }
    this.#reasons = reasons;
    this.#writes = writes;
    return writes;
  }
}

export interface Slot {
  readonly file: 'BRP' | 'WRP';
  readonly slot: number;
}

/** `WRP0` of an event that names DBGWCR0_EL1. */
function slotOf(fields: object): string {
  const { register, slot } = fields as { register: string; slot: number };
  return `${register.startsWith('DBGB') ? 'BRP' : 'WRP'}${slot}`;
}

const tableOf = (log: EventLog, kind: EventKind): KindTable => log.tables[EVENT_KIND_NAMES.indexOf(kind)]!;

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** First position whose value (through `of`, when given) is at least `value`. */
function lowerBound(list: readonly number[], value: number, of?: Uint32Array): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle]!;
    if ((of === undefined ? item : of[item]!) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
