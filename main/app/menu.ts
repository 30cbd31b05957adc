// The application's menu from the commands the window has: their groups, titles and keys. Builds a template; no Electron at run time.
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuRow } from '../ipc/contract.ts';

const KEYS: Readonly<Record<string, string>> = {
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  Escape: 'Esc',
  '+': 'Plus',
};

/** A chord of the window as Electron writes it: `Mod+Shift+P` is `CommandOrControl+Shift+P`. Null: it has no name there. */
export function acceleratorOf(chord: string): string | null {
  const parts = chord.split(/\+(?=.)/);
  const key = parts.at(-1)!;
  const named = KEYS[key] ?? key;
  // characters that are typed with Shift on some layouts (`>`, `?`) cannot be said
  if (!/^(?:[A-Z0-9]|F\d{1,2}|[,./;'[\]\\`=-]|Plus|Esc|Left|Right|Up|Down|Home|End|Delete|Enter|Space|Tab|PageUp|PageDown)$/.test(named))
    return null;
  return [...parts.slice(0, -1).map((part) => (part === 'Mod' ? 'CommandOrControl' : part)), named].join('+');
}

/**
 * One menu a group, in the order the groups first appear. The window itself listens for the keys, since a letter typed into a field is no
 * command: the menu only shows them. macOS cannot show a key without taking it, so there only chords with Command are given.
 */
export function menuTemplate(rows: readonly MenuRow[], platform: string, run: (id: string) => void): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const groups = [...new Set(rows.map((row) => row.group))];
  const item = (row: MenuRow): MenuItemConstructorOptions => {
    const chord = mac ? row.keys.find((key) => key.startsWith('Mod+')) : (row.keys[0] ?? undefined);
    const accelerator = chord === undefined ? null : acceleratorOf(chord);
    return {
      id: row.id,
      label: row.title.replaceAll('&', '&&'),
      ...(accelerator === null ? {} : { accelerator, registerAccelerator: mac }),
      click: () => run(row.id),
    };
  };
  return [
    ...(mac ? [{ role: 'appMenu' as const }] : []),
    ...groups.map(
      (label): MenuItemConstructorOptions => ({
        label,
        submenu: [
          ...rows.filter((row) => row.group === label).map(item),
          ...(label === groups[0] && !mac ? [{ type: 'separator' as const }, { role: 'quit' as const }] : []),
        ],
      }),
    ),
    { role: 'editMenu' },
  ];
}
