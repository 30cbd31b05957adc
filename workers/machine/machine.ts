// The machine: CPUs, memory and time, interleaved by one seeded scheduler; runs exactly to a Mark, saves, restores, and hashes its state.
// It knows nothing of tasks or system calls: the kernel behind GuestKernel does.
import { AARCH64_STATE, FIELDS } from '../arch/aarch64/state.ts';
import { DebugUnit } from '../arch/aarch64/debug-unit.ts';
import { EC, ESR_WNR, FSC, PSTATE, PSTATE_ENTRY, makeEsr } from '../arch/aarch64/exceptions.ts';
import { SYSTEM_BLOCK_SIZE, SYSTEM_STATE, SystemState } from '../arch/aarch64/system-state.ts';
import { assert } from '../base/assert.ts';
import { readMachineSysreg } from '../arch/aarch64/machine-sysregs.ts';
import { clonePlain } from '../base/clone.ts';
import { Hasher } from '../base/hash.ts';
import { type Mark, compareMarks } from '../base/mark.ts';
import { nextU32, seedPrng } from '../base/prng.ts';
import { type Access, CPU_BLOCK_SIZE, Engine, type EngineHost, type Registers } from '../engine/engine.ts';
import type { EventFields, EventKind, TraceEvent } from '../../recordings/format/events.ts';
import type { CpuPort, DebugMatch, GuestKernel, MachinePort, MachineState, WatchAccess } from './guest-kernel.ts';
import { layoutMemory, type MemoryLayout } from './layout.ts';
import type {
  AccessQuery,
  Checkpoint,
  Digest,
  InputSource,
  MachineApi,
  MachineConfig,
  MachineView,
  RunStop,
  Touched,
} from './machine-api.ts';
import { type PageTable, PageStore } from './page-store.ts';
import { PAGE_SIZE, PhysMem } from './phys-mem.ts';
import { QueryWatch } from './query-watch.ts';
import { createView } from './view.ts';

/** Instructions one call of the engine may retire. */
const LONGEST_RUN = 1 << 20;
/** Pages of predecoded code. */
const CODE_PAGES = 512;
/** A slice is 2^6..2^14 ticks, lengths chosen evenly by exponent: short ones show races, long ones are cheap. */
const SLICE_EXPONENTS = { low: 6, high: 14 } as const;

interface SavedMachine extends Checkpoint {
  readonly state: MachineState;
  readonly queue: readonly TraceEvent[];
  readonly records: object;
  readonly cpus: Uint8Array;
  readonly pages: PageTable;
}

export class Machine implements MachineApi, MachinePort {
  readonly config: MachineConfig;
  readonly layout: MemoryLayout;
  readonly mem: PhysMem;
  readonly engine: Engine;
  readonly cpus: readonly Cpu[];
  readonly kernel: GuestKernel;
  readonly view: MachineView;
  onEvent: ((event: TraceEvent) => void) | null = null;
  onPatch: MachineApi['onPatch'] = null;
  input: InputSource = { stdin: () => 'eof' };

  #state: MachineState;
  /** Events of the last tick that have not been given out: each is a tick of its own, so that every Mark is a state. */
  #queue: TraceEvent[] = [];
  readonly #memory: WebAssembly.Memory;
  readonly #store: PageStore;
  readonly #queries: QueryWatch;
  #touched = new Map<number, number>();
  /** Set by allowAccess when a comparator matched: what the watchpoint exception is about. */
  #hit: WatchAccess | null = null;
  /** Generation of each debug unit that the engine's stops and the soft TLB were made for. */
  readonly #generations: number[];
  #stopsStale = true;
  /** How many stops the engine has. */
  #stops = 0;

  constructor(config: MachineConfig, makeKernel: (port: MachinePort) => GuestKernel) {
    this.config = config;
    this.layout = layoutMemory(config.cpus, config.ramBytes, CODE_PAGES);
    const pages = Math.ceil(this.layout.totalBytes / 65536);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { buffer } = this.#memory;
    const memMap = (this.layout.ramPages * PAGE_SIZE - PhysMem.memMapSize(this.layout.ramPages)) & ~15;
    this.mem = new PhysMem(buffer, this.layout.ramBase, this.layout.ramPages, memMap);
    this.engine = new Engine({ memory: this.#memory, cpus: config.cpus, layout: this.layout, host: this.#host() });
    this.mem.setHooks(this.engine);
    this.cpus = Array.from({ length: config.cpus }, (_, cpu) => new Cpu(cpu, buffer, this.layout, this.engine.regs(cpu), config));
    this.#generations = this.cpus.map(() => -1);
    this.#store = new PageStore(this.mem, buffer);
    this.#state = {
      icount: 0,
      event: 0,
      eventCount: 0,
      idle: 0,
      cpu: 0,
      slice: 1 << SLICE_EXPONENTS.low,
      prng: seedPrng(config.seed, 0),
      matched: this.cpus.map(() => null),
      ended: null,
    };
    this.kernel = makeKernel(this);
    this.#queries = new QueryWatch(this);
    this.kernel.powerOn();
    this.view = createView(this);
  }

  get mark(): Mark {
    return { icount: this.#state.icount, event: this.#state.event };
  }
  get eventCount(): number {
    return this.#state.eventCount;
  }
  get ended(): RunStop | null {
    return this.#queue.length === 0 ? this.#state.ended : null;
  }
  get icount(): number {
    return this.#state.icount;
  }
  get currentCpu(): number {
    return this.#state.cpu;
  }
  now(): number {
    return this.#state.icount + this.#state.idle;
  }

  run(target: Mark | null, maxTicks?: number): RunStop {
    const s = this.#state;
    const last = maxTicks === undefined ? Number.POSITIVE_INFINITY : s.icount + maxTicks;
    for (;;) {
      if (target && s.icount >= target.icount) {
        // Events of this instruction still to come count; where there are fewer than asked for, this is as far as it goes.
        if (s.icount > target.icount || s.event >= target.event || this.#queue.length === 0) return { kind: 'target' };
      }
      if (this.#queue.length > 0) {
        this.#giveEvent();
        continue;
      }
      if (s.ended) return s.ended;
      if (s.icount >= last) return { kind: 'interrupted' };
      const stop = this.#advance(Math.min(target ? target.icount : Number.POSITIVE_INFINITY, last));
      if (stop) return stop;
    }
  }

  tick(): RunStop {
    const s = this.#state;
    if (this.#queue.length > 0) {
      this.#giveEvent();
      return { kind: 'target' };
    }
    return s.ended ?? this.#advance(s.icount + 1) ?? { kind: 'target' };
  }

  #giveEvent(): void {
    const event = this.#queue.shift()!;
    this.#state.event++;
    this.#state.eventCount++;
    this.onEvent?.(event);
  }

  /** Moves forward on the current CPU by at least one tick and at most to `limit` instructions; null: moved. */
  #advance(limit: number): RunStop | null {
    const s = this.#state;
    if (this.kernel.waiting(s.cpu)) {
      const stop = this.#skipIdle();
      if (stop) return stop;
    }
    const cpu = this.cpus[s.cpu]!;
    if (cpu.el === 1) {
      const most = Math.min(limit - s.icount, Math.max(1, s.slice));
      for (let i = 0; i < most; i++) {
        if (!this.kernel.step(s.cpu)) {
          if (this.kernel.waiting(s.cpu)) break;
          return { kind: 'input' };
        }
        this.#retired(1);
        if (this.#queue.length > 0 || this.#el(cpu) === 0 || s.ended) break;
      }
    } else this.#user(cpu, limit);
    if (s.slice <= 0 || this.kernel.waiting(s.cpu)) this.#nextCpu();
    return null;
  }

  /** A step may have changed it. */
  #el(cpu: Cpu): 0 | 1 {
    return cpu.el;
  }

  #retired(count: number): void {
    this.#state.icount += count;
    this.#state.slice -= count;
    this.#state.event = 0;
  }

  /** Chooses whose turn is next among the CPUs that have something to do. At the end of a tick, so that every Mark is one state. */
  #nextCpu(): void {
    const s = this.#state;
    const ready: number[] = [];
    for (let c = 0; c < this.cpus.length; c++) if (!this.kernel.waiting(c)) ready.push(c);
    if (ready.length === 0) {
      s.slice = 0;
      return;
    }
    s.cpu = ready.length === 1 ? ready[0]! : ready[nextU32(s.prng) % ready.length]!;
    this.#newSlice();
  }

  #newSlice(): void {
    const s = this.#state;
    const { low, high } = SLICE_EXPONENTS;
    const exponent = low + (nextU32(s.prng) % (high - low + 1));
    s.slice = (1 << exponent) + (nextU32(s.prng) & ((1 << exponent) - 1));
  }

  /** Every CPU waits: time jumps to the next deadline. */
  #skipIdle(): RunStop | null {
    const s = this.#state;
    let first = -1;
    let at = Number.POSITIVE_INFINITY;
    for (let c = 0; c < this.cpus.length; c++) {
      if (!this.kernel.waiting(c)) {
        first = c;
        at = this.now();
        break;
      }
      const deadline = this.kernel.deadline(c);
      if (deadline < at) {
        at = deadline;
        first = c;
      }
    }
    if (first < 0) return { kind: 'deadlock', text: this.kernel.whyIdle() };
    if (at > this.now()) s.idle += at - this.now();
    s.cpu = first;
    this.#newSlice();
    return null;
  }

  kick(cpu: number): void {
    // The CPU that is woken should not wait for the end of a long slice.
    const s = this.#state;
    if (cpu !== s.cpu && s.slice > 1 << 10) s.slice = (nextU32(s.prng) & 1023) + 1;
  }

  random(): number {
    return nextU32(this.#state.prng);
  }

  // EL0

  #user(cpu: Cpu, limit: number): void {
    const s = this.#state;
    const matched = s.matched[cpu.cpu]!;
    if (matched) {
      s.matched[cpu.cpu] = null;
      if (matched.kind === 'break') this.#exception(cpu, makeEsr(EC.breakpointLower, FSC.debug), 0, false);
      else {
        const { access } = matched;
        this.#exception(cpu, makeEsr(EC.watchpointLower, FSC.debug | (access.write ? ESR_WNR : 0)), access.address, false);
      }
      this.#retired(1);
      return;
    }
    if (this.kernel.interruptPending(cpu.cpu)) {
      this.#exception(cpu, 0, 0, true);
      this.#retired(1);
      return;
    }
    const pstate = cpu.sys.low('pstate');
    const stepping = cpu.debug.stepping;
    if (stepping && (pstate & PSTATE.SS) === 0) {
      this.#exception(cpu, makeEsr(EC.stepLower, FSC.debug), cpu.far, false);
      this.#retired(1);
      return;
    }
    this.#syncDebug(cpu);
    const deadline = Math.max(1, this.kernel.deadline(cpu.cpu) - this.now());
    const budget = stepping ? 1 : Math.min(limit - s.icount, Math.max(1, s.slice), deadline, LONGEST_RUN);
    this.#hit = null;
    let halt = this.engine.run(cpu.cpu, budget);
    const before = this.engine.retired;
    if (before > 0) this.#retired(before);
    if (before === 0 && halt === 'stop') {
      const slot = cpu.debug.matchBreak(cpu.pc, 0, pstate);
      if (slot >= 0) {
        this.#matched(cpu, { kind: 'break' });
        return;
      }
      halt = this.#single(cpu);
    } else if (before === 0 && halt === 'watch' && this.#hit === null) halt = this.#single(cpu);
    else if (before > 0 && halt !== 'svc' && halt !== 'budget') return; // what stopped it is the next tick
    if (stepping && (this.engine.retired > 0 || halt === 'svc')) cpu.sys.set('pstate', (cpu.sys.low('pstate') & ~PSTATE.SS) >>> 0);
    this.#halted(cpu, halt);
  }

  /** Executes the one instruction at pc whose access or address a query asked about, and reports it. */
  #single(cpu: Cpu): ReturnType<Engine['run']> {
    this.#queries.begin(cpu);
    const halt = this.engine.step(cpu.cpu, { ignoreStop: true });
    const retired = this.engine.retired;
    this.#queries.end(cpu, retired > 0);
    if (retired > 0) this.#retired(retired);
    return halt;
  }

  #halted(cpu: Cpu, kind: ReturnType<Engine['run']>): void {
    const { halt } = this.engine;
    switch (kind) {
      case 'budget':
      case 'stop':
        return;
      case 'svc':
        // SVC has retired; the exception belongs to it, so that no Mark lies between.
        this.#exception(cpu, makeEsr(EC.svc64, halt.imm), 0, false);
        return;
      case 'brk':
        this.#exception(cpu, makeEsr(EC.brk64, halt.imm), 0, false);
        break;
      case 'undefined':
        this.#exception(cpu, makeEsr(EC.unknown, 0), 0, false);
        break;
      case 'watch': {
        const access = this.#hit;
        assert(access, 'an access is refused only for a watchpoint');
        this.#matched(cpu, { kind: 'watch', access });
        return;
      }
      case 'fault': {
        const far = halt.addressHi * 0x1_0000_0000 + (halt.addressLo >>> 0);
        this.#exception(cpu, this.#faultSyndrome(cpu, far), far, false);
        break;
      }
      default:
        assert(false, `halt '${String(kind)}' is handled`);
    }
    this.#retired(1);
  }

  /** A match is a tick of its own, before the exception it causes: the hit's Mark shows the program as it was. */
  #matched(cpu: Cpu, match: DebugMatch): void {
    this.#state.matched[cpu.cpu] = match;
    this.kernel.debugMatched(cpu.cpu, match);
    this.#retired(1);
  }

  #faultSyndrome(cpu: Cpu, far: number): number {
    const { halt } = this.engine;
    if (halt.fault === 'pc-alignment') return makeEsr(EC.pcAlignment, 0);
    const wnr = halt.access === 1 ? ESR_WNR : 0;
    if (halt.fault === 'alignment') return makeEsr(EC.dabtLower, FSC.alignment | wnr);
    const present = this.kernel.translate(cpu.cpu, untag(far), 0) >= 0;
    const status = present ? FSC.permissionL3 : FSC.translationL3;
    return halt.access === 2 ? makeEsr(EC.iabtLower, status) : makeEsr(EC.dabtLower, status | wnr);
  }

  /** Exception entry from EL0 (DDI0487 D1.3.2). */
  #exception(cpu: Cpu, esr: number, far: number, irq: boolean): void {
    const { sys, regs } = cpu;
    const elr = regs.pc;
    sys.set('spsr_el1', (sys.low('pstate') | (regs.nzcv << 28)) >>> 0);
    sys.setBits('elr_el1', elr);
    if (!irq) {
      sys.set('esr_el1', esr);
      sys.set('far_el1', far);
    }
    sys.set('pstate', PSTATE_ENTRY);
    cpu.debug.synchronise();
    cpu.pc = irq ? this.kernel.vectors.irq : this.kernel.vectors.sync;
    this.kernel.exceptionTaken(cpu.cpu, esr, far, elr, irq);
  }

  /** Stops and watched pages follow the debug registers and queries. */
  #syncDebug(cpu: Cpu): void {
    if (this.#generations[cpu.cpu] !== cpu.debug.generation) {
      this.#generations[cpu.cpu] = cpu.debug.generation;
      this.engine.flushTlb(cpu.cpu);
      this.#stopsStale = true;
    }
    if (!this.#stopsStale) return;
    this.#stopsStale = false;
    const stops = new Set<bigint>(this.#queries.executeAddresses());
    for (const c of this.cpus) for (const address of c.debug.breakAddresses()) stops.add(BigInt(address));
    if (stops.size === 0 && this.#stops === 0) return;
    this.#stops = stops.size;
    this.engine.setStops([...stops]);
  }

  #host(): EngineHost {
    return {
      translate: (cpu, lo, hi, access) => {
        const address = (hi & 0x00ff_ffff) * 0x1_0000_0000 + (lo >>> 0);
        if (address >= 0x1_0000_0000_0000) return -1;
        const pfn = this.kernel.translate(cpu, address, access);
        if (pfn < 0) return -1;
        if (access === 1) this.mem.touch(pfn);
        this.touched(this.kernel.mm(cpu), address, 1 << access);
        return pfn;
      },
      isWatched: (cpu, lo, hi, access) => this.#isWatched(cpu, lo, hi, access),
      allowAccess: (cpu, lo, hi, size, access) => this.#allowAccess(cpu, lo, hi, size, access),
      // Virtual time stands still between instructions: those of the run in progress count.
      readSysreg: (_cpu, key) => readMachineSysreg(key, this.now() + this.engine.retired),
      writeSysreg: () => false,
    };
  }

  #isWatched(cpu: number, lo: number, hi: number, access: Access): boolean {
    if (access === 2) return false;
    const page = (hi & 0x00ff_ffff) * 0x1_0000_0000 + ((lo & ~4095) >>> 0);
    return this.cpus[cpu]!.debug.watchesPage(page, access === 1) || this.#queries.watchesPage(this.kernel.mm(cpu), page, access === 1);
  }

  #allowAccess(cpu: number, lo: number, hi: number, size: number, access: Access): boolean {
    if (access === 2) return true;
    const address = (hi & 0x00ff_ffff) * 0x1_0000_0000 + (lo >>> 0);
    const write = access === 1;
    const slot = this.cpus[cpu]!.debug.matchWatch({ address, size, write, privilege: 0, el: 0, masked: false });
    if (slot >= 0) {
      this.#hit = { address, size, write };
      return false;
    }
    this.#hit = null;
    return this.#queries.allow(this.kernel.mm(cpu), address, size, write);
  }

  // What the kernel asks for

  get nextEvent(): number {
    return this.#state.eventCount + this.#queue.length;
  }

  emit<E extends EventKind>(kind: E, fields: EventFields<E>, cpu: number, tid: number, pc: bigint, cause: number): number {
    const index = this.nextEvent;
    // The event's Mark: after the instruction in progress has retired.
    this.#queue.push({
      kind,
      fields,
      icount: this.#state.icount + 1,
      event: this.#queue.length + 1,
      cpu,
      tid,
      pc,
      cause,
    } as unknown as TraceEvent);
    return index;
  }

  patch(index: number, fields: Partial<EventFields<EventKind>>): void {
    const queued = this.#queue[index - this.#state.eventCount];
    if (queued) Object.assign(queued.fields, fields);
    else this.onPatch?.(index, fields);
  }

  stdin(limit: number): Uint8Array | 'eof' | 'pause' {
    return this.input.stdin(this.#state.icount, limit);
  }

  powerOff(stop: RunStop): void {
    this.#state.ended = stop;
  }

  flushTlb(cpu: number): void {
    this.engine.flushTlb(cpu);
  }
  flushTlbPage(cpu: number, address: number): void {
    this.engine.flushTlbPage(cpu, address | 0, Math.floor(address / 0x1_0000_0000));
  }

  userAccess(cpu: number, mm: number, address: number, pa: number, size: number, write: boolean): void {
    this.#queries.kernelAccess(this.cpus[cpu]!, mm, address, pa, size, write);
  }
  userAccessDone(cpu: number): void {
    this.#queries.kernelAccessDone(this.cpus[cpu]!);
  }

  touched(mm: number, address: number, bits: number): void {
    const key = mm * 0x10_0000_0000 + Math.floor(address / PAGE_SIZE);
    this.#touched.set(key, (this.#touched.get(key) ?? 0) | bits);
  }

  takeTouched(): Touched {
    const taken = this.#touched;
    this.#touched = new Map();
    this.engine.flushAllTlbs();
    return taken;
  }

  setQuery(queries: readonly AccessQuery[] | null): void {
    this.#queries.set(queries);
    this.#stopsStale = true;
    this.engine.flushAllTlbs();
  }

  // State

  #newEpoch(): void {
    this.mem.epoch++;
    for (const c of this.cpus) this.engine.flushTlb(c.cpu);
  }

  save(): Checkpoint {
    const { pages, bytes } = this.#store.save();
    this.#newEpoch();
    const cpus = new Uint8Array(this.cpus.length * (AARCH64_STATE.size + SYSTEM_STATE.size));
    this.cpus.forEach((c, i) => {
      cpus.set(c.stateBytes, i * (AARCH64_STATE.size + SYSTEM_STATE.size));
      cpus.set(c.systemBytes, i * (AARCH64_STATE.size + SYSTEM_STATE.size) + AARCH64_STATE.size);
    });
    const saved: SavedMachine = {
      mark: this.mark,
      bytes: bytes + cpus.length,
      state: clonePlain(this.#state),
      queue: clonePlain(this.#queue),
      records: clonePlain(this.kernel.records),
      cpus,
      pages,
    };
    return saved;
  }

  restore(checkpoint: Checkpoint): void {
    const saved = checkpoint as SavedMachine;
    assert(saved.pages.length > 0 && saved.cpus.length > 0, 'a checkpoint is restored on a machine like the one that made it');
    this.#store.restore(saved.pages, (pfn) => this.engine.dropCode(pfn));
    this.#newEpoch();
    this.cpus.forEach((c, i) => {
      const at = i * (AARCH64_STATE.size + SYSTEM_STATE.size);
      c.stateBytes.set(saved.cpus.subarray(at, at + AARCH64_STATE.size));
      c.systemBytes.set(saved.cpus.subarray(at + AARCH64_STATE.size, at + AARCH64_STATE.size + SYSTEM_STATE.size));
      c.debug.reload();
    });
    this.#state = clonePlain(saved.state);
    this.#queue = clonePlain(saved.queue) as TraceEvent[];
    this.kernel.records = clonePlain(saved.records);
    this.kernel.reloaded();
    this.#stopsStale = true;
  }

  digest(): Digest {
    const hasher = new Hasher();
    this.#store.digest(hasher);
    this.#newEpoch();
    for (const c of this.cpus) {
      hasher.words(c.words, 0, AARCH64_STATE.size >> 2);
      hasher.words(c.sys.words, 0, SYSTEM_STATE.size >> 2);
    }
    hasher.plain(this.#state);
    hasher.u32(this.#queue.length);
    hasher.plain(this.kernel.records);
    return hasher.finish();
  }

  /** For defects: everything that goes into the digest besides RAM. */
  inspect(): { readonly state: MachineState; readonly records: object; readonly queue: readonly TraceEvent[] } {
    return { state: this.#state, records: this.kernel.records, queue: this.#queue };
  }

  isAfter(mark: Mark): boolean {
    return compareMarks(this.mark, mark) > 0;
  }
}

const untag = (address: number): number => address % 0x100_0000_0000_0000;

/** One CPU as the machine and the kernel use it. */
export class Cpu implements CpuPort {
  readonly cpu: number;
  readonly regs: Registers;
  readonly sys: SystemState;
  readonly debug: DebugUnit;
  readonly words: Int32Array;
  readonly #u32: Uint32Array;
  readonly stateBytes: Uint8Array;
  readonly systemBytes: Uint8Array;

  constructor(cpu: number, buffer: ArrayBuffer, layout: MemoryLayout, regs: Registers, config: MachineConfig) {
    this.cpu = cpu;
    this.regs = regs;
    const base = layout.cpuBase + cpu * CPU_BLOCK_SIZE;
    const system = layout.systemBase + cpu * SYSTEM_BLOCK_SIZE;
    this.words = new Int32Array(buffer, base, AARCH64_STATE.size >> 2);
    this.#u32 = new Uint32Array(buffer, base, AARCH64_STATE.size >> 2);
    this.stateBytes = new Uint8Array(buffer, base, AARCH64_STATE.size);
    this.systemBytes = new Uint8Array(buffer, system, SYSTEM_STATE.size);
    this.sys = new SystemState(buffer, system);
    this.debug = new DebugUnit(this.sys, config.brps, config.wrps);
  }

  get el(): 0 | 1 {
    return (this.sys.low('pstate') & PSTATE.modeMask) === PSTATE.EL0t ? 0 : 1;
  }
  get far(): number {
    return this.sys.get('far_el1');
  }
  get pc(): number {
    const at = FIELDS.pc.offset >> 2;
    return this.words[at + 1]! * 0x1_0000_0000 + this.#u32[at]!;
  }
  set pc(value: number) {
    const at = FIELDS.pc.offset >> 2;
    this.words[at] = value;
    this.words[at + 1] = Math.floor(value / 0x1_0000_0000);
  }
  x(n: number): number {
    const at = (FIELDS.x.offset >> 2) + n * 2;
    return this.words[at + 1]! * 0x1_0000_0000 + this.#u32[at]!;
  }
  setX(n: number, value: number): void {
    const at = (FIELDS.x.offset >> 2) + n * 2;
    this.words[at] = value;
    this.words[at + 1] = Math.floor(value / 0x1_0000_0000);
  }
}
