// Reads ELF64 executables for AArch64 and their symbols: pure, hostile-safe, no machine involved. It does not load anything;
// the loader (workers/kernel/loader) maps what this describes. Source: System V gABI, "ELF for the Arm 64-bit Architecture".
import { type Result, err, ok } from './result.ts';

/** A PT_LOAD row. Addresses are as in the file: a static-pie is moved by the loader. */
export interface ElfSegment {
  readonly address: number;
  readonly memorySize: number;
  readonly fileOffset: number;
  readonly fileSize: number;
  /** PF_X 1, PF_W 2, PF_R 4. */
  readonly flags: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly kind: 'function' | 'object' | 'other';
  readonly global: boolean;
}

export interface ElfFile {
  readonly name: string;
  /** ET_DYN: addresses are relative to a base the loader chooses. */
  readonly pie: boolean;
  readonly entry: number;
  readonly segments: readonly ElfSegment[];
  /** Where the program headers are in memory (AT_PHDR), 0 when no segment holds them. */
  readonly programHeaders: number;
  readonly programHeaderCount: number;
  readonly executableStack: boolean;
  readonly symbols: SymbolTable;
}

/** Largest image accepted, in bytes from the lowest to the highest mapped address. */
export const LARGEST_IMAGE = 0x2000_0000;
const USER_END = 2 ** 47;
const PAGE = 4096;
const MOST_PROGRAM_HEADERS = 512;

const MACHINES: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'x86 (32 bit)',
  8: 'MIPS',
  20: 'PowerPC (32 bit)',
  21: 'PowerPC (64 bit)',
  22: 'IBM S/390',
  40: 'Arm (32 bit)',
  43: 'SPARC V9',
  50: 'Itanium',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
  247: 'BPF',
  258: 'LoongArch',
};

/** True when the bytes begin like an ELF file, whatever follows. */
export function looksLikeElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/**
 * Reads a static or static-pie AArch64 executable. An error is one sentence that names the file, the part and the way out.
 * `bytes` is not copied and must not change while the result is in use.
 */
export function parseElf(bytes: Uint8Array, name: string): Result<ElfFile> {
  const bad = (text: string): Result<never> => err(`${name}: ${text}`);
  if (!looksLikeElf(bytes)) return bad('not an ELF file; build a program with aarch64-linux-gnu-gcc -static');
  if (bytes.length < 64) return bad(`the ELF header is cut off after ${bytes.length} of 64 bytes; copy the file again`);
  const at = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[5] === 2) return bad(`big-endian ${MACHINES[at.getUint16(18, false)] ?? 'program'}; this machine is little-endian AArch64`);
  const machine = at.getUint16(18, true);
  if (bytes[4] !== 2 || machine !== 183) {
    const other = MACHINES[machine] ?? `architecture number ${machine}`;
    if (machine === 183) return bad('the ELF header says 32 bit (ILP32); build it for 64-bit AArch64');
    return bad(`built for ${other}, not AArch64; build it with aarch64-linux-gnu-gcc -static`);
  }
  if (bytes[5] !== 1) return bad(`the ELF header has data encoding ${bytes[5]}; only 1 (little-endian) is known`);
  const type = at.getUint16(16, true);
  if (type === 1) return bad('an object file, not a program; link it with aarch64-linux-gnu-gcc -static');
  if (type === 4) return bad('a core dump, not a program; give the program that made it');
  if (type !== 2 && type !== 3) return bad(`the ELF header has type ${type}; only executables (2) and static-pie (3) can run`);

  const entry = u64(at, 24);
  const tableOffset = u64(at, 32);
  const rowSize = at.getUint16(54, true);
  const count = at.getUint16(56, true);
  if (count === 0) return bad('the ELF header lists no program headers, so there is nothing to load; link it as a program');
  if (count > MOST_PROGRAM_HEADERS)
    return bad(`the ELF header lists ${count} program headers, more than ${MOST_PROGRAM_HEADERS}; the file is damaged`);
  if (rowSize !== 56) return bad(`program headers of ${rowSize} bytes instead of 56; the file is damaged`);
  if (tableOffset + count * rowSize > bytes.length)
    return bad(`the program headers end after the file (${bytes.length} bytes); copy the file again`);

  const segments: ElfSegment[] = [];
  let programHeaders = 0;
  let executableStack = false;
  let interpreter: string | null = null;
  let dynamicNeeded = false;
  for (let i = 0; i < count; i++) {
    const row = tableOffset + i * rowSize;
    const kind = at.getUint32(row, true);
    const flags = at.getUint32(row + 4, true);
    const fileOffset = u64(at, row + 8);
    const address = u64(at, row + 16);
    const fileSize = u64(at, row + 32);
    const memorySize = u64(at, row + 40);
    const part = `program header ${i}`;
    if (kind === PT_GNU_STACK) executableStack = (flags & 1) !== 0;
    if (kind === PT_PHDR) programHeaders = address;
    if (kind === PT_INTERP) {
      if (fileOffset + fileSize > bytes.length) return bad(`${part} (PT_INTERP) lies outside the file; copy the file again`);
      interpreter = text(bytes, fileOffset, Math.min(fileOffset + fileSize, fileOffset + 200));
    }
    if (kind === PT_DYNAMIC && fileOffset + fileSize <= bytes.length) dynamicNeeded = hasNeeded(at, fileOffset, fileSize);
    if (kind !== PT_LOAD || memorySize === 0) continue;
    if (fileSize > memorySize)
      return bad(`${part} has more bytes in the file (${fileSize}) than in memory (${memorySize}); the file is damaged`);
    if (fileOffset + fileSize > bytes.length) {
      return bad(
        `${part} needs bytes ${fileOffset} to ${fileOffset + fileSize} of a file of ${bytes.length}; it is truncated, copy it again`,
      );
    }
    if (memorySize > LARGEST_IMAGE)
      return bad(`${part} wants ${size(memorySize)} of memory; programs up to ${size(LARGEST_IMAGE)} can be loaded`);
    if (address + memorySize > USER_END) return bad(`${part} lies at ${hex(address)}, outside the ${hex(USER_END)} bytes of user memory`);
    if ((address - fileOffset) % PAGE !== 0)
      return bad(`${part}: address ${hex(address)} and file offset ${hex(fileOffset)} differ within a page; the file is damaged`);
    segments.push({ address, memorySize, fileOffset, fileSize, flags: flags & 7 });
  }
  if (interpreter !== null || dynamicNeeded) {
    return bad(`a dynamic executable${interpreter === null ? '' : ` (it asks for ${interpreter})`}; link it with -static`);
  }
  if (segments.length === 0) return bad('no loadable segment; link it as a program');
  const sorted = segments.slice().sort((a, b) => a.address - b.address);
  for (let i = 1; i < sorted.length; i++) {
    const a = sorted[i - 1]!;
    const b = sorted[i]!;
    if (a.address + a.memorySize > b.address)
      return bad(`segments at ${hex(a.address)} and ${hex(b.address)} overlap; the file is damaged`);
  }
  const low = sorted[0]!.address;
  const last = sorted[sorted.length - 1]!;
  if (last.address + last.memorySize - low > LARGEST_IMAGE) {
    return bad(`segments spread over ${size(last.address + last.memorySize - low)}; programs up to ${size(LARGEST_IMAGE)} can be loaded`);
  }
  if (type === 2 && low < PAGE) return bad(`a segment at ${hex(low)}: the first page stays unmapped; link it at a higher address`);
  const inside = sorted.find((s) => (s.flags & 1) !== 0 && entry >= s.address && entry < s.address + s.memorySize);
  if (inside === undefined) return bad(`the entry point ${hex(entry)} is in no executable segment; the file is damaged`);
  if (entry % 4 !== 0) return bad(`the entry point ${hex(entry)} is not a multiple of 4; the file is damaged`);
  if (programHeaders === 0) {
    const holder = sorted.find((s) => tableOffset >= s.fileOffset && tableOffset + count * rowSize <= s.fileOffset + s.fileSize);
    if (holder !== undefined) programHeaders = holder.address + (tableOffset - holder.fileOffset);
  }
  let symbols: SymbolTable | null = null;
  return ok({
    name,
    pie: type === 3,
    entry,
    segments: sorted,
    programHeaders,
    programHeaderCount: count,
    executableStack,
    // Read when first asked for: most executions of a program need no names.
    get symbols() {
      symbols ??= new SymbolTable(readSymbols(bytes, at));
      return symbols;
    },
  });
}

/** What to add to a file's addresses to get those of the running program. */
export const loadBias = (elf: ElfFile): number => (elf.pie ? STATIC_PIE_BASE : 0);
/** Where a static-pie goes: two thirds of user memory, as Linux without randomization. */
export const STATIC_PIE_BASE = 0xaaaa_aaaa_a000;

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const PT_PHDR = 6;
const PT_GNU_STACK = 0x6474e551;
const SHT_SYMTAB = 2;

/** Named addresses of one file, in file addresses (add the base of a static-pie). */
export class SymbolTable {
  readonly all: readonly ElfSymbol[];
  readonly #byName = new Map<string, ElfSymbol>();
  /** Functions and objects by address; of several at one address the best name first. */
  readonly #byAddress: readonly ElfSymbol[];

  constructor(symbols: readonly ElfSymbol[]) {
    this.all = symbols;
    for (const s of symbols) {
      const known = this.#byName.get(s.name);
      if (known === undefined || rank(s) < rank(known)) this.#byName.set(s.name, s);
    }
    this.#byAddress = symbols.slice().sort((a, b) => a.address - b.address || rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  }

  byName(name: string): ElfSymbol | null {
    return this.#byName.get(name) ?? null;
  }

  /** The symbol that covers `address`; one without a size covers up to the next symbol, at most 64 KiB. */
  at(address: number): { readonly symbol: ElfSymbol; readonly offset: number } | null {
    const list = this.#byAddress;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    let best: ElfSymbol | null = null;
    for (let i = low - 1; i >= 0 && i > low - 24; i--) {
      const s = list[i]!;
      const offset = address - s.address;
      if (offset < s.size && (best === null || s.address > best.address || rank(s) <= rank(best))) best = s;
      else if (s.size === 0 && offset < 0x10000 && best === null && (i === low - 1 || s.address === list[low - 1]!.address)) best = s;
      if (best !== null && s.address < best.address) break;
    }
    return best === null ? null : { symbol: best, offset: address - best.address };
  }

  /** Up to three known names near `name`, nearest first. */
  suggest(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    const found: { name: string; score: number }[] = [];
    const limit = Math.max(1, Math.floor(wanted.length / 3));
    for (const [candidate, symbol] of this.#byName) {
      const lower = candidate.toLowerCase();
      const part = wanted.length > 2 && (lower.includes(wanted) || (lower.length > 2 && wanted.includes(lower)));
      const distance = Math.abs(lower.length - wanted.length) > limit ? limit + 1 : editDistance(lower, wanted, limit);
      if (distance > limit && !part) continue;
      const score = Math.min(distance, part ? 1 + Math.abs(lower.length - wanted.length) / 8 : Infinity);
      found.push({ name: candidate, score: score + (symbol.kind === 'object' ? 0 : 0.1) });
    }
    found.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
    return found.slice(0, 3).map((f) => f.name);
  }
}

function rank(s: ElfSymbol): number {
  return (s.kind === 'other' ? 4 : 0) + (s.global ? 0 : 2) + (s.name.startsWith('_') ? 1 : 0);
}

/** Edits, where swapping two neighbours is one (optimal string alignment), or limit + 1 as soon as it must be larger. */
function editDistance(a: string, b: string, limit: number): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  let before = previous;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
      const value = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), swapped);
      row.push(value);
      if (value < least) least = value;
    }
    if (least > limit + 1) return limit + 1; // a swap looks two rows back
    before = previous;
    previous = row;
  }
  return Math.min(previous[b.length]!, limit + 1);
}

/** Symbols of .symtab. Section headers are for people, not for loading: what is wrong there is left out, not refused. */
function readSymbols(bytes: Uint8Array, at: DataView): ElfSymbol[] {
  const table = u64(at, 40);
  const rowSize = at.getUint16(58, true);
  const count = at.getUint16(60, true);
  const symbols: ElfSymbol[] = [];
  if (rowSize !== 64 || table + count * rowSize > bytes.length) return symbols;
  for (let i = 0; i < count; i++) {
    const row = table + i * rowSize;
    if (at.getUint32(row + 4, true) !== SHT_SYMTAB) continue;
    const offset = u64(at, row + 24);
    const length = u64(at, row + 32);
    const link = at.getUint32(row + 40, true);
    if (link >= count || offset + length > bytes.length) continue;
    const names = u64(at, table + link * rowSize + 24);
    const namesEnd = names + u64(at, table + link * rowSize + 32);
    if (namesEnd > bytes.length) continue;
    for (let s = offset; s + 24 <= offset + length; s += 24) {
      const info = at.getUint8(s + 4);
      const kind = info & 15;
      const section = at.getUint16(s + 6, true);
      const address = u64(at, s + 8);
      const nameAt = names + at.getUint32(s, true);
      // 0 nothing, 1 object, 2 function, 10 ifunc; sections, files and TLS offsets are no addresses.
      if ((kind > 2 && kind !== 10) || section === 0 || section >= 0xff00 || nameAt >= namesEnd || address >= USER_END) continue;
      const name = text(bytes, nameAt, namesEnd);
      if (name === '' || name.startsWith('$')) continue;
      const symbolSize = u64(at, s + 16);
      symbols.push({
        name,
        address,
        size: symbolSize < LARGEST_IMAGE ? symbolSize : 0,
        kind: kind === 1 ? 'object' : kind === 0 ? 'other' : 'function',
        global: info >> 4 !== 0,
      });
    }
    break;
  }
  return symbols;
}

/** DT_NEEDED (1) in a dynamic section: the program wants libraries. A static-pie has a dynamic section without it. */
function hasNeeded(at: DataView, offset: number, length: number): boolean {
  for (let p = offset; p + 16 <= offset + length; p += 16) {
    const tag = u64(at, p);
    if (tag === 1) return true;
    if (tag === 0) return false;
  }
  return false;
}

/** Exact up to 2^53; larger values come out larger than any limit above. */
function u64(at: DataView, offset: number): number {
  return at.getUint32(offset, true) + at.getUint32(offset + 4, true) * 2 ** 32;
}

function text(bytes: Uint8Array, from: number, end: number): string {
  let s = '';
  const stop = Math.min(end, from + 512);
  for (let i = from; i < stop; i++) {
    const c = bytes[i]!;
    if (c === 0) break;
    s += c >= 32 && c < 127 ? String.fromCharCode(c) : `\\x${c.toString(16).padStart(2, '0')}`;
  }
  return s;
}

const hex = (value: number): string => `0x${value.toString(16)}`;
const size = (bytes: number): string => (bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`);
