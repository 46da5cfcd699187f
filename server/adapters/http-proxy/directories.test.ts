// Adapter suite for the directory presets, run against stand-ins that follow the directories' public descriptions.
import type { HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../schemas/secret.ts';
import { describeUserSource, type OpenSource, type SuiteUser } from '../user-source.suite.ts';
import { createHttpProxySource } from './http-proxy-source.ts';
import { startGraph } from './testing/graph-stand-in.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import { startKeycloak } from './testing/keycloak-stand-in.ts';
import { startOkta } from './testing/okta-stand-in.ts';
import { startTokenServer } from './testing/token-server.ts';

function open(
  options: Parameters<typeof httpProxyConfig>[0],
  servers: ReadonlyArray<{ close(): Promise<void> }>,
): OpenSource {
  const source = createHttpProxySource(httpProxyConfig(options));
  return {
    source,
    async close() {
      await source.close();
      for (const server of servers) await server.close();
    },
  };
}

/** Maps each attribute of the users with `pathOf`. */
function mappingOf(
  users: readonly SuiteUser[],
  pathOf: (attribute: string) => string,
): Pick<HttpProxySourceConfig, 'mapping'> {
  const names = [...new Set(users.flatMap(({ authorizations }) => Object.keys(authorizations)))];
  const values = names.map((name) => {
    const value = { from: 'user', path: pathOf(name), scalars: false, optional: true } as const;
    return [name, value] as const;
  });
  return { mapping: { groups: [], authorizations: Object.fromEntries(values) } };
}

/** Escapes a key of a JSON Pointer. */
const escapeKey = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

describeUserSource('http-proxy (microsoft-graph)', {
  async open(users) {
    const tokens = await startTokenServer();
    const graph = await startGraph(
      users.map(({ userid, disabled = false, groups, authorizations }, index) => ({
        id: `user ${index}/of the tenant`,
        userPrincipalName: userid,
        accountEnabled: !disabled,
        properties: { customSecurityAttributes: { Kit: authorizations } },
        memberOf: [
          { type: '#microsoft.graph.directoryRole', id: 'role', displayName: 'Global Reader' },
          ...groups.map((displayName, group) => ({
            type: '#microsoft.graph.group' as const,
            id: `${group}`,
            displayName,
          })),
          { type: '#microsoft.graph.administrativeUnit', id: 'unit', displayName: null },
        ],
      })),
      tokens.isAuthorized,
    );
    const options = {
      preset: 'microsoft-graph',
      baseUrl: `${graph.url}/v1.0`,
      auth: tokens.auth('client_secret_post'),
      ...mappingOf(users, (name) => `/customSecurityAttributes/Kit/${escapeKey(name)}`),
    } as const;
    return open(options, [graph, tokens]);
  },
});

describeUserSource('http-proxy (okta)', {
  async open(users) {
    const okta = await startOkta(
      users.map(({ userid, disabled = false, groups, authorizations }, index) => ({
        id: `00u${index}`,
        login: userid,
        status: disabled ? 'SUSPENDED' : 'ACTIVE',
        profile: authorizations,
        groups,
      })),
      'okta-token',
    );
    const options = {
      preset: 'okta',
      baseUrl: `${okta.url}/api/v1`,
      auth: { type: 'bearer', scheme: 'SSWS', token: new Secret('okta-token') },
      ...mappingOf(users, (name) => `/profile/${escapeKey(name)}`),
    } as const;
    return open(options, [okta]);
  },
});

describeUserSource('http-proxy (keycloak)', {
  // Keycloak stores user names in lower case.
  cannotHold: /^toString$/,
  async open(users) {
    const tokens = await startTokenServer();
    const keycloak = await startKeycloak(
      users.map(({ userid, disabled = false, groups, authorizations }, index) => ({
        id: `user-${index}`,
        username: userid,
        enabled: !disabled,
        ...(Object.keys(authorizations).length > 0 && { attributes: authorizations }),
        groups,
      })),
      tokens.isAuthorized,
    );
    const options = {
      preset: 'keycloak',
      baseUrl: `${keycloak.url}/admin/realms/company`,
      auth: tokens.auth('client_secret_basic'),
    } as const;
    return open(options, [keycloak, tokens]);
  },
});
