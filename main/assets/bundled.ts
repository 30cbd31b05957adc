// What comes with the project: the recordings and programs in recordings/bundled, as the window's library lists them.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface BundledItem {
  /** File name; its address is /bundled/FILE. */
  readonly file: string;
  readonly size: number;
  /** From about.json; the file name when it says nothing. */
  readonly name: string;
  readonly about: string;
  /** How the window proposes to record it: arguments, event specifications. Empty for recordings. */
  readonly args: readonly string[];
  readonly events: readonly string[];
}

/** Reply of /bundled/index.json. Sorted by file name, ones named in about.json first and in its order. */
export interface BundledIndex {
  readonly recordings: readonly BundledItem[];
  readonly programs: readonly BundledItem[];
}

type About = Readonly<Record<string, Partial<Pick<BundledItem, 'name' | 'about' | 'args' | 'events'>>>>;
const NOT_PROGRAMS = /\.(json|md|txt|c|S|h)$/;

/** Lists `folder`; empty when it does not exist. about.json maps a file name to { name, about, args, events }. */
export async function bundledIndex(folder: string): Promise<BundledIndex> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
  let about: About = {};
  if (names.includes('about.json')) about = JSON.parse(await readFile(join(folder, 'about.json'), 'utf8')) as About;
  const order = Object.keys(about);
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const items: BundledItem[] = [];
  for (const file of names) {
    const found = await stat(join(folder, file));
    if (!found.isFile() || NOT_PROGRAMS.test(file)) continue;
    const { name = file.replace(/\.trapline$/, ''), about: sentence = '', args = [], events = [] } = about[file] ?? {};
    items.push({ file, size: found.size, name, about: sentence, args, events });
  }
  items.sort((a, b) => rank(a.file) - rank(b.file) || (a.file < b.file ? -1 : 1));
  return {
    recordings: items.filter((item) => item.file.endsWith('.trapline')),
    programs: items.filter((item) => !item.file.endsWith('.trapline')),
  };
}
