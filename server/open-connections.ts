// Owns knowing every open connection of a listener, those whose TLS handshake goes on included, and ending them in time.
import type { EventEmitter } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface OpenConnections {
  /**
   * Takes no connection any more, closes those without a request, waits `deadlineMs` for the others and cuts what is left.
   *
   * @returns false when connections had to be cut.
   */
  close(deadlineMs: number): Promise<boolean>;
  /**
   * Shows each connection whose TLS handshake is done, and later, when it is, each whose handshake is under way. Of several
   * `visit` the last one is shown those.
   */
  visitEncrypted(visit: (socket: TLSSocket) => void): void;
  /** Those on which requests can come: with TLS, once the handshake is done. */
  readonly speaking: ReadonlySet<Socket>;
}

/**
 * Follows the connections of a listener from now on. Node's own `closeAllConnections` leaves alone whatever has not
 * finished its TLS handshake, and `closeIdleConnections` whatever has not sent its first request: one such client would
 * hold a shutdown up for minutes.
 */
export function trackConnections(listener: HttpServer | HttpsServer): OpenConnections {
  const open = new Set<Socket>();
  const encrypted = new Set<TLSSocket>();
  /** Peers whose handshake was under way at the last visit. */
  const latePeers = new Set<string>();
  let visitLate: (socket: TLSSocket) => void = () => undefined;
  const speaking: ReadonlySet<Socket> = 'setSecureContext' in listener ? encrypted : open;
  follow(listener, 'connection', open);
  follow(listener, 'secureConnection', encrypted);
  listener.on('secureConnection', (socket: TLSSocket) => {
    if (latePeers.size > 0 && latePeers.delete(peerOf(socket))) visitLate(socket);
  });

  function handshakesUnderway(): Socket[] {
    const handshaken = new Set([...encrypted].map(peerOf));
    return [...open].filter((socket) => !handshaken.has(peerOf(socket)));
  }

  function closeUnused(): void {
    for (const socket of speaking) if (socket.bytesRead === 0) socket.destroy();
    if (speaking === open) return;
    for (const socket of handshakesUnderway()) socket.destroy();
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
    visitEncrypted(visit) {
      visitLate = visit;
      for (const socket of handshakesUnderway()) {
        const peer = peerOf(socket);
        latePeers.add(peer);
        socket.once('close', () => latePeers.delete(peer));
      }
      for (const socket of encrypted) visit(socket);
    },
    speaking,
  };
}

function follow<T extends Socket>(listener: EventEmitter, event: string, set: Set<T>): void {
  // One function for all: a socket closes once, and three objects less for each are seen in the garbage collector.
  function forget(this: T): void {
    set.delete(this);
  }
  listener.on(event, (socket: T) => {
    set.add(socket);
    socket.on('close', forget);
  });
}

/** A TLS socket and the TCP socket under it are two objects with one peer. */
function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
