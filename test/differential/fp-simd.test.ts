// Floating-point and vector rows on the real engine against qemu-aarch64: random encodings of every row on random registers, half of
// them special values, under the default and under odd FPCR; registers, NZCV, FPSR and memory must agree.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { FP_SIMD_ROWS } from '../../workers/arch/aarch64/rows/fp-simd.ts';
import { Decoder } from '../../workers/rows/decoder.ts';
import { world } from '../support/engine-world.ts';
import { operand } from '../support/fp-operands.ts';
import { generator } from '../support/prng.ts';
import { testWith } from '../support/tools.ts';

// A record: V0..V31, X0..X30, SP, FPCR, FPSR, NZCV, then the bytes of memory around the base address.
const AT = { x: 512, sp: 760, fpcr: 768, fpsr: 772, nzcv: 776, memory: 784 };
const MEMORY_BYTES = 96;
const RECORD = 896;
const RECORDS = 0x30000000;
const SCRATCH = 0x20000400;
/** Kept for the harness: the record's address and the link register. */
const RESERVED = [28, 30];

function source(words: readonly number[]): string {
  const lines = ['.text', '.globl _start', '_start:', 'b go'];
  const each = (f: (n: number) => string): void => {
    for (let n = 0; n < 31; n++) if (!RESERVED.includes(n)) lines.push(f(n));
  };
  const copy = (toMemory: boolean): void => {
    lines.push(`mov x1, #${SCRATCH & 0xffff}`, `movk x1, #${SCRATCH >>> 16}, lsl #16`);
    for (let i = 0; i < MEMORY_BYTES; i += 8)
      lines.push(
        toMemory ? `ldr x2, [x28, #${AT.memory + i}]\nstr x2, [x1, #${i}]` : `ldr x2, [x1, #${i}]\nstr x2, [x28, #${AT.memory + i}]`,
      );
  };
  lines.push('load:');
  copy(true);
  for (let n = 0; n < 32; n++) lines.push(`ldr q${n}, [x28, #${n * 16}]`);
  lines.push(`ldr w0, [x28, #${AT.fpcr}]`, 'msr fpcr, x0', `ldr w0, [x28, #${AT.fpsr}]`, 'msr fpsr, x0');
  lines.push(`ldr w0, [x28, #${AT.nzcv}]`, 'lsl x0, x0, #28', 'msr nzcv, x0', `ldr x0, [x28, #${AT.sp}]`, 'mov sp, x0');
  each((n) => `ldr x${n}, [x28, #${AT.x + n * 8}]`);
  lines.push('ret', 'save:');
  each((n) => `str x${n}, [x28, #${AT.x + n * 8}]`);
  lines.push(
    'mrs x0, fpsr',
    `str w0, [x28, #${AT.fpsr}]`,
    'mrs x0, nzcv',
    'lsr x0, x0, #28',
    `str w0, [x28, #${AT.nzcv}]`,
    'mov x0, sp',
    `str x0, [x28, #${AT.sp}]`,
  );
  lines.push('msr fpcr, xzr');
  for (let n = 0; n < 32; n++) lines.push(`str q${n}, [x28, #${n * 16}]`);
  copy(false);
  lines.push('ret', 'go:');
  words.forEach((word, i) => {
    const at = RECORDS + i * RECORD;
    lines.push(`mov x28, #${at & 0xffff}`, `movk x28, #${at >>> 16}, lsl #16`, 'bl load', `.inst ${word}`, 'bl save');
  });
  lines.push(
    'mov x0, #1',
    `mov x1, #${RECORDS}`,
    `ldr x2, =${words.length * RECORD}`,
    'mov x8, #64',
    'svc #0',
    'mov x0, #0',
    'mov x8, #94',
    'svc #0',
    '.ltorg',
  );
  lines.push('.section .records, "aw"', '.incbin "records"', '.section .scratch, "aw"', '.space 8192');
  return `${lines.join('\n')}\n`;
}

testWith(['qemu-aarch64', 'aarch64-linux-gnu-gcc'], 'vector and floating-point rows compute what qemu-aarch64 computes', () => {
  const seed = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? Date.now() >>> 0);
  const perRow = Number(process.env['TRAPLINE_FUZZ_WORDS'] ?? 12);
  const only = process.env['TRAPLINE_FUZZ_ROW'];
  const next = generator(seed);
  const decoder = new Decoder(FP_SIMD_ROWS);
  const words: number[] = [];
  const names: string[] = [];
  for (const row of FP_SIMD_ROWS) {
    if (row.todo || row.unfuzzed !== undefined || (only !== undefined && !row.name.includes(only))) continue;
    for (let i = 0, tries = 0; i < perRow && tries < perRow * 60; tries++) {
      const word = ((next() & ~row.pattern.mask) | row.pattern.value) >>> 0;
      if ([0, 5, 10, 16].some((at) => RESERVED.includes((word >>> at) & 31))) continue;
      if (decoder.decode(word, 0n)?.row !== row) continue;
      words.push(word);
      names.push(row.name);
      i++;
    }
  }
  const input = new DataView(new ArrayBuffer(words.length * RECORD));
  words.forEach((word, i) => {
    const base = i * RECORD;
    const main = [32, 64, 32, 64, 16, 8][next() % 6]!;
    for (let n = 0; n < 32; n++) {
      const size = next() % 6 ? main : [8, 16, 32, 64][next() % 4]!;
      for (let bit = 0; bit < 128; bit += size) {
        const value = operand(next, size);
        for (let byte = 0; byte < size / 8; byte++)
          input.setUint8(base + n * 16 + bit / 8 + byte, Number((value >> BigInt(byte * 8)) & 255n));
      }
    }
    for (let n = 0; n < 31; n++) input.setBigUint64(base + AT.x + n * 8, RESERVED.includes(n) ? 0n : operand(next, 64), true);
    input.setBigUint64(base + AT.sp, BigInt(SCRATCH + 16), true);
    for (let k = 0; k < MEMORY_BYTES; k++) input.setUint8(base + AT.memory + k, next());
    const rn = (word >>> 5) & 31;
    if (names[i]!.startsWith('LD1') && rn !== 31) input.setBigUint64(base + AT.x + rn * 8, BigInt(SCRATCH + (next() % 32)), true);
    input.setUint32(base + AT.fpcr, next() % 3 ? 0 : next() & 0x7c00000, true);
    input.setUint32(base + AT.fpsr, [0, 0x10, 0x10, 0x0800009f][next() % 4]!, true);
    input.setUint32(base + AT.nzcv, next() & 15, true);
  });

  const dir = mkdtempSync(join(tmpdir(), 'fp-simd-'));
  let output: Buffer;
  try {
    writeFileSync(join(dir, 'records'), new Uint8Array(input.buffer));
    writeFileSync(join(dir, 'a.S'), source(words));
    const link = ['-Wl,--section-start=.records=0x30000000', '-Wl,--section-start=.scratch=0x20000000'];
    execFileSync('aarch64-linux-gnu-gcc', ['-nostdlib', '-static', ...link, '-o', 'a', 'a.S'], { cwd: dir });
    output = execFileSync('qemu-aarch64', ['-cpu', 'max', join(dir, 'a')], { maxBuffer: 1 << 30 });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  const expected = new DataView(output.buffer, output.byteOffset, output.length);
  expect(output.length).toBe(words.length * RECORD);

  const w = world();
  const { engine } = w;
  w.mapRange(0x400000, words.length * 4);
  w.mapRange(SCRATCH, 4096);
  w.pokeWords(0x400000, words);
  const regs = engine.regs(0);
  const wrong: string[] = [];
  words.forEach((word, i) => {
    const base = i * RECORD;
    const big = (v: DataView, at: number): bigint => v.getBigUint64(base + at, true);
    const vector = (v: DataView, n: number): bigint => big(v, n * 16) | (big(v, n * 16 + 8) << 64n);
    for (let n = 0; n < 32; n++) regs.setV(n, vector(input, n));
    for (let n = 0; n < 31; n++) regs.setX(n, big(input, AT.x + n * 8));
    regs.sp = big(input, AT.sp);
    regs.pc = BigInt(0x400000 + i * 4);
    regs.fpcr = input.getUint32(base + AT.fpcr, true);
    regs.fpsr = input.getUint32(base + AT.fpsr, true);
    regs.nzcv = input.getUint32(base + AT.nzcv, true);
    w.poke(SCRATCH, new Uint8Array(input.buffer, base + AT.memory, MEMORY_BYTES));
    const halt = engine.run(0, 1);
    const differ: string[] = [];
    const check = (name: string, ours: bigint | number, theirs: bigint | number): void => {
      if (ours !== theirs) differ.push(`${name} ${ours.toString(16)}, qemu ${theirs.toString(16)}`);
    };
    if (halt !== 'budget') differ.push(`halt ${halt}`);
    for (let n = 0; n < 32; n++) check(`v${n}`, regs.v(n), vector(expected, n));
    for (let n = 0; n < 31; n++) if (!RESERVED.includes(n)) check(`x${n}`, regs.x(n), big(expected, AT.x + n * 8));
    check('sp', regs.sp, big(expected, AT.sp));
    check('fpsr', regs.fpsr, expected.getUint32(base + AT.fpsr, true));
    check('nzcv', regs.nzcv, expected.getUint32(base + AT.nzcv, true));
    w.peek(SCRATCH, MEMORY_BYTES).forEach((byte, k) => check(`mem+${k}`, byte, expected.getUint8(base + AT.memory + k)));
    if (differ.length > 0) {
      const operands = [(word >>> 5) & 31, (word >>> 16) & 31, (word >>> 10) & 31, word & 31].map(
        (n) => `v${n} ${vector(input, n).toString(16)}`,
      );
      wrong.push(
        `${word.toString(16)} ${decoder.disassemble(word, 0n)} [${names[i]}]: ${differ.slice(0, 4).join('; ')} | fpcr ${input.getUint32(base + AT.fpcr, true).toString(16)} ` +
          `fpsr ${input.getUint32(base + AT.fpsr, true).toString(16)} ${operands.join(' ')}`,
      );
    }
  });
  expect(wrong.slice(0, 40), `${wrong.length} of ${words.length} differ; TRAPLINE_FUZZ_SEED=${seed}`).toEqual([]);
});
