// Finds the row of an instruction word. Rows may overlap; the one with more fixed bits wins, then the earlier one.
import type { Operands } from './operands.ts';
import { type AnyFields, type Row, fieldsOf } from './row.ts';

export interface Decoded {
  readonly row: Row;
  readonly fields: AnyFields;
  readonly operands: Operands;
}

/** Words are sorted into buckets by bits 31..21. */
const BUCKET_BITS = 11;

const popcount = (v: number): number => {
  let n = 0;
  for (let x = v >>> 0; x !== 0; x = (x & (x - 1)) >>> 0) n++;
  return n;
};

export class Decoder {
  readonly rows: readonly Row[];
  private readonly buckets: readonly (readonly Row[])[];

  constructor(rows: readonly Row[]) {
    this.rows = rows;
    const sorted = rows.map((row, index) => ({ row, index, fixed: popcount(row.pattern.mask) }));
    sorted.sort((a, b) => b.fixed - a.fixed || a.index - b.index);
    const buckets: Row[][] = Array.from({ length: 2 ** BUCKET_BITS }, () => []);
    const shift = 32 - BUCKET_BITS;
    for (const { row } of sorted) {
      const mask = row.pattern.mask >>> shift;
      const value = row.pattern.value >>> shift;
      const free = ~mask & (2 ** BUCKET_BITS - 1);
      // All subsets of the free bits.
      for (let bits = free; ; bits = (bits - 1) & free) {
        buckets[value | bits]!.push(row);
        if (bits === 0) break;
      }
    }
    this.buckets = buckets;
  }

  /** Undefined instructions and those of `todo` rows give null. */
  decode(word: number, pc: bigint): Decoded | null {
    for (const row of this.buckets[word >>> (32 - BUCKET_BITS)]!) {
      const { mask, value } = row.pattern;
      if (((word & mask) ^ value) !== 0) continue;
      if (row.todo) return null;
      const fields = fieldsOf(row.pattern, word);
      const operands = row.operands(fields, pc);
      if (operands !== null) return { row, fields, operands };
    }
    return null;
  }

  /** As objdump writes it, or `undefined`. */
  disassemble(word: number, pc: bigint): string {
    const d = this.decode(word, pc);
    return d === null ? `.inst\t0x${(word >>> 0).toString(16).padStart(8, '0')} ; undefined` : d.row.asm(d.fields, pc);
  }
}
