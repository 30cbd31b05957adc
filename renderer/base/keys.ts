// Key chords: `Shift+Alt+F11`, `Mod+Shift+P`, `?`. A chord of one printed character is matched by what it types, whatever the layout.

export interface Stroke {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** The chord a key press stands for. Shift is part of it except where it only makes the character (`?`, `>`). */
export function chordOf(stroke: Stroke): string {
  const printed = stroke.key.length === 1;
  const letter = printed && stroke.key.toLowerCase() !== stroke.key.toUpperCase();
  const parts: string[] = [];
  if (stroke.ctrlKey || stroke.metaKey) parts.push('Mod');
  if (stroke.shiftKey && (!printed || letter)) parts.push('Shift');
  if (stroke.altKey) parts.push('Alt');
  parts.push(letter ? stroke.key.toUpperCase() : stroke.key === ' ' ? 'Space' : stroke.key);
  return parts.join('+');
}

const GLYPHS: Readonly<Record<string, string>> = {
  Shift: '⇧',
  Alt: '⌥',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Enter: '↵',
};

/** A chord as printed on a button: `⇧⌥F11`, `Ctrl ⇧P`. */
export function shownChord(chord: string, mac = false): string {
  return chord
    .split(/\+(?=.)/)
    .map((part) => (part === 'Mod' ? (mac ? '⌘' : 'Ctrl ') : (GLYPHS[part] ?? part)))
    .join('');
}

/** A chord in words, for aria-keyshortcuts. */
export const spokenChord = (chord: string): string => chord.replace('Mod', 'Control');
