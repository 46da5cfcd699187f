// Tests of the diagnosis of `ldap` against a real OpenLDAP, configured correctly, and with each distinguishable error.
import { expect } from 'chai';
import { startLdapStub } from '../../../cli/serve/ldap-stub-server.ts';
import { certificateFiles } from '../../../tests/certificate-files.ts';
import { findFreePort } from '../../../tests/services/service-process.ts';
import { type Slapd, startSlapd } from '../../../tests/services/slapd.ts';
import { diagnose, linesOf, secretReference } from '../../doctor/testing/diagnose.ts';

const base = 'dc=example,dc=test';
const ldif = `dn: ou=people,${base}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${base}
objectClass: organizationalUnit
ou: groups

dn: ou=empty,${base}
objectClass: organizationalUnit
ou: empty

dn: uid=ada,ou=people,${base}
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: Lovelace
mail: ada@example.com
userPassword: of a reader

dn: uid=searcher,ou=people,${base}
objectClass: inetOrgPerson
uid: searcher
cn: Searcher
sn: Searcher
userPassword: of a searcher

dn: cn=analysts,ou=groups,${base}
objectClass: groupOfNames
cn: analysts
member: uid=ada,ou=people,${base}
`;

const searcher = `uid=searcher,ou=people,${base}`;

interface Given {
  readonly user?: object;
  readonly groups?: object;
  readonly [option: string]: unknown;
}

describe('the diagnosis of ldap', () => {
  let slapd: Slapd;
  let ca: string;

  before(async () => {
    const { listenerTls } = await certificateFiles();
    ca = listenerTls.clientCa[0] ?? '';
    slapd = await startSlapd({
      ldif,
      tls: { certificate: listenerTls.certificate, key: listenerTls.key, ca },
      // The reader account cannot read memberships. The searcher account may search for entries that it may not read.
      database: [
        'access to attrs=userPassword by anonymous auth',
        `access to attrs=member,memberOf by dn.exact="uid=ada,ou=people,${base}" none by dn.exact="${searcher}" search by * read`,
        `access to attrs=mail by dn.exact="${searcher}" search by * read`,
        'access to * by * read',
      ],
    });
  });
  after(() => slapd.stop());

  const sourceOf = ({ groups, user, ...given }: Given = {}) => ({
    type: 'ldap',
    preset: 'openldap',
    urls: [slapd.ldapsUrl],
    tls: { ca: [ca] },
    bind: { dn: slapd.adminDn, password: secretReference },
    user: { base: `ou=people,${base}`, ...user },
    groups: { base: `ou=groups,${base}`, ...groups },
    ...given,
  });
  const diagnoseAs = (given: Given = {}, password = slapd.adminPassword) =>
    diagnose(sourceOf(given), 'ada@example.com', password);

  it('reports that everything works, without showing the secret or the user', async () => {
    const lines = await diagnoseAs();
    expect(lines.map((line) => line.split(': ').slice(1, 2)[0])).to.deep.equal([
      ...['works DNS', 'works TCP', 'works TLS', 'works bind', 'works base', 'works base'],
      ...[
        'untried clock',
        'works strategies',
        'works rights',
        'works userid',
        'works rights',
        'works source',
        'works user',
      ],
    ]);
    expect(linesOf(lines, 'TLS')[0]).to.match(/TLSv1\.3, the certificate chain is valid, \d+ days left$/);
    expect(linesOf(lines, 'user')[0]).to.include('1 group, 0 values of 0 authorizations');
    expect(linesOf(lines, 'strategies')[0]).to.include('search, recursive, memberOf; search is used');
    expect(lines.join('\n')).not.to.match(/\bada\b|administrator of a test|analysts/i);
  });

  it('works over StartTLS', async () => {
    const lines = await diagnoseAs({ urls: [slapd.url], tls: { ca: [ca], startTls: true } });
    expect(linesOf(lines, 'TLS')[0]).to.match(/works TLS: TLSv1\.3, the certificate chain is valid/);
    expect(linesOf(lines, 'source')[0]).to.include('works');
  });

  it('reports the fix for a certificate from an unknown CA, and sends nothing', async () => {
    const lines = await diagnoseAs({ tls: {} });
    expect(lines.at(-1)).to.match(/fails TLS: .* is rejected \(.+\) → add the issuing CA to source\.tls\.ca/);
  });

  it('reports the names in the certificate when the configured name is not one of them', async () => {
    const lines = await diagnoseAs({ tls: { ca: [ca], serverName: 'ldap.example.net' } });
    expect(lines.at(-1)).to.match(/ALTNAME_INVALID\) → connect with a name in the certificate \(DNS:localhost/);
  });

  it('reports that nothing listens, and tries the next server', async () => {
    const port = await findFreePort();
    const lines = await diagnoseAs({ urls: [`ldaps://127.0.0.1:${port}`, slapd.ldapsUrl] });
    expect(linesOf(lines, 'TCP').map((line) => line.slice(0, 20))).to.deep.equal([
      'source: fails TCP: 1',
      'source: works TCP: 1',
    ]);
    expect(linesOf(lines, 'TCP')[0]).to.include('→ nothing listens on this port');
    expect(linesOf(lines, 'bind')[0]).to.include('works');
  });

  it('reports an unreadable file once for all servers', async () => {
    const gone = `${ca}.gone`;
    expect(await diagnoseAs({ urls: [slapd.ldapsUrl, slapd.ldapsUrl], tls: { ca: [gone] } })).to.deep.equal([
      `source: fails TLS: ${gone} (source.tls) cannot be read (ENOENT) → check the path in source.tls and the permissions of the file`,
    ]);
  });

  it('reports that a host name cannot be resolved', async () => {
    const lines = await diagnoseAs({ urls: ['ldaps://no-such-host.invalid'] });
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/fails DNS: no-such-host\.invalid cannot be resolved \(.+\) → /);
  });

  it('tries rejected credentials only once', async () => {
    const lines = await diagnoseAs({ urls: [slapd.ldapsUrl, slapd.ldapsUrl] }, 'a wrong password');
    expect(linesOf(lines, 'bind')).to.have.length(1);
    expect(lines.at(-1)).to.match(/fails bind: .*invalidCredentials \(49\).* → check that the dn is complete/);
    expect(lines.join('\n')).not.to.include('a wrong password');
  });

  it('does not open a merge that contains the source after the bind has failed', async () => {
    const member = { name: 'directory', source: sourceOf() };
    const merge = { type: 'merge', identity: 'directory', sources: [member] };
    const lines = await diagnose(merge, null, 'a wrong password');
    expect(lines.at(-1)).to.equal('source: fails source: not tried, since directory failed → fix these first');
  });

  it('reports a base that does not exist, and continues with the other checks', async () => {
    const lines = await diagnoseAs({ user: { base: `ou=nobody,${base}` } });
    expect(linesOf(lines, 'base')[0]).to.match(/fails base: .*source\.user\.base.*noSuchObject/);
    expect(linesOf(lines, 'base')[1]).to.include('works base: source.groups.base is visible to this account');
  });

  it('reports that a base DN contains no user', async () => {
    const lines = await diagnoseAs({ user: { base: `ou=empty,${base}` } });
    expect(linesOf(lines, 'rights')[0]).to.match(/fails rights: no entry below source\.user\.base has a mail/);
  });

  it('reports the supported strategies when the server does not support the configured one', async () => {
    const lines = await diagnoseAs({ groups: { strategy: 'tokenGroups' } });
    expect(linesOf(lines, 'strategies')[0]).to.match(
      /fails strategies: the server does not support tokenGroups → set source\.groups\.strategy to one of search, recursive, memberOf/,
    );
  });

  for (const [strategy, attribute] of [
    ['search', 'member'],
    ['memberOf', 'memberOf'],
  ]) {
    it(`reports, as at start, that the account may not read ${attribute} for ${strategy}`, async () => {
      const bind = { dn: `uid=ada,ou=people,${base}`, password: secretReference };
      const source = sourceOf({ bind, groups: { strategy } });
      const lines = await diagnose(source, 'ada@example.com', 'of a reader');
      const cause = `every user would be served without groups: .* (no|a) readable ${attribute} → grant`;
      expect(lines.at(-1)).to.match(new RegExp(`fails rights: ${cause}`));
      const allowed = { guards: { answers: { onNoGroups: 'allow' } } };
      const others = await diagnose(source, 'ada@example.com', 'of a reader', allowed);
      expect(others.join('\n')).to.match(new RegExp(`doubtful rights: .* (no|a) readable ${attribute} → grant`));
      expect(linesOf(others, 'source')[0]).to.include('works');
    });
  }

  it('accepts an account for the search strategy if it may search by member but not read it', async () => {
    const bind = { dn: searcher, password: secretReference };
    const lines = await diagnoseAs({ bind, user: { attributes: ['uid'] } }, 'of a searcher');
    expect(linesOf(lines, 'rights')[1]).to.match(/works rights: groups list users in member/);
    expect(linesOf(lines, 'source')[0]).to.include('works');
  });

  for (const [strategy, attribute, userid, words] of [
    ['search', 'mail', 'mail', 'has a mail that this account can read'],
    ['memberOf', 'memberOf', 'uid', 'has a readable memberOf'],
  ] as const) {
    it(`reports that the account may search for ${attribute} but not read it, for ${strategy}`, async () => {
      const bind = { dn: searcher, password: secretReference };
      const lines = await diagnoseAs({ bind, user: { attributes: [userid] }, groups: { strategy } }, 'of a searcher');
      expect(lines.join('\n')).to.match(new RegExp(`fails rights: .* ${words}`));
    });
  }

  it('reports that the account may not read which accounts of Active Directory are disabled', async () => {
    const entry = (dn: string, ...values: Array<[string, string]>) => ({
      dn,
      attributes: new Map(values.map(([name, value]) => [name, [Buffer.from(value)]])),
    });
    const person = (...more: Array<[string, string]>) =>
      entry('cn=ada,o=x', ['objectclass', 'user'], ['userprincipalname', 'ada@example.com'], ['cn', 'ada'], ...more);
    const group = entry('cn=staff,o=x', ['objectclass', 'group'], ['cn', 'staff'], ['member', 'cn=ada,o=x']);
    const rightsOf = async (ada: ReturnType<typeof entry>) => {
      const stub = await startLdapStub([entry('o=x', ['objectclass', 'organization']), ada, group], 0);
      try {
        const groups = { base: 'o=x', strategy: 'search', primaryGroup: false };
        const options = { type: 'ldap', preset: 'active-directory', urls: [stub.url], bind: { method: 'anonymous' } };
        return linesOf(await diagnose({ ...options, user: { base: 'o=x' }, groups }), 'rights');
      } finally {
        await stub.close();
      }
    };
    expect((await rightsOf(person()))[1]).to.match(/fails rights: .*no readable userAccountControl.* → grant/);
    expect((await rightsOf(person(['useraccountcontrol', '512']))).join('\n')).not.to.include('fails');
  });
});
