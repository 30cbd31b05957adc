// What the window may ask of Electron's main process: one channel each with its request and reply. The one file both sides read.
// Files and windows only; the machine is spoken to over a port of its own (`connectMachine`).
import type { Result } from '../../workers/base/result.ts';

export interface OpenedFile {
  /** File name without its folder. */
  readonly name: string;
  readonly data: Uint8Array;
}

/** A command of the window as a menu shows it. */
export interface MenuRow {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  /** Chords as the window writes them; the first is the one shown. */
  readonly keys: readonly string[];
}

export interface IpcContract {
  /** Asks the person for a recording. null: they changed their mind. */
  readonly 'recording:open': { readonly request: null; readonly reply: Result<OpenedFile | null> };
  /** Asks where to keep a recording and writes it. The reply is the file's name, or null when they changed their mind. */
  readonly 'recording:save': { readonly request: OpenedFile; readonly reply: Result<string | null> };
  /** Asks the person for a program to record. */
  readonly 'program:open': { readonly request: null; readonly reply: Result<OpenedFile | null> };
  /** The recording named on the command line or double-clicked, once; null when there is none. */
  readonly 'recording:given': { readonly request: null; readonly reply: Result<OpenedFile | null> };
  /** Makes the menu of the application from the window's commands. What is chosen comes back through `onMenu`. */
  readonly 'menu:set': { readonly request: readonly MenuRow[]; readonly reply: Result<null> };
}

export type IpcChannel = keyof IpcContract;

export const IPC_CHANNELS: readonly IpcChannel[] = ['recording:open', 'recording:save', 'program:open', 'recording:given', 'menu:set'];

/** Pushed by the main process when another recording was double-clicked: ask `recording:given`. */
export const GIVEN_EVENT = 'recording:arrived';

/** Pushed by the main process with the id of the command chosen in the menu. */
export const MENU_EVENT = 'menu:run';

/** The window's port to the machine travels with this message. */
export const MACHINE_PORT = 'machine:port';

/** What the preload script puts at `window.trapline`. */
export interface TraplineBridge {
  call<C extends IpcChannel>(channel: C, request: IpcContract[C]['request']): Promise<IpcContract[C]['reply']>;
  /** Calls back when another recording was given. Returns how to stop listening. */
  onGiven(listener: () => void): () => void;
  /** Calls back with the id of a command chosen in the menu. Returns how to stop listening. */
  onMenu(listener: (id: string) => void): () => void;
  /** Starts a machine in the main process; its port arrives as a window message whose data is MACHINE_PORT. */
  connectMachine(): void;
}
