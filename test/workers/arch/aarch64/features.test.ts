// What AT_HWCAP announces is what works: instructions of every announced extension decode, those of others do not.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { HWCAP, HWCAPS } from '../../../../workers/arch/aarch64/features.ts';
import { AARCH64 } from '../../../../workers/arch/aarch64/index.ts';
import { Decoder } from '../../../../workers/rows/decoder.ts';
import { testWith } from '../../../support/tools.ts';

const ANNOUNCED: Record<keyof typeof HWCAPS, string> = {
  FP: 'fadd d0, d1, d2; fcvt h0, s1; fcvt d3, h4; fmadd s0, s1, s2, s3',
  ASIMD:
    'add v0.16b, v1.16b, v2.16b; fmla v0.2d, v1.2d, v2.d[1]; ld4 {v0.8h-v3.8h}, [x0], #64; pmull v0.8h, v1.8b, v2.8b; fcvtl v0.4s, v1.4h',
  CRC32: 'crc32b w0, w1, w2; crc32x w0, w1, x2; crc32cw w0, w1, w2',
  ATOMICS: 'ldadd x0, x1, [x2]; swpalb w0, w1, [x2]; cas x0, x1, [x2]; caspal x0, x1, x2, x3, [x4]; ldumaxh w0, w1, [x2]; stclr w0, [sp]',
  ASIMDRDM: 'sqrdmlah v0.4s, v1.4s, v2.4s; sqrdmlsh h0, h1, v2.h[3]; sqrdmlah s0, s1, s2; sqrdmlsh v0.8h, v1.8h, v2.8h',
  LRCPC: 'ldapr x0, [x1]; ldaprb w0, [x1]; ldaprh w0, [x1]',
};

/** AT_HWCAP bit and instructions of extensions that are not there. */
const ABSENT: Record<string, readonly [bit: number, text: string]> = {
  AES: [3, 'aese v0.16b, v1.16b; aesmc v0.16b, v1.16b'],
  PMULL: [4, 'pmull v0.1q, v1.1d, v2.1d'],
  SHA1: [5, 'sha1c q0, s1, v2.4s; sha1h s0, s1'],
  SHA2: [6, 'sha256h q0, q1, v2.4s; sha256su0 v0.4s, v1.4s'],
  FPHP: [9, 'fadd h0, h1, h2; fcvtzs w0, h1; fmov h0, #1.0; fmadd h0, h1, h2, h3; fcmp h0, h1'],
  ASIMDHP: [
    10,
    'fadd v0.8h, v1.8h, v2.8h; fmla v0.4h, v1.4h, v2.h[1]; fcvtzs v0.8h, v1.8h; fabs v0.8h, v1.8h; fmov v0.8h, #1.0; fmaxnmv h0, v1.8h',
  ],
  JSCVT: [13, 'fjcvtzs w0, d1'],
  FCMA: [14, 'fcadd v0.4s, v1.4s, v2.4s, #90; fcmla v0.2d, v1.2d, v2.2d, #180'],
  ASIMDDP: [20, 'udot v0.4s, v1.16b, v2.16b; sdot v0.2s, v1.8b, v2.4b[1]'],
  ASIMDFHM: [23, 'fmlal v0.4s, v1.4h, v2.4h; fmlsl2 v0.4s, v1.4h, v2.h[1]'],
};

const ARCH = '.arch armv8.5-a+fp16+fp16fml+crypto+dotprod+rcpc';

function assemble(text: string): number[] {
  const dir = mkdtempSync(join(tmpdir(), 'features-'));
  try {
    writeFileSync(join(dir, 'a.S'), `${ARCH}\n${text}\n`);
    execFileSync('aarch64-linux-gnu-gcc', ['-c', 'a.S', '-o', 'a.o'], { cwd: dir });
    execFileSync('aarch64-linux-gnu-objcopy', ['-O', 'binary', '-j', '.text', 'a.o', 'a.bin'], { cwd: dir });
    const data = readFileSync(join(dir, 'a.bin'));
    return Array.from({ length: data.length / 4 }, (_, i) => data.readUInt32LE(i * 4));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

testWith(['aarch64-linux-gnu-gcc'], 'AT_HWCAP announces exactly the extensions whose instructions decode', () => {
  const decoder = new Decoder(AARCH64.rows);
  const check = (text: string, there: boolean): void => {
    const lines = text.split('; ');
    assemble(lines.join('\n')).forEach((word, i) => expect([lines[i], decoder.decode(word, 0n) !== null]).toEqual([lines[i], there]));
  };
  for (const [name, text] of Object.entries(ANNOUNCED)) {
    expect(HWCAP & HWCAPS[name as keyof typeof HWCAPS]).not.toBe(0);
    check(text, true);
  }
  for (const [bit, text] of Object.values(ABSENT)) {
    expect((HWCAP >>> bit) & 1).toBe(0);
    check(text, false);
  }
});
