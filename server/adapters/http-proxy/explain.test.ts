// Owns the tests of what an explanation says of groups that the mapping leaves out.
import { expect } from 'chai';
import { createHttpProxySource } from './http-proxy-source.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import { sendJson, startLocalServer } from './testing/local-server.ts';

describe('http-proxy, an explanation', () => {
  it('says which items `where` left out', async () => {
    const groups = [
      { name: 'analysts', type: 'security' },
      { name: 'lunch', type: 'mail' },
    ];
    const upstream = await startLocalServer((_request, response) => sendJson(response, 200, { id: 'ada', groups }));
    const where = { path: '/type', equals: 'security' };
    const source = createHttpProxySource(
      httpProxyConfig({
        baseUrl: upstream.url,
        user: { method: 'GET', path: '/people/{userid}', pagination: { type: 'none' } },
        mapping: {
          identity: '/id',
          groups: [{ from: 'user', list: '/groups', name: '/name', where, optional: false }],
          authorizations: {},
        },
      }),
    );
    const explained = await source.explainUser?.('ada', AbortSignal.timeout(4000));
    await source.close();
    await upstream.close();
    expect(explained?.groups.map(({ name }) => name)).to.deep.equal(['analysts']);
    expect(explained?.dropped).to.deep.equal([
      { found: `GET ${upstream.url}/people/ada: item 2 of 2 in /groups, /type`, rule: 'mapping.groups.where' },
    ]);
  });
});
