// The label of a lane: a row of the grid that stands for the lane to keyboard and screen reader.
import { Show } from 'solid-js';
import type { Lanes } from '../../state/session-types.ts';
import { describeRow, type TimelineRow } from './model.ts';

export function ScaleLabel(props: { readonly row: TimelineRow }) {
  return (
    <div
      class="tl-label"
      role="row"
      classList={{ scale: props.row.kind === 'overview' }}
      style={{ top: `${props.row.top}px`, height: `${props.row.height}px` }}
    >
      <span role="rowheader" classList={{ dim: props.row.kind === 'ruler' }}>
        {props.row.title}
      </span>
      <span role="gridcell" class="side mono">
        {props.row.side}
      </span>
    </div>
  );
}

interface LaneLabelProps {
  readonly row: TimelineRow;
  readonly first: boolean;
  readonly lanes: Lanes | null;
  readonly chosen: string | null;
  readonly onKey: (event: KeyboardEvent) => void;
  readonly choose: () => void;
  readonly table: () => void;
  readonly remove: () => void;
}

export function LaneLabel(props: LaneLabelProps) {
  const watch = () => (props.row.kind === 'watch' ? props.row.lane.watch : null);
  return (
    <div
      class="tl-label"
      role="row"
      classList={{ watch: watch() !== null, on: watch() !== null && props.chosen === watch()?.text }}
      style={{ top: `${props.row.top}px`, height: `${props.row.height}px` }}
    >
      <span
        role="rowheader"
        class="name"
        data-item
        data-entry={props.first ? '' : undefined}
        tabindex={props.first ? 0 : -1}
        aria-label={describeRow(props.row, props.lanes)}
        onFocus={() => props.choose()}
        onKeyDown={(event) => props.onKey(event)}
        onDblClick={() => props.table()}
      >
        <span class="clip b">{props.row.title}</span> <span class="about clip">{props.row.about}</span>
      </span>
      <span role="gridcell" class="side">
        <Show when={watch()?.recorded === false} fallback={<span class="mono">{props.row.side}</span>}>
          <button
            type="button"
            class="ib small"
            tabindex="-1"
            aria-label={`Remove the watch ${props.row.title}`}
            onClick={() => props.remove()}
          >
            ×
          </button>
        </Show>
      </span>
    </div>
  );
}
