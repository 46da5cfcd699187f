// One bound connection to a server, used for many concurrent searches until it fails. It never reconnects, so no search can run as another account.
import type { Socket } from 'node:net';
import type { LdapSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { type LookUpSignal, SourceError } from '../../user-source.ts';
import type { DirectoryEntry } from '../directory.ts';
import { BerError, berTags, sizeOfElement } from './ber.ts';
import { givenUp, searchRefused, TransportFault, transportFault } from './ldap-errors.ts';
import {
  type LdapResult,
  operations,
  type PageRequest,
  readAnswer,
  writeAbandon,
  writeSearch,
  writeUnbind,
} from './ldap-messages.ts';

export interface SearchPage {
  readonly entries: readonly DirectoryEntry[];
  /** References, including referrals to other servers; each contains the URLs of one location. */
  readonly references: ReadonlyArray<readonly string[]>;
  /** Cookie for the next page; empty: this was the last one; `null`: the server does not page. */
  readonly cookie: Buffer | null;
}

interface Pending {
  /** The response operation that ends the request. */
  readonly operation: number;
  readonly entries: DirectoryEntry[];
  readonly references: Array<readonly string[]>;
  readonly deadlineMs: number;
  readonly startedMs: number;
  resolve(result: LdapResult): void;
  reject(error: SourceError): void;
}

type ConnectionLimits = Pick<LdapSourceConfig, 'operationTimeoutMs' | 'idleSeconds'>;

/** Far larger than any reasonable directory entry; a server that announces a larger message is not trusted. */
const maxMessageBytes = 64 * 1024 * 1024;
const maxMessageId = 2 ** 31 - 1;
/** timeLimitExceeded, sizeLimitExceeded, adminLimitExceeded: there are more entries than were returned. */
const limitCodes: ReadonlySet<number> = new Set([3, 4, 11]);
/** OpenLDAP closes a connection that has more waiting requests than this (slapd.conf(5), `conn_max_pending`, for a client without a bind). */
const maxInFlight = 100;

export class LdapConnection {
  readonly url: string;
  #socket: Socket;
  readonly #limits: ConnectionLimits;
  readonly #idleMs: number;
  readonly #pending = new Map<number, Pending>();
  /** Searches that wait to be sent, in order, until others have finished. */
  readonly #waiting = new Set<() => void>();
  #lastId = 0;
  /** Bytes of an incomplete message. */
  #rest: Buffer[] = [];
  #restLength = 0;
  #neededLength = 0;
  #failure: SourceError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = 0;
  #lastUseMs = performance.now();
  #lastDataMs = 0;
  #isCorked = false;
  #onClose: () => void = () => undefined;

  constructor(url: string, socket: Socket, limits: ConnectionLimits) {
    this.url = url;
    this.#limits = limits;
    this.#idleMs = limits.idleSeconds * 1000;
    this.#socket = socket;
    this.#listen(socket);
  }

  get isOpen(): boolean {
    return this.#failure === null;
  }

  /** Returns the number of pending searches, including waiting ones. */
  get inFlight(): number {
    return this.#pending.size + this.#waiting.size;
  }

  /** Called once when the connection has ended, for whatever reason. */
  set onClose(listener: () => void) {
    this.#onClose = listener;
    if (!this.isOpen) listener();
  }

  /**
   * Sends a request other than a search, before any search: StartTLS or a bind.
   *
   * @param write receives the id of the message.
   */
  request(write: (messageId: number) => Buffer, operation: number): Promise<LdapResult> {
    return new Promise((resolve, reject) => this.#send(write, this.#makePending(operation, resolve, reject)));
  }

  /**
   * Continues within TLS after the server agreed to it.
   *
   * @throws {TransportFault} if data followed the server's agreement, because it was sent before TLS protected the connection.
   */
  async upgrade(secure: (plain: Socket) => Promise<Socket>): Promise<void> {
    if (this.#restLength > 0) throw new TransportFault(`${this.url}: received bytes before TLS began.`);
    const plain = this.#socket;
    plain.off('data', this.#onData).off('close', this.#onEnd);
    this.#socket = await secure(plain);
    this.#listen(this.#socket);
  }

  /**
   * Searches one page.
   *
   * @throws {SourceError} as `Directory.search`; `TransportFault` if the connection failed during it.
   */
  searchPage(request: PageRequest, purpose: string, signal: LookUpSignal): Promise<SearchPage> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(givenUp());
      let messageId = 0;
      const onAbort = () => {
        if (!this.#waiting.delete(send)) {
          if (!this.#pending.delete(messageId)) return;
          this.#write(writeAbandon(this.#nextId(), messageId));
          this.#sendWaiting();
        }
        reject(givenUp());
      };
      const send = () => {
        const pending = this.#makePending(
          operations.searchDone,
          ({ code, cookie }) => {
            signal.removeEventListener('abort', onAbort);
            const isEnough = request.isSample === true && pending.entries.length > 0 && limitCodes.has(code);
            if (code !== 0 && !isEnough) reject(searchRefused(purpose, code, request.page?.size ?? 0));
            else resolve({ entries: pending.entries, references: pending.references, cookie });
          },
          (error) => {
            signal.removeEventListener('abort', onAbort);
            reject(error);
          },
        );
        messageId = this.#send((id) => writeSearch(id, request), pending);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (this.#pending.size < maxInFlight) send();
      else this.#waiting.add(send);
    });
  }

  /** Ends the connection; its searches fail. */
  close(): void {
    if (!this.isOpen) return;
    this.#socket.write(writeUnbind(this.#nextId()));
    this.#socket.end();
    this.#fail(new TransportFault(`${this.url}: the connection was closed.`));
  }

  #sendWaiting(): void {
    for (const send of this.#waiting) {
      if (this.#pending.size >= maxInFlight) return;
      this.#waiting.delete(send);
      send();
    }
  }

  #makePending(operation: number, resolve: Pending['resolve'], reject: Pending['reject']): Pending {
    const startedMs = performance.now();
    const deadlineMs = startedMs + this.#limits.operationTimeoutMs;
    return { operation, entries: [], references: [], startedMs, deadlineMs, resolve, reject };
  }

  #send(write: (messageId: number) => Buffer, pending: Pending): number {
    if (this.#failure !== null) {
      pending.reject(this.#failure);
      return 0;
    }
    const messageId = this.#nextId();
    this.#pending.set(messageId, pending);
    this.#lastUseMs = pending.startedMs;
    this.#write(write(messageId));
    this.#armTimer();
    return messageId;
  }

  /** Writes a message; everything written in one turn of the event loop is sent in one packet. */
  #write(message: Buffer): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      const socket = this.#socket;
      socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        socket.uncork();
      });
    }
    this.#socket.write(message);
  }

  #nextId(): number {
    this.#lastId = this.#lastId >= maxMessageId ? 1 : this.#lastId + 1;
    return this.#lastId;
  }

  #listen(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('error', (error) => this.#fail(transportFault(this.url, error)));
    socket.on('close', this.#onEnd);
  }

  readonly #onData = (chunk: Buffer): void => this.#receive(chunk);
  readonly #onEnd = (): void => this.#fail(new TransportFault(`${this.url}: the server closed the connection.`));

  #receive(chunk: Buffer): void {
    this.#lastDataMs = performance.now();
    this.#rest.push(chunk);
    this.#restLength += chunk.length;
    if (this.#restLength < this.#neededLength) return;
    const [only] = this.#rest;
    const data = this.#rest.length === 1 && only !== undefined ? only : Buffer.concat(this.#rest, this.#restLength);
    try {
      const read = this.#readMessages(data);
      const rest = data.subarray(read);
      this.#rest = rest.length === 0 ? [] : [rest];
      this.#restLength = rest.length;
    } catch (error) {
      if (!(error instanceof BerError)) throw error;
      this.#fail(
        new SourceError('bad-answer', `${this.url} sent a message that is not LDAP: ${error.message}.`, {
          cause: error,
        }),
      );
    }
  }

  /** Reads all complete messages. @returns their number of bytes. */
  #readMessages(data: Buffer): number {
    let place = 0;
    for (;;) {
      if (place < data.length && data[place] !== berTags.sequence)
        throw new BerError('no message begins at this position');
      const size = place < data.length ? sizeOfElement(data, place) : null;
      this.#neededLength = size ?? 0;
      if (size === null) return place;
      if (size > maxMessageBytes) throw new BerError(`a message of ${size} bytes is too large`);
      if (place + size > data.length) return place;
      this.#take(data.subarray(place, place + size));
      place += size;
      if (!this.isOpen) return data.length;
    }
  }

  #take(message: Buffer): void {
    const answer = readAnswer(message);
    if (answer.id === 0) {
      this.#fail(new TransportFault(`${this.url}: the server sent a notice of disconnection.`));
      return;
    }
    const pending = this.#pending.get(answer.id);
    // This is a response to a request that was cancelled in the meantime.
    if (pending === undefined) return;
    if (answer.kind === 'entry') pending.entries.push(answer.entry);
    else if (answer.kind === 'reference') pending.references.push(answer.urls);
    else if (answer.operation !== pending.operation)
      throw new BerError('a response whose type does not match the request');
    else {
      this.#pending.delete(answer.id);
      pending.resolve(answer.result);
      this.#sendWaiting();
    }
  }

  /** Sets the connection's only timer: for the time limit of the oldest search or for the idle time, whichever is earlier. */
  #armTimer(): void {
    if (!this.isOpen) return;
    const [oldest] = this.#pending.values();
    const dueMs = Math.min(oldest?.deadlineMs ?? Number.POSITIVE_INFINITY, this.#lastUseMs + this.#idleMs);
    // Searches usually end long before their limit: an existing timer checks again when it fires.
    if (this.#timer !== undefined && this.#timerDueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(dueMs - performance.now(), 1)).unref();
  }

  #onTimer(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [messageId, pending] of this.#pending) {
      if (pending.deadlineMs > now) break;
      this.#pending.delete(messageId);
      const { operationTimeoutMs } = this.#limits;
      pending.reject(new SourceError('too-slow', `${this.url} did not respond within ${operationTimeoutMs} ms.`));
      // A server that has sent nothing since the search started is dead; a server that responds to other searches is only slow with this one.
      if (this.#lastDataMs < pending.startedMs) {
        this.#fail(new SourceError('too-slow', `${this.url} did not respond within ${operationTimeoutMs} ms.`));
        return;
      }
      this.#write(writeAbandon(this.#nextId(), messageId));
    }
    this.#sendWaiting();
    if (this.#pending.size === 0 && this.#lastUseMs + this.#idleMs <= now) this.close();
    else this.#armTimer();
  }

  #fail(error: SourceError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    // `end` still sends what was written before it; `destroy` would discard it.
    if (!this.#socket.writableEnded) this.#socket.destroy();
    else this.#socket.destroySoon();
    for (const { reject } of waiting) reject(error);
    // Each waiting search fails at once.
    this.#sendWaiting();
    this.#onClose();
  }
}
