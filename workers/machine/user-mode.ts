// Programs at EL0: runs the engine, takes the exceptions its halts stand for, and answers what the engine asks. One tick of it is one
// instruction, one match of a comparator or one exception; what comes of an exception is the kernel's.
import { EC, ESR_WNR, FSC, PSTATE, PSTATE_ENTRY, makeEsr } from '../arch/aarch64/exceptions.ts';
import { readMachineSysreg } from '../arch/aarch64/machine-sysregs.ts';
import { SYSTEM_WORD } from '../arch/aarch64/system-state.ts';
import { assert } from '../base/assert.ts';
import type { Access, Engine, EngineHost } from '../engine/engine.ts';
import type { Cpu } from './cpu.ts';
import type { DebugMatch, GuestKernel, MachineState, WatchAccess } from './guest-kernel.ts';
import type { PhysMem } from './phys-mem.ts';
import type { QueryWatch } from './query-watch.ts';

/** Instructions one call of the engine may retire. */
const LONGEST_RUN = 1 << 20;

const FAULT_WORDS = {
  fault: 'it takes an abort before it completes',
  undefined: 'it is undefined',
  brk: 'it is a BRK',
} as const;

/** The machine as this part of it sees it. */
export interface UserModeHost {
  readonly state: MachineState;
  readonly engine: Engine;
  readonly kernel: GuestKernel;
  readonly mem: PhysMem;
  readonly cpus: readonly Cpu[];
  readonly queries: QueryWatch;
  now(): number;
  retired(count: number): void;
  touched(mm: number, address: number, bits: number): void;
}

export class UserMode {
  readonly #machine: UserModeHost;
  /** Set by allowAccess when a comparator matched: what the watchpoint exception is about. */
  #hit: WatchAccess | null = null;
  /** By CPU: generation of the debug unit that the engine's stops and the soft TLB were made for. */
  readonly #generations: number[] = [];
  #stopsStale = true;
  /** The stops the engine has for comparators, a row a CPU. */
  #breaks: readonly (readonly number[])[] = [];

  constructor(machine: UserModeHost) {
    this.#machine = machine;
  }

  /** While `probe` runs: the accesses so far, all of which are allowed. */
  #probed: WatchAccess[] | null = null;

  /** Executes the instruction at pc whatever comparators say; its accesses in order, and why it did not complete. The caller restores. */
  probe(cpu: Cpu): { readonly accesses: readonly WatchAccess[]; readonly fault: string | null } {
    const { engine } = this.#machine;
    const accesses: WatchAccess[] = [];
    this.#probed = accesses;
    engine.flushTlb(cpu.cpu);
    const kind = engine.step(cpu.cpu, { ignoreStop: true });
    this.#probed = null;
    engine.flushTlb(cpu.cpu);
    return { accesses, fault: kind === 'fault' || kind === 'undefined' || kind === 'brk' ? FAULT_WORDS[kind] : null };
  }

  /** Debug registers or queries changed other than by a write of the kernel. */
  stale(): void {
    this.#stopsStale = true;
  }

  /** Moves the CPU by at least one tick, at most to `limit` instructions. */
  run(cpu: Cpu, limit: number): void {
    const s = this.#machine.state;
    const matched = s.matched[cpu.cpu]!;
    if (matched) {
      s.matched[cpu.cpu] = null;
      if (matched.kind === 'break') this.#exception(cpu, makeEsr(EC.breakpointLower, FSC.debug), 0, false);
      else {
        const { access } = matched;
        this.#exception(cpu, makeEsr(EC.watchpointLower, FSC.debug | (access.write ? ESR_WNR : 0)), access.address, false);
      }
      this.#machine.retired(1);
      return;
    }
    if (this.#machine.kernel.interruptPending(cpu.cpu)) {
      this.#exception(cpu, 0, 0, true);
      this.#machine.retired(1);
      return;
    }
    const pstate = cpu.sys.words[SYSTEM_WORD.pstate]! >>> 0;
    const stepping = cpu.debug.stepping;
    if (stepping && (pstate & PSTATE.SS) === 0) {
      this.#exception(cpu, makeEsr(EC.stepLower, FSC.debug), cpu.far, false);
      this.#machine.retired(1);
      return;
    }
    this.#syncDebug(cpu);
    const deadline = Math.max(1, this.#machine.kernel.deadline(cpu.cpu) - this.#machine.now());
    const budget = stepping ? 1 : Math.min(limit - s.icount, Math.max(1, s.slice), deadline, LONGEST_RUN);
    this.#hit = null;
    let halt = this.#machine.engine.run(cpu.cpu, budget);
    const before = this.#machine.engine.retired;
    if (before > 0) this.#machine.retired(before);
    if (before === 0 && halt === 'stop') {
      const slot = cpu.debug.matchBreak(cpu.pc, 0, pstate);
      if (slot >= 0) {
        this.#matched(cpu, { kind: 'break' });
        return;
      }
      halt = this.#single(cpu);
    } else if (before === 0 && halt === 'watch' && this.#hit === null) halt = this.#single(cpu);
    else if (before > 0 && halt !== 'svc' && halt !== 'budget') return; // what stopped it is the next tick
    if (stepping && (this.#machine.engine.retired > 0 || halt === 'svc')) cpu.sys.set('pstate', (cpu.sys.low('pstate') & ~PSTATE.SS) >>> 0);
    this.#halted(cpu, halt);
  }

  /** Executes the one instruction at pc whose access or address a query asked about, and reports it. */
  #single(cpu: Cpu): ReturnType<Engine['run']> {
    this.#machine.queries.begin(cpu);
    const halt = this.#machine.engine.step(cpu.cpu, { ignoreStop: true });
    const retired = this.#machine.engine.retired;
    this.#machine.queries.end(cpu, retired > 0);
    if (retired > 0) this.#machine.retired(retired);
    return halt;
  }

  #halted(cpu: Cpu, kind: ReturnType<Engine['run']>): void {
    const { halt } = this.#machine.engine;
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
        const far = (halt.addressHi >>> 0) * 0x1_0000_0000 + (halt.addressLo >>> 0);
        this.#exception(cpu, this.#faultSyndrome(cpu, far), far, false, true);
        break;
      }
      default:
        assert(false, `halt '${String(kind)}' is handled`);
    }
    this.#machine.retired(1);
  }

  /** A match is a tick of its own, before the exception it causes: the hit's Mark shows the program as it was. */
  #matched(cpu: Cpu, match: DebugMatch): void {
    this.#machine.state.matched[cpu.cpu] = match;
    this.#machine.kernel.debugMatched(cpu.cpu, match);
    this.#machine.retired(1);
  }

  #faultSyndrome(cpu: Cpu, far: number): number {
    const { halt } = this.#machine.engine;
    if (halt.fault === 'pc-alignment') return makeEsr(EC.pcAlignment, 0);
    const wnr = halt.access === 1 ? ESR_WNR : 0;
    if (halt.fault === 'alignment') return makeEsr(EC.dabtLower, FSC.alignment | wnr);
    const present = this.#machine.kernel.translate(cpu.cpu, untag(far), 0) >= 0;
    const status = present ? FSC.permissionL3 : FSC.translationL3;
    return halt.access === 2 ? makeEsr(EC.iabtLower, status) : makeEsr(EC.dabtLower, status | wnr);
  }

  /** Exception entry from EL0 (DDI0487 D1.3.2). */
  #exception(cpu: Cpu, esr: number, far: number, irq: boolean, fault = false): void {
    const { sys, regs } = cpu;
    const { pcLo, pcHi } = regs;
    const { words } = sys;
    words[SYSTEM_WORD.spsr_el1] = words[SYSTEM_WORD.pstate]! | (regs.nzcv << 28);
    words[SYSTEM_WORD.spsr_el1 + 1] = 0;
    words[SYSTEM_WORD.elr_el1] = pcLo;
    words[SYSTEM_WORD.elr_el1 + 1] = pcHi;
    if (!irq) {
      sys.set('esr_el1', esr);
      // An address with a tag is more than a number holds: the halves are exact.
      const { halt } = this.#machine.engine;
      if (fault) sys.setHalves('far_el1', halt.addressLo, halt.addressHi);
      else sys.set('far_el1', far);
    }
    words[SYSTEM_WORD.pstate] = PSTATE_ENTRY;
    words[SYSTEM_WORD.pstate + 1] = 0;
    cpu.debug.synchronise();
    cpu.pc = irq ? this.#machine.kernel.vectors.irq : this.#machine.kernel.vectors.sync;
    this.#machine.kernel.exceptionTaken(cpu.cpu, esr, far, irq);
  }

  /** Stops and watched pages follow the debug registers and queries. */
  #syncDebug(cpu: Cpu): void {
    if (this.#generations[cpu.cpu] !== cpu.debug.generation) {
      this.#generations[cpu.cpu] = cpu.debug.generation;
      this.#forgetWatched(cpu);
      this.#stopsStale ||= !sameNumbers(cpu.debug.breakAddresses(), this.#breaks[cpu.cpu] ?? []);
    }
    if (!this.#stopsStale) return;
    this.#stopsStale = false;
    this.#breaks = this.#machine.cpus.map((c) => c.debug.breakAddresses());
    const stops = new Set<bigint>(this.#machine.queries.executeAddresses());
    for (const addresses of this.#breaks) for (const address of addresses) stops.add(BigInt(address));
    this.#machine.engine.setStops([...stops]);
  }

  /** Watched pages may be in the soft TLB from before; those that no longer are come back by themselves. */
  #forgetWatched(cpu: Cpu): void {
    const pages = cpu.debug.watchedPages();
    if (pages === null) this.#machine.engine.flushTlb(cpu.cpu);
    else for (const page of pages) this.#machine.engine.flushTlbPage(cpu.cpu, page | 0, Math.floor(page / 0x1_0000_0000));
  }

  /** What the engine asks while it runs. */
  host(): EngineHost {
    return {
      translate: (cpu, lo, hi, access) => {
        const address = (hi & 0x00ff_ffff) * 0x1_0000_0000 + (lo >>> 0);
        if (address >= 0x1_0000_0000_0000) return -1;
        const pfn = this.#machine.kernel.translate(cpu, address, access);
        if (pfn < 0) return -1;
        if (access === 1) this.#machine.mem.touch(pfn);
        this.#machine.touched(this.#machine.kernel.mm(cpu), address, 1 << access);
        return pfn;
      },
      isWatched: (cpu, lo, hi, access) => this.#isWatched(cpu, lo, hi, access),
      allowAccess: (cpu, lo, hi, size, access) => this.#allowAccess(cpu, lo, hi, size, access),
      // Virtual time stands still between instructions: those of the run in progress count.
      readSysreg: (_cpu, key) => readMachineSysreg(key, this.#machine.now() + this.#machine.engine.retired),
      writeSysreg: () => false,
    };
  }

  #isWatched(cpu: number, lo: number, hi: number, access: Access): boolean {
    if (access === 2) return false;
    if (this.#probed !== null) return true;
    const page = (hi & 0x00ff_ffff) * 0x1_0000_0000 + ((lo & ~4095) >>> 0);
    return (
      this.#machine.cpus[cpu]!.debug.watchesPage(page, access === 1) ||
      this.#machine.queries.watchesPage(this.#machine.kernel.mm(cpu), page, access === 1)
    );
  }

  #allowAccess(cpu: number, lo: number, hi: number, size: number, access: Access): boolean {
    if (access === 2) return true;
    const address = (hi & 0x00ff_ffff) * 0x1_0000_0000 + (lo >>> 0);
    const write = access === 1;
    if (this.#probed !== null) {
      this.#probed.push({ address, size, write });
      return true;
    }
    const slot = this.#machine.cpus[cpu]!.debug.matchWatch({ address, size, write, privilege: 0, el: 0, masked: false });
    if (slot >= 0) {
      this.#hit = { address, size, write };
      return false;
    }
    this.#hit = null;
    return this.#machine.queries.allow(this.#machine.kernel.mm(cpu), address, size, write);
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

/** Without the tag of the top byte. */
const untag = (address: number): number => address % 0x100_0000_0000_0000;
