// Carries comlink's messages, and the MessagePorts inside them, over a channel that cannot carry ports (Electron's IPC between
// window and main process). Each port found in a message becomes a numbered sub-channel; nothing else of a message is touched.

/** A channel both ends of which copy plain data, in order. */
export interface PlainChannel {
  post(message: MuxMessage): void;
  onMessage(listener: (message: MuxMessage) => void): void;
}

/** What crosses. Sub-channel 0 is the conversation itself. */
export type MuxMessage = { readonly id: number; readonly data: unknown } | { readonly id: number; readonly closed: true };

/** The ends number their sub-channels apart: odd for one, even for the other. */
export type MuxSide = 'window' | 'main';

interface PortStandIn {
  readonly traplinePort: number;
}

const isStandIn = (value: object): value is PortStandIn => Object.hasOwn(value, 'traplinePort');
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

export class PortMux {
  private readonly ports = new Map<number, MessagePort>();
  private next: number;
  private receiver: ((data: unknown, ports: MessagePort[]) => void) | undefined;
  private readonly channel: PlainChannel;

  constructor(channel: PlainChannel, side: MuxSide) {
    this.channel = channel;
    this.next = side === 'window' ? 1 : 2;
    channel.onMessage((message) => this.take(message));
  }

  /** Called with each message of the conversation and the ports inside it, which are real ports again. */
  onMessage(receiver: (data: unknown, ports: MessagePort[]) => void): void {
    this.receiver = receiver;
  }

  /** Sends a message of the conversation. Ports inside it (in plain objects and arrays) are this mux's from here on. */
  send(data: unknown): void {
    this.channel.post({ id: 0, data: this.flatten(data) });
  }

  /** Ends every sub-channel. */
  close(): void {
    for (const port of this.ports.values()) port.close();
    this.ports.clear();
  }

  private take(message: MuxMessage): void {
    if ('closed' in message) {
      this.ports.get(message.id)?.close();
      this.ports.delete(message.id);
      return;
    }
    const ports: MessagePort[] = [];
    const data = this.restore(message.data, ports);
    if (message.id === 0) this.receiver?.(data, ports);
    else this.ports.get(message.id)?.postMessage(data, ports);
  }

  private adopt(id: number, port: MessagePort): void {
    this.ports.set(id, port);
    port.onmessage = (event: MessageEvent<unknown>) => this.channel.post({ id, data: this.flatten(event.data) });
    port.addEventListener('close', () => {
      if (this.ports.delete(id)) this.channel.post({ id, closed: true });
    });
    port.start();
  }

  private flatten(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof MessagePort) {
      const id = this.next;
      this.next += 2;
      this.adopt(id, value);
      return { traplinePort: id } satisfies PortStandIn;
    }
    if (Array.isArray(value)) return value.map((item) => this.flatten(item));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.flatten(item)]));
  }

  private restore(value: unknown, ports: MessagePort[]): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.restore(item, ports));
    if (!isPlain(value)) return value;
    if (isStandIn(value)) {
      const { port1, port2 } = new MessageChannel();
      this.adopt(value.traplinePort, port1);
      ports.push(port2);
      return port2;
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.restore(item, ports)]));
  }
}

/** The window's end as a comlink endpoint: `wrap(muxEndpoint(channel, 'window'))`. */
export function muxEndpoint(channel: PlainChannel, side: MuxSide): MuxEndpoint {
  return new MuxEndpoint(new PortMux(channel, side));
}

export class MuxEndpoint {
  private readonly listeners = new Set<EventListenerOrEventListenerObject>();
  private readonly mux: PortMux;

  constructor(mux: PortMux) {
    this.mux = mux;
    mux.onMessage((data) => {
      const event = new MessageEvent('message', { data });
      for (const listener of this.listeners) {
        if (typeof listener === 'function') listener(event);
        else listener.handleEvent(event);
      }
    });
  }

  postMessage(message: unknown, _transfer?: Transferable[]): void {
    this.mux.send(message);
  }

  addEventListener(_type: string, listener: EventListenerOrEventListenerObject): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: string, listener: EventListenerOrEventListenerObject): void {
    this.listeners.delete(listener);
  }

  start(): void {
    // nothing is held back until started
  }
}
