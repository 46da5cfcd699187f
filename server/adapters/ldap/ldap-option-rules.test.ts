// Tests of the option rules of the LDAP source: each one rejects what it should and reports the right option.
import { expect } from 'chai';
import { findFaults } from '../../config/testing/find-faults.ts';

const bind = { dn: 'cn=reader,dc=x', password: `\${env:PASSWORD}` };
const user = { base: 'ou=people,dc=x' };
const groups = { base: 'ou=groups,dc=x' };
const usual = { type: 'ldap', preset: 'openldap', urls: ['ldaps://ldap.example.com'], bind, user, groups };

function faultyOptions(source: object): string[] {
  const whole = { authentication: { mode: 'none' }, source: { ...usual, ...source } };
  return findFaults(whole, { PASSWORD: 'canary' })
    .map(({ path }) => path)
    .sort();
}

const cases: Record<string, [source: object, options: string[]]> = {
  'ldaps://': [{}, []],
  'ldap:// to this machine': [{ urls: ['ldap://127.0.0.1', 'ldap://[::1]:1389', 'ldap://localhost'] }, []],
  'ldap:// with StartTLS': [{ urls: ['ldap://ldap.example.com'], tls: { startTls: true } }, []],
  'ldap:// with allowPlaintext': [{ urls: ['ldap://ldap.example.com'], allowPlaintext: true }, []],
  'ldap:// to another machine': [
    { urls: ['ldaps://a.example.com', 'ldap://127.0.0.1.example.com'] },
    ['source.urls[1]'],
  ],
  'no server': [{ urls: [] }, ['source.urls']],
  'a URL with a path': [{ urls: ['ldaps://ldap.example.com/dc=x'] }, ['source.urls[0]']],
  'a URL with a password': [{ urls: ['ldaps://a:b@ldap.example.com'] }, ['source.urls[0]']],
  'a bind without a password': [{ bind: { dn: 'cn=reader' } }, ['source.bind']],
  'an anonymous bind with an account': [
    { bind: { ...bind, method: 'anonymous' } },
    ['source.bind.dn', 'source.bind.password'],
  ],
  'an external bind without a certificate': [{ bind: { method: 'external' } }, ['source.bind']],
  'a certificate without its key': [{ tls: { certificate: 'c.pem' } }, ['source.tls']],
  'a filter without the userid': [{ user: { ...user, filter: '(mail=*)' } }, ['source.user.filter']],
  'a filter with the userid outside a value': [{ user: { ...user, filter: '({userid}=x)' } }, ['source.user.filter']],
  'a filter without its closing parenthesis': [
    { user: { ...user, filter: '(&(mail={userid})' } },
    ['source.user.filter'],
  ],
  'a filter with several lines': [{ user: { ...user, filter: '(&\n  (mail={userid})\n  (!(cn=x))\n)' } }, []],
  'a base that is not a distinguished name': [{ user: { base: 'people' } }, ['source.user.base']],
  'a base of memberOf that is not a distinguished name': [
    { groups: { strategy: 'memberOf', base: 'groups' } },
    ['source.groups.base'],
  ],
  'groups without a base': [{ groups: {} }, ['source.groups']],
  'memberOf without a base': [{ groups: { strategy: 'memberOf' } }, []],
  'memberOf of FreeIPA without a base': [{ preset: 'freeipa', groups: {} }, ['source.groups']],
  'members by uid, with the strategy recursive': [
    { groups: { ...groups, strategy: 'recursive', memberValue: 'uid' } },
    ['source.groups.memberValue'],
  ],
  'invalid patterns': [
    {
      groups: { ...groups, exclude: '(', include: '[' },
      authorizations: [{ name: 'x', attribute: 'y', pattern: '*' }],
    },
    ['source.authorizations[0].pattern', 'source.groups.exclude', 'source.groups.include'],
  ],
  'an invalid pattern in a list that only LDAP sources have': [
    {
      groups: {
        ...groups,
        rename: [
          { pattern: 'a', replacement: 'b' },
          { pattern: '(', replacement: '' },
        ],
      },
    },
    ['source.groups.rename[1].pattern'],
  ],
  'a server without TLS in the list': [{ urls: ['ldaps://a.example.com', 'ldap://b.example.com'] }, ['source.urls[1]']],
  'an authorization without attribute and constant': [
    { authorizations: [{ name: 'x' }] },
    ['source.authorizations[0]'],
  ],
};

describe('the option rules of ldap', () => {
  for (const [title, [source, options]] of Object.entries(cases)) {
    it(`${options.length === 0 ? 'accept' : 'reject'} ${title}`, () => {
      expect(faultyOptions(source)).to.deep.equal(options);
    });
  }
});
