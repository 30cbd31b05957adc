// What arm64 makes of a request: the vectors of the facts, and every refusal.
import { expect, test } from 'vitest';
import { encode_ctrl_reg, hw_breakpoint_arch_parse } from '../../../../workers/kernel/arch/arm64/hw-breakpoint-parse.ts';

const R = 1;
const W = 2;
const RW = 3;
const X = 4;
const parse = (bp_type: number, bp_addr: bigint, bp_len: bigint, task = 1, compat = false) =>
  hw_breakpoint_arch_parse({ bp_type, bp_addr, bp_len, task, compat });
const registers = (bp_type: number, bp_addr: bigint, bp_len: bigint, task = 1): readonly [bigint, number] | number => {
  const info = parse(bp_type, bp_addr, bp_len, task);
  return typeof info === 'number' ? info : [BigInt.asUintN(64, BigInt(info.address)), encode_ctrl_reg(info, true)];
};

test.each([
  ['RW 4 bytes at an odd address', RW, 0x1003n, 4n, 1, 0x1000n, 0xf1d],
  ['RW 4 bytes over the end of a doubleword watch two', RW, 0x1006n, 4n, 1, 0x1000n, 0x181d],
  ['W of a doubleword', W, 0x1000n, 8n, 1, 0x1000n, 0x1ff5],
  ['X of any length is four bytes', X, 0x4000n, 1n, 1, 0x4000n, 0x1e5],
  ['X of length 8 as well', X, 0x4000n, 8n, 1, 0x4000n, 0x1e5],
  ['X in the kernel, bound to a CPU', X, 0xffff80008004b980n, 4n, 0, 0xffff80008004b980n, 0x1e3],
  ['R alone is legal', R, 0x2000n, 1n, 1, 0x2000n, 0x2d],
])('%s', (_name, type, address, length, task, value, control) => {
  expect(registers(type, address, length, task)).toEqual([value, control]);
});

test.each([
  ['type EMPTY', 0, 0x1000n, 4n, 1],
  ['type R|X', 5, 0x1000n, 4n, 1],
  ['type W|X', 6, 0x1000n, 4n, 1],
  ['length 0', W, 0x1000n, 0n, 1],
  ['length 9', W, 0x1000n, 9n, 1],
  ['a kernel address for a task', W, 0xffff800080000000n, 8n, 1],
])('%s is -EINVAL', (_name, type, address, length, task) => {
  expect(parse(type, address, length, task)).toBe(-22);
});

test('a 32-bit task may have two bytes at offset 1 but not at offset 3', () => {
  expect(parse(W, 0x1001n, 2n, 1, true)).toMatchObject({ address: 0x1000, mask: 6 });
  expect(parse(W, 0x1003n, 2n, 1, true)).toBe(-22);
  expect(parse(X, 0x1000n, 8n, 1, true)).toBe(-22);
});
