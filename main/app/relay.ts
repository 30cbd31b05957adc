// Joins a window's port to the machine's worker thread. Electron's ports carry plain data only, so the MessagePorts of comlink's
// callbacks are carried by a mux. No Electron here: the port and the worker are passed in.
import type { MessagePort as NodePort, TransferListItem } from 'node:worker_threads';
import { type MuxMessage, PortMux } from '../../workers/host/port-mux.ts';

/** What the relay needs of Electron's MessagePortMain. */
export interface PlainPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
}

/** What the relay needs of a worker_threads Worker. */
export interface MachineThread {
  postMessage(message: unknown, transfer?: readonly TransferListItem[]): void;
  on(event: 'message', listener: (data: unknown) => void): unknown;
  terminate(): Promise<number>;
}

/** Relays until the port closes; then the thread is ended. */
export function relay(port: PlainPort, thread: MachineThread): void {
  const mux = new PortMux(
    {
      post: (message) => port.postMessage(message),
      onMessage: (listener) => port.on('message', (event) => listener(event.data as MuxMessage)),
    },
    'main',
  );
  mux.onMessage((data, ports) => thread.postMessage(data, ports as unknown as NodePort[]));
  thread.on('message', (data) => mux.send(data));
  port.on('close', () => {
    mux.close();
    void thread.terminate();
  });
  port.start();
}
