// The engine: runs user instructions of one CPU at a time, exactly. The contract is in contract.ts; the fast path is generated
// (interpreter.ts, handlers.ts); this is everything that is not fast: fetch misses, TLB fills, hard accesses, halts.
//
// An access the TLB does not answer comes to `slow`. Most are answered there. Two kinds cannot be: a store across pages and a store to
// a page with predecoded code. They leave before the instruction, which is then run alone in careful mode: its store goes to a bounce
// buffer that is copied out afterwards, code of the page is dropped, and execution resumes by address.
import { AARCH64, AARCH64_HOT } from '../arch/aarch64/index.ts';
import { FIELDS } from '../arch/aarch64/state.ts';
import type { Helper, HelperContext } from '../rows/builder.ts';
import { Decoder } from '../rows/decoder.ts';
import { CodePages, type CodePage } from './code-pages.ts';
import {
  type Access,
  EXEC,
  type EngineHost,
  type EngineLayout,
  type EngineOptions,
  type Halt,
  type HaltKind,
  READ,
  type Registers,
  WRITE,
  engineDefaults,
} from './contract.ts';
import * as block from './cpu-block.ts';
import { type Handler, HandlerSet } from './handlers.ts';
import { RunCheck, compareRuns } from './regions/check.ts';
import { Regions, type RegionCounters } from './regions/regions.ts';
import { CpuRegisters } from './registers.ts';

export * from './contract.ts';
export { CPU_BLOCK_SIZE, CODE_PAGE_SIZE } from './cpu-block.ts';
export { HandlerSet } from './handlers.ts';

/** V8 replaces baseline code only when a call ends: no call of the interpreter is longer than this. */
const LONGEST_CALL = 1 << 20;
/** Calls of the interpreter that show where time is spent are no longer than this. */
const SAMPLED_CALL = 1 << 12;

type Interpret = (cpu: number, ip: number, left: number) => number;

/** Compiled code that engines can share; takes about as long to make as everything else of a machine. */
export const createHandlers = (): HandlerSet => new HandlerSet(new Decoder(AARCH64.rows), FIELDS.pc, AARCH64_HOT);

export class Engine {
  readonly halt: Halt = { kind: 'budget', imm: 0, fault: 'translation', addressLo: 0, addressHi: 0, size: 0, access: READ };
  private readonly host: EngineHost;
  private readonly layout: EngineLayout;
  private readonly cpus: number;
  private readonly i32: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly code: CodePages;
  private readonly handlers: HandlerSet;
  private readonly table: WebAssembly.Table;
  private readonly imports: WebAssembly.Imports;
  private readonly interpret: Interpret;
  private readonly registers: readonly CpuRegisters[];
  private readonly helperContexts: readonly HelperContext[];
  /** Tier 1; undefined: everything is interpreted. */
  private readonly regions: Regions | undefined;
  private readonly checks: boolean;
  private check: RunCheck | undefined;
  private longest = LONGEST_CALL;
  private sampled = SAMPLED_CALL;
  private instantiated = 0;
  /** Of the run in progress: the whole, what was left before the current call of the interpreter, that call's share. */
  private budget = 0;
  private left = 0;
  private share = 0;
  private retiredCount = 0;
  /** Careful mode and what its instruction left to be done. */
  private careful = false;
  private bounced: { first: number; firstBytes: number; second: number; bytes: number } | undefined;
  private codeWrites: number[] = [];

  constructor(options: EngineOptions) {
    const { memory, layout, cpus, host } = options;
    this.host = host;
    this.layout = layout;
    this.cpus = cpus;
    this.i32 = new Int32Array(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    this.handlers = options.handlers ?? createHandlers();
    this.code = new CodePages(memory.buffer, layout, this.handlers);
    this.table = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
    this.registers = Array.from({ length: cpus }, (_, cpu) => new CpuRegisters(memory.buffer, this.base(cpu)));
    const view = new DataView(memory.buffer);
    this.helperContexts = Array.from({ length: cpus }, (_, cpu) => ({
      view,
      state: this.base(cpu),
      results: this.base(cpu) + block.RESULTS,
      readSysreg: (key: number) => host.readSysreg(cpu, key),
      writeSysreg: (key: number, value: bigint) => host.writeSysreg(cpu, key, value),
      refuse: () => {
        this.setReason(cpu, 'undefined');
      },
    }));
    this.imports = {
      e: {
        memory,
        table: this.table,
        slow: (base: number, ip: number, left: number, lo: number, hi: number, flags: number) =>
          this.slow(this.cpuOf(base), ip, left, lo >>> 0, hi >>> 0, flags),
        decode: (base: number, ip: number) => this.decode(this.cpuOf(base), ip),
      },
      h: {},
    };
    const tiers = options.tiers ?? engineDefaults.tiers;
    this.checks = tiers === 'check';
    if (tiers !== 0) {
      const regions = new Regions({
        memory: memory.buffer,
        ramBase: layout.ramBase,
        cpuBase: cpus === 1 ? layout.cpuBase : undefined,
        handlers: this.handlers,
        table: this.table,
        imports: this.imports,
        bind: (helper) => this.bind(helper),
        threshold: options.hotSamples ?? engineDefaults.hotSamples,
        mayBeOff: tiers === 'check',
      });
      this.regions = regions;
      this.sampled = Math.min(SAMPLED_CALL, 128 * (options.hotSamples ?? engineDefaults.hotSamples));
      this.longest = this.sampled;
      this.code.onDrop = (page) => regions.dropPage(page);
      this.code.onStops = (page, words) => regions.fence(page, words);
    }
    const interpreter = this.instantiate();
    this.interpret = interpreter['interpret'] as Interpret;
    for (let i = 0; i < block.FIRST_ROW_HANDLER; i++) this.table.set(i, interpreter[String(i)]);
    this.flushAllTlbs();
  }

  private base(cpu: number): number {
    return this.layout.cpuBase + cpu * block.CPU_BLOCK_SIZE;
  }

  private cpuOf(base: number): number {
    return (base - this.layout.cpuBase) / block.CPU_BLOCK_SIZE;
  }

  /** Instantiates every compiled module this engine does not have yet; returns the exports of the first of them. */
  private instantiate(): Record<string, unknown> {
    let first: Record<string, unknown> | undefined;
    this.handlers.compile();
    for (; this.instantiated < this.handlers.modules.length; this.instantiated++) {
      const { module, numbers, helpers } = this.handlers.modules[this.instantiated]!;
      for (const h of helpers) this.bind(h);
      const { exports } = new WebAssembly.Instance(module, this.imports);
      first ??= exports;
      const needed = Math.max(0, ...numbers) + 1;
      if (needed > this.table.length) this.table.grow(Math.max(needed - this.table.length, 1024));
      for (const n of numbers) this.table.set(n, exports[String(n)]);
    }
    return first ?? {};
  }

  private bind(helper: Helper): void {
    this.imports['h']![helper.name] ??= this.bindHelper(helper) as WebAssembly.ImportValue;
  }

  private bindHelper(helper: Helper): unknown {
    const fn = helper.fn as (context: HelperContext, ...args: unknown[]) => unknown;
    return (base: number, ip: number, left: number, ...args: unknown[]) => {
      const cpu = this.cpuOf(base);
      this.syncTo(cpu, ip, left + 1);
      return fn(this.helperContexts[cpu]!, ...args);
    };
  }

  // Running

  get retired(): number {
    return this.retiredCount;
  }

  regs(cpu: number): Registers {
    return this.registers[cpu]!;
  }

  run(cpu: number, budget: number): HaltKind {
    return this.checks ? this.runTwice(cpu, budget) : this.runOnce(cpu, budget);
  }

  /** First with translated code, then without from where that began. */
  private runTwice(cpu: number, budget: number): HaltKind {
    const base = this.base(cpu);
    const check = (): RunCheck => {
      this.flushWriteTlb(cpu);
      return new RunCheck(this.bytes.buffer as ArrayBuffer, this.layout.ramBase, base);
    };
    const first = (this.check = check());
    const translatedKind = this.runOnce(cpu, budget);
    const translated = first.result(translatedKind, this.retiredCount, this.halt);
    first.restore((pfn) => this.dropCode(pfn));
    const second = (this.check = check());
    this.i32[(base + block.REGIONS_OFF) >>> 2] = 1;
    const kind = this.runOnce(cpu, budget);
    this.i32[(base + block.REGIONS_OFF) >>> 2] = 0;
    this.check = undefined;
    compareRuns(translated, second.result(kind, this.retiredCount, this.halt));
    return kind;
  }

  private runOnce(cpu: number, budget: number): HaltKind {
    this.budget = budget;
    this.left = budget;
    const kind = this.loop(cpu);
    this.retiredCount = this.budget - this.left;
    const sink = (this.base(cpu) + FIELDS.sink.offset) >>> 2;
    this.i32[sink] = 0;
    this.i32[sink + 1] = 0;
    return kind;
  }

  step(cpu: number, options: { readonly ignoreStop?: boolean } = {}): HaltKind {
    if (options.ignoreStop !== true) return this.runOnce(cpu, 1);
    this.budget = 1;
    this.left = 1;
    const ip = this.fetch(cpu);
    if (ip === 0) {
      this.retiredCount = 0;
      return this.halt.kind;
    }
    const page = this.code.pageOf(ip);
    const index = (ip - page.base) / block.ENTRY_SIZE;
    this.code.decode(page, index);
    this.instantiate();
    return this.code.without(page, index, () => this.runOnce(cpu, 1));
  }

  private loop(cpu: number): HaltKind {
    const base = this.base(cpu);
    for (;;) {
      if (this.left === 0) return this.leave('budget');
      let ip = this.fetch(cpu);
      if (ip === 0) return this.halt.kind;
      const code = this.enter(base, ip, Math.min(this.left, this.longest));
      switch (code) {
        case block.LEAVE_BUDGET:
          ip = this.i32[(base + block.IP) >>> 2]!;
          this.setPc(cpu, ip);
          if (this.regions !== undefined) this.sample(this.regions, ip);
          break;
        case block.LEAVE_JUMP:
        case block.LEAVE_PAGE:
          break;
        default: {
          this.setPc(cpu, this.i32[(base + block.IP) >>> 2]! + (code === block.LEAVE_AFTER ? block.ENTRY_SIZE : 0));
          const reason = block.REASONS[this.i32[(base + block.REASON) >>> 2]!]!;
          if (reason === 'careful') {
            if (!this.runCareful(cpu)) return this.halt.kind;
          } else {
            if (reason === 'host') return this.halt.kind;
            this.leave(reason);
            if (reason === 'svc' || reason === 'brk') this.halt.imm = this.i32[(base + block.ARGUMENT) >>> 2]!;
            return reason;
          }
        }
      }
    }
  }

  /** A call of the interpreter ended here because its share did. In translated code calls may be long. */
  private sample(regions: Regions, ip: number): void {
    const page = this.code.pageOf(ip);
    this.longest = regions.sample(page, (ip - page.base) / block.ENTRY_SIZE) ? Math.min(this.longest * 2, LONGEST_CALL) : this.sampled;
  }

  /** What tier 1 did so far; undefined when there is none. */
  get regionCounters(): Readonly<RegionCounters> | undefined {
    return this.regions?.counters;
  }

  /** One call of the interpreter. */
  private enter(base: number, ip: number, share: number): number {
    this.share = share;
    const code = this.interpret(base, ip, share);
    this.left -= share - this.i32[(base + block.LEFT) >>> 2]!;
    return code;
  }

  /** The instruction at pc alone, its stores where they may take effect afterwards. False: it did not execute, halt says why. */
  private runCareful(cpu: number): boolean {
    const base = this.base(cpu);
    const ip = this.fetch(cpu);
    if (ip === 0) return false;
    const page = this.code.pageOf(ip);
    this.careful = true;
    const code = this.code.without(page, (ip - page.base) / block.ENTRY_SIZE, () => this.enter(base, ip, 1));
    this.careful = false;
    const { bounced, codeWrites } = this;
    this.bounced = undefined;
    this.codeWrites = [];
    if (code === block.LEAVE_BEFORE) return false;
    if (code !== block.LEAVE_JUMP && code !== block.LEAVE_PAGE) this.setPc(cpu, this.i32[(base + block.IP) >>> 2]!);
    if (bounced !== undefined) {
      const from = base + block.BOUNCE;
      this.bytes.copyWithin(bounced.first, from, from + bounced.firstBytes);
      this.bytes.copyWithin(bounced.second, from + bounced.firstBytes, from + bounced.bytes);
    }
    for (const pfn of codeWrites) this.dropCode(pfn);
    return true;
  }

  private leave(kind: HaltKind): HaltKind {
    const { halt } = this;
    halt.kind = kind;
    halt.imm = 0;
    halt.addressLo = 0;
    halt.addressHi = 0;
    halt.size = 0;
    halt.access = READ;
    return kind;
  }

  private refuseAccess(kind: 'fault' | 'watch', fault: Halt['fault'], lo: number, hi: number, size: number, access: Access): void {
    const { halt } = this;
    halt.kind = kind;
    halt.imm = 0;
    halt.fault = fault;
    halt.addressLo = lo;
    halt.addressHi = hi;
    halt.size = size;
    halt.access = access;
  }

  private setReason(cpu: number, reason: block.Reason): 0 {
    this.i32[(this.base(cpu) + block.REASON) >>> 2] = block.reasonCode(reason);
    return 0;
  }

  /** What the host may look at while an instruction is in progress. */
  private syncTo(cpu: number, ip: number, left: number): void {
    this.retiredCount = this.budget - this.left + this.share - left;
    this.setPc(cpu, ip);
  }

  private setPc(cpu: number, ip: number): void {
    const page = this.code.pageOf(ip);
    const at = (this.base(cpu) + FIELDS.pc.offset) >>> 2;
    const lo = page.vaLo + ((ip - page.base) / block.ENTRY_SIZE) * 4;
    this.i32[at] = lo;
    this.i32[at + 1] = lo > 0xffffffff ? page.vaHi + 1 : page.vaHi;
  }

  // Fetching

  /** The entry of the instruction at pc; 0 when it cannot be fetched, and halt says why. */
  private fetch(cpu: number): number {
    this.code.reclaim();
    const { pcLo, pcHi } = this.registers[cpu]!;
    const at = (this.base(cpu) + block.FETCH_TLB + ((pcLo >>> 12) & (block.FETCH_ENTRIES - 1)) * block.FETCH_ENTRY_SIZE) >>> 2;
    const pageLo = (pcLo & 0xfffff000) | 0;
    if ((pcLo & 3) !== 0) {
      this.refuseAccess('fault', 'pc-alignment', pcLo, pcHi, 4, EXEC);
      return 0;
    }
    if (this.i32[at] !== pageLo || this.i32[at + 1] !== (pcHi | 0)) {
      this.retiredCount = this.budget - this.left;
      const pfn = this.host.translate(cpu, pcLo, pcHi, EXEC);
      if (pfn < 0) {
        this.refuseAccess('fault', 'translation', pcLo, pcHi, 4, EXEC);
        return 0;
      }
      const page = this.codePage(pcLo, pcHi, pfn);
      this.i32[at] = pageLo;
      this.i32[at + 1] = pcHi;
      this.i32[at + 2] = page.base;
    }
    return this.i32[at + 2]! + ((pcLo & 0xffc) >>> 2) * block.ENTRY_SIZE;
  }

  private codePage(vaLo: number, vaHi: number, pfn: number): CodePage {
    const known = this.code.find(vaLo, vaHi, pfn);
    if (known !== undefined) return known;
    // Stores to the page have to be seen from now on.
    if (!this.code.has(pfn)) this.forgetWrites(pfn);
    const page = this.code.create(vaLo, vaHi, pfn);
    if (page !== undefined) return page;
    this.dropAllCode();
    this.code.reclaim();
    return this.code.create(vaLo, vaHi, pfn)!;
  }

  private decode(cpu: number, ip: number): number {
    const page = this.code.pageOf(ip);
    if (!page.alive) {
      this.setPc(cpu, ip);
      return block.LEAVE_PAGE;
    }
    this.code.decode(page, (ip - page.base) / block.ENTRY_SIZE);
    this.instantiate();
    return ip | block.UNCOUNTED;
  }

  // Accesses the TLB does not answer

  /** Host address of the access, or 0 after setting the reason to leave before the instruction. */
  private slow(cpu: number, ip: number, left: number, lo: number, hi: number, flags: number): number {
    const bytes = flags & 255;
    const kind = (flags >>> 8) & 3;
    const unit = (flags >>> 10) & 127;
    const align = flags >>> 18;
    const access: Access = kind === 0 ? READ : WRITE;
    this.syncTo(cpu, ip, left + 1);
    if (align > 1 && (lo & (align - 1)) !== 0) {
      this.refuseAccess('fault', 'alignment', lo, hi, bytes, access);
      return this.setReason(cpu, 'host');
    }
    if (this.regions !== undefined) {
      const page = this.code.pageOf(ip);
      this.regions.missed(page, (ip - page.base) / block.ENTRY_SIZE);
    }
    const offset = lo & 0xfff;
    const firstBytes = Math.min(bytes, 4096 - offset);
    const pfn = this.host.translate(cpu, lo, hi, access);
    if (pfn < 0) {
      this.refuseAccess('fault', 'translation', lo, hi, bytes, access);
      return this.setReason(cpu, 'host');
    }
    const crosses = firstBytes < bytes;
    const lo2 = crosses ? (lo + firstBytes) >>> 0 : 0;
    const hi2 = crosses && lo2 === 0 ? (hi + 1) >>> 0 : hi;
    const pfn2 = crosses ? this.host.translate(cpu, lo2, hi2, access) : -1;
    if (crosses && pfn2 < 0) {
      this.refuseAccess('fault', 'translation', lo2, hi2, bytes, access);
      return this.setReason(cpu, 'host');
    }
    // The page that executes may just have been replaced (copied, say, by the translation of this store): go on by address.
    if (!this.careful && !this.executes(cpu, ip)) return this.setReason(cpu, 'careful');
    const code = access === WRITE && (this.code.has(pfn) || (crosses && this.code.has(pfn2)));
    if (access === WRITE && (crosses || code) && !this.careful) return this.setReason(cpu, 'careful');

    let watched = false;
    for (const a of kind === 2 ? ([READ, WRITE] as const) : ([access] as const)) {
      if (!this.host.isWatched(cpu, lo, hi, a) && !(crosses && this.host.isWatched(cpu, lo2, hi2, a))) continue;
      watched = true;
      for (let i = 0; i < bytes; i += unit) {
        const at = lo + i;
        const atHi = at > 0xffffffff ? (hi + 1) >>> 0 : hi;
        if (this.host.allowAccess(cpu, at >>> 0, atHi, unit, a)) continue;
        this.refuseAccess('watch', 'translation', at >>> 0, atHi, unit, a);
        return this.setReason(cpu, 'host');
      }
    }
    if (access === WRITE && this.check !== undefined) {
      this.check.willWrite(pfn);
      if (crosses) this.check.willWrite(pfn2);
    }
    const ram = this.layout.ramBase;
    const first = ram + pfn * 4096 + offset;
    if (code) {
      this.codeWrites.push(pfn);
      if (crosses) this.codeWrites.push(pfn2);
    }
    if (!crosses) {
      // Atomics ask the entry for writes only, and read as well: a page whose reads are watched has none.
      if (!watched && !code && !(access === WRITE && this.host.isWatched(cpu, lo, hi, READ))) this.fill(cpu, lo, hi, pfn, access);
      return first;
    }
    const second = ram + pfn2 * 4096;
    const bounce = this.base(cpu) + block.BOUNCE;
    this.bytes.copyWithin(bounce, first, first + firstBytes);
    this.bytes.copyWithin(bounce + firstBytes, second, second + bytes - firstBytes);
    if (access === WRITE) this.bounced = { first, firstBytes, second, bytes };
    return bounce;
  }

  /** Whether a jump to this entry's address would still come to it. */
  private executes(cpu: number, ip: number): boolean {
    const { base, vaLo, vaHi } = this.code.pageOf(ip);
    const at = (this.base(cpu) + block.FETCH_TLB + ((vaLo >>> 12) & (block.FETCH_ENTRIES - 1)) * block.FETCH_ENTRY_SIZE) >>> 2;
    return this.i32[at + 2] === base && this.i32[at] === (vaLo | 0) && this.i32[at + 1] === (vaHi | 0);
  }

  private fill(cpu: number, lo: number, hi: number, pfn: number, access: Access): void {
    const { i32 } = this;
    const at = (this.base(cpu) + block.TLB + ((lo >>> 12) & (block.TLB_ENTRIES - 1)) * block.TLB_ENTRY_SIZE) >>> 2;
    const tag = (access === READ ? 0 : block.TLB_WRITE) >>> 2;
    const other = 2 - tag;
    const pageLo = (lo & 0xfffff000) | 0;
    if (i32[at + other] !== pageLo || i32[at + other + 1] !== (hi | 0)) {
      i32[at + other] = -1;
      i32[at + other + 1] = -1;
    }
    i32[at + tag] = pageLo;
    i32[at + tag + 1] = hi;
    i32[at + block.TLB_ADDEND / 4] = this.layout.ramBase + pfn * 4096 - pageLo;
    i32[at + block.TLB_PFN / 4] = pfn;
  }

  // Forgetting

  flushTlb(cpu: number): void {
    const base = this.base(cpu);
    this.bytes.fill(0xff, base + block.FETCH_TLB, base + block.CPU_BLOCK_SIZE);
  }

  flushAllTlbs(): void {
    for (let cpu = 0; cpu < this.cpus; cpu++) this.flushTlb(cpu);
  }

  /** With every tag in the top byte. */
  flushTlbPage(cpu: number, vaLo: number, vaHi: number): void {
    const pageLo = (vaLo & 0xfffff000) | 0;
    const base = this.base(cpu);
    const forget = (at: number): void => {
      if (this.i32[at] !== pageLo || ((this.i32[at + 1]! ^ vaHi) & 0x00ff_ffff) !== 0) return;
      this.i32[at] = -1;
      this.i32[at + 1] = -1;
    };
    const entry = (base + block.TLB + ((vaLo >>> 12) & (block.TLB_ENTRIES - 1)) * block.TLB_ENTRY_SIZE) >>> 2;
    forget(entry);
    forget(entry + block.TLB_WRITE / 4);
    forget((base + block.FETCH_TLB + ((vaLo >>> 12) & (block.FETCH_ENTRIES - 1)) * block.FETCH_ENTRY_SIZE) >>> 2);
  }

  flushWriteTlb(cpu: number): void {
    const first = (this.base(cpu) + block.TLB + block.TLB_WRITE) >>> 2;
    for (let i = 0; i < block.TLB_ENTRIES; i++) {
      this.i32[first + i * 8] = -1;
      this.i32[first + i * 8 + 1] = -1;
    }
  }

  /** On every CPU, stores to a frame take the slow path again. */
  private forgetWrites(pfn: number): void {
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      const first = (this.base(cpu) + block.TLB) >>> 2;
      for (let at = first; at < first + block.TLB_ENTRIES * 8; at += 8) {
        if (this.i32[at + block.TLB_PFN / 4] !== pfn) continue;
        this.i32[at + block.TLB_WRITE / 4] = -1;
        this.i32[at + block.TLB_WRITE / 4 + 1] = -1;
      }
    }
  }

  private forgetFetch(page: CodePage): void {
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      const at = (this.base(cpu) + block.FETCH_TLB + ((page.vaLo >>> 12) & (block.FETCH_ENTRIES - 1)) * block.FETCH_ENTRY_SIZE) >>> 2;
      if (this.i32[at + 2] !== page.base) continue;
      this.i32[at] = -1;
      this.i32[at + 1] = -1;
    }
  }

  dropCode(pfn: number): void {
    if (!this.code.has(pfn)) return;
    for (const page of this.code.drop(pfn)) this.forgetFetch(page);
  }

  hasCode(pfn: number): boolean {
    return this.code.has(pfn);
  }

  dropAllCode(): void {
    this.code.dropAll();
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      const base = this.base(cpu);
      this.bytes.fill(0xff, base + block.FETCH_TLB, base + block.FETCH_TLB + block.FETCH_ENTRIES * block.FETCH_ENTRY_SIZE);
    }
  }

  setStops(addresses: readonly bigint[]): void {
    this.code.setStops(addresses);
  }

  // Looking

  /** What executes this word at this address; undefined for an undefined instruction. For tests and the coverage matrix. */
  handlerOf(word: number, pc: bigint): Handler | undefined {
    const d = this.handlers.decoder.decode(word, pc);
    return d === null ? undefined : this.handlers.handler(d.row, d.operands, Number(pc & 0xfffff000n), Number(pc >> 32n));
  }

  /** The instruction as objdump spells it, or `.inst 0x... ; undefined`. */
  disassemble(word: number, pc: bigint): string {
    return this.handlers.decoder.disassemble(word, pc);
  }
}
