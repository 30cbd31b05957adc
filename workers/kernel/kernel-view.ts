// The kernel's state for people: tasks, symbols of kernel text and data, slots. Reads only.
import { type SymbolTable, parseElf } from '../base/elf.ts';
import type { GuestKernel } from '../machine/guest-kernel.ts';
import type { SlotView, TaskView } from '../machine/machine-api.ts';
import type { CpuContext, KernelShared } from './cpu-context.ts';
import { dataSymbolAt, IMAGE_BASE, PER_CPU_DATA, type PerCpuSymbol, per_cpu } from './kernel-data.ts';
import type { Task } from './records.ts';
import { kernelToPhysical } from './steps/perform.ts';
import { KERNEL_TEXT, LINEAR_MAP, wordAddress } from './steps/text.ts';

const NOP = 0xd503201f;

const signed = (address: bigint): number => Number(BigInt.asIntN(64, address));

export function kernelView(shared: KernelShared, contexts: readonly CpuContext[]): GuestKernel['view'] {
  const { text, machine } = shared;
  const physical = (mm: number, address: number): number => {
    if (address >= 0) {
      const pfn = shared.mm.translate(contexts[0]!, mm, address, 0);
      const exec = pfn >= 0 ? pfn : shared.mm.translate(contexts[0]!, mm, address, 2);
      return exec < 0 ? -1 : exec * 4096 + (address % 4096);
    }
    if (address < LINEAR_MAP) return -1;
    const pa = kernelToPhysical(address, IMAGE_BASE);
    return pa >= 0 && pa < machine.mem.pages * 4096 ? pa : -1;
  };
  const tables = new Map<string, SymbolTable | null>();
  /** Symbols of the program in an address space, and what to add to their addresses. */
  const symbols = (mm: number): { readonly table: SymbolTable; readonly bias: number } | null => {
    const space = shared.kernel.mms.get(mm);
    if (!space) return null;
    let table = tables.get(space.exe_path);
    if (table === undefined) {
      const file = machine.config.program.files.get(space.exe_path);
      const elf = file ? parseElf(file.data, space.exe_path) : null;
      table = elf?.ok ? elf.value.symbols : null;
      tables.set(space.exe_path, table);
    }
    return table && { table, bias: space.load_bias };
  };
  const symbolStart = (mm: number, address: number): string | null => {
    const program = address >= 0 ? symbols(mm) : null;
    const found = program?.table.at(address - program.bias);
    return found && found.offset === 0 ? found.symbol.name : null;
  };
  /** Text of the words that most of kernel memory is; it does not depend on where they are. */
  const frequent = new Map<number, string>();
  const alwaysSame = (word: number, at: number): string => {
    let known = frequent.get(word);
    if (known === undefined) frequent.set(word, (known = machine.engine.disassemble(word, BigInt(at))));
    return known;
  };
  const state = (t: Task): string => {
    if (t.on_cpu) return 'running';
    if (t.state === 'running') return 'runnable';
    if (t.state === 'interruptible' || t.state === 'uninterruptible') return `sleeping in ${t.wchan}`;
    return t.state;
  };
  const taskView = (t: Task): TaskView => ({
    tid: t.tid,
    tgid: t.tgid,
    mm: t.mm,
    name: t.comm,
    state: state(t),
    cpu: t.cpu,
    kernelStack: t.frames.map((f) => f.fn).reverse(),
  });
  return {
    cpuTask(cpu) {
      const { current } = contexts[cpu]!;
      return { tid: current.tid, mm: current.mm };
    },
    userRegs(cpu) {
      const ctx = contexts[cpu]!;
      if (ctx.current.mm === 0) return null;
      const { regs } = ctx;
      const named: Record<string, bigint> = {};
      for (let n = 0; n < 31; n++) named[`x${n}`] = regs.x_bits(n);
      return { ...named, sp: BigInt(regs.sp), pc: regs.pc_bits, nzcv: BigInt((regs.pstate & 0xf0000000) >>> 0) };
    },
    tasks: () => [...shared.kernel.tasks.values()].map(taskView),
    read(mm, address, length) {
      const out: (number | null)[] = [];
      const from = signed(address);
      for (let i = 0; i < length; i++) {
        const pa = physical(mm, from + i);
        out.push(pa < 0 ? null : machine.mem.read8(pa));
      }
      return out;
    },
    symbolAt(mm, address) {
      const at = signed(address);
      if (at >= 0) {
        const program = symbols(mm);
        const found = program?.table.at(at - program.bias);
        return found ? { name: found.symbol.name, offset: found.offset } : null;
      }
      const index = (at - KERNEL_TEXT) >> 2;
      const owner = text.owner[index];
      if (owner) return { name: owner.fn.name, offset: at - wordAddress(owner.entry) };
      return dataSymbolAt(at, machine.config.cpus);
    },
    addressOf(mm, symbol) {
      const program = symbols(mm);
      const found = program?.table.byName(symbol);
      if (program && found) return BigInt(found.address + program.bias);
      const placed = text.fns.get(symbol);
      if (placed) return BigInt.asUintN(64, BigInt(wordAddress(placed.entry)));
      // Of per-CPU data, CPU 0's.
      return Object.hasOwn(PER_CPU_DATA, symbol) ? BigInt.asUintN(64, BigInt(per_cpu(symbol as PerCpuSymbol, 0))) : null;
    },
    disassemble(mm, address, count) {
      const rows = [];
      for (let i = 0; i < count; i++) {
        const at = signed(address) + i * 4;
        const pa = physical(mm, at);
        const word = pa < 0 ? null : machine.mem.read32(pa);
        const index = (at - KERNEL_TEXT) / 4;
        const owner = at < 0 ? text.owner[index] : undefined;
        const label = owner ? text.labelOf[index]! : '';
        rows.push({
          address: BigInt.asUintN(64, BigInt(at)),
          word,
          text: owner
            ? stepText(text.role[index]!, label, owner.fn.kind)
            : word === null
              ? ''
              : word === 0 || word === NOP
                ? alwaysSame(word, at)
                : machine.engine.disassemble(word, BigInt(at)),
          symbol: owner ? (index === owner.entry ? owner.fn.name : null) : symbolStart(mm, at),
        });
      }
      return rows;
    },
    slots: (cpu) => slotViews(shared, contexts, cpu),
  };
}

function stepText(role: string, label: string, kind: string): string {
  switch (role) {
    case 'entry':
      return 'nop';
    case 'pro':
      return kind === 'normal' ? 'stp\tx29, x30, [sp, #-16]!' : 'nop';
    case 'epi':
      return kind === 'normal' ? 'ldp\tx29, x30, [sp], #16' : 'nop';
    case 'ret':
      return kind === 'vector' ? 'eret' : 'ret';
    case 'label':
      return `.step\t${label}`;
    default:
      return 'nop';
  }
}

function slotViews(shared: KernelShared, contexts: readonly CpuContext[], cpu: number): SlotView[] {
  const { machine } = shared;
  const { brps, wrps } = machine.config;
  const { sys } = machine.cpus[cpu]!;
  const out: SlotView[] = [];
  for (const file of ['BRP', 'WRP'] as const)
    for (let slot = 0; slot < (file === 'BRP' ? brps : wrps); slot++) {
      const owner = contexts[cpu]!.load(per_cpu(file === 'BRP' ? 'bp_on_reg' : 'wp_on_reg', cpu, slot), 8);
      const control = sys.bits(file === 'BRP' ? 'dbgbcr' : 'dbgwcr', slot);
      const enabled = (control & 1n) !== 0n;
      const event = owner === 0 ? undefined : shared.kernel.perf_events.get(owner);
      const debug = contexts[cpu]!.current.debug;
      const off = file === 'BRP' ? debug.bps_disabled : debug.wps_disabled;
      out.push({
        file,
        slot,
        owner: event?.text ?? null,
        perf_event: owner,
        address: sys.bits(file === 'BRP' ? 'dbgbvr' : 'dbgwvr', slot),
        control,
        state: owner === 0 ? (enabled ? 'armed-without-owner' : 'free') : enabled ? 'armed' : off ? 'suspended' : 'owned-not-armed',
      });
    }
  return out;
}
