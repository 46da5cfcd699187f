// Owns knowing every open connection of a listener, those whose TLS handshake goes on included, and ending them in time.
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';

export interface OpenConnections {
  /**
   * Takes no connection any more, closes those without a request, waits `deadlineMs` for the others and cuts what is left.
   *
   * @returns false when connections had to be cut.
   */
  close(deadlineMs: number): Promise<boolean>;
}

/**
 * Follows the connections of a listener from now on. Node's own `closeAllConnections` leaves alone whatever has not
 * finished its TLS handshake, and `closeIdleConnections` whatever has not sent its first request: one such client would
 * hold a shutdown up for minutes.
 */
export function trackConnections(listener: HttpServer | HttpsServer): OpenConnections {
  const open = new Set<Socket>();
  const encrypted = new Set<Socket>();
  listener.on('connection', (socket) => follow(socket, open));
  listener.on('secureConnection', (socket) => follow(socket, encrypted));

  function closeUnused(): void {
    const handshaken = new Set([...encrypted].map(peerOf));
    const speaking = 'setSecureContext' in listener ? encrypted : open;
    for (const socket of speaking) if (socket.bytesRead === 0) socket.destroy();
    if (speaking === open) return;
    for (const socket of open) if (!handshaken.has(peerOf(socket))) socket.destroy();
  }

  return {
    async close(deadlineMs) {
      let finished = true;
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      closeUnused();
      const timer = setTimeout(() => {
        finished = false;
        for (const socket of [...encrypted, ...open]) socket.destroy();
      }, deadlineMs);
      await closed;
      clearTimeout(timer);
      return finished;
    },
  };
}

function follow(socket: Socket, set: Set<Socket>): void {
  set.add(socket);
  socket.once('close', () => set.delete(socket));
}

/** A TLS socket and the TCP socket under it are two objects with one peer. */
function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
