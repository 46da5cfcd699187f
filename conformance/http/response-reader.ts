// Incremental reader of one HTTP/1 response, lenient and exact: it keeps what Node's parser drops or rejects, and reads each byte once.
import { answerLimits, type ExceededLimit } from './answer-limits.ts';
import type { Answer } from './endpoint-request.ts';
import { GrowingBuffer } from './growing-buffer.ts';

/** The part of a response that has been read. */
export interface ReadResponse {
  readonly status: number;
  readonly httpVersion: string;
  readonly rawHeaders: Answer['rawHeaders'];
  readonly wireBody: Buffer;
  readonly isChunked: boolean;
  /** Whether the end of the response was reached. Always true for a response that only the end of the connection can end. */
  readonly isComplete: boolean;
  /** Whether only the end of the connection can end the response. */
  readonly endsWithConnection: boolean;
  /** The limit at which reading stopped; null: none. */
  readonly exceeded: ExceededLimit | null;
}

interface Head {
  readonly status: number;
  readonly httpVersion: string;
  readonly rawHeaders: Answer['rawHeaders'];
  readonly isChunked: boolean;
}

type Part = 'head' | 'sized' | 'chunk line' | 'chunk' | 'chunk end' | 'trailers' | 'to the end' | 'done' | 'not-http';

const noBytes = Buffer.alloc(0);

function parseHeaders(lines: readonly string[]): Answer['rawHeaders'] {
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? ([line, ''] as const) : ([line.slice(0, colon), line.slice(colon + 1).trim()] as const);
  });
}

/** Reads the first final response of a connection; interim ones (1xx) are skipped. */
export class ResponseReader {
  readonly #hasBody: boolean;
  #part: Part = 'head';
  #head: Head | null = null;
  #exceeded: ExceededLimit | null = null;
  /** Bytes of a header section, a chunk line or trailers that are still incomplete. */
  readonly #pending = new GrowingBuffer();
  readonly #body = new GrowingBuffer();
  /** Remaining bytes of a chunk, or of a body with Content-Length. */
  #left = 0;
  #interimBytes = 0;
  #framingBytes = 0;

  /** @param method of the request: a response to HEAD has no body. */
  constructor(method: string) {
    this.#hasBody = method !== 'HEAD';
  }

  /** Whether the bytes cannot become an HTTP response. */
  get isNotHttp(): boolean {
    return this.#part === 'not-http';
  }

  /** Whether nothing more will be read: the end was reached, or a limit was exceeded. */
  get isDone(): boolean {
    return this.#part === 'done';
  }

  /** The limit at which reading stopped; null: none. */
  get exceeded(): ExceededLimit | null {
    return this.#exceeded;
  }

  /** Reads the next bytes. @returns the bytes after the end of the response. */
  push(bytes: Buffer): Buffer {
    let given = bytes;
    while (given.length > 0 && this.#part !== 'done' && this.#part !== 'not-http') given = this.#step(given);
    return this.#part === 'done' && this.#exceeded === null ? given : noBytes;
  }

  /** Returns the response as far as it has been read; null: its header section is incomplete. */
  read(): ReadResponse | null {
    if (this.#head === null) return null;
    return {
      ...this.#head,
      wireBody: this.#body.toBuffer(),
      isComplete: this.#part === 'to the end' || (this.#part === 'done' && this.#exceeded === null),
      endsWithConnection: this.#part === 'to the end',
      exceeded: this.#exceeded,
    };
  }

  /** @returns the bytes that have not been read yet. */
  #step(given: Buffer): Buffer {
    switch (this.#part) {
      case 'head':
        return this.#readHead(given);
      case 'sized':
      case 'chunk':
        return this.#readSized(given);
      case 'chunk line':
        return this.#readChunkLine(given);
      case 'chunk end': {
        // The two bytes after a chunk are not examined.
        const skipped = given.subarray(0, this.#left);
        this.#left -= skipped.length;
        if (this.#left === 0) this.#part = 'chunk line';
        return given.subarray(skipped.length);
      }
      case 'trailers':
        return this.#readTrailers(given);
      case 'to the end':
        this.#keep(given);
        return noBytes;
      default:
        return noBytes;
    }
  }

  #stop(limit: ExceededLimit): Buffer {
    this.#exceeded = limit;
    this.#part = 'done';
    return noBytes;
  }

  #keep(piece: Buffer): void {
    const room = answerLimits.maxBodyBytes - this.#body.length;
    this.#body.append(piece.subarray(0, room));
    if (piece.length > room) this.#stop('body');
  }

  /**
   * Moves bytes before `end` to the pending ones, and examines at most `limit` of them.
   *
   * @returns the position of `end` in the pending bytes, and the bytes after it; null: it has not arrived.
   */
  #takeUntil(given: Buffer, end: string, limit: number): { readonly at: number; readonly rest: Buffer } | null {
    const before = this.#pending.length;
    if (before > 0) {
      // The end may have begun in the preceding bytes.
      this.#pending.append(given.subarray(0, end.length - 1));
      const at = this.#pending.view().indexOf(end, Math.max(before - end.length + 1, 0), 'latin1');
      if (at >= 0) return { at, rest: given.subarray(at + end.length - before) };
    }
    const searched = given.subarray(0, limit + end.length);
    const found = searched.indexOf(end, 0, 'latin1');
    this.#pending.append(
      searched.subarray(
        this.#pending.length - before,
        found < 0 ? searched.length : Math.max(found, this.#pending.length - before),
      ),
    );
    return found < 0 ? null : { at: before + found, rest: given.subarray(found + end.length) };
  }

  #readHead(given: Buffer): Buffer {
    const { maxHeadBytes, maxInterimBytes } = answerLimits;
    const taken = this.#takeUntil(given, '\r\n\r\n', maxHeadBytes);
    const view = this.#pending.view();
    if (!'HTTP/'.startsWith(view.toString('latin1', 0, 5))) {
      this.#part = 'not-http';
      return noBytes;
    }
    const length = taken?.at ?? view.length;
    const isTooLong = length > maxHeadBytes;
    if (taken === null && !isTooLong) return noBytes;
    const [statusLine = '', ...lines] = view.toString('latin1', 0, Math.min(length, maxHeadBytes)).split('\r\n');
    this.#pending.clear();
    const [, httpVersion, digits] = /^HTTP\/(\d\.\d) (\d{3})(?: |$)/.exec(statusLine) ?? [];
    if (httpVersion === undefined || digits === undefined) {
      this.#part = 'not-http';
      return noBytes;
    }
    const status = Number(digits);
    if (status >= 100 && status < 200 && !isTooLong) {
      this.#interimBytes += length + 4;
      if (this.#interimBytes <= maxInterimBytes) return taken?.rest ?? noBytes;
      this.#head = { status, httpVersion, rawHeaders: [], isChunked: false };
      return this.#stop('interim');
    }
    const rawHeaders = parseHeaders(lines.slice(0, answerLimits.maxHeaderFields));
    const headerOf = (name: string) => rawHeaders.find(([each]) => each.toLowerCase() === name)?.[1];
    const isChunked = /\bchunked\b/i.test(headerOf('transfer-encoding') ?? '');
    this.#head = { status, httpVersion, rawHeaders, isChunked };
    if (isTooLong) return this.#stop('head');
    if (lines.length > answerLimits.maxHeaderFields) return this.#stop('fields');
    this.#beginBody(headerOf('content-length'));
    return taken?.rest ?? noBytes;
  }

  #beginBody(length: string | undefined): void {
    const { status, isChunked } = this.#head as Head;
    if (!this.#hasBody || status === 204 || status === 304) this.#part = 'done';
    else if (isChunked) this.#part = 'chunk line';
    else if (length === undefined || !/^\d+$/.test(length)) this.#part = 'to the end';
    else {
      this.#left = Number(length);
      this.#part = this.#left === 0 ? 'done' : 'sized';
    }
  }

  #readSized(given: Buffer): Buffer {
    const piece = given.subarray(0, this.#left);
    const isChunk = this.#part === 'chunk';
    this.#keep(piece);
    if (this.isDone) return noBytes;
    this.#left -= piece.length;
    if (this.#left === 0) {
      this.#part = isChunk ? 'chunk end' : 'done';
      if (isChunk) this.#left = 2;
    }
    return given.subarray(piece.length);
  }

  #readChunkLine(given: Buffer): Buffer {
    const taken = this.#takeUntil(given, '\r\n', answerLimits.maxHeadBytes);
    if (this.#isFramingTooLong(taken)) return this.#stop('framing');
    if (taken === null) return noBytes;
    const size = /^([0-9a-f]+)\s*(?:;|$)/i.exec(this.#pending.view().toString('latin1', 0, taken.at))?.[1];
    this.#pending.clear();
    // Chunks that cannot be read have no end, like chunks that do not arrive.
    if (size === undefined) return this.#loseFraming();
    this.#left = Number.parseInt(size, 16);
    this.#part = this.#left === 0 ? 'trailers' : 'chunk';
    // Trailers end with an empty line, like headers; without trailers, the empty line follows at once.
    if (this.#left === 0) this.#pending.append(Buffer.from('\r\n'));
    return taken.rest;
  }

  /** Returns whether the framing exceeds a limit. Only complete lines and complete trailers count toward the total. */
  #isFramingTooLong(taken: { readonly at: number } | null): boolean {
    const { maxHeadBytes, maxFramingBytes } = answerLimits;
    if (taken === null) return this.#pending.length > maxHeadBytes;
    this.#framingBytes += taken.at + 4;
    return taken.at > maxHeadBytes || this.#framingBytes > maxFramingBytes;
  }

  /** Discards all further bytes, because they cannot be interpreted: the response never becomes complete. */
  #loseFraming(): Buffer {
    this.#left = Number.POSITIVE_INFINITY;
    this.#part = 'chunk end';
    return noBytes;
  }

  #readTrailers(given: Buffer): Buffer {
    const taken = this.#takeUntil(given, '\r\n\r\n', answerLimits.maxHeadBytes);
    if (this.#isFramingTooLong(taken)) return this.#stop('framing');
    if (taken === null) return noBytes;
    this.#pending.clear();
    this.#part = 'done';
    return taken.rest;
  }
}
