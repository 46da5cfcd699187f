// LDAP directory and database of a reader: real servers, and the changes that the reader makes to a guide to connect them.

import { createPostgresDatabase } from '../../server/adapters/sql/testing/sql-servers.ts';
import { certificateFiles } from '../certificate-files.ts';
import type { ConsoleStep } from '../console-blocks.ts';
import { startSlapd } from '../services/slapd.ts';

export interface OwnBackend {
  /** Changes the commands of the guide as its text requires. */
  change(steps: readonly ConsoleStep[]): ConsoleStep[];
  stop(): Promise<void>;
}

const accountPassword = 'the account of a reader';

const entries = `
dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: groups

dn: ou=services,dc=example,dc=com
objectClass: organizationalUnit
ou: services

dn: cn=user-info,ou=services,dc=example,dc=com
objectClass: person
cn: user-info
sn: user-info
userPassword: ${accountPassword}

dn: uid=ada,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: ada
cn: Ada Lovelace
sn: Lovelace
mail: ada.lovelace@example.com
departmentNumber: finance

dn: uid=grace,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: grace
cn: Grace Hopper
sn: Hopper
mail: grace.hopper@example.com

dn: cn=analysts,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: analysts
member: uid=ada,ou=people,dc=example,dc=com

dn: cn=everybody,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: everybody
member: cn=analysts,ou=groups,dc=example,dc=com
member: uid=grace,ou=people,dc=example,dc=com
`;

/** The password policy overlay provides this attribute of the preset `openldap`; the test server does not have the overlay. */
const lockAttribute =
  "attributetype ( 1.3.6.1.4.1.42.2.27.8.1.17 NAME 'pwdAccountLockedTime' EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 )";

/** Replaces texts in all commands. @throws {Error} when the guide does not contain one of them. */
function replaceAll(steps: readonly ConsoleStep[], changes: Readonly<Record<string, string>>): ConsoleStep[] {
  for (const text of Object.keys(changes)) {
    if (!steps.some(({ command }) => command.includes(text))) throw new Error(`the guide does not have ${text}`);
  }
  return steps.map((step) => ({
    ...step,
    command: Object.entries(changes).reduce((command, [from, to]) => command.replaceAll(from, to), step.command),
  }));
}

/** Starts OpenLDAP over TLS, as docs/guides/connect-ldap.md connects it. */
export async function startOwnDirectory(): Promise<OwnBackend> {
  const { good, listenerTls } = await certificateFiles();
  const { certificate, key, clientCa } = listenerTls;
  const tls = { certificate, key, ca: clientCa[0] ?? '' };
  const slapd = await startSlapd({
    suffix: 'dc=example,dc=com',
    tls,
    ldif: entries.trimStart(),
    schema: [lockAttribute],
  });
  return {
    change: (steps) =>
      replaceAll(steps, {
        'ldaps://ldap.example.com': slapd.ldapsUrl,
        "'PASSWORD'": `'${accountPassword}'`,
        'mkdir -m 700 secrets': `printf %s '${good.ca.certificate}' >directory-ca.pem && mkdir -m 700 secrets`,
      }),
    stop: () => slapd.stop(),
  };
}

/** Provides PostgreSQL over TLS, set up as docs/guides/connect-postgresql.md describes. Stops with the test run. */
export async function startOwnDatabase(): Promise<OwnBackend> {
  const { good } = await certificateFiles();
  const { connection } = await createPostgresDatabase();
  return {
    change: (steps) =>
      replaceAll(steps, {
        'host: db.example.com': `host: ${connection.host}`,
        'port: 5432': `port: ${connection.port}`,
        'database: identity': `database: ${connection.database}`,
        "'PASSWORD'": `'${connection.password?.reveal()}'`,
        'mkdir -m 700 secrets': `printf %s '${good.ca.certificate}' >database-ca.pem && mkdir -m 700 secrets`,
      }),
    stop: async () => undefined,
  };
}
