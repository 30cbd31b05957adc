// Which kernel a recording was made with: a hash of its text as labels and function names, so that a replay by another build can say so.
import { encodeUtf8 } from '../../recordings/format/bytes.ts';
import { contentId } from '../../recordings/format/hashes.ts';
import type { MachineView } from '../machine/machine-api.ts';

/**
 * Raise it with a change that makes recorded runs go differently although no function or label changed: what an op does, the order of
 * random numbers, an instruction's result.
 */
export const KERNEL_REVISION = 2;

const KERNEL_TEXT = 0xffff_8000_8000_0000n;
const CHUNK = 1024;
const MOST_WORDS = 65536;

/** 16 hexadecimal digits; equal when functions, their labels, their order and the revision are equal. */
export function kernelTextId(view: MachineView): string {
  let text = `revision ${KERNEL_REVISION}\n`;
  for (let at = 0; at < MOST_WORDS; at += CHUNK) {
    const lines = view.disassemble(0, KERNEL_TEXT + BigInt(at * 4), CHUNK).filter((line) => line.text !== '');
    if (lines.length === 0) break;
    for (const line of lines) text += `${line.symbol ?? ''}|${line.text}\n`;
  }
  return contentId(encodeUtf8(text)).slice(0, 16);
}
