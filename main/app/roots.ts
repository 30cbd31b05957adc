// Where the files of the application are, in the repository and in a package. Plain functions, no Electron.
import { join } from 'node:path';
import type { AssetRoots } from '../assets/asset.ts';

export interface AppPaths extends AssetRoots {
  readonly preload: string;
  readonly machineWorker: string;
}

/** `appPath`: the folder of package.json, or app.asar. Everything is read through it, so that the archive's integrity check covers it. */
export function appPaths(appPath: string): AppPaths {
  return {
    window: join(appPath, 'out/renderer'),
    bundled: join(appPath, 'recordings/bundled'),
    preload: join(appPath, 'out/preload/preload.cjs'),
    machineWorker: join(appPath, 'out/main/node-worker.js'),
  };
}
