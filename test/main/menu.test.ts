// The application's menu: every command of the window once, keys as Electron writes them, and what a window may ask to be put there.
import { expect, test } from 'vitest';
import { acceleratorOf, menuTemplate } from '../../main/app/menu.ts';
import { checkRequest } from '../../main/ipc/check.ts';

const rows = [
  { id: 'move.step', title: 'Forward one instruction', group: 'Move', keys: ['F11', 'S'] },
  { id: 'recording.save', title: 'Save & keep', group: 'Recording', keys: ['Mod+S'] },
  { id: 'look.in', title: 'Zoom in', group: 'Look', keys: ['W', '+'] },
  { id: 'window.keys', title: 'Show all keys', group: 'Window', keys: ['?'] },
];
const items = (template: ReturnType<typeof menuTemplate>) =>
  template.flatMap((menu) => (Array.isArray(menu.submenu) ? menu.submenu : [])).filter((item) => item.id !== undefined);

test('chords are accelerators, but for characters a layout may hide behind Shift', () => {
  expect(['Mod+Shift+P', 'Shift+Alt+F11', 'Alt+ArrowLeft', '+', 'Delete', '?', '>'].map(acceleratorOf)).toEqual([
    'CommandOrControl+Shift+P',
    'Shift+Alt+F11',
    'Alt+Left',
    'Plus',
    'Delete',
    null,
    null,
  ]);
});

test('each command is in the menu of its group once, and choosing it names it', () => {
  const ran: string[] = [];
  const template = menuTemplate(rows, 'linux', (id) => ran.push(id));
  expect(template.map((menu) => menu.label ?? menu.role)).toEqual(['Move', 'Recording', 'Look', 'Window', 'editMenu']);
  for (const item of items(template)) (item.click as () => void)();
  expect(ran).toEqual(rows.map((row) => row.id));
  expect(items(template)[1]?.label).toBe('Save && keep');
});

test('the menu never takes a key from a field: keys are shown, and on macOS only those with Command are given', () => {
  const keys = (platform: string) =>
    items(menuTemplate(rows, platform, () => undefined)).map((item) => [item.accelerator, item.registerAccelerator]);
  expect(keys('linux')).toEqual([
    ['F11', false],
    ['CommandOrControl+S', false],
    ['W', false],
    [undefined, undefined],
  ]);
  expect(keys('darwin')).toEqual([
    [undefined, undefined],
    ['CommandOrControl+S', true],
    [undefined, undefined],
    [undefined, undefined],
  ]);
});

test('a menu that is not made of commands is refused', () => {
  expect(checkRequest('menu:set', rows)).toEqual({ ok: true, value: rows });
  const [row] = rows;
  for (const request of [
    null,
    {},
    'x',
    [null],
    [{ ...row, id: 7 }],
    [{ ...row, title: 'x'.repeat(200) }],
    [{ ...row, keys: 'F11' }],
    [{ ...row, keys: [1] }],
  ])
    expect(checkRequest('menu:set', request).ok).toBe(false);
  expect(
    checkRequest(
      'menu:set',
      Array.from({ length: 301 }, () => row),
    ).ok,
  ).toBe(false);
  expect(checkRequest('menu:set', [{ ...row, role: 'quit' }])).toEqual({ ok: true, value: [row] });
});
