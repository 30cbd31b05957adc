// Builds the interpreter's module: the loop with the hot handlers as arms of a br_table, and the handlers that are not rows.
import type { Helper } from '../rows/builder.ts';
import type { StateField } from '../rows/state-layout.ts';
import { FunctionBuilder } from '../wasm/function.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import * as block from './cpu-block.ts';
import type { Handler } from './handlers.ts';
import { CPU_LOCAL, type Frame, IP_LOCAL, InterpreterLowering, LEFT_LOCAL, emitJump } from './interpreter-lowering.ts';
import { HANDLER_PARAMS, HANDLER_RESULTS, functionFrame, importRuntime } from './runtime.ts';

/** Imports 'e' {memory, slow, decode, table}, 'h' helpers. Exports 'interpret' and the special handlers by number. */
export function buildInterpreter(hot: readonly Handler[], helpers: Iterable<Helper>, pc: StateField): Uint8Array<ArrayBuffer> {
  const m = new ModuleBuilder();
  const runtime = importRuntime(m, helpers);
  const decode = m.importFunction('e', 'decode', HANDLER_PARAMS, HANDLER_RESULTS);
  m.importTable('e', 'table', block.FIRST_ROW_HANDLER);
  const type = m.type(HANDLER_PARAMS, HANDLER_RESULTS);

  const special = (number: number, body: (f: FunctionBuilder, frame: Frame) => void): void => {
    const f = new FunctionBuilder(HANDLER_PARAMS, HANDLER_RESULTS);
    body(f, functionFrame(f, runtime, pc));
    f.unreachable();
    m.add(f, String(number));
  };
  const leaveFor = (reason: 'stop' | 'undefined') => (f: FunctionBuilder, frame: Frame) => {
    f.get(CPU_LOCAL);
    f.i32(block.reasonCode(reason));
    f.memory('i32.store', block.REASON);
    frame.leave(block.LEAVE_BEFORE);
  };
  special(block.HANDLER_DECODE, (f) => {
    for (const local of [CPU_LOCAL, IP_LOCAL, LEFT_LOCAL]) f.get(local);
    f.call(decode);
    f.ret();
  });
  special(block.HANDLER_STOP, leaveFor('stop'));
  special(block.HANDLER_UNDEFINED, leaveFor('undefined'));
  // Its entry holds the address of the next page at 8.
  special(block.HANDLER_NEXT_PAGE, (f, frame) => {
    f.get(IP_LOCAL);
    f.memory('i64.load', 8);
    emitJump(f, frame, block.LEAVE_PAGE, block.UNCOUNTED);
  });

  const f = new FunctionBuilder(HANDLER_PARAMS, HANDLER_RESULTS);
  const code = f.local('i32');
  const handler = f.local('i32');
  const left = f.block(); // a region left for good
  const exit = f.block();
  const loop = f.loop();
  const frame: Frame = {
    ...runtime,
    pc,
    go: () => {
      f.set(IP_LOCAL);
      f.br(loop);
    },
    next: () => {
      f.get(IP_LOCAL);
      f.i32(block.ENTRY_SIZE);
      f.op('i32.add');
      f.set(IP_LOCAL);
      f.br(loop);
    },
    leave: (value) => {
      f.i32(value);
      f.set(code);
      f.br(exit);
    },
  };
  f.get(LEFT_LOCAL);
  f.op('i32.eqz');
  f.if();
  frame.leave(block.LEAVE_BUDGET);
  f.end();
  f.get(LEFT_LOCAL);
  f.i32(1);
  f.op('i32.sub');
  f.set(LEFT_LOCAL);
  f.get(IP_LOCAL);
  f.memory('i32.load16_u', 0);
  f.set(handler);
  const again = f.loop();
  const cold = f.block();
  const arms = hot.map(() => f.block()).reverse();
  f.get(handler);
  f.brTable([...Array.from({ length: block.FIRST_ROW_HANDLER }, () => cold), ...arms], cold);
  for (const h of hot) {
    f.end();
    new InterpreterLowering(f, frame).lower(h.effects);
  }
  f.end();
  for (const local of [CPU_LOCAL, IP_LOCAL, LEFT_LOCAL, handler]) f.get(local);
  f.callIndirect(type);
  f.tee(code);
  f.i32(block.FIRST_ENTRY);
  f.op('i32.lt_u');
  f.if();
  f.get(code);
  f.i32(block.REGION_LEFT);
  f.op('i32.ge_u');
  f.brIf(left);
  f.br(exit);
  f.end();
  f.get(code);
  f.i32(-block.FIRST_ENTRY);
  f.op('i32.and');
  f.set(IP_LOCAL);
  f.get(code);
  f.i32(block.REGION_WENT_ON | block.REGION_NO_BUDGET);
  f.op('i32.and');
  f.if();
  f.get(CPU_LOCAL);
  f.memory('i32.load', block.LEFT);
  f.set(LEFT_LOCAL);
  f.get(code);
  f.i32(block.REGION_WENT_ON);
  f.op('i32.and');
  f.brIf(loop);
  // The tail of a budget: the entry's own handler, which is beside it when a region has taken its place.
  f.get(LEFT_LOCAL);
  f.op('i32.eqz');
  f.if();
  frame.leave(block.LEAVE_BUDGET);
  f.end();
  f.get(LEFT_LOCAL);
  f.i32(1);
  f.op('i32.sub');
  f.set(LEFT_LOCAL);
  f.get(IP_LOCAL);
  f.memory('i32.load16_u', 0);
  f.tee(handler);
  f.i32(block.FIRST_REGION);
  f.op('i32.ge_u');
  f.if();
  f.get(IP_LOCAL);
  f.memory('i32.load16_u', block.ENTRY_OWN);
  f.set(handler);
  f.end();
  f.br(again);
  f.end();
  f.get(code);
  f.i32(block.UNCOUNTED);
  f.op('i32.and');
  f.get(LEFT_LOCAL);
  f.op('i32.add');
  f.set(LEFT_LOCAL);
  f.br(loop);
  f.end(); // again
  f.end(); // loop
  f.end(); // exit
  // BEFORE and PAGE did not retire: give the instruction back.
  f.get(CPU_LOCAL);
  f.get(LEFT_LOCAL);
  f.get(code);
  f.op('i32.eqz');
  f.get(code);
  f.i32(block.LEAVE_PAGE);
  f.op('i32.eq');
  f.op('i32.or');
  f.op('i32.add');
  f.memory('i32.store', block.LEFT);
  f.get(CPU_LOCAL);
  f.get(IP_LOCAL);
  f.memory('i32.store', block.IP);
  f.get(code);
  f.ret();
  f.end(); // left
  f.get(code);
  f.i32(block.REGION_LEFT);
  f.op('i32.sub');
  m.add(f, 'interpret');
  return m.finish();
}
