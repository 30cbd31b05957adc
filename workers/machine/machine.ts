// The machine: CPUs, memory and time, interleaved by one seeded scheduler; runs exactly to a Mark, saves, restores, and hashes its state.
// It knows nothing of tasks or system calls: the kernel behind GuestKernel does.
import type { EventFields, EventKind, TraceEvent } from '../../recordings/format/events.ts';
import { AARCH64_STATE } from '../arch/aarch64/state.ts';
import { SYSTEM_STATE } from '../arch/aarch64/system-state.ts';
import { assert } from '../base/assert.ts';
import { clonePlain } from '../base/clone.ts';
import { Hasher } from '../base/hash.ts';
import type { Mark } from '../base/mark.ts';
import { nextU32, seedPrng } from '../base/prng.ts';
import { Engine, type HandlerSet, createHandlers } from '../engine/engine.ts';
import { Cpu } from './cpu.ts';
import type { GuestKernel, MachinePort, MachineState } from './guest-kernel.ts';
import { layoutMemory, type MemoryLayout } from './layout.ts';
import type {
  AccessQuery,
  Checkpoint,
  Digest,
  InputSource,
  MachineApi,
  MachineConfig,
  MachineView,
  MatchCondition,
  Probe,
  ProbedAccess,
  RunStop,
  Touched,
} from './machine-api.ts';
import { type PageTable, PageStore } from './page-store.ts';
import { PAGE_SIZE, PhysMem } from './phys-mem.ts';
import { debugAccess, probe } from './probe.ts';
import { QueryWatch } from './query-watch.ts';
import { UserMode } from './user-mode.ts';
import { createView } from './view.ts';

/** Pages of predecoded code. */
const CODE_PAGES = 512;
/** A slice is 2^6..2^14 ticks, lengths chosen evenly by exponent: short ones show races, long ones are cheap. */
const SLICE_EXPONENTS = { low: 6, high: 14 } as const;
/** While only one CPU has something to do there is nobody to race with: its slices are long. One that wakes another ends soon (`kick`). */
const ALONE_EXPONENTS = { low: 18, high: 20 } as const;

/** Compiled handlers mean the same to every machine: those of a process share them. */
let sharedHandlers: HandlerSet | undefined;

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
  readonly queries: QueryWatch;
  #touched = new Map<number, number>();
  readonly #user: UserMode;

  constructor(config: MachineConfig, makeKernel: (port: MachinePort) => GuestKernel) {
    this.config = config;
    this.layout = layoutMemory(config.cpus, config.ramBytes, CODE_PAGES);
    const pages = Math.ceil(this.layout.totalBytes / 65536);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { buffer } = this.#memory;
    const memMap = (this.layout.ramPages * PAGE_SIZE - PhysMem.memMapSize(this.layout.ramPages)) & ~15;
    this.mem = new PhysMem(buffer, this.layout.ramBase, this.layout.ramPages, memMap);
    this.#user = new UserMode(this);
    this.engine = new Engine({
      memory: this.#memory,
      cpus: config.cpus,
      layout: this.layout,
      handlers: (sharedHandlers ??= createHandlers()),
      host: this.#user.host(),
    });
    this.mem.setHooks(this.engine);
    this.cpus = Array.from({ length: config.cpus }, (_, cpu) => new Cpu(cpu, buffer, this.layout, this.engine.regs(cpu), config));
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
    this.queries = new QueryWatch(this);
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
  /** Scheduler and counters; replaced by restore. */
  get state(): MachineState {
    return this.#state;
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
        s.icount++;
        s.slice--;
        s.event = 0;
        if (this.#queue.length > 0 || this.#el(cpu) === 0 || s.ended) break;
      }
    } else this.#user.run(cpu, limit);
    if (s.slice <= 0 || this.kernel.waiting(s.cpu)) this.#nextCpu();
    return null;
  }

  /** A step may have changed it. */
  #el(cpu: Cpu): 0 | 1 {
    return cpu.el;
  }

  /** Instructions of the tick in progress have retired. */
  retired(count: number): void {
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
    this.#newSlice(ready.length === 1);
  }

  #newSlice(alone: boolean): void {
    const s = this.#state;
    const { low, high } = alone ? ALONE_EXPONENTS : SLICE_EXPONENTS;
    const exponent = low + (nextU32(s.prng) % (high - low + 1));
    s.slice = (1 << exponent) + (nextU32(s.prng) & ((1 << exponent) - 1));
    if (!alone) return;
    // The timers of the others are not late.
    for (let c = 0; c < this.cpus.length; c++)
      if (c !== s.cpu) s.slice = Math.min(s.slice, Math.max(1, this.kernel.deadline(c) - this.now()));
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
    this.#newSlice(false);
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
    this.queries.kernelAccess(this.cpus[cpu]!, mm, address, pa, size, write);
  }
  userAccessDone(cpu: number): void {
    this.queries.kernelAccessDone(this.cpus[cpu]!);
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

  probe(cpu: number): Probe {
    return probe(this, this.#user, cpu);
  }

  explain(cpu: number, file: 'BRP' | 'WRP', slot: number, access: ProbedAccess): readonly MatchCondition[] {
    return this.cpus[cpu]!.debug.explain(file, slot, debugAccess(this.cpus[cpu]!, access));
  }

  setQuery(queries: readonly AccessQuery[] | null): void {
    this.queries.set(queries);
    this.#user.stale();
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
    this.#user.stale();
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
}
