// Column Active Directory of the fault matrix: a Samba server behind the fault proxy.
import { certificateFiles } from '../certificate-files.ts';
import { ada, adaId, type FaultSubject } from '../fault-matrix.ts';
import { startSamba } from '../services/samba.ts';
import { directorySubject } from './directory-subject.ts';

const base = 'DC=ad,DC=example,DC=com';
const readerDn = `CN=reader,OU=staff,${base}`;
const password = 'A-reader-of-a-test-1';

const base64 = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64');
/** Returns the LDIF line of a password. Active Directory expects a password in quotes, encoded as UTF-16. */
const passwordLine = (text: string) => `unicodePwd:: ${base64(`"${text}"`, 'utf16le')}`;

const person = (name: string, userid: string) =>
  [
    `dn: CN=${name},OU=staff,${base}`,
    'objectClass: user',
    `sAMAccountName: ${name}`,
    // In Samba, two users cannot have the same userPrincipalName.
    `mail: ${userid}`,
    // The account is enabled and has no password, because none is needed here.
    'userAccountControl: 544',
    ...ada.authorizations.region.map((region) => `departmentNumber: ${region}`),
    '',
  ].join('\n');
const group = (name: string, sAMAccountName: string) =>
  [
    `dn:: ${base64(`CN=${name},OU=groups,${base}`)}`,
    'objectClass: group',
    `cn:: ${base64(name)}`,
    `sAMAccountName: ${sAMAccountName}`,
    `member: CN=ada,OU=staff,${base}`,
  ].join('\n');
const units = ['staff', 'groups'].map((unit) => `dn: OU=${unit},${base}\nobjectClass: organizationalUnit\n`);
const reader = `dn: ${readerDn}\nobjectClass: user\nsAMAccountName: reader\nuserAccountControl: 512`;
const groups = [group('analysts', 'analysts'), group('Zürich', 'zurich')];

/** Entries for Samba, which creates security identifiers and tokenGroups itself. */
const ldif = [
  ...units,
  `${reader}\n${passwordLine(password)}\n`,
  person('ada', adaId),
  person('grace', 'grace@example.test'),
  ...groups.map((text) => `${text}\n`),
].join('\n');

/** Returns the SID S-1-5-21-1-2-3-N in base64. */
const sid = (relativeId: number) =>
  base64(`010500000000000515000000010000000200000003000000${relativeId}040000`, 'hex');
const sids = groups.map((_group, index) => sid(50 + index));

/** The same entries, except for `grace`, with the attributes that Samba would have created. */
const computed = [
  ...units,
  `${reader}\nuserPassword: ${password}\n`,
  `${person('ada', adaId)}${sids.map((value) => `tokenGroups:: ${value}\n`).join('')}`,
  ...groups.map((text, index) => `${text}\nobjectSid:: ${sids[index]}\n`),
].join('\n');

export async function activeDirectorySubject(): Promise<FaultSubject> {
  const { certificate, key, clientCa } = (await certificateFiles()).listenerTls;
  const samba = await startSamba({ ldif, changes: '', tls: { certificate, key, ca: clientCa[0] as string } });
  return directorySubject({
    address: { port: 636, host: samba.address },
    people: computed,
    reader: { dn: readerDn, password },
    mapping: {
      preset: 'active-directory',
      user: { base: `OU=staff,${base}`, attributes: ['mail'] },
      groups: { base, bases: [`OU=groups,${base}`] },
      authorizations: [{ name: 'region', attribute: 'departmentNumber' }],
    },
    setPassword: (text) =>
      samba.modify(`dn: ${readerDn}\nchangetype: modify\nreplace: unicodePwd\n${passwordLine(text)}\n`),
    // Samba accepts the previous password for another hour.
    otherPasswords: ['Another-one-of-a-test-1', 'Another-one-of-a-test-2'],
    addSecond: () => samba.modify(`${person('second', adaId).replace('\n', '\nchangetype: add\n')}`),
    removeSecond: () => samba.modify(`dn: CN=second,OU=staff,${base}\nchangetype: delete\n`),
    stop: () => samba.stop(),
    start: () => samba.start(),
  });
}
