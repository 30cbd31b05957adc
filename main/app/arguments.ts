// Which recording the person named when the application was started, or double-clicked. Plain functions, no Electron.
import { resolve } from 'node:path';

/** The last argument that is a .trapline file, made absolute; options and Electron's own arguments are passed over. */
export function recordingArgument(argv: readonly string[], folder: string): string | null {
  const named = argv.slice(1).filter((text) => !text.startsWith('-') && text.toLowerCase().endsWith('.trapline'));
  const last = named.at(-1);
  return last === undefined ? null : resolve(folder, last);
}

/** `name` with .trapline at its end. */
export function withEnding(name: string): string {
  return name.toLowerCase().endsWith('.trapline') ? name : `${name}.trapline`;
}
