// Lets messages that wait for this thread be handled, as soon as possible: setImmediate where there is one, a message to oneself
// elsewhere (setTimeout would wait 4 ms in a browser).

export function makePause(): () => Promise<void> {
  if (typeof setImmediate === 'function') return () => new Promise((resolve) => setImmediate(resolve));
  const { port1, port2 } = new MessageChannel();
  let waiting: (() => void)[] = [];
  port1.onmessage = () => {
    const ready = waiting;
    waiting = [];
    for (const resolve of ready) resolve();
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) port2.postMessage(0);
    });
}
