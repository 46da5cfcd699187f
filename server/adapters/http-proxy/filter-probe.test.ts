// Tests of the check that an upstream applies the filters in requests, at startup and for readiness.
import type { RequestListener } from 'node:http';
import { expect } from 'chai';
import type { HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../schemas/secret.ts';
import { SourceError, type UserSource } from '../user-source.ts';
import { createHttpProxySource } from './http-proxy-source.ts';
import { startGraph } from './testing/graph-stand-in.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import { startKeycloak } from './testing/keycloak-stand-in.ts';
import { type Interruption, type LocalServer, sendJson, startLocalServer, urlOf } from './testing/local-server.ts';
import { startOkta } from './testing/okta-stand-in.ts';
import { ada, adaInfo, failureOf, peopleOptions, personOptions, withSource } from './testing/people-source.ts';
import { startScimServer } from './testing/scim-server.ts';

const bearer = { type: 'bearer', scheme: 'Bearer', token: new Secret('token') } as const;
const none = { type: 'none' } as const;

/** Runs `use` with a source that uses `server`. */
async function withPreset<T>(
  server: LocalServer,
  path: string,
  options: Partial<HttpProxySourceConfig>,
  use: (source: UserSource) => Promise<T>,
): Promise<T> {
  const source = createHttpProxySource(httpProxyConfig({ baseUrl: server.url + path, auth: bearer, ...options }));
  try {
    return await use(source);
  } finally {
    await source.close();
    await server.close();
  }
}

async function checkFailure(source: UserSource): Promise<SourceError> {
  const outcome = await source.check().then(
    () => 'the check passed',
    (error: unknown) => error,
  );
  if (!(outcome instanceof SourceError)) throw new Error(`no SourceError: ${outcome}`);
  expect(outcome.kind).to.equal('bad-answer');
  return outcome;
}

const scimUsers = [{ id: 'u1', userName: 'ada@example.com', active: true }];
const scimGroups = Array.from({ length: 130 }, (_, index) => ({
  id: `g${index}`,
  displayName: `group ${index}`,
  members: ['u2'],
}));

/** Records the paths of all requests. */
const noteIn =
  (counted: string[]): Interruption =>
  (request) => {
    counted.push(urlOf(request).pathname);
    return false;
  };

describe('http-proxy, the check of filters', () => {
  it('fails for a SCIM server that ignores the filter of /Groups, and suggests the fix, after one page', async () => {
    const store = { users: scimUsers, groups: scimGroups };
    const counted: string[] = [];
    const ignore: Interruption = (request, response) => {
      const url = urlOf(request);
      counted.push(url.pathname);
      if (!url.pathname.endsWith('/Groups')) return false;
      const start = Number(url.searchParams.get('startIndex'));
      const Resources = scimGroups.slice(start - 1, start + 99).map(({ id, displayName }) => ({ id, displayName }));
      sendJson(response, 200, { totalResults: scimGroups.length, startIndex: start, Resources });
      return true;
    };
    const server = await startScimServer(store, 'token', ignore);
    await withPreset(server, '/scim/v2', { preset: 'scim2' }, async (source) => {
      const { message } = await checkFailure(source);
      expect(message).to.match(/ignores the filter.*mapping\.groups: \[\{ from: user, list: \/groups/);
      expect(counted).to.deep.equal(['/scim/v2/Users', '/scim/v2/Groups']);
      // From now on, each lookup fails, so that no user gets the groups of all users.
      const lookup = await source.findUser('ada@example.com', AbortSignal.timeout(5000)).catch((error) => error);
      expect(lookup).to.be.instanceOf(SourceError).with.property('kind', 'bad-answer');
    });
  });

  it('fails for a SCIM server that counts groups for an unused id, or rejects the filter', async () => {
    for (const [status, body] of [
      [200, { totalResults: 130, Resources: [] }],
      [200, { totalResults: '0', Resources: [] }],
      [400, { schemas: [], scimType: 'invalidFilter' }],
      [404, { schemas: [] }],
    ] as const) {
      const server = await startScimServer({ users: scimUsers, groups: [] }, 'token', (request, response) => {
        if (!urlOf(request).pathname.endsWith('/Groups')) return false;
        sendJson(response, status, body);
        return true;
      });
      await withPreset(server, '/scim/v2', { preset: 'scim2' }, checkFailure);
    }
  });

  for (const [title, start] of [
    [
      'SCIM',
      async () => {
        const listed = { totalResults: 1, startIndex: 1, Resources: scimUsers };
        const server = await startScimServer({ users: scimUsers, groups: [] }, 'token', (_request, response) => {
          sendJson(response, 200, listed);
          return true;
        });
        return [server, '/scim/v2', { preset: 'scim2' }] as const;
      },
    ],
    [
      'Microsoft Graph',
      async () => {
        const user = { id: 'a', userPrincipalName: 'ada@example.com', accountEnabled: true };
        const server = await startGraph(
          [],
          () => true,
          (_request, response) => {
            sendJson(response, 200, { value: [user] });
            return true;
          },
        );
        return [server, '/v1.0', { preset: 'microsoft-graph' }] as const;
      },
    ],
    [
      'Okta',
      async () => {
        const user = { id: '00u1', status: 'ACTIVE', profile: { login: 'ada@example.com' } };
        const server = await startOkta([], 'token', (_request, response) => {
          sendJson(response, 200, [user]);
          return true;
        });
        const auth = { type: 'bearer', scheme: 'SSWS', token: new Secret('token') } as const;
        return [server, '/api/v1', { preset: 'okta', auth }] as const;
      },
    ],
    [
      'Keycloak',
      async () => {
        const server = await startLocalServer((_request, response) =>
          sendJson(response, 200, [{ id: 'u', username: 'ada@example.com', enabled: true }]),
        );
        return [server, '/admin/realms/company', { preset: 'keycloak' }] as const;
      },
    ],
  ] as const) {
    it(`fails when ${title} returns a user for a random user name`, async () => {
      const [server, path, options] = await start();
      await withPreset(server, path, options, async (source) => {
        expect((await checkFailure(source)).message).to.match(
          /no user has this random userid: it ignores the filter\. Set user\.path/,
        );
      });
    });
  }

  it('fails when Graph, Okta or Keycloak return groups for a random user id', async () => {
    const graph = await startGraph(
      [],
      () => true,
      (request, response) => {
        if (!urlOf(request).pathname.endsWith('/transitiveMemberOf')) return false;
        sendJson(response, 200, {
          value: [{ '@odata.type': '#microsoft.graph.group', id: 'g', displayName: 'staff' }],
        });
        return true;
      },
    );
    await withPreset(graph, '/v1.0', { preset: 'microsoft-graph' }, checkFailure);
    const auth = { type: 'bearer', scheme: 'SSWS', token: new Secret('token') } as const;
    const okta = await startOkta([], 'token', (request, response) => {
      if (!urlOf(request).pathname.endsWith('/groups')) return false;
      sendJson(response, 200, [{ id: 'g', profile: { name: 'staff' } }]);
      return true;
    });
    await withPreset(okta, '/api/v1', { preset: 'okta', auth }, checkFailure);
    const keycloak = await startLocalServer((request, response) =>
      sendJson(response, 200, urlOf(request).pathname.endsWith('/groups') ? [{ path: '/staff' }] : []),
    );
    await withPreset(keycloak, '/admin/realms/company', { preset: 'keycloak' }, checkFailure);
  });

  it('passes for presets that work', async () => {
    const scim = await startScimServer({ users: scimUsers, groups: scimGroups }, 'token');
    await withPreset(scim, '/scim/v2', { preset: 'scim2' }, (source) => source.check());
    const graph = await startGraph([], () => true);
    await withPreset(graph, '/v1.0', { preset: 'microsoft-graph' }, (source) => source.check());
    const auth = { type: 'bearer', scheme: 'SSWS', token: new Secret('token') } as const;
    await withPreset(await startOkta([], 'token'), '/api/v1', { preset: 'okta', auth }, (source) => source.check());
    const keycloak = await startKeycloak([], () => true);
    await withPreset(keycloak, '/admin/realms/company', { preset: 'keycloak' }, (source) => source.check());
  });

  it('does not send the request for groups when the groups come from the user’s entry', async () => {
    const counted: string[] = [];
    const server = await startScimServer({ users: scimUsers, groups: scimGroups }, 'token', noteIn(counted));
    const mapping: NonNullable<HttpProxySourceConfig['mapping']> = {
      groups: [{ from: 'user', list: '/groups', name: '/display', optional: true }],
      authorizations: {},
    };
    await withPreset(server, '/scim/v2', { preset: 'scim2', mapping }, (source) => source.check());
    expect(counted).to.deep.equal(['/scim/v2/Users']);
  });

  it('requests groups only at the first of several checks, and users at each check', async () => {
    const counted: string[] = [];
    const server = await startScimServer({ users: [], groups: [] }, 'token', noteIn(counted));
    await withPreset(server, '/scim/v2', { preset: 'scim2' }, async (source) => {
      for (let round = 0; round < 4; round++) await source.check();
    });
    expect(counted.filter((path) => path.endsWith('/Groups'))).to.have.length(1);
    expect(counted.filter((path) => path.endsWith('/Users'))).to.have.length(4);
  });
});

describe('http-proxy, the check of filters of a custom API', () => {
  const groups = { path: 'groups?member={/id}', list: '/value', pagination: none } as const;
  const withGroups: Partial<HttpProxySourceConfig> = {
    ...peopleOptions(none),
    groups,
    mapping: { identity: '/id', groups: [{ from: 'groups', name: '/name', optional: false }], authorizations: {} },
  };
  const answer =
    (status: number, body: unknown): RequestListener =>
    (request, response) => {
      const url = urlOf(request);
      if (url.searchParams.get('id') === ada.id) sendJson(response, 200, { value: [ada] });
      else if (url.pathname.endsWith('/people')) sendJson(response, 200, { value: [] });
      else sendJson(response, status, body);
    };

  it('fails when it returns groups for a random id', async () => {
    await withSource(answer(200, { value: [{ name: 'staff' }] }), withGroups, checkFailure);
  });

  for (const status of [400, 403, 404, 422, 500]) {
    it(`passes when it rejects a random id with ${status}`, async () => {
      await withSource(answer(status, {}), withGroups, (source) => source.check());
    });
  }

  it('fails when it returns a user for a random userid, in a list or as an object', async () => {
    const list: RequestListener = (_request, response) => sendJson(response, 200, { value: [ada] });
    await withSource(list, peopleOptions(none), checkFailure);
    const alone: RequestListener = (_request, response) => sendJson(response, 200, ada);
    await withSource(alone, personOptions, checkFailure);
    const echo: RequestListener = (request, response) =>
      sendJson(response, 200, { ...ada, id: decodeURIComponent(urlOf(request).pathname.split('/').at(-1) ?? '') });
    await withSource(echo, personOptions, checkFailure);
  });

  it('fails when another endpoint of the contract returns 200 for every user', async () => {
    const everybody: RequestListener = (_request, response) => sendJson(response, 200, adaInfo);
    await withSource(everybody, { preset: 'passthrough' }, async (source) => {
      expect((await checkFailure(source)).message).to.include('404 for an unknown user');
    });
  });

  it('rejects lookups while the filter is ignored, and responds again after a check that passes', async () => {
    let isIgnored = true;
    const listener: RequestListener = (request, response) => {
      const isAda = urlOf(request).searchParams.get('id') === ada.id;
      sendJson(response, 200, { value: isIgnored || isAda ? [ada] : [] });
    };
    await withSource(listener, peopleOptions(none), async (source) => {
      await checkFailure(source);
      expect(await failureOf(source)).to.have.property('kind', 'bad-answer');
      isIgnored = false;
      await source.check();
      expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
    });
  });

  it('does not report that an unreachable upstream ignores filters', async () => {
    let isDown = false;
    const listener: RequestListener = (request, response) => {
      if (isDown) response.destroy();
      else sendJson(response, 200, { value: urlOf(request).searchParams.get('id') === ada.id ? [ada] : [] });
    };
    await withSource(listener, peopleOptions(none), async (source) => {
      isDown = true;
      const failure = await source.check().catch((error: unknown) => error);
      expect(failure).to.have.property('kind', 'unavailable');
      isDown = false;
      expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
    });
  });
});
