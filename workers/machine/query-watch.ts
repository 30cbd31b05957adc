// Looking at ranges of memory without the guest noticing: a query takes no comparator and raises no exception. The engine leaves before an
// access that overlaps a range; the machine executes that one instruction alone and reports what it did.
import type { CpuPort, MachinePort } from './guest-kernel.ts';
import type { AccessQuery, AccessReport } from './machine-api.ts';

interface Piece {
  readonly address: number;
  readonly size: number;
  readonly write: boolean;
  readonly pa: readonly number[]; // of the first byte, and of the first byte on the second page when it crosses
  readonly old: Uint8Array;
  readonly mm: number;
}

interface Range {
  readonly query: AccessQuery;
  readonly from: number;
  readonly to: number;
}

/** What the query watch needs from its machine. */
type Host = MachinePort & {
  readonly kernel: {
    tid(cpu: number): number;
    mm(cpu: number): number;
    translate(cpu: number, address: number, access: 0 | 1 | 2): number;
  };
};

export class QueryWatch {
  readonly #host: Host;
  #ranges: Range[] = [];
  /** The instruction in progress is executed alone: accesses are collected instead of refused. */
  #collecting: CpuPort | null = null;
  #pieces: Piece[] = [];
  #pc = 0n;

  constructor(host: Host) {
    this.#host = host;
  }

  set(queries: readonly AccessQuery[] | null): void {
    this.#ranges = (queries ?? []).map((query) => ({ query, from: Number(query.address), to: Number(query.address) + query.length }));
  }

  executeAddresses(): bigint[] {
    const out: bigint[] = [];
    for (const r of this.#ranges) if (r.query.execute) for (let a = r.from - (r.from % 4); a < r.to; a += 4) out.push(BigInt(a));
    return out;
  }

  #selects(r: Range, mm: number, write: boolean): boolean {
    return (r.query.mm === null || r.query.mm === mm) && (write ? r.query.write : r.query.read);
  }

  watchesPage(mm: number, page: number, write: boolean): boolean {
    return this.#ranges.some((r) => this.#selects(r, mm, write) && r.from < page + 4096 && r.to > page);
  }

  #overlaps(mm: number, address: number, size: number, write: boolean): boolean {
    return this.#ranges.some((r) => this.#selects(r, mm, write) && r.from < address + size && r.to > address);
  }

  /** An access of the program; false: the instruction has to be executed alone. */
  allow(mm: number, address: number, size: number, write: boolean): boolean {
    if (!this.#overlaps(mm, address, size, write)) return true;
    if (!this.#collecting) return false;
    this.#pieces.push(this.#piece(this.#collecting.cpu, mm, address, size, write));
    return true;
  }

  #piece(cpu: number, mm: number, address: number, size: number, write: boolean): Piece {
    const pa: number[] = [];
    const page = address - (address % 4096);
    for (let p = page; p < address + size; p += 4096) {
      const pfn = this.#host.kernel.translate(cpu, p, write ? 1 : 0);
      pa.push(pfn * 4096 + (p === page ? address - page : 0));
    }
    const piece = { address, size, write, pa, old: new Uint8Array(0), mm };
    return { ...piece, old: this.#bytes(piece) };
  }

  #bytes(piece: Piece): Uint8Array {
    const length = Math.min(64, piece.size);
    const out = new Uint8Array(length);
    const first = Math.min(length, 4096 - (piece.address % 4096));
    out.set(this.#host.mem.view(piece.pa[0]!, first));
    if (length > first && piece.pa[1] !== undefined) out.set(this.#host.mem.view(piece.pa[1], length - first), first);
    return out;
  }

  begin(cpu: CpuPort): void {
    this.#collecting = cpu;
    this.#pieces = [];
    this.#pc = cpu.regs.pc;
  }

  end(cpu: CpuPort, retired: boolean): void {
    this.#collecting = null;
    if (!retired) return;
    const mm = this.#host.kernel.mm(cpu.cpu);
    const at = Number(this.#pc);
    for (const r of this.#ranges) {
      if (!r.query.execute || (r.query.mm !== null && r.query.mm !== mm) || at + 4 <= r.from || at >= r.to) continue;
      this.#report(r, cpu, { address: at, size: 4, write: false, pa: [], old: new Uint8Array(0), mm }, 'x', 0);
    }
    for (const piece of this.#pieces) this.#finish(cpu, piece, 0);
    this.#pieces = [];
  }

  #finish(cpu: CpuPort, piece: Piece, el: 0 | 1): void {
    for (const r of this.#ranges)
      if (this.#selects(r, piece.mm, piece.write) && r.from < piece.address + piece.size && r.to > piece.address)
        this.#report(r, cpu, piece, piece.write ? 'w' : 'r', el);
  }

  #report(r: Range, cpu: CpuPort, piece: Piece, access: AccessReport['access'], el: 0 | 1): void {
    r.query.report({
      mark: { icount: this.#host.icount, event: 0 },
      cpu: cpu.cpu,
      tid: this.#host.kernel.tid(cpu.cpu),
      pc: el === 0 ? this.#pc : BigInt.asUintN(64, BigInt(cpu.pc)),
      address: BigInt(piece.address),
      size: piece.size,
      access,
      el,
      old: piece.old,
      new: access === 'x' ? piece.old : this.#bytes(piece),
    });
  }

  /** The kernel is about to access a piece of a program's memory (on one page). */
  kernelAccess(_cpu: CpuPort, mm: number, address: number, pa: number, size: number, write: boolean): void {
    for (const r of this.#ranges) {
      if (!this.#selects(r, mm, write) || r.from >= address + size || r.to <= address) continue;
      // Of a long copy, the part that overlaps the range.
      const from = size <= 64 ? address : Math.max(address, r.from);
      const to = size <= 64 ? address + size : Math.min(address + size, r.to);
      const piece = { address: from, size: to - from, write, pa: [pa + (from - address)], old: new Uint8Array(0), mm };
      this.#pieces.push({ ...piece, old: this.#bytes(piece) });
    }
  }

  kernelAccessDone(cpu: CpuPort): void {
    if (this.#pieces.length === 0) return;
    for (const piece of this.#pieces) this.#finish(cpu, piece, 1);
    this.#pieces = [];
  }
}
