// Drops answers that are no longer wanted: of several questions asked one after another only the newest is answered.

/** Wraps `ask`; an answer that was overtaken resolves to null. */
export function latest<A extends readonly unknown[], T>(ask: (...args: A) => Promise<T>): (...args: A) => Promise<T | null> {
  let newest = 0;
  return async (...args) => {
    newest += 1;
    const mine = newest;
    const answer = await ask(...args);
    return mine === newest ? answer : null;
  };
}
