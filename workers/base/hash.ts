// A 64-bit hash for state digests, the same on every host; two 32-bit lanes of multiply-and-rotate. Not cryptographic: content ids are SHA-256.
import { assert } from './assert.ts';

/** Accumulates words; the result depends on their order. */
export class Hasher {
  lo = 0x9e3779b9 | 0;
  hi = 0x85ebca6b | 0;

  u32(value: number): void {
    const v = Math.imul(value, 0xcc9e2d51 | 0);
    const lo = this.lo ^ v;
    this.lo = Math.imul((lo << 13) | (lo >>> 19), 0x1b873593) + this.hi;
    const hi = this.hi ^ value;
    this.hi = Math.imul((hi << 15) | (hi >>> 17), 0x2545f491) + this.lo;
  }

  /** Any number, by its value: -0 counts as 0. */
  number(value: number): void {
    if ((value | 0) === value) {
      this.u32(1);
      this.u32(value);
      return;
    }
    FLOAT[0] = value;
    this.u32(2);
    this.u32(WORDS[0]!);
    this.u32(WORDS[1]!);
  }

  text(value: string): void {
    this.u32(3);
    this.u32(value.length);
    for (let i = 0; i < value.length; i++) this.u32(value.charCodeAt(i));
  }

  bytes(value: Uint8Array): void {
    this.u32(value.length);
    for (let i = 0; i < value.length; i++) this.u32(value[i]!);
  }

  words(value: Int32Array, from: number, to: number): void {
    let lo = this.lo;
    let hi = this.hi;
    for (let i = from; i < to; i++) {
      const w = value[i]!;
      lo ^= Math.imul(w, 0xcc9e2d51 | 0);
      lo = (Math.imul((lo << 13) | (lo >>> 19), 0x1b873593) + hi) | 0;
      hi ^= w;
      hi = (Math.imul((hi << 15) | (hi >>> 17), 0x2545f491) + lo) | 0;
    }
    this.lo = lo;
    this.hi = hi;
  }

  /** Plain data (see clone.ts). Objects by sorted property names, Maps and Sets in insertion order. */
  plain(value: unknown): void {
    switch (typeof value) {
      case 'number':
        this.number(value);
        return;
      case 'string':
        this.text(value);
        return;
      case 'boolean':
        this.u32(value ? 5 : 4);
        return;
      case 'undefined':
        this.u32(6);
        return;
      case 'bigint':
        this.u32(7);
        this.text(value.toString(16));
        return;
      case 'object':
        break;
      default:
        assert(false, 'only plain data is hashed');
    }
    if (value === null) this.u32(8);
    else if (Array.isArray(value)) {
      this.u32(9);
      this.u32(value.length);
      for (const item of value) this.plain(item);
    } else if (value instanceof Map) {
      this.u32(10);
      this.u32(value.size);
      for (const [key, item] of value) {
        this.plain(key);
        this.plain(item);
      }
    } else if (value instanceof Set) {
      this.u32(11);
      this.u32(value.size);
      for (const item of value) this.plain(item);
    } else if (ArrayBuffer.isView(value)) {
      this.u32(12);
      this.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else {
      this.u32(13);
      const object = value as Record<string, unknown>;
      for (const key of Object.keys(object).sort()) {
        this.text(key);
        this.plain(object[key]);
      }
    }
  }

  /** Final mixing; unsigned halves. */
  finish(): { readonly lo: number; readonly hi: number } {
    return { lo: avalanche(this.lo ^ (this.hi >>> 7)), hi: avalanche(this.hi ^ Math.imul(this.lo, 0x27d4eb2f)) };
  }
}

function avalanche(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const FLOAT = new Float64Array(1);
const WORDS = new Int32Array(FLOAT.buffer);
