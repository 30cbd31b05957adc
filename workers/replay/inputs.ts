// Standard input while a program is recorded and while it is replayed: each piece with the icount at which the guest took it.
// It knows no files and no hosts; the log itself is recordings/format/recording.ts.
import type { RecordedInput } from '../../recordings/format/recording.ts';
import type { InputSource } from '../machine/machine-api.ts';

/** Where live input comes from while recording: null means that nothing is there yet and the run must wait. */
export type LiveInput = (limit: number) => Uint8Array | 'eof' | null;

/** Answers from `live` and appends each answer to `inputs`. */
export function recordingInput(inputs: RecordedInput[], live: LiveInput): InputSource {
  return {
    stdin(icount, limit) {
      const got = live(limit);
      if (got === null) return 'pause';
      const mark = { icount, event: 0 };
      inputs.push(got === 'eof' || got.length === 0 ? { kind: 'stdin-eof', mark } : { kind: 'stdin', mark, data: got });
      return got;
    },
  };
}

/**
 * Answers from a log. Requests are found by icount, so it does not matter from which checkpoint a replay comes; several
 * requests at one icount are answered in order, which `rewind` restarts (call it after every restore).
 */
export class ReplayInput implements InputSource {
  readonly #entries: readonly RecordedInput[];
  #icount = -1;
  #taken = 0;

  constructor(inputs: readonly RecordedInput[]) {
    this.#entries = inputs.filter((input) => input.kind !== 'stop');
  }

  rewind(): void {
    this.#icount = -1;
  }

  stdin(icount: number, limit: number): Uint8Array | 'eof' | 'pause' {
    if (icount !== this.#icount) {
      this.#icount = icount;
      this.#taken = 0;
    }
    const entry = this.#entries[this.#lowerBound(icount) + this.#taken];
    if (entry === undefined || entry.mark.icount !== icount) return 'pause';
    this.#taken++;
    return entry.kind === 'stdin' ? entry.data.subarray(0, limit) : 'eof';
  }

  #lowerBound(icount: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.mark.icount < icount) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Live input from bytes that are all there: served in order, then end of file. */
export function bytesInput(bytes: Uint8Array): LiveInput {
  let position = 0;
  return (limit) => {
    if (position >= bytes.length) return 'eof';
    const piece = bytes.slice(position, position + limit);
    position += piece.length;
    return piece;
  };
}
