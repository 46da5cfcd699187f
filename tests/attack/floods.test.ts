// Tests that floods of headers, of parameters and of connections are bounded, and that the server answers others afterwards.
import { expect } from 'chai';
import { ask, openSocket, parseAnswer, readToEnd, sendRaw } from '../ask-server.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

const maxHeaderBytes = 16_384;
const request = (target: string, ...lines: string[]) =>
  `GET ${target} HTTP/1.1\r\n${['Host: localhost', 'Connection: close', ...lines].join('\r\n')}\r\n\r\n`;
const many = (line: string, bytes: number) => Array<string>(Math.floor(bytes / (line.length + 2))).fill(line);

const below = maxHeaderBytes - 500;
const above = maxHeaderBytes * 4;
const floods: ReadonlyArray<[name: string, status: number, text: string]> = [
  ['many headers below the limit', 200, request('/user-info?userid=ada', ...many('a:b', below))],
  ['many headers above the limit', 431, request('/user-info?userid=ada', ...many('a:b', above))],
  ['one header above the limit', 431, request('/user-info?userid=ada', `X: ${'x'.repeat(above)}`)],
  ['the name of a header above the limit', 431, request('/user-info?userid=ada', `${'x'.repeat(above)}: y`)],
  ['many cookies', 200, request('/user-info?userid=ada', `Cookie: ${'a=b; '.repeat(below / 5)}`)],
  ['many parameters', 200, request(`/user-info?${'a=b&'.repeat(below / 4)}userid=ada`)],
  ['the one parameter many times', 400, request(`/user-info?${'userid=ada&'.repeat(below / 11)}`)],
  ['parameters that all need decoding', 200, request(`/user-info?${'%61=%62&'.repeat(below / 8)}userid=ada`)],
  ['a userid above its limit', 400, request(`/user-info?userid=${'a'.repeat(below)}`)],
  ['a target above the limit', 431, request(`/user-info?userid=${'a'.repeat(above)}`)],
  ['a path above the limit', 431, request(`/${'a/'.repeat(above)}`)],
  ['empty lines in front of the request', 200, `${'\r\n'.repeat(above)}${request('/user-info?userid=ada')}`],
];

describe('floods', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ listener: { maxHeaderBytes }, shutdown: { deadlineMs: 1000 } });
  });
  after(() => server.stop());

  for (const [name, status, text] of floods) {
    it(`are answered with ${status}: ${name}`, async () => {
      expect(parseAnswer(await sendRaw(server.url, text)).status).to.equal(status);
      expect((await ask(server.adaUrl)).status).to.equal(200);
    });
  }

  it('of connections are turned away above the limit, and cut below it when they send nothing', async () => {
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
