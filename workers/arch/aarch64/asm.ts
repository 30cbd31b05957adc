// Spelling of operands as objdump writes them. Rows put these together into whole instructions.

/** Wn or Xn; 31 is the zero register. */
export const r = (n: number, sf: number | boolean): string => (n === 31 ? (sf ? 'xzr' : 'wzr') : `${sf ? 'x' : 'w'}${n}`);
/** Wn or Xn; 31 is the stack pointer. */
export const rsp = (n: number, sf: number | boolean): string => (n === 31 ? (sf ? 'sp' : 'wsp') : `${sf ? 'x' : 'w'}${n}`);

const hex = (value: bigint | number): string => (value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`);
/** #0x1f */
export const h = (value: bigint | number): string => `#${hex(value)}`;
/** #0x06 */
export const h2 = (value: number): string => `#0x${value.toString(16).padStart(2, '0')}`;
/** #31 */
export const d = (value: bigint | number): string => `#${value}`;
/** A branch target or page. */
export const at = (address: bigint): string => hex(BigInt.asUintN(64, address));

export const ins = (name: string, ...operands: readonly (string | false)[]): string => {
  const given = operands.filter((o) => o !== false && o !== '');
  return given.length === 0 ? name : `${name}\t${given.join(', ')}`;
};

export const COND = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le', 'al', 'nv'] as const;
export const SHIFT = ['lsl', 'lsr', 'asr', 'ror'] as const;
export const EXTEND = ['uxtb', 'uxth', 'uxtw', 'uxtx', 'sxtb', 'sxth', 'sxtw', 'sxtx'] as const;

/** `, lsl #3`, or nothing for `lsl #0`. */
export const shift = (type: number, amount: number): string => (type === 0 && amount === 0 ? '' : `${SHIFT[type]!} ${d(amount)}`);
/** `[x0, ...]` */
export const mem = (...parts: readonly string[]): string => `[${parts.filter((p) => p !== '').join(', ')}]`;

/** Bn, Hn, Sn, Dn, Qn by log2 of the bytes. */
export const fpr = (n: number, log2: number): string => `${'bhsdq'[log2]!}${n}`;
