// Owns cutting connections whose client does not take its answers: no time-out of Node watches them.
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';

/**
 * Cuts each connection on which answers wait and none moves from one look to the next. Node stops reading from a client that
 * does not read, and with that its time-outs for headers and idle connections end. One look in a while costs requests nothing.
 *
 * @param intervalMs between two looks: a client is cut after one to two of them.
 */
export function cutStalledReaders(listener: HttpServer | HttpsServer, intervalMs: number): void {
  /** Bytes that waited at the last look. */
  const waiting = new Map<Socket, number>();
  listener.on('setSecureContext' in listener ? 'secureConnection' : 'connection', (socket: Socket) => {
    waiting.set(socket, 0);
    socket.once('close', () => waiting.delete(socket));
  });

  function look(): void {
    for (const [socket, before] of waiting) {
      const now = socket.writableLength;
      if (now > 0 && now === before) socket.destroy();
      else if (now !== before) waiting.set(socket, now);
    }
  }
  let timer: NodeJS.Timeout;
  listener.once('listening', () => {
    timer = setInterval(look, intervalMs).unref();
  });
  listener.once('close', () => clearInterval(timer));
}
