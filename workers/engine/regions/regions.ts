// Tier 1: which code is hot, its regions, and when they go. Regions are found by samples (where calls of the interpreter end), compiled
// a page at a time, and entered through the handler numbers of predecoded entries: to the interpreter a region is one more handler.
// Whether code is translated changes nothing that a machine can see.
import type { Effect, Helper } from '../../rows/builder.ts';
import { FunctionBuilder } from '../../wasm/function.ts';
import { ModuleBuilder } from '../../wasm/module.ts';
import * as block from '../cpu-block.ts';
import type { CodePage } from '../code-pages.ts';
import type { HandlerSet } from '../handlers.ts';
import { HANDLER_PARAMS, HANDLER_RESULTS, importRuntime } from '../runtime.ts';
import { Discovery, type RegionPlan } from './discover.ts';
import { packFlagsFunction } from './flags.ts';
import { translateRegion } from './translate.ts';

/** Modules that may be alive; V8 aborts the process at some ten thousands. */
const MOST_MODULES = 1000;
/** Accesses by way of the engine before a page's regions are made to call it, by the samples that make a page hot. */
const MISSES_PER_SAMPLE = 128;

/** Of one code page: where samples fell and what is translated. */
export interface PageRegions {
  readonly samples: Map<number, number>;
  /** Samples since the page was last translated that no region holds. */
  heat: number;
  /** Samples it takes to translate (again): doubles each time. */
  threshold: number;
  /** Words left to the interpreter: there were stops. */
  readonly fences: Set<number>;
  /** Accesses of translated instructions that the TLB did not answer. */
  misses: number;
  /** There are so many that regions make the call themselves instead of leaving, although that costs every access. */
  callsSlow: boolean;
  module: RegionModule | undefined;
}

interface RegionModule {
  readonly page: CodePage;
  /** Handler numbers of its regions and words of their entries. */
  readonly regions: readonly { readonly number: number; readonly entries: readonly number[] }[];
  /** Words its regions execute. */
  readonly words: ReadonlySet<number>;
}

export interface RegionsOptions {
  readonly memory: ArrayBuffer;
  readonly ramBase: number;
  /** The block of the only CPU; undefined: there are several. */
  readonly cpuBase: number | undefined;
  readonly handlers: HandlerSet;
  readonly table: WebAssembly.Table;
  /** What handler modules import; helpers are bound by `bind` before they are used. */
  readonly imports: WebAssembly.Imports;
  readonly bind: (helper: Helper) => void;
  /** Samples of a page before it is translated; each stands for the instructions of a sampling interval. */
  readonly threshold: number;
  /** Regions ask whether they may run (REGIONS_OFF). */
  readonly mayBeOff: boolean;
}

export interface RegionCounters {
  modules: number;
  regions: number;
  instructions: number;
  bytes: number;
  dropped: number;
}

const helpersOf = (effects: readonly Effect[], into: Set<Helper>): void => {
  for (const e of effects) {
    if (e.k === 'helper') into.add(e.helper);
    else if (e.k === 'cond') {
      helpersOf(e.then, into);
      helpersOf(e.else, into);
    }
  }
};

export class Regions {
  readonly counters: RegionCounters = { modules: 0, regions: 0, instructions: 0, bytes: 0, dropped: 0 };
  private readonly options: RegionsOptions;
  private readonly view: DataView;
  private readonly discovery: Discovery;
  private readonly free: number[] = [];
  private nextNumber = block.FIRST_REGION;
  /** Oldest first. */
  private readonly live = new Set<RegionModule>();

  constructor(options: RegionsOptions) {
    this.options = options;
    this.view = new DataView(options.memory);
    this.discovery = new Discovery(options.memory, options.ramBase, options.handlers);
    if (options.table.length < 0x10000) options.table.grow(0x10000 - options.table.length);
  }

  private of(page: CodePage): PageRegions {
    return (page.regions ??= {
      samples: new Map(),
      heat: 0,
      threshold: this.options.threshold,
      fences: new Set(),
      misses: 0,
      callsSlow: false,
      module: undefined,
    });
  }

  /** Execution was seen at this word, between calls of the interpreter. True: code of a region was executing. */
  sample(page: CodePage, word: number): boolean {
    if (!page.alive || word >= 1024) return false;
    const p = this.of(page);
    if (p.module?.words.has(word)) {
      if (p.callsSlow || p.misses < MISSES_PER_SAMPLE * this.options.threshold) return true;
      p.callsSlow = true;
      this.translate(page, p);
      return true;
    }
    p.samples.set(word, (p.samples.get(word) ?? 0) + 1);
    if (++p.heat >= p.threshold) this.translate(page, p);
    return false;
  }

  /** An access of this instruction was not answered by the TLB. */
  missed(page: CodePage, word: number): void {
    const p = page.regions;
    if (p?.module?.words.has(word) === true) p.misses++;
  }

  private translate(page: CodePage, p: PageRegions): void {
    p.heat = 0;
    p.threshold *= 2;
    if (p.module !== undefined) this.drop(p.module);
    const plans = this.discovery.plan(page, p.samples.keys(), p.fences);
    if (plans.length === 0) return;
    while (this.live.size >= MOST_MODULES) this.drop(this.live.values().next().value!);
    p.module = this.compile(page, plans, p.callsSlow);
    this.live.add(p.module);
  }

  private compile(page: CodePage, plans: readonly RegionPlan[], callsSlow: boolean): RegionModule {
    const { counters, options } = this;
    const helpers = new Set<Helper>();
    for (const plan of plans) for (const b of plan.blocks) for (const i of b.instructions) helpersOf(i.effects, helpers);
    for (const h of helpers) options.bind(h);
    const m = new ModuleBuilder();
    const imported = importRuntime(m, helpers);
    const runtime = { ...imported, packFlags: m.add(packFlagsFunction()) };
    const words = new Set<number>();
    const entries = plans.map((plan) => {
      const f = new FunctionBuilder(HANDLER_PARAMS, HANDLER_RESULTS);
      const words1 = translateRegion(f, plan, runtime, { callsSlow, cpuBase: options.cpuBase, mayBeOff: options.mayBeOff });
      m.add(f, String(counters.regions++));
      for (const b of plan.blocks) for (let i = 0; i < b.instructions.length; i++) words.add(b.start + i);
      return words1;
    });
    const bytes = m.finish();
    counters.modules++;
    counters.bytes += bytes.length;
    counters.instructions += words.size;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), options.imports);
    const functions = Object.values(exports);
    const regions = entries.map((list, i) => {
      const number = this.free.pop() ?? this.nextNumber++;
      options.table.set(number, functions[i]);
      list.forEach((word, id) => {
        const at = page.base + word * block.ENTRY_SIZE;
        this.view.setUint16(page.base + block.ENTRY_IDS + word * 2, id, true);
        this.view.setUint16(at + block.ENTRY_OWN, this.view.getUint16(at, true), true);
        this.view.setUint16(at, number, true);
      });
      return { number, entries: list };
    });
    return { page, regions, words };
  }

  private drop(module: RegionModule): void {
    const { page, regions } = module;
    for (const { number, entries } of regions) {
      for (const word of entries) {
        const at = page.base + word * block.ENTRY_SIZE;
        if (this.view.getUint16(at, true) === number) this.view.setUint16(at, this.view.getUint16(at + block.ENTRY_OWN, true), true);
      }
      this.options.table.set(number, null);
      this.free.push(number);
    }
    this.live.delete(module);
    this.counters.dropped++;
    if (page.regions?.module === module) page.regions.module = undefined;
  }

  /** The page goes. */
  dropPage(page: CodePage): void {
    const module = page.regions?.module;
    if (module !== undefined) this.drop(module);
  }

  /** Execution must leave before these words. */
  fence(page: CodePage, words: ReadonlySet<number>): void {
    const p = this.of(page);
    for (const w of words) p.fences.add(w);
    const { module } = p;
    if (module === undefined) return;
    for (const w of words) {
      if (!module.words.has(w)) continue;
      this.drop(module);
      p.heat = p.threshold - 1; // translated again at the next sample, around the stop
      return;
    }
  }
}
