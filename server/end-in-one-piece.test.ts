// Tests that an answer that ends in one piece is byte for byte the one that Node's own end() gives, and as complete.
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect } from 'chai';
import { endInOnePiece } from './end-in-one-piece.ts';

type End = (response: ServerResponse, body: string) => unknown;

const byNode: End = (response, body) => response.end(body, 'latin1');
/** UTF-8 with a character a byte. */
const body = Buffer.from('{"groups":[{"name":"Zoë ✓"}],"authorizations":{}}').toString('latin1');

/** What a server answers to `sent`, without the Date headers. */
async function bytesOf(listener: RequestListener, sent: string): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks)
      .toString('latin1')
      .replaceAll(/\r\nDate: [^\r]+/g, '');
  } finally {
    server.close();
  }
}

describe('an answer that ends in one piece', () => {
  const answerBy =
    (end: End, text = body): RequestListener =>
    (_request, response) => {
      response.setHeader('X-Set-Before', 'yes');
      const headers = ['Content-Type', 'application/json', 'Content-Length', String(text.length)];
      end(response.writeHead(200, headers), text);
    };
  const ask = (method: string, rest = '') => `${method} / HTTP/1.1\r\nHost: a\r\n${rest}\r\n`;

  const cases: Record<string, string> = {
    'a GET over a kept connection': ask('GET'),
    'a HEAD, which has no body': ask('HEAD'),
    'the last request of a connection': ask('GET', 'Connection: close\r\n'),
    'HTTP/1.0': 'GET / HTTP/1.0\r\n\r\n',
    'requests that were sent without waiting for answers': ask('GET') + ask('HEAD') + ask('GET') + ask('GET'),
  };
  for (const [name, sent] of Object.entries(cases)) {
    it(`is Node's for ${name}`, async () => {
      const expected = await bytesOf(answerBy(byNode), sent);
      expect(expected).to.match(/^HTTP\/1.1 200 OK\r\n/);
      expect(await bytesOf(answerBy(endInOnePiece), sent)).to.equal(expected);
    });
  }

  it("is Node's when it is longer than what a socket takes at once", async () => {
    const long = body.repeat(200_000);
    const expected = await bytesOf(answerBy(byNode, long), ask('GET') + ask('GET'));
    expect(expected.length).to.be.above(2 * long.length);
    expect(await bytesOf(answerBy(endInOnePiece, long), ask('GET') + ask('GET'))).to.equal(expected);
  });

  it('leaves by one plain write, and has finished before it closes', async () => {
    const seen: string[] = [];
    await bytesOf((request, response) => {
      const write = request.socket.write.bind(request.socket) as (...args: unknown[]) => boolean;
      request.socket.write = ((...args: unknown[]) => {
        seen.push(`write ${String(args[0]).endsWith(body)}`);
        return write(...args);
      }) as typeof request.socket.write;
      response.once('finish', () => seen.push(`finish ${response.writableFinished}`));
      response.once('close', () => seen.push('close'));
      answerBy(endInOnePiece)(request, response);
    }, ask('GET'));
    expect(seen).to.deep.equal(['write true', 'finish true', 'close']);
  });

  it('goes through the end() and the write() of a middleware in front', async () => {
    for (const name of ['end', 'write'] as const) {
      const expected: string[] = [];
      const seen: string[] = [];
      const watched =
        (end: End, into: string[]): RequestListener =>
        (request, response) => {
          const own = response[name].bind(response) as (...args: unknown[]) => boolean & ServerResponse;
          response[name] = ((...args: unknown[]) => {
            into.push(String(args[0]));
            return own(...args);
          }) as never;
          answerBy(end)(request, response);
        };
      const bytes = await bytesOf(watched(byNode, expected), ask('GET'));
      expect(await bytesOf(watched(endInOnePiece, seen), ask('GET'))).to.equal(bytes);
      expect(seen).to.deep.equal(expected);
    }
  });

  it('lets Node refuse a body of another length than was told', async () => {
    let refusal: unknown;
    await bytesOf((_request, response) => {
      response.strictContentLength = true;
      try {
        endInOnePiece(response.writeHead(200, ['Content-Length', '3']), body);
      } catch (error) {
        refusal = error;
        response.destroy();
      }
    }, ask('GET'));
    expect(refusal).to.have.property('code', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH');
  });
});
