// A machine of sixteen registers and 64 KiB that runs a made-up program: the smallest thing that has Marks, events, inputs and
// state. It tests the algorithms of workers/replay alone; everything that claims something about arm64 uses the real machine.
import type { EventFields, EventKind, TraceEvent } from '../../recordings/format/events.ts';
import type { Mark } from '../../workers/base/mark.ts';
import { compareMarks } from '../../workers/base/mark.ts';
import type {
  AccessQuery,
  Checkpoint,
  CpuView,
  Digest,
  InputSource,
  MachineApi,
  MachineConfig,
  MachineView,
  MatchCondition,
  Probe,
  RunStop,
  TaskView,
  Touched,
} from '../../workers/machine/machine-api.ts';

const MEMORY = 65536;
export const TOY_BASE = 0x10000;

interface ToyState {
  icount: number;
  event: number;
  events: number;
  random: number;
  regs: Uint32Array;
  memory: Uint8Array;
  ended: RunStop | null;
}

const copy = (s: ToyState): ToyState => ({ ...s, regs: s.regs.slice(), memory: s.memory.slice() });

interface ToyCheckpoint extends Checkpoint {
  readonly state: ToyState;
}

export interface ToyOptions {
  readonly seed: number;
  /** Ends itself after so many instructions. */
  readonly length: number;
  /** Called before each tick: a test's way to make one machine wrong. */
  readonly perturb?: (state: { readonly icount: number; readonly regs: Uint32Array; readonly memory: Uint8Array }) => void;
}

export class ToyMachine implements MachineApi {
  readonly config: MachineConfig;
  onEvent: ((event: TraceEvent) => void) | null = null;
  onPatch: (<K extends EventKind>(index: number, fields: Partial<EventFields<K>>) => void) | null = null;
  input: InputSource = { stdin: () => 'eof' };
  /** Ticks ever executed by this object, replays included: what a test of cost looks at. */
  ticks = 0;
  restores = 0;
  readonly #options: ToyOptions;
  #s: ToyState;
  #touched = new Map<number, number>();
  #queries: readonly AccessQuery[] = [];

  constructor(options: ToyOptions) {
    this.#options = options;
    this.#s = {
      icount: 0,
      event: 0,
      events: 0,
      random: options.seed | 1,
      regs: new Uint32Array(16),
      memory: new Uint8Array(MEMORY),
      ended: null,
    };
    this.config = {
      arch: 'aarch64',
      cpus: 1,
      seed: options.seed,
      ramBytes: MEMORY,
      policies: {},
      brps: 6,
      wrps: 4,
      program: { path: '/toy', argv: ['toy'], env: [], files: new Map() },
      events: [],
    };
  }

  probe(): Probe {
    throw new Error('a toy has no debug unit');
  }
  explain(): readonly MatchCondition[] {
    throw new Error('a toy has no debug unit');
  }

  get mark(): Mark {
    return { icount: this.#s.icount, event: this.#s.event };
  }

  get eventCount(): number {
    return this.#s.events;
  }

  get ended(): RunStop | null {
    return this.#s.ended;
  }

  run(target: Mark | null, maxTicks = Infinity): RunStop {
    for (let ticks = 0; ; ticks++) {
      if (target !== null && compareMarks(this.mark, target) >= 0) return { kind: 'target' };
      if (this.#s.ended !== null) return this.#s.ended;
      if (ticks >= maxTicks) return { kind: 'interrupted' };
      if (target !== null && this.#passes(target)) return { kind: 'target' };
      const stop = this.tick();
      if (stop.kind === 'input') return stop;
    }
  }

  /** A tick that emits two events has no Mark between them: a target there is not reached, nor passed. */
  #passes(target: Mark): boolean {
    return target.icount === this.#s.icount && target.event === this.#s.event + 1 && this.#emitsTwo();
  }

  #emitsTwo(): boolean {
    const random = this.#next(this.#s.random);
    return ((random >>> 20) & 15) === 15 && (random & 0x30000) === 0;
  }

  #next(x: number): number {
    return (Math.imul(x, 1664525) + 1013904223) >>> 0;
  }

  tick(): RunStop {
    const s = this.#s;
    if (s.ended !== null) return s.ended;
    const random = this.#next(s.random);
    const kind = (random >>> 20) & 15;
    const address = (random >>> 3) & (random & 0x1000 ? 0xff8 : 0xfff8);
    const register = random & 15;
    if (kind === 3 && (random & 0x70000) === 0) {
      const got = this.input.stdin(s.icount, 4);
      if (got === 'pause') return { kind: 'input' };
      s.regs[0] = got === 'eof' ? 0xffffffff : got.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 7) >>> 0;
    }
    s.random = random;
    this.ticks++;
    this.#options.perturb?.(s);
    if (kind >= 14 && (random & 0x30000) === 0) {
      this.#emit('signal', { signal: 'SIGTOY', code: kind, address: BigInt(address), action: 'ignored' });
      if (kind === 15) this.#emit('signal', { signal: 'SIGTWO', code: kind, address: BigInt(address), action: 'ignored' });
      return { kind: 'target' };
    }
    if (kind < 6) this.#access(address, 'w', () => new DataView(s.memory.buffer).setUint32(address, s.regs[register]!, true));
    else if (kind < 10) this.#access(address, 'r', () => void (s.regs[register] = (s.regs[register]! + s.memory[address]!) >>> 0));
    else s.regs[register] = (Math.imul(s.regs[(register + 1) & 15]!, 7) + random) >>> 0;
    s.icount++;
    s.event = 0;
    if (s.icount >= this.#options.length) s.ended = { kind: 'exited', code: 0, signal: null };
    return s.ended ?? { kind: 'target' };
  }

  #access(address: number, access: 'r' | 'w', perform: () => void): void {
    const size = access === 'w' ? 4 : 1;
    const vpn = (TOY_BASE + address) >> 12;
    const key = 2 ** 36 + vpn;
    this.#touched.set(key, (this.#touched.get(key) ?? 0) | (access === 'w' ? 2 : 1));
    const at = BigInt(TOY_BASE + address);
    const asked = this.#queries.filter(
      (q) => (access === 'w' ? q.write : q.read) && at < q.address + BigInt(q.length) && at + BigInt(size) > q.address,
    );
    const mark = this.mark;
    const old = this.#s.memory.slice(address, address + size);
    perform();
    const now = this.#s.memory.slice(address, address + size);
    for (const q of asked) q.report({ mark, cpu: 0, tid: 1, pc: BigInt(mark.icount * 4), address: at, size, access, el: 0, old, new: now });
  }

  #emit<K extends EventKind>(kind: K, fields: EventFields<K>): void {
    const s = this.#s;
    this.onEvent?.({ icount: s.icount, event: s.event, cpu: 0, tid: 1, pc: BigInt(s.icount * 4), cause: -1, kind, fields } as TraceEvent);
    s.event++;
    s.events++;
  }

  save(): ToyCheckpoint {
    return { mark: this.mark, bytes: MEMORY, state: copy(this.#s) };
  }

  restore(checkpoint: Checkpoint): void {
    this.restores++;
    this.#s = copy((checkpoint as ToyCheckpoint).state);
  }

  digest(): Digest {
    let lo = 0x811c9dc5;
    let hi = 0x1234567;
    const mix = (word: number): void => {
      lo = Math.imul(lo ^ word, 0x01000193);
      hi = Math.imul(hi ^ (word + 0x9e37), 0x85ebca6b) ^ (hi >>> 13);
    };
    const s = this.#s;
    for (const word of [s.icount, s.event, s.events, s.random, ...s.regs]) mix(word);
    for (const word of new Uint32Array(s.memory.buffer)) mix(word);
    return { lo: lo >>> 0, hi: hi >>> 0 };
  }

  takeTouched(): Touched {
    const touched = this.#touched;
    this.#touched = new Map();
    return touched;
  }

  setQuery(queries: readonly AccessQuery[] | null): void {
    this.#queries = queries ?? [];
  }

  readonly view: MachineView = {
    cpu: (): CpuView => ({
      cpu: 0,
      el: 0,
      pc: BigInt(this.#s.icount * 4),
      tid: 1,
      mm: 1,
      regs: Object.fromEntries([...this.#s.regs].map((value, i) => [`x${i}`, BigInt(value)])),
      debug: {},
      slots: [],
    }),
    currentCpu: 0,
    tasks: (): readonly TaskView[] => [{ tid: 1, tgid: 1, mm: 1, name: 'toy', state: 'running', cpu: 0, kernelStack: [] }],
    read: (_mm, address, length) => Array.from({ length }, (_, i) => this.#s.memory[Number(address) - TOY_BASE + i] ?? null),
    symbolAt: () => null,
    addressOf: () => null,
    disassemble: () => [],
  };
}
