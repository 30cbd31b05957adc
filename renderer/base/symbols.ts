// Names of addresses, from a table sorted once. Pure.
import type { SymbolRow } from '../../workers/api/workbench-api.ts';

export interface Named {
  readonly name: string;
  readonly offset: number;
}

export class SymbolTable {
  private readonly rows: readonly SymbolRow[];

  constructor(rows: readonly SymbolRow[]) {
    this.rows = rows.toSorted((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }

  /** The symbol that contains `address`; one of size 0 reaches to the next symbol, at most 4096 bytes. */
  at(address: bigint): Named | null {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rows[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    for (let back = low - 1; back >= 0 && back > low - 5; back -= 1) {
      const row = this.rows[back]!;
      const offset = address - row.address;
      if (offset < BigInt(row.size === 0 ? 4096 : row.size)) return { name: row.name, offset: Number(offset) };
    }
    return null;
  }

  /** `deposit+0x30`, or null. */
  text(address: bigint): string | null {
    const found = this.at(address);
    return found === null ? null : found.offset === 0 ? found.name : `${found.name}+0x${found.offset.toString(16)}`;
  }
}
