// The ordinary ZIP file a recording is kept in: a writer, and a strict reader that checks every count, size and place
// before it allocates. It knows nothing of what the parts mean. APPNOTE 6.3 sections 4.3.7, 4.3.12 and 4.3.16.
import { deflateSync } from 'fflate';
import { ByteReader, ByteWriter, Damage, decodeUtf8, encodeUtf8 } from './bytes.ts';
import { crc32 } from './hashes.ts';
import { inflate } from './inflate.ts';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const DESCRIPTOR_FLAG = 8;
const UTF8_FLAG = 0x800;
const ENCRYPTED = 1;
const MAX_U32 = 0xffffffff;

export interface ZipPart {
  readonly name: string;
  readonly data: Uint8Array;
}

export interface ZipLimits {
  readonly fileBytes: number;
  readonly entries: number;
  /** Inflated size of one entry, and of all together. */
  readonly partBytes: number;
  readonly totalBytes: number;
}

export const ZIP_LIMITS: ZipLimits = { fileBytes: 0x7fffffff, entries: 20_000, partBytes: 1 << 29, totalBytes: 2 ** 30 };

/** Raw deflate (RFC 1951). Hosts may bring their own, which is faster; what it makes is inflated the same everywhere. */
export type Deflate = (data: Uint8Array, options: { readonly level: 6 }) => Uint8Array;

/** A ZIP file of the parts in order, every time stamp 1980-01-01: the same parts give the same bytes. `level` 0 stores. */
export function writeZip(parts: Iterable<ZipPart>, level: 0 | 6 = 6, deflate: Deflate = deflateSync): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(1 << 16);
  const directory = new ByteWriter(1 << 12);
  let count = 0;
  for (const { name, data } of parts) {
    const deflated = level === 0 || data.length < 64 ? data : deflate(data, { level });
    const packed = deflated.length < data.length ? deflated : data;
    const entry = new ByteWriter(64);
    const label = encodeUtf8(name);
    entry.u16(20);
    entry.u16(UTF8_FLAG);
    entry.u16(packed === data ? 0 : 8);
    entry.u16(0);
    entry.u16(0x21);
    entry.u32(crc32(data));
    entry.u32(packed.length);
    entry.u32(data.length);
    entry.u16(label.length);
    entry.u16(0);
    const common = entry.take();
    directory.u32(CENTRAL);
    directory.u16(20);
    directory.bytes(common);
    directory.u16(0);
    directory.u16(0);
    directory.u16(0);
    directory.u32(0);
    directory.u32(out.length);
    directory.bytes(label);
    out.u32(LOCAL);
    out.bytes(common);
    out.bytes(label);
    out.bytes(packed);
    count++;
  }
  if (count > 0xffff || out.length + directory.length > MAX_U32) throw new RangeError('a recording of more than 4 GB or 65,535 parts');
  const start = out.length;
  out.bytes(directory.take());
  out.u32(END);
  out.u32(0);
  out.u16(count);
  out.u16(count);
  out.u32(directory.length);
  out.u32(start);
  out.u16(0);
  return out.take();
}

export interface ZipEntry {
  readonly name: string;
  /** Inflated size as the directory claims; checked again while inflating. */
  readonly size: number;
  /** Offset of the entry in the file. */
  readonly offset: number;
  /** Its bytes, CRC checked. Throws Damage at an offset of the file. */
  read(): Uint8Array;
}

/** The directory of a ZIP file, checked against the entries themselves. Throws Damage at an offset of the file. */
export function readZip(given: Uint8Array, limits: ZipLimits = ZIP_LIMITS): readonly ZipEntry[] {
  const file = plainBytes(given);
  if (file.length > limits.fileBytes) throw new Damage(`is ${file.length} bytes long; at most ${limits.fileBytes} can be opened`, 0);
  if (file.length < 22) throw new Damage(`is only ${file.length} bytes long`, file.length);
  if (new ByteReader(file).u32('the start') !== LOCAL) throw new Damage('does not start as a ZIP file does', 0);
  const endAt = findEnd(file);
  const r = new ByteReader(file, endAt + 4);
  const disks = r.u32('the end record');
  const here = r.u16('the end record');
  const count = r.u16('the end record');
  const size = r.u32('the end record');
  const start = r.u32('the end record');
  if (disks !== 0 || here !== count) r.fail('is one of several pieces of a ZIP file', endAt);
  if (count > limits.entries) r.fail(`has ${count} parts; at most ${limits.entries} can be opened`, endAt);
  if (start + size !== endAt) r.fail('has a directory that does not end where it says', endAt);

  const entries: RawEntry[] = [];
  const directory = new ByteReader(file, start, endAt);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const entry = readCentral(directory);
    if (entry.size > limits.partBytes)
      throw new Damage(`${entry.name} claims ${entry.size} bytes; at most ${limits.partBytes} can be opened`, entry.offset);
    total += entry.size;
    if (total > limits.totalBytes)
      throw new Damage(`claims more than ${limits.totalBytes} bytes in all, the most that can be opened`, directory.at);
    entries.push(entry);
  }
  directory.finish('the directory');
  const seen = new Set<string>();
  for (const entry of entries) {
    if (seen.has(entry.name)) throw new Damage(`has two parts called ${entry.name}`, entry.offset);
    seen.add(entry.name);
  }
  // Entries may not share bytes: a small file of overlapping entries can be an unbounded bomb.
  let used = 0;
  return [...entries]
    .sort((a, b) => a.offset - b.offset)
    .map((entry) => {
      if (entry.offset < used) throw new Damage(`${entry.name} overlaps the part before it`, entry.offset);
      const data = checkLocal(file, entry, start);
      used = data + entry.packed;
      return finished(file, entry, data);
    });
}

/**
 * Entries found by walking from the front, for a file whose directory is lost; stops at the first thing that is not a whole
 * entry. Never throws.
 */
export function scanZip(given: Uint8Array, limits: ZipLimits = ZIP_LIMITS): readonly ZipEntry[] {
  const file = plainBytes(given);
  const found: ZipEntry[] = [];
  let total = 0;
  try {
    for (let at = 0; found.length < limits.entries; ) {
      const r = new ByteReader(file, at);
      if (r.u32('an entry') !== LOCAL) break;
      const entry = { ...readCommon(r), offset: at };
      const nameLength = r.u16('an entry');
      const extra = r.u16('an entry');
      const name = decodeUtf8(r.bytes(nameLength, 'a name'));
      r.bytes(extra + entry.packed, 'an entry');
      total += entry.size;
      if (
        name === null ||
        (entry.flags & (DESCRIPTOR_FLAG | ENCRYPTED)) !== 0 ||
        entry.size > limits.partBytes ||
        total > limits.totalBytes
      )
        break;
      found.push(finished(file, { ...entry, name }, r.at - entry.packed));
      at = r.at;
    }
  } catch (damage) {
    if (!(damage instanceof Damage)) throw damage;
  }
  return found;
}

/** Node's Buffer is a Uint8Array whose slice does not copy; nothing below should meet one. */
const plainBytes = (data: Uint8Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

interface Common {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

interface RawEntry extends Common {
  readonly name: string;
  readonly offset: number;
}

/** The end record is the last 22 bytes, or earlier by the length of its comment. */
function findEnd(file: Uint8Array): number {
  const lowest = Math.max(0, file.length - 22 - 0xffff);
  for (let at = file.length - 22; at >= lowest; at--) {
    if (file[at] !== 0x50 || file[at + 1] !== 0x4b || file[at + 2] !== 5 || file[at + 3] !== 6) continue;
    if ((file[at + 20]! | (file[at + 21]! << 8)) === file.length - 22 - at) return at;
  }
  throw new Damage('is cut short: its directory, the last part of the file, is missing', file.length);
}

function readCommon(r: ByteReader): Common {
  r.u16('an entry');
  const flags = r.u16('an entry');
  const method = r.u16('an entry');
  r.u32('an entry');
  return { flags, method, crc: r.u32('an entry'), packed: r.u32('an entry'), size: r.u32('an entry') };
}

function readCentral(r: ByteReader): RawEntry {
  const at = r.at;
  if (r.u32('the directory') !== CENTRAL) r.fail('has a damaged directory', at);
  r.u16('the directory');
  const common = readCommon(r);
  const nameLength = r.u16('the directory');
  const extra = r.u16('the directory');
  const comment = r.u16('the directory');
  r.u16('the directory');
  r.u16('the directory');
  r.u32('the directory');
  const offset = r.u32('the directory');
  const nameAt = r.at;
  const name = decodeUtf8(r.bytes(nameLength, 'a name'));
  r.bytes(extra + comment, 'the directory');
  if (name === null) return r.fail('has a part whose name is not UTF-8', nameAt);
  if ((common.flags & ENCRYPTED) !== 0) r.fail(`has an encrypted part, ${show(name)}`, at);
  if (common.method !== 0 && common.method !== 8)
    r.fail(`has a part compressed by method ${common.method}, ${show(name)}; only deflate is read`, at);
  if (common.packed === MAX_U32 || common.size === MAX_U32 || offset === MAX_U32) r.fail('is a ZIP64 file', at);
  if (common.method === 0 && common.packed !== common.size) r.fail(`has a stored part of two sizes, ${show(name)}`, at);
  return { ...common, name, offset };
}

/** Names come from the file: never shown raw. */
const show = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

/** Offset of an entry's data, its own header checked against the directory. */
function checkLocal(file: Uint8Array, entry: RawEntry, limit: number): number {
  const r = new ByteReader(file, entry.offset, limit);
  if (r.left < 30 || r.u32('an entry') !== LOCAL) r.fail(`${show(entry.name)} is not where the directory says`, entry.offset);
  const own = readCommon(r);
  const nameLength = r.u16('an entry');
  const extra = r.u16('an entry');
  const name = decodeUtf8(r.bytes(nameLength, 'a name'));
  r.bytes(extra, 'an entry');
  const later = (own.flags & DESCRIPTOR_FLAG) !== 0;
  const same = own.method === entry.method && (later || (own.crc === entry.crc && own.packed === entry.packed && own.size === entry.size));
  if (name !== entry.name || !same) r.fail(`${show(entry.name)} differs from what the directory says of it`, entry.offset);
  r.need(entry.packed, show(entry.name));
  return r.at;
}

function finished(file: Uint8Array, entry: RawEntry, data: number): ZipEntry {
  return {
    name: entry.name,
    size: entry.size,
    offset: entry.offset,
    read: () => {
      const end = data + entry.packed;
      const bytes = entry.method === 0 ? file.subarray(data, end) : inflate(file, data, end, entry.size);
      if (crc32(bytes) !== entry.crc) throw new Damage('is damaged: its check sum is wrong', data);
      return bytes;
    },
  };
}
