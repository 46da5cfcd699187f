// Tests of the requests to the endpoint, and the interpretation of each kind of response, over real HTTP and HTTPS.
import { createServer } from 'node:net';
import { expect } from 'chai';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { secretReference, startTestServer } from '../../tests/test-server.ts';
import { type ClientCredentials, loadIamSettings } from './iam-settings.ts';
import { createPlatformClient, type PlatformClient } from './platform-client.ts';
import { answer, type ChangingEndpoint, startChangingEndpoint } from './testing/changing-endpoint.ts';

const nothing: ClientCredentials = { basicHeader: null, cert: null, key: null, ca: null };
const noAbort = new AbortController().signal;

describe("the platform's client", () => {
  let endpoint: ChangingEndpoint;
  const clients: PlatformClient[] = [];

  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    endpoint.users.set('ada', { groups: ['staff'], attributes: { region: ['emea'] } });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await endpoint.close();
  });

  function open(
    guesses: Partial<LoadedIamSettings['guesses']> = {},
    credentials: Partial<ClientCredentials> = {},
    uri = endpoint.uri,
  ): PlatformClient {
    const settings = loadIamSettings({ externalUserInfo: { uri, useSSL: uri.startsWith('https') }, guesses });
    const client = createPlatformClient(settings, { ...nothing, ...credentials });
    clients.push(client);
    return client;
  }
  const ask = (client: PlatformClient, userid = 'ada') => client.ask(userid, noAbort);
  const kindOf = async (client: PlatformClient, userid?: string) => (await ask(client, userid)).kind;

  const targets: Readonly<Record<string, string>> = {
    'ada.lovelace@example.com': 'ada.lovelace%40example.com',
    'a b&c=d+e%f#g': 'a%20b%26c%3Dd%2Be%25f%23g',
    'zoë/müller': 'zo%C3%AB%2Fm%C3%BCller',
  };
  for (const [userid, encoded] of Object.entries(targets)) {
    it(`requests ${userid} as ${encoded}, with nothing else in the query`, async () => {
      await ask(open(), userid);
      expect(endpoint.requests.map(({ method, target }) => [method, target])).to.deep.equal([
        ['GET', `/user-info?userid=${encoded}`],
      ]);
    });
  }

  it('appends the userid to a query of the URI, and encodes a space as assumed', async () => {
    await ask(open({ spaceAs: '+' }, {}, `${endpoint.uri}?tenant=7`), 'a b+c');
    expect(endpoint.requests[0]?.target).to.equal('/user-info?tenant=7&userid=a+b%2Bc');
  });

  it('sends the Basic header at once, or only after a challenge', async () => {
    const basicHeader = 'Basic YTpi';
    await ask(open({}, { basicHeader }));
    expect(endpoint.requests[0]?.headers.authorization).to.equal(basicHeader);
    endpoint.requests.length = 0;
    endpoint.handler = ({ headers }, response) => answer(response, headers.authorization ? {} : 401);
    expect(await kindOf(open({ basicWithoutChallenge: false }, { basicHeader }))).to.equal('user');
    expect(endpoint.requests.map(({ headers }) => headers.authorization)).to.deep.equal([undefined, basicHeader]);
  });

  const statuses = {
    200: 'user',
    201: 'other-status',
    204: 'other-status',
    302: 'other-status',
    400: 'other-status',
    401: 'credentials-refused',
    403: 'credentials-refused',
    404: 'not-found',
    429: 'rate-limited',
    500: 'server-error',
    503: 'server-error',
  } as const;
  for (const [status, kind] of Object.entries(statuses)) {
    it(`treats ${status} as ${kind}, whatever its body`, async () => {
      endpoint.handler = (_request, response) => {
        const withBody = status !== '204';
        response.writeHead(Number(status)).end(withBody ? '{"groups":[{"name":"staff"}],"authorizations":{}}' : '');
      };
      expect(await ask(open())).to.include({ kind, status: Number(status) });
    });
  }

  const json = '{"groups":[],"authorizations":{}}';
  const invalidBodies: Readonly<Record<string, readonly [body: string | Buffer, detail: string, guesses?: object]>> = {
    'no byte': ['', 'the body is empty; expected a JSON object'],
    'an HTML page': ['<!doctype html><p>Log in', 'the body is HTML or XML; expected JSON'],
    'a trailing comma': [
      '{"groups":[],\n "authorizations":{}, }',
      'the body is not JSON: trailing comma at line 2, column 21; JSON allows no comma before a closing bracket',
    ],
    'trailing commas, and one in a string': [
      '{"groups":[{"name":"a,]"},],"authorizations":{},}',
      'the body is not JSON: trailing comma at line 1, column 26 and 1 more; JSON allows no comma before a closing bracket',
    ],
    'a trailing comma and single quotes': ["{'groups':[],'authorizations':{},}", 'the body is not JSON'],
    'half of the body': ['{"groups":[{"name":"sta', 'the body ends before the JSON is complete'],
    'a missing bracket': ['{"groups":[],"authorizations":{}', 'the body ends before the JSON is complete'],
    'a list': ['[]', 'the body: expected an object, found an array'],
    'a missing key': ['{"groups":[]}', '/authorizations: expected an object, found nothing'],
    'no groups': ['{"authorizations":{}}', '/groups: expected an array, found nothing'],
    'a scalar value': [
      '{"groups":[],"authorizations":{"a/b":"c"}}',
      '/authorizations/a~1b: expected an array, found a string',
    ],
    'null for none': ['{"groups":null,"authorizations":{}}', '/groups: expected an array, found null'],
    'a group without a name': [
      '{"groups":[{"name":"a"},{}],"authorizations":{}}',
      '/groups/1/name: expected a string, found nothing',
    ],
    'names alone': ['{"groups":["a"],"authorizations":{}}', '/groups/0: expected an object, found a string'],
    'an empty name': [
      '{"groups":[{"name":""}],"authorizations":{}}',
      '/groups/0/name: expected a non-empty string, found an empty one',
    ],
    'an empty attribute name': [
      '{"groups":[],"authorizations":{"":[]}}',
      '/authorizations: expected non-empty attribute names, found an empty one',
    ],
    'a number for a value': [
      '{"groups":[],"authorizations":{"level":[3]}}',
      '/authorizations/level/0: expected a string, found a number',
    ],
    'a long attribute name': [
      `{"groups":[],"authorizations":{"${'a'.repeat(500)}":1}}`,
      `/authorizations/${'a'.repeat(104)}…: expected an array, found a number`,
    ],
    'bytes that are not UTF-8': [Buffer.from([0x7b, 0xff, 0x7d]), 'the body is not valid UTF-8'],
    'a NUL in a name': [
      '{"groups":[{"name":"a\\u0000b"}],"authorizations":{}}',
      'a name or value contains a NUL or an unpaired surrogate',
    ],
    'half a pair in a value': [
      '{"groups":[],"authorizations":{"a":["\\ud800"]}}',
      'a name or value contains a NUL or an unpaired surrogate',
    ],
    'extra keys, strict': [
      '{"groups":[],"authorizations":{},"id":1}',
      '/id: expected no other key, found a number',
      { bodyProfile: 'strict' },
    ],
    'text/html, JSON wanted': [
      json,
      'the Content-Type is not JSON, which guesses.contentType requires',
      { contentType: 'json' },
    ],
  };
  for (const [title, [body, detail, guesses]] of Object.entries(invalidBodies)) {
    it(`reports the error in a 200 with ${title}`, async () => {
      endpoint.handler = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end(body);
      };
      expect(await ask(open(guesses))).to.deep.equal({ kind: 'invalid-body', status: 200, detail });
    });
  }

  it('describes a body that ends within a string of a million escapes in linear time', async () => {
    endpoint.handler = (_request, response) => response.end(`{"groups":[{"name":"${'\\"'.repeat(500_000)}`);
    expect(await ask(open())).to.deep.include({ detail: 'the body ends before the JSON is complete' });
  });

  const bodies: Readonly<Record<string, readonly [body: string, guesses: object, kind: string]>> = {
    'extra keys, lenient': ['{"groups":[],"authorizations":{},"id":1}', {}, 'user'],
    'text/html, any type': [json, {}, 'user'],
    'more than maxBodyBytes': [json, { maxBodyBytes: 20 }, 'too-large'],
  };
  for (const [title, [body, guesses, kind]] of Object.entries(bodies)) {
    it(`treats a 200 with ${title} as ${kind}`, async () => {
      endpoint.handler = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' }).end(body);
      };
      expect(await kindOf(open(guesses))).to.equal(kind);
    });
  }

  const redirects: Readonly<Record<string, readonly [location: string, detail: string]>> = {
    'another host': [
      'https://login.example.com/sso?user=ada&token=secret',
      'status 302, a redirect to https://login.example.com',
    ],
    'the same host': ['/there?userid=ada', 'status 302, a redirect to http://127.0.0.1:PORT'],
    'a Location that is invalid': ['http://[', 'status 302, a redirect to an invalid Location'],
  };
  for (const [title, [location, detail]] of Object.entries(redirects)) {
    it(`names the host of a redirect to ${title}, and neither path nor query`, async () => {
      endpoint.handler = (_request, response) => response.writeHead(302, { location }).end();
      const { port } = new URL(endpoint.uri);
      expect(await ask(open())).to.deep.equal({
        kind: 'other-status',
        status: 302,
        detail: detail.replace('PORT', port),
      });
    });
  }

  it('returns each group and value once, and treats names that are special in JavaScript like any others', async () => {
    endpoint.handler = (_request, response) => {
      response.end(
        '{"groups":[{"name":"a"},{"name":"a"}],"authorizations":{"__proto__":["x","x"],"constructor":["y"]}}',
      );
    };
    const taken = await ask(open());
    if (taken.kind !== 'user') throw new Error(taken.kind);
    expect([...taken.access.groups]).to.deep.equal(['a']);
    expect([...taken.access.values]).to.deep.equal(['__proto__\0x', 'constructor\0y']);
  });

  it('follows redirects to the same origin when that is assumed, and never to another origin', async () => {
    endpoint.handler = ({ url = '' }, response) => {
      if (url.startsWith('/there')) answer(response, { groups: ['there'] });
      else
        response
          .writeHead(302, { location: url.includes('away') ? 'http://localhost:1/there' : '/there?userid=ada' })
          .end();
    };
    expect(await kindOf(open())).to.equal('other-status');
    expect(await kindOf(open({ followRedirects: true }))).to.equal('user');
    expect(await kindOf(open({ followRedirects: true }), 'away')).to.equal('other-status');
  });

  it('gives up after five redirects', async () => {
    endpoint.handler = (_request, response) => response.writeHead(307, { location: '/user-info?userid=ada' }).end();
    expect(await kindOf(open({ followRedirects: true }))).to.equal('other-status');
    expect(endpoint.requests).to.have.lengthOf(6);
  });

  it('retries after a missing response, a 429 or a 5xx as often as assumed, and in no other case', async () => {
    const script = [503, 429, 0, 200];
    endpoint.handler = (request, response) => {
      const status = script[endpoint.requests.length - 1] ?? 200;
      if (status === 0) request.socket.destroy();
      else answer(response, status === 200 ? {} : status);
    };
    expect(await kindOf(open({ retries: 3, retryDelayMs: 1 }))).to.equal('user');
    expect(endpoint.requests).to.have.lengthOf(4);
    endpoint.requests.length = 0;
    endpoint.handler = (_request, response) => answer(response, 404);
    expect(await kindOf(open({ retries: 3, retryDelayMs: 1 }))).to.equal('not-found');
    expect(endpoint.requests).to.have.lengthOf(1);
  });

  it('excludes its own pauses before retries from the latency of a run', async () => {
    endpoint.handler = (_request, response) => answer(response, endpoint.requests.length === 1 ? 503 : {});
    const pauses: number[] = [];
    const client = open({ retries: 1, retryDelayMs: 300 });
    const startedMs = performance.now();
    await client.fetch('ada', noAbort, (elapsedMs) => pauses.push(elapsedMs));
    const [pausedMs = 0] = pauses;
    expect(pauses).to.have.lengthOf(1);
    expect(pausedMs).to.be.within(299, performance.now() - startedMs);
  });

  it('treats silence and an incomplete body that stalls as a timeout', async () => {
    endpoint.handler = (_request, response, userid) => {
      if (userid !== 'silent') response.writeHead(200, { 'content-length': 100 }).write('{');
    };
    const client = open({ timeoutMs: 50 });
    expect([await kindOf(client, 'silent'), await kindOf(client, 'slow')]).to.deep.equal(['timeout', 'timeout']);
  });

  it('distinguishes a truncated body, a refused connection and a response that is not HTTP', async () => {
    endpoint.handler = ({ socket }, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{', () => socket.destroy());
    };
    expect(await kindOf(open())).to.equal('connection');
    expect(await kindOf(open({}, {}, 'http://127.0.0.1:1/user-info'))).to.equal('connection');
    const babbler = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => babbler.once('listening', resolve));
    const { port } = babbler.address() as { port: number };
    expect(await kindOf(open({}, {}, `http://127.0.0.1:${port}/user-info`))).to.equal('no-http');
    babbler.close();
  });

  it('cancels a request when its signal is aborted', async () => {
    endpoint.handler = () => undefined;
    const controller = new AbortController();
    const asked = open().ask('ada', controller.signal);
    controller.abort(new Error('enough'));
    expect(await asked.catch((error: Error) => error.message)).to.equal('enough');
  });

  describe('over TLS, against our server with Basic credentials and client certificates', () => {
    const basicHeader = `Basic ${Buffer.from('immuta:s3cret').toString('base64')}`;
    let server: Awaited<ReturnType<typeof startTestServer>>;
    let good: Awaited<ReturnType<typeof certificateFiles>>['good'];

    before(async () => {
      const files = await certificateFiles();
      good = files.good;
      const credentials = [{ username: 'immuta', password: secretReference('PASSWORD') }];
      server = await startTestServer(
        {
          listener: { tls: files.listenerTls },
          authentication: {
            mode: 'both',
            basic: { credentials },
            clientCertificate: { allow: [{ email: 'platform@example.test' }] },
          },
        },
        { PASSWORD: 's3cret' },
      );
    });
    after(() => server.stop());

    const secure = (credentials: Partial<ClientCredentials>, guesses: object = {}) =>
      open(guesses, credentials, server.url.replace('127.0.0.1', 'localhost'));
    const all = () => ({
      basicHeader,
      ca: good.ca.certificate,
      cert: good.client.certificate,
      key: good.client.key,
    });

    it('is accepted with both', async () => {
      expect(await kindOf(secure(all()))).to.equal('user');
    });

    it('is rejected without the password, and without the certificate', async () => {
      expect(await kindOf(secure({ ...all(), basicHeader: null }))).to.equal('credentials-refused');
      expect(await kindOf(secure({ ...all(), cert: null, key: null }))).to.be.oneOf([
        'tls',
        'credentials-refused',
        'connection',
      ]);
    });

    it('rejects a server with an invalid certificate, unless otherwise assumed', async () => {
      expect(await kindOf(secure({ ...all(), ca: null }))).to.equal('tls');
      expect(await kindOf(secure({ ...all(), ca: null }, { verifyServerCertificate: false }))).to.equal('user');
    });
  });
});
