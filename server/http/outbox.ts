// Sends the responses of one turn of the event loop together at its end.

/**
 * Makes the function that puts an answer off to the end of the event loop's turn. Between two requests the parser, the
 * sockets and the kernel's way out of the process push each other out of the processor's caches; each kind of work many times in
 * a row costs an eighth less of the whole (`npm run bench -- http`). An answer waits for the requests that were there with it, which
 * it would have made wait.
 *
 * @param send must not throw: what it did not reach would never be answered.
 */
export function createOutbox<T>(send: (item: T) => void): (item: T) => void {
  let waiting: T[] = [];
  function sendWaiting(): void {
    const leaving = waiting;
    waiting = [];
    for (const item of leaving) send(item);
  }
  return (item) => {
    if (waiting.push(item) === 1) setImmediate(sendWaiting);
  };
}
