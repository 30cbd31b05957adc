// Expressions for an address: sums and differences of numbers, registers of a CPU and symbols, as in `sp+0x20` or `pool+8`.
import { type Result, err, ok } from '../base/result.ts';

const MOST_TERMS = 32;

/** `register`: value of a register by its name in lower case; `symbol`: address, or the sentence that says why not. */
export function evaluate(
  text: string,
  register: (name: string) => bigint | null,
  symbol: (name: string) => Result<bigint>,
): Result<bigint> {
  const terms = text.replace(/\s+/g, '').match(/[+-]?[^+-]+/g);
  if (terms === null || terms.join('') !== text.replace(/\s+/g, ''))
    return err(`'${text}' is not an address: write 0x…, a register, a symbol, or a sum of them`);
  if (terms.length > MOST_TERMS) return err(`'${text.slice(0, 40)}…' has more than ${MOST_TERMS} terms`);
  let sum = 0n;
  for (const term of terms) {
    const negative = term.startsWith('-');
    const name = term.replace(/^[+-]/, '');
    let value: bigint;
    if (/^(0[xX][0-9a-fA-F]{1,16}|\d{1,20})$/.test(name)) value = BigInt(name);
    else {
      const found = register(name.toLowerCase());
      if (found !== null) value = found;
      else {
        const address = symbol(name);
        if (!address.ok) return address;
        value = address.value;
      }
    }
    sum += negative ? -value : value;
  }
  return ok(BigInt.asUintN(64, sum));
}
