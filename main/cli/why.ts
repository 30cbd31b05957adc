// The verb why: conditions of a match as a list for people, or as JSON.
import { whyToJson } from '../../recordings/format/json.ts';
import type { WhyAnswer, WhyRequest, WhySlot } from '../../workers/api/workbench-api.ts';
import { formatMark } from '../../workers/base/mark.ts';
import { type Result, err, ok } from '../../workers/base/result.ts';
import type { OpenRecording } from '../../workers/session/open-recording.ts';
import type { CliIo } from './io.ts';
import { manners, openFile, readMark } from './open-file.ts';
import type { Parsed } from './options.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const VERBS = { r: 'load', w: 'store', x: 'fetch' } as const;

export async function why(parsed: Parsed, io: CliIo): Promise<Result<number>> {
  const slot = readSlot(parsed.get('--slot'));
  if (!slot.ok) return slot;
  const cpu = parsed.get('--cpu');
  if (cpu !== undefined && !/^\d{1,3}$/.test(cpu)) return err(`--cpu '${cpu}' is not possible; use a number from 0`);
  const file = await openFile(parsed.args[0]!, io);
  if (!file.ok) return file;
  const open = file.value;
  const access = readAccess(parsed.get('--access'), open);
  if (!access.ok) return access;
  const mark = await readMark(parsed.get('--at'), open.end, open);
  if (!mark.ok) return mark;
  const answer = await open.why(
    { mark: mark.value, cpu: cpu === undefined ? null : Number(cpu), slot: slot.value, access: access.value },
    manners,
  );
  if (!answer.ok) return answer;
  const { slots, note } = answer.value;
  if (parsed.has('--json')) {
    for (const one of slots) io.out(`${JSON.stringify(whyToJson({ ...answer.value, ...one, note: one.note || note }))}\n`);
    if (slots.length === 0) io.error(`${note}; --slot N asks about an empty one\n`);
  } else io.out(whyText(answer.value, open));
  return ok(0);
}

function readSlot(text: string | undefined): Result<WhyRequest['slot']> {
  if (text === undefined) return ok(null);
  const parts = /^(BRP|WRP)?(\d{1,3})$/i.exec(text);
  if (parts === null) return err(`--slot '${text}' is not a slot; write 0 or WRP0 for a watchpoint, BRP0 for a breakpoint`);
  return ok({ file: parts[1]?.toUpperCase() === 'BRP' ? 'BRP' : 'WRP', slot: Number(parts[2]) });
}

function readAccess(text: string | undefined, open: OpenRecording): Result<WhyRequest['access']> {
  if (text === undefined) return ok(null);
  const wanted = open.wanted(text.startsWith('mem:') ? text : `mem:${text}`);
  if (!wanted.ok) return wanted;
  const { address, length, read, write, execute } = wanted.value;
  if (read && write) return err(`--access '${text}' is two accesses; end it with :r or :w`);
  if (length > 64) return err(`--access '${text}': an access has at most 64 bytes`);
  return ok({ address, size: length, access: execute ? 'x' : write ? 'w' : 'r' });
}

function whyText(answer: WhyAnswer, open: OpenRecording): string {
  const { mark, cpu, tid, el, pc, symbol, text, accesses, slots, note } = answer;
  let out = `${formatMark(mark)}  CPU ${cpu}, EL${el}, ${tid === 0 ? 'idle' : `task ${tid}`}, pc ${hex(pc)}${symbol === null ? '' : ` ${symbol}`}\n`;
  out += `  ${text.replace('\t', ' ')}\n`;
  for (const { access, address, size, by } of accesses) {
    const name = open.symbols.main === null ? null : open.symbols.symbol(address, tid, open.events.log.search(mark));
    if (access !== 'x' || accesses.length === 1)
      out += `  ${by === 'kernel' && access !== 'x' ? 'kernel: ' : ''}${VERBS[access]} of ${size} at ${hex(address)}${name === null ? '' : ` ${name}`}\n`;
  }
  if (note !== '') out += `  ${note}\n`;
  return out + slots.map(slotText).join('');
}

function slotText(slot: WhySlot): string {
  const { file, event, verdict, access, conditions, note } = slot;
  let out = `\n${file}${slot.slot} ${event ?? 'free'}: ${verdict}${access === null ? '' : ` (${VERBS[access.access]} of ${access.size} at ${hex(access.address)})`}\n`;
  for (const { ok: holds, name, text, since, by } of conditions) {
    const where = since === null ? '' : `${formatMark(since)}${by === null ? '' : ` ${by}`}`;
    out += `${`  ${holds ? '✓' : '✗'} ${name.padEnd(71)} ${where}`.trimEnd()}\n      ${text}\n`;
  }
  return note === '' ? out : `${out}  ${note}\n`;
}
