// Tests the meaning of rows, without a database: the responses, and every doubtful result that is rejected.
import { expect } from 'chai';
import { SourceError } from '../user-source.ts';
import type { SqlColumn } from './sql-driver.ts';
import { type NamedResult, originsOf, type RowRules, readUser, type UserResults, userInfoOf } from './user-rows.ts';

type Row = ReadonlyArray<string | null>;

const rules: RowRules = { useridColumn: 'userid', attributeLayout: 'rows', caseInsensitive: false };

function resultOf(option: string, names: readonly (string | SqlColumn)[], rows: readonly Row[]): NamedResult {
  return { option, columns: names.map((name) => (typeof name === 'string' ? { name, refusal: null } : name)), rows };
}

const user = (rows: readonly Row[], names: readonly (string | SqlColumn)[] = ['userid']) =>
  resultOf('userQuery', names, rows);
const groups = (rows: readonly Row[], names: readonly (string | SqlColumn)[] = ['name']) =>
  resultOf('groupsQuery', names, rows);
const attributes = (rows: readonly Row[], names: readonly (string | SqlColumn)[] = ['name', 'value']) =>
  resultOf('attributesQuery', names, rows);

const ada: UserResults = { user: user([['ada']]), groups: null, attributes: null };
const timestamp: SqlColumn = { name: 'since', refusal: 'is of the type timestamp; choose a text' };

const read = (results: UserResults, changed: Partial<RowRules> = {}) =>
  readUser(results, 'ada', { ...rules, ...changed });

/** A query that compares the login and returns the mail address finds a row for every user, but no row matches. */
const mismatch = 'Its WHERE clause compares a different column, or does not test for equality';

const refused: Readonly<Record<string, readonly [results: UserResults, words: string, changed?: Partial<RowRules>]>> = {
  'a row of another user': [{ ...ada, user: user([['ada@example.com']]) }, mismatch],
  'a row of another user, compared without letter case': [
    { ...ada, user: user([['adam']]) },
    mismatch,
    { caseInsensitive: true },
  ],
  'a row of another user who is disabled': [
    { ...ada, user: user([['eve', 'true']], ['userid', 'off']) },
    mismatch,
    { disabledColumn: 'off' },
  ],
  'two rows of one user': [{ ...ada, user: user([['ada'], ['ada']]) }, 'userQuery returned more than one row'],
  'two users that differ in letter case': [{ ...ada, user: user([['ada'], ['Ada']]) }, 'more than one row'],
  'a userid that is NULL': [{ ...ada, user: user([[null]]) }, 'userQuery returned NULL in the column userid'],
  'a user query without the column of the userid': [
    { ...ada, user: user([['ada']], ['login']) },
    'must return the column userid once; it returns login',
  ],
  'the column missing, although no row was found': [
    { ...ada, user: user([], ['login']) },
    'must return the column userid',
  ],
  'the column of the userid twice': [{ ...ada, user: user([['ada', 'ada']], ['userid', 'userid']) }, 'once'],
  'no column that states whether the user is disabled': [
    ada,
    'must return the column off once',
    { disabledColumn: 'off' },
  ],
  'a NULL in the column that states whether the user is disabled': [
    { ...ada, user: user([['ada', null]], ['userid', 'off']) },
    'returned NULL in the column off',
    { disabledColumn: 'off' },
  ],
  'an unknown word in the column that states whether the user is disabled': [
    { ...ada, user: user([['ada', 'maybe']], ['userid', 'off']) },
    'neither true',
    { disabledColumn: 'off' },
  ],
  'a group that is NULL': [{ ...ada, groups: groups([['a'], [null]]) }, 'groupsQuery returned NULL in the column name'],
  'a group without a name': [{ ...ada, groups: groups([['']]) }, 'returned an empty string in the column name'],
  'a group of damaged characters': [{ ...ada, groups: groups([['caf\ufffd']]) }, 'damaged characters'],
  'groups in two columns': [{ ...ada, groups: groups([], ['name', 'kind']) }, 'must return one column'],
  'groups in no column': [{ ...ada, groups: groups([], []) }, 'must return one column'],
  'groups of another user': [
    { ...ada, groups: groups([['Ada', 'a']], ['userid', 'name']) },
    'groupsQuery returned a row with a different userid',
  ],
  'groups of a type without one text': [
    { ...ada, groups: groups([], [timestamp]) },
    'the column since, which is of the type',
  ],
  'an attribute whose name is NULL': [{ ...ada, attributes: attributes([[null, 'a']]) }, 'NULL in the column name'],
  'a value that is NULL': [{ ...ada, attributes: attributes([['a', null]]) }, 'NULL in the column value'],
  'attributes in one column': [{ ...ada, attributes: attributes([], ['name']) }, 'must return two columns'],
  'attributes in three columns': [{ ...ada, attributes: attributes([], ['name', 'value', 'more']) }, 'must return two'],
  'attributes of another user': [
    { ...ada, attributes: attributes([['eve', 'a', 'b']], ['userid', 'name', 'value']) },
    'attributesQuery returned a row with a different userid',
  ],
  'two columns of one name, each column an attribute': [
    { ...ada, attributes: attributes([], ['a', 'a']) },
    'each attribute in a column with its own name',
    { attributeLayout: 'columns' },
  ],
  'no column, each column an attribute': [
    { ...ada, attributes: attributes([], ['userid']) },
    'each attribute in a column with its own name',
    { attributeLayout: 'columns' },
  ],
  'an empty text, each column an attribute': [
    { ...ada, attributes: attributes([['']], ['region']) },
    'an empty string in the column region',
    { attributeLayout: 'columns' },
  ],
};

describe('the rows of a lookup', () => {
  for (const [title, [results, words, changed]] of Object.entries(refused)) {
    it(`are rejected with ${title}`, () => {
      expect(() => read(results, changed))
        .to.throw(SourceError, words)
        .with.property('kind', 'bad-answer');
    });
  }

  it('mean that there is no user when the user query returns no rows, whatever the other queries return', () => {
    expect(read({ user: user([]), groups: groups([['a']]), attributes: null })).to.equal('none');
  });

  it('mean that there is no user when the found userid is spelled differently', () => {
    for (const spelling of ['Ada', 'ada ', ' ada', 'adá', 'ＡＤＡ', 'ada\u200b']) {
      expect(read({ ...ada, user: user([[spelling]]) }), spelling).to.equal('other-spelling');
    }
  });

  it('match the user in another letter case only when the configuration says so', () => {
    const results = { ...ada, user: user([['ADA']]), groups: groups([['aDa', 'a']], ['userid', 'name']) };
    expect(read(results, { caseInsensitive: true })).to.have.lengthOf(1);
    expect(read({ ...ada, user: user([['ada ']]) }, { caseInsensitive: true })).to.equal('other-spelling');
  });

  for (const [word, disabled] of Object.entries({
    true: true,
    T: true,
    1: true,
    Disabled: true,
    f: false,
    0: false,
    no: false,
  })) {
    it(`mean ${disabled ? 'a disabled' : 'an enabled'} user for ${word}`, () => {
      const found = read({ ...ada, user: user([['ada', word]], ['userid', 'off']) }, { disabledColumn: 'off' });
      expect(found === 'disabled').to.equal(disabled);
    });
  }

  it('may have additional columns of any type in the user query', () => {
    expect(read({ ...ada, user: user([['ada', '2026']], ['userid', timestamp]) })).to.deep.equal([]);
  });

  it('contain each group and value once', () => {
    const found = read({
      ...ada,
      groups: groups([['a'], ['b'], ['a']]),
      attributes: attributes([
        ['__proto__', 'x'],
        ['region', 'emea'],
        ['region', 'apac'],
        ['region', 'emea'],
      ]),
    });
    if (typeof found === 'string') throw new Error(found);
    const { groups: names, authorizations } = userInfoOf(found);
    expect(names).to.deep.equal([{ name: 'a' }, { name: 'b' }]);
    expect(Object.entries(authorizations)).to.deep.equal([
      ['__proto__', ['x']],
      ['region', ['emea', 'apac']],
    ]);
    expect(originsOf(found).authorizations.at(-1)).to.deep.equal({
      name: 'region',
      value: 'apac',
      origin: 'attributesQuery, row 3, column value',
    });
  });

  it('contain an attribute for each column that is not NULL', () => {
    const wide = attributes(
      [
        ['ada', 'finance', null],
        ['ada', 'sales', null],
      ],
      ['userid', 'department', 'region'],
    );
    const found = read({ ...ada, attributes: wide }, { attributeLayout: 'columns' });
    if (typeof found === 'string') throw new Error(found);
    expect(userInfoOf(found).authorizations).to.deep.equal({ department: ['finance', 'sales'] });
  });
});
