// A growing byte buffer with the number encodings of the WebAssembly binary format.

const f32 = new Float32Array(1);
const f32Bytes = new Uint8Array(f32.buffer);
const f64 = new Float64Array(1);
const f64Bytes = new Uint8Array(f64.buffer);

export class Bytes {
  private data = new Uint8Array(256);
  length = 0;

  private room(more: number): void {
    if (this.length + more <= this.data.length) return;
    const grown = new Uint8Array(Math.max(this.data.length * 2, this.length + more));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  u8(value: number): void {
    if (this.length === this.data.length) this.room(1);
    this.data[this.length++] = value;
  }

  all(values: ArrayLike<number>): void {
    this.room(values.length);
    this.data.set(values, this.length);
    this.length += values.length;
  }

  /** Unsigned LEB128 of a number below 2^32. */
  u32(value: number): void {
    let v = value >>> 0;
    while (v > 127) {
      this.u8((v & 127) | 128);
      v >>>= 7;
    }
    this.u8(v);
  }

  /** Signed LEB128 of a 32-bit integer. */
  s32(value: number): void {
    let v = value | 0;
    for (;;) {
      const low = v & 127;
      v >>= 7;
      if ((v === 0 && (low & 64) === 0) || (v === -1 && (low & 64) !== 0)) return this.u8(low);
      this.u8(low | 128);
    }
  }

  /** Signed LEB128 of a 64-bit integer (taken modulo 2^64). */
  s64(value: bigint): void {
    let v = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(v & 127n);
      v >>= 7n;
      if ((v === 0n && (low & 64) === 0) || (v === -1n && (low & 64) !== 0)) return this.u8(low);
      this.u8(low | 128);
    }
  }

  f32(value: number): void {
    f32[0] = value;
    this.all(f32Bytes);
  }

  f64(value: number): void {
    f64[0] = value;
    this.all(f64Bytes);
  }

  name(text: string): void {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.u8(text.charCodeAt(i) & 127);
  }

  /** A view, valid until the next write. */
  view(): Uint8Array {
    return this.data.subarray(0, this.length);
  }
}
