// The debug switch `check`: remembers a run so that it can be done again by the interpreter, and says how the two differ.
import { AARCH64_STATE } from '../../arch/aarch64/state.ts';
import type { Halt, HaltKind } from '../contract.ts';

interface Result {
  readonly kind: HaltKind;
  readonly retired: number;
  readonly halt: Halt;
  readonly state: Uint8Array;
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

/** Pages as they were before a run first wrote to them, and the CPU's state. */
export class RunCheck {
  private readonly bytes: Uint8Array;
  private readonly ramBase: number;
  private readonly stateBase: number;
  private readonly state: Uint8Array;
  private readonly pages = new Map<number, Uint8Array>();

  constructor(memory: ArrayBuffer, ramBase: number, stateBase: number) {
    this.bytes = new Uint8Array(memory);
    this.ramBase = ramBase;
    this.stateBase = stateBase;
    this.state = this.bytes.slice(stateBase, stateBase + AARCH64_STATE.size);
  }

  private page(pfn: number): Uint8Array {
    return this.bytes.subarray(this.ramBase + pfn * 4096, this.ramBase + pfn * 4096 + 4096);
  }

  /** The run may write to this page from now on. */
  willWrite(pfn: number): void {
    if (!this.pages.has(pfn)) this.pages.set(pfn, this.page(pfn).slice());
  }

  result(kind: HaltKind, retired: number, halt: Halt): Result {
    const pages = new Map<number, Uint8Array>();
    for (const pfn of this.pages.keys()) pages.set(pfn, this.page(pfn).slice());
    return { kind, retired, halt: { ...halt }, state: this.bytes.slice(this.stateBase, this.stateBase + AARCH64_STATE.size), pages };
  }

  /** Back to where the run began. */
  restore(changed: (pfn: number) => void): void {
    this.bytes.set(this.state, this.stateBase);
    for (const [pfn, old] of this.pages) {
      this.page(pfn).set(old);
      changed(pfn);
    }
  }
}

const firstDifference = (a: Uint8Array, b: Uint8Array): number => a.findIndex((v, i) => v !== b[i]);

/** Throws when two ways to do the same run came out differently. */
export function compareRuns(translated: Result, interpreted: Result): void {
  const say = (what: string): never => {
    throw new Error(`Trapline defect: translated code differs from interpreted code: ${what}`);
  };
  const { kind, retired } = interpreted;
  if (translated.kind !== kind || translated.retired !== retired)
    say(`${translated.kind} after ${translated.retired} instructions, ${kind} after ${retired}`);
  if (JSON.stringify(translated.halt) !== JSON.stringify(interpreted.halt))
    say(`halt ${JSON.stringify(translated.halt)}, ${JSON.stringify(interpreted.halt)}`);
  const at = firstDifference(translated.state, interpreted.state);
  if (at >= 0) say(`byte ${at} of the CPU's state after ${retired} instructions`);
  for (const pfn of new Set([...translated.pages.keys(), ...interpreted.pages.keys()])) {
    const a = translated.pages.get(pfn);
    const b = interpreted.pages.get(pfn);
    if (a === undefined || b === undefined) say(`only one of them writes to frame ${pfn}`);
    else if (firstDifference(a, b) >= 0) say(`byte ${firstDifference(a, b)} of frame ${pfn} after ${retired} instructions`);
  }
}
