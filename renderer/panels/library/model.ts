// What a card of the library says. Pure.
import { exitText, grouped, plural, shownBytes } from '../../base/format.ts';
import type { ShelfRow } from '../../state/shelf.ts';

export interface CardText {
  readonly meta: readonly string[];
  readonly note: string;
}

export function cardText(row: ShelfRow): CardText {
  const summary = row.summary;
  if (row.status === 'recording') return { meta: [shownBytes(row.bytes)], note: 'Is being recorded in another window.' };
  const interrupted = row.status === 'interrupted' ? 'Interrupted while it was recorded; it opens up to its last event. ' : '';
  if (summary === null) return { meta: [shownBytes(row.bytes)], note: interrupted };
  const hits = summary.watches.reduce((sum, watch) => sum + watch.hits, 0);
  return {
    meta: [
      `${summary.arch === 'aarch64' ? 'AArch64' : summary.arch} · ${plural(summary.cpus, 'CPU')}`,
      shownBytes(row.bytes),
      `seed ${summary.seed}`,
    ],
    note: `${interrupted}${grouped(summary.end.icount)} instructions, ${plural(hits, 'hit')}${summary.watches.length === 0 ? '' : ` of ${summary.watches.map((watch) => watch.text).join(', ')}`}. ${sentence(exitText(summary.exit))}`,
  };
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
