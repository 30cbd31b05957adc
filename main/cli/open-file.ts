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

export async function openFile(path: string, io: CliIo): Promise<Result<OpenRecording>> {
  const data = await io.read(path);
  if (!data.ok) return data;
  const recording = readRecording(data.value, { file: path });
  if (!recording.ok) return recording;
  const sizeBytes = data.value.length;
  if (recording.value.end === null) {
    io.error(`${path}: it was interrupted while it was recorded; running it again as far as it is known\n`);
    const again = await recompute(recording.value, pause);
    if (!again.ok) return err(`${path}: ${again.error}`);
    const { recorded, machine } = again.value;
    return openRecording(again.value.recording, { pause, sizeBytes, recorded: { machine, recorded } });
  }
  const opened = openRecording(recording.value, { pause, sizeBytes });
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
