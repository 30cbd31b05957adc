// The person's or the pipe's standard input as live input of a recording: nothing is read before the program asks for it.
import { fstatSync } from 'node:fs';
import type { LiveInput } from '../../workers/replay/inputs.ts';

export interface HostInput {
  readonly live: LiveInput;
  readonly awaitInput: () => Promise<'more' | 'stop'>;
  /** Wakes a wait with 'stop', and lets go of the stream. */
  stop(): void;
}

export function hostInput(stream: NodeJS.ReadStream): HostInput {
  let buffered: Uint8Array[] = [];
  let ended = false;
  let stopped = false;
  let started = false;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  const onData = (data: Uint8Array): void => {
    buffered.push(new Uint8Array(data));
    stream.pause();
    notify();
  };
  const onEnd = (): void => {
    ended = true;
    notify();
  };
  const start = (): void => {
    started = true;
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('close', onEnd);
    stream.on('error', onEnd);
  };
  return {
    live: (limit) => {
      const first = buffered[0];
      if (first === undefined) return ended ? 'eof' : null;
      if (first.length <= limit) {
        buffered = buffered.slice(1);
        return first;
      }
      buffered[0] = first.subarray(limit);
      return first.slice(0, limit);
    },
    awaitInput: async () => {
      if (stopped) return 'stop';
      if (buffered.length > 0 || ended) return 'more';
      if (!started) start();
      stream.resume();
      await new Promise<void>((resolve) => (wake = resolve));
      return stopped ? 'stop' : 'more';
    },
    stop: () => {
      stopped = true;
      stream.off('data', onData);
      stream.off('end', onEnd);
      stream.off('close', onEnd);
      stream.off('error', onEnd);
      if (started) {
        stream.pause();
        // A TTY or pipe that was read keeps the process alive otherwise.
        (stream as { unref?: () => void }).unref?.();
      }
      notify();
    },
  };
}

/** True when standard input is a regular file: it is then read whole, so that the recording does not depend on how it arrived. */
export function isRegularFile(stream: NodeJS.ReadStream): boolean {
  try {
    const { fd } = stream as { fd?: number };
    return fd !== undefined && fstatSync(fd).isFile();
  } catch {
    return false;
  }
}
