// Puts the window's state together once and hands it to components through a context. No state of its own.
import { createContext, createEffect, createSignal, on, useContext } from 'solid-js';
import type { WorkbenchApi } from '../../workers/api/workbench-api.ts';
import type { LibraryClient } from '../client/library.ts';
import { createCommands } from '../commands/commands.ts';
import { createCallTrail } from './call-trail.ts';
import type { Dialog } from './dialog.ts';
import { formatLink } from './link.ts';
import { createMarkers } from './markers.ts';
import { createSession } from './session.ts';
import { createShelf, type ShelfHost } from './shelf.ts';
import { createTheme } from './theme.ts';
import { createView } from './view.ts';

export type Trapline = ReturnType<typeof createTrapline>;

export function createTrapline(api: WorkbenchApi, library: LibraryClient, host: ShelfHost) {
  const session = createSession(api);
  const view = createView();
  const theme = createTheme();
  const markers = createMarkers(session);
  const shelf = createShelf(api, library, session, view, markers, host);
  const [dialog, setDialog] = createSignal<Dialog | null>(null);
  /** Why the worker is gone, or null. */
  const [crash, setCrash] = createSignal<string | null>(null);
  /** A program dropped or chosen for the record dialog. */
  const [program, setProgram] = createSignal<{ readonly name: string; readonly data: Uint8Array } | null>(null);
  /** Asks a part of the window to take the keyboard; parts listen for their name. */
  const [wanted, setWanted] = createSignal<{ readonly part: string; readonly text: string } | null>(null, { equals: false });

  createEffect(
    on(session.position, (position) => {
      if (position !== null) view.follow(position.mark.icount);
    }),
  );

  const trail = createCallTrail(session);
  const parts = {
    api,
    session,
    view,
    markers,
    trail,
    theme,
    shelf,
    dialog,
    setDialog,
    program,
    setProgram,
    wanted,
    focus: (part: string, text = '') => setWanted({ part, text }),
  };
  const commands = createCommands(parts);
  const link = () => formatLink(session.summary()?.id.slice(0, 16) ?? null, session.position()?.mark ?? null);

  /** A file from anywhere: a recording opens, an ELF file goes to the record dialog, anything else gets a sentence. */
  async function takeFile(name: string, data: Uint8Array): Promise<void> {
    if (data[0] === 0x7f && data[1] === 0x45 && data[2] === 0x4c && data[3] === 0x46) {
      setProgram({ name, data });
      setDialog({ kind: 'record' });
      return;
    }
    await shelf.openFile(name, data, null);
  }

  return { ...parts, commands, link, crash, setCrash, takeFile };
}

const Context = createContext<Trapline>();
export const TraplineProvider = Context.Provider;

export function useTrapline(): Trapline {
  const trapline = useContext(Context);
  if (trapline === undefined) throw new Error('this component must be inside TraplineProvider');
  return trapline;
}
