// Tests of the adapter `ldap`: the common adapter suite with a real OpenLDAP server, with separate and with combined searches.
import { type Slapd, startSlapd } from '../../../tests/services/slapd.ts';
import { describeUserSource } from '../user-source.suite.ts';
import { createLdapSource } from './ldap-source.ts';
import { bindAs, ldapConfig, silentLog } from './testing/ldap-config.ts';
import { suiteDirectory, suiteSchema } from './testing/suite-directory.ts';

const variants = {
  'ldap (one search per user)': { maxUsers: 1 },
  'ldap (several users in one search)': { maxUsers: 16 },
};

describe('ldap with OpenLDAP', () => {
  let slapd: Slapd;
  let sets = 0;

  before(async () => {
    slapd = await startSlapd({ schema: suiteSchema });
  });
  after(() => slapd.stop());

  for (const [title, batching] of Object.entries(variants)) {
    describeUserSource(title, {
      async open(users) {
        sets += 1;
        const { ldif, mapping } = suiteDirectory(users, `o=set-${sets},${slapd.suffix}`);
        slapd.add(ldif);
        const bind = bindAs(slapd.adminDn, slapd.adminPassword);
        const config = ldapConfig([slapd.url], { ...mapping, bind, batching });
        const source = await createLdapSource(config, { log: silentLog });
        return { source, close: () => source.close() };
      },
    });
  }
});
