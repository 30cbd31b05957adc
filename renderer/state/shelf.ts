// The library as the window shows it, and what is done with recordings: open, record, keep, rename, delete, save.
import { createSignal } from 'solid-js';
import { formatMark, type Mark } from '../../workers/base/mark.ts';
import { err, ok, type Result } from '../../workers/base/result.ts';
import type { RecordProgress, RecordRequest, RecordingSummary, WorkbenchApi } from '../../workers/api/workbench-api.ts';
import type { BundledIndex } from '../client/bundled.ts';
import type { LibraryClient, ShelfRow } from '../client/library.ts';
import { type MarkerState, NO_MARKERS, readMarkers } from './markers.ts';
import { type Picture, pictureOf, readPicture } from './picture.ts';
import type { Session } from './session.ts';
import type { View } from './view.ts';

export type { ShelfRow } from '../client/library.ts';

export interface ShelfHost {
  readonly bundled: () => Promise<BundledIndex>;
  readonly bundledFile: (file: string) => Promise<Result<Uint8Array>>;
  /** A file named when the workbench was started. */
  readonly givenFile: (name: string) => Promise<Result<Uint8Array>>;
  /** A recording given by the application that is not in this library yet; null or missing: none. */
  readonly arrived?: () => Promise<Result<{ readonly name: string; readonly data: Uint8Array } | null>>;
  /** The name it was saved under, where that is known. */
  readonly saveFile: (name: string, data: Uint8Array) => Promise<Result<string | null>> | undefined;
}

export type Shelf = ReturnType<typeof createShelf>;

/** How long a deleted recording can be brought back. */
const UNDO_MS = 12_000;

/** The watches in the kept arrangement of a recording; anything else in it is ignored. */
function watchesOf(panels: unknown): readonly string[] {
  const list = (panels as { readonly watches?: unknown } | null | undefined)?.watches;
  return Array.isArray(list) ? list.filter((text) => typeof text === 'string').slice(0, 8) : [];
}

/** A plain name, as every host takes one: no folder, not hidden, not too long. */
function fileNameOf(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '');
  return `${plain.slice(0, 180) || 'recording'}.trapline`;
}

export function createShelf(
  api: WorkbenchApi,
  library: LibraryClient,
  session: Session,
  view: View,
  markers: MarkerState,
  host: ShelfHost,
) {
  const [all, setAll] = createSignal<readonly ShelfRow[]>([]);
  const [bundled, setBundled] = createSignal<BundledIndex>({ programs: [], recordings: [] });
  /** Deleted but not gone yet. A window that is closed before has not deleted it. */
  const [removed, setRemoved] = createSignal<ShelfRow | null>(null);
  const [progress, setProgress] = createSignal<RecordProgress | null>(null);
  const rows = () => all().filter((row) => row.id !== removed()?.id);

  async function picture(id: number): Promise<Picture | null> {
    const kept = await library.setting(`picture:${id}`);
    return kept.ok ? readPicture(kept.value) : null;
  }

  async function refresh(): Promise<void> {
    const list = await library.list();
    if (list.ok) setAll(list.value);
    else session.fail('The library cannot be read', list.error);
  }

  async function show(summary: RecordingSummary, id: number | null, target: string | null, kept = NO_MARKERS): Promise<void> {
    view.reset(summary.end.icount);
    view.setPage('recording');
    markers.set(kept);
    await session.show(summary, id, target);
    const lanes = session.lanes();
    if (id !== null && lanes !== null) await library.setSetting(`picture:${id}`, pictureOf(lanes, summary.end.icount));
  }

  async function opening(name: string, work: () => Promise<void>): Promise<void> {
    session.setWork({ title: `Opening ${name}`, done: 0, total: 0, hits: null });
    session.dismiss();
    try {
      await work();
    } finally {
      session.setWork(null);
    }
  }

  function notify({ name, notice }: RecordingSummary): void {
    if (notice !== undefined) session.fail(`${name} was run again`, notice);
  }

  /** Opens the bytes of a `.trapline` file and keeps it in the library, once. `title`: what to call it instead of what it calls itself. */
  async function openFile(name: string, file: Uint8Array, target: string | null, title: string | null = null): Promise<boolean> {
    let opened: Result<RecordingSummary> = err('');
    let id: number | null = null;
    await opening(name, async () => {
      opened = await api.open(file);
      if (!opened.ok) return session.fail(`${name} could not be opened`, opened.error);
      const summary = title === null ? opened.value : { ...opened.value, name: title };
      opened = ok(summary);
      id = all().find((row) => row.summary?.id === summary.id && row.status === 'complete')?.id ?? null;
      if (id === null) {
        const kept = await library.add(summary.name, file, summary);
        if (kept.ok) id = kept.value;
        else session.fail(`${name} is open, but not kept`, kept.error);
      }
      await refresh();
    });
    if (!opened.ok) return false;
    if (id !== null) await library.setSetting('last', id);
    await show((opened as { value: RecordingSummary }).value, id, target);
    notify((opened as { value: RecordingSummary }).value);
    return true;
  }

  async function openRow(id: number, target: string | null): Promise<boolean> {
    const row = all().find((candidate) => candidate.id === id);
    const name = row?.name ?? 'The recording';
    let summary: RecordingSummary | null = null;
    await opening(name, async () => {
      const file = await library.read(id, 'stored');
      const opened = file.ok ? await api.open(file.value) : file;
      if (!opened.ok) return session.fail(`${name} could not be opened`, opened.error);
      summary = row === undefined ? opened.value : { ...opened.value, name: row.name };
      // A link carries the id: one that was run again has another.
      if (row?.summary?.id !== opened.value.id) await library.setSummary(id, opened.value);
    });
    if (summary === null) return false;
    const kept = await library.view(id);
    const seen = kept.ok ? kept.value : null;
    await library.setSetting('last', id);
    const { end } = summary as RecordingSummary;
    await show(summary, id, target ?? (seen === null ? null : formatMark(seen.mark)), readMarkers(seen?.panels, end));
    for (const text of watchesOf(seen?.panels)) await session.addWatch(text);
    notify(summary);
    return true;
  }

  async function openBundled(file: string, target: string | null): Promise<boolean> {
    const data = await host.bundledFile(file);
    if (data.ok) return openFile(file, data.value, target, bundled().recordings.find((row) => row.file === file)?.name ?? null);
    session.fail(`${file} could not be opened`, data.error);
    return false;
  }

  /** Records a program; pieces go to the library as they come. The sentence is for the dialog that asked. */
  async function record(request: RecordRequest): Promise<Result<null>> {
    const begun = await library.begin(request.name);
    const keeper = begun.ok ? begun.value : null;
    setProgress({ icount: 0, events: 0, hits: 0, bytes: 0, rate: 0 });
    let live = true; // progress may arrive after the answer
    const answer = await api.record(
      request,
      (now) => live && setProgress(now),
      (chunk) => keeper?.append(chunk),
    );
    live = false;
    setProgress(null);
    if (!answer.ok) {
      if (keeper !== null) {
        await keeper.interrupt();
        await library.delete(keeper.id);
      }
      return err(answer.error);
    }
    const kept = keeper === null ? begun : await keeper.complete(answer.value);
    if (keeper !== null) await library.setSetting('last', keeper.id);
    await refresh();
    await show(answer.value, keeper?.id ?? null, null);
    if (!kept.ok) session.fail('The recording is open, but not kept', kept.error);
    return ok(null);
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  async function purge(): Promise<void> {
    clearTimeout(timer);
    const row = removed();
    if (row === null) return;
    const answer = await library.delete(row.id);
    if (!answer.ok) session.fail(`${row.name} was not deleted`, answer.error);
    await refresh();
    setRemoved(null);
  }

  async function remove(id: number): Promise<void> {
    await purge();
    setRemoved(all().find((row) => row.id === id) ?? null);
    timer = setTimeout(() => void purge(), UNDO_MS);
    session.say(`${removed()?.name ?? 'Recording'} deleted`);
  }

  async function rename(id: number, name: string): Promise<void> {
    const clean = name.trim();
    if (clean === '') return;
    const answer = await library.rename(id, clean);
    if (!answer.ok) return session.fail('The recording was not renamed', answer.error);
    if (session.id() === id) session.rename(clean);
    await refresh();
  }

  async function exportRow(id: number | null, name: string): Promise<void> {
    const file = id === null ? await api.save() : await library.read(id, 'packed');
    if (!file.ok) return session.fail(`${name} was not saved`, file.error);
    const saved = await host.saveFile(fileNameOf(name), file.value);
    if (saved?.ok === false) session.fail(`${name} was not saved`, saved.error);
    else if (saved?.ok === true && saved.value !== null) session.say(`Saved as ${saved.value}`);
  }

  /** Opens what the application was given, if it was; true when it is open. */
  async function takeArrived(): Promise<boolean> {
    const arrived = await host.arrived?.();
    if (arrived === undefined) return false;
    if (!arrived.ok) session.fail('The recording could not be opened', arrived.error);
    return arrived.ok && arrived.value !== null && (await openFile(arrived.value.name, arrived.value.data, null));
  }

  /** What the window does when it starts: the link, else the file it was started with, else the bundled recording the first time, else the library. */
  async function start(
    link: { readonly recording: string | null; readonly target: string | null },
    given: string | null = null,
  ): Promise<void> {
    const [index] = await Promise.all([host.bundled(), refresh()]);
    setBundled(index);
    if (await takeArrived()) return;
    if (given !== null && link.recording === null) {
      const data = await host.givenFile(given);
      if (!data.ok) session.fail(`${given} could not be opened`, data.error);
      if (data.ok && (await openFile(given, data.value, null))) return;
      return void view.setPage('library');
    }
    if (link.recording !== null) {
      const row = all().find((candidate) => candidate.summary?.id.startsWith(link.recording!) === true);
      if (row !== undefined) return void (await openRow(row.id, link.target));
      view.setPage('library');
      return session.fail(
        'The recording of this link is not in this library',
        'Open its .trapline file and use the link again: a link carries a place, not the recording.',
      );
    }
    const last = await library.setting('last');
    const first = index.recordings[0];
    if ((!last.ok || last.value === null) && first !== undefined && (await openBundled(first.file, null))) return;
    view.setPage('library');
  }

  return {
    rows,
    bundled,
    removed,
    progress,
    refresh,
    picture,
    openFile,
    openRow,
    openBundled,
    record,
    remove,
    rename,
    exportRow,
    start,
    takeArrived,
    restore: () => (clearTimeout(timer), setRemoved(null)),
    stop: () => api.stop(),
    bundledFile: host.bundledFile,
    /** Where the person stands, their markers, and what they watch besides what was recorded: found again when the recording is opened again. */
    keepPlace: (id: number, mark: Mark) => {
      const watches = session.watches().flatMap((lane) => (lane.watch.recorded ? [] : [lane.watch.text]));
      return library.setView({ recording: id, mark, panels: { watches, markers: markers.all() } });
    },
  };
}
