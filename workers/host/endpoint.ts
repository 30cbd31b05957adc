// A worker_threads port as the endpoint comlink expects: Node's ports emit `message` with the data itself, browsers' with an event.
import type { MessagePort as NodePort, TransferListItem, Worker } from 'node:worker_threads';
import type { Endpoint } from 'comlink';

type Listener = (event: { readonly data: unknown }) => void;

/** `transferHandlers` of comlink find MessagePorts in messages by themselves: Node's MessagePort is the global one. */
export function nodeEndpoint(port: NodePort | Worker): Endpoint {
  const wrapped = new WeakMap<object, (data: unknown) => void>();
  return {
    postMessage: (message: unknown, transfer?: Transferable[]) =>
      port.postMessage(message, (transfer ?? []) as unknown as TransferListItem[]),
    addEventListener: (_type: string, listener: EventListenerOrEventListenerObject) => {
      const call =
        typeof listener === 'function'
          ? (listener as unknown as Listener)
          : (event: { readonly data: unknown }) => listener.handleEvent(event as MessageEvent);
      const onMessage = (data: unknown): void => call({ data });
      wrapped.set(listener, onMessage);
      port.on('message', onMessage);
    },
    removeEventListener: (_type: string, listener: EventListenerOrEventListenerObject) => {
      const onMessage = wrapped.get(listener);
      if (onMessage !== undefined) port.off('message', onMessage);
    },
    start: () => {
      if ('start' in port) port.start();
    },
  };
}
