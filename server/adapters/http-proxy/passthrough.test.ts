// Tests of the preset `passthrough` against this project's own endpoint.
import { expect } from 'chai';
import { Secret } from '../../../schemas/secret.ts';
import { createBasicAuthentication } from '../../auth/basic-authentication.ts';
import { createApp } from '../../create-app.ts';
import { createStaticSource } from '../static/static-source.ts';
import { describeUserSource, type SuiteUser } from '../user-source.suite.ts';
import { SourceError } from '../user-source.ts';
import { createHttpProxySource } from './http-proxy-source.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import { sendJson, startLocalServer } from './testing/local-server.ts';

const login = { username: 'upstream', password: 'pass:word and ü' };

async function startEndpoint(users: readonly SuiteUser[]) {
  const source = createStaticSource({
    type: 'static',
    users: Object.fromEntries(
      users.map(({ userid, disabled = false, groups, authorizations }) => {
        const copied = Object.entries(authorizations).map(([name, values]) => [name, [...values]]);
        return [userid, { disabled, groups: [...groups], authorizations: Object.fromEntries(copied) }];
      }),
    ),
  });
  const authenticate = createBasicAuthentication({ credentials: [login] });
  return startLocalServer(createApp({ source, authenticate, path: '/iam/user-info' }));
}

describeUserSource('http-proxy (passthrough)', {
  async open(users) {
    const endpoint = await startEndpoint(users);
    const source = createHttpProxySource(
      httpProxyConfig({
        preset: 'passthrough',
        baseUrl: `${endpoint.url}/iam/user-info`,
        auth: { type: 'basic', username: login.username, password: new Secret(login.password) },
      }),
    );
    return {
      source,
      async close() {
        await source.close();
        await endpoint.close();
      },
    };
  },
});

describe('http-proxy (passthrough) and an upstream that does not implement the contract', () => {
  const cases: ReadonlyArray<[string, unknown]> = [
    ['an object without authorizations', { groups: [] }],
    ['groups that are texts', { groups: ['analysts'], authorizations: {} }],
    ['a value that is not a list', { groups: [], authorizations: { region: 'emea' } }],
    ['null for groups', { groups: null, authorizations: {} }],
    ['an empty name', { groups: [{ name: '' }], authorizations: {} }],
    ['a problem document', { type: 'about:blank', title: 'Sorry', status: 500 }],
    ['a list', []],
  ];
  for (const [title, body] of cases) {
    it(`rejects ${title}`, async () => {
      const endpoint = await startLocalServer((_request, response) => sendJson(response, 200, body));
      const source = createHttpProxySource(httpProxyConfig({ preset: 'passthrough', baseUrl: endpoint.url }));
      try {
        const outcome = await source.findUser('ada', new AbortController().signal).catch((error: unknown) => error);
        expect(outcome).to.be.instanceOf(SourceError).with.property('kind', 'bad-answer');
      } finally {
        await source.close();
        await endpoint.close();
      }
    });
  }
});

describe('http-proxy (passthrough), its results', () => {
  it('contain repeated names and values once, whatever their text', async () => {
    const sent =
      '{"groups":[{"name":"b","id":1},{"name":"a"},{"name":"b"}],"authorizations":{"__proto__":["x","x","y"],"constructor":["z","z"],"none":[]}}';
    const endpoint = await startLocalServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(sent);
    });
    const source = createHttpProxySource(httpProxyConfig({ preset: 'passthrough', baseUrl: endpoint.url }));
    try {
      const found = await source.findUser('ada', new AbortController().signal);
      expect(JSON.stringify(found)).to.equal(
        '{"groups":[{"name":"b"},{"name":"a"}],"authorizations":{"__proto__":["x","y"],"constructor":["z"]}}',
      );
    } finally {
      await source.close();
      await endpoint.close();
    }
  });
});
