// Tests of the preset `scim2` against a SCIM server.
import { Secret } from '../../../schemas/secret.ts';
import { describeUserSource, type SuiteUser } from '../user-source.suite.ts';
import { createHttpProxySource } from './http-proxy-source.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import { type ScimStore, startScimServer } from './testing/scim-server.ts';

const token = 'scim-token';

/** Attributes are stored as entitlements, whose type is the attribute's name. */
function storeOf(users: readonly SuiteUser[]): ScimStore {
  const names = [...new Set(users.flatMap(({ groups }) => groups))];
  return {
    users: users.map(({ userid, disabled = false, authorizations }, index) => ({
      id: `u${index}`,
      userName: userid,
      active: !disabled,
      entitlements: Object.entries(authorizations).flatMap(([type, values]) =>
        values.map((value) => ({ type, value })),
      ),
    })),
    groups: names.map((displayName, index) => ({
      id: `g${index}`,
      displayName,
      members: users.flatMap(({ groups }, user) => (groups.includes(displayName) ? [`u${user}`] : [])),
    })),
  };
}

describeUserSource('http-proxy (scim2)', {
  // The server's filter parser does not support escapes in strings; ours are tested in request-template.test.ts.
  cannotHold: /^a["\\]b$/,
  async open(users) {
    const server = await startScimServer(storeOf(users), token);
    const names = [...new Set(users.flatMap(({ authorizations }) => Object.keys(authorizations)))];
    const source = createHttpProxySource(
      httpProxyConfig({
        preset: 'scim2',
        baseUrl: `${server.url}/scim/v2`,
        // The library's filters are slow, and the suite requests hundreds of users at once.
        headersTimeoutMs: 60_000,
        auth: { type: 'bearer', scheme: 'Bearer', token: new Secret(token) },
        mapping: {
          groups: [],
          authorizations: Object.fromEntries(
            names.map((name) => [name, { from: 'user', path: entitlementsOf(name), scalars: false, optional: true }]),
          ),
        },
      }),
    );
    return {
      source,
      async close() {
        await source.close();
        await server.close();
      },
    };
  },
});

/** Returns a JMESPath expression for the entitlements of type `name`. In a raw string of JMESPath, quotes and backslashes are escaped. */
function entitlementsOf(name: string): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `not_null(entitlements, \`[]\`)[?type=='${escaped}'].value`;
}
