// Appends a recording to the library while it is made. What `append` has acknowledged survives a crash of the window.
import { type Result, err, ok } from '../../workers/base/result.ts';
import type { RecordingChunk, RecordingSummary } from '../../workers/api/workbench-api.ts';
import type { LibraryDb, LibraryStatus, PieceRow } from './db.ts';
import { storageSentence } from './sentences.ts';

/** Pieces of one transaction: 8 to 10 MB is where IndexedDB writes fastest. */
const BATCH_BYTES = 8 << 20;

export class LibraryWriter {
  readonly id: number;
  readonly #db: LibraryDb;
  readonly #release: () => void;
  #queue: PieceRow[] = [];
  #work: Promise<void> = Promise.resolve();
  #error: string | null = null;
  #closed = false;
  /** Bytes given to `append` that are not stored yet: a recorder may wait while it is large. */
  pendingBytes = 0;
  bytes = 0;
  pieces = 0;

  constructor(db: LibraryDb, id: number, release: () => void) {
    this.#db = db;
    this.id = id;
    this.#release = release;
  }

  /** Set once storing has failed: a sentence. Pieces after that are dropped, those before it are kept and can be opened. */
  get error(): string | null {
    return this.#error;
  }

  /** Resolves when the piece is stored, or has been dropped because storing failed. Pieces come in order of `sequence`. */
  append(chunk: RecordingChunk): Promise<void> {
    if (this.#closed || this.#error !== null) return Promise.resolve();
    this.#queue.push({ recording: this.id, sequence: chunk.sequence, part: chunk.part, data: chunk.data });
    this.pendingBytes += chunk.data.length;
    this.#work = this.#work.then(() => this.#store());
    return this.#work;
  }

  /** All is there. The error of storing, if there was one: the recording is then kept as interrupted. */
  async complete(summary: RecordingSummary): Promise<Result<void>> {
    await this.#work;
    return this.#finish(this.#error === null ? 'complete' : 'interrupted', summary);
  }

  /** No more will come. */
  async interrupt(): Promise<Result<void>> {
    await this.#work;
    return this.#finish('interrupted', null);
  }

  async #store(): Promise<void> {
    while (this.#queue.length > 0 && this.#error === null) {
      let size = 0;
      let count = 0;
      while (count < this.#queue.length && (count === 0 || size + this.#queue[count]!.data.length <= BATCH_BYTES))
        size += this.#queue[count++]!.data.length;
      const batch = this.#queue.splice(0, count);
      try {
        await this.#db.transaction('rw', this.#db.recordings, this.#db.pieces, async () => {
          await this.#db.pieces.bulkPut(batch);
          await this.#db.recordings.update(this.id, { bytes: this.bytes + size, pieces: this.pieces + count });
        });
        this.bytes += size;
        this.pieces += count;
      } catch (error) {
        this.#error = storageSentence(error, 'keep the rest of this recording in the library');
        this.#queue = [];
      }
      this.pendingBytes = this.#queue.reduce((sum, piece) => sum + piece.data.length, 0);
    }
  }

  async #finish(status: LibraryStatus, summary: RecordingSummary | null): Promise<Result<void>> {
    if (this.#closed) return ok(undefined);
    this.#closed = true;
    try {
      await this.#db.recordings.update(this.id, { status, summary });
    } catch (error) {
      this.#error ??= storageSentence(error, 'finish this recording in the library');
    }
    this.#release();
    return this.#error === null ? ok(undefined) : err(this.#error);
  }
}
