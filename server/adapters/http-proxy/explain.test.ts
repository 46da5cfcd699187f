// Tests of the explanation of groups that the mapping omits.
import { expect } from 'chai';
import { createHttpProxySource } from './http-proxy-source.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import { sendJson, startLocalServer } from './testing/local-server.ts';

describe('http-proxy, an explanation', () => {
  const absences: Record<string, [answer: object | null, absent: string, outcome: string]> = {
    'the upstream responds with 404': [null, 'the upstream does not know this userid', 'not found'],
    'the list is empty': [{ people: [] }, 'the upstream does not know this userid', '0 items'],
    'the entry is disabled': [
      { people: [{ id: 'ada', state: 'left' }] },
      'mapping.enabled marks the entry as disabled',
      '1 item',
    ],
  };
  for (const [title, [answer, absent, outcome]] of Object.entries(absences)) {
    it(`shows the request for an unknown user: ${title}`, async () => {
      const upstream = await startLocalServer((_request, response) =>
        sendJson(response, answer === null ? 404 : 200, answer ?? {}),
      );
      const source = createHttpProxySource(
        httpProxyConfig({
          baseUrl: upstream.url,
          user: {
            method: 'GET',
            path: '/people?login={userid}',
            list: '/people',
            notFound: { statuses: [404] },
            pagination: { type: 'none' },
          },
          mapping: {
            identity: '/id',
            enabled: { path: '/state', values: ['active'], disabledValues: ['left'], optional: false },
            groups: [{ from: 'user', list: '/groups', name: '/name', optional: true }],
            authorizations: {},
          },
        }),
      );
      const explained = await source.explainUser?.('ada', AbortSignal.timeout(4000));
      await source.close();
      await upstream.close();
      const query = `GET ${upstream.url}/people?login=ada`;
      expect(explained).to.deep.equal({ absent, groups: [], authorizations: [], asked: [{ query, outcome }] });
    });
  }

  it('lists the items that `where` excluded', async () => {
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
