// Tests that floods of headers, of parameters and of connections are bounded, and that the server responds to other clients afterwards.
import { connect } from 'node:net';
import { setImmediate as turnIsOver } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import { ask, openSocket, parseAnswer, readToEnd, sendRaw } from '../ask-server.ts';
import { certificateFiles } from '../certificate-files.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

const maxHeaderBytes = 16_384;
const request = (target: string, ...lines: string[]) =>
  `GET ${target} HTTP/1.1\r\n${['Host: localhost', 'Connection: close', ...lines].join('\r\n')}\r\n\r\n`;
const many = (line: string, bytes: number) => Array<string>(Math.floor(bytes / (line.length + 2))).fill(line);

/**
 * This limit ends an endless attack and makes no claim about the server. The client runs in the same process and passes on whatever the sockets'
 * buffers accept.
 */
const maxTakenBytes = 128 * 1024 * 1024;

const below = maxHeaderBytes - 500;
const above = maxHeaderBytes * 4;
const floods: ReadonlyArray<[name: string, status: number, text: string]> = [
  ['as many headers as are allowed', 200, request('/user-info?userid=ada', ...Array<string>(98).fill('a:b'))],
  ['one header more than are allowed', 431, request('/user-info?userid=ada', ...Array<string>(99).fill('a:b'))],
  ['many headers above the limit', 431, request('/user-info?userid=ada', ...many('a:b', above))],
  ['16,000 empty headers', 431, request('/user-info?userid=ada', ...Array<string>(16_000).fill('a:'))],
  ['one header above the limit', 431, request('/user-info?userid=ada', `X: ${'x'.repeat(above)}`)],
  ['the name of a header above the limit', 431, request('/user-info?userid=ada', `${'x'.repeat(above)}: y`)],
  ['many cookies', 200, request('/user-info?userid=ada', `Cookie: ${'a=b; '.repeat(below / 5)}`)],
  ['many parameters', 200, request(`/user-info?${'a=b&'.repeat(below / 4)}userid=ada`)],
  ['the one parameter many times', 400, request(`/user-info?${'userid=ada&'.repeat(below / 11)}`)],
  ['parameters that all need decoding', 200, request(`/user-info?${'%61=%62&'.repeat(below / 8)}userid=ada`)],
  ['a userid above its limit', 400, request(`/user-info?userid=${'a'.repeat(below)}`)],
  ['a target above the limit', 431, request(`/user-info?userid=${'a'.repeat(above)}`)],
  ['a path above the limit', 431, request(`/${'a/'.repeat(above)}`)],
  ['some empty lines in front of the request', 200, `${'\r\n'.repeat(1000)}${request('/user-info?userid=ada')}`],
];

/** Node's parser does not limit these pieces, so each is sent for as long as the server accepts it. */
const endless: ReadonlyArray<[name: string, start: string, piece: string]> = [
  ['empty lines in front of a request', '', '\r\n'],
  ['spaces in front of a header’s value', 'GET /user-info?userid=ada HTTP/1.1\r\nHost: localhost\r\nX:', ' '],
  ['spaces after the method', 'GET ', ' '],
  ['spaces in front of the version', 'GET /user-info?userid=ada ', ' '],
  [
    'empty lines after a request on a persistent connection',
    'GET /user-info?userid=ada HTTP/1.1\r\nHost: localhost\r\n\r\n',
    '\r\n',
  ],
  ['invalid bytes after a rejected request', 'garbage\r\n\r\n', 'garbage\r\n\r\n'],
  [
    'content that is not read',
    'POST /user-info?userid=ada HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n',
    '1\r\nx\r\n',
  ],
];

describe('floods', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ listener: { maxHeaderBytes }, shutdown: { deadlineMs: 1000 } });
  });
  after(() => server.stop());

  for (const [name, status, text] of floods) {
    it(`result in ${status}: ${name}`, async () => {
      expect(parseAnswer(await sendRaw(server.url, text)).status).to.equal(status);
      expect((await ask(server.adaUrl)).status).to.equal(200);
    });
  }

  for (const [name, start, piece] of endless) {
    for (const scheme of ['http', 'https']) {
      it(`are cut off before they end, over ${scheme}: ${name}`, async () => {
        const { listenerTls } = await certificateFiles();
        // Neither timeout may cut these connections.
        const patient = await startTestServer({
          listener: { maxHeaderBytes, headersTimeoutMs: 600_000, ...(scheme === 'https' && { tls: listenerTls }) },
          shutdown: { deadlineMs: 1000 },
        });
        const port = Number(new URL(patient.url).port);
        const socket = scheme === 'http' ? connect(port) : connectTls({ port, rejectUnauthorized: false });
        const heard = readToEnd(socket);
        const block = Buffer.from(piece.repeat(65_536 / piece.length));
        socket.write(start);
        while (!socket.destroyed) {
          if (socket.writableLength < block.length) socket.write(block);
          await turnIsOver();
          expect(socket.bytesWritten - socket.writableLength, 'bytes that were taken').to.be.below(maxTakenBytes);
        }
        expect((await heard).match(/HTTP\/1\.1 200/g) ?? []).to.have.length(name.includes('persistent') ? 1 : 0);
        expect((await ask(patient.adaUrl, { rejectUnauthorized: false })).status).to.equal(200);
        await patient.stop();
      }).timeout(60_000);
    }
  }

  it('of connections are rejected above the limit, and closed below it when they send nothing', async () => {
    const maxConnections = 50;
    const crowded = await startTestServer({ listener: { maxConnections, headersTimeoutMs: 1500 } });
    const sockets = await Promise.all(Array.from({ length: 4 * maxConnections }, () => openSocket(crowded.url)));
    const heard = await Promise.all(sockets.map(readToEnd));
    const timedOut = heard.filter((raw) => raw.startsWith('HTTP/1.1 408 '));
    expect(timedOut).to.have.length(maxConnections);
    expect(heard.filter((raw) => raw === '')).to.have.length(3 * maxConnections);
    expect((await ask(crowded.adaUrl)).status).to.equal(200);
    await crowded.stop();
  });
});
