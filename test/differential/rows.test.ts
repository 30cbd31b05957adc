// Every instruction row against qemu-aarch64 on generated operands: one program executes thousands of single instructions, each from a
// generated state, and dumps what became of it; the engine executes the same words from the same states. A new row is tested with no
// code here. TRAPLINE_FUZZ_SEED repeats a run, TRAPLINE_FUZZ_WORDS sets encodings per row, TRAPLINE_FUZZ_ROW picks rows by name.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { AARCH64, AARCH64_STATE } from '../../workers/arch/aarch64/index.ts';
import type { Effect } from '../../workers/rows/builder.ts';
import { Decoder } from '../../workers/rows/decoder.ts';
import { type Row, fieldsOf } from '../../workers/rows/row.ts';
import { loadElf, world } from '../support/engine-world.ts';
import { generator } from '../support/prng.ts';
import { testWith } from '../support/tools.ts';

const CODE = 0x1000_0000;
const INPUT = 0x2000_0000;
const OUTPUT = 0x3000_0000;
const SCRATCH = 0x4000_0000;
const SCRATCH_BYTES = 1024;
const STATE_BYTES = 1024;
const NOP = 0xd503201f;
/** add x0, x0, #1: what a branch skips when taken. */
const SKIPPED = 0x91000400;
/** Byte offsets in a state: x[31], sp, nzcv, fpcr, fpsr, signal, v[32]. */
const SP = 248;
const NZCV = 264;
const FPCR = 268;
const FPSR = 272;
const SIGNAL = 276;
const VECTORS = 288;

interface Case {
  readonly row: Row;
  /** What it needs first, the instruction, what follows. */
  readonly words: readonly [number, number, number];
  readonly memory: boolean;
  readonly input: DataView;
}

const hasProbe = (effects: readonly Effect[]): boolean =>
  effects.some((e) => e.k === 'probe' || (e.k === 'cond' && (hasProbe(e.then) || hasProbe(e.else))));

/** One instruction a line, so that a line's index is its address. */
function caseLines(i: number, c: Case): { lines: string[]; at: number } {
  const address = (reg: string, value: number): string[] => [`movz ${reg}, #${value & 0xffff}`, `movk ${reg}, #${value >>> 16}, lsl #16`];
  const lines = [...address('x0', INPUT + i * STATE_BYTES)];
  for (const [offset, name] of [
    [NZCV, 'nzcv'],
    [FPCR, 'fpcr'],
    [FPSR, 'fpsr'],
  ] as const)
    lines.push(`ldr w1, [x0, #${offset}]`, `msr ${name}, x1`);
  for (let v = 0; v < 32; v += 2) lines.push(`ldp q${v}, q${v + 1}, [x0, #${VECTORS + v * 16}]`);
  lines.push(`ldr x1, [x0, #${SP}]`, 'mov sp, x1');
  for (let x = 1; x < 31; x += 2) lines.push(`ldp x${x}, x${x + 1}, [x0, #${x * 8}]`);
  lines.push('ldr x0, [x0]');
  const at = lines.length * 4;
  for (const w of c.words) lines.push(`.inst ${w >>> 0}`);
  lines.push('msr tpidr_el0, x0', ...address('x0', OUTPUT + i * STATE_BYTES));
  for (let x = 1; x < 31; x += 2) lines.push(`stp x${x}, x${x + 1}, [x0, #${x * 8}]`);
  lines.push('mrs x1, tpidr_el0', 'str x1, [x0]', 'mov x1, sp', `str x1, [x0, #${SP}]`, 'mrs x1, nzcv', `str w1, [x0, #${NZCV}]`);
  lines.push('mrs x1, fpcr', `str w1, [x0, #${FPCR}]`, 'mrs x1, fpsr', `str w1, [x0, #${FPSR}]`);
  for (let v = 0; v < 32; v += 2) lines.push(`stp q${v}, q${v + 1}, [x0, #${VECTORS + v * 16}]`);
  lines.push(...address('x2', SCRATCH + 8192), 'ldr w3, [x2]', `str w3, [x0, #${SIGNAL}]`, 'str wzr, [x2]');
  lines.push(c.memory ? 'bl scratch' : 'nop');
  return { lines, at };
}

/** The code of the first case begins here, and all are of one length. */
const FIRST = CODE + 4096;
const EMPTY: Case = { row: AARCH64.rows[0]!, words: [NOP, NOP, NOP], memory: false, input: new DataView(new ArrayBuffer(0)) };
const CASE_BYTES = caseLines(0, EMPTY).lines.length * 4;
/** Address of the first of the three words of case i. */
const WORD_OFFSET = caseLines(0, EMPTY).at;
const wordAt = (i: number): number => FIRST + i * CASE_BYTES + WORD_OFFSET;

function program(cases: readonly Case[]): string {
  const out = [
    '.text',
    '.global _start',
    '_start:',
    'ldr x0, =altstack',
    'mov x1, 0',
    'mov x8, 132',
    'svc 0',
    ...[4, 7, 11, 5].flatMap((signal) => [`mov x0, ${signal}`, 'ldr x1, =action', 'mov x2, 0', 'mov x3, 8', 'mov x8, 134', 'svc 0']),
    'b first',
    'handler: ldr x1, [x2, #440]',
    'add x1, x1, #4',
    'str x1, [x2, #440]',
    `movz x3, #${8192}`,
    `movk x3, #${SCRATCH >>> 16}, lsl #16`,
    'str w0, [x3]',
    'ret',
    // Appends the scratch bytes to the output of memory cases and restores them.
    `scratch: movz x1, #${SCRATCH >>> 16}, lsl #16`,
    'ldr x2, =pattern',
    'ldr x4, =memout',
    'ldr x5, [x4]',
    `mov x6, #${SCRATCH_BYTES}`,
    '1: ldr x7, [x1]',
    'str x7, [x5], #8',
    'ldr x7, [x2], #8',
    'str x7, [x1], #8',
    'subs x6, x6, #8',
    'b.ne 1b',
    'str x5, [x4]',
    'ret',
    '.ltorg',
    '.balign 4096',
    'first:',
  ];
  cases.forEach((c, i) => out.push(...caseLines(i, c).lines));
  const memoryCases = cases.filter((c) => c.memory).length;
  for (const [address, length] of [
    [OUTPUT, cases.length * STATE_BYTES],
    [0x5000_0000, memoryCases * SCRATCH_BYTES],
  ] as const) {
    // write(1, address, length), in full.
    out.push(
      `ldr x1, =${address}`,
      `ldr x2, =${length}`,
      '9: mov x0, 1',
      'mov x8, 64',
      'svc 0',
      'add x1, x1, x0',
      'subs x2, x2, x0',
      'b.gt 9b',
    );
  }
  out.push('mov x0, 0', 'mov x8, 93', 'svc 0', '.ltorg');
  out.push('.section .input, "aw"', '.incbin "input"', '.section .output, "aw", %nobits', `.space ${cases.length * STATE_BYTES}`);
  out.push(
    '.section .scratch, "aw"',
    '.incbin "pattern"',
    '.space 65536',
    '.section .memory, "aw", %nobits',
    `.space ${memoryCases * SCRATCH_BYTES + 8}`,
  );
  out.push('.data', 'pattern: .incbin "pattern"', 'action: .quad handler, 0x48000004, 0, 0', 'altstack: .quad stack, 0, 65536');
  out.push('memout: .quad 0x50000000', '.bss', '.balign 16', 'stack: .space 65536');
  return `${out.join('\n')}\n`;
}

/** Values that break things, among random ones. */
function interesting(next: () => number): bigint {
  const bits = (BigInt(next()) << 32n) | BigInt(next());
  switch (next() % 10) {
    case 0:
      return [0n, 1n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 31n, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 32n][next() % 9]!;
    case 1:
      return bits & 0xffn;
    case 2:
      return BigInt.asUintN(64, BigInt.asIntN(8, bits));
    case 3:
      return bits & 0xffffffffn;
    case 4:
      return BigInt.asUintN(64, BigInt.asIntN(32, bits));
    case 5:
      return 1n << (bits & 63n);
    default:
      return bits;
  }
}

/** Lanes that floating point finds hard: zeros, denormals, halves, infinities, NaNs. */
function vector(next: () => number): bigint {
  const kind = next() % 4;
  let out = 0n;
  if (kind === 0) return (interesting(next) << 64n) | interesting(next);
  for (let i = 0; i < 4; i++) {
    const single = [
      0, 0x80000000, 1, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fa00001, 0x3f800000, 0xbf000000, 0x4b000001, 0x7f7fffff, 0x00800000,
      0x4f000000, 0x5f000000,
    ];
    out = (out << 32n) | BigInt(kind === 1 ? single[next() % single.length]! : kind === 2 ? 0x3e000000 + (next() % 0x4000000) : next());
  }
  if (kind === 3) {
    const double = [
      0n,
      1n << 63n,
      1n,
      0x7ff0n << 48n,
      0xfff0n << 48n,
      0x7ff8n << 48n,
      (0x7ff4n << 48n) | 1n,
      0x3ffn << 52n,
      0xbfe8n << 48n,
      0x43e0n << 48n,
      0x41efffffffe00001n,
    ];
    out = (double[next() % double.length]! << 64n) | double[next() % double.length]!;
  }
  return out;
}

function inputState(next: () => number): DataView {
  const view = new DataView(new ArrayBuffer(STATE_BYTES));
  for (let x = 0; x < 31; x++) view.setBigUint64(x * 8, interesting(next), true);
  view.setBigUint64(SP, BigInt(SCRATCH + 512), true);
  view.setUint32(NZCV, next() & 0xf0000000, true);
  view.setUint32(FPCR, next() % 4 === 0 ? (next() & 0xc00000) | (next() % 3 === 0 ? next() & 0x3000000 : 0) : 0, true);
  for (let v = 0; v < 32; v++) {
    const value = vector(next);
    view.setBigUint64(VECTORS + v * 16, BigInt.asUintN(64, value), true);
    view.setBigUint64(VECTORS + v * 16 + 8, value >> 64n, true);
  }
  return view;
}

/** Builds the program and runs it under QEMU; its output is every state and then the scratch bytes of memory cases. */
function runThere(dir: string, cases: readonly Case[], pattern: Uint8Array, cpu: string): Buffer {
  const inputs = new Uint8Array(cases.length * STATE_BYTES);
  cases.forEach((c, i) => inputs.set(new Uint8Array(c.input.buffer), i * STATE_BYTES));
  writeFileSync(join(dir, 'input'), inputs);
  writeFileSync(join(dir, 'pattern'), pattern);
  writeFileSync(join(dir, 'a.s'), program(cases));
  execFileSync('aarch64-linux-gnu-as', ['-march=armv8.5-a', '-o', 'a.o', 'a.s'], { cwd: dir });
  const sections = [
    ['.text', CODE],
    ['.input', INPUT],
    ['.output', OUTPUT],
    ['.scratch', SCRATCH],
    ['.memory', 0x5000_0000],
    ['.data', 0x6000_0000],
    ['.bss', 0x6100_0000],
  ] as const;
  const starts = sections.map(([name, at]) => `--section-start=${name}=${at.toString(16)}`);
  execFileSync('aarch64-linux-gnu-ld', ['-static', ...starts, '-o', 'a', 'a.o'], { cwd: dir });
  const result = execFileSync('qemu-aarch64', ['-cpu', cpu, 'a'], { cwd: dir, maxBuffer: 1 << 30, timeout: 60_000 });
  const memoryOut = cases.length * STATE_BYTES;
  expect(result.length).toBe(memoryOut + cases.filter((c) => c.memory).length * SCRATCH_BYTES);
  return result;
}

const seed = Number(process.env['TRAPLINE_FUZZ_SEED'] ?? Date.now() >>> 0) >>> 0;
const perRow = Number(process.env['TRAPLINE_FUZZ_WORDS'] ?? 12);
const only = process.env['TRAPLINE_FUZZ_ROW'];

testWith(['aarch64-linux-gnu-gcc', 'qemu-aarch64'], 'every row does what qemu-aarch64 does', () => {
  const next = generator(seed);
  const decoder = new Decoder(AARCH64.rows);
  const w = world({ ramPages: 32768, codePages: 512 });
  const pattern = Uint8Array.from({ length: SCRATCH_BYTES }, () => next() & 255);
  const dir = mkdtempSync(join(tmpdir(), 'rows-'));
  try {
    // Each pair of word and state; memory operands are moved until the access lands in the scratch bytes.
    const cases: Case[] = [];
    w.mapRange(SCRATCH, SCRATCH_BYTES);
    w.mapRange(CODE - 4096, 8192);
    const regs = w.engine.regs(0);
    const enter = (input: DataView): void => {
      for (let x = 0; x < 31; x++) regs.setX(x, input.getBigUint64(x * 8, true));
      regs.sp = input.getBigUint64(SP, true);
      regs.nzcv = input.getUint32(NZCV, true) >>> 28;
      regs.fpcr = input.getUint32(FPCR, true);
      regs.fpsr = 0;
      for (let v = 0; v < 32; v++)
        regs.setV(v, input.getBigUint64(VECTORS + v * 16, true) | (input.getBigUint64(VECTORS + v * 16 + 8, true) << 64n));
      regs.clearExclusive();
    };
    for (const row of AARCH64.rows) {
      if (row.todo || row.unfuzzed !== undefined || (only !== undefined && !row.name.includes(only))) continue;
      for (let i = 0; i < perRow; i++) {
        let word = ((next() & ~row.pattern.mask) | row.pattern.value) >>> 0;
        if (row.ends) {
          // Branches go over the next instruction.
          const distance = row.pattern.fields.find((f) => /^imm(14|19|26)$/.test(f.name));
          if (distance !== undefined) word = ((word & ~((2 ** distance.width - 1) << distance.lsb)) | (2 << distance.lsb)) >>> 0;
        }
        // Literals are the code that follows.
        if (row.name === 'LDR (literal)') word = ((word & ~0xffffe0) | ((next() & 15) << 5)) >>> 0;
        const decoded = decoder.decode(word, BigInt(CODE));
        if (decoded === null || decoded.row !== row) continue;
        const handler = w.engine.handlerOf(word, BigInt(CODE));
        const memory = handler !== undefined && hasProbe(handler.effects) && row.name !== 'LDR (literal)';
        const input = inputState(next);
        let first = NOP;
        const n = fieldsOf(row.pattern, word)['Rn'];
        if (row.ends && n === 31) continue;
        if (row.ends && n !== undefined) input.setBigUint64(n * 8, BigInt(wordAt(cases.length) + 12), true);
        if (memory) {
          const f = fieldsOf(row.pattern, word) as Record<string, number>;
          const n = f['Rn'] ?? f['rn'] ?? (f['Rt'] === 31 ? undefined : f['Rt']);
          const m = f['Rm'] ?? f['rm'];
          if (n === undefined) continue;
          const set = (r: number, value: bigint): void => input.setBigUint64(r * 8, BigInt.asUintN(64, value), true);
          if (m !== undefined && m !== 31 && m !== n) set(m, BigInt(next() % 33));
          // QEMU does not check the alignment of LDAPR.
          const base = SCRATCH + 512 + (next() % 5 === 0 && row.name !== 'LDAPR' ? next() % 64 : (next() % 8) * 16);
          if (n < 31) set(n, BigInt(base));
          // What a store-exclusive needs first.
          if (/^STX|^STLX/.test(row.name) && next() % 4 !== 0)
            first = (word | 0x0040_0000 | (31 << 16)) & ~(row.name.startsWith('STXP') ? 0x1f | (31 << 10) : 31);
          if (/^STXP/.test(row.name) && first !== NOP) first = ((first & ~0x7fff) | (31 << 10) | (n << 5) | 29) >>> 0;
          else if (first !== NOP) first = (first | 31) >>> 0;
          enter(input);
          w.pokeWords(CODE, [word]);
          w.engine.dropCode(w.map.get(CODE / 4096)!.pfn);
          regs.pc = BigInt(CODE);
          if (w.engine.step(0) === 'fault' && w.engine.halt.fault === 'translation' && n < 31) {
            const address = (BigInt(w.engine.halt.addressHi >>> 0) << 32n) | BigInt(w.engine.halt.addressLo >>> 0);
            set(n, BigInt(base) + BigInt(base) - address);
          }
        }
        cases.push({ row, words: [first, word, row.ends ? SKIPPED : NOP], memory, input });
      }
    }
    const result = runThere(dir, cases, pattern, 'neoverse-n1');
    const memoryOut = cases.length * STATE_BYTES;

    // A world of its own: exactly what the program maps near the cases.
    const v = world({ ramPages: 32768, codePages: 512 });
    const elf = readFileSync(join(dir, 'a'));
    loadElf(v, elf);
    const r = v.engine.regs(0);
    const expected = new DataView(result.buffer, result.byteOffset, result.length);
    const wrong: string[] = [];
    let memoryIndex = 0;
    cases.forEach((c, i) => {
      for (let x = 0; x < 31; x++) r.setX(x, c.input.getBigUint64(x * 8, true));
      r.sp = c.input.getBigUint64(SP, true);
      r.nzcv = c.input.getUint32(NZCV, true) >>> 28;
      r.fpcr = c.input.getUint32(FPCR, true);
      r.fpsr = 0;
      for (let n = 0; n < 32; n++)
        r.setV(n, c.input.getBigUint64(VECTORS + n * 16, true) | (c.input.getBigUint64(VECTORS + n * 16 + 8, true) << 64n));
      r.clearExclusive();
      if (c.memory) v.poke(SCRATCH, pattern);
      let signal = 0;
      for (const at of [wordAt(i), wordAt(i) + 4, wordAt(i) + 8]) {
        if (at === wordAt(i) + 8 && Number(r.pc) !== at && signal === 0) break;
        r.pc = BigInt(at);
        const kind = v.engine.step(0);
        if (kind === 'undefined') signal = 4;
        else if (kind === 'brk') signal = 5;
        else if (kind === 'fault') signal = v.engine.halt.fault === 'alignment' ? 7 : 11;
      }
      const end = Number(r.pc) - wordAt(i);
      const differ: string[] = end === 12 || signal !== 0 ? [] : [`pc ${end} of 12`];
      const check = (name: string, mine: bigint, theirs: bigint): void => {
        if (mine !== theirs) differ.push(`${name} ${mine.toString(16)} qemu ${theirs.toString(16)}`);
      };
      const base = i * STATE_BYTES;
      for (let x = 0; x < 31; x++) check(`x${x}`, r.x(x), expected.getBigUint64(base + x * 8, true));
      check('xzr', new DataView(v.memory.buffer).getBigUint64(v.cpuBase + AARCH64_STATE.fields.zero.offset, true), 0n);
      check('sp', r.sp, expected.getBigUint64(base + SP, true));
      check('nzcv', BigInt(r.nzcv), BigInt(expected.getUint32(base + NZCV, true) >>> 28));
      check('fpcr', BigInt(r.fpcr), BigInt(expected.getUint32(base + FPCR, true)));
      check('fpsr', BigInt(r.fpsr), BigInt(expected.getUint32(base + FPSR, true)));
      check('signal', BigInt(signal), BigInt(expected.getUint32(base + SIGNAL, true)));
      for (let n = 0; n < 32; n++)
        check(
          `v${n}`,
          r.v(n),
          expected.getBigUint64(base + VECTORS + n * 16, true) | (expected.getBigUint64(base + VECTORS + n * 16 + 8, true) << 64n),
        );
      if (c.memory) {
        const theirs = result.subarray(memoryOut + memoryIndex * SCRATCH_BYTES, memoryOut + ++memoryIndex * SCRATCH_BYTES);
        const mine = v.peek(SCRATCH, SCRATCH_BYTES);
        const at = mine.findIndex((byte, k) => byte !== theirs[k]);
        if (at >= 0) differ.push(`memory[${at}] ${mine[at]!.toString(16)} qemu ${theirs[at]!.toString(16)}`);
      }
      if (differ.length > 0) {
        const word = c.words[1];
        wrong.push(
          `${c.row.name}: ${word.toString(16)} ${decoder.disassemble(word, BigInt(wordAt(i) + 4))} fpcr ${c.input.getUint32(FPCR, true).toString(16)}: ${differ.slice(0, 4).join('; ')}`,
        );
      }
    });
    console.log(`rows: ${cases.length} instructions, seed ${seed}`);
    expect(wrong.slice(0, 40), `${wrong.length} of ${cases.length} differ; TRAPLINE_FUZZ_SEED=${seed}`).toEqual([]);
  } finally {
    if (process.env['TRAPLINE_FUZZ_KEEP'] === undefined) rmSync(dir, { recursive: true, force: true });
  }
});

testWith(['aarch64-linux-gnu-gcc', 'qemu-aarch64'], 'what is undefined here is undefined in QEMU', () => {
  const next = generator(seed ^ 0x5555);
  const decoder = new Decoder(AARCH64.rows);
  const todo = AARCH64.rows.filter((row) => row.todo);
  const cases: Case[] = [];
  while (cases.length < perRow * 100) {
    // Half are rows' encodings with one bit turned: the neighbourhood of what is defined.
    const row = AARCH64.rows[next() % AARCH64.rows.length]!;
    const near = (((next() & ~row.pattern.mask) | row.pattern.value) ^ (1 << (next() & 31))) >>> 0;
    const word = next() & 1 ? near : next() >>> 0;
    if (word >>> 24 === 0xd4 || ((word >>> 25) & 15) === 2 || decoder.decode(word, 0n) !== null) continue;
    if (todo.some(({ pattern }) => ((word & pattern.mask) ^ pattern.value) === 0)) continue;
    const input = inputState(next);
    for (let x = 0; x < 31; x++) input.setBigUint64(x * 8, BigInt(SCRATCH + 512), true);
    cases.push({ row, words: [NOP, word, NOP], memory: false, input });
  }
  const dir = mkdtempSync(join(tmpdir(), 'rows-'));
  try {
    // A v8.0 CPU: everything it has is announced here too, so what it executes must execute here.
    const result = runThere(dir, cases, new Uint8Array(SCRATCH_BYTES), 'cortex-a72');
    const wrong = cases.flatMap((c, i) =>
      result.readUInt32LE(i * STATE_BYTES + SIGNAL) === 4 ? [] : [c.words[1].toString(16).padStart(8, '0')],
    );
    expect(wrong.slice(0, 40), `${wrong.length} of ${cases.length}; TRAPLINE_FUZZ_SEED=${seed}`).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
