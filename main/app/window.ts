// The application's window: its options, and what it may not do (navigate away, open windows, ask for permissions).
import { BrowserWindow, session } from 'electron';
import { APP_ORIGIN } from '../ipc/check.ts';
import type { AppPaths } from './roots.ts';

/** Denies every permission the page or anything in it might ask for. */
export function denyPermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
}

export function openWindow(paths: AppPaths): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Trapline',
    backgroundColor: '#14161a',
    autoHideMenuBar: true,
    webPreferences: {
      preload: paths.preload,
      nodeIntegration: false,
      contextIsolation: true,
      sandbox: true,
      webSecurity: true,
      spellcheck: false,
    },
  });
  window.webContents.on('will-navigate', (event) => {
    if (!event.url.startsWith(`${APP_ORIGIN}/`)) event.preventDefault();
  });
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${APP_ORIGIN}/`);
  return window;
}
