// Owns the column ldap of the fault matrix: a real slapd behind the fault proxy.
import { certificateFiles } from '../certificate-files.ts';
import { type FaultSubject, limitMs, networkCells, none, ownTimeOuts } from '../fault-matrix.ts';
import { startFaultProxy } from '../fault-proxy.ts';
import { startSlapd } from '../services/slapd.ts';
import { secretReference } from '../test-server.ts';
import { startOddServer } from './odd-directory.ts';

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

/** Of all directories. */
export const ldapTimes = { connectTimeoutMs: limitMs, operationTimeoutMs: limitMs };
export const passwordNeedsAMinute =
  'a refused account is left alone for a minute, or it would be locked; server/adapters/ldap/server-faults.test.ts holds the clock';

export async function ldapSubject(): Promise<FaultSubject> {
  const { bad, listenerTls } = await certificateFiles();
  const { certificate, key, clientCa } = listenerTls;
  const slapd = await startSlapd({ ldif, tls: { certificate, key, ca: clientCa[0] as string } });
  const proxy = await startFaultProxy(Number(new URL(slapd.ldapsUrl).port));
  const odd = await startOddServer(ldif, proxy);
  const setPassword = (text: string) =>
    slapd.modify(`dn: ${readerDn}\nchangetype: modify\nreplace: userPassword\nuserPassword: ${text}\n`);
  const { 'wrong-host-name-server': wrongName, 'expired-server': expired } = bad.certificates;
  return {
    source: {
      type: 'ldap',
      urls: [`ldaps://127.0.0.1:${proxy.port}`],
      bind: { dn: readerDn, password: secretReference('LDAP_PASSWORD') },
      tls: { ca: clientCa },
      ...ldapTimes,
      ...mapping,
    },
    environment: { LDAP_PASSWORD: password },
    proxy,
    maxConnections: 2,
    cells: {
      ...networkCells(proxy, { wrongName, expired }, ownTimeOuts),
      'bad bind or password': {
        expected: '503',
        isOutage: true,
        async inflict() {
          setPassword('another one');
          proxy.dropIdle();
        },
        heal: async () => setPassword(password),
        recoversLater: passwordNeedsAMinute,
      },
      ...odd.cells,
      'duplicate entry': {
        expected: '502',
        inflict: async () => slapd.add(person('second', 'ada')),
        heal: async () => slapd.modify(`dn: uid=second,${people}\nchangetype: delete\n`),
      },
      'server restart': { expected: '503', isOutage: true, inflict: () => slapd.stop(), heal: () => slapd.start() },
      ...none("the directory's own disk", 'file half-written, or disk full', 'file taken away'),
    },
    async close() {
      await proxy.close();
      await odd.close();
      await slapd.stop();
    },
  };
}

/** The same people as a file. */
export const directoryFile = {
  text: `dn: ${base}\nobjectClass: domain\ndc: example\n\n${ldif}`,
  mapping,
  adaEntry: person('ada', 'ada'),
};
