// Tests that data that never becomes a request is rejected, is not reflected in the response, and keeps no connection open.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createConnection } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import express from 'express';
import { loadValidator } from '../../schemas/compile-schema.ts';
import type { ErrorCode } from '../../schemas/error-codes.ts';
import { ask, keepAliveAgent, openSocket, parseAnswer, readToEnd, sendRaw } from '../../tests/ask-server.ts';
import { certificateFiles, scratchDirectory } from '../../tests/certificate-files.ts';
import { assertMatchesOpenApi } from '../../tests/openapi-response.ts';
import { parseConfig } from '../../tests/start-server.ts';
import { adaBody, type ConfigSections, stoppedAfterEach, type TestServer } from '../../tests/test-server.ts';
import type { RequestRecord } from '../observability/request-record.ts';
import { addressOfConnection } from './client-address.ts';
import { createListener } from './listener.ts';

const target = '/user-info?userid=ada';
const canary = 'canary-of-the-input';
/** Returns a request with these header lines after the request line and a valid Host. */
const withHeaders = (...lines: string[]) =>
  `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
const withoutHost = (...lines: string[]) => withHeaders(...lines).replace('Host: localhost\r\n', '');

describe('the listener', () => {
  const startTestServer = stoppedAfterEach();
  const start = (listener: object = {}, others: ConfigSections = {}) =>
    startTestServer({ listener, shutdown: { deadlineMs: 100 }, ...others });

  function expectProblem(raw: string, status: number, code: ErrorCode): void {
    const answer = parseAnswer(raw);
    expect([answer.status, JSON.parse(answer.body).code]).to.deep.equal([status, code]);
    expect(loadValidator('problem')(JSON.parse(answer.body)), 'the schema of problems').to.equal(true);
    assertMatchesOpenApi('GET', answer.status, answer.headers, answer.body);
    expect(answer.headers.connection).to.equal('close');
    expect(raw).not.to.include('canary');
    expect(raw.match(/HTTP\/1\.1 \d/g), 'one answer').to.have.length(1);
  }

  const refused: Array<[name: string, request: string]> = [
    ['no HTTP', `${canary}\r\n\r\n`],
    ['an unknown method', withHeaders().replace('GET', 'CANARY')],
    ['HTTP/2 without being asked', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown version', withHeaders().replace('HTTP/1.1', 'HTTP/1.2')],
    ['a control character in the target', withHeaders().replace('ada', `${canary}\x01`)],
    ['bytes above ASCII in the method', withHeaders().replace('GET', 'GE\xff')],
    ['bare LF as line breaks', withHeaders('Connection: close').replaceAll('\r\n', '\n')],
    ['a bare LF after one header', withHeaders('X: y').replace('y\r\n', 'y\n')],
    ['a bare CR inside a header', withHeaders(`X: y\rX-Canary: ${canary}`)],
    ['a folded header (obs-fold)', withHeaders(`X: y\r\n ${canary}`)],
    ['a space before the colon', withHeaders(`X-Canary : ${canary}`)],
    ['NUL in a header', withHeaders(`X: ${canary}\0`)],
    ['a header without a colon', withHeaders(canary)],
    ['Content-Length and Transfer-Encoding', withHeaders('Content-Length: 4', 'Transfer-Encoding: chunked')],
    ['Transfer-Encoding and Content-Length', withHeaders('Transfer-Encoding: chunked', 'Content-Length: 4')],
    ['two lengths that differ', withHeaders('Content-Length: 4', 'Content-Length: 5')],
    ['two lengths that are equal', withHeaders('Content-Length: 0', 'Content-Length: 0')],
    ['a negative length', withHeaders('Content-Length: -1')],
    ['a length that is a list', withHeaders('Content-Length: 1, 1')],
    ['a transfer encoding that does not end in chunked', withHeaders('Transfer-Encoding: chunked, x')],
    ['no Host', withoutHost('X: y')],
    ['two Hosts that differ', withHeaders(`Host: ${canary}`)],
    ['two Hosts that are equal', withHeaders('HOST: localhost')],
    ['two Hosts over HTTP/1.0', withHeaders('Host: other').replace('HTTP/1.1', 'HTTP/1.0')],
    ['two Authorization headers', withHeaders('Authorization: Basic eA==', `authorization: ${canary}`)],
    ['HTTP/2.0 as version', withHeaders().replace('HTTP/1.1', 'HTTP/2.0')],
    ['HTTP/0.9 as version', withHeaders().replace('HTTP/1.1', 'HTTP/0.9')],
    ['an absolute target of another host', withHeaders().replace(target, `http://${canary}${target}`)],
    ['an absolute target of another scheme', withHeaders().replace(target, `ftp://localhost${target}`)],
    ['an absolute https target over HTTP', withHeaders().replace(target, `https://localhost${target}`)],
    ['an absolute target with user information', withHeaders().replace(target, `http://a@localhost${target}`)],
  ];
  for (const [name, request] of refused) {
    it(`responds with 400 to ${name}`, async () => {
      expectProblem(await sendRaw((await start()).url, request), 400, 'request-malformed');
    });
  }

  it('responds with 400 to a second Host header that follows more headers than Node.js counts', async () => {
    const request = withHeaders(...Array<string>(2100).fill('a:'), 'Host: x');
    expectProblem(await sendRaw((await start({ maxHeaderCount: 3000 })).url, request), 400, 'request-malformed');
  });

  it('responds to a valid request before rejecting the invalid bytes that follow it', async () => {
    const source = join(scratchDirectory(), 'slow.mjs');
    writeFileSync(
      source,
      `export default () => ({
        findUser: () => new Promise((resolve) => setTimeout(resolve, 100, null)),
        async check() {},
        async close() {},
      });\n`,
    );
    for (const others of [{}, { source: { type: 'module', path: source } }]) {
      const server = await start({ maxHeaderBytes: 2048 }, others);
      const good = withHeaders().replace('ada', 'eve');
      const garbage = { 400: `${canary}\r\n\r\n`, 431: withHeaders(`X: ${'x'.repeat(4000)}`) };
      for (const [status, text] of Object.entries(garbage)) {
        const raw = await sendRaw(server.url, good + good + text);
        expect(raw.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['404', '404', status].map((each) => `HTTP/1.1 ${each}`));
      }
    }
  });

  it('responds with 431 to headers above the limit, and with 200 below it', async () => {
    const server = await start({ maxHeaderBytes: 2048 });
    const large = `X-Canary: ${canary.repeat(200)}`;
    expectProblem(await sendRaw(server.url, withHeaders(large)), 431, 'request-headers-too-large');
    expect((await ask(server.adaUrl, { headers: { x: 'y'.repeat(1500) } })).status).to.equal(200);
  });

  const slow: Array<[name: string, part: string]> = [
    ['headers that stop half way', withHeaders().slice(0, -2)],
    ['a request line that stops half way', 'GET /'],
    ['a missing body', withHeaders('Content-Length: 5')],
  ];
  for (const [name, part] of slow.slice(0, 2)) {
    it(`responds with 408 to ${name}`, async () => {
      expectProblem(await sendRaw((await start({ headersTimeoutMs: 200 })).url, part), 408, 'request-timed-out');
    });
  }

  it('responds to a request without waiting for a missing body', async () => {
    const server = await start({ headersTimeoutMs: 200 });
    const raw = await sendRaw(server.url, slow[2]?.[1] ?? '');
    expect(parseAnswer(raw).status).to.equal(200);
  });

  it('closes the connection of a refused client that does not close it', async () => {
    const server = await start();
    const socket = createConnection({ host: '127.0.0.1', port: Number(new URL(server.url).port), allowHalfOpen: true });
    socket.resume().on('error', () => undefined);
    socket.write('canary\r\n\r\n');
    await once(socket, 'end');
    // This side stays open for writing; a write fails only if the connection is cut.
    const knock = setInterval(() => socket.write('x'), 50);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(knock);
  });

  it('closes a connection whose TLS handshake stops half way', async () => {
    const { listenerTls } = await certificateFiles();
    const server = await start({ tls: listenerTls, headersTimeoutMs: 200 });
    const socket = await openSocket(server.url);
    expect(await readToEnd(socket)).to.equal('');
    const line = (await server.stopAndReadLog()).find(({ msg }) => msg === 'a TLS handshake failed');
    expect(line).to.include({ reason: 'ERR_TLS_HANDSHAKE_TIMEOUT', remoteAddress: '127.0.0.1' });
  });

  it('adds the TLS response headers to a response to malformed HTTP over TLS', async () => {
    const { listenerTls, good } = await certificateFiles();
    const server = await start({ tls: listenerTls });
    const socket = connectTls({ host: '127.0.0.1', port: Number(new URL(server.url).port), ca: good.ca.certificate });
    socket.write('canary\r\n\r\n');
    const raw = await readToEnd(socket);
    expectProblem(raw, 400, 'request-malformed');
    expect(parseAnswer(raw).headers).to.include.keys('strict-transport-security', 'content-security-policy');
  });

  it('logs and counts refused requests, under the request id of the response', async () => {
    const server = await start({}, { administration: { port: 0 } });
    const ids: unknown[] = [];
    for (const request of [`${canary}\r\n\r\n`, withoutHost('X: y')]) {
      ids.push(JSON.parse(parseAnswer(await sendRaw(server.url, request)).body).requestId);
    }
    const { body } = await ask(`${server.administrationUrl}/metrics`);
    expect(body).to.match(/^user_info_refusals_total\{code="request-malformed"\} 2$/m);
    const lines = (await server.stopAndReadLog()).filter(({ code }) => code === 'request-malformed');
    expect(lines.map(({ requestId }) => requestId)).to.deep.equal(ids);
    for (const line of lines) expect(line).to.include({ status: 400, remoteAddress: '127.0.0.1' });
  });

  it('responds with 500 when a handler of the application throws, and passes the error to onAnswered', async () => {
    const app = express().use(() => {
      throw new Error(canary);
    });
    const records: RequestRecord[] = [];
    const { listener: config } = parseConfig(
      '{ authentication: { mode: none }, source: { type: static, users: {} } }',
      {
        fileName: 'test',
        baseDirectory: '/',
        environment: {},
      },
    );
    const onAnswered = (record: RequestRecord) => records.push(record);
    const listener = createListener({
      app,
      config,
      tls: null,
      isStopping: () => false,
      isBlocked: () => false,
      shouldShed: () => false,
      clientAddress: addressOfConnection,
      onTlsFailure() {},
      onAnswered,
      commit: () => null,
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/user-info`;
    expectProblem(await sendRaw(url, withHeaders()), 500, 'internal-error');
    expect(records.map(({ status, error }) => [status, String(error)])).to.deep.equal([[500, `Error: ${canary}`]]);
    listener.close();
  });

  const served: Array<[name: string, request: string]> = [
    ['HTTP/1.0 without a Host', withoutHost().replace('HTTP/1.1', 'HTTP/1.0')],
    ['an unknown expectation', withHeaders('Expect: canary', 'Connection: close')],
    ['a request for another protocol', withHeaders('Connection: close, Upgrade', 'Upgrade: websocket')],
    ['the absolute form of the target', withHeaders('Connection: close').replace(target, `http://localhost${target}`)],
    ['an empty line in front', `\r\n${withHeaders('Connection: close')}`],
  ];
  for (const [name, request] of served) {
    it(`serves a request with ${name}`, async () => {
      const answer = parseAnswer(await sendRaw((await start()).url, request));
      expect([answer.status, answer.body]).to.deep.equal([200, adaBody]);
    });
  }

  it('responds to pipelined requests in their order', async () => {
    const server = await start();
    const raw = await sendRaw(server.url, withHeaders() + withHeaders('Connection: close').replace('ada', 'eve'));
    expect(raw.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 200', 'HTTP/1.1 404']);
  });

  it('keeps a connection alive, unless its idle time is 0', async () => {
    const ports = async (server: TestServer) => {
      const agent = keepAliveAgent(server.url);
      const headers = [(await ask(server.adaUrl, { agent })).headers, (await ask(server.adaUrl, { agent })).headers];
      agent.destroy();
      return headers.map(({ connection }) => connection);
    };
    expect(await ports(await start())).to.deep.equal(['keep-alive', 'keep-alive']);
    expect(await ports(await start({ keepAliveTimeoutMs: 0 }))).to.deep.equal(['close', 'close']);
  });

  it('closes a connection after the maximum number of requests', async () => {
    const server = await start({ maxRequestsPerSocket: 2 });
    const agent = keepAliveAgent(server.url);
    const answers = [];
    for (let asked = 0; asked < 4; asked++) answers.push(await ask(server.adaUrl, { agent }));
    agent.destroy();
    expect(answers.map(({ status, headers }) => [status, headers.connection])).to.deep.equal([
      [200, 'keep-alive'],
      [200, 'close'],
      [200, 'keep-alive'],
      [200, 'close'],
    ]);
  });

  it('closes an idle connection after its time limit', async () => {
    const server = await start({ keepAliveTimeoutMs: 50 });
    expect(parseAnswer(await sendRaw(server.url, withHeaders())).status).to.equal(200);
  });

  it('accepts no more connections than the limit', async () => {
    const server = await start({ maxConnections: 1 });
    const first = await openSocket(server.url);
    const second = await openSocket(server.url);
    expect(await readToEnd(second)).to.equal('');
    first.write(withHeaders('Connection: close'));
    expect(parseAnswer(await readToEnd(first)).status).to.equal(200);
    expect((await ask(server.adaUrl)).status).to.equal(200);
  });
});
