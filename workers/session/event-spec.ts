// Reads perf's event syntax, mem:ADDR|SYMBOL[+OFFSET][/LEN][:rwx], against a program's symbols. It says what is wrong in the person's
// words; what the kernel grants is the kernel's business. Source: facts of perf(1) `-e mem:`; defaults are perf's: rw, 4 bytes.
import { type Result, err, ok } from '../base/result.ts';
import type { WatchSpec } from '../machine/machine-api.ts';

/** What of a symbol table this needs. */
export interface Symbols {
  readonly all: readonly unknown[];
  byName(name: string): { readonly address: number; readonly size: number } | null;
  suggest(name: string): readonly string[];
}

export interface EventSpec {
  readonly text: string;
  /** A number, or a symbol and what is added to it. */
  readonly base: bigint | string;
  readonly offset: bigint;
  readonly length: number;
  /** Of r, w, x. */
  readonly access: string;
}

/** Where a specification is used: in a comparator of 1 to 8 bytes, or after the fact, where any range will do. */
export type SpecUse = 'hardware' | 'after-the-fact';

const MOST_AFTER_THE_FACT = 65536;
const FORM = 'write mem:ADDRESS or mem:SYMBOL, then /LENGTH and :r, :w, :rw or :x, as in mem:counter/8:w';

const BP_TYPE: Readonly<Record<string, number>> = { r: 1, w: 2, rw: 3, x: 4 };

/** Letters as perf orders them: `wr` is `rw`. */
function canonicalAccess(letters: string): string {
  return ['r', 'w', 'x'].filter((letter) => letters.includes(letter)).join('');
}

export function parseEventSpec(text: string, use: SpecUse = 'hardware'): Result<EventSpec> {
  const bad = (why: string): Result<never> => err(`event '${text}': ${why}`);
  if (!text.startsWith('mem:')) return bad(`only memory events are known here; ${FORM}`);
  const parts = /^mem:([^/:]*)(?:\/([^:]*))?(?::(.*))?$/s.exec(text);
  if (parts === null) return bad(FORM);
  const [, place = '', lengthText, letters] = parts;
  if (place === '') return bad(`there is no address; ${FORM}`);

  const access = letters === undefined ? 'rw' : canonicalAccess(letters);
  if (letters !== undefined) {
    const unknown = [...letters].find((letter) => !'rwx'.includes(letter));
    if (unknown !== undefined) return bad(`'${unknown}' is not an access; use r (reads), w (writes), rw or x (executes)`);
    if (letters === '') return bad('there is nothing after the last colon; use r, w, rw or x');
    if (new Set(letters).size !== letters.length) return bad(`an access is given twice in ':${letters}'`);
    if (access.includes('x') && access !== 'x') return bad('x cannot be combined with r or w in one event; use two events');
  }

  let length = 4;
  if (lengthText !== undefined) {
    const parsed = parseNumber(lengthText);
    if (parsed === null) return bad(`'${lengthText}' is not a length; use a number of bytes from 1 to 8`);
    const most = use === 'hardware' ? 8n : BigInt(MOST_AFTER_THE_FACT);
    if (parsed < 1n || parsed > most) {
      const out =
        use === 'hardware'
          ? 'a watchpoint of this machine covers 1 to 8 bytes; split it into several events'
          : `use 1 to ${MOST_AFTER_THE_FACT} bytes`;
      return bad(`a length of ${parsed} is ${parsed < 1n ? 'too short' : 'too long'}: ${out}`);
    }
    length = Number(parsed);
  }
  if (access === 'x' && lengthText !== undefined && length !== 4 && use === 'hardware')
    return bad('an execute breakpoint covers one instruction; use /4 or leave the length out');

  const place2 = parsePlace(place);
  return place2.ok ? ok({ text, ...place2.value, length, access }) : bad(place2.error);
}

/** `0x4a0010`, `counter`, `pool+0x10`, `pool+16`, `end-4`. */
export function parsePlace(place: string): Result<{ readonly base: bigint | string; readonly offset: bigint }> {
  const number = parseNumber(place);
  if (number !== null) return number < 1n << 64n ? ok({ base: number, offset: 0n }) : err(`${place} does not fit in 64 bits`);
  const named = /^([A-Za-z_.$][\w.$@]*)(?:([+-])(0x[0-9a-fA-F]+|\d+))?$/.exec(place);
  if (named === null) return err(`'${place}' is neither an address nor a symbol; write 0x… for an address, or SYMBOL+OFFSET`);
  const offset = named[3] === undefined ? 0n : BigInt(named[3]);
  return ok({ base: named[1]!, offset: named[2] === '-' ? -offset : offset });
}

function parseNumber(text: string): bigint | null {
  return /^(0[xX][0-9a-fA-F]{1,32}|\d{1,40})$/.test(text) ? BigInt(text) : null;
}

/** Address of a place; an unknown symbol is an error that suggests near ones. `bias` is added to symbols (a static-pie's base). */
export function resolvePlace(
  place: { readonly base: bigint | string; readonly offset: bigint },
  symbols: Symbols,
  program: string,
  bias = 0n,
): Result<bigint> {
  if (typeof place.base === 'bigint') return ok(place.base);
  const symbol = symbols.byName(place.base);
  if (symbol !== null) return ok(BigInt.asUintN(64, BigInt(symbol.address) + bias + place.offset));
  if (symbols.all.length === 0)
    return err(`${program} has no symbols (it is stripped), so '${place.base}' is not known; give an address, as in mem:0x4a0010/8:w`);
  const near = symbols.suggest(place.base);
  return err(
    `${program} has no symbol '${place.base}'${near.length > 0 ? `; did you mean ${listed(near)}?` : '; `nm PROGRAM` lists the symbols it has'}`,
  );
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** The event with its address, or a sentence. */
export function resolveEventSpec(
  spec: EventSpec,
  symbols: Symbols,
  program: string,
  use: SpecUse = 'hardware',
  bias = 0n,
): Result<WatchSpec> {
  const bad = (why: string): Result<never> => err(`event '${spec.text}': ${why}`);
  const resolved = resolvePlace(spec, symbols, program, bias);
  if (!resolved.ok) return bad(resolved.error);
  const address = resolved.value;
  const type = BP_TYPE[spec.access]!;
  if (use === 'hardware') {
    const hex = `0x${address.toString(16)}`;
    if (spec.access === 'x' && address % 4n !== 0n) return bad(`${hex} is unaligned: an instruction is at a multiple of 4`);
    const into = Number(address % 8n);
    if (spec.access !== 'x' && into + spec.length > 8) {
      const first = 8 - into;
      const split = `mem:${hex}/${first}:${spec.access} and mem:0x${(address + BigInt(first)).toString(16)}/${spec.length - first}:${spec.access}`;
      return bad(`${spec.length} bytes at ${hex} are unaligned: a watchpoint covers bytes of one aligned doubleword; use ${split}`);
    }
  }
  return ok({ text: spec.text, address, length: spec.length, type });
}

/** Parse and resolve in one. */
export function readEventSpec(text: string, symbols: Symbols, program: string, use: SpecUse = 'hardware', bias = 0n): Result<WatchSpec> {
  const spec = parseEventSpec(text, use);
  return spec.ok ? resolveEventSpec(spec.value, symbols, program, use, bias) : spec;
}

/** `rwx` letters of a bp_type. */
export const accessOf = (type: number): string => (type === 4 ? 'x' : `${type & 1 ? 'r' : ''}${type & 2 ? 'w' : ''}`);
