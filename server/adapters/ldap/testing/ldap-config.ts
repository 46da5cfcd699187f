// Loaded configurations of the LDAP source, for tests.
import type { LdapSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../../schemas/secret.ts';
import type { AdapterLog } from '../../user-source.ts';
import { groupOptions } from './suite-directory.ts';

type Given = Partial<Omit<LdapSourceConfig, 'user' | 'groups' | 'tls' | 'bind'>> & {
  readonly user?: Partial<LdapSourceConfig['user']>;
  readonly groups?: Partial<LdapSourceConfig['groups']>;
  readonly tls?: Partial<LdapSourceConfig['tls']>;
  readonly bind?: Partial<LdapSourceConfig['bind']>;
};

export function ldapConfig(urls: string[], { user, groups, tls, bind, ...given }: Given): LdapSourceConfig {
  return {
    type: 'ldap',
    preset: 'openldap',
    urls,
    allowPlaintext: false,
    connections: 2,
    connectTimeoutMs: 2000,
    operationTimeoutMs: 4000,
    idleSeconds: 300,
    pageSize: 500,
    referrals: 'ignore',
    batching: { maxUsers: 16 },
    authorizations: [],
    ...given,
    tls: { startTls: false, ca: [], minVersion: 'TLSv1.2', ...tls },
    bind: { method: 'simple', ...bind },
    user: {
      base: 'dc=example,dc=test',
      scope: 'sub',
      caseInsensitive: false,
      replacePresetEnabledFilter: false,
      ...user,
    },
    groups: groupOptions({ base: 'dc=example,dc=test', ...groups }),
  };
}

/** Returns the options to bind as this account, usually the server's administrator. */
export function bindAs(dn: string, password: string): LdapSourceConfig['bind'] {
  return { method: 'simple', dn, password: new Secret(password) };
}

export const silentLog: AdapterLog = { info() {}, warn() {}, error() {} };
