// Tests that each endpoint of examples/endpoints/ conforms to the contract, by direct requests and with the kit, and is described correctly.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { type CheckResult, type ConformanceReport, runConformance } from '../conformance/run-conformance.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { type Answer, ask, basicHeader } from './ask-server.ts';
import { certificateFiles } from './certificate-files.ts';
import {
  type ExampleAuth,
  type ExampleEndpoint,
  exampleEndpoints,
  login,
  type RunningEndpoint,
  startExampleEndpoint,
} from './example-endpoints-start.ts';

const directory = join(dirname(import.meta.dirname), 'examples/endpoints');
const right = basicHeader(login.username, login.password);
const users = JSON.parse(readFileSync(join(directory, 'users.json'), 'utf8')) as Record<string, UserInfo>;

/** Cases in which an endpoint differs in an allowed way: the endpoint, the case, and its status. */
const differences: ReadonlyArray<readonly [endpoint: string, name: string, status: number]> = [
  ['fastify', 'unknown user', 204],
  ['python-http-server', 'unknown user', 410],
  // Python merges several slashes into one, before the credentials are checked.
  ['python-http-server', 'two slashes', 200],
  ['flask', 'two slashes', 200],
  // nginx cannot decode the userid: a known user is found only in the spellings that its file contains.
  ['nginx', 'a known user, every letter escaped', 404],
  // The hash function of the C library stops at NUL, so this still counts as the correct password.
  ['nginx', 'NUL after the password', 200],
];

/**
 * Requests that a runtime itself rejects, before the program receives them, even without credentials. The response depends on the version of the
 * runtime.
 */
const refusedByRuntime: Readonly<Record<string, readonly string[]>> = {
  java: ['a broken escape', 'an invalid escape', 'two slashes'],
};

const escapeAll = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Path and query, and the status for correct credentials. */
const requests: ReadonlyArray<readonly [name: string, target: string, expected: number | 'unknown user']> = [
  ['a known user', '/user-info?userid=ada%40example.com', 200],
  ['a known user, with an unescaped @', '/user-info?userid=ada@example.com', 200],
  ['a known user and another parameter', '/user-info?x=%41&userid=ada%40example.com&y', 200],
  ['a known user, every letter escaped', `/user-info?userid=${escapeAll('ada@example.com')}`, 200],
  ['a known user with quote and plus', '/user-info?userid=o%27neill%2Btest%40example.com', 200],
  ['a plus that is a space', '/user-info?userid=o%27neill+test%40example.com', 'unknown user'],
  ['an unknown user', '/user-info?userid=eve%40example.com', 'unknown user'],
  ['another letter case', '/user-info?userid=ADA%40example.com', 'unknown user'],
  ['a space in front', '/user-info?userid=%20ada%40example.com', 'unknown user'],
  ['constructor', '/user-info?userid=constructor', 'unknown user'],
  ['__proto__', '/user-info?userid=__proto__', 'unknown user'],
  ['a number', '/user-info?userid=0', 'unknown user'],
  ['1,024 bytes', `/user-info?userid=${'a'.repeat(1024)}`, 'unknown user'],
  ['1,024 bytes of two-byte letters', `/user-info?userid=${'%C3%BC'.repeat(512)}`, 'unknown user'],
  ['1,025 bytes', `/user-info?userid=${'a'.repeat(1025)}`, 400],
  ['1,026 bytes of two-byte letters', `/user-info?userid=${'%c3%bc'.repeat(513)}`, 400],
  ['four-byte letters', '/user-info?userid=%F0%9F%98%80', 'unknown user'],
  ['no query', '/user-info', 400],
  ['no userid', '/user-info?user=ada%40example.com', 400],
  ['an empty userid', '/user-info?userid=', 400],
  ['userid without =', '/user-info?userid', 400],
  ['a repeated userid', '/user-info?userid=ada%40example.com&userid=ada%40example.com', 400],
  ['an empty second userid', '/user-info?userid=ada%40example.com&userid', 400],
  ['a second userid with an escape in its name', '/user-info?userid=ada%40example.com&user%69d=eve', 400],
  ['a broken escape', '/user-info?userid=ada%4', 400],
  ['an invalid escape', '/user-info?userid=%zz', 400],
  ['Latin-1', '/user-info?userid=%FC', 400],
  ['an overlong form', '/user-info?userid=%C0%AF', 400],
  ['a surrogate', '/user-info?userid=%ED%A0%80', 400],
  ['NUL', '/user-info?userid=ada%40example.com%00', 400],
  ['a line break', '/user-info?userid=ada%0D%0Aexample', 400],
  ['DEL', '/user-info?userid=%7F', 400],
  ['a C1 control', '/user-info?userid=%C2%85', 400],
  ['the root', '/?userid=ada%40example.com', 404],
  ['a trailing slash', '/user-info/?userid=ada%40example.com', 404],
  ['another letter case of the path', '/User-Info?userid=ada%40example.com', 404],
  ['two slashes', '//user-info?userid=ada%40example.com', 404],
];

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Authorization of a request for a known user, and the status. */
const presented: ReadonlyArray<readonly [name: string, header: string, status: number]> = [
  ['the scheme in another letter case', right.replace('Basic', 'bASIC'), 200],
  ['an empty header', '', 401],
  ['no token', 'Basic', 401],
  ['another scheme', 'Bearer abc', 401],
  ['XBasic', `X${right}`, 401],
  ['two spaces', right.replace(' ', '  '), 401],
  ['a second token', `${right} x`, 401],
  ['no base64', 'Basic %%%', 401],
  ['no colon', `Basic ${base64(login.username)}`, 401],
  ['an empty password', basicHeader(login.username, ''), 401],
  ['a password truncated at its colon', basicHeader(login.username, 'pass'), 401],
  ['a password from its colon', basicHeader(login.username, 'word with a colon, and ü'), 401],
  ['a prefix of the password', basicHeader(login.username, login.password.slice(0, -1)), 401],
  ['more than the password', basicHeader(login.username, `${login.password}x`), 401],
  ['another user name', basicHeader('Immuta', login.password), 401],
  [
    'the password in Latin-1',
    `Basic ${Buffer.from(`${login.username}:${login.password}`, 'latin1').toString('base64')}`,
    401,
  ],
  ['NUL after the password', basicHeader(login.username, `${login.password}\0`), 401],
];

const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const userInfoKeys = /groups|authorizations/;

function expectRefusal({ status, headers, body }: Answer, name: string): void {
  expect(body, name).not.to.match(userInfoKeys);
  expect(headers['cache-control'], name).to.equal('no-store');
  if (status !== 204) expect(headers['content-type'], name).to.match(/^application\/problem\+json\b/);
  if (status === 401) expect(headers['www-authenticate'], name).to.match(/^Basic realm="user-info", ?charset="UTF-8"$/);
  if (status === 405) expect(headers.allow, name).to.equal('GET, HEAD');
}

/** Asserts that the response contains neither versions nor product names in its headers; nginx cannot omit its name. */
function expectNoBanner({ headers }: Answer): void {
  expect(headers).not.to.have.property('x-powered-by');
  expect(headers.server ?? '').to.match(/^(?:|user-info|nginx)$/);
}

/** Returns whether a check failed, warned or could not run. A correct endpoint causes no failures and no warnings, and every check can run. */
function isFault({ status }: CheckResult): boolean {
  return status === 'failed' || status === 'warning' || status === 'untestable' || status === 'error';
}

/** Tests with all inputs of the kit except a way to break the source, which is a file that was read at the start. */
async function testEndpoint(endpoint: ExampleEndpoint, auth: ExampleAuth): Promise<ConformanceReport> {
  const running = await startExampleEndpoint(endpoint, auth);
  try {
    const { good } = await certificateFiles();
    const tls = {
      ca: good.ca.certificate,
      cert: good.client.certificate,
      key: good.client.key,
      clientCa: good.ca,
    };
    return await runConformance({
      url: running.url,
      auth,
      ...login,
      knownUsers: Object.keys(users),
      expectedData: users,
      intrusive: true,
      failedLoginSpacingMs: 0,
      ...(auth === 'both' && tls),
    });
  } finally {
    await running.stop();
  }
}

describe('the example endpoints', () => {
  it('are all started by this test', () => {
    const directories = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const names = directories.map(({ name }) => name).filter((name) => name !== 'reports');
    expect(exampleEndpoints.map(({ name }) => name)).to.have.members(names);
  });

  // nginx has its credentials in a file.
  for (const endpoint of exampleEndpoints.filter(({ name }) => name !== 'nginx' && name !== 'php')) {
    it(`do not start without a password, and report it: ${endpoint.name}`, async () => {
      const started = startExampleEndpoint(endpoint, 'basic', { username: login.username });
      const outcome = await started.then((running) => running.stop()).catch((error: Error) => error.message);
      expect(outcome).to.match(/it ended with [1-9].*USER_INFO_PASSWORD/s);
    });
  }

  it('reject every user and report the error when no password is configured: php, which starts for each request', async () => {
    const [php] = exampleEndpoints.filter(({ name }) => name === 'php');
    if (!php) throw new Error('there is no example in PHP');
    const running = await startExampleEndpoint(php, 'basic', { username: login.username });
    try {
      const headers = { authorization: basicHeader(login.username, '') };
      expect((await ask(`${running.url}?userid=ada%40example.com`, { headers })).status).to.equal(500);
      expect(running.output()).to.contain('USER_INFO_PASSWORD');
    } finally {
      await running.stop();
    }
  });

  for (const endpoint of exampleEndpoints) {
    describe(endpoint.name, () => {
      let running: RunningEndpoint;
      const ofKnownUser = '/user-info?userid=ada%40example.com';
      const expectedStatus = (name: string, status: number) =>
        differences.find((each) => each[0] === endpoint.name && each[1] === name)?.[2] ?? status;

      /** Sends `target` unchanged. */
      function askFor(target: string, authorization: string | null, method = 'GET'): Promise<Answer> {
        const headers = authorization === null ? {} : { authorization };
        return ask(running.url, { path: target, method, headers });
      }

      before(async () => {
        running = await startExampleEndpoint(endpoint, 'basic');
      });
      after(() => running?.stop());

      it('returns the data in the file for each user', async () => {
        for (const [userid, user] of Object.entries(users)) {
          const answer = await askFor(`/user-info?userid=${encodeURIComponent(userid)}`, right);
          expect([answer.status, JSON.parse(answer.body)], userid).to.deep.equal([200, user]);
          expect(answer.headers['content-type'], userid).to.match(/^application\/json\b/);
          expect(answer.headers['cache-control'], userid).to.equal('no-store');
          expectNoBanner(answer);
        }
      });

      it('responds to each path and query with the expected status, and with 401 when there are no credentials', async () => {
        for (const [name, target, expected] of requests) {
          const answer = await askFor(target, right);
          if (refusedByRuntime[endpoint.name]?.includes(name)) {
            expect(answer.status, name).to.be.oneOf([400, 404]);
            expect(answer.body, name).not.to.match(userInfoKeys);
            continue;
          }
          const status = expected === 'unknown user' ? expectedStatus(expected, 404) : expected;
          expect(answer.status, name).to.equal(expectedStatus(name, status));
          if (answer.status !== 200) expectRefusal(answer, name);
          const unauthenticated = await askFor(target, null);
          expect(unauthenticated.status, `${name}, unauthenticated`).to.equal(401);
          expectRefusal(unauthenticated, `${name}, unauthenticated`);
        }
      });

      it('accepts only the right credentials', async () => {
        for (const [name, header, expected] of presented) {
          const answer = await askFor(ofKnownUser, header);
          expect(answer.status, name).to.equal(expectedStatus(name, expected));
          if (answer.status !== 200) expectRefusal(answer, name);
        }
      });

      it('responds to HEAD as to GET but without the body, and to other methods with 405 after authentication', async () => {
        for (const target of [ofKnownUser, '/user-info', '/elsewhere']) {
          const [get, head] = [await askFor(target, right), await askFor(target, right, 'HEAD')];
          expect([head.status, head.headers['content-type'], head.body]).to.deep.equal([
            get.status,
            get.headers['content-type'],
            '',
          ]);
        }
        for (const method of methods) {
          expectRefusal(await askFor(ofKnownUser, right, method), method);
          expect((await askFor(ofKnownUser, right, method)).status, method).to.equal(405);
          expect((await askFor(ofKnownUser, null, method)).status, `${method}, unauthenticated`).to.equal(401);
        }
      });

      it('writes no user id, password or header to its log', () => {
        expect(running.output()).not.to.match(/ada|neill|userid|Basic|aW1tdXRh|pass:/i);
      });

      for (const auth of endpoint.auths ?? (['basic'] as const)) {
        it(`has the verdict of its report with the conformance kit, auth ${auth}`, async () => {
          const { verdict, reason, checks } = await testEndpoint(endpoint, auth);
          const faults = checks.filter(isFault);
          expect(faults.map(({ id, status, message }) => `${id} ${status}: ${message}`)).to.deep.equal([]);
          expect([verdict, reason]).to.deep.equal(['conforms', undefined]);
          const result = {
            endpoint: endpoint.name,
            auth,
            verdict,
            checks: Object.fromEntries(checks.map(({ id, status }) => [id, status])),
          };
          const file = join(directory, 'reports', `${endpoint.name}-${auth}.json`);
          if (process.env.WRITE_ENDPOINT_REPORTS) writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
          const stale = 'the report is stale: run npm run generate:endpoint-reports, and look at what changed';
          expect(JSON.parse(readFileSync(file, 'utf8')), stale).to.deep.equal(result);
        });
      }
    });
  }
});
