// Rules of the options of the LDAP and LDIF sources.
import type { LdapSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { isLoopbackHost } from '../../../schemas/loopback.ts';
import type { OptionFault, OptionRule } from '../adapter.ts';
import { type MappingConfig, resolveSettings } from './directory-settings.ts';

/** Rule for the options that both sources have in common. */
export const mappingRule: OptionRule<MappingConfig> = {
  reads: ['preset', 'user', 'groups', 'authorizations'],
  findFaults: (config) => resolveSettings(config).faults,
};

export const ldapOptionRules: readonly OptionRule<LdapSourceConfig>[] = [
  mappingRule,
  {
    reads: ['urls'],
    findFaults: ({ urls }) => (urls.length === 0 ? [{ option: 'urls', message: 'must name at least one server' }] : []),
  },
  { reads: ['urls', 'allowPlaintext', 'tls'], findFaults: findPlaintextFaults },
  {
    reads: ['tls'],
    findFaults: ({ tls: { certificate, key } }) =>
      (certificate === undefined) === (key === undefined)
        ? []
        : [{ option: 'tls', message: 'needs both certificate and key, or neither' }],
  },
  { reads: ['bind', 'tls'], findFaults: findBindFaults },
];

function findPlaintextFaults({ urls, allowPlaintext, tls }: LdapSourceConfig): OptionFault[] {
  if (allowPlaintext || tls.startTls) return [];
  return urls.flatMap((url, index) => {
    const { protocol, hostname } = new URL(url);
    if (protocol === 'ldaps:' || isLoopbackHost(hostname)) return [];
    const message =
      'sends the password and all responses unencrypted to another machine. Use ldaps://, or set source.tls.startTls';
    return [{ option: `urls[${index}]`, message }];
  });
}

function findBindFaults({ bind, tls }: LdapSourceConfig): OptionFault[] {
  const given = (['dn', 'password'] as const).filter((name) => bind[name] !== undefined);
  if (bind.method === 'simple') {
    return given.length === 2 ? [] : [{ option: 'bind', message: 'needs dn and password with method simple' }];
  }
  const faults = given.map((name) => ({
    option: `bind.${name}`,
    message: 'applies to method simple only. Remove it, or set source.bind.method to simple',
  }));
  if (bind.method === 'external' && tls.certificate === undefined) {
    const message = 'needs a client certificate with method external: set source.tls.certificate and source.tls.key';
    faults.push({ option: 'bind', message });
  }
  return faults;
}
