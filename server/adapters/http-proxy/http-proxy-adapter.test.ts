// Tests of the option rules of http-proxy sources: each one rejects what it should and reports the right option.
import { expect } from 'chai';
import { parseConfig } from '../../../tests/start-server.ts';

const user = { path: 'people?login={userid}', list: '/people' };
const mapping = { identity: '/login', groups: [{ from: 'user', list: '/groups', name: '/name' }] };
const right = { type: 'http-proxy', baseUrl: 'https://hr.example.com/api', user, mapping };

function faultsOf(source: object): string {
  const text = JSON.stringify({ authentication: { mode: 'none' }, source: { ...right, ...source } });
  try {
    parseConfig(text, { fileName: 'test.json', baseDirectory: '/', environment: { SECRET: 'a secret' } });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

const withUser = (change: object) => ({ user: { ...user, ...change } });
const withMapping = (change: object) => ({ mapping: { ...mapping, ...change } });
const passthrough = { preset: 'passthrough', user: undefined, mapping: undefined };

const cases: ReadonlyArray<[string, object, RegExp]> = [
  ['plain http to another machine', { baseUrl: 'http://hr.example.com' }, /source\.baseUrl.*http without TLS/],
  ['a base URL with a query', { baseUrl: 'https://hr.example.com?x=1' }, /source\.baseUrl.*without user name, query/],
  ['a base URL with a password', { baseUrl: 'https://u:p@hr.example.com' }, /source\.baseUrl.*without user name/],
  ['no request for the user', { user: undefined }, /source\.user.*missing/],
  [
    'a request that is the same for all users',
    withUser({ path: 'people' }),
    /source\.user\.path.*does not contain \{userid\}/,
  ],
  ['a userid bare in a filter', withUser({ path: 'people?filter=login eq {userid}' }), /source\.user\.path.*unescaped/],
  ['another placeholder', withUser({ path: 'people/{user}' }), /source\.user\.path.*placeholder \{user\}/],
  ['a body without POST', withUser({ body: { a: '{userid}' } }), /source\.user\.body.*needs method POST/],
  [
    'pages of a POST',
    withUser({ method: 'POST', body: {}, pagination: { type: 'odata' } }),
    /source\.user\.pagination.*requires method GET/,
  ],
  ['a list without identity', withMapping({ identity: undefined }), /source\.mapping.*needs identity/],
  [
    'a userid in the path without identity',
    { ...withUser({ path: 'people/{userid}', list: undefined }), ...withMapping({ identity: undefined }) },
    /source\.mapping.*needs identity/,
  ],
  ['a mapping of nothing', { mapping: { identity: '/login' } }, /source\.mapping.*maps neither groups/],
  [
    'groups of a request that is missing',
    withMapping({ groups: [{ name: '/name' }] }),
    /source\.mapping.*there is no groups request/,
  ],
  [
    'groups of the user without a list',
    withMapping({ groups: [{ from: 'user', name: '/name' }] }),
    /source\.mapping\.groups.*needs list/,
  ],
  ['a faulty pointer', withMapping({ identity: '/a~2' }), /source\.mapping\.identity.*not a JSON Pointer/],
  ['a faulty expression', withMapping({ identity: 'a[' }), /source\.mapping\.identity.*not a JMESPath/],
  [
    'half a rule for "not found"',
    withUser({ notFound: { statuses: [404], path: '/code' } }),
    /source\.user\.notFound.*set both/,
  ],
  ['a header of the connection', { headers: { 'Content-Length': '1' } }, /source\.headers.*must not set/],
  ['a header that none can be', { headers: { 'a b': '1' } }, /source\.headers.*invalid for an HTTP header/],
  ['credentials in a header', { headers: { Authorization: 'Basic abc' } }, /source\.headers.*see auth/],
  ['half a client certificate', { tls: { certificate: 'client.pem' } }, /source\.tls.*set both/],
  [
    'tokens over plain http',
    {
      auth: {
        type: 'oauth2',
        tokenUrl: 'http://idp.example.com/token',
        clientId: 'a',
        clientSecret: ['$', '{env:SECRET}'].join(''),
      },
    },
    /source\.auth\.tokenUrl.*http without TLS/,
  ],
  ['a mapping of responses that are user info already', { ...passthrough, mapping }, /source\.mapping.*passthrough/],
];

describe('config check, source http-proxy', () => {
  it('finds no error in a valid configuration', () => {
    expect(faultsOf({})).to.equal('');
    expect(faultsOf({ baseUrl: 'http://127.0.0.1:8080' })).to.equal('');
    for (const preset of ['scim2', 'microsoft-graph', 'okta', 'keycloak', 'passthrough']) {
      expect(faultsOf({ preset, user: undefined, mapping: undefined }), preset).to.equal('');
    }
  });

  for (const [title, source, message] of cases) {
    it(`rejects ${title}`, () => {
      expect(faultsOf(source)).to.match(message);
    });
  }
});
