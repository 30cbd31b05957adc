// The exact lane operations against qemu-aarch64: each assembled instruction runs on thousands of operands, half of them special,
// under every rounding mode with and without flushing and default NaNs; result and FPSR must agree.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { laneCall, laneCode, type LaneRequest } from '../../workers/arch/aarch64/lane-call.ts';
import { operand } from '../support/fp-operands.ts';
import { generator } from '../support/prng.ts';
import { testWith } from '../support/tools.ts';

/** What the guest program reads and writes per operation: three operands and the result of 16 bytes, FPCR, FPSR, case number. */
const LANE_BLOCK_SIZE = 80;

type Case = readonly [asm: string, request: LaneRequest];

const CASES: Case[] = [];
/** {} in the template becomes the register letter of each scalar format. */
function scalar(template: string, request: Omit<LaneRequest, 'from'>, formats = 'sdh'): void {
  for (const letter of formats) {
    const from = letter === 's' ? 32 : letter === 'd' ? 64 : 16;
    CASES.push([template.replaceAll('{}', letter), { ...request, from }]);
  }
}
for (const op of ['fadd', 'fsub', 'fmul', 'fdiv', 'fmax', 'fmin', 'fmaxnm', 'fminnm', 'fmulx', 'frecps', 'frsqrts', 'fabd'] as const) {
  scalar(`${op} {}3, {}0, {}1`, { op });
}
scalar('fmadd {}3, {}0, {}1, {}2', { op: 'fma' });
for (const op of ['fcmeq', 'fcmge', 'fcmgt', 'facge', 'facgt'] as const) scalar(`${op} {}3, {}0, {}1`, { op });
for (const op of ['fsqrt', 'frecpe', 'frsqrte', 'frecpx'] as const) scalar(`${op} {}3, {}0`, { op });
['n', 'p', 'm', 'z', 'a'].forEach((letter, param) => scalar(`frint${letter} {}3, {}0`, { op: 'frint', param }));
scalar('frinti {}3, {}0', { op: 'frint', param: 7 });
scalar('frintx {}3, {}0', { op: 'frint', param: 15 });
const single = (asm: string, request: LaneRequest): void => void CASES.push([asm, request]);
for (const [from, letter] of [
  [32, 's'],
  [64, 'd'],
  [16, 'h'],
] as const) {
  ['n', 'p', 'm', 'z', 'a'].forEach((mode, n) => {
    for (const u of [0, 1]) {
      const param = (n << 8) | (u << 7);
      single(`fcvt${mode}${u ? 'u' : 's'} x1, ${letter}0\n fmov d3, x1`, { op: 'ftoint', from, to: 64, param });
      single(`fcvt${mode}${u ? 'u' : 's'} w1, ${letter}0\n fmov s3, w1`, { op: 'ftoint', from, to: 32, param });
    }
  });
  for (const fbits of [1, 17, 32]) {
    single(`fcvtzs x1, ${letter}0, #${fbits}\n fmov d3, x1`, { op: 'ftoint', from, to: 64, param: 0x300 | fbits });
    single(`fmov x1, d0\n ucvtf ${letter}3, x1, #${fbits}`, { op: 'inttof', from: 64, to: from, param: 128 | fbits });
  }
  for (const u of [0, 1]) {
    single(`fmov x1, d0\n ${u ? 'u' : 's'}cvtf ${letter}3, x1`, { op: 'inttof', from: 64, to: from, param: u << 7 });
    single(`fmov w1, s0\n ${u ? 'u' : 's'}cvtf ${letter}3, w1`, { op: 'inttof', from: 32, to: from, param: u << 7 });
  }
  for (const [to, other] of [
    [32, 's'],
    [64, 'd'],
    [16, 'h'],
  ] as const) {
    if (to !== from) single(`fcvt ${other}3, ${letter}0`, { op: 'fcvt', from, to });
  }
}
single('fcvtxn s3, d0', { op: 'fcvt', from: 64, to: 32, param: 1 });
const ARRANGED = [
  ['16b', 8, 16],
  ['8h', 16, 8],
  ['4s', 32, 4],
  ['2d', 64, 2],
] as const;
for (const [t, from, lanes] of ARRANGED) {
  const three = (op: string, request: Omit<LaneRequest, 'from' | 'lanes'>): void =>
    single(`mov v3.16b, v2.16b\n ${op} v3.${t}, v0.${t}, v1.${t}`, { ...request, from, lanes });
  (['sshl', 'ushl', 'srshl', 'urshl', 'sqshl', 'uqshl', 'sqrshl', 'uqrshl'] as const).forEach((op, param) =>
    three(op, { op: 'shl', param }),
  );
  (['sqadd', 'uqadd', 'sqsub', 'uqsub'] as const).forEach((op, param) => three(op, { op: 'addq', param }));
  if (from === 16 || from === 32) {
    three('sqdmulh', { op: 'sqdmulh' });
    three('sqrdmulh', { op: 'sqdmulh', param: 1 });
    three('sqrdmlah', { op: 'sqrdmlah' });
    three('sqrdmlsh', { op: 'sqrdmlah', param: 1 });
    const wide = from === 16 ? '4s' : '2d';
    const narrow = from === 16 ? '4h' : '2s';
    (['sqdmull', 'sqdmlal', 'sqdmlsl'] as const).forEach((op, param) =>
      single(`mov v3.16b, v2.16b\n ${op} v3.${wide}, v0.${narrow}, v1.${narrow}`, {
        op: 'sqdmull',
        from,
        to: (from * 2) as 32,
        lanes: lanes / 2,
        param,
      }),
    );
  }
  const two = (op: string, request: Omit<LaneRequest, 'from' | 'lanes'>): void =>
    single(`mov v3.16b, v2.16b\n ${op} v3.${t}, v0.${t}`, { ...request, from, lanes });
  two('sqabs', { op: 'sqabs' });
  two('sqneg', { op: 'sqneg' });
  two('suqadd', { op: 'suqadd' });
  two('usqadd', { op: 'suqadd', param: 1 });
  if (from === 32) {
    two('urecpe', { op: 'urecpe' });
    two('ursqrte', { op: 'ursqrte' });
  }
  const shift = from - 3;
  single(`sqshl v3.${t}, v0.${t}, #${shift}`, { op: 'shrq', from, lanes, param: 128 + shift });
  single(`uqshl v3.${t}, v0.${t}, #${shift}`, { op: 'shrq', from, lanes, param: 128 + 256 + 512 + shift });
  single(`sqshlu v3.${t}, v0.${t}, #${shift}`, { op: 'shrq', from, lanes, param: 128 + 512 + shift });
  if (from !== 8) {
    const to = (from / 2) as 32;
    const half = from === 16 ? '8b' : from === 32 ? '4h' : '2s';
    const n = from / 2 - 1;
    single(`sqshrn v3.${half}, v0.${t}, #${n}`, { op: 'shrq', from, to, lanes, param: 128 - n });
    single(`sqrshrn v3.${half}, v0.${t}, #${n}`, { op: 'shrq', from, to, lanes, param: 128 - n + 1024 });
    single(`uqrshrn v3.${half}, v0.${t}, #${n}`, { op: 'shrq', from, to, lanes, param: 128 - n + 1024 + 768 });
    single(`sqrshrun v3.${half}, v0.${t}, #${n}`, { op: 'shrq', from, to, lanes, param: 128 - n + 1024 + 512 });
    single(`sqxtn v3.${half}, v0.${t}`, { op: 'shrq', from, to, lanes, param: 128 });
  }
}
single('pmull v3.8h, v0.8b, v1.8b', { op: 'pmul', from: 8, to: 16, lanes: 8 });
single('pmul v3.16b, v0.16b, v1.16b', { op: 'pmul', from: 8, lanes: 16 });
for (const [t, from, lanes] of [
  ['4s', 32, 4],
  ['2d', 64, 2],
  ['2s', 32, 2],
] as const) {
  single(`fmul v3.${t}, v0.${t}, v1.${t}`, { op: 'fmul', from, lanes });
  single(`mov v3.16b, v2.16b\n fmla v3.${t}, v0.${t}, v1.${t}`, { op: 'fma', from, lanes });
  single(`fcvtzs v3.${t}, v0.${t}`, { op: 'ftoint', from, lanes, param: 0x300 });
}

const source = (): string => `
    .arch armv8.5-a+fp16+simd
    .text
    .globl _start
_start:
    sub sp, sp, #128
1:  mov x0, #0
    mov x1, sp
    mov x2, #${LANE_BLOCK_SIZE}
    mov x8, #63
    svc #0
    cbz x0, 2f
    ldr w1, [sp, #72]
    adr x2, table
    add x2, x2, x1, lsl #6
    ldr q0, [sp]
    ldr q1, [sp, #16]
    ldr q2, [sp, #32]
    movi v3.16b, #0
    ldr w1, [sp, #64]
    msr fpcr, x1
    msr fpsr, xzr
    blr x2
    mrs x2, fpsr
    str q3, [sp, #48]
    str w2, [sp, #68]
    mov x0, #1
    mov x1, sp
    mov x2, #${LANE_BLOCK_SIZE}
    mov x8, #64
    svc #0
    b 1b
2:  mov x8, #94
    svc #0
    .balign 64
table:
${CASES.map(([asm]) => `    .balign 64\n ${asm}\n    ret`).join('\n')}
`;

testWith(['qemu-aarch64', 'aarch64-linux-gnu-gcc'], 'every lane operation gives the result and the flags qemu-aarch64 gives', () => {
  const seed = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? Date.now() >>> 0);
  const perCase = Number(process.env['TRAPLINE_FUZZ_WORDS'] ?? 150);
  const next = generator(seed);
  const dir = mkdtempSync(join(tmpdir(), 'lane-ops-'));
  try {
    writeFileSync(join(dir, 'a.S'), source());
    execFileSync('aarch64-linux-gnu-gcc', ['-nostdlib', '-static', '-o', join(dir, 'a'), join(dir, 'a.S')]);
    const count = CASES.length * perCase;
    const input = new DataView(new ArrayBuffer(count * LANE_BLOCK_SIZE));
    for (let i = 0; i < count; i++) {
      const [, request] = CASES[Math.floor(i / perCase)]!;
      const at = i * LANE_BLOCK_SIZE;
      for (const [base, size] of [
        [0, request.from],
        [16, request.from],
        [32, request.to ?? request.from],
      ] as const) {
        for (let bit = 0; bit < 128; bit += size) {
          const value = operand(next, size);
          for (let byte = 0; byte < size / 8; byte++)
            input.setUint8(at + base + bit / 8 + byte, Number((value >> BigInt(byte * 8)) & 255n));
        }
      }
      const mode = i % perCase < perCase / 3 ? 0 : next();
      input.setUint32(at + 64, ((mode & 3) << 22) | (mode & 0x7080000 & (mode & 8 ? -1 : 0)), true);
      input.setUint32(at + 72, Math.floor(i / perCase), true);
    }
    const output = execFileSync('qemu-aarch64', ['-cpu', 'max', join(dir, 'a')], {
      input: new Uint8Array(input.buffer),
      maxBuffer: count * LANE_BLOCK_SIZE + 1,
    });
    expect(output.length).toBe(count * LANE_BLOCK_SIZE);
    const expected = new DataView(output.buffer, output.byteOffset, output.length);
    const hex = (view: DataView, at: number): string =>
      `${view
        .getBigUint64(at + 8, true)
        .toString(16)
        .padStart(16, '0')}_${view.getBigUint64(at, true).toString(16).padStart(16, '0')}`;
    const wrong: string[] = [];
    for (let i = 0; i < count; i++) {
      const [asm, request] = CASES[Math.floor(i / perCase)]!;
      const at = i * LANE_BLOCK_SIZE;
      const half = (offset: number): bigint => input.getBigInt64(at + offset, true);
      const ours = laneCall(laneCode(request), input.getUint32(at + 64, true), half(0), half(8), half(16), half(24), half(32), half(40));
      input.setBigUint64(at + 48, ours.lo, true);
      input.setBigUint64(at + 56, ours.hi, true);
      input.setUint32(at + 68, ours.flags, true);
      const same = hex(input, at + 48) === hex(expected, at + 48) && ours.flags === expected.getUint32(at + 68, true);
      if (!same) {
        wrong.push(
          `${asm.replaceAll('\n', ';')} fpcr ${input.getUint32(at + 64, true).toString(16)} a ${hex(input, at)} b ${hex(input, at + 16)} c ${hex(input, at + 32)}: ` +
            `${hex(input, at + 48)} flags ${input.getUint32(at + 68, true).toString(16)}, qemu ${hex(expected, at + 48)} flags ${expected.getUint32(at + 68, true).toString(16)}`,
        );
      }
    }
    expect(wrong.slice(0, 20), `${wrong.length} of ${count} differ; run alone with TRAPLINE_FUZZ_SEED=${seed}`).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
