// Stream for mysql2 without TLS: checks the framing of all packets.
import type { Socket } from 'node:net';
import { DatabaseStream, type WirePlace } from './database-stream.ts';
import { MysqlMessages } from './mysql-messages.ts';

/** Connects at once, as mysql2 expects. */
export class MysqlStream extends DatabaseStream {
  /** The header of a packet and its first byte. */
  protected override readonly headBytes = 5;
  readonly #messages = new MysqlMessages();

  /** @param answerTimeoutMs time until the greeting, in milliseconds. */
  constructor(place: WirePlace, answerTimeoutMs: number) {
    super('mysql', answerTimeoutMs);
    this.open(place);
  }

  protected override connected(socket: Socket): void {
    this.attach(socket);
  }

  protected override sent(chunk: Buffer): void {
    this.#messages.sent(chunk);
  }

  protected override checked(chunk: Buffer): Buffer {
    return this.#messages.take(chunk);
  }

  /** Returns whether this is a greeting of protocol 10, or an error in its place; the first packet has number 0. */
  protected override isFirstMessage(head: Buffer): boolean {
    return head[3] === 0 && (head[4] === 0x0a || head[4] === 0xff);
  }
}
