// Why a comparator matches the access about to be made, or does not: its conditions, evaluated by the debug unit itself, and for each the
// event that made it so. It explains comparators; what the kernel does about a hit is in the events.
import type { WhyAnswer, WhyCondition, WhyRequest, WhySlot } from '../api/workbench-api.ts';
import type { Mark } from '../base/mark.ts';
import { type Result, err, ok } from '../base/result.ts';
import type { CpuView, MachineApi, MatchCondition, Probe, ProbedAccess, SlotView } from '../machine/machine-api.ts';
import type { History, Manners } from '../replay/history.ts';
import type { EventView } from './event-view.ts';
import type { RegisterHistory } from './register-history.ts';

/** The recording as a question needs it. */
interface WhyPlace {
  readonly machine: MachineApi;
  readonly registers: RegisterHistory;
  /** Index of the first event after the Mark's instruction: all before have happened. */
  readonly end: number;
  /** The CPU in focus. */
  readonly cpu: number;
  readonly nameAt: (cpu: CpuView, address: bigint) => string | null;
  /** Runs the probe and puts the machine back. */
  readonly probe: (cpu: number) => Probe;
}

const fits = (access: ProbedAccess, file: 'BRP' | 'WRP'): boolean => (access.access === 'x') === (file === 'BRP');

/** The recording asked about. */
export interface WhyRecording {
  readonly history: History;
  readonly events: EventView;
  /** Name of an address as a CPU's task sees it at the machine's Mark. */
  nameAt(cpu: CpuView, address: bigint): string | null;
}

/** Answers at a Mark of the recording; the probe runs on a copy of the state. */
export function whyAt(
  open: WhyRecording,
  registers: RegisterHistory,
  mark: Mark,
  request: WhyRequest,
  manners: Manners,
): Promise<Result<WhyAnswer>> {
  const { history, events } = open;
  const { machine } = history;
  return history.exclusive(async () => {
    await history.goTo(mark, manners);
    const start = machine.save();
    const probe = (cpu: number): Probe => {
      try {
        return machine.probe(cpu);
      } finally {
        history.restore(start);
      }
    };
    const end = events.log.search({ icount: machine.mark.icount + 1, event: 0 });
    const cpu = events.event(events.at(mark))?.cpu ?? machine.view.currentCpu;
    return explainWhy({ machine, registers, end, cpu, nameAt: (of, at) => open.nameAt(of, at), probe }, request);
  });
}

/** The machine stands at the Mark asked about, and does so again afterwards. */
function explainWhy(place: WhyPlace, request: WhyRequest): Result<WhyAnswer> {
  const { machine } = place;
  const { config, view } = machine;
  const cpu = request.cpu ?? place.cpu;
  if (!Number.isInteger(cpu) || cpu < 0 || cpu >= config.cpus) return err(`there is no CPU ${cpu}; this recording has ${config.cpus}`);
  const { slot } = request;
  const count = slot?.file === 'BRP' ? config.brps : config.wrps;
  if (slot !== null && !(Number.isInteger(slot.slot) && slot.slot >= 0 && slot.slot < count))
    return err(`there is no slot ${slot.file}${slot.slot}; a CPU has ${config.wrps} for watchpoints and ${config.brps} for breakpoints`);
  const at = view.cpu(cpu);
  const [line] = view.disassemble(at.mm, at.pc, 1);
  const probe: Probe =
    request.access === null ? place.probe(cpu) : { el: 0, pc: at.pc, accesses: [{ ...request.access, by: 'program' }], fault: null };
  const shown = at.slots.filter((one) => (slot === null ? one.state !== 'free' : one.file === slot.file && one.slot === slot.slot));
  const stop = firstMatch(machine, at, probe.accesses);
  const slots = shown.map((one) => explainSlot(place, at, one, probe, stop, request.access !== null));
  return ok({
    mark: machine.mark,
    cpu,
    tid: at.tid,
    el: at.el,
    pc: at.pc,
    symbol: place.nameAt(at, at.pc),
    text: line?.text ?? '',
    accesses: probe.accesses,
    slots,
    note: noteOf(at, probe, slots, request),
  });
}

/** Position of the access at which the exception is taken: the first that any comparator of the CPU matches. -1: none. */
function firstMatch(machine: MachineApi, cpu: CpuView, accesses: readonly ProbedAccess[]): number {
  return accesses.findIndex((access) =>
    cpu.slots.some((slot) => fits(access, slot.file) && conditionsOf(machine, cpu, slot, access).every((c) => c.ok)),
  );
}

/** Those of the comparator, and those of this machine where it differs from hardware. */
function conditionsOf(machine: MachineApi, cpu: CpuView, slot: SlotView, access: ProbedAccess): readonly MatchCondition[] {
  const own = machine.explain(cpu.cpu, slot.file, slot.slot, access);
  if (access.by !== 'kernel') return own;
  return [
    ...own,
    access.access === 'x'
      ? { name: 'instructions of this exception level are compared', ref: '', ok: false, text: KERNEL_FETCH, decides: [] }
      : {
          name: 'a perf_event owns the slot',
          ref: '',
          ok: slot.owner !== null,
          text: slot.owner === null ? 'nobody owns it: a copy of the kernel is recorded for owners only' : `it is ${slot.owner}`,
          decides: [{ register: `DBG${slot.file === 'BRP' ? 'B' : 'W'}CR${slot.slot}_EL1`, bits: 1n }],
        },
  ];
}
const KERNEL_FETCH = 'this version compares instructions of programs only, not kernel steps';

function explainSlot(place: WhyPlace, cpu: CpuView, slot: SlotView, probe: Probe, stop: number, asked: boolean): WhySlot {
  const { machine, registers, end } = place;
  const head = { file: slot.file, slot: slot.slot, event: slot.owner };
  // What comes after the access that traps is not made.
  const made = probe.accesses.slice(0, stop < 0 ? undefined : stop + 1).filter((access) => fits(access, slot.file));
  if (made.length === 0) {
    const early = stop >= 0 && probe.accesses.some((access) => fits(access, slot.file));
    const note = early ? 'the breakpoint on the instruction comes before its accesses' : noAccess(probe, slot.file, asked);
    return { ...head, verdict: 'no-hit', access: null, conditions: [], note };
  }
  const tried = made.map((access) => ({ access, conditions: conditionsOf(machine, cpu, slot, access) }));
  const passed = (conditions: readonly MatchCondition[]): number => conditions.filter((c) => c.ok).length;
  const best = tried.reduce((a, b) => (passed(b.conditions) > passed(a.conditions) ? b : a));
  const conditions = best.conditions.map((c): WhyCondition => {
    const { name, ref, ok: holds, text, decides } = c;
    const { mark, by } = decides.length === 0 ? { mark: null, by: null } : registers.since(cpu.cpu, decides, slot, end);
    return { name, ref, ok: holds, text, since: mark, by };
  });
  const hit = conditions.every((c) => c.ok);
  const later =
    !hit &&
    probe.accesses
      .slice(stop < 0 ? probe.accesses.length : stop + 1)
      .some((access) => fits(access, slot.file) && conditionsOf(machine, cpu, slot, access).every((c) => c.ok));
  return {
    ...head,
    verdict: hit ? 'hit' : 'no-hit',
    access: best.access,
    conditions,
    note: later ? 'a later access of this instruction would match, but the exception at the earlier one comes first' : '',
  };
}

function noAccess(probe: Probe, file: 'BRP' | 'WRP', asked: boolean): string {
  if (asked) return file === 'BRP' ? 'an access of data is not compared by breakpoints' : 'a fetch is not compared by watchpoints';
  return probe.el === 0 ? 'the instruction accesses no memory' : 'this kernel step accesses no memory of the program';
}

function noteOf(cpu: CpuView, probe: Probe, slots: readonly WhySlot[], request: WhyRequest): string {
  if (slots.length === 0 && request.slot === null) return `no slot of CPU ${cpu.cpu} holds anything: nothing can match`;
  if (request.access !== null) return '';
  if (probe.fault !== null) return `the instruction at the pc does not complete: ${probe.fault}`;
  if (probe.accesses.every(({ access }) => access === 'x'))
    return probe.el === 0
      ? 'the instruction at the pc accesses no memory; only breakpoints can match it'
      : 'the CPU is in the kernel; this step accesses no memory of the program';
  return '';
}
