// Cuts what programs wrote into lines, each with the moment its first byte was written. Pure.
import type { Mark } from '../../workers/base/mark.ts';
import type { OutputLine } from './session-types.ts';

interface Piece {
  readonly mark: Mark;
  readonly index: number;
  readonly fd: number;
  readonly data: Uint8Array;
}

/** Lines in order of their first byte; bytes that are not UTF-8 show as U+FFFD. stdout and stderr do not mix within a line. */
export function outputLines(pieces: readonly Piece[]): readonly OutputLine[] {
  const lines: OutputLine[] = [];
  const open = new Map<number, { start: Piece | null; text: string; decoder: TextDecoder }>();
  for (const piece of pieces) {
    let line = open.get(piece.fd);
    if (line === undefined) {
      line = { start: null, text: '', decoder: new TextDecoder() };
      open.set(piece.fd, line);
    }
    line.start ??= piece;
    const parts = (line.text + line.decoder.decode(piece.data, { stream: true })).split('\n');
    line.text = parts.pop() ?? '';
    for (const [position, text] of parts.entries()) {
      const from = position === 0 ? line.start : piece;
      lines.push({ mark: from.mark, index: from.index, fd: from.fd, text });
    }
    // the next line begins in this piece, or, when nothing is left of it, in the next
    if (parts.length > 0) line.start = piece.data.at(-1) === 0x0a ? null : piece;
  }
  for (const line of open.values()) {
    if (line.start !== null && line.text !== '')
      lines.push({ mark: line.start.mark, index: line.start.index, fd: line.start.fd, text: line.text });
  }
  return lines.sort((a, b) => a.index - b.index);
}
