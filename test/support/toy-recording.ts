// A recording of the toy machine, made by the real recorder, and histories over it.
import { bytesInput } from '../../workers/replay/inputs.ts';
import { History } from '../../workers/replay/history.ts';
import { Recorder, type Recorded } from '../../workers/replay/recorder.ts';
import { ToyMachine, type ToyOptions } from './toy-machine.ts';

export const pause = (): Promise<void> => Promise.resolve();

export async function recordToy(
  options: ToyOptions,
  maxIcount: number | null = null,
): Promise<{ recorded: Recorded; machine: ToyMachine }> {
  const machine = new ToyMachine(options);
  const recorder = new Recorder(machine, {
    live: bytesInput(new TextEncoder().encode('the input of the toy, long enough for some reads of four bytes each')),
    awaitInput: () => Promise.resolve('stop'),
    pause,
    stopRequested: () => false,
  });
  return { recorded: await recorder.run(maxIcount), machine };
}

/** A history that begins with nothing but image and inputs, as after opening a file. */
export function freshHistory(options: ToyOptions, recorded: Recorded): { history: History; machine: ToyMachine } {
  const machine = new ToyMachine(options);
  return { history: new History({ machine, inputs: recorded.inputs, end: recorded.end.mark, pause }), machine };
}

/** xorshift32 for tests that print their seed. */
export function randomFrom(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}
