// Tests of the connections to an endpoint: reuse, limits, timeouts, retries and failures, on real sockets.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { certificateFiles } from '../../tests/certificate-files.ts';
import type { NoAnswer } from './endpoint-answer.ts';
import { createEndpointRequests, type EndpointRequestOptions, type EndpointRequests } from './endpoint-requests.ts';

type Outcome = { readonly body: string } | { readonly kind: string; readonly detail: string };

const answerTo = (path: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`;

describe('the connections to an endpoint', () => {
  const servers: Server[] = [];
  const pools: EndpointRequests[] = [];
  let sockets: Socket[] = [];
  /** Requested paths, each with the number of its connection. */
  let asked: Array<readonly [path: string, connection: number]> = [];

  beforeEach(() => {
    sockets = [];
    asked = [];
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  type OnRequest = (socket: Socket, path: string, connection: number) => void;

  /** @returns the handler of new connections. */
  function follow(onRequest: OnRequest) {
    return (socket: Socket) => {
      const connection = sockets.push(socket) - 1;
      socket
        .on('error', () => undefined)
        .on('data', (bytes) => {
          const [, path = ''] = /^GET (\S+) HTTP\/1\.1\r\n/.exec(String(bytes)) ?? [];
          asked.push([path, connection]);
          onRequest(socket, path, connection);
        });
    };
  }
  const answerAll: OnRequest = (socket, path) => socket.write(answerTo(path));

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  function open(origin: string, options: Partial<EndpointRequestOptions> = {}) {
    const defaults = { connections: 2, maxBodyBytes: 1000, timeoutMs: 10_000, tls: {} };
    const requests = createEndpointRequests(origin, { ...defaults, ...options });
    pools.push(requests);
    const ask = (path: string, signal = new AbortController().signal) =>
      requests.get(path, {}, signal).then(
        ({ body }): Outcome => ({ body: String(body) }),
        ({ kind, message }: NoAnswer): Outcome => ({ kind, detail: message }),
      );
    return { requests, ask };
  }

  const serve = async (onRequest: OnRequest) => `http://127.0.0.1:${await listen(createServer(follow(onRequest)))}`;

  it('are opened on demand, kept open, and reused', async () => {
    const { ask } = open(await serve(answerAll));
    for (const path of ['/a', '/b', '/c']) expect(await ask(path)).to.deep.equal({ body: path });
    expect(await Promise.all(['/d', '/e'].map((path) => ask(path)))).to.deep.equal([{ body: '/d' }, { body: '/e' }]);
    expect(asked.map(([, connection]) => connection)).to.deep.equal([0, 0, 0, 0, 1]);
  });

  it('are limited: further requests wait, and are sent in order', async () => {
    const { ask } = open(await serve(answerAll));
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
    expect(await Promise.all(paths.map((path) => ask(path)))).to.deep.equal(paths.map((body) => ({ body })));
    expect(asked.map(([path]) => path)).to.have.members(paths);
    expect(asked.slice(2).map(([path]) => path)).to.deep.equal(paths.slice(2));
    expect(sockets).to.have.lengthOf(2);
  });

  it('that end just as a request is sent lose nothing, because the request is sent once more', async () => {
    const { ask } = open(
      await serve((socket, path, connection) => {
        if (connection === 0 && asked.length > 1) socket.destroy();
        else answerAll(socket, path, connection);
      }),
    );
    expect(await ask('/a')).to.deep.equal({ body: '/a' });
    expect(await ask('/b')).to.deep.equal({ body: '/b' });
    expect(asked).to.deep.equal([
      ['/a', 0],
      ['/b', 0],
      ['/b', 1],
    ]);
  });

  it('that end without a response while new, or in the middle of a response, fail', async () => {
    const { ask } = open(
      await serve((socket, path, connection) => {
        if (path === '/new') socket.destroy();
        else if (path === '/cut') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1');
        else if (path === '/head') socket.end('HTTP/1.1 2');
        else answerAll(socket, path, connection);
      }),
    );
    const failed = { kind: 'connection', detail: 'the connection was closed before the response was complete' };
    for (const path of ['/new', '/cut', '/head']) {
      // The request is sent on a new connection and, except in the first case, also on a kept one. There, a request without a complete response head
      // is sent once more.
      expect(await ask(path)).to.deep.equal(failed);
      if (path === '/new') continue;
      expect(await ask('/well')).to.deep.equal({ body: '/well' });
      expect(await ask(path)).to.deep.equal(failed);
    }
    expect(asked.map(([path]) => path).join(' ')).to.equal('/new /cut /well /cut /head /well /head /head');
  });

  it('with unsolicited bytes are closed, and the bytes are not treated as a response', async () => {
    const { ask } = open(
      await serve((socket, path) => {
        if (path === '/at-once') socket.write(answerTo(path) + answerTo('/planted'));
        else if (path === '/later') {
          socket.write(answerTo(path));
          setTimeout(() => socket.write(answerTo('/planted')), 20);
        } else socket.write(answerTo(path));
      }),
    );
    for (const path of ['/at-once', '/well', '/later']) expect(await ask(path)).to.deep.equal({ body: path });
    await delay(100);
    expect(await ask('/next')).to.deep.equal({ body: '/next' });
    expect(asked.map(([, connection]) => connection)).to.deep.equal([0, 1, 1, 2]);
  });

  it('are closed when their request is cancelled, and a cancelled waiting request is never sent', async () => {
    const { ask } = open(
      await serve((socket, path, connection) => {
        if (path !== '/silent') answerAll(socket, path, connection);
      }),
      { connections: 1 },
    );
    const [silent, waits] = [new AbortController(), new AbortController()];
    const silentOutcome = ask('/silent', silent.signal);
    const waitingOutcome = ask('/waiting', waits.signal);
    const next = ask('/next');
    while (asked.length === 0) await nextTurn();
    const cut = once(sockets[0] as Socket, 'close');
    waits.abort(new Error('enough'));
    silent.abort(new Error('enough'));
    await cut;
    expect(await next).to.deep.equal({ body: '/next' });
    const enough = { kind: undefined, detail: 'enough' };
    expect([await silentOutcome, await waitingOutcome]).to.deep.equal([enough, enough]);
    expect(asked.map(([path]) => path)).to.deep.equal(['/silent', '/next']);
  });

  it('fail when no connection is established, or no header or complete body arrives, in time', async () => {
    const { ask } = open(
      await serve((socket, path, connection) => {
        if (path === '/body') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1');
        else if (path !== '/head') answerAll(socket, path, connection);
      }),
      { connections: 1, timeoutMs: 100 },
    );
    const late = { kind: 'timeout', detail: 'there was no complete response within 100 ms' };
    expect(await ask('/head')).to.deep.equal(late);
    expect(await ask('/body')).to.deep.equal(late);
    expect(await ask('/well')).to.deep.equal({ body: '/well' });
    // Accepts connections, and never completes a handshake.
    const silent = await listen(createServer((socket) => sockets.push(socket)));
    expect(await open(`https://127.0.0.1:${silent}`, { timeoutMs: 100 }).ask('/tls')).to.deep.equal(late);
  });

  it('with headers that are too large fail', async () => {
    const { ask } = open(
      await serve((socket) => socket.write(`HTTP/1.1 200 OK\r\nX-Filler: ${'x'.repeat(20_000)}\r\n\r\n`)),
    );
    expect(await ask('/a')).to.deep.equal({
      kind: 'no-http',
      detail: 'the response is not HTTP/1.1, or its headers are too large',
    });
  });

  it('are closed after each request when that is configured', async () => {
    const { ask } = open(await serve(answerAll), { closesConnections: true });
    for (const path of ['/a', '/b']) expect(await ask(path)).to.deep.equal({ body: path });
    expect(asked.map(([, connection]) => connection)).to.deep.equal([0, 1]);
  });

  it('fail with a body that is too large or is not HTTP, and are replaced', async () => {
    const { ask } = open(
      await serve((socket, path) => {
        if (path === '/long') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n');
        else if (path === '/babble') socket.write('220 mail.example.com ESMTP\r\n');
        else socket.write(answerTo(path));
      }),
      { connections: 1 },
    );
    const outcomes = await Promise.all(['/long', '/babble', '/well'].map((path) => ask(path)));
    expect(outcomes).to.deep.equal([
      { kind: 'too-large', detail: 'the body is larger than 1000 bytes' },
      { kind: 'no-http', detail: 'the response is not HTTP/1.1, or its headers are too large' },
      { body: '/well' },
    ]);
  });

  it('end with their pool, and requests that were sent or waited fail', async () => {
    const { requests, ask } = open(await serve(() => undefined), { connections: 1 });
    const outcomes = Promise.all(['/on-its-way', '/waits'].map((path) => ask(path)));
    while (asked.length === 0) await nextTurn();
    await requests.close();
    const closed = { kind: 'connection', detail: 'the client was closed' };
    expect(await outcomes).to.deep.equal([closed, closed]);
    expect(await ask('/later')).to.deep.equal(closed);
  });

  describe('over TLS', () => {
    let files: Awaited<ReturnType<typeof certificateFiles>>;
    before(async () => {
      files = await certificateFiles();
    });

    async function serveTls(onRequest: OnRequest): Promise<string> {
      const { certificate: cert, key } = files.good.server;
      return `https://localhost:${await listen(createTlsServer({ cert, key }, follow(onRequest)))}`;
    }

    it('send nothing to a server whose certificate has another name', async () => {
      const { ask } = open(await serveTls(answerAll));
      expect(await ask('/secret')).to.deep.include({ kind: 'tls' });
      await delay(50);
      expect(asked).to.deep.equal([]);
    });

    it('resume the previous session', async () => {
      const reused: boolean[] = [];
      const origin = await serveTls((socket, path) => {
        reused.push((socket as TLSSocket).isSessionReused());
        socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${path}`);
      });
      const { ask } = open(origin, { tls: { ca: files.good.ca.certificate } });
      expect(await ask('/a')).to.deep.equal({ body: '/a' });
      expect(await ask('/b')).to.deep.equal({ body: '/b' });
      expect(reused).to.deep.equal([false, true]);
    });
  });
});
