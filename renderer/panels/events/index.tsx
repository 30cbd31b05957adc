// The events of the recording as a table that stands where time stands: moving in it moves through the recording.
import { createEffect, createMemo, createResource, createSignal, For, on, Show } from 'solid-js';
import { compareMarks } from '../../../workers/base/mark.ts';
import type { EventRow } from '../../../workers/api/workbench-api.ts';
import { valueText, whereText } from '../../base/event-text.ts';
import { columnMark, grouped } from '../../base/format.ts';
import { KIND_LOOKS, shapeOf } from '../../base/kinds.ts';
import { foundAfter } from '../../state/session.ts';
import { useTrapline } from '../../state/trapline.ts';
import { Glyph } from '../../widgets/glyph.tsx';
import { MarkLink } from '../../widgets/mark-link.tsx';
import { VirtualRows } from '../../widgets/virtual-rows.tsx';
import { chips, kindsOfGroups } from './model.ts';
import './events.css';

export function Events() {
  const { session, view, wanted } = useTrapline();
  let grid!: HTMLDivElement;
  const kinds = createMemo(() => kindsOfGroups(view.groups()));
  const version = createMemo(() => ({ kinds: kinds(), lanes: session.lanes() }));
  const query = (offset: number, limit: number) => session.api.events({ kinds: kinds(), from: null, to: null, offset, limit });
  const [total] = createResource(version, async (now) => (now.lanes === null ? 0 : (await query(0, 0)).total));
  const [here, setHere] = createSignal({ rank: -1, exact: false });

  /** Position in the filtered list of the last event at or before now. */
  createEffect(
    on([() => session.position()?.mark, version], async ([mark, now]) => {
      if (mark === undefined || now.lanes === null) return;
      const count = (await session.api.events({ kinds: now.kinds, from: null, to: mark, offset: 0, limit: 0 })).total;
      const from = Math.max(0, count - 2);
      const { rows } = await query(from, 4);
      const nth = rows.findLastIndex((row) => compareMarks(row.mark, mark) <= 0);
      const row = rows[nth];
      if (session.position()?.mark === mark)
        setHere({ rank: nth < 0 ? -1 : from + nth, exact: row !== undefined && compareMarks(row.mark, mark) === 0 });
    }),
  );
  createEffect(on(wanted, (want) => want?.part === 'events' && grid.focus()));

  async function go(rank: number): Promise<void> {
    const most = (total() ?? 0) - 1;
    const { rows } = await query(Math.max(0, Math.min(most, rank)), 1);
    const row = rows[0];
    if (row !== undefined) await session.seek(row.mark);
  }
  function onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { rank, exact } = here();
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: rank + 1,
      ArrowUp: exact ? rank - 1 : rank,
      PageDown: rank + 8,
      PageUp: rank - 8,
      Home: 0,
      End: Number.MAX_SAFE_INTEGER,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    void go(target);
  }

  return (
    <section class="pane events" data-panel="events" aria-label="Events">
      <div class="ph">
        <h2>Events</h2>
        <span class="mono dim">{grouped(total() ?? 0)}</span>
        <span class="grow" />
        <div class="chips" role="group" aria-label="Kinds shown">
          <For each={chips(session.summary(), session.watches())}>
            {(chip) => (
              <button
                type="button"
                class="chip"
                aria-pressed={view.groups().has(chip.group)}
                title={`Show or hide ${chip.title}; double-click: only these`}
                onClick={() => view.toggle(chip.group)}
                onDblClick={() => (view.groups().size === 1 ? view.all() : view.only(chip.group))}
              >
                <Glyph shape={shapeOf(chip.sample, false)} tone={KIND_LOOKS[chip.sample].tone} />
                {chip.title} {grouped(chip.count)}
              </button>
            )}
          </For>
        </div>
      </div>
      <div
        class="grid"
        role="grid"
        aria-label="Events: up and down move through the recording"
        aria-rowcount={(total() ?? 0) + 1}
        aria-activedescendant={here().exact ? `event-${here().rank}` : undefined}
        tabindex="0"
        data-entry
        ref={grid}
        onKeyDown={onKey}
      >
        <div class="ev head" role="row" aria-rowindex={1}>
          <span role="columnheader" class="r">
            Mark
          </span>
          <span role="columnheader">CPU</span>
          <span role="columnheader">Event</span>
          <span role="columnheader">What</span>
          <span role="columnheader" class="r">
            New value
          </span>
          <span role="columnheader">Where</span>
        </div>
        <VirtualRows<EventRow>
          total={total() ?? 0}
          rowHeight={20}
          version={version()}
          selected={here().rank}
          load={async (offset, limit) => (await query(offset, limit)).rows}
        >
          {(row, position) => (
            <Row
              row={row}
              position={position}
              selected={position === here().rank && here().exact}
              passed={position === here().rank && !here().exact}
            />
          )}
        </VirtualRows>
      </div>
    </section>
  );
}

function Row(props: { readonly row: EventRow; readonly position: number; readonly selected: boolean; readonly passed: boolean }) {
  const { session } = useTrapline();
  const after = () => foundAfter(props.row, session.watches());
  return (
    <div
      class="ev"
      role="row"
      id={`event-${props.position}`}
      aria-rowindex={props.position + 2}
      aria-selected={props.selected}
      classList={{ sel: props.selected, passed: props.passed }}
      onClick={(event) => event.target instanceof HTMLButtonElement || void session.seek(props.row.mark)}
    >
      <span role="gridcell" class="mono r">
        {columnMark(props.row.mark)}
      </span>
      <span role="gridcell" class="mono">
        {props.row.cpu}
      </span>
      <span role="gridcell" class="k">
        <Glyph shape={shapeOf(props.row.kind, after())} tone={KIND_LOOKS[props.row.kind].tone} />
        {after() ? 'after the fact' : KIND_LOOKS[props.row.kind].label}
      </span>
      <span role="gridcell" class="mid clip">
        {props.row.what}
      </span>
      <span role="gridcell" class="mono r clip">
        {valueText(props.row)}
      </span>
      <span role="gridcell" class="mono clip">
        <Show when={props.row.cause} fallback={whereText(props.row)}>
          {(cause) => (
            <span class="mid">
              <span class="dim">caused by</span> <MarkLink mark={cause().mark} />
            </span>
          )}
        </Show>
      </span>
    </div>
  );
}
