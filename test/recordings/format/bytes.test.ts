// Numbers, UTF-8, hashes and DEFLATE of the recording format against independent implementations.
import { createHash, randomBytes } from 'node:crypto';
import { crc32 as zlibCrc, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter, Damage, decodeUtf8, encodeUtf8, showUtf8 } from '../../../recordings/format/bytes.ts';
import { contentId, crc32 } from '../../../recordings/format/hashes.ts';
import { inflate } from '../../../recordings/format/inflate.ts';

describe('numbers', () => {
  test('every varint reads back, at the edges of each length too', () => {
    const edges = Array.from({ length: 53 }, (_, bit) => [2 ** bit - 1, 2 ** bit, 2 ** bit + 1]).flat();
    const w = new ByteWriter(1);
    for (const n of [...edges, Number.MAX_SAFE_INTEGER]) w.varint(n);
    const r = new ByteReader(w.take());
    expect([...edges, Number.MAX_SAFE_INTEGER].map(() => r.varint('n'))).toEqual([...edges, Number.MAX_SAFE_INTEGER]);
    expect(r.left).toBe(0);
  });

  test('differences of 32-bit values wrap and read back', () => {
    const ds = [0, 1, -1, 0x7fffffff, -0x80000000, 5 - 0xffffffff];
    const w = new ByteWriter();
    for (const d of ds) w.zigzag32(d);
    const r = new ByteReader(w.take());
    expect(ds.map(() => r.zigzag32('d'))).toEqual(ds.map((d) => d | 0));
  });

  test.each([
    [[0x80, 0x00], 'shortest form'],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'too long'],
    [[0x80], 'ends inside'],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 'at most'],
  ])('the bytes %j are no varint', (bytes, why) => {
    expect(() => new ByteReader(Uint8Array.from(bytes)).varint('n')).toThrow(why);
  });
});

describe('UTF-8', () => {
  test('agrees with TextEncoder and a fatal TextDecoder on any string and any bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
        expect(decodeUtf8(encodeUtf8(text))).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)));
      }),
    );
    const biased = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0xc0, 0xe0, 0xed, 0xa0, 0x80, 0xbf, 0xf0, 0xf4, 0x90)), { maxLength: 8 });
    fc.assert(
      fc.property(biased, (list) => {
        const bytes = Uint8Array.from(list);
        let expected: string | null;
        try {
          expected = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
        } catch {
          expected = null;
        }
        expect(decodeUtf8(bytes)).toBe(expected);
        expect(showUtf8(bytes).length > 0).toBe(list.length > 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('hashes', () => {
  test('SHA-256 and CRC-32 agree with Node at every length around the block size', () => {
    for (let length = 0; length < 200; length++) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255);
      expect(contentId(data)).toBe(createHash('sha256').update(data).digest('hex'));
      if (zlibCrc !== undefined) expect(crc32(data)).toBe(zlibCrc(data));
    }
    expect(crc32(encodeUtf8('123456789'))).toBe(0xcbf43926);
  });
});

describe('inflate', () => {
  const samples = [new Uint8Array(0), new Uint8Array(100_000), randomBytes(70_000), encodeUtf8('abcabcabd'.repeat(5000)), encodeUtf8('a')];

  test('undoes zlib at every level and strategy', () => {
    for (const data of samples) {
      for (const level of [0, 1, 6, 9]) {
        for (const strategy of [0, 2, 3, 4]) {
          const packed = new Uint8Array(deflateRawSync(data, { level, strategy }));
          expect(Buffer.compare(inflate(packed, 0, packed.length, data.length), data)).toBe(0);
        }
      }
    }
  });

  test('refuses a stream that is longer or shorter than it claims, cut, or followed by something', () => {
    const data = encodeUtf8('abcabcabd'.repeat(50));
    const packed = new Uint8Array(deflateRawSync(data));
    expect(() => inflate(packed, 0, packed.length, data.length - 1)).toThrow('more than');
    expect(() => inflate(packed, 0, packed.length, data.length + 1)).toThrow('inflates to');
    expect(() => inflate(Uint8Array.from([...packed, 0]), 0, packed.length + 1, data.length)).toThrow('after its compressed data');
    for (let cut = 0; cut < packed.length; cut++) expect(() => inflate(packed, 0, cut, data.length)).toThrow(Damage);
  });

  test('a claim that no stream can meet is refused before anything is allocated', () => {
    expect(() => inflate(new Uint8Array(10), 0, 10, 2 ** 31)).toThrow('impossible');
  });

  test('whatever the bytes, the end is the result or Damage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(5000), (bytes, size) => {
        try {
          expect(inflate(bytes, 0, bytes.length, size).length).toBe(size);
        } catch (error) {
          expect(error).toBeInstanceOf(Damage);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
