// What the window does with Electron's main process besides the machine: files given to it, files saved, the menu. In a browser, nothing.
import type { OpenedFile, TraplineBridge } from '../../main/ipc/contract.ts';
import { err, ok, type Result } from '../../workers/base/result.ts';
import { saveFile as download } from './files.ts';

/** What a menu shows of the commands, and runs. */
export interface MenuCommands {
  readonly all: readonly {
    readonly id: string;
    readonly title: string;
    readonly group: string;
    readonly keys: readonly string[];
    readonly when: () => boolean;
    readonly run: () => void;
  }[];
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Saves where the person says; the answer is the file's name, or null when they changed their mind. A browser downloads, and says no more. */
export function fileSaver(main: TraplineBridge | null): (name: string, data: Uint8Array) => Promise<Result<string | null>> {
  return async (name, data) => {
    if (main === null) {
      download(name, data);
      return ok(null);
    }
    try {
      return await main.call('recording:save', { name, data });
    } catch (error) {
      return err(sentence(error));
    }
  };
}

/** The recording the application was started with, or that was double-clicked since; each is given once. */
export async function arrivedFile(main: TraplineBridge | null): Promise<Result<OpenedFile | null>> {
  if (main === null) return ok(null);
  try {
    return await main.call('recording:given', null);
  } catch (error) {
    return err(sentence(error));
  }
}

/** The menu is a view of the commands: what is chosen there runs when it could run by its key. Returns how to stop. */
export function connectMenu(main: TraplineBridge | null, commands: MenuCommands): () => void {
  if (main === null) return () => undefined;
  const rows = commands.all.map(({ id, title, group, keys }) => ({ id, title, group, keys: [...keys] }));
  // without a menu everything is still reached by key and palette
  main.call('menu:set', rows).catch(() => undefined);
  return main.onMenu((id) => {
    const command = commands.all.find((candidate) => candidate.id === id);
    if (command?.when() === true) command.run();
  });
}
