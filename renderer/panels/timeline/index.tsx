// The timeline: lane labels as a grid in the DOM, the lanes themselves on one canvas that is drawn only when something changed.
import { createEffect, createMemo, createSignal, Index, onCleanup, onMount, Show } from 'solid-js';
import { EVENT_KIND_NAMES } from '../../../recordings/format/events.ts';
import { grouped } from '../../base/format.ts';
import { KIND_LOOKS } from '../../base/kinds.ts';
import { firstAt } from '../../state/lanes.ts';
import { useTrapline } from '../../state/trapline.ts';
import { rove } from '../../widgets/roving.ts';
import { drawTimeline, type Scene } from './draw.ts';
import { GUTTER, itemsOf, nearest, type TimelineRow, timelineRows } from './model.ts';
import { LaneLabel, ScaleLabel } from './labels.tsx';
import { readPalette } from './palette.ts';
import './timeline.css';

const REACH = 7; // pixels within which a click means the mark and not the moment

export function Timeline() {
  const { session, view, theme, markers, setDialog } = useTrapline();
  let canvas!: HTMLCanvasElement;
  let box!: HTMLDivElement;
  const [width, setWidth] = createSignal(800);
  const [hover, setHover] = createSignal<{
    readonly row: string;
    readonly icount: number;
    readonly text: string;
    readonly x: number;
    readonly y: number;
  } | null>(null);
  const [brush, setBrush] = createSignal<{ readonly from: number; readonly to: number } | null>(null);
  const [fonts, setFonts] = createSignal(0);

  const short = matchMedia('(max-height: 799px)');
  const [low, setLow] = createSignal(short.matches);
  const onShort = () => setLow(short.matches);
  short.addEventListener('change', onShort);
  onCleanup(() => short.removeEventListener('change', onShort));

  const rows = createMemo(() =>
    timelineRows(
      session.summary()?.cpus ?? 0,
      session.position(),
      session.watches(),
      session.summary()?.end.icount ?? 0,
      view.range(),
      low(),
    ),
  );
  const height = createMemo(() => rows().reduce((sum, row) => sum + row.height, 0) + 2);
  const palette = createMemo(() => (theme.theme(), readPalette()));
  const scene = createMemo<Scene>(() => ({
    rows: rows(),
    lanes: session.lanes(),
    spans: session.spans(),
    output: session.output(),
    range: view.range(),
    end: view.end(),
    now: session.position()?.mark.icount ?? null,
    markers: markers.all(),
    chosen: view.lane(),
    hover: hover(),
    brush: brush(),
    palette: palette(),
    width: width(),
    height: height(),
  }));

  let frame = 0;
  createEffect(() => {
    const current = scene();
    fonts();
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const ratio = devicePixelRatio || 1;
      const wide = Math.round(current.width * ratio);
      const tall = Math.round(current.height * ratio);
      if (canvas.width !== wide || canvas.height !== tall) {
        canvas.width = wide;
        canvas.height = tall;
      }
      const ctx = canvas.getContext('2d');
      if (ctx !== null) drawTimeline(ctx, current, ratio);
    });
  });
  onMount(() => {
    const observer = new ResizeObserver(() => setWidth(Math.max(200, box.clientWidth - GUTTER)));
    observer.observe(box);
    void document.fonts?.ready.then(() => setFonts(1));
    canvas.addEventListener('wheel', onWheel, { passive: false });
    onCleanup(() => (observer.disconnect(), cancelAnimationFrame(frame)));
  });

  const icountAt = (x: number) => view.range().from + (x / (width() - 14)) * (view.range().to - view.range().from);
  const overviewAt = (x: number) => Math.max(0, Math.min(view.end(), (x / (width() - 14)) * view.end()));
  const rowAt = (y: number) => rows().find((row) => y >= row.top && y < row.top + row.height);
  const itemAt = (row: TimelineRow, x: number) => {
    const items = itemsOf(row, session.lanes());
    if (items === null) return null;
    const item = nearest(items, icountAt(x), ((view.range().to - view.range().from) * REACH) / width());
    return item < 0 ? null : { items, item };
  };

  function onWheel(event: WheelEvent): void {
    event.preventDefault();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) view.pan((event.deltaX || event.deltaY) / 800);
    else view.zoom(1.0015 ** event.deltaY, icountAt(event.offsetX));
  }

  let drag: { readonly x: number; readonly from: number; readonly to: number; readonly overview: boolean; moved: boolean } | null = null;
  function onPointerDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    drag = { x: event.offsetX, ...view.range(), overview: rowAt(event.offsetY)?.kind === 'overview', moved: false };
  }
  function onPointerMove(event: PointerEvent): void {
    if (drag === null) return point(event);
    if (Math.abs(event.offsetX - drag.x) > 3) drag.moved = true;
    if (!drag.moved) return;
    if (drag.overview) {
      const [a, b] = [overviewAt(drag.x), overviewAt(event.offsetX)];
      setBrush({ from: Math.min(a, b), to: Math.max(a, b) });
    } else {
      const by = ((drag.x - event.offsetX) / (width() - 14)) * (drag.to - drag.from);
      view.show(drag.from + by, drag.to + by);
    }
  }
  function point(event: PointerEvent): void {
    const row = rowAt(event.offsetY);
    const found = row === undefined ? null : itemAt(row, event.offsetX);
    if (row === undefined || found === null) return void setHover(null);
    const icount = found.items.icount[found.item]!;
    const kind = 'kind' in found.items ? EVENT_KIND_NAMES[(found.items as { kind: Uint8Array }).kind[found.item]!] : 'watchpoint-hit';
    const nth = row.kind === 'watch' ? ` ${found.item + 1} of ${found.items.icount.length}` : '';
    setHover({
      row: row.id,
      icount,
      text: `${kind === undefined ? '' : KIND_LOOKS[kind].label}${nth} · #${grouped(icount)}`,
      x: event.offsetX + GUTTER,
      y: row.top,
    });
  }
  function onPointerUp(event: PointerEvent): void {
    const done = drag;
    const range = brush();
    drag = null;
    setBrush(null);
    if (done === null) return;
    if (done.overview) {
      if (done.moved && range !== null) return view.show(range.from, range.to);
      const centre = overviewAt(event.offsetX);
      return view.show(centre - (done.to - done.from) / 2, centre + (done.to - done.from) / 2);
    }
    if (!done.moved) void click(event);
  }
  async function click(event: PointerEvent): Promise<void> {
    const row = rowAt(event.offsetY);
    if (row === undefined) return;
    if (row.kind === 'watch') view.setLane(row.lane.watch.text);
    const found = itemAt(row, event.offsetX);
    const event_ = found === null ? null : await session.api.event(found.items.index[found.item]!);
    const last = session.summary()?.end.icount ?? 0;
    await session.seek(event_?.mark ?? { icount: Math.max(0, Math.min(last, Math.round(icountAt(event.offsetX)))), event: 0 });
  }

  /** Left and right walk the items of the lane under the focus. */
  async function walk(row: TimelineRow, step: number): Promise<void> {
    if (row.kind === 'watch') return session.stepWatch(row.lane.watch.text, step > 0 ? 'forward' : 'back');
    const items = itemsOf(row, session.lanes());
    await session.landed();
    const now = session.position()?.mark.icount;
    if (items === null || now === undefined) return;
    const item = step > 0 ? firstAt(items, now + 1) : firstAt(items, now) - 1;
    const event = items.index[item] === undefined ? null : await session.api.event(items.index[item]!);
    if (event !== null) await session.seek(event.mark);
  }
  function choose(row: TimelineRow): void {
    if (row.kind === 'watch') view.setLane(row.lane.watch.text);
  }
  function remove(row: TimelineRow): void {
    if (row.kind === 'watch') void session.removeWatch(row.lane.watch.text);
  }
  function onKey(event: KeyboardEvent, row: TimelineRow): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') void walk(row, event.key === 'ArrowRight' ? 1 : -1);
    else if (event.key === 'Enter') setDialog({ kind: 'lane', lane: row.id });
    else if (event.key === 'Delete' && row.kind === 'watch' && !row.lane.watch.recorded) void session.removeWatch(row.lane.watch.text);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <section class="tl" data-panel="timeline" aria-label="Timeline" ref={box}>
      <div
        class="tl-gutter"
        role="grid"
        aria-label="Lanes: up and down choose one, left and right walk its events, Enter shows it as a table"
        onKeyDown={(event) => rove(event, event.currentTarget)}
      >
        <Index each={rows()}>
          {(row, n) => (
            <Show when={row().kind !== 'overview' && row().kind !== 'ruler'} fallback={<ScaleLabel row={row()} />}>
              <LaneLabel
                row={row()}
                first={n === 2}
                lanes={session.lanes()}
                chosen={view.lane()}
                onKey={(event) => onKey(event, row())}
                choose={() => choose(row())}
                table={() => setDialog({ kind: 'lane', lane: row().id })}
                remove={() => remove(row())}
              />
            </Show>
          )}
        </Index>
      </div>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${grouped(session.summary()?.end.icount ?? 0)} instructions, ${session.lanes()?.hits.icount.length ?? 0} hits, standing at ${grouped(session.position()?.mark.icount ?? 0)}; the lanes beside hold the same as lists`}
        style={{ height: `${height()}px` }}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setHover(null)}
      />
      <Show when={hover()}>
        {(tip) => (
          <div
            class="tl-tip"
            aria-hidden="true"
            style={{ left: `${Math.min(tip().x + 12, width() + GUTTER - 190)}px`, top: `${tip().y + 24}px` }}
          >
            {tip().text}
          </div>
        )}
      </Show>
    </section>
  );
}
