// Cross-field rules of the LDAP and LDIF sources.
import type { LdapSourceConfig, LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { resolveSettings } from '../adapters/ldap/directory-settings.ts';
import type { CrossFieldRule } from './cross-field-rule.ts';
import { faultAt } from './cross-field-rule.ts';
import type { OptionFault } from './schema-faults.ts';

export const ldapRules: readonly CrossFieldRule[] = [
  {
    reads: ['source.type', 'source.preset', 'source.user', 'source.groups', 'source.authorizations'],
    findFaults({ source }) {
      if (source.type !== 'ldap' && source.type !== 'ldif') return [];
      return resolveSettings(source).faults.map(({ option, message }) => faultAt(`source.${option}`, message));
    },
  },
  forLdap(['urls'], ({ urls }) =>
    urls.length === 0 ? [faultAt('source.urls', 'names no server; give at least one')] : [],
  ),
  forLdap(['urls', 'allowPlaintext', 'tls'], findPlaintextFaults),
  forLdap(['tls'], ({ tls }) =>
    (tls.certificate === undefined) === (tls.key === undefined)
      ? []
      : [faultAt('source.tls', 'has one of certificate and key; give both')],
  ),
  forLdap(['bind', 'tls'], findBindFaults),
];

function findPlaintextFaults({ urls, allowPlaintext, tls }: LdapSourceConfig): OptionFault[] {
  if (allowPlaintext || tls.startTls) return [];
  return urls.flatMap((url, index) => {
    const { protocol, hostname } = new URL(url);
    if (protocol === 'ldaps:' || isLoopbackHost(hostname)) return [];
    const cure = 'take ldaps://, or set source.tls.startTls';
    return [
      faultAt(`source.urls[${index}]`, `sends the password and every answer unencrypted to another machine; ${cure}`),
    ];
  });
}

function findBindFaults({ bind, tls }: LdapSourceConfig): OptionFault[] {
  const given = (['dn', 'password'] as const).filter((name) => bind[name] !== undefined);
  if (bind.method === 'simple') {
    return given.length === 2 ? [] : [faultAt('source.bind', 'method simple needs dn and password')];
  }
  const faults = given.map((name) =>
    faultAt(`source.bind.${name}`, `belongs to method simple; take it out, or set source.bind.method to simple`),
  );
  if (bind.method === 'external' && tls.certificate === undefined) {
    faults.push(faultAt('source.bind', 'method external needs a client certificate: source.tls.certificate and key'));
  }
  return faults;
}

/** A rule for the options `names` of an LDAP source. */
function forLdap(names: readonly string[], find: (source: LdapSourceConfig) => readonly OptionFault[]): CrossFieldRule {
  return {
    reads: ['source.type', ...names.map((name) => `source.${name}`)],
    findFaults: ({ source }: LoadedServerConfig) => (source.type === 'ldap' ? find(source) : []),
  };
}
