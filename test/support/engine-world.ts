// The smallest machine an engine can run in: pages mapped by hand, no kernel. For tests of the engine and of rows.
import {
  CODE_PAGE_SIZE,
  CPU_BLOCK_SIZE,
  Engine,
  type EngineHost,
  type HandlerSet,
  type Tiers,
  createHandlers,
} from '../../workers/engine/engine.ts';
import { tiersWanted } from './tiers.ts';

let shared: HandlerSet | undefined;

export interface World {
  readonly engine: Engine;
  readonly memory: WebAssembly.Memory;
  readonly cpuBase: number;
  /** Page frame of each mapped virtual page number. Changes need engine.flushAllTlbs(). */
  readonly map: Map<number, { pfn: number; write: boolean }>;
  /** Asked of accesses to these virtual pages; returns whether they may happen. */
  readonly watched: Set<number>;
  allow: (va: bigint, size: number, access: number) => boolean;
  /** Maps zeroed pages over the range. */
  mapRange(va: number, bytes: number, write?: boolean): void;
  poke(va: number, bytes: ArrayLike<number>): void;
  peek(va: number, bytes: number): Uint8Array;
  pokeWords(va: number, words: readonly number[]): void;
}

const vpn = (lo: number, hi: number): number => (hi >>> 0) * 0x100000 + (lo >>> 12);

export interface WorldOptions {
  readonly cpus?: number;
  readonly ramPages?: number;
  readonly fresh?: boolean;
  readonly codePages?: number;
  /** Default: TRAPLINE_TIERS; when that is set, everything seen once is translated. */
  readonly tiers?: Tiers;
  readonly hotSamples?: number;
}

export function world(options: WorldOptions = {}): World {
  const cpus = options.cpus ?? 1;
  const ramPages = options.ramPages ?? 1024;
  const codePages = options.codePages ?? 64;
  const cpuBase = 4096;
  const codeBase = cpuBase + cpus * CPU_BLOCK_SIZE;
  const ramBase = codeBase + codePages * CODE_PAGE_SIZE;
  const pages = Math.ceil((ramBase + ramPages * 4096) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const map = new Map<number, { pfn: number; write: boolean }>();
  const watched = new Set<number>();
  const bytes = new Uint8Array(memory.buffer);
  let nextFrame = 1;
  const host: EngineHost = {
    translate: (_cpu, lo, hi, access) => {
      const page = map.get(vpn(lo, hi));
      return page === undefined || (access === 1 && !page.write) ? -1 : page.pfn;
    },
    isWatched: (_cpu, lo, hi) => watched.has(vpn(lo, hi)),
    allowAccess: (_cpu, lo, hi, size, access) => w.allow((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0), size, access),
    readSysreg: (_cpu, key) => (key === 0xdf02 ? 4n : null),
    writeSysreg: () => false,
  };
  const handlers = options.fresh ? createHandlers() : (shared ??= createHandlers());
  const engine = new Engine({
    memory,
    cpus,
    host,
    handlers,
    layout: { cpuBase, codeBase, codePages, ramBase, ramPages },
    tiers: options.tiers ?? tiersWanted ?? 0,
    hotSamples: options.hotSamples ?? 1,
  });
  const hostAddress = (va: number): number => ramBase + map.get(vpn(va, Math.floor(va / 2 ** 32)))!.pfn * 4096 + (va & 0xfff);
  const w: World = {
    engine,
    memory,
    cpuBase,
    map,
    watched,
    allow: () => true,
    mapRange: (va, size, write = true) => {
      for (let page = Math.floor(va / 4096); page <= Math.floor((va + size - 1) / 4096); page++) {
        if (!map.has(page)) map.set(page, { pfn: nextFrame++, write });
      }
    },
    poke: (va, data) => {
      for (let i = 0; i < data.length; i++) bytes[hostAddress(va + i)] = data[i]!;
    },
    peek: (va, size) => Uint8Array.from({ length: size }, (_, i) => bytes[hostAddress(va + i)]!),
    pokeWords: (va, words) => w.poke(va, new Uint8Array(Uint32Array.from(words).buffer)),
  };
  return w;
}

/** Maps a static ELF file's segments and a stack; returns the entry address. */
export function loadElf(w: World, file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const phoff = Number(view.getBigUint64(32, true));
  for (let i = 0; i < view.getUint16(56, true); i++) {
    const at = phoff + i * view.getUint16(54, true);
    if (view.getUint32(at, true) !== 1) continue;
    const [offset, va, , filesz, memsz] = [8, 16, 24, 32, 40].map((o) => Number(view.getBigUint64(at + o, true))) as [
      number,
      number,
      number,
      number,
      number,
    ];
    w.mapRange(va, memsz);
    w.poke(va, file.subarray(offset, offset + filesz));
  }
  return Number(view.getBigUint64(24, true));
}
