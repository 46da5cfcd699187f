// Tests of the error table on the application alone: each error, the order of errors, and mounting.
import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { assertMatchesOpenApi } from '../tests/openapi-response.ts';
import { type AppOptions, createApp, createBasicAuthentication, SourceError, type UserSource } from './create-app.ts';
import type { RequestRecord } from './observability/request-record.ts';

const right = { username: 'immuta', password: 'correct:horse' };
const ada: UserInfo = { groups: [{ name: 'analysts' }], authorizations: { region: ['emea', 'apac'] } };

/** Creates a source whose lookup can do anything. */
function sourceOf(findUser: UserSource['findUser']): UserSource {
  return { findUser, check: async () => undefined, close: async () => undefined };
}

const knowsAda = sourceOf(async (userid) => (userid === 'ada' ? ada : null));

function appOf(options: Partial<AppOptions> = {}) {
  return createApp({
    source: knowsAda,
    authenticate: createBasicAuthentication({ credentials: [right], failedLogins: { max: 3, windowSeconds: 60 } }),
    ...options,
  });
}

function ask(app: ReturnType<typeof appOf>, target: string, method: 'get' | 'head' | 'post' | 'options' = 'get') {
  return request(app)[method](target).auth(right.username, right.password);
}

/** Validates a response of the application: openapi.yaml must describe it, and its problem document must have this code. */
function expectProblem(method: string, response: request.Response, status: number, code: string): void {
  expect(response.status).to.equal(status);
  assertMatchesOpenApi(method, response.status, response.headers, response.text ?? '');
  if (method !== 'HEAD') expect(response.body).to.include({ status, code });
}

const refusedTargets: ReadonlyArray<[name: string, target: string, status: number, code: string]> = [
  ['no userid', '/user-info', 400, 'userid-missing'],
  ['an empty userid', '/user-info?userid=', 400, 'userid-empty'],
  ['two userids', '/user-info?userid=ada&userid=ada', 400, 'userid-repeated'],
  ['a userid that is too long', `/user-info?userid=${'a'.repeat(1025)}`, 400, 'userid-too-long'],
  ['a userid that is badly encoded', '/user-info?userid=%ff', 400, 'userid-bad-encoding'],
  ['a userid with a control character', '/user-info?userid=a%00', 400, 'userid-control-character'],
  ['an unknown user', '/user-info?userid=eve', 404, 'user-unknown'],
  ['a user in another letter case', '/user-info?userid=Ada', 404, 'user-unknown'],
  ['another path', '/other?userid=ada', 404, 'path-unknown'],
  ['the path in another letter case', '/User-Info?userid=ada', 404, 'path-unknown'],
  ['the path with a trailing slash', '/user-info/?userid=ada', 404, 'path-unknown'],
  ['the path with a doubled slash', '//user-info?userid=ada', 404, 'path-unknown'],
  ['the path with dot segments', '/x/../user-info?userid=ada', 404, 'path-unknown'],
  ['the path with an encoded letter', '/user%2Dinfo?userid=ada', 404, 'path-unknown'],
];

const failingSources: ReadonlyArray<
  [name: string, failure: () => Promise<UserInfo | null>, status: number, code: string]
> = [
  ['is unreachable', () => Promise.reject(new SourceError('unavailable', 'down')), 503, 'source-unavailable'],
  ['is too slow by its own word', () => Promise.reject(new SourceError('too-slow', 'late')), 504, 'source-too-slow'],
  ['never answers', () => new Promise(() => undefined), 504, 'source-too-slow'],
  ['finds two entries', () => Promise.reject(new SourceError('bad-answer', 'two entries')), 502, 'source-bad-answer'],
  [
    'throws at once',
    () => {
      throw new TypeError('ours');
    },
    500,
    'internal-error',
  ],
  ['rejects with no error at all', () => Promise.reject(undefined), 500, 'internal-error'],
  ['gives undefined', async () => undefined as never, 502, 'source-bad-answer'],
  ['returns groups as strings', async () => ({ groups: ['a'], authorizations: {} }) as never, 502, 'source-bad-answer'],
  [
    'returns an empty group name',
    async () => ({ groups: [{ name: '' }], authorizations: {} }),
    502,
    'source-bad-answer',
  ],
  [
    'returns a scalar for values',
    async () => ({ groups: [], authorizations: { a: 'b' } }) as never,
    502,
    'source-bad-answer',
  ],
  ['leaves authorizations out', async () => ({ groups: [] }) as never, 502, 'source-bad-answer'],
  [
    'adds an unknown key',
    async () => ({ groups: [], authorizations: {}, error: 'x' }) as never,
    502,
    'source-bad-answer',
  ],
];

describe('the application', () => {
  it('responds for a known user with exactly the groups and authorizations of the source', async () => {
    const response = await ask(appOf(), '/user-info?userid=ada');
    expect(response.status).to.equal(200);
    expect(response.headers['content-type']).to.equal('application/json');
    expect(response.text).to.equal(JSON.stringify(ada));
    assertMatchesOpenApi('GET', 200, response.headers, response.text);
  });

  it('responds with empty lists for a known user without groups', async () => {
    const nobody = { groups: [], authorizations: {} };
    const response = await ask(appOf({ source: sourceOf(async () => nobody) }), '/user-info?userid=ada');
    expect(response.status).to.equal(200);
    expect(response.text).to.equal('{"groups":[],"authorizations":{}}');
  });

  it('responds to HEAD with the status and the headers of GET, and no body', async () => {
    for (const target of ['/user-info?userid=ada', '/user-info?userid=eve', '/user-info']) {
      const get = await ask(appOf(), target);
      const head = await ask(appOf(), target, 'head');
      expect(head.status).to.equal(get.status);
      expect(head.headers['content-length']).to.equal(get.headers['content-length']);
      expect(head.headers['content-type']).to.equal(get.headers['content-type']);
      expect(head.text ?? '').to.equal('');
    }
  });

  for (const [name, target, status, code] of refusedTargets) {
    it(`responds to ${name} with ${status}, ${code}`, async () => {
      expectProblem('GET', await ask(appOf(), target), status, code);
    });
  }

  for (const method of ['post', 'put', 'delete', 'patch', 'options'] as const) {
    it(`responds to ${method.toUpperCase()} with 405 and Allow`, async () => {
      const response = await request(appOf())[method]('/user-info?userid=ada').auth(right.username, right.password);
      expectProblem(method.toUpperCase(), response, 405, 'method-not-allowed');
      expect(response.headers.allow).to.equal('GET, HEAD');
    });

    it(`requires credentials before any other response to ${method.toUpperCase()}`, async () => {
      expectProblem(
        method.toUpperCase(),
        await request(appOf())[method]('/user-info?userid=ada'),
        401,
        'credentials-missing',
      );
    });
  }

  for (const [name, failure, status, code] of failingSources) {
    it(`responds with ${status}, ${code} when the source ${name}`, async () => {
      const records: RequestRecord[] = [];
      const app = appOf({ source: sourceOf(failure), deadlineMs: 50, onAnswered: (record) => records.push(record) });
      const response = await ask(app, '/user-info?userid=ada');
      expectProblem('GET', response, status, code);
      if (status === 503) expect(response.headers['retry-after']).to.equal('5');
      expect(records.map((record) => record.code)).to.deep.equal([code]);
    });
  }

  it('shows no internal details when it fails', async () => {
    const app = appOf({ source: sourceOf(() => Promise.reject(new Error('secret-host:5432 refused ada'))) });
    const response = await ask(app, '/user-info?userid=ada');
    expect(response.status).to.equal(500);
    // The request id is random, and may contain anything.
    expect(JSON.stringify({ ...response.body, requestId: '' })).not.to.match(/secret|ada|Error|node_modules|\.ts/);
  });

  it('never reflects the request', async () => {
    const response = await ask(appOf(), '/user-info?userid=%3Cscript%3Ereflected');
    expect(response.status).to.equal(404);
    expect(response.text + JSON.stringify(response.headers)).not.to.include('reflected');
  });

  it('responds to an unauthenticated client in the same way for known, unknown and malformed userids', async () => {
    const bodies = [];
    for (const query of ['userid=ada', 'userid=eve', 'userid=', 'userid=%ff', '']) {
      const response = await request(appOf()).get(`/user-info?${query}`);
      expectProblem('GET', response, 401, 'credentials-missing');
      bodies.push({ ...response.body, requestId: '' });
    }
    for (const body of bodies) expect(body).to.deep.equal(bodies[0]);
  });

  it('does not look up a user for an unauthenticated client', async () => {
    let lookUps = 0;
    const source = sourceOf(async () => {
      lookUps++;
      return ada;
    });
    await request(appOf({ source })).get('/user-info?userid=ada').auth('immuta', 'wrong');
    expect(lookUps).to.equal(0);
  });

  it('challenges with an escaped realm and a charset', async () => {
    const response = await request(appOf({ realm: 'the "user" \\ info' })).get('/user-info?userid=ada');
    expect(response.headers['www-authenticate']).to.equal('Basic realm="the \\"user\\" \\\\ info", charset="UTF-8"');
  });

  it('rejects a deadlineMs that is not a whole number of milliseconds from 1 to one day', () => {
    for (const deadlineMs of [0, 1.5, Number.NaN, 86_400_001, 2 ** 31]) {
      expect(() => appOf({ deadlineMs }), String(deadlineMs)).to.throw(
        RangeError,
        `createApp: deadlineMs must be a whole number of milliseconds from 1 to 86400000 (one day). It is ${deadlineMs}.`,
      );
    }
    expect(() => appOf({ deadlineMs: 86_400_000 })).not.to.throw();
  });

  it('rejects a realm that is not printable ASCII when the application is created', () => {
    expect(() => appOf({ realm: 'é' })).to.throw(TypeError, 'realm');
  });

  it('continues when the observer of a request throws', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const app = appOf({
      onAnswered: () => {
        throw new Error('the counter is broken');
      },
    });
    expect((await ask(app, '/user-info?userid=ada')).status).to.equal(200);
    expect((await warned).message).to.equal('the counter is broken');
  });

  it('responds to wrong credentials with 429 and Retry-After after too many attempts', async () => {
    const app = appOf();
    for (const password of ['a', 'b', 'c']) {
      expectProblem(
        'GET',
        await request(app).get('/user-info?userid=ada').auth('immuta', password),
        401,
        'credentials-wrong',
      );
    }
    const response = await request(app).get('/user-info?userid=ada').auth('immuta', 'd');
    expectProblem('GET', response, 429, 'too-many-failures');
    expect(Number(response.headers['retry-after'])).to.be.within(1, 60);
  });

  it('responds with 503 and Retry-After, and closes the connection, while it drains', async () => {
    const response = await ask(appOf({ isDraining: () => true }), '/user-info?userid=ada');
    expectProblem('GET', response, 503, 'server-draining');
    expect(response.headers).to.include({ connection: 'close', 'retry-after': '1' });
  });

  it('responds with 500 when authentication itself fails, and never with 200', async () => {
    const app = appOf({
      authenticate: () => {
        throw new Error('broken');
      },
    });
    expectProblem('GET', await ask(app, '/user-info?userid=ada'), 500, 'internal-error');
  });

  it('uses a well-formed request id from the trusted header, and otherwise creates one', async () => {
    const app = appOf({ requestIdHeader: 'X-Correlation-Id' });
    const idFor = async (given: string) =>
      (await ask(app, '/user-info?userid=ada').set('X-Correlation-Id', given)).headers['x-request-id'];
    expect(await idFor('abc-1.2_3')).to.equal('abc-1.2_3');
    for (const bad of ['a b', '<script>', 'a'.repeat(129)]) expect(await idFor(bad)).to.match(/^[0-9a-f]{32}$/);
    const untrusted = await ask(appOf(), '/user-info?userid=ada').set('X-Request-Id', 'mine');
    expect(untrusted.headers['x-request-id']).to.match(/^[0-9a-f]{32}$/);
  });

  it('sends no ETag, and ignores If-None-Match', async () => {
    const { status, headers } = await ask(appOf(), '/user-info?userid=ada').set('If-None-Match', '*');
    expect(status).to.equal(200);
    expect(headers).not.to.have.property('etag');
  });

  it("sends helmet's headers for an API in every response", async () => {
    for (const response of [
      await ask(appOf(), '/user-info?userid=ada'),
      await request(appOf()).get('/'),
      await request(appOf()).get('/user-info'),
    ]) {
      expect(response.headers).to.include({
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      expect(response.headers).not.to.have.any.keys('x-powered-by', 'etag', 'server', 'strict-transport-security');
    }
  });

  it('responds below its mount point in another application, and does not handle other paths of that application', async () => {
    const host = express();
    host.use('/iam', appOf({ path: '/lookup' }));
    host.get('/iam/own', (_request, response) => {
      response.send('own');
    });
    expect((await ask(host, '/iam/lookup?userid=ada')).body).to.deep.equal(ada);
    expect((await ask(host, '/iam/lookup?userid=eve')).status).to.equal(404);
    expect((await ask(host, '/iam/own')).text).to.equal('own');
    expect((await ask(host, '/lookup?userid=ada')).text).to.include('Cannot GET');
  });

  it('does not confuse users in concurrent requests', async () => {
    const source = sourceOf(async (userid) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      return { groups: [{ name: `group of ${userid}` }], authorizations: {} };
    });
    const app = appOf({ source });
    const userids = Array.from({ length: 100 }, (_, n) => `user-${n}`);
    const answers = await Promise.all(userids.map((userid) => ask(app, `/user-info?userid=${userid}`)));
    expect(answers.map(({ body }) => body.groups[0].name)).to.deep.equal(userids.map((userid) => `group of ${userid}`));
  });
});
