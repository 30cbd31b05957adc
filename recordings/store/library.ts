// The library: recordings kept in the browser, in the pieces they were streamed in. Every refusal of the storage is a
// sentence; nothing here decodes a recording, which a worker does (recordings/format/read.ts).
import { liveQuery } from 'dexie';
import { type Result, err, ok } from '../../workers/base/result.ts';
import type { RecordingSummary } from '../../workers/api/workbench-api.ts';
import { assembleFile, PIECE_BYTES } from '../format/write.ts';
import { LIBRARY_VERSION, LibraryDb, type LibraryFactories, type LibraryRow, type PieceRow, type ViewRow, WHOLE_FILE } from './db.ts';
import { storageSentence } from './sentences.ts';
import { LibraryWriter } from './writer.ts';

export type { LibraryRow, LibraryStatus, ViewRow } from './db.ts';
export type { LibraryWriter } from './writer.ts';

const MAX_NAME = 200;

export interface LibraryOptions {
  /** Name of the database; `trapline` when absent. */
  readonly name?: string;
  readonly factories?: LibraryFactories;
  /** Locks that die with their window tell a recording in progress from an abandoned one; the browser's when absent. */
  readonly locks?: LockManager | null;
  /** Told, in a sentence, when another window must be closed or reloaded before this one can go on. */
  readonly onBlocked?: (sentence: string) => void;
}

export class Library {
  readonly #db: LibraryDb;
  readonly #locks: LockManager | null;
  readonly #writing = new Set<number>();

  private constructor(db: LibraryDb, locks: LockManager | null) {
    this.#db = db;
    this.#locks = locks;
  }

  /** Opens it, and marks as interrupted what a window that died was recording. */
  static async open(options: LibraryOptions = {}): Promise<Result<Library>> {
    const db = new LibraryDb(options.name ?? 'trapline', options.factories);
    db.on('blocked', () => {
      options.onBlocked?.('The library is being upgraded, but another Trapline window still uses it: close that window.');
    });
    db.on('versionchange', () => {
      db.close({ disableAutoOpen: true });
      options.onBlocked?.('Another window has opened the library with a newer Trapline: reload this window.');
      return false; // or Dexie would close it in a way that opens it again at the next use
    });
    const locks = options.locks === undefined ? (globalThis.navigator?.locks ?? null) : options.locks;
    const library = new Library(db, locks);
    return library.#try('open the library', async () => {
      // Dexie would open a database of a newer version and adapt it; what a newer Trapline wrote must stay as it is.
      const { indexedDB } = options.factories ?? globalThis;
      const there = (await indexedDB?.databases?.())?.find((database) => database.name === db.name);
      if ((there?.version ?? 0) > LIBRARY_VERSION * 10) throw new DOMException('written by a newer version', 'VersionError');
      await db.open();
      await library.#noticeInterrupted();
      return library;
    });
  }

  close(): void {
    this.#db.close();
  }

  /** Newest first. */
  list(): Promise<Result<readonly LibraryRow[]>> {
    return this.#try('list the library', () => this.#rows());
  }

  /** Calls back with the list now and after every change, from any window. Returns what ends it. */
  watch(onRows: (rows: readonly LibraryRow[]) => void, onError: (sentence: string) => void): () => void {
    const subscription = liveQuery(() => this.#rows()).subscribe({
      next: onRows,
      error: (error: unknown) => onError(storageSentence(error, 'list the library')),
    });
    return () => subscription.unsubscribe();
  }

  /** A new recording, of status `recording` until the writer completes or is interrupted. */
  begin(name: string): Promise<Result<LibraryWriter>> {
    return this.#try('begin a recording in the library', async () => {
      const id = await this.#db.recordings.add({
        name: shortened(name),
        tags: [],
        status: 'recording',
        bytes: 0,
        pieces: 0,
        summary: null,
      });
      this.#writing.add(id);
      const unlock = await this.#lock(id);
      return new LibraryWriter(this.#db, id, () => {
        this.#writing.delete(id);
        unlock();
      });
    });
  }

  /**
   * The recording as a `.trapline` file. `stored` is quick and large, to be opened at once; `packed` is for keeping and takes
   * about a second for each 50 MB. An interrupted recording has no end.json and opens up to its last event.
   */
  read(id: number, how: 'stored' | 'packed'): Promise<Result<Uint8Array>> {
    return this.#try('read the recording', async () => {
      const pieces = await this.#db.pieces.where('[recording+sequence]').between([id, 0], [id, Infinity]).toArray();
      if (pieces.length === 0) return new Uint8Array(0);
      const whole = pieces[0]!.part === WHOLE_FILE;
      return whole ? concatenated(pieces) : assembleFile(pieces, how === 'stored' ? 0 : 6);
    }).then((result) =>
      result.ok && result.value.length === 0
        ? err('This recording has no contents: it was interrupted before anything was stored. Delete it.')
        : result,
    );
  }

  /** Keeps a file as it is. The caller has opened it (its summary says so): the library does not judge. */
  add(name: string, file: Uint8Array, summary: RecordingSummary): Promise<Result<number>> {
    return this.#try('keep the recording in the library', () =>
      this.#db.transaction('rw', this.#db.recordings, this.#db.pieces, async () => {
        const pieces = Math.ceil(file.length / PIECE_BYTES);
        const row = { name: shortened(name), tags: [], status: 'complete' as const, bytes: file.length, pieces, summary };
        const id = await this.#db.recordings.add(row);
        await this.#db.pieces.bulkAdd(
          Array.from({ length: pieces }, (_, i) => ({
            recording: id,
            sequence: i,
            part: WHOLE_FILE,
            data: file.slice(i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
          })),
        );
        return id;
      }),
    );
  }

  rename(id: number, name: string): Promise<Result<void>> {
    return this.#update(id, { name: shortened(name) }, 'rename the recording');
  }

  setTags(id: number, tags: readonly string[]): Promise<Result<void>> {
    return this.#update(id, { tags: [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))] }, 'tag the recording');
  }

  /** For an interrupted recording once it has been opened. */
  setSummary(id: number, summary: RecordingSummary): Promise<Result<void>> {
    return this.#update(id, { summary }, 'note what the recording is');
  }

  /** The recording, its pieces and its view; one that is being made is refused. */
  async delete(id: number): Promise<Result<void>> {
    if (this.#writing.has(id) || (await this.#heldElsewhere()).has(lockName(id)))
      return err('This recording is still being made: stop it first.');
    return this.#try('delete the recording', () =>
      this.#db.transaction('rw', this.#db.recordings, this.#db.pieces, this.#db.views, async () => {
        await this.#db.pieces.where('recording').equals(id).delete();
        await this.#db.views.delete(id);
        await this.#db.recordings.delete(id);
      }),
    );
  }

  view(id: number): Promise<Result<ViewRow | null>> {
    return this.#try('read where you were', async () => (await this.#db.views.get(id)) ?? null);
  }

  setView(view: ViewRow): Promise<Result<void>> {
    return this.#try('keep where you are', async () => void (await this.#db.views.put(view)));
  }

  /** null where it was never set. */
  setting(key: string): Promise<Result<unknown>> {
    return this.#try('read a setting', async () => (await this.#db.settings.get(key))?.value ?? null);
  }

  setSetting(key: string, value: unknown): Promise<Result<void>> {
    return this.#try('keep a setting', async () => void (await this.#db.settings.put({ key, value })));
  }

  async #rows(): Promise<LibraryRow[]> {
    return this.#db.recordings.orderBy('id').reverse().toArray();
  }

  #update(id: number, change: Partial<Omit<LibraryRow, 'id'>>, doing: string): Promise<Result<void>> {
    return this.#try(doing, () => this.#db.recordings.update(id, change)).then((result) =>
      !result.ok ? result : result.value === 0 ? err(`Could not ${doing}: it is no longer in the library.`) : ok(undefined),
    );
  }

  async #try<T>(doing: string, work: () => Promise<T>): Promise<Result<T>> {
    try {
      return ok(await work());
    } catch (error) {
      return err(storageSentence(error, doing));
    }
  }

  async #noticeInterrupted(): Promise<void> {
    const open = await this.#db.recordings.where('status').equals('recording').toArray();
    const held = await this.#heldElsewhere();
    for (const row of open) {
      if (!held.has(lockName(row.id))) await this.#db.recordings.update(row.id, { status: 'interrupted' });
    }
  }

  async #heldElsewhere(): Promise<ReadonlySet<string>> {
    const held = this.#locks === null ? [] : ((await this.#locks.query()).held ?? []);
    return new Set(held.map((lock) => lock.name ?? ''));
  }

  /** Takes the lock of a recording in progress; the result gives it back. */
  async #lock(id: number): Promise<() => void> {
    const locks = this.#locks;
    if (locks === null) return () => undefined;
    return new Promise((granted) => {
      void locks.request(lockName(id), () => new Promise<void>((release) => granted(release)));
    });
  }
}

const lockName = (id: number): string => `trapline-recording-${id}`;

const shortened = (name: string): string => name.trim().slice(0, MAX_NAME) || 'recording';

function concatenated(pieces: readonly PieceRow[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.data.length, 0));
  let at = 0;
  for (const { data } of pieces) {
    out.set(data, at);
    at += data.length;
  }
  return out;
}
