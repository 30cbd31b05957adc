// Copies of RAM pages shared between checkpoints, and the running hash of RAM. It looks only at pages written since it last looked.
import { Hasher } from '../base/hash.ts';
import { PAGE_SIZE, type PhysMem } from './phys-mem.ts';

/** Pages of one checkpoint: chunks of references, shared with other checkpoints where equal. null: a page of zeros. */
export type PageTable = readonly (readonly (Uint8Array | null)[])[];

const CHUNK = 256;

export class PageStore {
  readonly #mem: PhysMem;
  readonly #words: Int32Array;
  /** What RAM held when it was last saved or restored. */
  #table: (Uint8Array | null)[][];
  /** Epoch at whose end #table was equal to RAM. */
  #savedEpoch = 0;
  readonly #hashLo: Int32Array;
  readonly #hashHi: Int32Array;
  #sumLo = 0;
  #sumHi = 0;
  #hashedEpoch = 0;
  /** Pages restore has written since the last digest. */
  readonly #stale: Uint8Array;

  constructor(mem: PhysMem, buffer: ArrayBuffer) {
    this.#mem = mem;
    this.#words = new Int32Array(buffer, mem.ramBase, (mem.pages * PAGE_SIZE) >> 2);
    this.#table = [];
    for (let pfn = 0; pfn < mem.pages; pfn += CHUNK)
      this.#table.push(new Array<Uint8Array | null>(Math.min(CHUNK, mem.pages - pfn)).fill(null));
    this.#hashLo = new Int32Array(mem.pages);
    this.#hashHi = new Int32Array(mem.pages);
    this.#stale = new Uint8Array(mem.pages);
  }

  /** The caller begins a new epoch right after. `bytes`: of pages copied. */
  save(): { readonly pages: PageTable; readonly bytes: number } {
    const { pageGen, pages } = this.#mem;
    let bytes = 0;
    const fresh = new Set<number>();
    for (let pfn = 0; pfn < pages; pfn++) {
      if (pageGen[pfn]! <= this.#savedEpoch) continue;
      const c = Math.floor(pfn / CHUNK);
      if (!fresh.has(c)) {
        this.#table[c] = this.#table[c]!.slice();
        fresh.add(c);
      }
      const chunk = this.#table[c]!;
      const old = chunk[pfn % CHUNK]!;
      const now = this.#copy(pfn);
      if (now === null || (old && equal(old, now))) {
        chunk[pfn % CHUNK] = now === null ? null : old;
        continue;
      }
      chunk[pfn % CHUNK] = now;
      bytes += PAGE_SIZE;
    }
    this.#savedEpoch = this.#mem.epoch;
    return { pages: this.#table.slice(), bytes };
  }

  /** Makes RAM what it was; only pages that differ are copied. The caller begins a new epoch right after. */
  restore(saved: PageTable, changed: (pfn: number) => void): void {
    const { pageGen, pages, epoch } = this.#mem;
    for (let c = 0; c < saved.length; c++) {
      const want = saved[c]!;
      const have = this.#table[c]!;
      for (let i = 0; i < want.length; i++) {
        const pfn = c * CHUNK + i;
        if (want[i] === have[i] && pageGen[pfn]! <= this.#savedEpoch) continue;
        const page = want[i]!;
        const at = pfn * (PAGE_SIZE >> 2);
        if (page) this.#words.set(new Int32Array(page.buffer), at);
        else this.#words.fill(0, at, at + (PAGE_SIZE >> 2));
        this.#stale[pfn] = 1;
        changed(pfn);
      }
      this.#table[c] = want.slice() as (Uint8Array | null)[];
    }
    for (let pfn = 0; pfn < pages; pfn++) if (pageGen[pfn]! > this.#hashedEpoch) this.#stale[pfn] = 1;
    this.#savedEpoch = epoch;
    this.#hashedEpoch = epoch;
  }

  /** Hash of all RAM; only pages written since the last time are read. The caller begins a new epoch right after. */
  digest(into: Hasher): void {
    const { pageGen, pages } = this.#mem;
    for (let pfn = 0; pfn < pages; pfn++) {
      if (pageGen[pfn]! <= this.#hashedEpoch && this.#stale[pfn] === 0) continue;
      this.#stale[pfn] = 0;
      const at = pfn * (PAGE_SIZE >> 2);
      let lo = 0;
      let hi = 0;
      if (!this.#isZero(pfn)) {
        const h = new Hasher();
        h.u32(pfn);
        h.words(this.#words, at, at + (PAGE_SIZE >> 2));
        const end = h.finish();
        lo = end.lo | 0;
        hi = end.hi | 0;
      }
      this.#sumLo = (this.#sumLo - this.#hashLo[pfn]! + lo) | 0;
      this.#sumHi = (this.#sumHi - this.#hashHi[pfn]! + hi) | 0;
      this.#hashLo[pfn] = lo;
      this.#hashHi[pfn] = hi;
    }
    this.#hashedEpoch = this.#mem.epoch;
    into.u32(this.#sumLo);
    into.u32(this.#sumHi);
  }

  #isZero(pfn: number): boolean {
    const at = pfn * (PAGE_SIZE >> 2);
    for (let i = at; i < at + (PAGE_SIZE >> 2); i++) if (this.#words[i] !== 0) return false;
    return true;
  }

  #copy(pfn: number): Uint8Array | null {
    return this.#isZero(pfn) ? null : this.#mem.view(pfn * PAGE_SIZE, PAGE_SIZE).slice();
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  const x = new Int32Array(a.buffer);
  const y = new Int32Array(b.buffer);
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
