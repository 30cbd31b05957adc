// The address bar: which recording and which Mark. `#r=<id>&t=#N.E`; what is not understood is ignored, never an error.
import { type Mark, formatMark } from '../../workers/base/mark.ts';

export interface Link {
  readonly recording: string | null;
  /** As it was written: a Mark, `!50` or a symbol. */
  readonly target: string | null;
}

export function parseLink(hash: string): Link {
  const recording = /[#&]r=([\w.:-]{1,200})/.exec(hash)?.[1] ?? null;
  const written = /&t=([^&]{1,200})/.exec(hash)?.[1];
  let target: string | null = null;
  try {
    target = written === undefined ? null : decodeURIComponent(written);
  } catch {
    target = null; // a broken percent sign
  }
  return { recording, target };
}

export const formatLink = (recording: string | null, mark: Mark | null): string =>
  recording === null ? '' : `#r=${recording}${mark === null ? '' : `&t=${formatMark(mark)}`}`;
