// A long list of which only the rows in sight exist. Rows have one height; pages of data are asked for as they come into sight.
import { createEffect, createMemo, createSignal, For, type JSX, on, onCleanup, onMount, Show } from 'solid-js';

export interface VirtualRowsProps<T> {
  readonly total: number;
  readonly rowHeight: number;
  /** Rows of one page; asked for once until `version` changes. */
  readonly load: (offset: number, limit: number) => Promise<readonly T[]>;
  /** Anything that changes when the data behind the list does. */
  readonly version: unknown;
  /** Row that must be in sight, or -1. */
  readonly selected: number;
  readonly children: (row: T, position: number) => JSX.Element;
}

const PAGE = 128;
const SPARE = 6;
/** Browsers stop at about 33 million pixels. */
const MOST_PIXELS = 30_000_000;

export function VirtualRows<T>(props: VirtualRowsProps<T>) {
  let box!: HTMLDivElement;
  const [top, setTop] = createSignal(0);
  const [height, setHeight] = createSignal(400);
  const [pages, setPages] = createSignal<ReadonlyMap<number, readonly T[]>>(new Map());
  const asked = new Set<number>();
  const shown = createMemo(() => Math.min(props.total, Math.floor(MOST_PIXELS / props.rowHeight)));
  const first = () => Math.max(0, Math.floor(top() / props.rowHeight) - SPARE);
  const last = () => Math.min(shown(), Math.ceil((top() + height()) / props.rowHeight) + SPARE);
  const positions = createMemo(() => Array.from({ length: Math.max(0, last() - first()) }, (_, n) => first() + n));
  const row = (position: number) => pages().get(Math.floor(position / PAGE))?.[position % PAGE];

  let version = 0;
  createEffect(
    on(
      () => props.version,
      () => {
        version += 1;
        asked.clear();
        setPages(new Map());
      },
    ),
  );
  createEffect(() => {
    void props.version;
    const from = Math.floor(first() / PAGE);
    const to = Math.floor(Math.max(0, last() - 1) / PAGE);
    if (shown() === 0) return;
    for (let page = from; page <= to; page += 1) {
      if (asked.has(page)) continue;
      asked.add(page);
      const mine = version;
      void props.load(page * PAGE, PAGE).then((rows) => mine === version && setPages((now) => new Map(now).set(page, rows)));
    }
  });
  createEffect(() => {
    const wanted = props.selected;
    if (wanted < 0) return;
    const y = wanted * props.rowHeight;
    const view = height();
    if (y < box.scrollTop || y + props.rowHeight > box.scrollTop + view)
      box.scrollTop = Math.max(0, y - Math.floor(view / 2 / props.rowHeight) * props.rowHeight);
  });
  onMount(() => {
    const observer = new ResizeObserver(() => setHeight(box.clientHeight));
    observer.observe(box);
    onCleanup(() => observer.disconnect());
  });
  return (
    <div class="pb" role="presentation" ref={box} onScroll={() => setTop(box.scrollTop)}>
      <div role="presentation" class="vr-all" style={{ height: `${shown() * props.rowHeight}px` }}>
        <For each={positions()}>
          {(position) => (
            <div role="presentation" class="vr-row" style={{ top: `${position * props.rowHeight}px`, height: `${props.rowHeight}px` }}>
              <Show when={row(position)}>{(data) => props.children(data(), position)}</Show>
            </div>
          )}
        </For>
      </div>
    </div>
  );
}
