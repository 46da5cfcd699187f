// Closes the open connections of a listener, including those in a TLS handshake, without losing a request, and cuts those whose client does not read.
import type { EventEmitter } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export interface OpenConnections {
  /**
   * Stops accepting connections and closes the open ones. The caller ensures that from now on each response closes its connection. A connection
   * without a request stays open for up to a second, so that a request in transit arrives.
   *
   * @param deadlineMs time after the call at which the remaining connections are cut.
   * @param onQuiet called after that second. Requests that complete afterwards had already begun.
   * @returns false when requests or handshakes had to be cut.
   */
  close(deadlineMs: number, onQuiet?: () => void): Promise<boolean>;
  /**
   * Calls `visit` for each connection whose TLS handshake is complete, and later for each whose handshake is pending, when it completes. If the
   * method is called several times, only the last `visit` receives the later connections.
   */
  visitEncrypted(visit: (socket: TLSSocket) => void): void;
  /** Connections on which requests can arrive (with TLS, after the handshake). */
  readonly speaking: ReadonlySet<Socket>;
}

/** Longer than a request takes to arrive from the client, and longer than a client pauses between two requests of a synchronization. */
const quietMs = 1000;

/**
 * Tracks the connections of a listener from now on. Node's own `closeAllConnections` skips connections that have not finished their TLS handshake,
 * and `closeIdleConnections` those that have not sent their first request. One such client would delay a shutdown for minutes.
 */
export function trackConnections(listener: HttpServer | HttpsServer): OpenConnections {
  const open = new Set<Socket>();
  const encrypted = new Set<TLSSocket>();
  /** Peers whose handshake was in progress at the last visit. */
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
      // The close() method of an HTTP server closes idle connections at once and loses requests in transit.
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
      // Stops the server's own timer, which checks for late requests.
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
  // One function serves all sockets: three fewer objects per socket make a measurable difference in garbage collection.
  function forget(this: T): void {
    set.delete(this);
  }
  listener.on(event, (socket: T) => {
    set.add(socket);
    socket.on('close', forget);
  });
}

/** Returns the peer: a TLS socket and the TCP socket under it are two objects with one peer. */
function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

/**
 * Cuts each connection with pending responses that made no progress between two checks. Node stops reading from a client that does
 * not read, which also ends its timeouts for headers and idle connections. An occasional check does not slow down requests.
 *
 * @param intervalMs time between two checks; a client is cut after one to two intervals.
 */
export function cutStalledReaders({ speaking }: OpenConnections, intervalMs: number): { close(): void } {
  /** State, at the last check, of the connections that had pending responses. */
  let waiting = new Map<Socket, { readonly pending: number; readonly written: number }>();

  function look(): void {
    const before = waiting;
    waiting = new Map();
    for (const socket of speaking) {
      const now = { pending: socket.writableLength, written: socket.bytesWritten };
      if (now.pending === 0) continue;
      const last = before.get(socket);
      // A busy connection can have different pending responses of the same size at both checks.
      if (last?.pending === now.pending && last.written === now.written) socket.destroy();
      else waiting.set(socket, now);
    }
  }

  const timer = setInterval(look, intervalMs).unref();
  return { close: () => clearInterval(timer) };
}
