// Is there an Electron that can run? Only looks: loading the package `electron` in plain Node would start a download.
import { accessSync, constants, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Path of Electron's executable, or null. `from` is the folder whose node_modules is searched. */
export function findElectron(from, environment = process.env) {
  try {
    const folder = dirname(createRequire(join(from, 'package.json')).resolve('electron/package.json'));
    let name =
      process.platform === 'win32' ? 'electron.exe' : process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
    try {
      name = readFileSync(join(folder, 'path.txt'), 'utf8').trim() || name;
    } catch {
      // path.txt is written by Electron's installer; without it the usual name is tried
    }
    const executable = join(environment.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name);
    accessSync(executable, constants.X_OK);
    return executable;
  } catch {
    return null;
  }
}

/** A window can be shown here: always on Windows and macOS, elsewhere when a display server is named. */
export function haveDisplay(environment = process.env, platform = process.platform) {
  if (platform === 'win32' || platform === 'darwin') return true;
  return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
}
