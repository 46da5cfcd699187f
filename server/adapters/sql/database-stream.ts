// Stream of a database driver: connects, validates received data before the driver parses it, and catches the parser's exceptions.
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { SourceError } from '../user-source.ts';
import {
  type DatabaseProtocol,
  describeClosing,
  describeForeignServer,
  describeSilence,
  WireError,
} from './foreign-server.ts';

/** Where to connect, in the form of `net.connect`. */
export type WirePlace = { readonly path: string } | { readonly host: string; readonly port: number };

type Stage = 'connecting' | 'negotiating' | 'waiting' | 'open';

/**
 * Implements what drivers need of a custom stream. An exception that a driver's parser throws in a `data` event would stop the process; here it closes
 * the connection.
 */
export abstract class DatabaseStream extends Duplex {
  /** Number of bytes that `isFirstMessage` needs. */
  protected abstract readonly headBytes: number;
  readonly #protocol: DatabaseProtocol;
  readonly #answerTimeoutMs: number;
  #place = '';
  #stage: Stage = 'connecting';
  /** The TCP socket, then the TLS socket on top of it. */
  #wire: Socket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #keepAlive = true;
  /** The first bytes, until the protocol is recognized; then `null`. */
  #head: Buffer | null = Buffer.alloc(0);

  /** @param answerTimeoutMs time until the first message of the database, in milliseconds. */
  constructor(protocol: DatabaseProtocol, answerTimeoutMs: number) {
    super({ allowHalfOpen: false });
    this.#protocol = protocol;
    this.#answerTimeoutMs = answerTimeoutMs;
  }

  /** Returns whether these can be the first bytes of the protocol. */
  protected abstract isFirstMessage(head: Buffer): boolean;
  /** Accepts received bytes. @returns the bytes of complete messages. @throws {WireError} */
  protected abstract checked(chunk: Buffer): Buffer;
  /** Observes what the driver sends. */
  protected sent(_chunk: Buffer): void {}
  /** Prepares the connection, then calls `attach`. */
  protected abstract connected(socket: Socket): void;

  protected open(place: WirePlace): void {
    this.#place = 'path' in place ? place.path : `${place.host}:${place.port}`;
    this.#timer = setTimeout(() => this.destroy(this.#tooLate()), this.#answerTimeoutMs);
    const socket = this.watch(connect(place).setNoDelay());
    socket.once('connect', () => {
      socket.setKeepAlive(this.#keepAlive);
      this.#stage = 'negotiating';
      this.connected(socket);
    });
  }

  /** Uses a socket for reading, writing and closing this stream. */
  protected watch<Wire extends Socket>(wire: Wire): Wire {
    this.#wire = wire;
    wire.on('error', (error) => this.#fail(error));
    wire.once('close', () => this.#closed());
    return wire;
  }

  /** Forwards everything received from here on. */
  protected attach(wire: Socket): void {
    this.#stage = 'waiting';
    wire.on('data', (chunk) => this.#receive(chunk, wire));
    wire.once('end', () => (this.#stage === 'open' ? this.push(null) : this.#closed()));
    this.emit('connect');
  }

  protected refuse(head: Buffer): void {
    this.destroy(describeForeignServer(this.#protocol, this.#place, head));
  }

  protected get place(): string {
    return this.#place;
  }

  #receive(chunk: Buffer, wire: Socket): void {
    let bytes = chunk;
    if (this.#head !== null) {
      this.#head = Buffer.concat([this.#head, chunk]);
      if (this.#head.length < this.headBytes) return;
      if (!this.isFirstMessage(this.#head)) {
        this.refuse(this.#head);
        return;
      }
      bytes = this.#head;
      this.#head = null;
      this.#stage = 'open';
      clearTimeout(this.#timer);
    }
    try {
      const messages = this.checked(bytes);
      if (messages.length > 0 && !this.push(messages)) wire.pause();
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  /** Catches exceptions of a driver while it handles a message. */
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
    this.sent(chunk);
    this.#wire?.write(chunk, done);
  }

  /** Sends everything written while corked in one packet. */
  override _writev(chunks: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    for (const { chunk } of chunks) this.sent(chunk);
    this.#wire?.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  /** Does not wait for the other side, which may hang. */
  override _final(done: (error?: Error | null) => void): void {
    this.#wire?.destroySoon();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#wire?.destroy();
    done(error);
  }

  /** Does nothing: the option is always enabled, but drivers set it. */
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
    if (error.code === 'ECONNRESET' && this.#stage !== 'connecting') this.#closed();
    this.destroy(error);
  }

  #closed(): void {
    if (this.destroyed || this.#stage === 'open') {
      this.destroy();
      return;
    }
    if (this.#head !== null && this.#head.length > 0) {
      this.refuse(this.#head);
      return;
    }
    this.destroy(describeClosing(this.#protocol, this.#place));
  }

  #tooLate(): SourceError {
    if (this.#stage !== 'connecting') return describeSilence(this.#protocol, this.#place, this.#answerTimeoutMs);
    const advice = 'Check connection.host, connection.port and any firewall in between.';
    const text = `${this.#place} did not accept a connection within ${this.#answerTimeoutMs} ms. ${advice}`;
    return new SourceError('too-slow', text);
  }
}
