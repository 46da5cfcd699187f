// Tests that no request hides in another: input that two parsers could read in two ways gets at most one response, and the connection ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ask, openSocket, parseAnswer, readToEnd, sendRaw } from '../ask-server.ts';
import { adaBody, startTestServer, type TestServer } from '../test-server.ts';

const crlf = '\r\n';

/** The request that an attacker hides behind the first one. The first request is for an unknown user. */
const smuggled = `GET /user-info?userid=ada HTTP/1.1${crlf}Host: localhost${crlf}${crlf}`;

/** Returns the head of a request for an unknown user; `host` is a whole header line. */
function head(lines: readonly string[], { host = 'Host: localhost', version = '1.1' } = {}): string {
  const all = [`GET /user-info?userid=nobody HTTP/${version}`, ...(host === '' ? [] : [host]), ...lines];
  return `${all.join(crlf)}${crlf}${crlf}`;
}

const chunked = 'Transfer-Encoding: chunked';
const lastChunk = `0${crlf}${crlf}`;

interface Attack {
  readonly name: string;
  /** Header lines, or the whole head. */
  readonly head: string;
  readonly content?: string;
}

const framed = (name: string, lines: readonly string[], content = ''): Attack => ({ name, head: head(lines), content });

/** Attacks that must get a 400 before anything after the head is read. */
const refused: readonly Attack[] = [
  framed('CL.TE: a length, and chunks that end before it', ['Content-Length: 6', chunked], `${lastChunk}G`),
  framed('TE.CL: chunks, and a length that ends before them', [chunked, 'Content-Length: 4'], `5c${crlf}`),
  framed('CL.0 beside an empty coding', ['Content-Length: 0', 'Transfer-Encoding:'], lastChunk),
  framed('an empty coding', ['Transfer-Encoding:']),
  framed('a coding that only looks like chunked', ['Transfer-Encoding: xchunked'], lastChunk),
  framed('identity for a coding', ['Transfer-Encoding: identity']),
  framed('another coding before chunked', ['Transfer-Encoding: gzip, chunked'], lastChunk),
  framed('chunked before another coding', ['Transfer-Encoding: chunked, identity'], lastChunk),
  framed('chunked twice', ['Transfer-Encoding: chunked, chunked'], lastChunk),
  framed('chunked in quotes', ['Transfer-Encoding: "chunked"'], lastChunk),
  framed('chunked with a parameter', ['Transfer-Encoding: chunked;q=1'], lastChunk),
  framed('chunked behind a vertical tab', ['Transfer-Encoding: \x0bchunked'], lastChunk),
  framed('chunked before a vertical tab', ['Transfer-Encoding: chunked\x0b'], lastChunk),
  framed('two codings', [chunked, chunked], lastChunk),
  framed('two codings, the last of which is unknown', [chunked, 'Transfer-encoding: x'], lastChunk),
  framed('two codings, the first of which is identity', ['Transfer-Encoding: identity', chunked], lastChunk),
  framed('a space before the colon of the coding', ['Transfer-Encoding : chunked'], lastChunk),
  framed('a space before the name of the coding', [' Transfer-Encoding: chunked'], lastChunk),
  framed('a coding that is folded', ['Transfer-Encoding:', ' chunked'], lastChunk),
  framed('a coding behind a bare LF', [`X: y\n${chunked}`], lastChunk),
  framed('a coding behind a bare CR', [`X: y\r${chunked}`], lastChunk),
  { name: 'a coding in HTTP/1.0', head: head([chunked], { version: '1.0' }), content: lastChunk },
  {
    name: 'a coding in HTTP/1.0 that is kept alive',
    head: head([chunked, 'Connection: keep-alive'], { version: '1.0' }),
    content: lastChunk,
  },
  framed('two lengths', ['Content-Length: 4', 'Content-Length: 4'], 'abcd'),
  framed('two lengths that differ', ['Content-Length: 0', 'content-length: 44']),
  framed('a list of lengths', ['Content-Length: 4, 4'], 'abcd'),
  framed('a negative length', ['Content-Length: -1']),
  framed('a negative zero', ['Content-Length: -0']),
  framed('a length with a plus sign', ['Content-Length: +4'], 'abcd'),
  framed('a hexadecimal length', ['Content-Length: 0x4'], 'abcd'),
  framed('a length in words of floating point', ['Content-Length: 4e0'], 'abcd'),
  framed('a length with a space in it', ['Content-Length: 4 4'], 'abcd'),
  framed('a length behind a vertical tab', ['Content-Length: \x0b4'], 'abcd'),
  framed('an empty length', ['Content-Length:']),
  framed('a length above 64 bits', ['Content-Length: 18446744073709551620'], 'abcd'),
  { name: 'two Hosts', head: head(['Host: localhost']) },
  { name: 'two Hosts in different letter case', head: head(['hOST: other']) },
  { name: 'no Host', head: head([], { host: '' }) },
  { name: 'a Host with a space', head: head([], { host: 'Host: local host' }) },
  { name: 'a Host with a path', head: head([], { host: 'Host: localhost/admin' }) },
  { name: 'a Host with user information', head: head([], { host: 'Host: a@localhost' }) },
  { name: 'a list of Hosts', head: head([], { host: 'Host: localhost, other' }) },
  { name: 'a Host with an invalid port', head: head([], { host: 'Host: localhost:http' }) },
  { name: 'a Host after a bare LF', head: head([], { host: 'Host: localhost\nHost: other' }) },
  { name: 'a folded Host', head: head([], { host: `Host: localhost${crlf} .other` }) },
  { name: 'a space before the colon of Host', head: head([], { host: 'Host : localhost' }) },
  { name: 'bare LF as line breaks', head: head([]).replaceAll(crlf, '\n') },
  { name: 'a bare LF after the headers', head: head([]).replace(/\r\n\r\n$/, `${crlf}\n`) },
  { name: 'a bare CR as the end of a line', head: head(['X: y\r']) },
  { name: 'a request line without a version', head: `GET /user-info?userid=nobody${crlf}${crlf}` },
  { name: 'a tab in the request line', head: head([]).replace(' HTTP', '\tHTTP') },
  { name: 'a space before the request line', head: ` ${head([])}` },
];

/** Attacks that are well-formed up to the end of the head: the request gets a response, and the connection is closed regardless of what follows. */
const cut: readonly Attack[] = [
  framed('content of a known length', ['Content-Length: 4'], 'abcd'),
  framed('a length with leading zeros', ['Content-Length: 0004'], 'abcd'),
  framed('a length that ends within what follows', ['Content-Length: 10'], ''),
  framed('chunks', [chunked], `4${crlf}abcd${crlf}${lastChunk}`),
  framed('chunked in capitals', ['TRANSFER-ENCODING: CHUNKED'], lastChunk),
  framed('a negative chunk', [chunked], `-1${crlf}${crlf}`),
  framed('a chunk size with 0x', [chunked], `0x4${crlf}abcd${crlf}${lastChunk}`),
  framed('a chunk size above 64 bits', [chunked], `FFFFFFFFFFFFFFFFF${crlf}abcd${crlf}${lastChunk}`),
  framed('chunks with bare LF', [chunked], '4\nabcd\n0\n\n'),
  framed('a space behind a chunk size', [chunked], `4 ${crlf}abcd${crlf}${lastChunk}`),
  framed('a chunk that is longer than its size', [chunked], `4${crlf}abcdXX${lastChunk}`),
  framed('an oversize chunk extension', [chunked], `4;${'a'.repeat(20_000)}${crlf}abcd${crlf}${lastChunk}`),
  framed('many chunk extensions', [chunked], `1;a=b${crlf}x${crlf}`.repeat(5000) + lastChunk),
  framed('a bare LF in a chunk extension', [chunked], `4;a\nb${crlf}abcd${crlf}${lastChunk}`),
  framed(
    'a Host and an Authorization behind the chunks',
    [chunked],
    `0${crlf}Host: x${crlf}Authorization: x${crlf}${crlf}`,
  ),
  framed('oversize fields behind the chunks', [chunked], `0${crlf}X: ${'a'.repeat(40_000)}${crlf}${crlf}`),
  framed('an expectation of 100-continue', ['Expect: 100-continue', 'Content-Length: 4'], 'abcd'),
];

/** Long enough for the server to have sent, or begun to send, the response to the first part. */
const pauseMs = 30;

describe('request smuggling', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ listener: { headersTimeoutMs: 1000 }, administration: { port: 0 } });
  });
  after(() => server.stop());

  /** @returns the responses to an attack that is sent twice: once without a pause, and once with a pause between the head and the rest. */
  async function attack({ head, content = '' }: Attack): Promise<string[]> {
    const behind = content + smuggled;
    const socket = await openSocket(server.url);
    socket.write(head, 'latin1');
    const heard = readToEnd(socket);
    await sleep(pauseMs);
    if (socket.writable) socket.write(behind, 'latin1');
    return [await sendRaw(server.url, head + behind), await heard];
  }

  function expectOneAnswer(raw: string, status: number): void {
    expect(raw.match(/HTTP\/1\.1 \d+/g)).to.deep.equal([`HTTP/1.1 ${status}`]);
    const answer = parseAnswer(raw);
    expect(answer.headers.connection).to.equal('close');
    expect(Buffer.byteLength(answer.body), 'nothing behind the answer').to.equal(
      Number(answer.headers['content-length']),
    );
    expect(answer.body).to.include('"code":');
  }

  for (const request of refused) {
    it(`is rejected: ${request.name}`, async () => {
      for (const raw of await attack(request)) expectOneAnswer(raw, 400);
    });
  }

  for (const request of cut) {
    it(`gets one response and a closed connection: ${request.name}`, async () => {
      for (const raw of await attack(request)) expectOneAnswer(raw, 404);
    });
  }

  it('does not look up the user of a request that follows content', async () => {
    const { body } = await ask(`${server.administrationUrl}/metrics`);
    expect(body).to.match(/^http_server_request_duration_seconds_count\{[^}]*http_response_status_code="404"/m);
    expect(body).not.to.match(/http_response_status_code="200"/);
  });

  it('gets two responses to two ordinary requests, which proves that the rejections are meaningful', async () => {
    const raw = await sendRaw(server.url, head([]) + smuggled.replace(crlf, `${crlf}Connection: close${crlf}`));
    expect(raw.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 404', 'HTTP/1.1 200']);
    expect(raw).to.include(adaBody);
  });
});
