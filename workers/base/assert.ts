// Our own faults stop the machine: a wrong machine must not drift.

/** Throws when what must hold does not. On in release builds. */
export function assert(condition: unknown, whatMustHold: string): asserts condition {
  if (!condition) throw new Error(`Trapline defect: ${whatMustHold}`);
}

/** For the default arm of a switch over a closed union. */
export function unreachable(value: never): never {
  throw new Error(`Trapline defect: unhandled case ${JSON.stringify(value)}`);
}
