// Entry of the Electron application: the order of start-up, nothing else.
import { Worker } from 'node:worker_threads';
import { app, BrowserWindow, ipcMain, Menu } from 'electron';
import { ok } from '../../workers/base/result.ts';
import { GIVEN_EVENT, MACHINE_PORT, MENU_EVENT } from '../ipc/contract.ts';
import { handle, isTrustedEvent } from '../ipc/handle.ts';
import { registerScheme, serveWindow } from './app-protocol.ts';
import { recordingArgument } from './arguments.ts';
import { openProgram, openRecording, readWhole, saveRecording } from './files.ts';
import { menuTemplate } from './menu.ts';
import { relay } from './relay.ts';
import { appPaths } from './roots.ts';
import { denyPermissions, openWindow } from './window.ts';

const paths = appPaths(app.getAppPath());
let given: string | null = recordingArgument(process.argv, process.cwd());

function give(path: string): void {
  given = path;
  const window = BrowserWindow.getAllWindows()[0];
  if (window === undefined) return;
  if (window.isMinimized()) window.restore();
  window.focus();
  window.webContents.send(GIVEN_EVENT);
}

function handleCalls(): void {
  const windowOf = (event: Electron.IpcMainInvokeEvent): BrowserWindow => {
    const window = BrowserWindow.fromWebContents(event.sender);
    if (window === null) throw new Error('The window is gone.');
    return window;
  };
  handle('recording:open', (_request, event) => openRecording(windowOf(event)));
  handle('recording:save', (file, event) => saveRecording(windowOf(event), file));
  handle('program:open', (_request, event) => openProgram(windowOf(event)));
  handle('recording:given', async () => {
    const path = given;
    given = null;
    return path === null ? ok(null) : readWhole(path);
  });
  handle('menu:set', async (rows) => {
    const run = (id: string): void => BrowserWindow.getFocusedWindow()?.webContents.send(MENU_EVENT, id);
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(rows, process.platform, run)));
    return ok(null);
  });
  ipcMain.on(MACHINE_PORT, (event) => {
    const port = event.ports[0];
    if (port === undefined || !isTrustedEvent(event)) return;
    const thread = new Worker(paths.machineWorker);
    // An error of the thread is a defect of ours; the window sees its port close and says so.
    thread.on('error', (error) => {
      process.stderr.write(`machine worker: ${error.stack ?? error.message}\n`);
      port.close();
    });
    relay(port, thread);
  });
}

if (!app.requestSingleInstanceLock()) app.quit();
else {
  registerScheme();
  app.on('second-instance', (_event, argv, folder) => {
    const path = recordingArgument(argv, folder);
    if (path !== null) give(path);
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    give(path);
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  void app.whenReady().then(() => {
    denyPermissions();
    if (process.platform !== 'darwin') Menu.setApplicationMenu(null);
    serveWindow(paths);
    handleCalls();
    openWindow(paths);
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) openWindow(paths);
    });
  });
}
