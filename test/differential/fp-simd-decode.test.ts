// Floating-point and vector rows against objdump: random encodings of every row read as objdump reads them, and what is undefined here
// is undefined there or belongs to an extension that is not announced.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { FP_SIMD_ROWS } from '../../workers/arch/aarch64/rows/fp-simd.ts';
import { Decoder } from '../../workers/rows/decoder.ts';
import { generator } from '../support/prng.ts';
import { testWith } from '../support/tools.ts';

testWith(['aarch64-linux-gnu-gcc'], 'rows of the vector register file read as objdump reads them', () => {
  const seed = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? Date.now() >>> 0);
  const perRow = Number(process.env['TRAPLINE_FUZZ_WORDS'] ?? 60);
  const next = generator(seed);
  const decoder = new Decoder(FP_SIMD_ROWS);
  const words: number[] = [];
  for (const row of FP_SIMD_ROWS) {
    if (row.todo) continue;
    for (let i = 0; i < perRow; i++) words.push(((next() & ~row.pattern.mask) | row.pattern.value) >>> 0);
  }
  const dir = mkdtempSync(join(tmpdir(), 'fp-simd-'));
  try {
    const image = new Uint8Array(Uint32Array.from(words).buffer);
    writeFileSync(join(dir, 'words'), image);
    const text = execFileSync('aarch64-linux-gnu-objdump', ['-D', '-b', 'binary', '-m', 'aarch64', '-z', join(dir, 'words')], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const theirs = [...text.matchAll(/^\s*[0-9a-f]+:\t[0-9a-f]{8} \t(.*)$/gm)].map((m) => m[1]!.replace(/\s*(\/\/|;).*$/, '').trim());
    expect(theirs.length).toBe(words.length);
    const wrong: string[] = [];
    words.forEach((word, i) => {
      const d = decoder.decode(word, 0n);
      const expected = theirs[i]!;
      const undefinedThere = expected.startsWith('.inst');
      if (d === null) {
        const known =
          /^(f\w+|[su]cvtf)\t.*(\.[48]?h\b|\bh\d)|^(fmlal|fmlsl|[us]+dot|fcmla|fcadd|frint(32|64)|bf|[us]+mmla|fjcvtzs)|\.1q/.test(
            expected,
          );
        if (!undefinedThere && !known) wrong.push(`${word.toString(16)}: undefined here, '${expected}' there`);
      } else {
        const ours = d.row.asm(d.fields, 0n);
        if (ours !== expected) wrong.push(`${word.toString(16)} ${d.row.name}: '${ours}', objdump '${expected}'`);
      }
    });
    expect(wrong.slice(0, 40), `${wrong.length} differ; TRAPLINE_FUZZ_SEED=${seed}`).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
