// Tests of the user list from an LDAP URL, with servers that use paging and referrals in unusual ways: missing users must never go unnoticed.
import { expect } from 'chai';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { startSamba } from '../../tests/services/samba.ts';
import { writeEntry, writeReference, writeResult } from '../serve/ldap-requests.ts';
import { type Answerer, serveAnswers } from '../serve/ldap-stub-server.ts';
import { readLdapUsers } from './user-list-ldap.ts';

const account = { bindDn: null, password: null, ca: null };
const entryOf = (id: number, uid: string) =>
  writeEntry(id, {
    dn: `uid=${uid},dc=ad,dc=test`,
    attributes: new Map([
      ['uid', [Buffer.from(uid)]],
      ['cn', [Buffer.from(`Name of ${uid}`)]],
    ]),
  });

/** Map from cookie to page; '' is the cookie of the first page. */
type Pages = Readonly<
  Record<string, { readonly users?: readonly string[]; readonly references?: readonly string[]; readonly next: string }>
>;

async function listOf(pages: Pages): Promise<string[]> {
  const answer: Answerer = async (request) => {
    if (request.kind !== 'search') return [writeResult(request.id, 0x61, 0)];
    const { id, page } = request;
    const { users = [], references = [], next } = pages[page?.cookie.toString() ?? ''] ?? { next: '' };
    return [
      ...users.map((uid) => entryOf(id, uid)),
      ...references.map((url) => writeReference(id, url)),
      writeResult(id, 0x65, 0, Buffer.from(next)),
    ];
  };
  const server = await serveAnswers(answer, 0);
  try {
    const { users } = await readLdapUsers(`${server.url}/dc=ad,dc=test?uid`, 'uid', account);
    return users.map(({ userid }) => userid);
  } finally {
    await server.close();
  }
}

describe('the user list of an LDAP URL', () => {
  it('continues after an empty page that has a new cookie', async () => {
    const pages = {
      '': { users: ['ada'], next: '1' },
      '1': { next: '2' },
      '2': { users: ['grace', 'hedy'], next: '' },
    };
    expect(await listOf(pages)).to.deep.equal(['ada', 'grace', 'hedy']);
  });

  it('rejects pages that do not end', async () => {
    const outcome = await listOf({ '': { users: ['ada'], next: '1' }, '1': { next: '1' } }).catch(
      (error: unknown) => error,
    );
    expect(outcome)
      .to.be.instanceOf(Error)
      .with.property('message')
      .that.matches(/did not return the list/);
  });

  it('reads the root of an Active Directory domain, which refers to partitions without users', async () => {
    const references = [
      'CN=Configuration,DC=ad,DC=test',
      'DC=DomainDnsZones,DC=ad,DC=test',
      'DC=ForestDnsZones,DC=ad,DC=test',
    ];
    const urls = references.map((dn) => `ldap://ad.test/${dn}`);
    expect(await listOf({ '': { users: ['ada'], references: urls, next: '' } })).to.deep.equal(['ada']);
  });

  it('reads the root of a real domain of Active Directory (Samba)', async () => {
    const { listenerTls } = await certificateFiles();
    const { certificate, key, clientCa } = listenerTls;
    const samba = await startSamba({
      tls: { certificate, key, ca: clientCa[0] ?? '' },
      changes:
        'dn: CN=ada,CN=Users,DC=ad,DC=example,DC=com\nchangetype: modify\nadd: department\ndepartment: Research\n',
      ldif: 'dn: CN=ada,CN=Users,DC=ad,DC=example,DC=com\nobjectClass: user\nsAMAccountName: ada\nuserPrincipalName: ada@ad.example.com\n',
    });
    try {
      const url = `${samba.url}/DC=ad,DC=example,DC=com?userPrincipalName`;
      const bound = { bindDn: samba.administrator, password: samba.password, ca: null };
      const { users } = await readLdapUsers(url, 'userPrincipalName', bound);
      expect(users.map(({ userid }) => userid)).to.include('ada@ad.example.com');
    } finally {
      await samba.stop();
    }
  }).timeout(120_000);

  it('rejects a referral to a part of the tree that may contain users', async () => {
    const pages = { '': { users: ['ada'], references: ['ldap://child.ad.test/DC=child,DC=ad,DC=test'], next: '' } };
    const outcome = await listOf(pages).catch((error: unknown) => error);
    expect(outcome)
      .to.be.instanceOf(Error)
      .with.property('message')
      .that.matches(/returned referrals to other servers\. Narrow/);
  });
});
