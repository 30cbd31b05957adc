// The WebAssembly writer against the host's compiler: every instruction of the table validates with the signature the table gives.
import { expect, test } from 'vitest';
import { Bytes } from '../../../workers/wasm/bytes.ts';
import { FunctionBuilder } from '../../../workers/wasm/function.ts';
import { ModuleBuilder } from '../../../workers/wasm/module.ts';
import { OPCODES } from '../../../workers/wasm/opcodes.ts';

test('every instruction of the table validates', () => {
  const bad: string[] = [];
  for (const o of OPCODES.values()) {
    const m = new ModuleBuilder();
    m.importMemory('e', 'memory', 1);
    const f = new FunctionBuilder(o.params, o.result === undefined ? [] : [o.result]);
    o.params.forEach((_, i) => f.get(i));
    if (o.immediate === 'none') f.op(o.name);
    else if (o.immediate === 'memory') f.memory(o.name, 4);
    else if (o.immediate === 'memory lane') f.memory(o.name, 4, 1);
    else f.lanes(o.name, o.immediate === 'lane' ? [1] : new Uint8Array(16));
    m.add(f, 'f');
    if (!WebAssembly.validate(m.finish())) bad.push(o.name);
  }
  expect(bad).toEqual([]);
  expect(OPCODES.size).toBe(395);
});

test('numbers are encoded shortest and read back by the compiler', () => {
  for (const value of [0, 1, -1, 63, 64, -64, -65, 127, 128, 2 ** 31 - 1, -(2 ** 31)]) {
    const m = new ModuleBuilder();
    const f = new FunctionBuilder([], ['i32']);
    f.i32(value);
    m.add(f, 'f');
    expect((new WebAssembly.Instance(new WebAssembly.Module(m.finish())).exports['f'] as () => number)()).toBe(value);
  }
  for (const value of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 40n, -(2n ** 40n)]) {
    const m = new ModuleBuilder();
    const f = new FunctionBuilder([], ['i64']);
    f.i64(value);
    m.add(f, 'f');
    expect((new WebAssembly.Instance(new WebAssembly.Module(m.finish())).exports['f'] as () => bigint)()).toBe(value);
  }
  const b = new Bytes();
  b.u32(0xffffffff);
  expect([...b.view()]).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
});
