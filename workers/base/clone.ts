// Deep copies of plain data: null, booleans, numbers, strings, bigints, arrays, objects with own properties, Map, Set, typed arrays.
// Properties named by symbols are no data: a copy has them undefined. Not for class instances, functions or data that refers to itself:
// those are defects of ours.
import { assert } from './assert.ts';

type TypedArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float64Array | BigUint64Array;

/** A copy that shares nothing mutable with the original. */
export function clonePlain<T>(value: T): T {
  return clone(value) as T;
}

function clone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    assert(typeof value !== 'function' && typeof value !== 'symbol', 'only plain data is cloned');
    return value;
  }
  if (Array.isArray(value)) {
    const out = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) out[i] = clone(value[i]);
    return out;
  }
  if (value instanceof Map) {
    const out = new Map<unknown, unknown>();
    for (const [key, item] of value) out.set(key, clone(item));
    return out;
  }
  if (value instanceof Set) return new Set(value);
  if (ArrayBuffer.isView(value)) return (value as TypedArray).slice();
  const proto: unknown = Object.getPrototypeOf(value);
  assert(proto === Object.prototype || proto === null, 'only plain objects are cloned');
  // Spreading keeps V8's fast objects; adding more than a dozen properties by computed names makes slow ones.
  const out = { ...value } as Record<string | symbol, unknown>;
  for (const symbol of Object.getOwnPropertySymbols(out)) out[symbol] = undefined;
  for (const key in out) {
    const item = out[key];
    if ((typeof item === 'object' && item !== null) || typeof item === 'function') out[key] = clone(item);
  }
  return out;
}
