// Options of each preset.
import type { HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';

/** The options of a preset; options in the configuration take precedence. */
export type PresetOptions = Pick<HttpProxySourceConfig, 'user' | 'groups' | 'mapping'>;

/** Returns the options of a source's preset; `passthrough` has few, and `custom` has none. */
export function presetOptions(config: HttpProxySourceConfig): PresetOptions {
  switch (config.preset) {
    case 'scim2':
      return scim2;
    case 'microsoft-graph':
      return microsoftGraph(config);
    case 'okta':
      return okta;
    case 'keycloak':
      return keycloak;
    case 'passthrough':
      return passthrough;
    case 'custom':
      return {};
  }
}

const emptyMapping = { groups: [], authorizations: {} } as const;

/** RFC 7644. Groups are searched for by their members, because many servers omit the user's own attribute `groups`. */
const scim2: PresetOptions = {
  user: {
    method: 'GET',
    path: 'Users?filter=userName eq "{userid}"',
    list: '/Resources',
    pagination: { type: 'scim', pageSize: 100 },
  },
  groups: {
    // The groups are requested without their members, of which a group may have thousands.
    path: 'Groups?filter=members.value eq "{/id}"&attributes=displayName',
    list: '/Resources',
    pagination: { type: 'scim', pageSize: 100 },
  },
  mapping: {
    identity: '/userName',
    // RFC 7643, 4.1.1: a server need not support this attribute.
    enabled: { path: '/active', values: ['true'], disabledValues: ['false'], optional: true },
    groups: [{ from: 'groups', name: '/displayName', optional: false }],
    authorizations: {},
  },
};

/**
 * Returns the options for Microsoft Graph v1.0. The user is found by a filter, because an empty list definitely means "not found", while a 404 may
 * come from a gateway. The user's groups include nested ones. Roles and administrative units are excluded here, because an OData cast would be
 * evaluated by an index that lags behind.
 */
function microsoftGraph({ mapping }: HttpProxySourceConfig): PresetOptions {
  // Graph returns only a few properties unless they are listed.
  const paths = Object.values(mapping?.authorizations ?? {}).filter(({ from }) => from === 'user');
  const named = [mapping?.identity ?? '', ...paths.map(({ path }) => path)].map((path) => /^\/([^/]+)/.exec(path)?.[1]);
  const selected = ['id', 'userPrincipalName', 'accountEnabled', ...named.filter((name) => name !== undefined)];
  return {
    user: {
      method: 'GET',
      path: `users?$filter=userPrincipalName eq '{userid}'&$select=${[...new Set(selected)].join(',')}`,
      list: '/value',
      pagination: { type: 'odata' },
    },
    groups: {
      path: 'users/{/id}/transitiveMemberOf?$select=id,displayName&$top=999',
      list: '/value',
      pagination: { type: 'odata' },
    },
    mapping: {
      ...emptyMapping,
      identity: '/userPrincipalName',
      enabled: { path: '/accountEnabled', values: ['true'], disabledValues: ['false'], optional: false },
      groups: [
        {
          from: 'groups',
          name: '/displayName',
          where: { path: '/@odata.type', equals: '#microsoft.graph.group' },
          optional: false,
        },
      ],
    },
  };
}

/** Okta's management API, /api/v1. */
const okta: PresetOptions = {
  user: {
    method: 'GET',
    path: 'users?filter=profile.login eq "{userid}"',
    list: '',
    pagination: { type: 'link-header' },
  },
  groups: { path: 'users/{/id}/groups?limit=200', list: '', pagination: { type: 'link-header' } },
  mapping: {
    ...emptyMapping,
    identity: '/profile/login',
    enabled: {
      path: '/status',
      // A user who has forgotten the password, or entered a wrong one too often, is still a user.
      values: ['ACTIVE', 'PASSWORD_EXPIRED', 'LOCKED_OUT', 'RECOVERY'],
      disabledValues: ['STAGED', 'PROVISIONED', 'SUSPENDED', 'DEPROVISIONED'],
      optional: false,
    },
    groups: [{ from: 'groups', name: '/profile/name', optional: false }],
  },
};

/** Keycloak's admin API, /admin/realms/REALM. Without `first` and `max`, it returns all of a user's groups at once. */
const keycloak: PresetOptions = {
  user: {
    method: 'GET',
    path: 'users?username={userid}&exact=true&briefRepresentation=false',
    list: '',
    pagination: { type: 'none' },
  },
  groups: { path: 'users/{/id}/groups?briefRepresentation=true', list: '', pagination: { type: 'none' } },
  mapping: {
    authorizations: {},
    identity: '/username',
    enabled: { path: '/enabled', values: ['true'], disabledValues: ['false'], optional: false },
    // The path, not the name: two groups with the same name may have different parents.
    groups: [{ from: 'groups', name: '/path', optional: false }],
    // Keycloak omits `attributes` if a user has none.
    allAttributes: { path: '/attributes', optional: true },
  },
};

/** An upstream that implements the contract itself. */
const passthrough: PresetOptions = {
  user: {
    method: 'GET',
    path: '?userid={userid}',
    notFound: { statuses: [404] },
    pagination: { type: 'none' },
  },
};
