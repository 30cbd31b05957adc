// Opens and saves files the person chooses in a dialog. The only file code of the application besides the served assets.
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { app, type BrowserWindow, dialog } from 'electron';
import { err, ok, type Result } from '../../workers/base/result.ts';
import { MAX_RECORDING_BYTES } from '../ipc/check.ts';
import type { OpenedFile } from '../ipc/contract.ts';
import { withEnding } from './arguments.ts';

const RECORDINGS = [{ name: 'Trapline recording', extensions: ['trapline'] }];

/** Reads a file of at most 1 GiB. */
export async function readWhole(path: string): Promise<Result<OpenedFile>> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return err(`${basename(path)} is not a file.`);
    if (found.size > MAX_RECORDING_BYTES) return err(`${basename(path)} is over 1 GiB.`);
    return ok({ name: basename(path), data: new Uint8Array(await readFile(path)) });
  } catch (error) {
    return err(`${basename(path)} could not be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`);
  }
}

async function choose(window: BrowserWindow, title: string, filters: Electron.FileFilter[]): Promise<Result<OpenedFile | null>> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, { title, filters, properties: ['openFile'] });
  const path = filePaths[0];
  return canceled || path === undefined ? ok(null) : readWhole(path);
}

export const openRecording = (window: BrowserWindow) => choose(window, 'Open a recording', RECORDINGS);
export const openProgram = (window: BrowserWindow) => choose(window, 'Choose an arm64 program', []);

/** Writes beside the target and renames, so that a full disk does not cost an older recording. */
export async function saveRecording(window: BrowserWindow, file: OpenedFile): Promise<Result<string | null>> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: 'Save the recording',
    defaultPath: join(app.getPath('documents'), withEnding(file.name)),
    filters: RECORDINGS,
  });
  if (canceled || filePath === '') return ok(null);
  try {
    const beside = `${filePath}.part`;
    await writeFile(beside, file.data);
    await rename(beside, filePath);
    return ok(basename(filePath));
  } catch (error) {
    return err(`${basename(filePath)} could not be written (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}).`);
  }
}
