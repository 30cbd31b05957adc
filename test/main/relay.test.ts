// The window's port to the machine thread, as Electron would carry it: plain data only. Comlink works over it, callbacks included.
import { EventEmitter } from 'node:events';
import { Worker } from 'node:worker_threads';
import { proxy, wrap } from 'comlink';
import { expect, test } from 'vitest';
import { relay } from '../../main/app/relay.ts';
import { type MuxMessage, muxEndpoint } from '../../workers/host/port-mux.ts';

/** A thread that answers comlink calls; `comlink` is loaded the way Node finds it. */
const THREAD = `
const { parentPort } = require('node:worker_threads');
const { expose, proxy } = require('comlink');
const endpoint = {
  postMessage: (m, t) => parentPort.postMessage(m, t),
  addEventListener: (_, l) => parentPort.on('message', (data) => l({ data })),
  removeEventListener: () => {},
};
expose({
  add: (a, b) => a + b,
  bytes: (data) => data.length,
  async count(n, onStep) { for (let i = 1; i <= n; i += 1) await onStep(i, new Uint8Array(i)); return 'done'; },
  fail() { throw new Error('the reason'); },
  counter() { let n = 0; return proxy({ next: () => ++n }); },
}, endpoint);
`;

interface Api {
  add(a: number, b: number): number;
  bytes(data: Uint8Array): number;
  count(n: number, onStep: (step: number, data: Uint8Array) => void): string;
  fail(): void;
  counter(): Promise<{ next(): Promise<number> }>;
}

/** Two ends joined by structured clones without transfer, as Electron's IPC does. */
function plainPair() {
  const main = new EventEmitter();
  const listeners: ((message: MuxMessage) => void)[] = [];
  const port = {
    postMessage: (message: unknown) => {
      const copy = structuredClone(message) as MuxMessage;
      queueMicrotask(() => listeners.forEach((listen) => listen(copy)));
    },
    on: (event: string, listener: (...args: never[]) => void) => main.on(event, listener as (...args: unknown[]) => void),
    start: () => undefined,
  };
  const channel = {
    post: (message: MuxMessage) => {
      const copy = structuredClone(message);
      queueMicrotask(() => main.emit('message', { data: copy }));
    },
    onMessage: (listener: (message: MuxMessage) => void) => void listeners.push(listener),
  };
  return { port, channel, close: () => main.emit('close') };
}

test('calls, bytes, callbacks, errors and returned objects cross; closing the port ends the thread', async () => {
  const thread = new Worker(THREAD, { eval: true });
  const { port, channel, close } = plainPair();
  relay(port, thread);
  const api = wrap<Api>(muxEndpoint(channel, 'window'));
  expect(await api.add(2, 3)).toBe(5);
  expect(await api.bytes(new Uint8Array(100_000))).toBe(100_000);
  const steps: [number, number][] = [];
  expect(
    await api.count(
      5,
      proxy((step: number, data: Uint8Array) => void steps.push([step, data.length])),
    ),
  ).toBe('done');
  expect(steps).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
    [5, 5],
  ]);
  await expect(api.fail()).rejects.toThrow('the reason');
  const counter = await api.counter();
  expect([await counter.next(), await counter.next()]).toEqual([1, 2]);
  const ended = new Promise((done) => thread.once('exit', done));
  close();
  await ended;
}, 20_000);
