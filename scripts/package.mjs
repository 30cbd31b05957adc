// `npm run package`: builds the workbench and packs it for this operating system into dist/. Packing needs Electron's binary; where it
// is not installed this says so instead of waiting for a download that may not come. Arguments are passed to electron-builder.
// --layout ELECTRON_DIR packs the files around a stand-in folder and leaves the fuses alone: it shows what a package contains.
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from '../main/launcher/bootstrap.mjs';
import { findElectron } from '../main/launcher/electron.mjs';
import { bin, cache, root, run } from './lib.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--layout');
const layout = at < 0 ? undefined : args.splice(at, 2)[1];

await bootstrap({ show: true });
let config = join(root, 'electron-builder.json');
if (layout !== undefined) {
  const { electronFuses: _fuses, ...rest } = JSON.parse(readFileSync(config, 'utf8'));
  mkdirSync(cache, { recursive: true });
  config = join(cache, 'electron-builder.layout.json');
  writeFileSync(config, JSON.stringify({ ...rest, electronDist: layout, directories: { output: '.cache/layout' } }));
  args.unshift('--linux', 'dir');
} else if (findElectron(root) === null) {
  process.stdout.write('Electron is not installed, so there is nothing to pack around. To install it: npx install-electron\n');
  process.exit(1);
}
const { code } = await run(process.execPath, [bin('electron-builder'), '--config', config, '--publish', 'never', ...args], {
  timeout: 1_800_000,
});
process.exitCode = code;
