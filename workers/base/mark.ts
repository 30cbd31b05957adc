// A Mark is a point of a recording that can be compared, written down and pasted back.
import { type Result, err, ok } from './result.ts';

/**
 * `icount` instructions have retired on all CPUs together, and `event` events have been recorded since the last of them retired.
 * The state at `#N.0` is the one in which the instruction number N (counting from 0) is about to execute.
 */
export interface Mark {
  readonly icount: number;
  readonly event: number;
}

export const START: Mark = { icount: 0, event: 0 };

/** Negative when a is before b. */
export function compareMarks(a: Mark, b: Mark): number {
  return a.icount - b.icount || a.event - b.event;
}

/** `#265797` or `#265797.2`; the form `parseMark` reads. */
export function formatMark(mark: Mark): string {
  return mark.event === 0 ? `#${mark.icount}` : `#${mark.icount}.${mark.event}`;
}

/** Reads `#ICOUNT`, `#ICOUNT.EVENT` (grouping commas allowed) and `!PERCENT` of a recording that ends at `end`. */
export function parseMark(text: string, end: Mark): Result<Mark> {
  const absolute = /^#([\d,_]+)(?:\.(\d+))?$/.exec(text.trim());
  if (absolute) {
    const mark = { icount: Number(absolute[1]!.replace(/[,_]/g, '')), event: Number(absolute[2] ?? 0) };
    if (!Number.isSafeInteger(mark.icount) || !Number.isSafeInteger(mark.event)) return err(`'${text}' is too large for a Mark`);
    return compareMarks(mark, end) > 0 ? err(`${formatMark(mark)} is after the end of the recording, ${formatMark(end)}`) : ok(mark);
  }
  const percent = /^!(\d+(?:\.\d+)?)$/.exec(text.trim());
  if (percent) {
    const share = Number(percent[1]);
    if (share > 100) return err(`'${text}': a recording ends at !100`);
    return ok(share === 100 ? end : { icount: Math.floor((end.icount * share) / 100), event: 0 });
  }
  return err(`'${text}' is not a Mark: write #ICOUNT, #ICOUNT.EVENT, !PERCENT or a symbol`);
}
