// Tests that wrong inputs end a run with one message, and that errors of an endpoint do not.
import { expect } from 'chai';
import type { EndpointRequest, Reply } from './faults/conformant-endpoint.ts';
import type { ConformanceOptions, ConformanceReport } from './run-conformance.ts';
import { runAgainst } from './testing/fixture.ts';

type Finish = (reply: Reply, request: EndpointRequest) => Reply;

const page = (status: number, headers: Reply['headers'] = {}, text = '<title>Sorry</title>') => ({
  status,
  headers: { 'Content-Type': 'text/html', ...headers },
  body: `<!doctype html>${text}`,
});

const withStatus =
  (status: number): Finish =>
  (reply) => ({ ...reply, status });
const redirect = (status: number, location: string | ((request: EndpointRequest) => string)): Finish => {
  return (_reply, request) => ({
    ...{ status, body: '' },
    headers: { Location: typeof location === 'string' ? location : location(request) },
  });
};

/** Changes the responses for all known users except the first `fitting`. */
const forMost =
  (fitting: number, change: Finish): Finish =>
  (reply, request) =>
    Number(/^canary-(\d+)$/.exec(request.userids[0] ?? '')?.[1] ?? 0) < fitting ? reply : change(reply, request);

const many = new Map(
  Array.from({ length: 10 }, (_each, index) => [
    `canary-${index}`,
    { groups: [{ name: `canary-group-${index}` }], authorizations: {} },
  ]),
);

function run(finish: Finish, change: Partial<ConformanceOptions> = {}): Promise<ConformanceReport> {
  const given = { expectedData: undefined, hook: undefined, knownUsers: [...many.keys()] };
  return runAgainst({ auth: 'none', users: many, alter: () => ({ finish }) }, { ...given, ...change });
}

describe('inputs that are probably wrong', () => {
  const cases: readonly { name: string; finish: Finish; says: RegExp }[] = [
    { name: '401 for all', finish: withStatus(401), says: /401 to requests with the declared authentication.*--auth/ },
    { name: '403 for all', finish: withStatus(403), says: /403 to requests with the declared authentication/ },
    {
      name: '401 for nine of ten, and an error for the first',
      finish: (reply, request) => withStatus(request.userids[0] === 'canary-0' ? 500 : 401)(reply, request),
      says: /401 to requests with the declared authentication/,
    },
    { name: '404 for all known users', finish: withStatus(404), says: /none of the 10 known users.*--known-user/ },
    { name: 'a redirect to a login page', finish: redirect(302, '/login?next=%2F'), says: /leads to a login page/ },
    {
      name: 'a redirect to single sign-on on another host',
      finish: redirect(303, 'https://sso.example.test/idp/SAML2'),
      says: /leads to a login page/,
    },
    {
      name: 'a login page with 200',
      finish: () => page(200, {}, '<form><input name="p" type="password"></form>'),
      says: /leads to a login page/,
    },
    { name: 'a proxy that requires credentials', finish: withStatus(407), says: /proxy or gateway.*--proxy/ },
    { name: 'a page of a gateway', finish: () => page(502), says: /proxy or gateway.*status 502/ },
    { name: 'a page of a proxy with 403', finish: () => page(403, { Via: '1.1 proxy' }), says: /proxy or gateway/ },
    { name: 'a page of a proxy with 503', finish: () => page(503, { Via: '1.1 proxy' }), says: /proxy or gateway/ },
    {
      name: 'a redirect to https',
      finish: redirect(308, ({ headers, target }) => {
        const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
        return `https://${host}${target}`;
      }),
      says: /https:\/\/ instead of http:\/\//,
    },
    {
      name: 'a redirect to the path with a slash',
      finish: redirect(301, ({ path, query }) => `${path}/?${query}`),
      says: /a slash at the end of the path/,
    },
  ];
  for (const { name, finish, says } of cases) {
    it(`end the run with one message and no findings: ${name}`, async () => {
      const report = await run(finish);
      expect(report.verdict).to.equal('could-not-run');
      expect(report.checks).to.deep.equal([]);
      expect(report.reason)
        .to.match(/^The inputs are probably wrong, because /)
        .and.to.match(says);
      expect(JSON.stringify(report)).not.to.include('canary');
      // One request for each known user, and nothing more.
      expect(report.attestation.requestsSent).to.equal(10);
    });
  }
});

describe('an endpoint with errors', () => {
  const cases: readonly { name: string; finish: Finish }[] = [
    { name: '404 for some known users', finish: forMost(1, withStatus(404)) },
    { name: '403 for some known users', finish: forMost(2, withStatus(403)) },
    { name: '500 for all', finish: withStatus(500) },
    { name: '503 with a JSON body for all', finish: withStatus(503) },
    {
      name: '502 with a JSON body for all, behind a proxy',
      finish: (r) => ({ ...r, status: 502, headers: { Via: '1.1 a' } }),
    },
    { name: 'its own error page with 503', finish: () => page(503) },
    { name: 'a redirect to another path', finish: redirect(302, '/v2/users') },
    { name: 'a page with 200 for all', finish: () => page(200) },
    { name: '204 for all', finish: (reply) => ({ ...reply, status: 204, body: '' }) },
  ];
  for (const { name, finish } of cases) {
    it(`is reported instead of the inputs: ${name}`, async () => {
      const report = await run(finish, { only: ['a-known-user', 'the-body-of-a-200'] });
      expect(report.reason).to.equal(undefined);
      expect(report.verdict).to.equal('does-not-conform');
    });
  }

  it('is tested despite a 403 for the unknown user when no known user is given', async () => {
    const report = await run(withStatus(403), { knownUsers: [], only: ['an-unknown-user', 'known-user-200'] });
    expect(report.checks).to.have.length.greaterThan(0);
    expect(report.reason).to.include('--known-user');
  });

  it('is reported with its 401 to the credentials when no known user is given', async () => {
    const report = await run(withStatus(401), { knownUsers: [] });
    expect(report.reason).to.include('401 to requests with the declared authentication');
  });
});
