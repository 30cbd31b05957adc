// The verbs that look at a recording: replay, events, state, last-write, hits.
import { type JsonLine, cpuToJson, eventToJson, stateToJson } from '../../recordings/format/json.ts';
import { EVENT_KIND_NAMES, type EventKind } from '../../recordings/format/events.ts';
import { compareMarks, formatMark } from '../../workers/base/mark.ts';
import { type Result, err, ok } from '../../workers/base/result.ts';
import type { QueryProgress } from '../../workers/api/workbench-api.ts';
import type { CpuView } from '../../workers/machine/machine-api.ts';
import { formatDigest } from '../../workers/replay/divergence.ts';
import { ReplayFault } from '../../workers/replay/history.ts';
import { type FoundHit, findHits } from '../../workers/replay/query.ts';
import { parsePlace } from '../../workers/session/event-spec.ts';
import type { OpenRecording } from '../../workers/session/open-recording.ts';
import { whatHappened } from '../../workers/session/rows.ts';
import { FORMATS, FTRACE_HEAD, type Format, TABLE_HEAD, formatEvent } from './formats.ts';
import type { CliIo } from './io.ts';
import { near } from './near.ts';
import { manners, openFile, readMark } from './open-file.ts';
import type { Parsed } from './options.ts';
import { passThrough } from './record.ts';
import { howItEnded } from './summary.ts';

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

const showProgress =
  (what: string, io: CliIo) =>
  ({ done, total, hits }: QueryProgress): void =>
    io.progress(`${what}: ${grouped(done)} of ${grouped(total)} intervals${hits > 0 ? `, ${grouped(hits)} found` : ''}`);

export async function replay(parsed: Parsed, io: CliIo): Promise<Result<number>> {
  const file = await openFile(parsed.args[0]!, io, parsed.has('--verify'));
  if (!file.ok) return file;
  const open = file.value;
  if (parsed.has('--verify')) {
    if (parsed.has('--to')) return err('--verify replays everything; leave --to out');
    const verified = await open.verify(manners, showProgress('verifying', io));
    io.progress('');
    if (!verified.ok) {
      io.error(`trapline replay: ${parsed.args[0]}: ${verified.error}\n`);
      return ok(3);
    }
    io.out(
      `${parsed.args[0]}: verified: ${grouped(open.end.icount)} instructions, ${grouped(verified.value.digests)} digests, ${grouped(verified.value.events)} events, no divergence\n`,
    );
    return ok(0);
  }
  const to = await readMark(parsed.get('--to'), open.end, open);
  if (!to.ok) return to;
  const { history } = open;
  const { machine } = history;
  try {
    await history.exclusive(async () => {
      history.toStart();
      machine.onEvent = (event) => passThrough(event, io);
      await history.runTo(to.value, manners);
    });
  } catch (fault) {
    if (!(fault instanceof ReplayFault)) throw fault;
    io.error(`trapline replay: ${parsed.args[0]}: ${fault.message}\n`);
    return ok(3);
  } finally {
    machine.onEvent = null;
  }
  const { lo, hi } = machine.digest();
  const recorded = open.recording.digests.find((digest) => compareMarks(digest.mark, machine.mark) === 0);
  const same =
    recorded === undefined ? 'no digest was recorded here' : recorded.lo === lo && recorded.hi === hi ? 'as recorded' : 'NOT as recorded';
  const how = compareMarks(machine.mark, open.end) === 0 ? `; ${howItEnded(open.recording)}` : '';
  io.error(`replayed to ${formatMark(machine.mark)}, state ${formatDigest(lo, hi)} (${same})${how}\n`);
  return ok(recorded !== undefined && same !== 'as recorded' ? 3 : 0);
}

export async function events(parsed: Parsed, io: CliIo): Promise<Result<number>> {
  const format = (parsed.has('--json') ? 'json' : (parsed.get('--format') ?? 'table')) as Format;
  if (!FORMATS.includes(format)) return err(`--format '${format}' is not known; use ${FORMATS.join(', ')}`);
  const kinds: EventKind[] = [];
  for (const text of parsed.all('--kind').flatMap((list) => list.split(','))) {
    if (!(EVENT_KIND_NAMES as readonly string[]).includes(text)) {
      const close = near(text, EVENT_KIND_NAMES);
      return err(
        `--kind '${text}' is not known${close.length > 0 ? `; did you mean ${close.join(' or ')}?` : `; there are ${EVENT_KIND_NAMES.join(', ')}`}`,
      );
    }
    kinds.push(text as EventKind);
  }
  const file = await openFile(parsed.args[0]!, io);
  if (!file.ok) return file;
  const open = file.value;
  const from = await readMark(parsed.get('--from'), { icount: 0, event: 0 }, open);
  if (!from.ok) return from;
  const to = await readMark(parsed.get('--to'), { icount: open.end.icount, event: Number.MAX_SAFE_INTEGER - 1 }, open);
  if (!to.ok) return to;
  if (compareMarks(from.value, to.value) > 0)
    return err(`--from ${formatMark(from.value)} is after --to ${formatMark(to.value)}; exchange them`);
  if (format === 'table') io.out(TABLE_HEAD);
  if (format === 'ftrace') io.out(FTRACE_HEAD);
  let text = '';
  for (const index of open.recording.events.indices({ kinds: kinds.length > 0 ? kinds : null, from: from.value, to: to.value })) {
    text += formatEvent(open.row(index)!, open.recording.events.get(index), format, open);
    if (text.length > 65536) {
      io.out(text);
      text = '';
    }
  }
  io.out(text);
  return ok(0);
}

export async function state(parsed: Parsed, io: CliIo): Promise<Result<number>> {
  const file = await openFile(parsed.args[0]!, io);
  if (!file.ok) return file;
  const open = file.value;
  const at = await readMark(parsed.get('--at'), open.end, open);
  if (!at.ok) return at;
  const position = await open.seek(at.value, manners);
  if (!position.ok) return position;
  const json = parsed.has('--json');
  const cpus = position.value.cpus.map((cpu) => {
    const start = cpu.pc >= 32n ? cpu.pc - 32n : 0n;
    const lines: readonly JsonLine[] = open.disassemble(cpu, start, 17).map(({ address, text, symbol }) => ({ address, text, symbol }));
    return { cpu, symbol: open.nameAt(cpu, cpu.pc), lines };
  });
  if (json)
    io.out(
      `${JSON.stringify(
        stateToJson(
          position.value.mark,
          cpus.map(({ cpu, symbol, lines }) => cpuToJson(cpu, symbol, lines)),
        ),
      )}\n`,
    );
  else {
    io.out(`${formatMark(position.value.mark)} of ${formatMark(position.value.end)}, digest ${position.value.digest}\n`);
    for (const { cpu, symbol, lines } of cpus) {
      io.out(stateText(cpu, symbol, cpu.user?.['pc'] === undefined ? null : open.nameAt(cpu, cpu.user['pc']), lines));
    }
  }
  return ok(0);
}

function stateText(cpu: CpuView, symbol: string | null, user: string | null, lines: readonly JsonLine[]): string {
  const hex = (value: bigint): string => `0x${value.toString(16)}`;
  let out = `\nCPU ${cpu.cpu}: EL${cpu.el}, ${cpu.tid === 0 ? 'idle' : `task ${cpu.tid}`}, pc ${hex(cpu.pc)}${symbol === null ? '' : ` ${symbol}`}\n\n`;
  const general = Object.entries(cpu.regs).filter(([name]) => !/^v\d+$/.test(name));
  for (let i = 0; i < general.length; i += 4) {
    out += `${general
      .slice(i, i + 4)
      .map(([name, value]) => `${name.padStart(9)} ${hex(value).padEnd(18)}`)
      .join(' ')
      .trimEnd()}\n`;
  }
  if (cpu.el === 1 && cpu.user !== undefined) {
    const { pc = 0n, sp = 0n } = cpu.user;
    out += `\n  in the kernel for the program, which goes on at ${hex(pc)}${user === null ? '' : ` ${user}`}, sp ${hex(sp)}\n`;
  }
  const debug = Object.entries(cpu.debug).filter(([, value]) => value !== 0n);
  out += `\n  debug registers: ${debug.length === 0 ? 'all zero' : debug.map(([name, value]) => `${name} ${hex(value)}`).join(', ')}\n`;
  for (const slot of cpu.slots.filter((s) => s.state !== 'free'))
    out += `  ${slot.file}${slot.slot} ${slot.state} ${slot.owner ?? ''} at ${hex(slot.address)}\n`;
  out += '\n';
  for (const line of lines) {
    if (line.symbol !== null) out += `  ${line.symbol}:\n`;
    out += `${line.address === cpu.pc ? ' → ' : '   '}${hex(line.address)}  ${line.text}\n`;
  }
  return out;
}

export async function lastWrite(parsed: Parsed, io: CliIo): Promise<Result<number>> {
  const [path, text] = [parsed.args[0]!, parsed.args[1]!];
  const parts = /^(?:mem:)?([^/:]+)(?:\/(\d{1,5}))?$/.exec(text);
  if (parts === null) return err(`'${text}' is not an address; write ADDR[/LEN], where ADDR is a number, a symbol or SYMBOL+OFFSET`);
  const place = parsePlace(parts[1]!);
  if (!place.ok) return place;
  const file = await openFile(path, io);
  if (!file.ok) return file;
  const open = file.value;
  const address = open.address(parts[1]!);
  if (!address.ok) return address;
  const before = await readMark(parsed.get('--before'), open.end, open);
  if (!before.ok) return before;
  const length = parts[2] === undefined ? 1 : Number(parts[2]);
  const found = await open.lastWrite(address.value, length, before.value, manners, showProgress('looking back', io));
  io.progress('');
  if (!found.ok) return found;
  if (found.value === null) io.error(`nothing wrote ${text} before ${formatMark(before.value)}\n`);
  else io.out(hitLine(found.value, open, parsed.has('--json')));
  return ok(0);
}

export async function hits(parsed: Parsed, io: CliIo): Promise<Result<number>> {
  const texts = parsed.all('--event');
  if (texts.length === 0) return err('no event is given; write -e mem:ADDR|SYMBOL[/LEN][:rwx]');
  const file = await openFile(parsed.args[0]!, io);
  if (!file.ok) return file;
  const open = file.value;
  for (const text of texts) {
    const wanted = open.wanted(text);
    if (!wanted.ok) return wanted;
    const json = parsed.has('--json');
    let cancelled = false;
    const release = io.onInterrupt(() => (cancelled = true));
    try {
      const count = await findHits(
        open.history,
        wanted.value,
        { ...manners, cancelled: () => cancelled },
        (batch) => {
          io.progress('');
          for (const hit of batch) io.out(hitLine(hit, open, json));
        },
        showProgress('looking', io),
      );
      io.progress('');
      if (!json) io.error(`${grouped(count)} hits of ${text}\n`);
    } finally {
      release();
    }
  }
  return ok(0);
}

function hitLine(hit: FoundHit, open: OpenRecording, json: boolean): string {
  const index = open.events.log.search(hit);
  const symbol = open.symbols.symbol(hit.pc, hit.tid, index);
  if (json) return `${JSON.stringify(eventToJson(hit, symbol, null))}\n`;
  const what = whatHappened(hit, (address) => open.symbols.symbol(address, hit.tid, index) ?? `0x${address.toString(16)}`);
  return `${formatMark({ icount: hit.icount, event: hit.event }).padEnd(16)} ${String(hit.cpu).padStart(3)} ${String(hit.tid).padStart(5)} ${(symbol ?? `0x${hit.pc.toString(16)}`).padEnd(28)} ${what}\n`;
}
