// Several requests on one connection: kept alive, pipelined, or written in pieces.
import tls from 'node:tls';
import { answerLimits } from './answer-limits.ts';
import { toRawAnswer, writeRequest } from './ask-raw.ts';
import type { Answer, Endpoint, EndpointRequest, TlsFacts } from './endpoint-request.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';
import { connect } from './open-socket.ts';
import { ResponseReader } from './response-reader.ts';
import { readTlsFacts } from './tls-facts.ts';

/** An open connection. Responses arrive in the order of the requests. The caller must close the connection. */
export interface Conversation {
  /** Sends one complete request. */
  send(request: EndpointRequest): void;
  /** Sends bytes unchanged, e.g. a request in parts. */
  write(bytes: string | Buffer): void;
  /**
   * Returns the next response, which belongs to `request`. Throws NoAnswer if none arrives in time, or the connection is closed first. `surplusBytes`
   * counts the bytes received after this response so far; with pipelining, they belong to the next response.
   */
  receive(request: EndpointRequest): Promise<Answer>;
  /** Whether the endpoint has closed the connection. */
  readonly isClosed: boolean;
  close(): void;
}

/** Connects with the credentials of `request`, and sends nothing yet. Throws like openSocket; a TLS failure becomes visible in `receive`. */
export async function openConversation(endpoint: Endpoint, request: EndpointRequest): Promise<Conversation> {
  const socket = await connect(endpoint, request);
  let startedAt = performance.now();
  /** Received bytes that have not been read yet. */
  const backlog = new GrowingBuffer();
  let failure: Error | null = null;
  let isClosed = false;
  let session: Buffer | null = null;
  let facts: TlsFacts | null = null;
  let wake: () => void = () => undefined;
  socket.once('secureConnect', () => {
    if (socket instanceof tls.TLSSocket) facts = readTlsFacts(socket, null);
  });
  socket.on('session', (latest: Buffer) => {
    session = latest;
  });
  socket.on('data', (chunk: Buffer) => {
    backlog.append(chunk);
    if (backlog.length > answerLimits.maxBodyBytes) {
      failure ??= new NoAnswer('too-large', 'ETOOLARGE');
      socket.destroy();
    }
    wake();
  });
  socket.on('error', (error) => {
    failure ??= findNoAnswer(error) ?? error;
    wake();
  });
  socket.once('close', () => {
    isClosed = true;
    wake();
  });

  /** Waits for more bytes or the end. Throws NoAnswer if neither arrives by `deadline`. */
  async function waitForMore(deadline: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const isLate = await new Promise<boolean>((resolve) => {
      wake = () => resolve(false);
      timer = setTimeout(() => resolve(true), Math.max(deadline - performance.now(), 0));
    });
    clearTimeout(timer);
    if (isLate) throw new NoAnswer('timeout', 'ETIMEDOUT');
  }

  return {
    send(next) {
      startedAt = performance.now();
      socket.write(writeRequest(endpoint, next, 'keep-alive'));
    },
    write(bytes) {
      socket.write(bytes);
    },
    async receive({ method }) {
      const deadline = performance.now() + endpoint.timeoutMs;
      let firstByteAt = 0;
      const reader = new ResponseReader(method);
      for (;;) {
        if (backlog.length > 0) {
          if (firstByteAt === 0) firstByteAt = performance.now();
          const rest = reader.push(backlog.toBuffer());
          backlog.clear();
          backlog.append(rest);
        }
        if (reader.isNotHttp) throw new NoAnswer('not-http', 'HPE_INVALID_CONSTANT');
        if (reader.exceeded !== null) socket.destroy();
        if (reader.isDone || isClosed) {
          const response = reader.read();
          if (response === null) throw failure ?? new NoAnswer('closed', 'ECONNRESET');
          return toRawAnswer(response, backlog.length, { startedAt, firstByteAt }, facts && { ...facts, session });
        }
        await waitForMore(deadline);
      }
    },
    get isClosed() {
      return isClosed;
    },
    close() {
      socket.destroy();
    },
  };
}
