// The window's way to Electron's main process: the bridge its preload script put there, and the machine's port as a comlink endpoint.
// In a browser there is no bridge, and everything here says so with null.
import type { Endpoint } from 'comlink';
import type { TraplineBridge } from '../../main/ipc/contract.ts';
import { type MuxMessage, muxEndpoint } from '../../workers/host/port-mux.ts';

declare global {
  interface Window {
    readonly trapline?: TraplineBridge;
  }
}

/** As main/ipc/contract.ts MACHINE_PORT; the window may import only types from there. */
const MACHINE_PORT = 'machine:port';

export const bridge = (): TraplineBridge | null => window.trapline ?? null;

/**
 * Starts the machine in a thread of the main process. Messages sent before the port has arrived wait for it.
 * `onClosed` is called when the thread is gone. Null in a browser: start a worker instead.
 */
export function machineThread(onClosed: () => void): { readonly endpoint: Endpoint; dispose(): void } | null {
  const main = bridge();
  if (main === null) return null;
  let port: MessagePort | null = null;
  const waiting: MuxMessage[] = [];
  let listener: (message: MuxMessage) => void = () => undefined;
  const arrive = (event: MessageEvent<unknown>): void => {
    const [found] = event.ports;
    if (event.source !== window || event.data !== MACHINE_PORT || found === undefined) return;
    window.removeEventListener('message', arrive);
    port = found;
    port.onmessage = (message: MessageEvent<MuxMessage>) => listener(message.data);
    port.addEventListener('close', onClosed);
    for (const message of waiting.splice(0)) port.postMessage(message);
  };
  window.addEventListener('message', arrive);
  const endpoint = muxEndpoint(
    {
      post: (message) => {
        if (port === null) waiting.push(message);
        else port.postMessage(message);
      },
      onMessage: (hear) => {
        listener = hear;
      },
    },
    'window',
  );
  main.connectMachine();
  return { endpoint: endpoint as Endpoint, dispose: () => port?.close() };
}
