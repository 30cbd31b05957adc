// A small picture of a recording: how much happened when, and where the hits are. Kept with the library, drawn on its card. Pure.
import { density } from './lanes.ts';
import type { Lanes } from './session-types.ts';

export interface Picture {
  /** Height of each column of each CPU, 0 to 9. */
  readonly cpus: readonly string[];
  /** Columns with a hit. */
  readonly hits: readonly number[];
}

export const PICTURE_COLUMNS = 160;
const MOST_CPUS = 4;

export function pictureOf(lanes: Lanes, end: number): Picture {
  const columns = (items: { readonly icount: Float64Array }) => density(items, 0, end + 1, PICTURE_COLUMNS);
  const counts = lanes.cpus.slice(0, MOST_CPUS).map(columns);
  const most = Math.log2(2 + Math.max(1, ...counts.map((column) => column.reduce((a, b) => Math.max(a, b), 0))));
  const heights = counts.map((column) =>
    Array.from(column, (count) => (count === 0 ? '0' : String(Math.max(2, Math.round((Math.log2(count + 2) * 9) / most))))).join(''),
  );
  return { cpus: heights, hits: Array.from(columns(lanes.hits)).flatMap((count, column) => (count > 0 ? [column] : [])) };
}

/** A picture read back from storage; null for anything else. */
export function readPicture(value: unknown): Picture | null {
  if (typeof value !== 'object' || value === null) return null;
  const { cpus, hits } = value as { readonly cpus?: unknown; readonly hits?: unknown };
  if (!Array.isArray(cpus) || !Array.isArray(hits) || cpus.length > MOST_CPUS || hits.length > PICTURE_COLUMNS) return null;
  if (!cpus.every((row) => typeof row === 'string' && /^\d{160}$/.test(row))) return null;
  return hits.every((column) => Number.isInteger(column) && column >= 0 && column < PICTURE_COLUMNS) ? { cpus, hits } : null;
}
