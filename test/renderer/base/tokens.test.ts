// The colours of both themes against WCAG: text 4.5:1, marks 3:1, on the grounds they are used on.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(resolve(import.meta.dirname, '../../../renderer/base/tokens.css'), 'utf8');

function theme(name: string): ReadonlyMap<string, string> {
  const block = new RegExp(`\\[data-theme=['"]${name}['"]\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  return new Map([...block.matchAll(/--([\w-]+): (#[\da-f]{6})/g)].map((match) => [match[1]!, match[2]!]));
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

const TEXT: readonly (readonly [string, readonly string[]])[] = [
  ['ink', ['bg', 'pane', 'raised', 'sunken', 'sel', 'hover', 'fresh']],
  ['ink2', ['bg', 'pane', 'raised', 'sunken', 'sel', 'hover', 'fresh']],
  ['ink3', ['bg', 'pane', 'raised', 'sunken']],
  ['zero', ['pane']],
  ['hit-t', ['pane', 'hit-bg', 'fresh']],
  ['bad-t', ['pane', 'bad-bg']],
  ['oa-t', ['pane', 'oa-bg']],
  ['ok-t', ['pane', 'ok-bg']],
  ['pane', ['now', 'oa-c']],
];
const MARKS = ['hit-c', 'bad-c', 'step-c', 'oa-c', 'ob-c', 'ok-c', 'kern', 'line2', 'now', 'focus', 'fwd', 'rev'];

describe.each(['dark', 'light'])('the %s theme', (name) => {
  const colours = theme(name);
  test.each(TEXT.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground])))('%s is readable on %s', (text, ground) => {
    expect(contrast(colours.get(text!)!, colours.get(ground!)!)).toBeGreaterThanOrEqual(4.5);
  });
  test.each(MARKS.flatMap((mark) => ['pane', 'sunken'].map((ground) => [mark, ground])))('%s is seen on %s', (mark, ground) => {
    expect(contrast(colours.get(mark!)!, colours.get(ground!)!)).toBeGreaterThanOrEqual(3);
  });
});
