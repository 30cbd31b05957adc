// Finds the endless loop that a watched exclusive sequence is: each hit's exception return clears the monitor, so STXR fails and LDXR is
// tried again. Not a verdict about the program: without the watch it goes on.
import type { Recording } from '../../recordings/format/recording.ts';
import type { ElfFile } from '../base/elf.ts';
import { programsOf } from './program.ts';

/** So many hits in a row on the same exclusive, none of which changed a byte. */
const HITS = 64;

export interface ExclusiveLoop {
  readonly pc: bigint;
  readonly symbol: string | null;
  /** The event that is hit. */
  readonly event: string;
}

/** null when the recording ended by itself, or its last hits are others. */
export function exclusiveLoop(recording: Recording): ExclusiveLoop | null {
  const { config, events, end } = recording;
  if (end === null || (end.exit.how !== 'stopped' && end.exit.how !== 'max-icount')) return null;
  let index = events.length;
  let pc: bigint | null = null;
  let event = '';
  for (let n = 0; n < HITS; n++) {
    index = events.previousOf(['watchpoint-hit'], index);
    if (index < 0) return null;
    const hit = events.getAs('watchpoint-hit', index);
    if ((pc !== null && hit.pc !== pc) || hit.fields.old !== hit.fields.new) return null;
    ({ pc } = hit);
    event = hit.fields.event;
  }
  for (const { elf, bias, symbols } of programsOf(config).values()) {
    const address = Number(pc! - bias);
    const word = wordAt(elf, config, address);
    if (word === null || !isExclusive(word)) continue;
    const found = symbols.at(address);
    const offset = found === null ? 0 : address - found.symbol.address;
    return { pc: pc!, event, symbol: found === null ? null : `${found.symbol.name}${offset === 0 ? '' : `+0x${offset.toString(16)}`}` };
  }
  return null;
}

function wordAt(elf: ElfFile, config: Recording['config'], address: number): number | null {
  const segment = elf.segments.find((s) => address >= s.address && address + 4 <= s.address + s.fileSize);
  const file = [...config.program.files].find(([path]) => path.slice(path.lastIndexOf('/') + 1) === elf.name)?.[1];
  if (segment === undefined || file === undefined) return null;
  const at = segment.fileOffset + address - segment.address;
  const { data } = file;
  return at + 4 > data.length ? null : new DataView(data.buffer, data.byteOffset).getUint32(at, true);
}

/** LDXR, STXR, LDXP, STXP and those with acquire or release, of any size (DDI0487 C4.1.94); not CASP, LDAR or STLR. */
const isExclusive = (word: number): boolean => ((word >>> 23) & 0x7f) === 0b0010000 && (word >>> 31 === 1 || ((word >>> 21) & 1) === 0);
