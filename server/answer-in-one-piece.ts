// Owns how an answer with content leaves: its standing headers as a ready text, and its body as part of its head, by one write.
import { IncomingMessage, ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { Socket } from 'node:net';
import type { JsonBytes } from '../schemas/encoded-user-info.ts';
import type { HeaderList } from './security-headers.ts';

/** Headers that are the same in every answer. None of them may be one that Node acts on, such as Connection or Content-Length. */
export interface StandingHeaders {
  readonly list: HeaderList;
  /** The same as they are sent. */
  readonly text: string;
}

/** @throws an Error of Node's when a name or a value can't stand in a header. */
export function makeStanding(list: HeaderList): StandingHeaders {
  for (let index = 0; index < list.length; index += 2) {
    const [name = '', value = ''] = list.slice(index, index + 2);
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  return { list, text: textOf(list) };
}

function textOf(list: HeaderList): string {
  let text = '';
  for (let index = 0; index < list.length; index += 2) text += `${list[index]}: ${list[index + 1]}\r\n`;
  return text;
}

const { end, write, writeHead } = ServerResponse.prototype;

/** Not documented: the head as text, from `writeHead` until it is sent. */
interface WithHead {
  _header?: unknown;
}

const nodeKeepsHeadAsText = (() => {
  const response: ServerResponse & WithHead = new ServerResponse(new IncomingMessage(new Socket()));
  response.writeHead(200, ['Content-Length', '0']);
  return (
    typeof response._header === 'string' && /^HTTP\/1\.1 200 OK\r\n([!-~]+: [ -~]+\r\n)+\r\n$/.test(response._header)
  );
})();

/**
 * Does what `writeHead(200, …)` with all headers and `end(body)` do. A request gets cheaper by an eighth (`npm run bench -- http`), since
 * Node does two kinds of work each time:
 *
 * - It checks each header, and compares its name with those that it acts on. What stands in every answer is checked once, what `headers`
 *   has is well-formed by how it was made, and both go behind the head that Node makes of the Content-Length.
 * - `end(body)` hands the body to the socket and behind it an empty text that tells when both are out, which makes a list of
 *   two for `writev`; an `end()` without a body writes the head alone, by one plain write. A text that stands behind the head goes
 *   with it. Bytes would have to be copied into a text first, which costs as much as the one write saves.
 *
 * The documented way is taken where Node keeps the head otherwise, and where the answer is another one's business too: headers
 * that were set before, a middleware's own `writeHead`, `write` or `end`, such as one that compresses, Node's count of
 * `strictContentLength`.
 *
 * @param headers what this answer has besides: well-formed, and like the standing ones none that Node acts on.
 * @param body a text has a character a byte.
 */
export function answerInOnePiece(
  response: ServerResponse,
  standing: StandingHeaders,
  headers: HeaderList,
  body: JsonBytes,
): void {
  const contentLength = ['Content-Length', String(body.length)];
  if (!nodeKeepsHeadAsText || !isOursAlone(response)) {
    response.writeHead(200, [...standing.list, ...headers, ...contentLength]);
    endWith(response, body);
    return;
  }
  const sending: ServerResponse & WithHead = response.writeHead(200, contentLength);
  const head = `${(sending._header as string).slice(0, -2)}${standing.text}${textOf(headers)}\r\n`;
  if (typeof body === 'string' && response.req.method !== 'HEAD') {
    sending._header = head + body;
    response.end();
  } else {
    sending._header = head;
    endWith(response, body);
  }
}

function isOursAlone(response: ServerResponse): boolean {
  return (
    response.end === end &&
    response.write === write &&
    response.writeHead === writeHead &&
    !response.strictContentLength &&
    response.getHeaderNames().length === 0
  );
}

function endWith(response: ServerResponse, body: JsonBytes): void {
  if (typeof body === 'string') response.end(body, 'latin1');
  else response.end(body);
}
