// Predecoded code: which pages there are, filling their entries, stops. A code page belongs to a virtual and a physical page, because
// entries hold absolute addresses.
import type { Operands } from '../rows/operands.ts';
import { type Imm32, Imm64, type Reg, type To } from '../rows/operands.ts';
import * as block from './cpu-block.ts';
import type { EngineLayout } from './contract.ts';
import type { Handler, HandlerSet } from './handlers.ts';
import type { PageRegions } from './regions/regions.ts';

export interface CodePage {
  readonly slot: number;
  /** Byte address of entry 0. */
  readonly base: number;
  readonly vaLo: number;
  readonly vaHi: number;
  readonly pfn: number;
  alive: boolean;
  /** Handlers that stops stand in for, by word index; undefined: not decoded yet. */
  readonly stopped: Map<number, number>;
  /** What tier 1 knows of the page. */
  regions: PageRegions | undefined;
}

/** A virtual page number as one number: 36 bits and the tag byte. */
export const vpnOf = (vaLo: number, vaHi: number): number => (vaHi >>> 0) * 0x100000 + (vaLo >>> 12);

export class CodePages {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly layout: EngineLayout;
  private readonly handlers: HandlerSet;
  private readonly slots: (CodePage | undefined)[];
  private readonly byFrame = new Map<number, CodePage[]>();
  private free: number[] = [];
  /** Slots of dropped pages that a running interpreter may still point into. */
  private zombies: number[] = [];
  /** Word indexes by virtual page. */
  private stops = new Map<number, Set<number>>();
  /** Told of pages before they are dropped and of stops before they are set. */
  onDrop: (page: CodePage) => void = () => undefined;
  onStops: (page: CodePage, words: ReadonlySet<number>) => void = () => undefined;

  constructor(memory: ArrayBuffer, layout: EngineLayout, handlers: HandlerSet) {
    this.bytes = new Uint8Array(memory);
    this.view = new DataView(memory);
    this.layout = layout;
    this.handlers = handlers;
    this.slots = Array.from({ length: layout.codePages }, () => undefined);
    for (let slot = layout.codePages - 1; slot >= 0; slot--) this.free.push(slot);
  }

  has(pfn: number): boolean {
    return this.byFrame.has(pfn);
  }

  /** The page an entry lies in, also when it was dropped since. */
  pageOf(ip: number): CodePage {
    return this.slots[Math.floor((ip - this.layout.codeBase) / block.CODE_PAGE_SIZE)]!;
  }

  /** Only between runs of the interpreter: dropped slots may be used again. */
  reclaim(): void {
    if (this.zombies.length === 0) return;
    this.free.push(...this.zombies);
    this.zombies = [];
  }

  find(vaLo: number, vaHi: number, pfn: number): CodePage | undefined {
    const lo = (vaLo & 0xfffff000) >>> 0;
    return this.byFrame.get(pfn)?.find((p) => p.vaLo === lo && p.vaHi === vaHi >>> 0);
  }

  /** A new page; undefined when there is no room (drop everything and try again). */
  create(vaLo: number, vaHi: number, pfn: number): CodePage | undefined {
    const slot = this.free.pop();
    if (slot === undefined) return undefined;
    const base = this.layout.codeBase + slot * block.CODE_PAGE_SIZE;
    const page: CodePage = {
      slot,
      base,
      vaLo: (vaLo & 0xfffff000) >>> 0,
      vaHi: vaHi >>> 0,
      pfn,
      alive: true,
      stopped: new Map(),
      regions: undefined,
    };
    this.bytes.fill(0, base, base + block.CODE_PAGE_SIZE);
    const last = base + 1024 * block.ENTRY_SIZE;
    this.view.setUint16(last, block.HANDLER_NEXT_PAGE, true);
    this.view.setUint32(last + 8, (page.vaLo + 4096) >>> 0, true);
    this.view.setUint32(last + 12, page.vaLo === 0xfffff000 ? page.vaHi + 1 : page.vaHi, true);
    this.slots[slot] = page;
    const same = this.byFrame.get(pfn);
    if (same === undefined) this.byFrame.set(pfn, [page]);
    else same.push(page);
    return page;
  }

  /** Drops the pages of a frame and returns them: the caller forgets them in the fetch TLBs. */
  drop(pfn: number): readonly CodePage[] {
    const pages = this.byFrame.get(pfn);
    if (pages === undefined) return [];
    this.byFrame.delete(pfn);
    for (const p of pages) {
      this.onDrop(p);
      p.alive = false;
      this.bytes.fill(0, p.base, p.base + block.CODE_PAGE_SIZE);
      this.zombies.push(p.slot);
    }
    return pages;
  }

  dropAll(): void {
    for (const pfn of [...this.byFrame.keys()]) this.drop(pfn);
  }

  private *pages(): Iterable<CodePage> {
    for (const pages of this.byFrame.values()) yield* pages;
  }

  setStops(addresses: readonly bigint[]): void {
    for (const page of this.pages()) {
      for (const [index, handler] of page.stopped) this.view.setUint16(page.base + index * block.ENTRY_SIZE, handler, true);
      page.stopped.clear();
    }
    this.stops = new Map();
    for (const address of addresses) {
      const lo = Number(address & 0xffffffffn);
      const vpn = vpnOf(lo, Number((address >> 32n) & 0xffffffffn));
      const words = this.stops.get(vpn) ?? new Set<number>();
      words.add((lo & 0xfff) >>> 2);
      this.stops.set(vpn, words);
    }
    for (const page of this.pages()) {
      const words = this.stops.get(vpnOf(page.vaLo, page.vaHi));
      if (words === undefined) continue;
      this.onStops(page, words);
      for (const index of words) {
        const at = page.base + index * block.ENTRY_SIZE;
        const handler = this.view.getUint16(at, true);
        if (handler !== block.HANDLER_DECODE) this.stop(page, index, at, handler);
      }
    }
  }

  private stop(page: CodePage, index: number, at: number, handler: number): void {
    page.stopped.set(index, handler);
    this.view.setUint16(at, block.HANDLER_STOP, true);
  }

  /** Runs `body` with the stop at this entry lifted. */
  without<T>(page: CodePage, index: number, body: () => T): T {
    const handler = page.stopped.get(index);
    if (handler === undefined) return body();
    const at = page.base + index * block.ENTRY_SIZE;
    this.view.setUint16(at, handler, true);
    const result = body();
    if (page.alive && page.stopped.get(index) === handler) this.view.setUint16(at, block.HANDLER_STOP, true);
    return result;
  }

  /** Decodes from an entry to the end of its block or page, or to what is decoded already. Handlers it needs are recorded, not compiled. */
  decode(page: CodePage, index: number): void {
    const stops = this.stops.get(vpnOf(page.vaLo, page.vaHi));
    const frame = this.layout.ramBase + page.pfn * 4096;
    for (let i = index; i < 1024; i++) {
      const at = page.base + i * block.ENTRY_SIZE;
      if (this.view.getUint16(at, true) !== block.HANDLER_DECODE) return;
      const word = this.view.getUint32(frame + i * 4, true);
      const pc = (BigInt(page.vaHi) << 32n) | BigInt(page.vaLo + i * 4);
      const decoded = this.handlers.decoder.decode(word, pc);
      let ends = true;
      if (decoded === null) {
        this.view.setUint16(at, block.HANDLER_UNDEFINED, true);
      } else {
        ends = decoded.row.ends;
        this.write(at, page, this.handlers.handler(decoded.row, decoded.operands, page.vaLo, page.vaHi), decoded.operands);
      }
      if (stops?.has(i)) this.stop(page, i, at, this.view.getUint16(at, true));
      if (ends) return;
    }
  }

  private write(at: number, page: CodePage, handler: Handler, operands: Operands): void {
    const { view } = this;
    view.setUint16(at, handler.number, true);
    for (const field of handler.fields) {
      const o = operands[field.name]!;
      const to = at + field.at;
      if (field.kind === 'reg') view.setUint16(to, (o as Reg).offset, true);
      else if (field.kind === 'i32') view.setInt32(to, (o as Imm32).value, true);
      else if (field.kind === 'near') view.setUint32(to, page.base + Number((o as To).address & 0xffcn) * (block.ENTRY_SIZE / 4), true);
      else view.setBigUint64(to, o instanceof Imm64 ? o.value : (o as To).address, true);
    }
  }
}
