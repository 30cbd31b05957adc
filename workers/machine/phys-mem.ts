// Guest physical memory and its page frames. Every write goes through here or through the engine's slow path, so that dirty pages are
// known and predecoded code of a changed page is dropped. Addresses are physical (offsets in RAM), in bytes.
import { assert } from '../base/assert.ts';

export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;

/** Bytes of `struct page`: u32 reference count, u32 next free frame + 1. */
const STRUCT_PAGE = 8;

export interface PhysMemHooks {
  /** A page of predecoded code changed. */
  dropCode(pfn: number): void;
  hasCode(pfn: number): boolean;
}

export class PhysMem {
  readonly pages: number;
  /** Epoch in which a page was last written first. */
  readonly pageGen: Uint32Array;
  epoch = 1;
  readonly ramBase: number;
  readonly #u8: Uint8Array;
  readonly #i32: Int32Array;
  readonly #u32: Uint32Array;
  readonly #view: DataView;
  #hooks: PhysMemHooks;
  /** Physical address of the array of struct page; the word before it holds the first free frame + 1, the one before that their number. */
  readonly #memMap: number;

  constructor(buffer: ArrayBuffer, ramBase: number, pages: number, memMap: number) {
    this.pages = pages;
    this.ramBase = ramBase;
    this.pageGen = new Uint32Array(pages);
    this.#u8 = new Uint8Array(buffer, ramBase, pages * PAGE_SIZE);
    this.#i32 = new Int32Array(buffer, ramBase, (pages * PAGE_SIZE) >> 2);
    this.#u32 = new Uint32Array(buffer, ramBase, (pages * PAGE_SIZE) >> 2);
    this.#view = new DataView(buffer, ramBase, pages * PAGE_SIZE);
    this.#memMap = memMap + 8;
    this.#hooks = { dropCode: () => {}, hasCode: () => false };
  }

  setHooks(hooks: PhysMemHooks): void {
    this.#hooks = hooks;
  }

  /** Bytes that the struct page array of `pages` frames takes. */
  static memMapSize(pages: number): number {
    return 8 + pages * STRUCT_PAGE;
  }

  /** Marks a page as written in this epoch. Called before the engine's first store to it in an epoch, and by every write here. */
  touch(pfn: number): void {
    this.pageGen[pfn] = this.epoch;
  }

  #written(pa: number, length: number): void {
    const last = (pa + length - 1) >>> PAGE_SHIFT;
    for (let pfn = pa >>> PAGE_SHIFT; pfn <= last; pfn++) {
      this.pageGen[pfn] = this.epoch;
      if (this.#hooks.hasCode(pfn)) this.#hooks.dropCode(pfn);
    }
  }

  read8(pa: number): number {
    return this.#u8[pa]!;
  }
  read16(pa: number): number {
    return this.#view.getUint16(pa, true);
  }
  /** Unsigned. */
  read32(pa: number): number {
    return (pa & 3) === 0 ? this.#u32[pa >>> 2]! : this.#view.getUint32(pa, true);
  }
  /** Signed reading of 64 bits; exact between -2^53 and 2^53. */
  read64(pa: number): number {
    if ((pa & 3) !== 0) return this.#view.getInt32(pa + 4, true) * 0x1_0000_0000 + this.#view.getUint32(pa, true);
    const lo = this.#i32[pa >>> 2]!;
    const hi = this.#i32[(pa >>> 2) + 1]!;
    return hi === lo >> 31 ? lo : hi * 0x1_0000_0000 + (lo >>> 0);
  }
  /** Unsigned. */
  read_bits64(pa: number): bigint {
    return this.#view.getBigUint64(pa, true);
  }
  write8(pa: number, value: number): void {
    this.#written(pa, 1);
    this.#u8[pa] = value;
  }
  write16(pa: number, value: number): void {
    this.#written(pa, 2);
    this.#view.setUint16(pa, value, true);
  }
  write32(pa: number, value: number): void {
    this.#written(pa, 4);
    if ((pa & 3) === 0) this.#i32[pa >>> 2] = value;
    else this.#view.setUint32(pa, value, true);
  }
  /** The two's complement of an integer number. */
  write64(pa: number, value: number): void {
    this.#written(pa, 8);
    this.#view.setUint32(pa, value >>> 0, true);
    this.#view.setInt32(pa + 4, Math.floor(value / 0x1_0000_0000), true);
  }
  /** A 64-bit word in two halves; `pa` is a multiple of 8. */
  writeHalves(pa: number, lo: number, hi: number): void {
    this.#written(pa, 8);
    this.#i32[pa >>> 2] = lo;
    this.#i32[(pa >>> 2) + 1] = hi;
  }
  write_bits64(pa: number, value: bigint): void {
    this.#written(pa, 8);
    this.#view.setBigUint64(pa, BigInt.asUintN(64, value), true);
  }
  /** A view for reading; valid until the memory is written, never to be written through. */
  view(pa: number, length: number): Uint8Array {
    return this.#u8.subarray(pa, pa + length);
  }
  write(pa: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#written(pa, bytes.length);
    this.#u8.set(bytes, pa);
  }
  /** `count` 32-bit words from `words[from]`; `pa` is a multiple of 4. */
  writeWords(pa: number, words: Int32Array, from: number, count: number): void {
    this.#written(pa, count * 4);
    const to = pa >>> 2;
    for (let i = 0; i < count; i++) this.#i32[to + i] = words[from + i]!;
  }
  readWords(pa: number, words: Int32Array, to: number, count: number): void {
    const from = pa >>> 2;
    for (let i = 0; i < count; i++) words[to + i] = this.#i32[from + i]!;
  }
  fill(pa: number, length: number, value: number): void {
    if (length === 0) return;
    this.#written(pa, length);
    this.#u8.fill(value, pa, pa + length);
  }
  copy(toPa: number, fromPa: number, length: number): void {
    if (length === 0) return;
    this.#written(toPa, length);
    this.#u8.copyWithin(toPa, fromPa, fromPa + length);
  }

  // struct page

  /** Makes frames from `from` up to the array of struct page free and the others taken for good. Once, at power-on. */
  initFrames(from: number): void {
    const to = (this.#memMap - 8) >>> PAGE_SHIFT;
    for (let pfn = 0; pfn < this.pages; pfn++) {
      const free = pfn >= from && pfn < to;
      this.write32(this.#memMap + pfn * STRUCT_PAGE, free ? 0 : 1);
      this.write32(this.#memMap + pfn * STRUCT_PAGE + 4, free && pfn + 1 < to ? pfn + 2 : 0);
    }
    this.write32(this.#memMap - 4, from + 1);
    this.write32(this.#memMap - 8, to - from);
  }
  get freePages(): number {
    return this.read32(this.#memMap - 8);
  }
  /** A frame with one reference, zeroed unless told not to; -1 when there is none. */
  alloc_page(zero = true): number {
    const pfn = this.read32(this.#memMap - 4) - 1;
    if (pfn < 0) return -1;
    const at = this.#memMap + pfn * STRUCT_PAGE;
    this.write32(this.#memMap - 4, this.read32(at + 4));
    this.write32(this.#memMap - 8, this.freePages - 1);
    this.write32(at, 1);
    if (zero) this.fill(pfn * PAGE_SIZE, PAGE_SIZE, 0);
    return pfn;
  }

  page_count(pfn: number): number {
    return this.read32(this.#memMap + pfn * STRUCT_PAGE);
  }
  get_page(pfn: number): void {
    const count = this.page_count(pfn);
    assert(count > 0, 'only a page in use gets another reference');
    this.write32(this.#memMap + pfn * STRUCT_PAGE, count + 1);
  }
  /** Drops a reference; the last one frees the frame. */
  put_page(pfn: number): void {
    const at = this.#memMap + pfn * STRUCT_PAGE;
    const count = this.read32(at);
    assert(count > 0, 'a reference is dropped only where one was taken');
    this.write32(at, count - 1);
    if (count > 1) return;
    this.write32(at + 4, this.read32(this.#memMap - 4));
    this.write32(this.#memMap - 4, pfn + 1);
    this.write32(this.#memMap - 8, this.freePages + 1);
  }
}
