// One lane as a table: the same events the canvas draws, for whoever would rather read them.
import { createMemo, Show } from 'solid-js';
import type { EventRow } from '../../../workers/api/workbench-api.ts';
import { valueText, whereText } from '../../base/event-text.ts';
import { columnMark, grouped } from '../../base/format.ts';
import { KIND_LOOKS } from '../../base/kinds.ts';
import { useTrapline } from '../../state/trapline.ts';
import { Modal } from '../../widgets/modal.tsx';
import { VirtualRows } from '../../widgets/virtual-rows.tsx';
import { itemsOf, timelineRows } from './model.ts';
import './lane-table.css';

export function LaneTable(props: { readonly lane: string }) {
  const { session, view, setDialog } = useTrapline();
  const row = createMemo(() =>
    timelineRows(
      session.summary()?.cpus ?? 0,
      session.position(),
      session.watches(),
      session.summary()?.end.icount ?? 0,
      view.range(),
    ).find((candidate) => candidate.id === props.lane),
  );
  const items = createMemo(() => (row() === undefined ? null : itemsOf(row()!, session.lanes())));
  const load = async (offset: number, limit: number) => {
    const wanted = Array.from(items()?.index.slice(offset, offset + limit) ?? []);
    return (await Promise.all(wanted.map((index) => session.api.event(index)))).filter((event) => event !== null);
  };
  const go = (event: EventRow) => {
    setDialog(null);
    void session.seek(event.mark);
  };
  return (
    <Modal title={`${row()?.title ?? 'Lane'}: ${grouped(items()?.icount.length ?? 0)} events`} wide close={() => setDialog(null)}>
      <div class="lane-table" role="table" aria-label={row()?.title ?? 'Lane'} aria-rowcount={items()?.icount.length ?? 0}>
        <Show when={items()} fallback={<p class="empty">Nothing happened on this lane.</p>}>
          {(list) => (
            <VirtualRows<EventRow> total={list().icount.length} rowHeight={26} version={list()} selected={-1} load={load}>
              {(event, position) => (
                <div class="lt" role="row" aria-rowindex={position + 1}>
                  <span role="cell">
                    <button type="button" class="link" onClick={() => go(event)}>
                      {columnMark(event.mark)}
                    </button>
                  </span>
                  <span role="cell">{KIND_LOOKS[event.kind].label}</span>
                  <span role="cell" class="clip mid">
                    {event.what}
                  </span>
                  <span role="cell" class="mono r clip">
                    {valueText(event)}
                  </span>
                  <span role="cell" class="mono clip">
                    {whereText(event)}
                  </span>
                </div>
              )}
            </VirtualRows>
          )}
        </Show>
      </div>
    </Modal>
  );
}
