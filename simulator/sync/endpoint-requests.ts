// GET requests to an endpoint with undici: a limited number of persistent connections, each with one request at a time.
import { buildConnector, Client, type Dispatcher } from 'undici';
import { describeFailedRequest, type EndpointAnswer, NoAnswer } from './endpoint-answer.ts';
import { createRequestsUnderWay } from './requests-under-way.ts';

export interface EndpointRequestOptions {
  readonly connections: number;
  readonly maxBodyBytes: number;
  /** Time limit of the whole request: wait for a free connection, connection, headers and body. */
  readonly timeoutMs: number;
  /** PEM texts, for https only. */
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly rejectUnauthorized?: boolean;
  };
  /** Sends `Connection: close`, so that each request has its own connection. */
  readonly closesConnections?: boolean;
}

export interface EndpointRequests {
  /** @throws {NoAnswer}, or the reason of the signal. */
  get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<EndpointAnswer>;
  /** Closes all connections; pending requests fail. */
  close(): Promise<void>;
}

/** The limit of Node's own clients. */
const maxHeaderBytes = 16 * 1024;
/** Many servers, e.g. Node.js and Apache, close a connection that has been idle for five seconds. */
const maxIdleMs = 4000;

/** A connection, which undici reopens after it was closed. */
interface Connection {
  readonly client: Client;
  /** Number of responses since the connection was opened; 0 if it is not kept open. */
  answers: number;
}

/** Creates a client for an origin; opens no connection yet. */
export function createEndpointRequests(origin: string, options: EndpointRequestOptions): EndpointRequests {
  const { connections, maxBodyBytes, timeoutMs, tls, closesConnections = false } = options;
  // The connector, including its TLS sessions, is shared by all connections. ALPN offers only HTTP/1.1.
  const connect = buildConnector({ ...tls, timeout: timeoutMs, allowH2: false });
  const limits = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: maxHeaderBytes };
  const keepAlive = { keepAliveTimeout: maxIdleMs, keepAliveMaxTimeout: maxIdleMs };
  const all: Connection[] = [];
  const idle: Connection[] = [];
  const waiting = new Set<Exchange>();
  const underWay = createRequestsUnderWay(
    timeoutMs,
    () => new NoAnswer('timeout', `there was no complete response within ${timeoutMs} ms`),
  );
  let isClosed = false;

  function open(): Connection {
    const connection = { client: new Client(origin, { connect, ...limits, ...keepAlive }), answers: 0 };
    connection.client.on('disconnect', () => {
      connection.answers = 0;
    });
    all.push(connection);
    return connection;
  }

  function release(connection: Connection): void {
    if (isClosed) return;
    const [next] = waiting;
    if (next === undefined) idle.push(connection);
    else {
      waiting.delete(next);
      next.send(connection);
    }
  }

  async function get(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<EndpointAnswer> {
    signal.throwIfAborted();
    if (isClosed) throw clientClosed();
    return new Promise((resolve, reject) => {
      const exchange: Exchange = new Exchange(
        { method: 'GET', path, headers, reset: closesConnections },
        maxBodyBytes,
        (connection, outcome) => {
          underWay.delete(place, exchange);
          waiting.delete(exchange);
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
          if (connection !== null) release(connection);
        },
      );
      const place = underWay.add(exchange, signal);
      const connection = idle.pop() ?? (all.length < connections ? open() : null);
      if (connection === null) waiting.add(exchange);
      else exchange.send(connection);
    });
  }

  return {
    get,
    async close() {
      isClosed = true;
      for (const exchange of waiting) exchange.giveUp(clientClosed());
      await Promise.all(all.map(({ client }) => client.destroy()));
      underWay.close();
    },
  };
}

/**
 * Called with the response or the error. For a request that is given up, called at once without a connection, and again once its connection, if any,
 * is free.
 */
type OnEnd = (connection: Connection | null, outcome: EndpointAnswer | Error) => void;

/** A request in flight, which collects its response. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: Dispatcher.DispatchOptions;
  readonly #maxBodyBytes: number;
  readonly #onEnd: OnEnd;
  #connection: Connection | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #givenUp: Error | null = null;
  /** Whether the request may be sent once more. */
  #isRepeatable = false;
  #status = 0;
  #headers: ResponseHeaders = {};
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(request: Dispatcher.DispatchOptions, maxBodyBytes: number, onEnd: OnEnd) {
    this.#request = request;
    this.#maxBodyBytes = maxBodyBytes;
    this.#onEnd = onEnd;
  }

  send(connection: Connection): void {
    this.#connection = connection;
    this.#isRepeatable = connection.answers > 0 && this.#request.reset !== true;
    connection.client.dispatch(this.#request, this);
  }

  /** Aborts the request at once with a reason: its time limit is exceeded, or it is no longer needed. */
  giveUp(reason: Error): void {
    this.#givenUp = reason;
    this.#onEnd(null, reason);
    // Without a controller, the request is still waiting for its connection to open, and is aborted once it is open.
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#givenUp !== null) controller.abort(this.#givenUp);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    // Responses with status 100 to 199 precede the final response.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (Number(headers['content-length'] ?? 0) > this.#maxBodyBytes) controller.abort(this.#tooLarge());
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#maxBodyBytes) controller.abort(this.#tooLarge());
    else this.#pieces.push(piece);
  }

  onResponseEnd(): void {
    const connection = this.#connection;
    if (connection !== null)
      connection.answers = /\bclose\b/i.test(this.#header('connection')) ? 0 : connection.answers + 1;
    const [first = noBytes, ...others] = this.#pieces;
    this.#onEnd(connection, {
      status: this.#status,
      contentType: this.#header('content-type'),
      contentEncoding: this.#header('content-encoding'),
      location: this.#header('location'),
      body: others.length === 0 ? first : Buffer.concat(this.#pieces),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const failure = describeFailedRequest(error);
    // A persistent connection may close at the moment a request is sent on it. A GET is then sent once more (RFC 9112, 9.3.1).
    const isUnanswered = this.#status === 0 && failure.kind === 'connection' && this.#givenUp === null;
    if (this.#isRepeatable && isUnanswered && this.#connection !== null && !this.#connection.client.destroyed) {
      this.#isRepeatable = false;
      this.#connection.client.dispatch(this.#request, this);
      return;
    }
    this.#onEnd(this.#connection, this.#givenUp ?? failure);
  }

  #header(name: string): string {
    const value = this.#headers[name] ?? '';
    return typeof value === 'string' ? value : value.join(', ');
  }

  #tooLarge(): NoAnswer {
    return new NoAnswer('too-large', `the body is larger than ${this.#maxBodyBytes} bytes`);
  }
}

type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

const noBytes = Buffer.alloc(0);

function clientClosed(): NoAnswer {
  return new NoAnswer('connection', 'the client was closed');
}
