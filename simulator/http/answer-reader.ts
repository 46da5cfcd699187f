// Owns reading the answers to GET requests on one connection: HTTP/1.1 to the letter (RFC 9112), and nothing that two readers could read in two ways.
import { NoAnswer } from './no-answer.ts';

/** What counts of an answer; empty texts: the header was not given. */
export interface EndpointAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly location: string;
  readonly body: Buffer;
}

export interface WholeAnswer {
  readonly answer: EndpointAnswer;
  /** Whether the connection may be used for another request. */
  readonly isReusable: boolean;
}

/** As much as Node's own clients take. */
const maxHeadBytes = 16 * 1024;
/** A size, and extensions that nobody uses. */
const maxChunkLineBytes = 1024;

/** RFC 9112, 7.1 and 7.1.1, without the space that it lets stand between the parts. */
const chunkLine =
  /^([0-9a-f]{1,8})(?:;[!#$%&'*+.^_`|~\w-]+(?:=(?:[!#$%&'*+.^_`|~\w-]+|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)*$/i;

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const tab = 9;
const colon = 58;

/** What names of headers are made of (RFC 9110, 5.6.2). */
const isTokenByte = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  isTokenByte[char.charCodeAt(0)] = 1;
}
/** And their values, and reasons (RFC 9110, 5.5). */
const isValueByte = new Uint8Array(256)
  .fill(1, space)
  .fill(1, tab, tab + 1)
  .fill(0, 127, 128);

interface Head {
  readonly isOld: boolean;
  readonly status: number;
  contentType: string;
  contentEncoding: string;
  location: string;
  /** null: none was given. */
  contentLength: number | null;
  isChunked: boolean;
  saysClose: boolean;
  saysKeepAlive: boolean;
}

type Part = 'head' | 'sized body' | 'chunk line' | 'chunk' | 'end of chunk' | 'trailers' | 'body to the end';

function noHttp(): NoAnswer {
  return new NoAnswer('no-http', 'what came is no HTTP, or has too long headers');
}

/**
 * Reads one answer after the other, from whatever pieces it comes in. What it keeps it copies: the bytes that it is given may be
 * overwritten after each call.
 */
export class AnswerReader {
  readonly #maxBodyBytes: number;
  #part: Part = 'head';
  #head: Head | null = null;
  /** The beginning of what can't be read before more has come. */
  #rest: Buffer | null = null;
  /** How much of the head has been checked already, so that a head in many pieces is not read again for each. */
  #checkedHeadBytes = 0;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  /** Of a body or a chunk, or how long trailers may still be. */
  #left = 0;

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** Whether a byte of an answer has come that is not whole. */
  get hasBegun(): boolean {
    return this.#head !== null || this.#rest !== null;
  }

  /**
   * @returns the answer, once it is whole.
   * @throws {NoAnswer} `no-http`, or `too-large`; nothing more can be read then.
   */
  read(bytes: Buffer): WholeAnswer | null {
    let given = bytes;
    if (this.#rest !== null) {
      given = Buffer.concat([this.#rest, bytes]);
      this.#rest = null;
    }
    let at = 0;
    while (at < given.length || this.#isWhole()) {
      if (this.#isWhole()) return this.#finish(at === given.length);
      const next = this.#step(given, at);
      if (next === null) {
        this.#rest = given === bytes ? Buffer.from(given.subarray(at)) : given.subarray(at);
        return null;
      }
      at = next;
    }
    return null;
  }

  /** The connection has ended in order. @returns the answer that this makes whole, if any. */
  end(): WholeAnswer | null {
    return this.#part === 'body to the end' ? this.#finish(false) : null;
  }

  #isWhole(): boolean {
    return this.#part === 'sized body' && this.#left === 0;
  }

  /** @returns up to where it has read; null: more has to come before it can go on. */
  #step(given: Buffer, at: number): number | null {
    switch (this.#part) {
      case 'head':
        return this.#readHead(given, at);
      case 'sized body':
      case 'chunk': {
        const end = Math.min(at + this.#left, given.length);
        this.#keep(given.subarray(at, end));
        this.#left -= end - at;
        if (this.#left === 0 && this.#part === 'chunk') this.#part = 'end of chunk';
        return end;
      }
      case 'chunk line':
        return this.#readChunkLine(given, at);
      case 'end of chunk':
        if (given.length < at + 2) return null;
        if (given[at] !== carriageReturn || given[at + 1] !== lineFeed) throw noHttp();
        this.#part = 'chunk line';
        return at + 2;
      case 'trailers':
        return this.#readTrailer(given, at);
      case 'body to the end':
        this.#keep(given.subarray(at));
        return given.length;
    }
  }

  #readHead(given: Buffer, at: number): number | null {
    const end = given.indexOf('\r\n\r\n', at + Math.max(this.#checkedHeadBytes - 3, 0), 'latin1');
    if (end < 0 || end - at > maxHeadBytes) {
      if (given.length - at > maxHeadBytes || !mayBecomeHead(given, at, this.#checkedHeadBytes)) throw noHttp();
      this.#checkedHeadBytes = given.length - at;
      return null;
    }
    this.#checkedHeadBytes = 0;
    const head = readHead(given, at, end);
    const after = end + 4;
    // Interim answers come before the one; a change of the protocol was not asked for.
    if (head.status === 101) throw noHttp();
    if (head.status < 200) return after;
    this.#head = head;
    if (head.isChunked) this.#part = 'chunk line';
    else if (head.status === 204 || head.status === 304) this.#expectSized(0);
    else if (head.contentLength === null) this.#part = 'body to the end';
    else this.#expectSized(head.contentLength);
    return after;
  }

  #expectSized(bytes: number): void {
    if (bytes > this.#maxBodyBytes) throw this.#tooLarge();
    this.#part = 'sized body';
    this.#left = bytes;
  }

  #readChunkLine(given: Buffer, at: number): number | null {
    const end = given.indexOf('\r\n', at, 'latin1');
    if (end < 0) {
      if (given.length - at > maxChunkLineBytes) throw noHttp();
      return null;
    }
    const [, digits] = chunkLine.exec(given.toString('latin1', at, end)) ?? [];
    if (digits === undefined || end - at > maxChunkLineBytes) throw noHttp();
    this.#left = Number.parseInt(digits, 16);
    if (this.#left > 0) this.#part = 'chunk';
    else {
      this.#part = 'trailers';
      this.#left = maxHeadBytes;
    }
    return end + 2;
  }

  /** They are read over, but for those by which another reader could find another end. */
  #readTrailer(given: Buffer, at: number): number | null {
    const end = given.indexOf('\r\n', at, 'latin1');
    if ((end < 0 ? given.length : end) - at > this.#left) throw noHttp();
    if (end < 0) return null;
    this.#left -= end - at;
    if (end === at) this.#expectSized(0);
    else {
      const trailer = emptyHead(false, 0);
      readHeader(given, at, end, trailer);
      if (trailer.contentLength !== null || trailer.isChunked) throw noHttp();
    }
    return end + 2;
  }

  #keep(piece: Buffer): void {
    this.#bodyBytes += piece.length;
    if (this.#bodyBytes > this.#maxBodyBytes) throw this.#tooLarge();
    this.#body.push(Buffer.from(piece));
  }

  #tooLarge(): NoAnswer {
    return new NoAnswer('too-large', `the body is larger than ${this.#maxBodyBytes} bytes`);
  }

  #finish(isAllRead: boolean): WholeAnswer {
    const head = this.#head as Head;
    const [first = Buffer.alloc(0), ...others] = this.#body;
    const { status, contentType, contentEncoding, location } = head;
    const isKept = !head.saysClose && (!head.isOld || (head.saysKeepAlive && !head.isChunked));
    this.#part = 'head';
    this.#head = null;
    this.#body = [];
    this.#bodyBytes = 0;
    const body = others.length === 0 ? first : Buffer.concat([first, ...others]);
    return { answer: { status, contentType, contentEncoding, location, body }, isReusable: isAllRead && isKept };
  }
}

/**
 * Returns false as soon as the bytes from `at` on cannot become a head, so that no caller waits for the rest.
 *
 * @param checkedBytes how many of them have passed before.
 */
function mayBecomeHead(given: Buffer, at: number, checkedBytes: number): boolean {
  if (!'HTTP/1.'.startsWith(given.toString('latin1', at, at + 7))) return false;
  // From the last checked byte on: it may be the carriage return of a line feed that follows. No head begins with a line feed.
  return !/[^\r]\n/.test(given.toString('latin1', at + Math.max(checkedBytes - 1, 0)));
}

function emptyHead(isOld: boolean, status: number): Head {
  return {
    isOld,
    status,
    contentType: '',
    contentEncoding: '',
    location: '',
    contentLength: null,
    isChunked: false,
    saysClose: false,
    saysKeepAlive: false,
  };
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t -~\x80-\xff]*)?$/;

/** @param end where its last line ends. */
function readHead(given: Buffer, at: number, end: number): Head {
  const lineEnd = given.indexOf('\r\n', at, 'latin1');
  const [, minor, status] = statusLine.exec(given.toString('latin1', at, lineEnd)) ?? [];
  if (status === undefined) throw noHttp();
  const head = emptyHead(minor === '0', Number(status));
  for (let next = lineEnd; next < end; ) next = readHeader(given, next + 2, end, head);
  // A length beside chunks is read in two ways (RFC 9112, 6.3).
  if (head.isChunked && head.contentLength !== null) throw noHttp();
  return head;
}

/**
 * Reads one line.
 *
 * @param end where the last line ends.
 * @param head takes what counts.
 * @returns where the line ends.
 */
function readHeader(given: Buffer, at: number, end: number, head: Head): number {
  let next = at;
  while (isTokenByte[given[next] as number] === 1) next++;
  const nameEnd = next;
  if (nameEnd === at || given[next++] !== colon) throw noHttp();
  while (given[next] === space || given[next] === tab) next++;
  const start = next;
  while (next < end && isValueByte[given[next] as number] === 1) next++;
  if (next < end && (given[next] !== carriageReturn || given[next + 1] !== lineFeed)) throw noHttp();
  let last = next;
  while (last > start && (given[last - 1] === space || given[last - 1] === tab)) last--;
  // The length tells most names apart without a text of each.
  switch (nameEnd - at) {
    case 8:
    case 10:
    case 12:
    case 14:
    case 16:
    case 17:
      takeHeader(head, given.toString('latin1', at, nameEnd).toLowerCase(), given, start, last);
  }
  return next;
}

function takeHeader(head: Head, name: string, given: Buffer, start: number, end: number): void {
  const value = () => given.toString('latin1', start, end);
  switch (name) {
    case 'content-type':
      head.contentType = joined(head.contentType, value());
      return;
    case 'content-encoding':
      head.contentEncoding = joined(head.contentEncoding, value());
      return;
    case 'location':
      head.location = joined(head.location, value());
      return;
    case 'connection':
      for (const option of value().toLowerCase().split(',')) {
        if (option.trim() === 'close') head.saysClose = true;
        if (option.trim() === 'keep-alive') head.saysKeepAlive = true;
      }
      return;
    case 'content-length':
      if (head.contentLength !== null || !/^\d{1,15}$/.test(value())) throw noHttp();
      head.contentLength = Number(value());
      return;
    case 'transfer-encoding':
      // No other coding was asked for.
      if (head.isChunked || value().toLowerCase() !== 'chunked') throw noHttp();
      head.isChunked = true;
  }
}

function joined(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`;
}
