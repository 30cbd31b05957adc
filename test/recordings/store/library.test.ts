// The library on an in-memory IndexedDB: appending while recording, interruption, full storage, blocked upgrades, and that
// nothing already acknowledged is ever lost.
import 'fake-indexeddb/auto'; // Dexie's live queries ask whether the host has IndexedDB
import Dexie from 'dexie';
import { IDBFactory, IDBKeyRange, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EventLog } from '../../../recordings/format/event-log.ts';
import { readRecording } from '../../../recordings/format/read.ts';
import { RecordingStream, writeRecording } from '../../../recordings/format/write.ts';
import { Library, type LibraryWriter } from '../../../recordings/store/library.ts';
import type { RecordingSummary } from '../../../workers/api/workbench-api.ts';
import type { Result } from '../../../workers/base/result.ts';
import { plain, sampleConfig, sampleEvents, sampleRecording } from '../../support/sample-recording.ts';

const summary = { id: 'a'.repeat(64), name: 'counter', watches: [{ address: 0x41f0c8n }] } as unknown as RecordingSummary;

function got<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

type Factories = { readonly indexedDB: IDBFactory; readonly IDBKeyRange: typeof globalThis.IDBKeyRange };
const fresh = (): Factories => ({ indexedDB: new IDBFactory(), IDBKeyRange: IDBKeyRange as unknown as typeof globalThis.IDBKeyRange });
const openLibrary = async (factories: Factories): Promise<Library> => got(await Library.open({ factories, locks: null }));

/** Streams a sample recording into a writer, `stop` pieces of it at most; true when all of it went. */
async function stream(writer: LibraryWriter, stop = Infinity): Promise<readonly number[]> {
  const stored: number[] = [];
  const waiting: Promise<void>[] = [];
  const log = new EventLog();
  const source = new RecordingStream(sampleRecording().header, sampleConfig(), log, (piece) => {
    if (piece.sequence < stop) waiting.push(writer.append(piece).then(() => void stored.push(piece.sequence)));
  });
  sampleEvents(300, 8).forEach((event, i) => {
    log.append(event);
    if (i % 100 === 99) source.flush();
  });
  source.finish({ mark: log.markAt(299), eventCount: 300, exit: { code: 0, signal: null, how: 'exited' } });
  await Promise.all(waiting);
  return stored;
}

afterEach(() => vi.restoreAllMocks());

describe('a recording being made', () => {
  test('is listed as such, then as complete, and reads back as a file', async () => {
    const library = await openLibrary(fresh());
    const writer = got(await library.begin('  counter '));
    expect(got(await library.list())).toMatchObject([{ name: 'counter', status: 'recording', summary: null }]);
    await stream(writer);
    got(await writer.complete(summary));
    const [row] = got(await library.list());
    expect(row).toMatchObject({
      status: 'complete',
      summary: { id: 'a'.repeat(64), watches: [{ address: 0x41f0c8n }] },
      bytes: writer.bytes,
      pieces: writer.pieces,
    });
    expect(row!.bytes).toBeGreaterThan(1000);
    for (const how of ['stored', 'packed'] as const) {
      const opened = got(readRecording(got(await library.read(row!.id, how))));
      expect(opened.events.length).toBe(300);
      expect(opened.end).not.toBeNull();
    }
    expect(got(await library.read(row!.id, 'packed')).length).toBeLessThan(got(await library.read(row!.id, 'stored')).length);
  });

  test('whose window died opens up to the last acknowledged piece', async () => {
    const factories = fresh();
    const first = await openLibrary(factories);
    const writer = got(await first.begin('counter'));
    const stored = await stream(writer, 6);
    expect(stored).toEqual([0, 1, 2, 3, 4, 5]);
    first.close();
    const second = await openLibrary(factories);
    const [row] = got(await second.list());
    expect(row).toMatchObject({ status: 'interrupted', pieces: 6 });
    const opened = got(readRecording(got(await second.read(row!.id, 'stored'))));
    expect(opened.end).toBeNull();
    expect(opened.events.length).toBeGreaterThan(0);
  });

  test('in another window is left alone, by its lock', async () => {
    const factories = fresh();
    const held = new Set<string>();
    const locks = {
      query: async () => ({ held: [...held].map((name) => ({ name })), pending: [] }),
      request: async (name: string, work: () => Promise<void>) => {
        held.add(name);
        await work();
        held.delete(name);
      },
    } as unknown as LockManager;
    const first = got(await Library.open({ factories, locks }));
    const writer = got(await first.begin('counter'));
    const second = got(await Library.open({ factories, locks }));
    expect(got(await second.list())).toMatchObject([{ status: 'recording' }]);
    expect(await second.delete(writer.id)).toMatchObject({ ok: false, error: expect.stringContaining('stop it first') as unknown });
    got(await writer.complete(summary));
    await vi.waitFor(() => expect(held.size).toBe(0));
    got(await second.delete(writer.id));
    expect(got(await first.list())).toEqual([]);
  });

  test('that was interrupted before anything was stored says so', async () => {
    const library = await openLibrary(fresh());
    const writer = got(await library.begin('counter'));
    got(await writer.interrupt());
    expect(await library.read(writer.id, 'stored')).toMatchObject({ ok: false, error: expect.stringContaining('Delete it') as unknown });
  });
});

describe('full storage', () => {
  /** Lets `pieces` puts into the table of pieces, then refuses as a full disk does. */
  function fullAfter(pieces: number): void {
    let left = pieces;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
    const put = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
      if (this.name === 'pieces' && left-- <= 0) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, args);
    });
  }

  test('while recording: a sentence, what was stored before stays and opens, the rest of the library is untouched', async () => {
    const library = await openLibrary(fresh());
    const other = got(await library.add('other', writeRecording(sampleRecording()), summary));
    const writer = got(await library.begin('counter'));
    fullAfter(0);
    await stream(writer, 1);
    expect(writer.error).toMatch(/^Could not keep the rest of this recording in the library: the storage this browser gives is full\./);
    const result = await writer.complete(summary);
    expect(result).toEqual({ ok: false, error: writer.error });
    vi.restoreAllMocks();
    const rows = got(await library.list());
    expect(rows.map((row) => [row.id, row.status])).toEqual([
      [writer.id, 'interrupted'],
      [other, 'complete'],
    ]);
    expect(plain(got(readRecording(got(await library.read(other, 'stored')))))).toEqual(plain(sampleRecording()));
  });

  test('after some pieces: those open', async () => {
    const library = await openLibrary(fresh());
    const writer = got(await library.begin('counter'));
    const pieces: { part: string; sequence: number; data: Uint8Array }[] = [];
    const log = new EventLog();
    const source = new RecordingStream(sampleRecording().header, sampleConfig(), log, (piece) => pieces.push(piece));
    sampleEvents(300, 8).forEach((event, i) => {
      log.append(event);
      if (i % 100 === 99) source.flush();
    });
    fullAfter(5);
    for (const piece of pieces) await writer.append(piece);
    expect(writer.pieces).toBe(5);
    expect(writer.error).toContain('full');
    expect(writer.pendingBytes).toBe(0);
    await writer.complete(summary);
    vi.restoreAllMocks();
    const opened = got(readRecording(got(await library.read(writer.id, 'stored'))));
    expect(opened.end).toBeNull();
    expect(opened.events.length).toBe(200);
  });

  test('on import nothing half-done is left behind', async () => {
    const library = await openLibrary(fresh());
    vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore) {
      throw new DOMException('full', 'QuotaExceededError');
    });
    expect(await library.add('x', new Uint8Array(5), summary)).toMatchObject({
      ok: false,
      error: expect.stringContaining('full') as unknown,
    });
    vi.restoreAllMocks();
    expect(got(await library.list())).toEqual([]);
  });
});

describe('the rest of the library', () => {
  test('an imported file comes back byte for byte, whatever its size', async () => {
    const library = await openLibrary(fresh());
    const file = Uint8Array.from({ length: (2 << 20) + 17 }, (_, i) => (i * 31) & 255);
    const id = got(await library.add('big', file, summary));
    expect(Buffer.compare(got(await library.read(id, 'packed')), file)).toBe(0);
    expect(got(await library.list())).toMatchObject([{ id, bytes: file.length, pieces: 3, status: 'complete' }]);
  });

  test('rename, tags, view and settings are kept across windows, and deleted with their recording', async () => {
    const factories = fresh();
    const first = await openLibrary(factories);
    const id = got(await first.add('one', writeRecording(sampleRecording()), summary));
    got(await first.rename(id, 'two'));
    got(await first.setTags(id, ['race', ' race', 'kernel', '']));
    got(await first.setView({ recording: id, mark: { icount: 7, event: 1 }, panels: { wide: true } }));
    got(await first.setSetting('theme', 'dark'));
    first.close();
    const second = await openLibrary(factories);
    expect(got(await second.list())).toMatchObject([{ name: 'two', tags: ['race', 'kernel'] }]);
    expect(got(await second.view(id))).toEqual({ recording: id, mark: { icount: 7, event: 1 }, panels: { wide: true } });
    expect(got(await second.setting('theme'))).toBe('dark');
    expect(got(await second.setting('never set'))).toBeNull();
    got(await second.delete(id));
    expect(got(await second.list())).toEqual([]);
    expect(got(await second.view(id))).toBeNull();
    expect(await second.rename(id, 'three')).toMatchObject({
      ok: false,
      error: expect.stringContaining('no longer in the library') as unknown,
    });
  });

  test('watch tells of changes until it is ended', async () => {
    const library = await openLibrary(fresh());
    const seen: number[] = [];
    const end = library.watch(
      (rows) => seen.push(rows.length),
      (sentence) => expect.fail(sentence),
    );
    await vi.waitFor(() => expect(seen).toEqual([0]));
    await library.add('one', new Uint8Array(3), summary);
    await vi.waitFor(() => expect(seen.at(-1)).toBe(1));
    end();
  });

  test('a library of a newer version is refused in a sentence and left as it is', async () => {
    const factories = fresh();
    const newer = new Dexie('trapline', factories);
    newer.version(9).stores({ recordings: '++id, status, colour' });
    await newer.open();
    await newer.table('recordings').add({ name: 'kept' });
    newer.close();
    expect(await Library.open({ factories, locks: null })).toMatchObject({
      ok: false,
      error: expect.stringContaining('newer Trapline') as unknown,
    });
    const again = await new Dexie('trapline', factories).open();
    expect(again.verno).toBe(9);
    expect(again.tables.map((table) => table.name)).toEqual(['recordings']);
    expect(await again.table('recordings').count()).toBe(1);
  });

  test('a window that blocks an upgrade is told to reload, and closes', async () => {
    const factories = fresh();
    const told: string[] = [];
    const library = got(await Library.open({ factories, locks: null, onBlocked: (sentence) => told.push(sentence) }));
    const newer = new Dexie('trapline', factories);
    newer.version(9).stores({ recordings: '++id, status' });
    await newer.open();
    expect(told).toEqual(['Another window has opened the library with a newer Trapline: reload this window.']);
    expect(await library.list()).toMatchObject({ ok: false, error: expect.stringContaining('Reload this window') as unknown });
    newer.close();
  });

  test('a window without storage gets a sentence', async () => {
    const factories = fresh();
    vi.spyOn(factories.indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    expect(await Library.open({ factories, locks: null })).toMatchObject({
      ok: false,
      error: expect.stringContaining('private window') as unknown,
    });
  });
});
