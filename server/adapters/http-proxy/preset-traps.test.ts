// Tests of difficulties that occur with real directories: many pages, throttling, missing permissions, disabled users, duplicates.
import { expect } from 'chai';
import type { HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../schemas/secret.ts';
import { SourceError } from '../user-source.ts';
import { createHttpProxySource } from './http-proxy-source.ts';
import { type GraphObject, type GraphUser, startGraph } from './testing/graph-stand-in.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import { type Interruption, type LocalServer, sendJson } from './testing/local-server.ts';
import { startOkta } from './testing/okta-stand-in.ts';
import { startScimServer } from './testing/scim-server.ts';

const soon = () => AbortSignal.timeout(10_000);
const bearer = { type: 'bearer', scheme: 'Bearer', token: new Secret('token') } as const;

async function find(
  server: LocalServer,
  path: string,
  preset: HttpProxySourceConfig['preset'],
  userid: string,
  options: Partial<HttpProxySourceConfig> = {},
) {
  const source = createHttpProxySource(
    httpProxyConfig({ preset, baseUrl: server.url + path, auth: bearer, ...options }),
  );
  try {
    return await source.findUser(userid, soon());
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { kind: error.kind, message: error.message };
  } finally {
    await source.close();
    await server.close();
  }
}

describe('http-proxy, Microsoft Graph', () => {
  const groups = Array.from(
    { length: 2100 },
    (_, index): GraphObject => ({ type: '#microsoft.graph.group', id: `g${index}`, displayName: `group ${index}` }),
  );
  const ada: GraphUser = { id: 'a-1', userPrincipalName: 'ada@example.com', accountEnabled: true, memberOf: groups };
  const isAuthorized = (header: string | undefined) => header === 'Bearer token';
  const findAda = (user: GraphUser, interrupt?: Interruption, options?: Partial<HttpProxySourceConfig>) =>
    startGraph([user], isAuthorized, interrupt).then((graph) =>
      find(graph, '/v1.0', 'microsoft-graph', ada.userPrincipalName, options),
    );

  it('returns the groups of all pages, 999 per page', async () => {
    const asked: string[] = [];
    const found = await findAda(ada, (request) => {
      asked.push(request.url ?? '');
      return false;
    });
    expect(found).to.have.property('groups').with.length(2100);
    // One request for the user, and three for the pages.
    expect(asked).to.have.length(4);
    expect(asked[0]).to.include('$select=id,userPrincipalName,accountEnabled');
    expect(asked[1]).to.include('$top=999');
  });

  it('explains the request, the response, and the origin of each group', async () => {
    const graph = await startGraph([{ ...ada, memberOf: groups.slice(0, 1100) }], isAuthorized);
    const source = createHttpProxySource(
      httpProxyConfig({ preset: 'microsoft-graph', baseUrl: `${graph.url}/v1.0`, auth: bearer }),
    );
    const { asked, groups: named } = (await source.explainUser?.(ada.userPrincipalName, soon())) ?? {};
    await source.close();
    await graph.close();
    expect(asked?.map(({ outcome }) => outcome)).to.deep.equal(['1 item', '999 items', '101 items']);
    expect(asked?.[0]?.query).to.match(
      /^GET http:.*\/v1\.0\/users\?\$filter=userPrincipalName%20eq%20%27ada%40example\.com%27/,
    );
    expect(named?.at(-1))
      .to.include({ name: 'group 1099' })
      .with.property('origin')
      .that.match(/transitiveMemberOf.*skiptoken=999: item 101 of 101, \/displayName$/);
  });

  it('selects only the mapped attributes', async () => {
    const value = { from: 'user', scalars: false, optional: false } as const;
    const mapping = {
      groups: [],
      authorizations: { department: { ...value, path: '/department' }, office: { ...value, path: '/officeLocation' } },
    };
    const user = { ...ada, memberOf: [], properties: { department: 'Finance', officeLocation: '18/2111' } };
    const found = await findAda(user, undefined, { mapping });
    expect(found).to.deep.equal({ groups: [], authorizations: { department: ['Finance'], office: ['18/2111'] } });
  });

  for (const number of [2, 3, 4]) {
    it(`returns an error when request ${number} of 4 fails`, async () => {
      const found = await findAda(ada, (_request, response, at) => {
        if (at === number) sendJson(response, 500, { error: { code: 'InternalServerError' } });
        return at === number;
      });
      expect(found).to.include({ kind: 'unavailable' });
    });
  }

  it('waits when it is throttled between two pages', async () => {
    const found = await findAda(ada, (_request, response, at) => {
      if (at === 3) sendJson(response, 429, { error: { code: 'TooManyRequests' } }, { 'retry-after': '0' });
      return at === 3;
    });
    expect(found).to.have.property('groups').with.length(2100);
  });

  it('rejects a group whose name it is not allowed to read', async () => {
    const memberOf = [
      ...groups.slice(0, 3),
      { type: '#microsoft.graph.group', id: 'hidden', displayName: null } as const,
    ];
    const found = await findAda({ ...ada, memberOf });
    expect(found).to.include({ kind: 'bad-answer' }).with.property('message').that.includes('permission');
  });

  it('excludes disabled users, and returns an error when the state cannot be read', async () => {
    expect(await findAda({ ...ada, accountEnabled: false })).to.equal(null);
    const unknown = { ...ada, accountEnabled: null as unknown as boolean };
    expect(await findAda(unknown)).to.include({ kind: 'bad-answer' });
  });
});

describe('http-proxy, Okta', () => {
  const auth = { type: 'bearer', scheme: 'SSWS', token: new Secret('token') } as const;
  const user = { id: '00u1', login: 'ada@example.com', status: 'ACTIVE', groups: ['Everyone'] };
  const findAda = (change: object, interrupt?: Interruption) =>
    startOkta([{ ...user, ...change }], 'token', interrupt).then((okta) =>
      find(okta, '/api/v1', 'okta', user.login, { auth }),
    );

  it('returns the groups of all pages', async () => {
    const groups = Array.from({ length: 450 }, (_, index) => `group ${index}`);
    expect(await findAda({ groups }))
      .to.have.property('groups')
      .with.length(450);
  });

  for (const status of ['ACTIVE', 'PASSWORD_EXPIRED', 'LOCKED_OUT', 'RECOVERY']) {
    it(`returns a user of status ${status}`, async () => {
      expect(await findAda({ status })).to.deep.equal({ groups: [{ name: 'Everyone' }], authorizations: {} });
    });
  }
  for (const status of ['SUSPENDED', 'DEPROVISIONED', 'STAGED', 'PROVISIONED']) {
    it(`returns no user of status ${status}`, async () => {
      expect(await findAda({ status })).to.equal(null);
    });
  }

  it('returns an error for an unknown status', async () => {
    expect(await findAda({ status: 'FROZEN' })).to.include({ kind: 'bad-answer' });
  });

  it('does not wait when the rate limit has no duration', async () => {
    const limit = { 'x-rate-limit-reset': '1893456000' };
    const found = await findAda({}, (_request, response) => {
      sendJson(response, 429, { errorCode: 'E0000047' }, limit);
      return true;
    });
    expect(found).to.include({ kind: 'unavailable' });
  });
});

describe('http-proxy, SCIM 2.0', () => {
  const user = { id: 'u1', userName: 'ada@example.com', active: true };
  const group = (index: number) => ({ id: `g${index}`, displayName: `group ${index}`, members: ['u1', 'u2'] });
  const findAda = async (users: ReadonlyArray<typeof user>, groups = [group(1)], interrupt?: Interruption) =>
    find(await startScimServer({ users, groups }, 'token', interrupt), '/scim/v2', 'scim2', user.userName);

  it('returns the groups of all pages', async () => {
    const groups = Array.from({ length: 250 }, (_, index) => group(index));
    expect(await findAda([user], groups))
      .to.have.property('groups')
      .with.length(250);
  });

  it('returns an error when the server repeats its first page, even when the count matches', async () => {
    for (const count of [240, 250]) {
      const groups = Array.from({ length: count }, (_, index) => group(index));
      const server = await startScimServer({ users: [user], groups }, 'token', undefined, true);
      expect(await find(server, '/scim/v2', 'scim2', user.userName)).to.include({ kind: 'bad-answer' });
    }
  });

  it('returns a user when the server has no active attribute, but returns no inactive user', async () => {
    const { active: _active, ...without } = user;
    expect(await findAda([without as typeof user]))
      .to.have.property('groups')
      .with.length(1);
    expect(await findAda([{ ...user, active: false }])).to.equal(null);
  });

  it('returns an error when two users have the name', async () => {
    expect(await findAda([user, { ...user, id: 'u2' }])).to.include({ kind: 'bad-answer' });
  });

  it('returns an error when a page fails', async () => {
    const groups = Array.from({ length: 250 }, (_, index) => group(index));
    const found = await findAda([user], groups, (_request, response, number) => {
      if (number === 3) response.destroy();
      return number === 3;
    });
    expect(found).to.include({ kind: 'unavailable' });
  });
});
