// What every module with handlers imports, and how a handler that is a function of its own ends.
import type { Helper } from '../rows/builder.ts';
import type { StateField } from '../rows/state-layout.ts';
import type { FunctionBuilder } from '../wasm/function.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import * as block from './cpu-block.ts';
import { type Frame, IP_LOCAL } from './interpreter-lowering.ts';

export const HANDLER_PARAMS = ['i32', 'i32', 'i32'] as const;
export const HANDLER_RESULTS = ['i32'] as const;
const SLOW_PARAMS = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;

/** Imports every module with handlers has; returns the indexes a Frame needs. */
export function importRuntime(m: ModuleBuilder, helpers: Iterable<Helper>): { slow: number; helpers: Map<Helper, number> } {
  m.importMemory('e', 'memory', 1);
  const slow = m.importFunction('e', 'slow', SLOW_PARAMS, ['i32']);
  const indexes = new Map<Helper, number>();
  for (const h of helpers) {
    const params = [...HANDLER_PARAMS, ...h.params];
    indexes.set(h, m.importFunction('h', h.name, params, h.result === undefined ? [] : [h.result]));
  }
  return { slow, helpers: indexes };
}

/** A handler that is a function of its own. */
export function functionFrame(f: FunctionBuilder, runtime: { slow: number; helpers: ReadonlyMap<Helper, number> }, pc: StateField): Frame {
  return {
    ...runtime,
    pc,
    go: () => f.ret(),
    next: () => {
      f.get(IP_LOCAL);
      f.i32(block.ENTRY_SIZE);
      f.op('i32.add');
      f.ret();
    },
    leave: (code) => {
      f.i32(code);
      f.ret();
    },
  };
}
