// The tables of the library in IndexedDB. What they mean is in library.ts; a change here is a new version below.
import Dexie, { type EntityTable, type Table } from 'dexie';
import type { RecordingSummary } from '../../workers/api/workbench-api.ts';
import type { Mark } from '../../workers/base/mark.ts';

/**
 * `recording`: pieces are still coming (or the window died and nobody has noticed yet). `interrupted`: no more will come;
 * what is there opens up to its last event. `complete`: all of it is there.
 */
export type LibraryStatus = 'recording' | 'complete' | 'interrupted';

/** A recording in the list; its bytes are in `pieces`. `id` rises in order of creation. */
export interface LibraryRow {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
  readonly status: LibraryStatus;
  /** Bytes of its pieces. */
  readonly bytes: number;
  readonly pieces: number;
  /** Known once complete, or once an interrupted one was opened. */
  readonly summary: RecordingSummary | null;
}

/** A piece of a part of a recording; WHOLE_FILE for an imported file kept as it came. */
export interface PieceRow {
  readonly recording: number;
  readonly sequence: number;
  readonly part: string;
  readonly data: Uint8Array;
}

/** Dexie numbers the database itself ten times this. */
export const LIBRARY_VERSION = 1;

export const WHOLE_FILE = '*';

/** Where a person was in a recording, and how the window was arranged; `panels` belongs to the window. */
export interface ViewRow {
  readonly recording: number;
  readonly mark: Mark;
  readonly panels: unknown;
}

export interface SettingRow {
  readonly key: string;
  readonly value: unknown;
}

export interface LibraryFactories {
  readonly indexedDB: IDBFactory;
  readonly IDBKeyRange: typeof IDBKeyRange;
}

export class LibraryDb extends Dexie {
  declare readonly recordings: EntityTable<LibraryRow, 'id'>;
  declare readonly pieces: Table<PieceRow, [number, number]>;
  declare readonly views: Table<ViewRow, number>;
  declare readonly settings: Table<SettingRow, string>;

  constructor(name: string, factories?: LibraryFactories) {
    super(name, factories ?? {});
    this.version(LIBRARY_VERSION).stores({
      recordings: '++id, status',
      pieces: '[recording+sequence], recording',
      views: 'recording',
      settings: 'key',
    });
  }
}
