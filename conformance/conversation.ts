// Owns several requests on one plain connection: kept alive, pipelined, or written slowly byte by byte.
import tls from 'node:tls';
import { toRawAnswer, writeRequest } from './ask-raw.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';
import { connect } from './open-socket.ts';
import { parseResponse } from './parse-response.ts';
import { type Answer, type Endpoint, maxAnswerBytes, type Question, type TlsFacts } from './question.ts';
import { readTlsFacts } from './tls-facts.ts';

/** An open connection. Answers come in the order of the requests. The caller closes it. */
export interface Conversation {
  /** Sends one request whole. */
  send(question: Question): void;
  /** Sends bytes as they are, e.g. a request in parts. */
  write(bytes: string | Buffer): void;
  /**
   * The next answer; `question` is the one that it answers. Throws NoAnswer when none comes in time, or the connection is closed before
   * it. `surplusBytes` counts what has come after it so far, which with pipelining is the next answer.
   */
  receive(question: Question): Promise<Answer>;
  /** Whether the endpoint has closed it. */
  readonly isClosed: boolean;
  close(): void;
}

/** Connects, with what `question` presents, and sends nothing yet. Throws as openSocket; a failure of TLS shows at `receive`. */
export async function openConversation(endpoint: Endpoint, question: Question): Promise<Conversation> {
  const socket = await connect(endpoint, question);
  let startedAt = performance.now();
  let received: Buffer = Buffer.alloc(0);
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
    received = Buffer.concat([received, chunk]);
    if (received.length > maxAnswerBytes) {
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

  /** Waits for more bytes or the end. Throws NoAnswer when neither comes by `deadline`. */
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
      for (;;) {
        const parsed = parseResponse(received, method);
        if (received.length > 0 && firstByteAt === 0) firstByteAt = performance.now();
        if (received.length > 0 && parsed === 'not-http') throw new NoAnswer('not-http', 'HPE_INVALID_CONSTANT');
        if (parsed !== null && parsed !== 'not-http') {
          const isOver = isClosed || (parsed.isComplete && !parsed.endsWithConnection);
          if (isOver) {
            received = parsed.rest;
            return toRawAnswer(parsed, { startedAt, firstByteAt }, facts && { ...facts, session });
          }
        } else if (isClosed) throw failure ?? new NoAnswer('closed', 'ECONNRESET');
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
