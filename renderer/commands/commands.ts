// Every command of the window, in the order the sheet of keys shows them.
import type { Dialog } from '../state/dialog.ts';
import type { MarkerState } from '../state/markers.ts';
import type { Session } from '../state/session.ts';
import type { Shelf } from '../state/shelf.ts';
import type { createTheme } from '../state/theme.ts';
import type { View } from '../state/view.ts';
import { createMoveCommands } from './move.ts';
import { createLookCommands } from './look.ts';
import { type Command, Registry } from './registry.ts';

export interface CommandParts {
  readonly session: Session;
  readonly view: View;
  readonly markers: MarkerState;
  readonly theme: ReturnType<typeof createTheme>;
  readonly shelf: Shelf;
  readonly dialog: () => Dialog | null;
  readonly setDialog: (dialog: Dialog | null) => void;
  readonly setProgram: (program: null) => void;
  readonly focus: (part: string, text?: string) => void;
}

export function createCommands(parts: CommandParts): Registry {
  const recording = () => parts.view.page() === 'recording' && parts.session.summary() !== null;
  return new Registry([
    ...createMoveCommands(parts, recording),
    ...createLookCommands(parts, recording),
    ...recordingCommands(parts, recording),
    ...windowCommands(parts),
  ]);
}

function recordingCommands({ session, shelf, setDialog, setProgram, focus }: CommandParts, recording: () => boolean): Command[] {
  const save = () => void shelf.exportRow(session.id(), session.summary()?.name ?? 'recording');
  return [
    {
      id: 'recording.record',
      title: 'Record a program',
      group: 'Recording',
      keys: ['R'],
      when: () => true,
      run: () => (setProgram(null), setDialog({ kind: 'record' })),
    },
    {
      id: 'recording.open',
      title: 'Open a file',
      group: 'Recording',
      keys: ['O', 'Mod+O'],
      when: () => true,
      run: () => focus('open-file'),
    },
    { id: 'recording.save', title: 'Save as a .trapline file', group: 'Recording', keys: ['Mod+S'], when: recording, run: save },
    {
      id: 'recording.verify',
      title: 'Replay everything and compare digests',
      group: 'Recording',
      keys: ['V'],
      when: recording,
      run: () => void session.verify(),
    },
    {
      id: 'recording.watch',
      title: 'Add a watchpoint after the fact',
      group: 'Recording',
      keys: ['Shift+W'],
      when: recording,
      run: () => focus('add-watch'),
    },
  ];
}

function windowCommands({ session, view, theme, dialog, setDialog, focus }: CommandParts): Command[] {
  const escape = () => {
    if (session.work() !== null) void session.cancel();
    else if (session.notice() !== null) session.dismiss();
  };
  return [
    {
      id: 'window.find',
      title: 'Find a symbol, an address or a Mark',
      group: 'Window',
      keys: ['/'],
      when: () => true,
      run: () => focus('omnibox'),
    },
    {
      id: 'window.palette',
      title: 'Run a command',
      group: 'Window',
      keys: ['Mod+Shift+P', '>'],
      when: () => true,
      run: () => focus('omnibox', '>'),
    },
    { id: 'window.keys', title: 'Show all keys', group: 'Window', keys: ['?'], when: () => true, run: () => setDialog({ kind: 'help' }) },
    {
      id: 'window.library',
      title: 'Go to the library',
      group: 'Window',
      keys: ['B'],
      when: () => view.page() === 'recording',
      run: () => view.setPage('library'),
    },
    {
      id: 'window.recording',
      title: 'Go back to the open recording',
      group: 'Window',
      keys: ['B'],
      when: () => view.page() === 'library' && session.summary() !== null,
      run: () => view.setPage('recording'),
    },
    { id: 'window.next', title: 'Next panel', group: 'Window', keys: ['F6'], when: () => true, run: () => cyclePanels(1) },
    { id: 'window.previous', title: 'Previous panel', group: 'Window', keys: ['Shift+F6'], when: () => true, run: () => cyclePanels(-1) },
    { id: 'window.theme', title: 'Light or dark', group: 'Window', keys: ['T'], when: () => true, run: theme.toggle },
    {
      id: 'window.escape',
      title: 'Cancel what is running, or dismiss the message',
      group: 'Window',
      keys: ['Escape'],
      when: () => dialog() === null && (session.work() !== null || session.notice() !== null),
      run: escape,
    },
  ];
}

/** Panels carry data-panel and hold one element that takes the focus: the first that is in the order of Tab. */
function cyclePanels(step: number): void {
  const panels = [...document.querySelectorAll<HTMLElement>('[data-panel]')];
  const here = panels.findIndex((panel) => panel.contains(document.activeElement));
  const next = panels[(here + step + panels.length) % panels.length];
  const stop = next?.querySelector<HTMLElement>('[data-entry], [tabindex="0"], button, input');
  stop?.focus();
}
