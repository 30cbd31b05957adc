// The form of an instruction: one row says everything about it, in the manual's words. The row feeds decode, both tiers,
// disassembly, fuzzing and the coverage matrix.
import type { Builder, Val } from './builder.ts';
import type { Imm32, Imm64, Operands } from './operands.ts';

type Token<T extends string> = T extends `${infer N}:s${number}` ? N : T extends `${infer N}:${number}` ? N : never;
/** Names of the fields of a pattern such as '1 00 imm12:12 Rn:5'. */
export type FieldNames<S extends string> = S extends `${infer H} ${infer R}` ? Token<H> | FieldNames<R> : Token<S>;
export type Fields<S extends string> = { readonly [K in FieldNames<S>]: number };

/** What semantics see: immediates as values, everything else as the operands function gave it. */
export type Given<O> = { readonly [K in keyof O]: O[K] extends Imm64 | Imm32 ? Val : O[K] };

export interface Field {
  readonly name: string;
  readonly lsb: number;
  readonly width: number;
  readonly signed: boolean;
}

export interface Pattern {
  /** As unsigned 32-bit numbers: a word matches when (word & mask) === value. */
  readonly mask: number;
  readonly value: number;
  readonly fields: readonly Field[];
}

export type AnyFields = Readonly<Record<string, number>>;

export interface Row {
  readonly name: string;
  /** Section of the Arm ARM (DDI 0487). */
  readonly ref: string;
  readonly bits: string;
  readonly pattern: Pattern;
  /** Null: this encoding is not this instruction (the next matching row is tried; when none is left it is undefined). */
  readonly operands: (f: AnyFields, pc: bigint) => Operands | null;
  readonly semantics: (b: Builder, o: Readonly<Record<string, never>>) => void;
  /** The instruction as objdump spells it. Only called for words that operands accepted. */
  readonly asm: (f: AnyFields, pc: bigint) => string;
  /** The next instruction in memory does not simply follow. */
  readonly ends: boolean;
  /** Named, but not implemented: undefined instruction. */
  readonly todo: boolean;
  /** Left out of random tests, with the reason. */
  readonly unfuzzed: string | undefined;
}

/** '0 00 100010 sh:1 imm12:12 rn:5 rd:5' or 'imm9:s9' for a signed field; '-' is a bit that does not matter. */
export function parsePattern(source: string): Pattern {
  let lsb = 32;
  let mask = 0;
  let value = 0;
  const fields: Field[] = [];
  for (const token of source.split(' ')) {
    const m = /^([a-zA-Z]\w*):(s?)(\d+)$/.exec(token);
    if (m) {
      const width = Number(m[3]);
      lsb -= width;
      fields.push({ name: m[1]!, lsb, width, signed: m[2] === 's' });
      continue;
    }
    for (const c of token) {
      lsb--;
      if (c === '0' || c === '1') mask |= 1 << lsb;
      else if (c !== '-') throw new Error(`Trapline defect: bad token '${token}' in '${source}'`);
      if (c === '1') value |= 1 << lsb;
    }
  }
  if (lsb !== 0) throw new Error(`Trapline defect: a pattern of ${32 - lsb} bits: '${source}'`);
  return { mask: mask >>> 0, value: value >>> 0, fields };
}

export interface RowOptions<F> {
  /** Default: the row's name in lower case. */
  readonly asm?: (f: F, pc: bigint) => string;
  readonly ends?: boolean;
  readonly unfuzzed?: string;
}

export function row<const P extends string, O extends Operands>(
  name: string,
  ref: string,
  bits: P,
  operands: (f: Fields<P>, pc: bigint) => O | null,
  semantics: (b: Builder, o: Given<O>) => void,
  options: RowOptions<Fields<P>> = {},
): Row {
  return {
    name,
    ref,
    bits,
    pattern: parsePattern(bits),
    operands: operands as unknown as Row['operands'],
    semantics: semantics as unknown as Row['semantics'],
    asm: (options.asm ?? (() => name.toLowerCase())) as unknown as Row['asm'],
    ends: options.ends ?? false,
    todo: false,
    unfuzzed: options.unfuzzed,
  };
}

/** An instruction that is known and not implemented: it decodes to undefined and shows in the coverage matrix. */
export function todo(name: string, ref: string, bits: string): Row {
  const nothing = (): never => {
    throw new Error(`Trapline defect: ${name} is not implemented and must not be lowered`);
  };
  return {
    name,
    ref,
    bits,
    pattern: parsePattern(bits),
    operands: () => null,
    semantics: nothing,
    asm: nothing,
    ends: false,
    todo: true,
    unfuzzed: 'not implemented',
  };
}

/** The fields of a word under a pattern. */
export function fieldsOf(pattern: Pattern, word: number): AnyFields {
  const out: Record<string, number> = {};
  for (const f of pattern.fields) {
    const raw = f.signed ? (word << (32 - f.lsb - f.width)) >> (32 - f.width) : (word >>> f.lsb) & (f.width === 32 ? -1 : 2 ** f.width - 1);
    out[f.name] = raw;
  }
  return out;
}
