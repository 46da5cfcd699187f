// Limit of the raw bytes of request heads: Node's parser counts names and values, but not spaces, line breaks and colons.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface RequestHeads {
  /** Tracks a connection from its first byte. */
  follow(socket: Socket): void;
  /** Processes each request. Returns false when the request's head has more raw bytes than allowed. */
  accept(request: IncomingMessage, response: ServerResponse): boolean;
  /** Stops treating bytes received from now on as a request: they are the content of the last request, or data after a refused request. */
  end(socket: Socket): void;
  hasEnded(socket: Socket): boolean;
  /** Returns the response that has to be sent before the next one; `null` if there is none. */
  pendingResponse(socket: Socket): ServerResponse | null;
}

interface Connection {
  /** Bytes that were received before the current head. */
  startsAt: number;
  hasEnded: boolean;
  lastResponse: ServerResponse | null;
}

/** One read can contain the end of a head and this many bytes of the next head. */
const readBytes = 65_536;
/** Limit for content that arrives while the response is created, and for what a refused client still sends. */
const afterEndBytes = 262_144;
const lookEveryMs = 20;
/** Maximum share of the time spent on these checks, reached at about ten thousand connections. */
const shareOfTime = 0.01;

/**
 * Compares `socket.bytesRead` when a head is complete, and every 20 ms for incomplete heads. A `data` listener on the socket would see each byte, but
 * disconnects the socket from Node's parser. This costs more than anything else in a request (docs/performance.md).
 *
 * @param maxHeaderBytes limit for names and values; spaces, line breaks and data from the same read may add another 64 KiB.
 * @param onExceeded called when an incomplete head exceeds this limit.
 */
export function followRequestHeads(maxHeaderBytes: number, onExceeded: (socket: Socket) => void): RequestHeads {
  const maxBytes = maxHeaderBytes + readBytes;
  const connections = new Map<Socket, Connection>();
  let timer: NodeJS.Timeout | null = null;

  function look(): void {
    timer = null;
    const startedAt = performance.now();
    for (const [socket, connection] of connections) {
      const { lastResponse, startsAt, hasEnded } = connection;
      // An idle connection must not keep its last request in memory.
      if (lastResponse !== null && isOver(lastResponse)) connection.lastResponse = null;
      const received = socket.bytesRead - startsAt;
      if (received <= (hasEnded ? afterEndBytes : maxBytes)) continue;
      if (hasEnded) socket.destroy();
      else onExceeded(socket);
    }
    schedule(Math.max(lookEveryMs, (performance.now() - startedAt) / shareOfTime));
  }

  function schedule(afterMs: number): void {
    if (timer === null && connections.size > 0) timer = setTimeout(look, afterMs).unref();
  }

  // One function serves all connections.
  function forget(this: Socket): void {
    connections.delete(this);
  }

  return {
    follow(socket) {
      connections.set(socket, { startsAt: 0, hasEnded: false, lastResponse: null });
      socket.on('close', forget);
      schedule(lookEveryMs);
    },
    accept({ socket }, response) {
      const connection = connections.get(socket);
      if (connection === undefined) return true;
      const { startsAt } = connection;
      connection.startsAt = socket.bytesRead;
      connection.lastResponse = response;
      return connection.startsAt - startsAt <= maxBytes;
    },
    end(socket) {
      const connection = connections.get(socket);
      if (connection === undefined) return;
      connection.hasEnded = true;
      connection.startsAt = socket.bytesRead;
    },
    hasEnded: (socket) => connections.get(socket)?.hasEnded ?? false,
    pendingResponse(socket) {
      const last = connections.get(socket)?.lastResponse ?? null;
      return last === null || isOver(last) ? null : last;
    },
  };
}

function isOver(response: ServerResponse): boolean {
  return response.writableFinished || response.destroyed;
}
