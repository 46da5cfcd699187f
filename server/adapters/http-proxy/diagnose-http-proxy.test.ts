// Tests of the diagnosis of `http-proxy` against HTTPS servers, a real SCIM server and a real OAuth 2 server.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { certificateFiles } from '../../../tests/certificate-files.ts';
import { diagnose, linesOf, secretReference } from '../../doctor/testing/diagnose.ts';
import { startSilentServer } from '../sql/testing/silent-server.ts';
import { sendJson, startLocalServer } from './testing/local-server.ts';
import { startScimServer } from './testing/scim-server.ts';

const userid = 'ada@example.com';

describe('the diagnosis of http-proxy', () => {
  let url: string;
  let expiredUrl: string;
  let ca: string;
  const closing: Array<() => Promise<unknown>> = [];
  /** Other responses of the upstream. */
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

  it('reports that everything works', async () => {
    const lines = await diagnoseAs();
    expect(lines.map((line) => line.split(': ')[1])).to.deep.equal([
      ...['works DNS', 'works TCP', 'works TLS', 'works HTTP', 'works clock', 'works API', 'works source'],
      'works user',
    ]);
    expect(linesOf(lines, 'user')[0]).to.include('1 group, 0 values');
    expect(lines.join('\n')).not.to.match(/\bada\b|staff/);
  });

  it('reports that a certificate has expired', async () => {
    const lines = await diagnoseAs({ baseUrl: expiredUrl });
    expect(lines.at(-1)).to.match(/fails TLS: .*CERT_HAS_EXPIRED\) → install a new certificate on the server/);
  });

  it('reports that the server does not use TLS', async () => {
    const plain = await startLocalServer((_request, response) => response.end());
    closing.push(() => plain.close());
    const lines = await diagnoseAs({ baseUrl: plain.url.replace('http:', 'https:') });
    expect(lines.at(-1)).to.match(/fails TLS: .* aborts the handshake \(.+\) → check that this is the port for TLS/);
  });

  it('does not wait for a server that accepts connections and sends nothing', async () => {
    const silent = await startSilentServer();
    closing.push(() => silent.close());
    const lines = await diagnoseAs({ baseUrl: `https://127.0.0.1:${silent.port}`, connectTimeoutMs: 200 });
    expect(lines.at(-1)).to.match(
      /fails TLS: .* does not finish the handshake within 200 ms → check that this is the port/,
    );
    // An open connection would keep this loop waiting until the test times out.
    while (silent.connections() > 0) await delay(5);
  });

  for (const [words, offsetMs, verdict] of [
    ['behind the clock of this machine', -600_000, 'doubtful'],
    ['ahead of the clock of this machine', 600_000, 'doubtful'],
    ['behind the clock of this machine', -30_000, 'works'],
  ] as const) {
    it(`finds a clock ${offsetMs / 1000} s off ${verdict}`, async () => {
      date = new Date(Date.now() + offsetMs).toUTCString();
      const [line] = linesOf(await diagnoseAs(), 'clock');
      expect(line).to.match(new RegExp(`${verdict} clock: the clock of .* is \\d+ s ${words}`));
    });
  }

  it('names the mismatch between the filtered and the compared attribute, and shows neither value', async () => {
    const people = await startLocalServer((request, response) => {
      const filter = new URL(request.url ?? '', 'http://x').searchParams.get('login');
      sendJson(response, 200, filter === userid ? [{ login: userid, mail: 'lovelace@example.net' }] : []);
    });
    closing.push(() => people.close());
    const source = (identity: string, path = 'people?login={userid}') => ({
      type: 'http-proxy',
      baseUrl: people.url,
      user: { path, list: '' },
      mapping: { identity, authorizations: { login: { path: '/login' } } },
    });
    const lines = await diagnose(source('/mail'), userid);
    expect(lines.at(-1)).to.match(
      /fails user: .*at \/mail .*filters by a different attribute than mapping\.identity compares/,
    );
    expect(lines.join('\n')).not.to.match(/lovelace|ada@/);
    // An entry is found but its userid is spelled differently: no user is returned, and the reason is reported.
    const spelled = await startLocalServer((request, response) => {
      const filter = new URL(request.url ?? '', 'http://x').searchParams.get('login');
      sendJson(response, 200, filter === userid ? [{ login: userid.toUpperCase() }] : []);
    });
    closing.push(() => spelled.close());
    const found = await diagnose({ ...source('/login'), baseUrl: spelled.url }, userid);
    expect(found.at(-1)).to.match(/untried user: is unknown.*spells the userid differently.*caseInsensitive/);
  });

  it('reports the response of an upstream that refuses the request', async () => {
    status = 401;
    expect((await diagnoseAs()).at(-1)).to.match(
      /fails authentication: .*401 → check the user name, password or token/,
    );
    status = 403;
    expect((await diagnoseAs()).at(-1)).to.match(/fails authentication: .*403 → .*permission or scope/);
    status = 503;
    expect((await diagnoseAs()).at(-1)).to.match(/fails API: .*503/);
  });

  it('reports that nothing listens, and that a host name is unknown', async () => {
    const closed = await startLocalServer(() => undefined);
    await closed.close();
    expect((await diagnoseAs({ baseUrl: closed.url })).at(-1)).to.match(
      /fails TCP: .*ECONNREFUSED\) → nothing listens/,
    );
    expect((await diagnoseAs({ baseUrl: 'https://nowhere.invalid/' })).at(-1)).to.match(
      /fails DNS: nowhere\.invalid cannot be resolved/,
    );
  });

  it('reports that the server does not use HTTP, or sends nothing', async () => {
    const ssh = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().write('SSH-2.0-OpenSSH_9.2\r\n');
    }).listen(0, '127.0.0.1');
    await once(ssh, 'listening');
    const { port } = ssh.address() as AddressInfo;
    const lines = await diagnoseAs({ baseUrl: `http://127.0.0.1:${port}` });
    ssh.close();
    expect(lines.at(-1)).to.match(/fails HTTP: .* → check the port, and http or https in source\.baseUrl/);
    const silent = await startSilentServer();
    closing.push(() => silent.close());
    const quiet = await diagnoseAs({ baseUrl: `http://127.0.0.1:${silent.port}`, headersTimeoutMs: 200 });
    expect(quiet.at(-1)).to.match(/fails HTTP: .*did not respond within headersTimeoutMs/);
  });

  for (const [title, answer, line] of [
    [
      'a login page',
      [200, 'text/html', '<html>Log in</html>'],
      /fails content: .*status 200 and an HTML page, such as a login/,
    ],
    ['text', [200, 'text/plain', 'OK'], /fails content: .*not JSON/],
    [
      'an HTML page for 404',
      [404, 'text/html', '<html>'],
      /fails path: .*status 404 and an HTML page → compare source\.baseUrl/,
    ],
    ['a method that is not allowed', [405, 'application/json', '{}'], /fails path: .*status 405/],
    [
      'a redirect',
      [302, 'text/html', ''],
      /fails path: .*a redirect to https:\/\/login\.example\.com\/start → set source\.baseUrl/,
    ],
    [
      'the page of a port for TLS',
      [400, 'text/html', 'The plain HTTP request was sent to HTTPS port'],
      /fails HTTP: .*this port expects TLS → write https/,
    ],
  ] as const) {
    it(`distinguishes ${title} from the other failures`, async () => {
      const server = await startLocalServer((_request, response) => {
        const [code, type, body] = answer;
        const location = code === 302 ? { location: 'https://login.example.com/start?state=secret' } : {};
        response.writeHead(code, { 'content-type': type, ...location }).end(body);
      });
      closing.push(() => server.close());
      const lines = await diagnoseAs({ baseUrl: `${server.url}/user-info` });
      expect(lines.at(-1)).to.match(line);
      expect(lines.join('\n')).not.to.include('state=secret');
    });
  }

  it('suggests the version in the base URL of a SCIM server', async () => {
    const server = await startScimServer({ users: [], groups: [] }, 'token');
    closing.push(() => server.close());
    const scim = (path: string) =>
      diagnose(
        {
          type: 'http-proxy',
          preset: 'scim2',
          baseUrl: server.url + path,
          auth: { type: 'bearer', token: secretReference },
        },
        null,
        'token',
      );
    expect((await scim('/scim')).at(-1)).to.include(`set source.baseUrl to ${server.url}/scim/v2, where a SCIM server`);
    expect((await scim('')).at(-1)).to.include(`set source.baseUrl to ${server.url}/scim/v2, where a SCIM server`);
    expect((await scim('/other')).at(-1)).to.include(`try ${server.url}/other/v2`);
    expect((await scim('/scim/v2')).at(-1)).to.match(/works source/);
  });

  it('suggests how the base URL of a preset should end', async () => {
    const server = await startLocalServer((_request, response) => sendJson(response, 404, { error: 'no route' }));
    closing.push(() => server.close());
    for (const [preset, ending] of [
      ['microsoft-graph', '/v1.0'],
      ['okta', '/api/v1'],
      ['keycloak', '/admin/realms/REALM'],
    ]) {
      const lines = await diagnose({ type: 'http-proxy', preset, baseUrl: server.url });
      expect(lines.at(-1))
        .to.match(/fails path: .*status 404/)
        .and.include(`try ${server.url}${ending}`);
    }
  });

  it('reports that no token is available, and does not show the secret', async () => {
    const tokens = await startLocalServer((_request, response) => sendJson(response, 401, { error: 'invalid_client' }));
    closing.push(() => tokens.close());
    const auth = { type: 'oauth2', tokenUrl: `${tokens.url}/token`, clientId: 'kit', clientSecret: secretReference };
    const lines = await diagnoseAs({ auth });
    expect(lines.at(-1)).to.match(/fails token: .*invalid_client.*Check clientId, clientSecret/);
    expect(lines.join('\n')).not.to.include('no finding may show');
  });
});
