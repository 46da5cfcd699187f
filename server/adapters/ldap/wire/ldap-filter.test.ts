// Tests of filters and names: which texts are parsed, which are rejected, and that nothing in a userid becomes syntax.
import { expect } from 'chai';
import fc from 'fast-check';
import { readRequest } from '../../../../cli/serve/ldap-requests.ts';
import type { DirectoryEntry } from '../directory.ts';
import { matchesFilter } from '../ldif/match-filter.ts';
import { foldText, isWithin, keyOfDn, parseDn } from './distinguished-name.ts';
import { createFilterTemplate, FilterSyntaxError, formatFilter, type LdapFilter, parseFilter } from './ldap-filter.ts';
import { writeSearch } from './ldap-messages.ts';

const entry: DirectoryEntry = {
  dn: 'uid=ada,o=x',
  attributes: new Map(
    Object.entries({ uid: 'ada', cn: 'Ada  Lovelace', useraccountcontrol: '514', age: '9', member: 'CN=A, O=X' }).map(
      ([name, value]) => [name, [Buffer.from(value)]],
    ),
  ),
};

const matches: Record<string, boolean> = {
  '(uid=ADA)': true,
  '(cn= ada lovelace )': true,
  '(uid=ad*)': true,
  '(cn=*da*lace)': true,
  '(cn=ada*ada*)': false,
  '(uid=*)': true,
  '(mail=*)': false,
  '(!(mail=x))': true,
  '(age>=10)': false,
  '(age<=10)': true,
  '(member=cn=a,o=x)': true,
  '(userAccountControl:1.2.840.113556.1.4.803:=2)': true,
  '(!(userAccountControl:1.2.840.113556.1.4.803:=2))': false,
  '(userAccountControl:1.2.840.113556.1.4.804:=1)': false,
  '(&(uid=ada)(|(cn=x)(age=9)))': true,
  // Undefined is no match, and neither is its negation.
  '(uid:1.2.3:=ada)': false,
  '(!(uid:1.2.3:=ada))': false,
  '(uid=\\61da)': true,
};

const refused = [
  '',
  'uid=x',
  '(uid=x',
  '(uid=x))',
  '(&)',
  '(uid)',
  '(uid=\\zz)',
  '(=x)',
  '(uid:=x)x',
  '(:=x)',
  '(cn=a**b)',
];

describe('parseFilter', () => {
  for (const [text, isMatch] of Object.entries(matches)) {
    it(`parses ${text}, which ${isMatch ? 'matches' : 'does not match'}`, () => {
      expect(matchesFilter(entry, parseFilter(text))).to.equal(isMatch);
    });
  }

  for (const text of refused) {
    it(`rejects ${JSON.stringify(text)}`, () => {
      expect(() => parseFilter(text)).to.throw(FilterSyntaxError);
    });
  }

  it('parses escaped bytes of letters outside ASCII', () => {
    expect(parseFilter('(uid=\\c3\\a9)')).to.deep.equal(parseFilter('(uid=é)'));
  });

  it('rejects filters that are nested too deeply', () => {
    expect(() => parseFilter(`${'(!'.repeat(1000)}(uid=x)${')'.repeat(1000)}`)).to.throw(FilterSyntaxError, 'nested');
  });
});

const name = fc.constantFrom('uid', 'cn', 'member');
const bytes = fc.uint8Array({ maxLength: 8 }).map((value) => Buffer.from(value));
const someBytes = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((value) => Buffer.from(value));
const filters = fc.letrec<{ filter: LdapFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      kind: fc.constantFrom('equal' as const, 'approximate' as const, 'atLeast' as const, 'atMost' as const),
      attribute: name,
      value: bytes,
    }),
    fc.record({ kind: fc.constant('present' as const), attribute: name }),
    fc.record({
      kind: fc.constant('substrings' as const),
      attribute: name,
      initial: someBytes,
      any: fc.array(someBytes, { maxLength: 2 }),
      final: bytes,
    }),
    fc.record({
      kind: fc.constant('extensible' as const),
      rule: fc.constantFrom('', '1.2.3'),
      attribute: name,
      dnAttributes: fc.boolean(),
      value: bytes,
    }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
  ),
})).filter;

describe('filters', () => {
  it('are unchanged after they are formatted and parsed as text', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parseFilter(formatFilter(filter))).to.deep.equal(filter);
      }),
    );
  });

  it('are unchanged after they are encoded and decoded in a request', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const request = {
          base: 'o=x',
          scope: 'sub',
          filter,
          attributes: [],
          sizeLimit: 0,
          timeLimitSeconds: 1,
        } as const;
        const read = readRequest(writeSearch(1, { ...request, page: null }));
        expect(read.kind === 'search' && read.filter).to.deep.equal(filter);
      }),
    );
  });

  it('insert any userid only as a value', () => {
    const template = createFilterTemplate('(&(objectClass=person)(|(uid={userid})(mail=smtp:{userid})))');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (userid) => {
        const value = Buffer.from(userid);
        const equal = (attribute: string, held: Buffer): LdapFilter => ({ kind: 'equal', attribute, value: held });
        expect(template(userid)).to.deep.equal({
          kind: 'and',
          filters: [
            equal('objectClass', Buffer.from('person')),
            {
              kind: 'or',
              filters: [equal('uid', value), equal('mail', Buffer.concat([Buffer.from('smtp:'), value]))],
            },
          ],
        });
      }),
    );
  });

  it('replace the placeholder once, even if the userid contains it', () => {
    const filter = createFilterTemplate('(uid=<{userid}>)')('{userid}$&');
    expect(formatFilter(filter)).to.equal('(uid=<{userid}$&>)');
  });
});

describe('parseDn', () => {
  const equal: Record<string, string> = {
    'cn=a,o=x': 'CN = A , O = X',
    'cn=a\\, b,o=x': 'cn=A\\2c  b,o=x',
    'cn=a+uid=b,o=x': 'uid=B+cn=A,o=x',
    'cn=\\20a,o=x': 'cn=\\ a,o=x',
    'cn=\\c3\\a9,o=x': 'cn=é,o=x',
  };
  for (const [one, other] of Object.entries(equal)) {
    it(`treats ${one} and ${other} as equal`, () => {
      expect(keyOfDn(parseDn(one) ?? [])).to.equal(keyOfDn(parseDn(other) ?? [{} as never]));
    });
  }

  it('determines whether a name is below a base', () => {
    const within = (dn: string, base: string) => isWithin(parseDn(dn) ?? [], parseDn(base) ?? []);
    expect(within('cn=a,OU=Groups,o=x', 'ou=groups,o=x')).to.equal(true);
    expect(within('ou=groups,o=x', 'ou=groups,o=x')).to.equal(true);
    expect(within('cn=a\\,ou=groups,o=x', 'ou=groups,o=x')).to.equal(false);
    expect(within('o=x', 'ou=groups,o=x')).to.equal(false);
  });

  it('rejects text that is not a distinguished name', () => {
    for (const text of ['x', 'cn', 'cn=a,', '=a', 'cn=a"b', 'cn=a\\']) expect(parseDn(text), text).to.equal(null);
  });

  it('folds text in the same way as LDAP servers compare it', () => {
    expect(foldText('  Ａ  b ')).to.equal('a b');
  });
});
