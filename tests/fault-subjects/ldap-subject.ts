// Column ldap of the fault matrix: a slapd behind the fault proxy.
import { certificateFiles } from '../certificate-files.ts';
import type { FaultSubject } from '../fault-matrix.ts';
import { startSlapd } from '../services/slapd.ts';
import { directorySubject } from './directory-subject.ts';

const base = 'dc=example,dc=test';
const people = `ou=people,${base}`;
const readerDn = `cn=reader,${base}`;
const password = 'the reader of a test';

const person = (uid: string, mail: string) =>
  [
    `dn: uid=${uid},${people}`,
    ...['objectClass: inetOrgPerson', `uid: ${uid}`, 'cn: a user', 'sn: user', `mail: ${mail}@example.test`],
    'departmentNumber: emea',
    'departmentNumber: apac\n',
  ].join('\n');
const group = (rdn: string, cn: string) =>
  `dn: ${rdn},${base}\nobjectClass: groupOfNames\n${cn}\nmember: uid=ada,${people}\n`;
const ldif = [
  `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n`,
  `dn: ${readerDn}\nobjectClass: person\ncn: reader\nsn: reader\nuserPassword: ${password}\n`,
  person('ada', 'ada'),
  person('grace', 'grace'),
  group('cn=analysts', 'cn: analysts'),
  group('cn=Z\\C3\\BCrich', 'cn:: WsO8cmljaA=='),
].join('\n');

const mapping = {
  preset: 'openldap',
  user: { base },
  groups: { base },
  authorizations: [{ name: 'region', attribute: 'departmentNumber' }],
};

export async function ldapSubject(): Promise<FaultSubject> {
  const { certificate, key, clientCa } = (await certificateFiles()).listenerTls;
  const slapd = await startSlapd({ ldif, tls: { certificate, key, ca: clientCa[0] as string } });
  return directorySubject({
    address: Number(new URL(slapd.ldapsUrl).port),
    people: ldif,
    reader: { dn: readerDn, password },
    mapping,
    setPassword: (text) =>
      slapd.modify(`dn: ${readerDn}\nchangetype: modify\nreplace: userPassword\nuserPassword: ${text}\n`),
    otherPasswords: ['another one'],
    addSecond: () => slapd.add(person('second', 'ada')),
    removeSecond: () => slapd.modify(`dn: uid=second,${people}\nchangetype: delete\n`),
    stop: () => slapd.stop(),
    start: () => slapd.start(),
  });
}

/** The same people as a file. */
export const directoryFile = {
  text: `dn: ${base}\nobjectClass: domain\ndc: example\n\n${ldif}`,
  mapping,
  adaEntry: person('ada', 'ada'),
};
