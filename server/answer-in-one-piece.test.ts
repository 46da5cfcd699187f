// Tests that an answer in one piece is the one that Node's own writeHead() and end() give but for the order of its headers, and as complete.
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect } from 'chai';
import { answerInOnePiece, makeStanding } from './answer-in-one-piece.ts';

type Answer = (response: ServerResponse, body: string | Buffer) => unknown;

const standing = makeStanding(['X-Frame-Options', 'DENY', 'Cache-Control', 'no-store']);
const headers = ['X-Request-Id', 'f00'];
const byNode: Answer = (response, body) =>
  response.writeHead(200, [...standing.list, ...headers, 'Content-Length', String(body.length)]).end(body, 'latin1');
const inOnePiece: Answer = (response, body) => answerInOnePiece(response, standing, headers, body);
/** UTF-8 with a character a byte. */
const text = Buffer.from('{"groups":[{"name":"Zoë ✓"}],"authorizations":{}}').toString('latin1');
const bytes = Buffer.from(text, 'latin1');

const answerBy =
  (answer: Answer, body: string | Buffer = text): RequestListener =>
  (_request, response) =>
    answer(response, body);
const ask = (method: string, rest = '') => `${method} / HTTP/1.1\r\nHost: a\r\n${rest}\r\n`;

/** What a server answers to `sent`, without the Date headers, and with the others in alphabetical order. */
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
      .replaceAll(/(?<=HTTP\/1\.1 200 OK\r\n)[\s\S]*?(?=\r\n\r\n)/g, sorted);
  } finally {
    server.close();
  }
}

function sorted(head: string): string {
  const lines = head.split('\r\n').filter((line) => !line.startsWith('Date: '));
  return lines.sort().join('\r\n');
}

describe('an answer in one piece', () => {
  const cases: Record<string, string> = {
    'a GET over a kept connection': ask('GET'),
    'a HEAD, which has no body': ask('HEAD'),
    'the last request of a connection': ask('GET', 'Connection: close\r\n'),
    'HTTP/1.0': 'GET / HTTP/1.0\r\n\r\n',
    'requests that were sent without waiting for answers': ask('GET') + ask('HEAD') + ask('GET') + ask('GET'),
  };
  for (const [name, sent] of Object.entries(cases)) {
    for (const [kind, body] of Object.entries({ text, bytes })) {
      it(`is Node's for ${name}, of ${kind}`, async () => {
        const expected = await bytesOf(answerBy(byNode, body), sent);
        expect(expected).to.match(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\nX-Frame-Options: DENY\r\n/);
        expect(await bytesOf(answerBy(inOnePiece, body), sent)).to.equal(expected);
      });
    }
  }

  it("is Node's when it is longer than what a socket takes at once", async () => {
    const long = text.repeat(200_000);
    const expected = await bytesOf(answerBy(byNode, long), ask('GET') + ask('GET'));
    expect(expected.length).to.be.above(2 * long.length);
    expect((await bytesOf(answerBy(inOnePiece, long), ask('GET') + ask('GET'))) === expected).to.equal(true);
  });

  it('leaves by one plain write, and has finished before it closes', async () => {
    const seen: string[] = [];
    await bytesOf((request, response) => {
      const write = request.socket.write.bind(request.socket) as (...args: unknown[]) => boolean;
      request.socket.write = ((...args: unknown[]) => {
        const sent = String(args[0]);
        seen.push(`write ${sent.startsWith('HTTP/1.1 200') && sent.endsWith(text)}`);
        return write(...args);
      }) as typeof request.socket.write;
      response.once('finish', () => seen.push(`finish ${response.writableFinished}`));
      response.once('close', () => seen.push('close'));
      inOnePiece(response, text);
    }, ask('GET'));
    expect(seen).to.deep.equal(['write true', 'finish true', 'close']);
  });

  it('has a header once that was set before', async () => {
    const overwritten =
      (answer: Answer): RequestListener =>
      (_request, response) => {
        response.setHeader('cache-control', 'public');
        response.setHeader('X-Set-Before', 'yes');
        answer(response, text);
      };
    const answered = await bytesOf(overwritten(inOnePiece), ask('GET'));
    expect(answered).to.equal(await bytesOf(overwritten(byNode), ask('GET')));
    expect(answered.match(/cache-control: .*/gi)).to.deep.equal(['Cache-Control: no-store']);
    expect(answered).to.include('X-Set-Before: yes');
  });

  it('goes through what a middleware in front has put in the place of writeHead(), write() or end()', async () => {
    for (const name of ['writeHead', 'write', 'end'] as const) {
      const watched =
        (answer: Answer, into: string[]): RequestListener =>
        (request, response) => {
          const own = response[name].bind(response) as (...args: unknown[]) => never;
          response[name] = ((...args: unknown[]) => {
            into.push(args.map(String).sort().join());
            return own(...args);
          }) as never;
          answerBy(answer)(request, response);
        };
      const expected: string[] = [];
      const seen: string[] = [];
      const answered = await bytesOf(watched(byNode, expected), ask('GET'));
      expect(await bytesOf(watched(inOnePiece, seen), ask('GET'))).to.equal(answered);
      expect(seen).to.deep.equal(expected);
    }
  });

  it('is counted by Node where it was told to', async () => {
    const counted =
      (answer: Answer): RequestListener =>
      (_request, response) => {
        response.strictContentLength = true;
        answer(response, text);
      };
    expect(await bytesOf(counted(inOnePiece), ask('GET'))).to.equal(await bytesOf(counted(byNode), ask('GET')));
  });

  it('has no standing header that could begin another one', () => {
    expect(() => makeStanding(['X-Frame-Options', 'DENY\r\nX-Other: 1'])).to.throw(/Invalid character/);
    expect(() => makeStanding(['X Frame', 'DENY'])).to.throw(/must be a valid HTTP token/);
  });
});
