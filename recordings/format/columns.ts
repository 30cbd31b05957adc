// One column of one field of one event kind: growing typed arrays, and their encoding in an event chunk.
// A column does not know how many rows it has; the table that owns it does.
import type { ByteReader, ByteWriter } from './bytes.ts';
import type { FieldType } from './events.ts';

export type FieldValue = number | bigint | string | boolean | Uint8Array;

export interface Column {
  readonly type: FieldType;
  /** Writes `row`, which is at most one past the last row written. Values are truncated to the column's width. */
  put(row: number, value: FieldValue): void;
  get(row: number): FieldValue;
  /** Rows [from, to), the same bytes whatever was written before. */
  encode(out: ByteWriter, from: number, to: number): void;
  /** Rows [from, to). Memory taken is at most 16 bytes for each byte read. */
  decode(input: ByteReader, from: number, to: number): void;
  /** Text only: the largest string id in [from, to), -1 when none. */
  maxText(from: number, to: number): number;
}

/** Strings by id in the order they were first used. */
export class StringTable {
  readonly #ids = new Map<string, number>();
  readonly #list: string[] = [];

  get size(): number {
    return this.#list.length;
  }

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#list.length;
      this.#ids.set(text, id);
      this.#list.push(text);
    }
    return id;
  }

  /** Appends even when the string is already there: a file's ids stay as they are in the file. */
  append(text: string): void {
    if (!this.#ids.has(text)) this.#ids.set(text, this.#list.length);
    this.#list.push(text);
  }

  text(id: number): string {
    return this.#list[id] ?? '';
  }
}

const doubled = (length: number, need: number): number => Math.max(16, length * 2, need);

/** The longer copy of a typed array that has room for `need` elements. */
export function grown<
  A extends
    | Uint8Array<ArrayBuffer>
    | BigUint64Array<ArrayBuffer>
    | Uint32Array<ArrayBuffer>
    | Int32Array<ArrayBuffer>
    | Float64Array<ArrayBuffer>,
>(array: A, need: number): A {
  const longer = new (array.constructor as new (length: number) => A)(doubled(array.length, need));
  longer.set(array as never);
  return longer;
}

class U32Column implements Column {
  readonly type: FieldType = 'u32';
  data: Uint32Array<ArrayBuffer> = new Uint32Array(0);

  put(row: number, value: FieldValue): void {
    if (row >= this.data.length) this.data = grown(this.data, row + 1);
    this.data[row] = value as number;
  }

  get(row: number): FieldValue {
    return this.data[row]!;
  }

  encode(out: ByteWriter, from: number, to: number): void {
    let last = 0;
    for (let row = from; row < to; row++) {
      out.zigzag32(this.data[row]! - last);
      last = this.data[row]!;
    }
  }

  decode(input: ByteReader, from: number, to: number): void {
    if (to > this.data.length) this.data = grown(this.data, to);
    let last = 0;
    for (let row = from; row < to; row++) {
      last = (last + input.zigzag32('a number')) >>> 0;
      this.data[row] = last;
    }
  }

  maxText(_from: number, _to: number): number {
    return -1;
  }
}

class I32Column extends U32Column {
  override readonly type = 'i32';
  override get(row: number): FieldValue {
    return this.data[row]! | 0;
  }
}

class BoolColumn extends U32Column {
  override readonly type = 'bool';
  override put(row: number, value: FieldValue): void {
    super.put(row, value === true ? 1 : 0);
  }
  override get(row: number): FieldValue {
    return this.data[row] === 1;
  }
  override encode(out: ByteWriter, from: number, to: number): void {
    for (let row = from; row < to; row++) out.u8(this.data[row]!);
  }
  override decode(input: ByteReader, from: number, to: number): void {
    for (let row = from; row < to; row++) {
      const value = input.u8('a truth value');
      if (value > 1) input.fail(`a truth value is ${value}`, input.at - 1);
      super.put(row, value === 1);
    }
  }
}

class TextColumn extends U32Column {
  override readonly type = 'text';
  readonly #strings: StringTable;

  constructor(strings: StringTable) {
    super();
    this.#strings = strings;
  }

  override put(row: number, value: FieldValue): void {
    super.put(row, this.#strings.id(value as string));
  }

  override get(row: number): FieldValue {
    return this.#strings.text(this.data[row]!);
  }

  override decode(input: ByteReader, from: number, to: number): void {
    super.decode(input, from, to);
    for (let row = from; row < to; row++) {
      if (this.data[row]! >= this.#strings.size) input.fail(`string ${this.data[row]} of ${this.#strings.size}`);
    }
  }

  override maxText(from: number, to: number): number {
    let max = -1;
    for (let row = from; row < to; row++) max = Math.max(max, this.data[row]!);
    return max;
  }
}

/**
 * 64-bit values, seen also as pairs of 32-bit words, low first (every host of ours is little-endian): no bigint in the encoding.
 */
export class U64Column implements Column {
  readonly type: FieldType = 'u64';
  #data = new BigUint64Array(0);
  #words = new Uint32Array(0);

  put(row: number, value: FieldValue): void {
    if (row >= this.#data.length) this.#grow(row + 1);
    this.#data[row] = value as bigint;
  }

  get(row: number): bigint {
    return this.#data[row]!;
  }

  encode(out: ByteWriter, from: number, to: number): void {
    const words = this.#words;
    let lo = 0;
    let hi = 0;
    for (let at = from * 2; at < to * 2; at += 2) {
      out.zigzag32(words[at]! - lo);
      out.zigzag32(words[at + 1]! - hi);
      lo = words[at]!;
      hi = words[at + 1]!;
    }
  }

  decode(input: ByteReader, from: number, to: number): void {
    if (to > this.#data.length) this.#grow(to);
    const words = this.#words;
    let lo = 0;
    let hi = 0;
    for (let at = from * 2; at < to * 2; at += 2) {
      lo = (lo + input.zigzag32('a 64-bit number')) >>> 0;
      hi = (hi + input.zigzag32('a 64-bit number')) >>> 0;
      words[at] = lo;
      words[at + 1] = hi;
    }
  }

  maxText(_from: number, _to: number): number {
    return -1;
  }

  #grow(need: number): void {
    this.#data = grown(this.#data, need);
    this.#words = new Uint32Array(this.#data.buffer);
  }
}

class BytesColumn implements Column {
  readonly type: FieldType = 'bytes';
  #start: Float64Array<ArrayBuffer> = new Float64Array(0);
  #length: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  #blob: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #used = 0;

  put(row: number, value: FieldValue): void {
    const data = value as Uint8Array;
    if (row >= this.#length.length) {
      this.#length = grown(this.#length, row + 1);
      this.#start = grown(this.#start, row + 1);
    }
    if (this.#used + data.length > this.#blob.length) this.#blob = grown(this.#blob, this.#used + data.length);
    this.#blob.set(data, this.#used);
    this.#start[row] = this.#used;
    this.#length[row] = data.length;
    this.#used += data.length;
  }

  get(row: number): FieldValue {
    return this.#blob.slice(this.#start[row]!, this.#start[row]! + this.#length[row]!);
  }

  encode(out: ByteWriter, from: number, to: number): void {
    for (let row = from; row < to; row++) {
      out.varint(this.#length[row]!);
      out.bytes(this.#blob.subarray(this.#start[row]!, this.#start[row]! + this.#length[row]!));
    }
  }

  decode(input: ByteReader, from: number, to: number): void {
    for (let row = from; row < to; row++) this.put(row, input.bytes(input.varint('the length of bytes', 0xffffffff), 'bytes'));
  }

  maxText(_from: number, _to: number): number {
    return -1;
  }
}

export function makeColumn(type: FieldType, strings: StringTable): Column {
  switch (type) {
    case 'u32':
      return new U32Column();
    case 'i32':
      return new I32Column();
    case 'u64':
      return new U64Column();
    case 'text':
      return new TextColumn(strings);
    case 'bytes':
      return new BytesColumn();
    case 'bool':
      return new BoolColumn();
    default:
      return type satisfies never;
  }
}
