// Owns reading an HTTP/1 answer from bytes, forgiving and exact: what Node's parser drops or refuses is what checks look for.
import type { Answer } from './question.ts';

/** An answer from the wire, and what is left of the bytes after it. */
export interface ParsedResponse {
  readonly status: number;
  readonly httpVersion: string;
  readonly rawHeaders: Answer['rawHeaders'];
  readonly wireBody: Buffer;
  readonly isChunked: boolean;
  /** Whether its end has been seen; an answer without a length ends where the connection does. */
  readonly isComplete: boolean;
  /** Whether only the end of the connection can end it. */
  readonly endsWithConnection: boolean;
  readonly rest: Buffer;
}

function readChunks(bytes: Buffer): { body: Buffer; isComplete: boolean; rest: Buffer } {
  const chunks: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', offset);
    const size = lineEnd < 0 ? null : /^([0-9a-f]+)\s*(?:;|$)/i.exec(bytes.toString('latin1', offset, lineEnd))?.[1];
    if (!size) return { body: Buffer.concat(chunks), isComplete: false, rest: Buffer.alloc(0) };
    const length = Number.parseInt(size, 16);
    const start = lineEnd + 2;
    if (length === 0) {
      // Trailers end with an empty line, as headers do; without any the empty line follows at once.
      const end = bytes.indexOf('\r\n\r\n', lineEnd);
      const isComplete = end >= 0;
      return { body: Buffer.concat(chunks), isComplete, rest: isComplete ? bytes.subarray(end + 4) : Buffer.alloc(0) };
    }
    chunks.push(bytes.subarray(start, start + length));
    if (bytes.length < start + length + 2) {
      return { body: Buffer.concat(chunks), isComplete: false, rest: Buffer.alloc(0) };
    }
    offset = start + length + 2;
  }
}

function parseHeaders(lines: readonly string[]): Answer['rawHeaders'] {
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? ([line, ''] as const) : ([line.slice(0, colon), line.slice(colon + 1).trim()] as const);
  });
}

interface Head {
  readonly status: number;
  readonly httpVersion: string;
  readonly headerLines: readonly string[];
  /** What has come behind it. */
  readonly after: Buffer;
}

/** As of `parseResponse`, interim answers included. */
function readHead(bytes: Buffer): Head | null | 'not-http' {
  if (!'HTTP/'.startsWith(bytes.toString('latin1', 0, 5))) return 'not-http';
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [statusLine = '', ...headerLines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, httpVersion, digits] = /^HTTP\/(\d\.\d) (\d{3})(?: |$)/.exec(statusLine) ?? [];
  if (httpVersion === undefined || digits === undefined) return 'not-http';
  return { status: Number(digits), httpVersion, headerLines, after: bytes.subarray(end + 4) };
}

/**
 * The first final answer in `bytes`, whatever of it is there; interim ones (1xx) are passed over, however many an endpoint sends. Null
 * while its headers are not there in full; `not-http` when the bytes can't become one.
 */
export function parseResponse(bytes: Buffer, method: string): ParsedResponse | null | 'not-http' {
  let head = readHead(bytes);
  while (head !== null && head !== 'not-http' && head.status >= 100 && head.status < 200) head = readHead(head.after);
  if (head === null || head === 'not-http') return head;
  const { status, httpVersion, after } = head;
  const rawHeaders = parseHeaders(head.headerLines);
  const headerOf = (name: string) => rawHeaders.find(([each]) => each.toLowerCase() === name)?.[1];
  const isChunked = /\bchunked\b/i.test(headerOf('transfer-encoding') ?? '');
  const length = headerOf('content-length');
  const common = { status, httpVersion, rawHeaders, isChunked, endsWithConnection: false };
  if (method === 'HEAD' || status === 204 || status === 304) {
    return { ...common, wireBody: Buffer.alloc(0), isComplete: true, rest: after };
  }
  if (isChunked) {
    const { body, isComplete, rest } = readChunks(after);
    return { ...common, wireBody: body, isComplete, rest };
  }
  if (length !== undefined && /^\d+$/.test(length)) {
    const wanted = Number(length);
    const wireBody = after.subarray(0, wanted);
    return { ...common, wireBody, isComplete: after.length >= wanted, rest: after.subarray(wanted) };
  }
  return { ...common, wireBody: after, isComplete: true, endsWithConnection: true, rest: Buffer.alloc(0) };
}
