// Stream for pg: connects, negotiates TLS, checks the framing of all messages, and contains exceptions of pg's parser.
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { SourceError } from '../user-source.ts';
import { describeForeignServer } from './foreign-server.ts';
import { PostgresMessages } from './postgres-messages.ts';
import { WireError } from './wire-error.ts';

export interface PostgresStreamOptions {
  /** `null`: no TLS. */
  readonly tls: ConnectionOptions | null;
  /** Time until the first message of the database, in milliseconds. */
  readonly answerTimeoutMs: number;
}

type Stage = 'connecting' | 'negotiating' | 'waiting' | 'open';

/** https://www.postgresql.org/docs/current/protocol-flow.html, "SSL Session Encryption". */
const sslRequest = Buffer.from('0000000804d2162f', 'hex');
/** Enough for a type, a length and the first byte of the body. */
const headBytes = 6;
const maxLoginBytes = 30_000;

/**
 * Implements what pg needs of the option `stream`. pg gets no TLS options: it would make the TLS socket itself, and an
 * exception of its parser in that socket's `data` event would end the process.
 */
export class PostgresStream extends Duplex {
  readonly #options: PostgresStreamOptions;
  readonly #messages = new PostgresMessages();
  #place = '';
  #stage: Stage = 'connecting';
  /** The TCP socket, then the TLS socket on top of it. */
  #wire: Socket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #keepAlive = false;
  /** The first bytes, until they are recognised as PostgreSQL's; then `null`. */
  #head: Buffer | null = Buffer.alloc(0);

  constructor(options: PostgresStreamOptions) {
    super({ allowHalfOpen: false });
    this.#options = options;
  }

  connect(portOrPath: number | string, host?: string): this {
    const isPath = typeof portOrPath === 'string';
    this.#place = isPath ? portOrPath : `${host}:${portOrPath}`;
    this.#timer = setTimeout(() => this.destroy(this.#tooLate()), this.#options.answerTimeoutMs);
    const socket = connect(isPath ? { path: portOrPath } : { port: portOrPath, host: host ?? '' });
    this.#wire = socket;
    socket.setNoDelay().on('error', (error) => this.#fail(error));
    socket.once('close', () => this.#closed());
    socket.once('connect', () => {
      if (this.#keepAlive) socket.setKeepAlive(true);
      const { tls } = this.#options;
      if (tls === null) this.#attach(socket);
      else this.#negotiate(socket, tls);
    });
    return this;
  }

  #negotiate(socket: Socket, tls: ConnectionOptions): void {
    this.#stage = 'negotiating';
    socket.write(sslRequest);
    socket.once('data', (reply) => {
      // Bytes behind the one byte would be read as if they had come encrypted (CVE-2021-23222).
      if (reply.length === 1 && reply[0] === 0x53) {
        const secure = connectTls({ ...tls, socket });
        this.#wire = secure;
        secure.on('error', (error) => this.#fail(error));
        secure.once('close', () => this.#closed());
        secure.once('secureConnect', () => this.#attach(secure));
      } else if (reply.length === 1 && reply[0] === 0x4e) {
        this.destroy(
          new SourceError(
            'unavailable',
            `${this.#place} does not offer TLS. Set \`ssl = on\` in the database, or remove connection.tls.`,
          ),
        );
      } else {
        this.destroy(describeForeignServer('postgresql', this.#place, reply));
      }
    });
  }

  #attach(wire: Socket): void {
    this.#stage = 'waiting';
    wire.on('data', (chunk) => this.#receive(chunk, wire));
    wire.once('end', () => this.push(null));
    this.emit('connect');
  }

  #receive(chunk: Buffer, wire: Socket): void {
    let bytes = chunk;
    if (this.#head !== null) {
      this.#head = Buffer.concat([this.#head, chunk]);
      if (this.#head.length < headBytes) return;
      if (!isFirstMessage(this.#head)) {
        this.destroy(describeForeignServer('postgresql', this.#place, this.#head));
        return;
      }
      bytes = this.#head;
      this.#head = null;
      this.#stage = 'open';
      clearTimeout(this.#timer);
    }
    try {
      const messages = this.#messages.take(bytes);
      if (messages.length > 0 && !this.push(messages)) wire.pause();
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  /** Contains what pg throws while it handles a message. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...values);
    try {
      return super.emit(event, ...values);
    } catch (error) {
      this.destroy(error instanceof SourceError ? error : new WireError('unexpected message'));
      return true;
    }
  }

  override _read(): void {
    this.#wire?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#wire?.write(chunk, done);
  }

  /** One packet for what was written while corked. */
  override _writev(chunks: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    this.#wire?.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#wire?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#wire?.destroy();
    done(error);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(enabled: boolean): this {
    this.#keepAlive = enabled;
    this.#wire?.setKeepAlive(enabled);
    return this;
  }

  ref(): this {
    this.#wire?.ref();
    return this;
  }

  unref(): this {
    this.#wire?.unref();
    return this;
  }

  #fail(error: NodeJS.ErrnoException): void {
    const isReset = error.code === 'ECONNRESET' && this.#stage !== 'connecting';
    if (isReset) this.#closed();
    this.destroy(error);
  }

  #closed(): void {
    if (this.destroyed || this.#stage === 'open') {
      this.destroy();
      return;
    }
    const head = this.#head ?? Buffer.alloc(0);
    this.destroy(
      head.length > 0
        ? describeForeignServer('postgresql', this.#place, head)
        : new SourceError(
            'unavailable',
            `${this.#place} closed the connection without a reply. Check that PostgreSQL listens on this port and accepts connections from this machine.`,
          ),
    );
  }

  #tooLate(): SourceError {
    const { answerTimeoutMs } = this.#options;
    const text = {
      connecting: `${this.#place} accepted no connection within ${answerTimeoutMs} ms. Check connection.host, connection.port and the firewall between.`,
      negotiating: `${this.#place} accepted the connection, and TLS was not established within ${answerTimeoutMs} ms. Check that PostgreSQL listens on this port.`,
      waiting: `${this.#place} accepted the connection and sent no reply within ${answerTimeoutMs} ms. Check that PostgreSQL listens on this port.`,
      open: `${this.#place} sent no reply within ${answerTimeoutMs} ms.`,
    };
    return new SourceError('too-slow', text[this.#stage]);
  }
}

/** A request to authenticate, an error or a notice, of plausible length; the rest is checked with all other messages. */
function isFirstMessage(head: Buffer): boolean {
  const type = String.fromCharCode(head[0] ?? 0);
  const length = head.readUInt32BE(1);
  if (length < 8 || length > maxLoginBytes) return false;
  // The first field of an error is always its severity.
  return type === 'R' || ((type === 'E' || type === 'N') && head[5] === 0x53);
}
