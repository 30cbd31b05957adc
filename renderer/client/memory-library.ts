// A library that lasts as long as the page: for windows that are not allowed to store anything, and for tests.
import type { Mark } from '../../workers/base/mark.ts';
import { err, ok } from '../../workers/base/result.ts';
import type { LibraryClient, ShelfRow } from './library.ts';

export function memoryLibrary(): LibraryClient {
  const rows = new Map<number, ShelfRow>();
  const files = new Map<number, Uint8Array>();
  const views = new Map<number, { readonly mark: Mark; readonly panels: unknown }>();
  const settings = new Map<string, unknown>();
  let last = 0;
  const change = (id: number, part: Partial<ShelfRow>) => {
    const row = rows.get(id);
    if (row === undefined) return err('It is no longer in the library.');
    rows.set(id, { ...row, ...part });
    return ok(undefined);
  };
  return {
    list: async () => ok([...rows.values()].reverse()),
    async add(name, file, summary) {
      last += 1;
      rows.set(last, { id: last, name, status: 'complete', bytes: file.length, summary });
      files.set(last, file);
      return ok(last);
    },
    async read(id) {
      const file = files.get(id);
      return file === undefined ? err('It is no longer in the library.') : ok(file);
    },
    begin: async () => err('This window keeps nothing: export the recording before you close it.'),
    rename: async (id, name) => change(id, { name }),
    setSummary: async (id, summary) => change(id, { summary }),
    async delete(id) {
      files.delete(id);
      return rows.delete(id) ? ok(undefined) : err('It is no longer in the library.');
    },
    view: async (id) => ok(views.get(id) ?? null),
    setView: async (view) => (views.set(view.recording, view), ok(undefined)),
    setting: async (key) => ok(settings.get(key) ?? null),
    setSetting: async (key, value) => (settings.set(key, value), ok(undefined)),
  };
}
