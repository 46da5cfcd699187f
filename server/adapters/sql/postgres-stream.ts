// Stream for pg: negotiates TLS and checks the framing of all messages.
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { DatabaseStream } from './database-stream.ts';
import { TlsNotOffered } from './foreign-server.ts';
import { PostgresMessages } from './postgres-messages.ts';

export interface PostgresStreamOptions {
  /** `null`: no TLS. */
  readonly tls: ConnectionOptions | null;
  /** Time until the first message of the database, in milliseconds. */
  readonly answerTimeoutMs: number;
}

/** https://www.postgresql.org/docs/current/protocol-flow.html, "SSL Session Encryption". */
const sslRequest = Buffer.from('0000000804d2162f', 'hex');
const [accepted, declined] = [0x53, 0x4e];
const maxLoginBytes = 30_000;

/** pg gets no TLS options: it would create the TLS socket itself, and exceptions in its events could not be caught. */
export class PostgresStream extends DatabaseStream {
  /** A type, a length and the first byte of the body. */
  protected override readonly headBytes = 6;
  readonly #tls: ConnectionOptions | null;
  readonly #messages = new PostgresMessages();
  #secure: TLSSocket | null = null;

  constructor({ tls, answerTimeoutMs }: PostgresStreamOptions) {
    super('postgresql', answerTimeoutMs);
    this.#tls = tls;
  }

  /** Returns the TLS connection once it is established; `null` without TLS. */
  get secure(): TLSSocket | null {
    return this.#secure;
  }

  /** Called by pg. */
  connect(portOrPath: number | string, host = ''): this {
    this.open(typeof portOrPath === 'string' ? { path: portOrPath } : { port: portOrPath, host });
    return this;
  }

  protected override connected(socket: Socket): void {
    const tls = this.#tls;
    if (tls === null) {
      this.attach(socket);
      return;
    }
    socket.write(sslRequest);
    socket.once('data', (reply) => {
      // Bytes after the one-byte response would be read as if they had arrived encrypted (CVE-2021-23222).
      if (reply.length > 1 || (reply[0] !== accepted && reply[0] !== declined)) this.refuse(reply);
      else if (reply[0] === declined) {
        const remedy = 'Set `ssl = on` in the database, or remove connection.tls.';
        this.destroy(new TlsNotOffered('unavailable', `${this.place} does not offer TLS. ${remedy}`));
      } else {
        const secure = this.watch(connectTls({ ...tls, socket }));
        secure.once('secureConnect', () => {
          this.#secure = secure;
          this.attach(secure);
        });
      }
    });
  }

  protected override checked(chunk: Buffer): Buffer {
    return this.#messages.take(chunk);
  }

  /** A request to authenticate, an error or a notice, of plausible length; the rest is validated with all other messages. */
  protected override isFirstMessage(head: Buffer): boolean {
    const type = String.fromCharCode(head[0] ?? 0);
    const length = head.readUInt32BE(1);
    if (length < 8 || length > maxLoginBytes) return false;
    // The first field of an error is always its severity.
    return type === 'R' || ((type === 'E' || type === 'N') && head[5] === 0x53);
  }
}
