// Tests the learning endpoint: what it records about a request, to whom it responds, and that a record contains no secrets.
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Agent, request } from 'undici';
import { type DevelopmentCertificates, issueCertificates } from '../../certs/issue-certificates.ts';
import { type LearningEndpoint, startLearningEndpoint } from './learning-endpoint.ts';
import type { Script } from './scripted-response.ts';

const username = 'platform';
const password = 'canary-password';
const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

describe('the learning endpoint', () => {
  let own: DevelopmentCertificates;
  let other: DevelopmentCertificates;
  let endpoint: LearningEndpoint;
  let agent: Agent;
  before(async () => {
    [own, other] = await Promise.all([issueCertificates(), issueCertificates()]);
  });
  beforeEach(async () => {
    const pair = ({ certificate, key }: DevelopmentCertificates['server']) => ({ cert: certificate, key });
    endpoint = await startLearningEndpoint({
      ...{ host: '127.0.0.1', port: 0, path: '/user-info', username, password, prefix: 'learn-' },
      tls: { ...pair(own.server), ca: own.ca.certificate, untrusted: pair(other.server) },
    });
    agent = new Agent({ connections: 1, connect: { ca: own.ca.certificate } });
  });
  afterEach(async () => {
    await agent.destroy();
    await endpoint.close();
  });

  async function get(query: string, headers: Readonly<Record<string, string>> = { authorization }, dispatcher = agent) {
    const response = await request(`${endpoint.url}?userid=${query}`, { dispatcher, headers });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  }
  const play = async (userid: string, script: Script, work: () => Promise<unknown>) => {
    const step = endpoint.begin(userid, script);
    await work();
    // A client may receive the response before the server knows that the response was written.
    while (endpoint.isBusy()) await delay(1);
    return step.end();
  };
  const plain = { respond: { groups: ['learn-first'] } };

  it('responds to the test user of the step as scripted, and records protocol, encoding and reused connections', async () => {
    const { requests, connections } = await play('learn-a b', plain, async () => {
      expect((await get('learn-a%20b')).text).to.equal('{"groups":[{"name":"learn-first"}],"authorizations":{}}');
      await get('learn-a+b');
    });
    expect(connections).to.equal(1);
    const [first, second] = requests;
    expect(requests).to.have.length(2);
    expect(first).to.include({ hasBasic: true, isComplete: true, isOnKeptConnection: false, spaceAs: '%20' });
    expect(second).to.include({ isOnKeptConnection: true, spaceAs: '+', client: first?.client });
    expect(first?.transport).to.include({ httpVersion: '1.1', tlsVersion: 'TLSv1.3', clientCertificate: 'none' });
    expect(first?.endedMs).to.be.at.least(first?.startedMs ?? Infinity);
  });

  it('records the TLS offer and server name, the headers, and the encoding of special characters', async () => {
    const connect = { ca: own.ca.certificate, servername: 'localhost', ciphers: 'TLS_AES_256_GCM_SHA384' };
    const named = new Agent({ connect });
    const headers = { authorization, accept: 'application/json', cookie: 'canary=1', 'X-Tenant': 'canary' };
    const { requests } = await play('learn-plus+1@\u00e9', plain, () =>
      get('learn-plus%2B1%40%c3%a9', { ...headers, 'user-agent': 'Tried/1.2 (canary@example.com)' }, named),
    );
    await named.destroy();
    const [first] = requests;
    expect(requests).to.have.length(1);
    expect(first?.transport).to.include({ cipher: 'TLS_AES_256_GCM_SHA384', sendsServerName: true });
    expect(first?.offer).to.deep.include({ versions: ['TLSv1.3'], alpn: ['http/1.1'], hasServerName: true });
    expect(first?.offer?.ciphers).to.include('0x1302').and.not.include('0x1301');
    expect(first?.headers).to.deep.equal([
      ...['accept: application/json', 'authorization', 'connection: keep-alive', 'cookie', 'host'],
      ...['user-agent: Tried/1.2', 'x-tenant'],
    ]);
    expect(first?.encoding).to.deep.equal({
      ...{ spaceAs: null, plusSignAs: '%2B', atSignAs: '%40', nonAsciiAs: 'UTF-8', escapeCase: ['upper', 'lower'] },
    });
    expect(JSON.stringify(requests)).to.not.match(/canary|example|127\.0\.0\.1/);
  });

  it('recognizes the user even if a plus sign is not escaped or a letter is not UTF-8', async () => {
    for (const [query, userid] of [
      ['learn-plus+1', 'learn-plus+1'],
      ['learn-%E9', 'learn-\u00e9'],
    ] as const) {
      const { requests } = await play(userid, plain, async () => expect((await get(query)).status).to.equal(200));
      expect(requests).to.have.length(1);
    }
  });

  it('records the names of proxy headers, the number of peers, and whether a peer has an address of the platform', async () => {
    const near = await startLearningEndpoint({
      ...{ host: '127.0.0.1', port: 0, path: '/user-info', username, password, prefix: 'learn-', tls: null },
      platformAddresses: ['127.0.0.1'],
    });
    const step = near.begin('learn-1', plain);
    const headers = { authorization, Via: '1.1 canary', 'X-Forwarded-For': '192.0.2.7', Forwarded: 'for=canary' };
    await (await request(`${near.url}?userid=learn-1`, { headers })).body.dump();
    const { requests } = step.end();
    await near.close();
    expect(requests[0]).to.deep.include({
      ...{ forwardingHeaders: ['forwarded', 'via', 'x-forwarded-for'], peer: 0, isFromPlatform: true },
    });
    expect(JSON.stringify(requests)).to.not.match(/canary|192\.0\.2/);
  });

  it('recognizes a client even if each of its requests contains a different number', async () => {
    const { requests } = await play('learn-1', plain, async () => {
      for (const id of ['1', '2']) {
        await get('learn-1', { authorization, 'X-Request-Id': id, traceparent: id, 'X-Amzn-Trace-Id': id });
      }
      await get('learn-1', { authorization, 'X-Other': '1' });
    });
    const [first, second, other] = requests.map(({ client }) => client);
    expect([first === second, first === other]).to.deep.equal([true, false]);
  });

  it('sends the first response only as often as scripted', async () => {
    const script = { respond: { status: 503 }, respondTimes: 2, thenRespond: { groups: ['learn-first'] } };
    await play('learn-1', script, async () => {
      const statuses = [await get('learn-1'), await get('learn-1'), await get('learn-1')].map(({ status }) => status);
      expect(statuses).to.deep.equal([503, 503, 200]);
    });
  });

  it('records the sequence of requests with valid credentials, including users out of turn', async () => {
    await play('learn-1', plain, async () => {
      await get('learn-1');
      await get('learn-2');
      await get('learn-1', {});
    });
    const shown = endpoint.sequence().map(({ userid, step, isFailed }) => [userid, step, isFailed]);
    expect(shown).to.deep.equal([
      ['learn-1', 1, false],
      ['learn-2', 1, true],
    ]);
  });

  it('distinguishes a trusted client certificate from an untrusted one', async () => {
    for (const [issuer, expected] of [
      [own, 'trusted'],
      [other, 'untrusted'],
    ] as const) {
      const { certificate: cert, key } = issuer.client;
      const certified = new Agent({ connect: { ca: own.ca.certificate, cert, key } });
      const { requests } = await play('learn-1', plain, () => get('learn-1', { authorization }, certified));
      await certified.destroy();
      expect(requests.map(({ transport }) => transport.clientCertificate)).to.deep.equal([expected]);
    }
  });

  it('requires credentials, and records whether the first request contained them, but not the credentials themselves', async () => {
    const record = await play('learn-1', plain, async () => {
      const challenged = await get('learn-1', {});
      expect([challenged.status, challenged.headers['www-authenticate']]).to.deep.equal([
        401,
        'Basic realm="learn", charset="UTF-8"',
      ]);
      expect((await get('learn-1', { authorization: 'Basic d3Jvbmc6d3Jvbmc=' })).status).to.equal(401);
      expect((await get('learn-1')).status).to.equal(200);
    });
    expect(record.requests.map(({ hasBasic }) => hasBasic)).to.deep.equal([false, true]);
    expect(endpoint.counts.rejectedCredentials).to.equal(1);
    expect(JSON.stringify([record, endpoint.counts])).to.not.match(/canary|learn-1|d3Jvbmc|127\.0\.0\.1/);
  });

  it('responds with 404 to users without the prefix and 503 to test users out of turn, and counts them', async () => {
    const { requests } = await play('learn-1', plain, async () => {
      expect((await get('ada@example.com')).status).to.equal(404);
      expect((await get('learn-2')).status).to.equal(503);
    });
    expect((await get('learn-1')).status).to.equal(503);
    expect(requests).to.deep.equal([]);
    expect(endpoint.counts).to.deep.equal({ otherUsers: 1, unexpected: 2, rejectedCredentials: 0 });
  });

  it('redirects to itself, pads bodies, delays responses and closes connections as scripted', async () => {
    const { requests } = await play('learn-1', { respond: { redirects: true }, hop: plain.respond }, async () => {
      const { status, headers } = await get('learn-1');
      expect([status, headers.location]).to.deep.equal([307, '/user-info?userid=learn-1&learn-hop=1']);
      expect((await get('learn-1&learn-hop=1')).text).to.include('learn-first');
    });
    expect(requests.map(({ isHop }) => isHop)).to.deep.equal([false, true]);
    await play('learn-2', { respond: { paddedTo: 5000 } }, async () => {
      expect((await get('learn-2')).text).to.have.length(5000);
    });
    const late = await play('learn-3', { respond: { delayMs: 50 } }, () => get('learn-3'));
    // A timer may fire a millisecond early.
    expect((late.requests[0]?.endedMs ?? 0) - (late.requests[0]?.arrivedMs ?? 0)).to.be.at.least(48);
    const closed = await play('learn-4', { respond: { closes: true } }, async () => {
      expect(await get('learn-4').catch(({ code }) => code)).to.equal('UND_ERR_SOCKET');
    });
    expect(closed.requests.map(({ isComplete }) => isComplete)).to.deep.equal([false]);
    const reset = await play('learn-5', { respond: { resets: true } }, async () => {
      expect(await get('learn-5').catch(({ code }) => code)).to.equal('ECONNRESET');
    });
    expect(reset.requests.map(({ isComplete }) => isComplete)).to.deep.equal([false]);
  });

  it('compresses bodies, adds groups, truncates bodies, and sends Retry-After as scripted', async () => {
    await play(
      'learn-1',
      { respond: { contentEncoding: 'gzip', groups: ['learn-first'], moreGroups: 2 } },
      async () => {
        const { body, headers } = await request(`${endpoint.url}?userid=learn-1`, {
          ...{ dispatcher: agent, headers: { authorization } },
        });
        expect(headers['content-encoding']).to.equal('gzip');
        const names = ['learn-first', 'learn-more-1', 'learn-more-2'].map((name) => ({ name }));
        const info = { groups: names, authorizations: {} };
        expect(JSON.parse(gunzipSync(Buffer.from(await body.arrayBuffer())).toString())).to.deep.equal(info);
      },
    );
    const script = { respond: { status: 429, retryAfterSeconds: 2 }, thenRespond: plain.respond };
    await play('learn-2', script, async () => {
      const { status, headers } = await get('learn-2');
      expect([status, headers['retry-after']]).to.deep.equal([429, '2']);
      expect((await get('learn-2')).status).to.equal(200);
    });
    for (const status of [201, 204, 206]) {
      await play('learn-3', { respond: { status, body: '' } }, async () => {
        expect(await get('learn-3')).to.include({ status, text: '' });
      });
    }
    const { requests } = await play('learn-4', { respond: { ...plain.respond, cutsBody: true } }, async () => {
      const { statusCode, headers, body } = await request(`${endpoint.url}?userid=learn-4`, {
        ...{ dispatcher: agent, headers: { authorization } },
      });
      expect([statusCode, headers['content-length']]).to.deep.equal([200, '55']);
      expect(await body.text().catch(({ code }) => code)).to.match(/^UND_ERR_(SOCKET|RES_CONTENT_LENGTH_MISMATCH)$/);
    });
    expect(requests.map(({ isComplete }) => isComplete)).to.deep.equal([false]);
  });

  it('closes the connection of a client that does not read the response', async () => {
    const impatient = await startLearningEndpoint({
      ...{ host: '127.0.0.1', port: 0, path: '/user-info', username, password, prefix: 'learn-' },
      ...{ tls: null, maxSilenceMs: 200 },
    });
    const { port } = new URL(impatient.url);
    const step = impatient.begin('learn-1', { respond: { groups: [], paddedTo: 2 ** 26 } });
    const client = connect(Number(port), '127.0.0.1').pause();
    try {
      client.write(
        `GET /user-info?userid=learn-1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`,
      );
      while (impatient.peek().requests.length === 0 || impatient.isBusy()) await delay(1);
      expect(step.end().requests).to.have.length(1);
    } finally {
      client.destroy();
      await impatient.close();
    }
  });

  it('returns the events of the current step, and none between steps', async () => {
    const step = endpoint.begin('learn-1', plain);
    await get('learn-1');
    expect(endpoint.peek()).to.include({ connections: 1 });
    expect(endpoint.peek().requests).to.have.length(1);
    step.end();
    expect(endpoint.peek()).to.deep.equal({ requests: [], connections: 0 });
  });

  it('returns a group for test users out of turn when all users may be synchronized at once', async () => {
    const idling = await startLearningEndpoint({
      ...{ host: '127.0.0.1', port: 0, path: '/user-info', username, password, prefix: 'learn-', tls: null },
      isIdling: true,
    });
    const ask = (userid: string) => request(`${idling.url}?userid=${userid}`, { headers: { authorization } });
    const step = idling.begin('learn-1', plain);
    const { statusCode, body } = await ask('learn-2');
    expect([statusCode, await body.text()]).to.deep.equal([
      200,
      '{"groups":[{"name":"learn-idle"}],"authorizations":{}}',
    ]);
    await (await ask('learn-1')).body.dump();
    expect((await ask('ada@example.com')).statusCode).to.equal(404);
    expect(step.end().requests).to.have.length(1);
    expect([idling.hasIdled('learn-1'), idling.hasIdled('learn-2')]).to.deep.equal([false, true]);
    await idling.close();
  });

  it('presents an untrusted certificate while an experiment requires it', async () => {
    const step = endpoint.begin('learn-1', plain);
    expect(endpoint.presentUntrusted(true)).to.equal(true);
    const error = await get('learn-1').catch(({ code }) => code);
    endpoint.presentUntrusted(false);
    const { requests, connections } = step.end();
    expect(error).to.match(/^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/);
    expect([requests.length, connections]).to.deep.equal([0, 1]);
    expect((await get('ada@example.com')).status).to.equal(404);
  });
});
