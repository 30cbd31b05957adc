// What the window needs of the library of recordings. The real one is IndexedDB (recordings/store); tests keep it in memory.
import type { Mark } from '../../workers/base/mark.ts';
import type { Result } from '../../workers/base/result.ts';
import type { RecordingChunk, RecordingSummary } from '../../workers/api/workbench-api.ts';

export interface ShelfRow {
  readonly id: number;
  readonly name: string;
  /** `interrupted`: the window closed while it was recorded; what was kept opens up to its last event. */
  readonly status: 'complete' | 'recording' | 'interrupted';
  readonly bytes: number;
  readonly summary: RecordingSummary | null;
}

/** Keeps a recording while it is made. */
export interface RecordingKeeper {
  readonly id: number;
  append(chunk: RecordingChunk): Promise<void>;
  complete(summary: RecordingSummary): Promise<Result<void>>;
  interrupt(): Promise<Result<void>>;
}

export interface LibraryClient {
  /** Newest first. */
  list(): Promise<Result<readonly ShelfRow[]>>;
  add(name: string, file: Uint8Array, summary: RecordingSummary): Promise<Result<number>>;
  read(id: number, how: 'stored' | 'packed'): Promise<Result<Uint8Array>>;
  begin(name: string): Promise<Result<RecordingKeeper>>;
  rename(id: number, name: string): Promise<Result<void>>;
  delete(id: number): Promise<Result<void>>;
  setSummary(id: number, summary: RecordingSummary): Promise<Result<void>>;
  view(id: number): Promise<Result<{ readonly mark: Mark; readonly panels: unknown } | null>>;
  setView(view: { readonly recording: number; readonly mark: Mark; readonly panels: unknown }): Promise<Result<void>>;
  setting(key: string): Promise<Result<unknown>>;
  setSetting(key: string, value: unknown): Promise<Result<void>>;
}
