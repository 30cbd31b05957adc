// The closing lines of a recording, in perf stat's manner: a number, what it counts, and how it ended.
import type { Recording } from '../../recordings/format/recording.ts';
import { EventView } from '../../workers/session/event-view.ts';
import { exclusiveLoop } from '../../workers/session/exclusive-loop.ts';

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

/** Signal numbers of arm64 Linux. */
const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSYS: 31,
};

export const signalNumber = (name: string): number => SIGNALS[name] ?? 0;

/** `exit status 0`, `killed by SIGSEGV`, `stopped by you`. */
export function howItEnded(recording: Recording): string {
  const { end } = recording;
  if (end === null) return 'interrupted while it was recorded';
  const { how, signal, code } = end.exit;
  if (how === 'exited') return `exit status ${code}`;
  if (how === 'killed') return `killed by ${signal ?? 'a signal'}`;
  if (how === 'stopped') return 'stopped by you';
  if (how === 'max-icount') return 'stopped by --max-icount';
  return how;
}

export function recordSummary(
  recording: Recording,
  made: { readonly file: string; readonly bytes: number; readonly seconds: number },
): string {
  const { config, events, end } = recording;
  const icount = end?.mark.icount ?? 0;
  const counts = new EventView(events).hitCounts();
  const texts = [...new Set([...config.events.map((spec) => spec.text), ...counts.keys()])];
  const row = (n: number, what: string): string => `${grouped(n).padStart(18)}      ${what}\n`;
  let out = `\n Recorded '${config.program.argv.join(' ')}' on ${config.cpus} CPU${config.cpus === 1 ? '' : 's'}, seed ${config.seed}:\n\n`;
  for (const text of texts) out += row(counts.get(text) ?? 0, text);
  out += row(icount, 'instructions');
  for (const [kind, what] of [
    ['syscall', 'system calls'],
    ['signal', 'signals'],
    ['fork', 'processes and threads begun'],
  ] as const) {
    const n = events.countOf(kind);
    if (n > 0) out += row(n, what);
  }
  out += row(events.length, 'events');
  for (const index of events.indices({ kinds: ['slot-refuse'] })) {
    const { fields } = events.getAs('slot-refuse', index);
    out += `\n ${fields.event} got no slot: ${fields.errno}; the ${fields.slots} ${fields.type} slots are held by ${fields.holders}\n`;
  }
  for (const [name, count] of unknownCalls(recording))
    out += `\n ${name}: not implemented, answered with -ENOSYS ${count === 1 ? 'once' : `${count} times`}\n`;
  const loop = exclusiveLoop(recording);
  if (loop !== null) {
    const where = loop.symbol ?? `0x${loop.pc.toString(16)}`;
    out += `\n ${loop.event} keeps the exclusive at ${where} from ever succeeding, as on hardware: going on after a hit clears the monitor, so the\n store fails and is tried again. Record without it and ask \`trapline hits\` afterwards, or build with -march=armv8.1-a (LSE atomics).\n`;
  }
  const mips = made.seconds > 0 && icount >= 1_000_000 ? `, ${(icount / made.seconds / 1e6).toFixed(1)} MIPS` : '';
  return `${out}\n       ${made.seconds.toFixed(2)} seconds${mips}\n       ${howItEnded(recording)}\n       ${made.file}: ${grouped(made.bytes)} bytes\n\n`;
}

function unknownCalls(recording: Recording): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const index of recording.events.indices({ kinds: ['unknown-syscall'] })) {
    const { name } = recording.events.getAs('unknown-syscall', index).fields;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
