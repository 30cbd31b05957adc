// Opening a .trapline file for a verb, and reading the Marks a person writes against it.
import { readRecording } from '../../recordings/format/read.ts';
import { type Mark, parseMark } from '../../workers/base/mark.ts';
import { type Result, err, ok } from '../../workers/base/result.ts';
import { makePause } from '../../workers/host/pause.ts';
import { type OpenRecording, openRecording } from '../../workers/session/open-recording.ts';
import { recompute } from '../../workers/session/record-program.ts';
import type { CliIo } from './io.ts';

export const pause = makePause();
export const manners = { pause };

/** `asRecorded`: also when another kernel made it. Otherwise such a one is run again on this kernel, saying so. */
export async function openFile(path: string, io: CliIo, asRecorded = false): Promise<Result<OpenRecording>> {
  const data = await io.read(path);
  if (!data.ok) return data;
  const recording = readRecording(data.value, { file: path });
  if (!recording.ok) return recording;
  const sizeBytes = data.value.length;
  const opened = recording.value.end === null ? null : openRecording(recording.value, { pause, sizeBytes });
  const other = opened?.ok === true ? opened.value.otherKernel() : null;
  if (opened === null || (other !== null && !asRecorded)) {
    io.error(
      other === null
        ? `${path}: it was interrupted while it was recorded; running it again as far as it is known\n`
        : `${path}: recorded by ${other}; this is a new run of its program and inputs, Marks of the old one may differ\n`,
    );
    const again = await recompute(recording.value, pause);
    if (!again.ok) return err(`${path}: ${again.error}`);
    const { recorded, machine } = again.value;
    return openRecording(again.value.recording, { pause, sizeBytes, recorded: { machine, recorded } });
  }
  return opened.ok ? opened : err(`${path}: ${opened.error}`);
}

/** `absent` when the option was not given. A symbol is its first execution in the recording. */
export async function readMark(text: string | undefined, absent: Mark, open: OpenRecording): Promise<Result<Mark>> {
  if (text === undefined) return ok(absent);
  if (/^[#!]/.test(text)) return parseMark(text, open.end);
  if (/^\d/.test(text) && !text.startsWith('0x')) return parseMark(`#${text}`, open.end);
  await open.timeline.seek({ icount: 0, event: 0 });
  const found = await open.seek(text, manners);
  return found.ok ? ok(found.value.mark) : found;
}
