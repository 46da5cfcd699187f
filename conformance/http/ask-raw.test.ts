// Tests of the bytes that the kit sends and reads; the servers are plain sockets that send exactly the given bytes.
import net, { type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { ask, isForSupertest } from './ask.ts';
import { askRaw } from './ask-raw.ts';
import { openConversation } from './conversation.ts';
import { createCredentials } from './credentials.ts';
import type { Answer, Endpoint, EndpointRequest } from './endpoint-request.ts';
import { NoAnswer } from './no-answer.ts';

const credentials = createCredentials({ auth: 'basic', username: 'u', password: 'p' });
const request: EndpointRequest = { method: 'GET', userids: ['ada@x'], credentials: credentials.right };

/** Runs `use` against a server that responds with `bytes` on each connection; `heard` contains the bytes that it received. */
async function withServer<Result>(
  bytes: string | Buffer,
  use: (endpoint: Endpoint, heard: () => string) => Promise<Result>,
  keepsOpen = false,
): Promise<Result> {
  let heard = '';
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => (keepsOpen ? socket.write(bytes) : socket.end(bytes)));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await use({ url: new URL(`http://127.0.0.1:${port}/users`), timeoutMs: 2000 }, () => heard);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function answerTo(bytes: string | Buffer, change: Partial<EndpointRequest> = {}, keepsOpen = false): Promise<Answer> {
  return withServer(bytes, (endpoint) => askRaw(endpoint, { ...request, ...change }), keepsOpen);
}

function heardFor(change: Partial<EndpointRequest>): Promise<string> {
  return withServer('HTTP/1.1 204 No Content\r\n\r\n', async (endpoint, heard) => {
    const asked = { ...request, ...change };
    await (isForSupertest(asked) ? ask(endpoint, asked) : askRaw(endpoint, asked));
    return heard();
  });
}

describe('a request', () => {
  it('is sent with supertest as the platform would send it', async () => {
    expect(await heardFor({}))
      .to.match(/^GET \/users\?userid=ada%40x HTTP\/1\.1\r\n/)
      .and.to.match(/\r\nAuthorization: Basic dTpw\r\n/)
      .and.to.match(/\r\nConnection: close\r\n/);
  });

  it('is sent byte for byte: method, path and query', async () => {
    const heard = await heardFor({ method: 'BREW', path: '//users/../%2e/', query: "userid=a b'<\xff%zz" });
    expect(heard).to.match(/^BREW \/\/users\/\.\.\/%2e\/\?userid=a b'<\xff%zz HTTP\/1\.1\r\n/);
  });

  it('can have repeated headers, a second Host, and its own headers in place of the usual ones', async () => {
    const headers = [
      ['X-A', '1'],
      ['x-a', '2'],
      ['Host', 'other'],
      ['Accept', 'text/html'],
    ] as const;
    const heard = await heardFor({ headers });
    expect(heard).to.match(
      /\r\nHost: 127\.0\.0\.1:\d+\r\n.*\r\nX-A: 1\r\nx-a: 2\r\nHost: other\r\nAccept: text\/html\r\n/s,
    );
    expect(heard.match(/^accept:/gim)).to.have.length(1);
  });

  it('can use HTTP/1.0, with a raw Authorization header and a body', async () => {
    const heard = await heardFor({
      method: 'POST',
      httpVersion: '1.0',
      body: 'é',
      credentials: { ...credentials.nothing, authorization: 'XBasic  ::' },
    });
    expect(heard)
      .to.match(/ HTTP\/1\.0\r\n/)
      .and.to.match(/\r\nAuthorization: XBasic {2}::\r\n/);
    expect(heard).to.match(/\r\nContent-Length: 2\r\n.*\r\n\r\n\xc3\xa9$/s);
  });
});

describe('a response', () => {
  it('has its headers as sent, in order, with repetitions and letter case', async () => {
    const answer = await answerTo('HTTP/1.1 200 OK\r\nx-A: 1\r\nX-a:  2\r\nContent-Length: 0\r\n\r\n');
    expect(answer.rawHeaders).to.deep.equal([
      ['x-A', '1'],
      ['X-a', '2'],
      ['Content-Length', '0'],
    ]);
    expect(answer.header('X-A')).to.equal('1, 2');
  });

  const cases: readonly { name: string; bytes: string | Buffer; method?: string; is: Partial<Answer>; body: string }[] =
    [
      {
        name: 'chunked, with an extension and a trailer',
        bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nX: y\r\n\r\n',
        is: { isChunked: true, isTruncated: false, surplusBytes: 0 },
        body: 'abcd',
      },
      {
        name: 'truncated within a chunk',
        bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc',
        is: { isChunked: true, isTruncated: true },
        body: 'abc',
      },
      {
        name: 'shorter than its Content-Length',
        bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc',
        is: { isTruncated: true, surplusBytes: 0 },
        body: 'abc',
      },
      {
        name: 'longer than its Content-Length',
        bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef',
        is: { isTruncated: false, surplusBytes: 3 },
        body: 'abc',
      },
      {
        name: 'to HEAD, with a body',
        method: 'HEAD',
        bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc',
        is: { isTruncated: false, surplusBytes: 3 },
        body: '',
      },
      {
        name: 'without a length, after an interim response',
        bytes: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nabc',
        is: { httpVersion: '1.0', isTruncated: false },
        body: 'abc',
      },
      {
        name: 'with an unrequested content coding',
        bytes: Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'), gzipSync('abc')]),
        is: { wireBody: gzipSync('abc') },
        body: 'abc',
      },
    ];
  for (const { name, bytes, method = 'GET', is, body } of cases) {
    it(`is read when it is ${name}`, async () => {
      const answer = await answerTo(bytes, { method });
      expect(answer.body.toString()).to.equal(body);
      expect({ ...answer }).to.deep.include(is);
    });
  }

  it('is read in the same way by supertest: truncated, encoded, chunked', async () => {
    const cutOff = 'HTTP/1.1 200 OK\r\nX-Case: kept\r\nContent-Length: 9\r\n\r\nabc';
    const answer = await withServer(cutOff, (endpoint) => ask(endpoint, request));
    expect({ isTruncated: answer.isTruncated, body: answer.body.toString() }).to.deep.equal({
      isTruncated: true,
      body: 'abc',
    });
    expect(answer.rawHeaders[0]).to.deep.equal(['X-Case', 'kept']);
    const coded = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'), gzipSync('abc')]);
    const decoded = await withServer(coded, (endpoint) => ask(endpoint, request));
    expect(decoded.body.toString()).to.equal('abc');
    expect(decoded.wireBody.equals(gzipSync('abc'))).to.equal(true);
  });

  it('is complete when the connection stays open after it', async () => {
    const answer = await answerTo('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', { isRaw: true }, true);
    expect(answer.body.toString()).to.equal('abc');
    expect(answer.totalMs).to.be.lessThan(1500);
  });

  it('is a failure when the bytes are not HTTP, or when there are none', async () => {
    for (const [bytes, kind] of [
      ['SSH-2.0-x\r\n', 'not-http'],
      ['', 'closed'],
    ] as const) {
      const error: unknown = await answerTo(bytes).catch((thrown: unknown) => thrown);
      expect((error as NoAnswer).kind).to.equal(kind);
      expect(error).to.be.instanceOf(NoAnswer);
    }
  });
});

describe('a raw request to an endpoint that sends interim responses', () => {
  it('skips all of them before the final response', async () => {
    const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20_000);
    const answer = await answerTo(`${interim}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}`);
    expect([answer.status, answer.body.toString()]).to.deep.equal([200, '{}']);
  });
});

describe('a sequence of requests', () => {
  it('reads pipelined responses one by one from one connection', async () => {
    const one = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n';
    await withServer(
      `${one}a${one}b`,
      async (endpoint, heard) => {
        const conversation = await openConversation(endpoint, request);
        conversation.send(request);
        conversation.send(request);
        expect((await conversation.receive(request)).body.toString()).to.equal('a');
        expect((await conversation.receive(request)).body.toString()).to.equal('b');
        expect(heard()).to.match(/Connection: keep-alive/);
        conversation.close();
      },
      true,
    );
  });

  it('ends with NoAnswer when the endpoint closes the connection instead of responding', async () => {
    await withServer('', async (endpoint) => {
      const conversation = await openConversation(endpoint, request);
      conversation.send(request);
      const error: unknown = await conversation.receive(request).catch((thrown: unknown) => thrown);
      expect((error as NoAnswer).kind).to.equal('closed');
      expect(conversation.isClosed).to.equal(true);
    });
  });
});
