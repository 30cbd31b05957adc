// The answer to "what happens here": the event at the Mark, or what lies on either side of it. Pure.
import type { EventRow } from '../../../workers/api/workbench-api.ts';
import { hex, shownValue, watchName } from '../../base/format.ts';
import { KIND_LOOKS } from '../../base/kinds.ts';
import { firstAt } from '../../state/lanes.ts';
import type { WatchLane } from '../../state/session-types.ts';
import { EVENT_KINDS } from '../../../recordings/format/events.ts';

export interface HitView {
  readonly title: string;
  readonly about: string;
  readonly old: string;
  readonly new: string;
  /** The new value has nothing in common with the values before: more than 1000 times the greatest of them. */
  readonly odd: boolean;
  readonly sentence: string;
}

interface HitFields {
  readonly event: string;
  readonly address: bigint;
  readonly size: number;
  readonly access: string;
  readonly reported: string;
  readonly old: bigint;
  readonly new: bigint;
  readonly counted: boolean;
}

export function laneOf(event: EventRow, watches: readonly WatchLane[]): WatchLane | null {
  const text = (event.fields as { event?: string }).event;
  return watches.find((lane) => lane.watch.text === text) ?? null;
}

export function hitView(event: EventRow, watches: readonly WatchLane[]): HitView {
  const fields = event.fields as HitFields;
  const lane = laneOf(event, watches);
  const position = lane === null ? -1 : lane.series.index.indexOf(event.index);
  const title = lane === null || position < 0 ? 'Hit' : `Hit ${position + 1} of ${lane.series.index.length}`;
  const name = watchName(fields.event ?? '').name;
  if (event.kind === 'breakpoint-hit') {
    return { title, about: `about to execute ${event.symbol ?? hex(event.pc)}`, old: '', new: '', odd: false, sentence: '' };
  }
  const verb = fields.access === 'r' ? 'reads' : 'writes';
  const part =
    lane !== null && fields.size < lane.watch.length
      ? `It ${verb} ${fields.size} bytes of ${lane.watch.length === 8 ? 'an' : 'a'} ${lane.watch.length}-byte watch.`
      : '';
  return {
    title,
    about: `${verb} ${fields.size} at ${hex(fields.address)}, reported ${fields.reported} the access`,
    old: shownValue(fields.old),
    new: fields.access === 'r' ? '' : shownValue(fields.new),
    odd:
      position > 0 &&
      lane !== null &&
      Number(fields.new) > 1000 * Math.max(1, ...Array.from(lane.series.value.slice(Math.max(0, position - 50), position), Number)),
    sentence: [`${event.symbol ?? hex(event.pc)} ${verb} ${name}.`, part, fields.counted ? '' : 'perf did not count it.']
      .filter(Boolean)
      .join(' '),
  };
}

/** `Between hit 35 and 36 of 37` of the chosen watch. */
export function betweenHits(
  icount: number,
  lane: WatchLane,
): { readonly title: string; readonly value: string /** Event that wrote the value, or -1. */; readonly writer: number } {
  const { series } = lane;
  const after = firstAt(series, icount);
  const total = series.icount.length;
  const name = watchName(lane.watch.text).name;
  const value = after > 0 ? shownValue(series.value[after - 1]!) : 'not written yet';
  const writer = after > 0 ? series.index[after - 1]! : -1;
  if (total === 0) return { title: `${name} is never written`, value, writer };
  if (after === 0) return { title: `Before the first hit of ${name}`, value, writer };
  return { title: after === total ? `After the last hit of ${name}` : `Between hit ${after} and ${after + 1} of ${total}`, value, writer };
}

/** Kind and fields of any other event, as pairs; values as a person reads them. */
export function fieldPairs(event: EventRow): readonly (readonly [string, string])[] {
  const types: Readonly<Record<string, string>> = EVENT_KINDS[event.kind].fields;
  return Object.entries(event.fields as Readonly<Record<string, unknown>>).flatMap(([name, value]): (readonly [string, string])[] => {
    if (value === '' || types[name] === undefined) return [];
    if (typeof value === 'bigint') return [[name, hex(value)]];
    if (value instanceof Uint8Array) return [[name, JSON.stringify(new TextDecoder().decode(value.slice(0, 200)))]];
    return [[name, String(value)]];
  });
}

export const kindLabel = (event: EventRow): string => KIND_LOOKS[event.kind].label;
