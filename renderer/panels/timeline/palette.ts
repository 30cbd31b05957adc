// The tokens as colours for the canvas, read once for each theme.

const NAMES = [
  'bg',
  'pane',
  'raised',
  'sunken',
  'line',
  'line2',
  'ink',
  'ink2',
  'ink3',
  'hit-c',
  'hit-t',
  'bad-c',
  'bad-t',
  'bad-bg',
  'step-c',
  'oa-c',
  'oa-t',
  'oa-bg',
  'ob-c',
  'ok-c',
  'kern',
  'act0',
  'act1',
  'act2',
  'seg',
  'now',
  'sel',
] as const;

export type Colour = (typeof NAMES)[number];
export type Palette = Readonly<Record<Colour, string>>;

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || '#888'])) as Record<Colour, string>;
}
