// What the omnibox offers for a text: commands after `>`, Marks and percentages, symbols and addresses. Pure but for the question it is given.
import fuzzysort from 'fuzzysort';
import type { SymbolRow } from '../../workers/api/workbench-api.ts';
import { hex } from '../base/format.ts';
import { shownChord } from '../base/keys.ts';
import type { Command } from '../commands/registry.ts';

export interface Offer {
  readonly id: string;
  readonly title: string;
  readonly side: string;
  readonly act:
    | { readonly kind: 'command'; readonly command: Command }
    | { readonly kind: 'go'; readonly target: string }
    | { readonly kind: 'look'; readonly expression: string }
    | { readonly kind: 'watch'; readonly text: string };
}

const MOST = 12;

export function commandOffers(text: string, commands: readonly Command[]): readonly Offer[] {
  const able = commands.filter((command) => command.when());
  const found = text === '' ? able : fuzzysort.go(text, able, { key: 'title', limit: MOST }).map((result) => result.obj);
  return found.map((command) => ({
    id: command.id,
    title: command.title,
    side: command.keys.map((key) => shownChord(key)).join('  '),
    act: { kind: 'command', command },
  }));
}

/** `symbols` are those whose name contains the text. */
export function placeOffers(text: string, symbols: readonly SymbolRow[]): readonly Offer[] {
  const offers: Offer[] = [];
  const mark = /^@?([#!]?[\d,]+(?:\.\d+)?)$/.exec(text)?.[1];
  if (mark !== undefined) {
    const target = /^[#!]/.test(mark) ? mark : `#${mark}`;
    offers.push({
      id: 'mark',
      title: `Go to ${target}`,
      side: target.startsWith('!') ? 'percent of the recording' : 'Mark',
      act: { kind: 'go', target },
    });
  }
  if (/^0x[\da-f]+$/i.test(text)) {
    offers.push({ id: 'address', title: `Look at memory ${text}`, side: 'address', act: { kind: 'look', expression: text } });
    offers.push({
      id: 'address-watch',
      title: `Watch 8 bytes at ${text} over the whole recording`,
      side: 'after the fact',
      act: { kind: 'watch', text: `mem:${text}/8:w` },
    });
  }
  if (/^mem:/.test(text))
    offers.push({ id: 'spec', title: `Watch ${text} over the whole recording`, side: 'after the fact', act: { kind: 'watch', text } });
  for (const symbol of symbols.slice(0, MOST)) {
    if (symbol.kind === 'function') {
      offers.push({
        id: `go:${symbol.name}`,
        title: `${symbol.name}`,
        side: `next execution · ${hex(symbol.address)}`,
        act: { kind: 'go', target: symbol.name },
      });
      continue;
    }
    offers.push({
      id: `look:${symbol.name}`,
      title: symbol.name,
      side: `memory · ${symbol.size} bytes at ${hex(symbol.address)}`,
      act: { kind: 'look', expression: symbol.name },
    });
    const length = [8, 4, 2, 1].find((size) => size <= Math.max(1, symbol.size)) ?? 1;
    offers.push({
      id: `watch:${symbol.name}`,
      title: `Watch ${symbol.name} over the whole recording`,
      side: 'after the fact',
      act: { kind: 'watch', text: `mem:${symbol.name}/${length}:w` },
    });
  }
  return offers.slice(0, MOST);
}
