// Bytes of a part: a growing writer, a bounded strict reader, and UTF-8. Not a codec of any one part.

/**
 * What is wrong with a file, at an offset of the part being read. Thrown by readers of this folder and turned into a
 * sentence at their single entry (read.ts); it never leaves the folder.
 */
export class Damage extends Error {
  readonly offset: number;
  constructor(text: string, offset: number) {
    super(text);
    this.offset = offset;
  }
}

/** Appends to a buffer that doubles. Numbers are little-endian; `varint` is LEB128 of a safe non-negative integer. */
export class ByteWriter {
  #data: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 1024) {
    this.#data = new Uint8Array(capacity);
  }

  reserve(more: number): void {
    const need = this.length + more;
    if (need <= this.#data.length) return;
    const grown = new Uint8Array(Math.max(need, this.#data.length * 2));
    grown.set(this.#data.subarray(0, this.length));
    this.#data = grown;
  }

  u8(value: number): void {
    this.reserve(1);
    this.#data[this.length++] = value;
  }

  u16(value: number): void {
    this.u8(value & 255);
    this.u8((value >>> 8) & 255);
  }

  u32(value: number): void {
    this.u16(value & 0xffff);
    this.u16(value >>> 16);
  }

  /** 0 … 2^53-1. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80000000) {
      this.#data[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    rest >>>= 0;
    while (rest >= 128) {
      this.#data[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#data[this.length++] = rest;
  }

  /** The difference of two 32-bit values, small numbers of either sign first. */
  zigzag32(difference: number): void {
    const d = difference | 0;
    this.varint(((d << 1) ^ (d >> 31)) >>> 0);
  }

  bytes(data: Uint8Array): void {
    this.reserve(data.length);
    this.#data.set(data, this.length);
    this.length += data.length;
  }

  /** Length as a varint, then UTF-8. */
  text(value: string): void {
    const data = encodeUtf8(value);
    this.varint(data.length);
    this.bytes(data);
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#data.slice(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}

/** Reads `data[start, end)`; every read past the end and every non-canonical number is Damage at its offset. */
export class ByteReader {
  readonly data: Uint8Array;
  readonly end: number;
  at: number;

  constructor(data: Uint8Array, start = 0, end = data.length) {
    this.data = data;
    this.at = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  fail(text: string, at = this.at): never {
    throw new Damage(text, at);
  }

  need(count: number, what: string): void {
    if (count > this.end - this.at) this.fail(`ends inside ${what}`);
  }

  u8(what: string): number {
    if (this.at >= this.end) this.fail(`ends inside ${what}`);
    return this.data[this.at++]!;
  }

  u16(what: string): number {
    this.need(2, what);
    const d = this.data;
    const at = this.at;
    this.at = at + 2;
    return d[at]! | (d[at + 1]! << 8);
  }

  u32(what: string): number {
    this.need(4, what);
    const d = this.data;
    const at = this.at;
    this.at = at + 4;
    return (d[at]! | (d[at + 1]! << 8) | (d[at + 2]! << 16) | (d[at + 3]! << 24)) >>> 0;
  }

  /** At most `max` (default 2^53-1). */
  varint(what: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const start = this.at;
    let value = 0;
    let scale = 1;
    for (let n = 0; n < 8; n++) {
      if (this.at >= this.end) this.fail(`ends inside ${what}`, start);
      const byte = this.data[this.at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (byte === 0 && n > 0) this.fail(`${what} is not in its shortest form`, start);
        if (value > max) this.fail(`${what} is ${value}; at most ${max} is possible here`, start);
        return value;
      }
      scale *= 128;
    }
    return this.fail(`${what} is too long a number`, start);
  }

  zigzag32(what: string): number {
    const z = this.varint(what, 0xffffffff);
    return (z >>> 1) ^ -(z & 1);
  }

  /** A view, not a copy. */
  bytes(count: number, what: string): Uint8Array {
    this.need(count, what);
    const view = this.data.subarray(this.at, this.at + count);
    this.at += count;
    return view;
  }

  text(what: string, maxBytes: number): string {
    const length = this.varint(`the length of ${what}`, maxBytes);
    const start = this.at;
    const text = decodeUtf8(this.bytes(length, what));
    return text ?? this.fail(`${what} is not UTF-8`, start);
  }

  /** A reader of the next `varint` bytes; the caller checks with `finish`. */
  section(what: string): ByteReader {
    const length = this.varint(`the length of ${what}`);
    this.need(length, what);
    const inner = new ByteReader(this.data, this.at, this.at + length);
    this.at += length;
    return inner;
  }

  finish(what: string): void {
    if (this.at !== this.end) this.fail(`${this.end - this.at} bytes too many in ${what}`);
  }
}

/** UTF-8 of a string. A lone surrogate becomes U+FFFD, so what is read back may differ from such a string only. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(text.length * 3);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) {
      out[n++] = c;
      continue;
    }
    let code = c;
    if (c >= 0xd800 && c < 0xe000) {
      const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (c < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
        code = 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00);
        i++;
      } else {
        code = 0xfffd;
      }
    }
    if (code < 0x800) {
      out[n++] = 0xc0 | (code >> 6);
    } else {
      if (code < 0x10000) {
        out[n++] = 0xe0 | (code >> 12);
      } else {
        out[n++] = 0xf0 | (code >> 18);
        out[n++] = 0x80 | ((code >> 12) & 63);
      }
      out[n++] = 0x80 | ((code >> 6) & 63);
    }
    out[n++] = 0x80 | (code & 63);
  }
  return out.slice(0, n);
}

/** The code point at `at` and its length, or a length of 0 where the bytes are not UTF-8 (overlong forms and surrogates are not). */
function codePoint(data: Uint8Array, at: number): { readonly code: number; readonly length: number } {
  const first = data[at]!;
  const bad = { code: 0xfffd, length: 0 };
  if (first < 0x80) return { code: first, length: 1 };
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > data.length) return bad;
  let code = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = data[at + i]!;
    if ((next & 0xc0) !== 0x80) return bad;
    code = (code << 6) | (next & 63);
  }
  if (length === 3 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) return bad;
  if (length === 4 && (code < 0x10000 || code > 0x10ffff)) return bad;
  return { code, length };
}

function decode(data: Uint8Array, strict: boolean): string | null {
  const pieces: string[] = [];
  let codes: number[] = [];
  for (let at = 0; at < data.length; ) {
    const byte = data[at]!;
    if (byte < 0x80) {
      codes.push(byte);
      at++;
    } else {
      const { code, length } = codePoint(data, at);
      if (length === 0 && strict) return null;
      if (code >= 0x10000) codes.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
      else codes.push(code);
      at += length || 1;
    }
    if (codes.length > 4096) {
      pieces.push(String.fromCharCode(...codes));
      codes = [];
    }
  }
  pieces.push(String.fromCharCode(...codes));
  return pieces.join('');
}

/** The string, or null where the bytes are not valid UTF-8. */
export const decodeUtf8 = (data: Uint8Array): string | null => decode(data, true);

/** For showing bytes to people: each byte that is not UTF-8 becomes U+FFFD. */
export const showUtf8 = (data: Uint8Array): string => decode(data, false) ?? '';
