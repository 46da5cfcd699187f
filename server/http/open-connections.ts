// The open connections of a listener, those in a TLS handshake included, how they are closed without losing a request, and cut when their client does not read.
import type { EventEmitter } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface OpenConnections {
  /**
   * Stops accepting connections and closes the open ones. The caller sees to it that from now on each response closes its
   * connection. A connection without a request stays open for up to a second: a request that is on its way arrives.
   *
   * @param deadlineMs after this time, counted from the call, the connections that are left are cut.
   * @param onQuiet called when that second is over. Requests that complete afterwards had begun before.
   * @returns false when requests or handshakes had to be cut.
   */
  close(deadlineMs: number, onQuiet?: () => void): Promise<boolean>;
  /**
   * Shows each connection whose TLS handshake is done, and later, when it is, each whose handshake is under way. Of several
   * `visit` the last one is shown those.
   */
  visitEncrypted(visit: (socket: TLSSocket) => void): void;
  /** Those on which requests can come: with TLS, once the handshake is done. */
  readonly speaking: ReadonlySet<Socket>;
}

/** Longer than a request takes from the client, and than a client in a synchronization pauses between two requests. */
const quietMs = 1000;

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
    async close(deadlineMs, onQuiet = () => undefined) {
      let finished = true;
      // close() of an HTTP server closes idle connections at once, with the requests that are on their way.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(listener, () => resolve()));
      const quiet = setTimeout(
        () => {
          onQuiet();
          closeUnused();
          listener.closeIdleConnections();
        },
        Math.min(quietMs, deadlineMs / 2),
      );
      const deadline = setTimeout(() => {
        finished = false;
        for (const socket of [...encrypted, ...open]) socket.destroy();
      }, deadlineMs);
      await closed;
      clearTimeout(quiet);
      clearTimeout(deadline);
      // Ends the server's own timer, which looks for requests that are late.
      listener.close();
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
