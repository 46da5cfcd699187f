// Owns the connections to the endpoint: so many at most, kept and used again, each with one request at a time.
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext } from 'node:tls';
import { AnswerReader, type EndpointAnswer } from './answer-reader.ts';
import { describeBrokenConnection, NoAnswer } from './no-answer.ts';

/** A request, until it has its answer. */
export interface Exchange {
  /** All of it, as it is sent, a character a byte. A GET: it is sent again when a kept connection had ended before it came. */
  readonly request: string;
  resolve(answer: EndpointAnswer): void;
  reject(error: NoAnswer): void;
}

export interface ConnectionPoolOptions {
  readonly connections: number;
  readonly maxBodyBytes: number;
  /** Of https only. */
  readonly tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>;
}

/** Servers close connections that are idle, most after five seconds or more; one that is about to be closed loses a request. */
const maxIdleMs = 4000;
/** What one read takes. */
const readBytes = 64 * 1024;

/** Not undici: what that does for a request beyond what is needed here is half of what a sync costs (docs/decisions/0014-simulator.md). */
export class ConnectionPool {
  readonly #origin: URL;
  readonly #options: ConnectionPoolOptions;
  readonly #connections = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Exchange>();
  /** Goes on where it was: from the beginning, a set is walked through all that were taken before. */
  #nextWaiting = this.#waiting.values();
  #secureContext: ConnectionOptions['secureContext'];
  #session: Buffer | undefined;
  #isClosed = false;

  /** @param origin of http or https. Nothing is opened yet. */
  constructor(origin: URL, options: ConnectionPoolOptions) {
    this.#origin = origin;
    this.#options = options;
  }

  /** Sends it when a connection is free. Ends by its `resolve` or `reject`, unless it is given up. */
  send(exchange: Exchange): void {
    if (this.#isClosed) {
      exchange.reject(clientClosed());
      return;
    }
    const idle = this.#takeIdle();
    if (idle !== null) idle.send(exchange);
    else if (this.#connections.size < this.#options.connections) this.#open(exchange);
    else this.#waiting.add(exchange);
  }

  /** Neither of its functions is called any more. What is on its way is cut with its connection. */
  giveUp(exchange: Exchange): void {
    if (this.#waiting.delete(exchange)) return;
    for (const connection of this.#connections) {
      if (connection.exchange === exchange) connection.cut();
    }
  }

  /** Cuts all connections; requests on their way fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const exchange of this.#waiting) exchange.reject(clientClosed());
    this.#waiting.clear();
    await Promise.all(Array.from(this.#connections, (connection) => connection.close()));
  }

  #takeIdle(): Connection | null {
    const oldestMs = performance.now() - maxIdleMs;
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.idleSinceMs >= oldestMs) return connection;
      connection.cut();
    }
    return null;
  }

  #open(exchange: Exchange): void {
    let socket: Socket;
    const reading = Buffer.allocUnsafeSlow(readBytes);
    let connection: Connection | null = null;
    const onread: OnReadOpts = {
      buffer: reading,
      callback: (length) => {
        connection?.read(reading.subarray(0, length));
        return true;
      },
    };
    try {
      socket = this.#connect(onread);
    } catch (error) {
      // Material that OpenSSL can't use.
      exchange.reject(describeBrokenConnection(error as Error));
      return;
    }
    connection = new Connection(socket, this.#origin.protocol === 'https:', this.#options.maxBodyBytes, {
      onFree: (free) => this.#useAgain(free),
      onClosed: (closed, unanswered) => this.#forget(closed, unanswered),
    });
    this.#connections.add(connection);
    connection.send(exchange);
  }

  #connect(onread: OnReadOpts): Socket {
    const { protocol, hostname, port } = this.#origin;
    const host = hostname.replace(/^\[|\]$/g, '');
    if (protocol === 'http:') return connectTcp({ host, port: Number(port || 80), noDelay: true, onread });
    const { ca, cert, key, rejectUnauthorized } = this.#options.tls;
    this.#secureContext ??= createSecureContext({ ca, cert, key });
    const socket = connectTls({
      host,
      port: Number(port || 443),
      ...(isIP(host) === 0 && { servername: host }),
      rejectUnauthorized,
      secureContext: this.#secureContext,
      session: this.#session,
      ALPNProtocols: ['http/1.1'],
      // Not in the types, but documented with net's options, which tls.connect() takes.
      ...{ onread },
    });
    socket.setNoDelay(true).on('session', (session: Buffer) => {
      this.#session = session;
    });
    return socket;
  }

  #useAgain(connection: Connection): void {
    const next = this.#takeWaiting();
    if (next === null) this.#idle.push(connection);
    else connection.send(next);
  }

  /** @returns who has waited longest; null: nobody waits. */
  #takeWaiting(): Exchange | null {
    if (this.#waiting.size === 0) return null;
    let next = this.#nextWaiting.next();
    if (next.done) {
      this.#nextWaiting = this.#waiting.values();
      next = this.#nextWaiting.next();
    }
    if (next.done) return null;
    this.#waiting.delete(next.value);
    return next.value;
  }

  /** @param unanswered its request, when the endpoint can't have answered it. */
  #forget(connection: Connection, unanswered: Exchange | null): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#isClosed) return;
    if (unanswered !== null) {
      this.#open(unanswered);
      return;
    }
    const next = this.#takeWaiting();
    if (next !== null) this.#open(next);
  }
}

function clientClosed(): NoAnswer {
  return new NoAnswer('connection', 'the client was closed');
}

interface ConnectionEvents {
  onFree(connection: Connection): void;
  onClosed(connection: Connection, unanswered: Exchange | null): void;
}

class Connection {
  exchange: Exchange | null = null;
  idleSinceMs = 0;
  readonly #socket: Socket;
  readonly #reader: AnswerReader;
  readonly #events: ConnectionEvents;
  readonly #closed: Promise<void>;
  #isReady = false;
  #answers = 0;
  #error: Error | null = null;

  constructor(socket: Socket, isTls: boolean, maxBodyBytes: number, events: ConnectionEvents) {
    this.#socket = socket;
    this.#reader = new AnswerReader(maxBodyBytes);
    this.#events = events;
    // Not before the peer is known for who it is.
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      this.#isReady = true;
      if (this.exchange !== null) socket.write(this.exchange.request, 'latin1');
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.once('end', () => this.#take(this.#reader.end()));
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#onClose();
        resolve();
      });
    });
  }

  /** Only when it has no request. */
  send(exchange: Exchange): void {
    this.exchange = exchange;
    if (this.#isReady) this.#socket.write(exchange.request, 'latin1');
  }

  read(bytes: Buffer): void {
    if (this.exchange === null) {
      // Nobody asked for it; what would come as the next answer could be this.
      this.cut();
      return;
    }
    try {
      this.#take(this.#reader.read(bytes));
    } catch (error) {
      const { exchange } = this;
      this.cut();
      exchange.reject(error as NoAnswer);
    }
  }

  /** Ends it without a word to its request. */
  cut(): void {
    this.exchange = null;
    this.#socket.destroy();
  }

  /** Its request fails. */
  async close(): Promise<void> {
    const { exchange } = this;
    this.cut();
    exchange?.reject(clientClosed());
    await this.#closed;
  }

  #take(whole: ReturnType<AnswerReader['read']>): void {
    const { exchange } = this;
    if (whole === null || exchange === null) return;
    this.exchange = null;
    this.#answers++;
    if (whole.isReusable) {
      this.idleSinceMs = performance.now();
      this.#events.onFree(this);
    } else this.#socket.destroy();
    exchange.resolve(whole.answer);
  }

  #onClose(): void {
    const { exchange } = this;
    this.exchange = null;
    // RFC 9112, 9.3.1: a kept connection may end just when a request is sent on it; one without effects is sent once more.
    const isUnanswered = this.#answers > 0 && !this.#reader.hasBegun;
    if (exchange !== null && !isUnanswered) exchange.reject(describeBrokenConnection(this.#error));
    this.#events.onClosed(this, isUnanswered ? exchange : null);
  }
}
