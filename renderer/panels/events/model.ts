// Which kinds the chosen groups stand for, and how many events each has. Pure.
import { EVENT_KIND_NAMES, type EventKind } from '../../../recordings/format/events.ts';
import type { RecordingSummary } from '../../../workers/api/workbench-api.ts';
import { type Group, GROUPS, KIND_LOOKS, kindsOf } from '../../base/kinds.ts';
import type { WatchLane } from '../../state/session-types.ts';

/** Null when every group is chosen: the cheaper question. */
export function kindsOfGroups(groups: ReadonlySet<Group>): readonly EventKind[] | null {
  return groups.size === GROUPS.length ? null : EVENT_KIND_NAMES.filter((kind) => groups.has(KIND_LOOKS[kind].group));
}

export interface Chip {
  readonly group: Group;
  readonly title: string;
  readonly sample: EventKind;
  readonly count: number;
}

/** Groups that have events; hits include those found after the fact. */
export function chips(summary: RecordingSummary | null, watches: readonly WatchLane[]): readonly Chip[] {
  const found = watches.reduce((sum, lane) => sum + (lane.watch.recorded ? 0 : lane.watch.hits), 0);
  return GROUPS.flatMap((row) => {
    const count = kindsOf(row.group).reduce((sum, kind) => sum + (summary?.kinds[kind] ?? 0), 0) + (row.group === 'hits' ? found : 0);
    return count === 0 ? [] : [{ ...row, count }];
  });
}
