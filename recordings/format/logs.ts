// inputs.bin and digests.bin: records one after the other, so that a prefix of whole records is a valid part.
import { compareMarks, type Mark } from '../../workers/base/mark.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { RecordedDigest, RecordedInput } from './recording.ts';

const STDIN = 1;
const STDIN_EOF = 2;
const STOP = 3;
const MAX_REASON = 1000;

function writeMark(out: ByteWriter, mark: Mark): void {
  out.varint(mark.icount);
  out.varint(mark.event);
}

/** Marks of a log never fall. */
function readMark(r: ByteReader, last: Mark): Mark {
  const at = r.at;
  const mark = { icount: r.varint('a Mark'), event: r.varint('a Mark', 0xffffffff) };
  if (compareMarks(mark, last) < 0) r.fail('has a record that is before the one it follows', at);
  return mark;
}

export function encodeInputs(inputs: readonly RecordedInput[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  for (const input of inputs) {
    out.u8(input.kind === 'stdin' ? STDIN : input.kind === 'stdin-eof' ? STDIN_EOF : STOP);
    writeMark(out, input.mark);
    if (input.kind === 'stdin') {
      out.varint(input.data.length);
      out.bytes(input.data);
    } else if (input.kind === 'stop') {
      out.text(input.reason);
    }
  }
  return out.take();
}

export function decodeInputs(data: Uint8Array): RecordedInput[] {
  const r = new ByteReader(data);
  const inputs: RecordedInput[] = [];
  let mark: Mark = { icount: 0, event: 0 };
  while (r.left > 0) {
    if (inputs.at(-1)?.kind === 'stop') r.fail('has an input after the stop');
    const at = r.at;
    const kind = r.u8('an input');
    mark = readMark(r, mark);
    if (kind === STDIN) {
      const length = r.varint('the length of an input', 0x7fffffff);
      if (length === 0) r.fail('has an input of no bytes', at);
      inputs.push({ kind: 'stdin', mark, data: r.bytes(length, 'an input').slice() });
    } else if (kind === STDIN_EOF) {
      inputs.push({ kind: 'stdin-eof', mark });
    } else if (kind === STOP) {
      inputs.push({ kind: 'stop', mark, reason: r.text('a reason', MAX_REASON) });
    } else {
      r.fail(`has an input of the unknown kind ${kind}`, at);
    }
  }
  return inputs;
}

export function encodeDigests(digests: readonly RecordedDigest[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  for (const digest of digests) {
    writeMark(out, digest.mark);
    out.u32(digest.lo);
    out.u32(digest.hi);
  }
  return out.take();
}

export function decodeDigests(data: Uint8Array): RecordedDigest[] {
  const r = new ByteReader(data);
  const digests: RecordedDigest[] = [];
  let mark: Mark = { icount: 0, event: 0 };
  while (r.left > 0) {
    mark = readMark(r, mark);
    digests.push({ mark, lo: r.u32('a digest'), hi: r.u32('a digest') });
  }
  return digests;
}
