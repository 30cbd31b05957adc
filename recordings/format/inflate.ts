// DEFLATE decompression (RFC 1951) for hostile input: the caller says how long the result is, nothing longer is ever
// written or allocated, and every byte of the input must be used. Compression is fflate's; this is not a general inflater.
import { Damage } from './bytes.ts';

const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DIST_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385,
  24577,
];
const DIST_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** No DEFLATE stream grows by more than this; a claim beyond it needs no inflating to be refused. */
export const MAX_RATIO = 1032;

/** A code: entry = symbol << 4 | length, indexed by the next `bits` bits of input; 0 where no code is. */
interface Codes {
  readonly table: Uint16Array;
  readonly bits: number;
}

/** Null when the lengths are no prefix code: over-subscribed, or incomplete other than the single code §3.2.7 allows. */
function makeCodes(lengths: Uint8Array): Codes | null {
  const counts = new Uint16Array(16);
  let used = 0;
  for (const length of lengths) {
    counts[length]!++;
    if (length > 0) used++;
  }
  counts[0] = 0;
  let bits = 15;
  while (bits > 1 && counts[bits] === 0) bits--;
  const next = new Uint16Array(16);
  let space = 1;
  for (let length = 1; length <= 15; length++) {
    space = space * 2 - counts[length]!;
    if (space < 0) return null;
    if (length < 15) next[length + 1] = (next[length]! + counts[length]!) << 1;
  }
  if (space > 0 && used > 1) return null;
  const table = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const code = next[length]!++;
    let reversed = 0;
    for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
    for (let at = reversed; at < table.length; at += 1 << length) table[at] = (symbol << 4) | length;
  }
  return { table, bits };
}

const FIXED_LENGTHS = makeCodes(Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)))!;
const FIXED_DISTANCES = makeCodes(new Uint8Array(32).fill(5))!;

/** The `size` bytes that `data[start, end)` is the DEFLATE form of. Throws Damage at an offset of `data`. */
export function inflate(data: Uint8Array, start: number, end: number, size: number): Uint8Array<ArrayBuffer> {
  if (size > (end - start) * MAX_RATIO + 258) throw new Damage(`claims ${size} bytes from ${end - start}, which is impossible`, start);
  const out = new Uint8Array(size);
  let length = 0;
  let at = start;
  let hold = 0;
  let held = 0;

  const fail = (text: string): never => {
    throw new Damage(text, Math.min(at, end));
  };
  const take = (count: number): number => {
    while (held < count) {
      if (at >= end) fail('its compressed data ends early');
      hold |= data[at++]! << held;
      held += 8;
    }
    const value = hold & ((1 << count) - 1);
    hold >>>= count;
    held -= count;
    return value;
  };
  const symbol = (codes: Codes): number => {
    while (held < 15 && at < end) {
      hold |= data[at++]! << held;
      held += 8;
    }
    const entry = codes.table[hold & (codes.table.length - 1)]!;
    const bits = entry & 15;
    if (bits === 0) fail('its compressed data is damaged');
    if (bits > held) fail('its compressed data ends early');
    hold >>>= bits;
    held -= bits;
    return entry >> 4;
  };

  const dynamic = (): readonly [Codes, Codes] => {
    const literals = take(5) + 257;
    const distances = take(5) + 1;
    const order = take(4) + 4;
    const codeLengths = new Uint8Array(19);
    for (let i = 0; i < order; i++) codeLengths[CODE_ORDER[i]!] = take(3);
    const codes = makeCodes(codeLengths) ?? fail('its compressed data has an impossible code');
    const lengths = new Uint8Array(literals + distances);
    for (let i = 0; i < lengths.length; ) {
      const s = symbol(codes);
      if (s < 16) {
        lengths[i++] = s;
        continue;
      }
      if (s === 16 && i === 0) fail('its compressed data repeats nothing');
      const value = s === 16 ? lengths[i - 1]! : 0;
      const repeat = s === 16 ? 3 + take(2) : s === 17 ? 3 + take(3) : 11 + take(7);
      if (i + repeat > lengths.length) fail('its compressed data has an impossible code');
      lengths.fill(value, i, i + repeat);
      i += repeat;
    }
    if (literals > 286 || lengths[256] === 0) fail('its compressed data has an impossible code');
    const a = makeCodes(lengths.subarray(0, literals)) ?? fail('its compressed data has an impossible code');
    const b = makeCodes(lengths.subarray(literals)) ?? fail('its compressed data has an impossible code');
    return [a, b];
  };

  const block = (lengthCodes: Codes, distanceCodes: Codes): void => {
    for (;;) {
      const s = symbol(lengthCodes);
      if (s < 256) {
        if (length >= size) fail(`inflates to more than the ${size} bytes it claims`);
        out[length++] = s;
        continue;
      }
      if (s === 256) return;
      if (s > 285) fail('its compressed data is damaged');
      const run = LENGTH_BASE[s - 257]! + take(LENGTH_BITS[s - 257]!);
      const d = symbol(distanceCodes);
      if (d > 29) fail('its compressed data is damaged');
      const back = DIST_BASE[d]! + take(DIST_BITS[d]!);
      if (back > length) fail('its compressed data points before its start');
      if (length + run > size) fail(`inflates to more than the ${size} bytes it claims`);
      for (let i = 0; i < run; i++, length++) out[length] = out[length - back]!;
    }
  };

  for (let last = false; !last; ) {
    last = take(1) === 1;
    const type = take(2);
    if (type === 0) {
      // Whole bytes that were read ahead are given back; the rest of the current byte is skipped.
      at -= held >> 3;
      hold = 0;
      held = 0;
      const count = take(16);
      if ((count ^ take(16)) !== 0xffff) fail('its compressed data is damaged');
      if (count > end - at) fail('its compressed data ends early');
      if (length + count > size) fail(`inflates to more than the ${size} bytes it claims`);
      out.set(data.subarray(at, at + count), length);
      at += count;
      length += count;
    } else if (type === 1) {
      block(FIXED_LENGTHS, FIXED_DISTANCES);
    } else if (type === 2) {
      block(...dynamic());
    } else {
      fail('its compressed data is damaged');
    }
  }
  at -= held >> 3;
  if (length !== size) fail(`inflates to ${length} bytes, not the ${size} it claims`);
  if (at !== end) fail('has bytes after its compressed data');
  return out;
}
