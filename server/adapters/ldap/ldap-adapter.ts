// Adapter `ldap`: users of an LDAP directory.
import type { Adapter } from '../adapter.ts';
import { ldapOptionRules } from './ldap-option-rules.ts';

const ldap: Adapter<'ldap'> = {
  type: 'ldap',
  validate: ldapOptionRules,
  create: async (config, context) => (await import('./ldap-source.ts')).createLdapSource(config, context),
  async *diagnose(config, { allowsNoGroups = false }) {
    return yield* (await import('./diagnose-ldap.ts')).diagnoseLdap(config, allowsNoGroups);
  },
};
export default ldap;
