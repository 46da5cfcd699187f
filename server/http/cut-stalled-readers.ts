// Closes connections whose client does not read its responses; no timeout of Node covers them.
import type { Socket } from 'node:net';
import type { OpenConnections } from './open-connections.ts';

/**
 * Cuts each connection on which answers wait and none moves from one look to the next. Node stops reading from a client that
 * does not read, and with that its time-outs for headers and idle connections end. One look in a while costs requests nothing.
 *
 * @param intervalMs between two looks: a client is cut after one to two of them.
 */
export function cutStalledReaders({ speaking }: OpenConnections, intervalMs: number): { close(): void } {
  /** Bytes that waited at the last look, where some did. */
  let waiting = new Map<Socket, number>();

  function look(): void {
    const before = waiting;
    waiting = new Map();
    for (const socket of speaking) {
      const now = socket.writableLength;
      if (now === 0) continue;
      if (now === before.get(socket)) socket.destroy();
      else waiting.set(socket, now);
    }
  }

  const timer = setInterval(look, intervalMs).unref();
  return { close: () => clearInterval(timer) };
}
