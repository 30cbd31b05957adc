// What the timeline shows: its rows, its ticks, the scale of a watch's values. Pure: no canvas, no DOM.
import type { Position } from '../../../workers/api/workbench-api.ts';
import { grouped, hex, plural, watchName } from '../../base/format.ts';
import { firstAt } from '../../state/lanes.ts';
import type { Markers } from '../../state/markers.ts';
import type { LaneItems, Lanes, Series, WatchLane } from '../../state/session-types.ts';
import type { Range } from '../../state/view.ts';

export type TimelineRow = {
  readonly id: string;
  readonly top: number;
  readonly height: number;
  readonly title: string;
  readonly about: string;
  readonly side: string;
} & (
  | { readonly kind: 'overview' }
  | { readonly kind: 'ruler' }
  | { readonly kind: 'cpu'; readonly cpu: number }
  | { readonly kind: 'calls' }
  | { readonly kind: 'watch'; readonly lane: WatchLane }
);

type Unplaced = TimelineRow extends infer R ? (R extends TimelineRow ? Omit<R, 'top'> : never) : never;

export const GUTTER = 188;

/** Fits beside a title in the gutter. */
const shortCount = (count: number): string =>
  count < 10_000_000 ? grouped(count) : `${grouped(Math.floor(count / 1_000_000))}.${Math.floor(count / 100_000) % 10} M`;

/** `low`: the window has little height, rows give way. */
export function timelineRows(
  cpus: number,
  position: Position | null,
  watches: readonly WatchLane[],
  end: number,
  range: Range,
  low = false,
): readonly TimelineRow[] {
  const rows: Unplaced[] = [
    { kind: 'overview', id: 'overview', height: low ? 30 : 36, title: 'Whole recording', about: '', side: shortCount(end) },
    {
      kind: 'ruler',
      id: 'ruler',
      height: low ? 20 : 22,
      title: 'Instructions',
      about: '',
      side: `${shortCount(Math.round(range.to - range.from))} shown`,
    },
  ];
  for (let cpu = 0; cpu < cpus; cpu += 1) {
    const tid = position?.cpus[cpu]?.tid ?? 0;
    const task = position?.tasks.find((candidate) => candidate.tid === tid);
    const about = tid === 0 ? 'idle' : `tid ${tid}${task === undefined ? '' : ` · ${task.name}`}`;
    rows.push({ kind: 'cpu', cpu, id: `cpu${cpu}`, height: cpus > 4 ? 20 : low ? 23 : 27, title: `CPU ${cpu}`, about, side: '' });
  }
  rows.push({ kind: 'calls', id: 'calls', height: low ? 21 : 25, title: 'Calls and signals', about: '', side: '' });
  const tall = watches.length <= 2 && !low ? 66 : watches.length <= 4 ? 48 : 30;
  for (const lane of watches) {
    const { name, access } = watchName(lane.watch.text);
    const where = `${hex(lane.watch.address)} · ${plural(lane.watch.hits, 'hit')}`;
    rows.push({
      kind: 'watch',
      lane,
      id: `watch:${lane.watch.text}`,
      height: lane.watch.recorded ? tall : Math.min(tall, 44),
      title: name,
      about: lane.watch.recorded ? where : `${where}, found`,
      side: access,
    });
  }
  let top = 0;
  return rows.map((row) => {
    const placed = { ...row, top } as TimelineRow;
    top += row.height;
    return placed;
  });
}

/** The items of a row that can be pointed at; null: none. */
export function itemsOf(row: TimelineRow, lanes: Lanes | null): { readonly icount: Float64Array; readonly index: Uint32Array } | null {
  if (row.kind === 'watch') return row.lane.series;
  if (row.kind === 'calls') return lanes?.calls ?? null;
  if (row.kind === 'cpu') return lanes?.cpus[row.cpu] ?? null;
  return null;
}

/** Distance of round ticks so that labels of `labelWidth` pixels fit. */
export function tickStep(range: Range, width: number, labelWidth: number): number {
  const least = ((range.to - range.from) * labelWidth) / Math.max(1, width);
  let step = 1;
  for (let n = 0; step < least; n += 1) step *= n % 3 === 1 ? 2.5 : 2;
  return Math.max(1, Math.round(step));
}

export function ticks(range: Range, width: number): readonly number[] {
  const step = tickStep(range, width, 96);
  const list: number[] = [];
  for (let n = Math.ceil(range.from / step) * step; n <= range.to; n += step) list.push(n);
  return list;
}

/** Width of a marker's flag. */
export const FLAG = 15;

/** Where the flags of the markers are on the ruler: A's hangs left of its line, B's right of it. */
export function flagSpans(markers: Markers, x: (icount: number) => number): readonly (readonly [number, number])[] {
  const { A: a, B: b } = markers;
  return [
    ...(a === null ? [] : [[x(a.icount) - FLAG, x(a.icount)] as const]),
    ...(b === null ? [] : [[x(b.icount), x(b.icount) + FLAG] as const]),
  ];
}

/** Left edge of the plate with the current Mark, beside its line at `x`: right of it, else left, clear of flags where there is a place. */
export function plateLeft(x: number, width: number, right: number, flags: readonly (readonly [number, number])[]): number {
  const beyond = Math.max(x, ...flags.map(([, to]) => to)) + 6;
  const before = Math.min(x, ...flags.map(([from]) => from)) - 6 - width;
  const clear = (left: number) => left >= 0 && left + width <= right && flags.every(([from, to]) => to <= left || from >= left + width);
  return (
    [x + 10, x - 10 - width, beyond < x + 60 ? beyond : x + 10, before > x - width - 60 ? before : x + 10].find(clear) ??
    (x + 10 + width > right ? x - 10 - width : x + 10)
  );
}

/** The item nearest to `icount` no further than `reach` away, or -1. */
export function nearest(items: { readonly icount: Float64Array }, icount: number, reach: number): number {
  const after = firstAt(items, icount);
  let best = -1;
  let distance = reach;
  for (const item of [after - 1, after]) {
    const at = items.icount[item];
    if (at !== undefined && Math.abs(at - icount) <= distance) {
      best = item;
      distance = Math.abs(at - icount);
    }
  }
  return best;
}

/** How many times the median a value may be to stay on the scale. */
const FAR = 40;

export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** The values in sight, so that one value far out does not flatten the rest: what is more than FAR times the median is off the scale. */
export function valueScale(series: Series, range: Range): Scale {
  const first = Math.max(0, firstAt(series, range.from) - 1);
  const last = firstAt(series, range.to);
  const stride = Math.max(1, Math.floor((last - first) / 2000));
  const values: number[] = [];
  for (let item = first; item < last; item += stride) values.push(Number(series.value[item]!));
  values.sort((a, b) => a - b);
  if (values.length === 0) return { low: 0, high: 1 };
  const low = values[0]!;
  let high = values.at(-1)!;
  const middle = values[(values.length - 1) >> 1]!;
  if (values.length > 2 && high > middle * FAR && middle > low) high = values.findLast((value) => value <= middle * FAR)!;
  return { low, high: high === low ? low + 1 : high };
}

export function describeRow(row: TimelineRow, lanes: Lanes | null): string {
  const items: Pick<LaneItems, 'icount'> | null = itemsOf(row, lanes);
  const count = items === null ? '' : `, ${plural(items.icount.length, row.kind === 'watch' ? 'write' : 'event')}`;
  return `${row.title}${row.side === '' ? '' : ` ${row.side}`}${row.about === '' ? '' : `, ${row.about}`}${count}`;
}
