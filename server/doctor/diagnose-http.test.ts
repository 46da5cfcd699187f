// Tests of the diagnosis of `http-proxy` against HTTPS servers, a real SCIM server and a real OAuth 2 server.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { sendJson, startLocalServer } from '../adapters/http-proxy/testing/local-server.ts';
import { startSilentServer } from '../adapters/sql/testing/silent-server.ts';
import { diagnose, linesOf, secretReference } from './testing/diagnose.ts';

const userid = 'ada@example.com';

describe('the diagnosis of http-proxy', () => {
  let url: string;
  let expiredUrl: string;
  let ca: string;
  const closing: Array<() => Promise<unknown>> = [];
  /** What the upstream answers besides. */
  let status = 404;
  let date: string | undefined;

  before(async () => {
    const { bad, listenerTls } = await certificateFiles();
    ca = listenerTls.clientCa[0] ?? '';
    const start = async (cert: string, key: string) => {
      const server = createServer({ cert, key }, (request, response) => {
        response.sendDate = date === undefined;
        const headers: Record<string, string> = date === undefined ? {} : { date };
        const isKnown = new URL(request.url ?? '', 'https://x').searchParams.get('userid') === userid;
        if (isKnown) sendJson(response, 200, { groups: [{ name: 'staff' }], authorizations: {} }, headers);
        else sendJson(response, status, {}, headers);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      closing.push(async () => {
        server.close().closeAllConnections();
        await once(server, 'close');
      });
      return `https://127.0.0.1:${(server.address() as AddressInfo).port}/user-info`;
    };
    url = await start(readFileSync(listenerTls.certificate, 'utf8'), readFileSync(listenerTls.key, 'utf8'));
    const expired = bad.certificates['expired-server'];
    expiredUrl = await start(expired.certificate, expired.key);
  });
  beforeEach(() => {
    status = 404;
    date = undefined;
  });
  after(async () => {
    for (const close of closing) await close();
  });

  const diagnoseAs = (given: object = {}) =>
    diagnose({ type: 'http-proxy', preset: 'passthrough', baseUrl: url, tls: { ca: [ca] }, ...given }, userid);

  it('finds that all works', async () => {
    const lines = await diagnoseAs();
    expect(lines.map((line) => line.split(': ')[1])).to.deep.equal([
      ...['works DNS', 'works TCP', 'works TLS', 'works clock', 'works source', 'works user'],
    ]);
    expect(linesOf(lines, 'user')[0]).to.include('1 group, 0 values');
    expect(lines.join('\n')).not.to.match(/\bada\b|staff/);
  });

  it('says that a certificate has expired', async () => {
    const lines = await diagnoseAs({ baseUrl: expiredUrl });
    expect(lines.at(-1)).to.match(/fails TLS: .*CERT_HAS_EXPIRED\) → have a new certificate put on the server/);
  });

  it('says that the other side speaks no TLS', async () => {
    const plain = await startLocalServer((_request, response) => response.end());
    closing.push(() => plain.close());
    const lines = await diagnoseAs({ baseUrl: plain.url.replace('http:', 'https:') });
    expect(lines.at(-1)).to.match(/fails TLS: .* ends the handshake \(.+\) → is this the port for TLS\?/);
  });

  it('does not wait for a server that takes connections and says nothing', async () => {
    const silent = await startSilentServer();
    closing.push(() => silent.close());
    const lines = await diagnoseAs({ baseUrl: `https://127.0.0.1:${silent.port}`, connectTimeoutMs: 200 });
    expect(lines.at(-1)).to.match(/fails TLS: .* does not finish the handshake within 200 ms → is this the port/);
    // A connection that stays open would keep this waiting until the test is over time.
    while (silent.connections() > 0) await delay(5);
  });

  for (const [words, offsetMs, verdict] of [
    ['behind ours', -600_000, 'doubtful'],
    ['ahead of ours', 600_000, 'doubtful'],
    ['behind ours', -30_000, 'works'],
  ] as const) {
    it(`finds a clock ${offsetMs / 1000} s off ${verdict}`, async () => {
      date = new Date(Date.now() + offsetMs).toUTCString();
      const [line] = linesOf(await diagnoseAs(), 'clock');
      expect(line).to.match(new RegExp(`${verdict} clock: the clock of .* is \\d+ s ${words}`));
    });
  }

  it('says what the upstream answers when it refuses', async () => {
    status = 401;
    expect((await diagnoseAs()).at(-1)).to.match(/fails source: .*401/);
  });

  it('says that no token is to be had, and does not show the secret', async () => {
    const tokens = await startLocalServer((_request, response) => sendJson(response, 401, { error: 'invalid_client' }));
    closing.push(() => tokens.close());
    const auth = { type: 'oauth2', tokenUrl: `${tokens.url}/token`, clientId: 'kit', clientSecret: secretReference };
    const lines = await diagnoseAs({ auth });
    expect(lines.at(-1)).to.match(/fails token: .*invalid_client.*compare client id, secret/);
    expect(lines.join('\n')).not.to.include('no finding may show');
  });
});
