// Checks on what arrives over IPC, as plain functions: who sent it, and is the request of the form its channel asks for.
import { err, ok, type Result } from '../../workers/base/result.ts';
import type { IpcChannel, IpcContract, MenuRow, OpenedFile } from './contract.ts';

/** The one origin the window has. */
export const APP_ORIGIN = 'app://trapline';

/** True when the frame is the top frame of our window showing our page. */
export function isTrustedSender(url: string | undefined, isTopFrame: boolean): boolean {
  if (url === undefined || !isTopFrame) return false;
  return url === APP_ORIGIN || url.startsWith(`${APP_ORIGIN}/`);
}

export const MAX_RECORDING_BYTES = 1 << 30;

/** A plain file name: no folder, no control characters, not too long. */
export function isPlainName(name: unknown): name is string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused here
  return typeof name === 'string' && name.length > 0 && name.length <= 200 && !/[/\\:\u0000-\u001f]/.test(name) && !name.startsWith('.');
}

function openedFile(value: unknown): Result<OpenedFile> {
  if (typeof value !== 'object' || value === null) return err('a file was expected');
  const { name, data } = value as { name?: unknown; data?: unknown };
  if (!isPlainName(name)) return err('the file name must be a plain name');
  if (!(data instanceof Uint8Array)) return err('the content of the file is missing');
  if (data.length > MAX_RECORDING_BYTES) return err('the file is over 1 GiB');
  return ok({ name, data });
}

const MOST_COMMANDS = 300;
const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length > 0 && value.length <= most;

function menuRows(value: unknown): Result<readonly MenuRow[]> {
  if (!Array.isArray(value) || value.length > MOST_COMMANDS) return err(`a menu has at most ${MOST_COMMANDS} commands`);
  const rows: MenuRow[] = [];
  for (const row of value as readonly unknown[]) {
    const { id, title, group, keys } = (row ?? {}) as Readonly<Record<string, unknown>>;
    if (!isText(id, 60) || !isText(title, 120) || !isText(group, 30)) return err('a command has an id, a title and a group');
    if (!Array.isArray(keys) || keys.length > 8 || !keys.every((key) => isText(key, 40))) return err(`the keys of ${id} are not chords`);
    rows.push({ id, title, group, keys });
  }
  return ok(rows);
}

/** The request of a channel, or the sentence that says what is wrong with it. */
export function checkRequest<C extends IpcChannel>(channel: C, request: unknown): Result<IpcContract[C]['request']> {
  if (channel === 'recording:save') return openedFile(request) as Result<IpcContract[C]['request']>;
  if (channel === 'menu:set') return menuRows(request) as Result<IpcContract[C]['request']>;
  return request === null ? ok(null as IpcContract[C]['request']) : err(`${channel} takes nothing`);
}
