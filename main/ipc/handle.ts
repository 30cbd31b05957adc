// Electron's ipcMain with the checks in front: an unknown sender gets nothing, a malformed request a sentence, and an exception in a
// handler becomes a sentence too. One of the files that load Electron.
import { ipcMain, type IpcMainInvokeEvent } from 'electron';
import { err } from '../../workers/base/result.ts';
import { checkRequest, isTrustedSender } from './check.ts';
import type { IpcChannel, IpcContract } from './contract.ts';

export function isTrustedEvent(event: Pick<IpcMainInvokeEvent, 'senderFrame' | 'sender'>): boolean {
  const frame = event.senderFrame;
  return frame !== null && isTrustedSender(frame.url, frame === event.sender.mainFrame);
}

export function handle<C extends IpcChannel>(
  channel: C,
  answer: (request: IpcContract[C]['request'], event: IpcMainInvokeEvent) => Promise<IpcContract[C]['reply']>,
): void {
  ipcMain.handle(channel, async (event, request: unknown) => {
    if (!isTrustedEvent(event)) throw new Error('refused');
    const checked = checkRequest(channel, request);
    if (!checked.ok) return checked;
    try {
      return await answer(checked.value, event);
    } catch (error) {
      return err(error instanceof Error ? error.message : String(error));
    }
  });
}
