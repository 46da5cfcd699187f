// Tests how the text of a query is parsed: what is bound, what is left unchanged, and what is rejected.
import { expect } from 'chai';
import fc from 'fast-check';
import { bindUserid, type SqlSystem, SqlTextFault } from './sql-text.ts';

const systems = ['postgresql', 'mysql', 'sqlite'] as const satisfies readonly SqlSystem[];
// Joined at run time, because the first two characters would look like a template expression in the source code.
const interpolation = ['$', '{userid}'].join('');
const placeholderOf = { postgresql: '$1::text', mysql: '?', sqlite: '?1' } as const;

/** Texts that every system parses alike; `@` stands for the driver's placeholder. */
const boundEverywhere: Readonly<Record<string, readonly [text: string, bound: string]>> = {
  'a plain query': ['SELECT login FROM users WHERE login = :userid', 'SELECT login FROM users WHERE login = @'],
  'a semicolon at the end': ['SELECT :userid ; -- done', 'SELECT @'],
  'small letters and outer spaces': ['\n select :userid\n', 'select @'],
  'a common table expression': ['WITH u AS (SELECT :userid) SELECT * FROM u', 'WITH u AS (SELECT @) SELECT * FROM u'],
  'parentheses first': ['(SELECT :userid)', '(SELECT @)'],
  'a doubled quote': ["SELECT 'it''s', :userid", "SELECT 'it''s', @"],
  'a semicolon in a literal': ["SELECT ';', :userid", "SELECT ';', @"],
  'a comment mark in a literal': ["SELECT '--', '/*', :userid", "SELECT '--', '/*', @"],
  'a quote in a comment': ["SELECT /* it's */ :userid", "SELECT /* it's */ @"],
  'a placeholder in a comment': ['SELECT /* not :other */ :userid -- nor %s', 'SELECT /* not :other */ @ -- nor %s'],
  'a longer name in a literal': ["SELECT ':useridentity', :userid", "SELECT ':useridentity', @"],
  'a pattern that has %s in it': ["SELECT :userid WHERE x LIKE '%smith'", "SELECT @ WHERE x LIKE '%smith'"],
};

const bound: Readonly<Record<SqlSystem, Readonly<Record<string, readonly [text: string, bound: string]>>>> = {
  postgresql: {
    'casts and assignments': ['SELECT :userid::text, a := b', 'SELECT $1::text::text, a := b'],
    'two places with one placeholder': ['SELECT :userid, :userid', 'SELECT $1::text, $1::text'],
    'a back-slash in a standard literal': ["SELECT 'a\\', :userid", "SELECT 'a\\', $1::text"],
    'a back-slash in an E literal': ["SELECT E'it\\'s', :userid", "SELECT E'it\\'s', $1::text"],
    'dollar quotes': ["SELECT $$it's ; $1$$, $a$ $$ $a$, :userid", "SELECT $$it's ; $1$$, $a$ $$ $a$, $1::text"],
    'a nested comment': ['SELECT /* a /* b */ ; */ :userid', 'SELECT /* a /* b */ ; */ $1::text'],
    'a question mark as an operator': ["SELECT a ? 'b', :userid", "SELECT a ? 'b', $1::text"],
    'a dollar in a name': ['SELECT a$1, :userid', 'SELECT a$1, $1::text'],
    'a back-quote': ['SELECT a ` b, :userid', 'SELECT a ` b, $1::text'],
  },
  mysql: {
    'a placeholder for each place': ['SELECT :userid, :userid', 'SELECT ?, ?'],
    'a back-slash before a quote': ["SELECT 'it\\'s ;', :userid", "SELECT 'it\\'s ;', ?"],
    'double quotes as a literal': ['SELECT "it\\"s ;", :userid', 'SELECT "it\\"s ;", ?'],
    'a question mark in quotes': ["SELECT 'a?', `b?`, :userid", "SELECT 'a?', `b?`, ?"],
    'a comment after #': ["SELECT :userid # it's", "SELECT ? # it's"],
    'two minus signs without a space': ['SELECT 1--1, :userid', 'SELECT 1--1, ?'],
    'an optimizer hint': ['SELECT /*+ NO_ICP(t) */ :userid', 'SELECT /*+ NO_ICP(t) */ ?'],
  },
  sqlite: {
    'brackets around a name': ['SELECT [a;b], :userid', 'SELECT [a;b], ?1'],
    'a back-quoted name': ['SELECT `a;b`, :userid', 'SELECT `a;b`, ?1'],
  },
};

const refusedEverywhere: Readonly<Record<string, readonly [text: string, words: string]>> = {
  'an interpolation of JavaScript or YAML': [`SELECT '${interpolation}', :userid`, 'inside quotes'],
  'an interpolation without quotes': [
    `SELECT login FROM users WHERE login = ${interpolation}`,
    'never inserted as text',
  ],
  'a format of Python in quotes': ["SELECT a FROM b WHERE c = '%s'", 'inside quotes'],
  'a format of Python': ['SELECT a FROM b WHERE c = %s', 'never inserted as text'],
  'a named format of Python': ['SELECT a FROM b WHERE c = %(userid)s', 'never inserted as text'],
  'a format string': ["SELECT a FROM b WHERE c = '{userid}'", 'inside quotes'],
  'a placeholder in quotes': ["SELECT a FROM b WHERE c = ':userid'", 'inside quotes'],
  'a placeholder in a pattern': ["SELECT a FROM b WHERE c LIKE '%:userid%' OR d = :userid", 'inside quotes'],
  'another placeholder': ['SELECT a FROM b WHERE c = :login', 'only :userid is bound'],
  'no placeholder': ['SELECT login FROM users', 'every user would get the same'],
  'a placeholder in a comment only': ['SELECT login FROM users -- :userid', 'every user would get the same'],
  'two statements': ['SELECT :userid; SELECT 2', 'more than one statement'],
  'a second statement that is a literal': ["SELECT :userid; 'a'", 'more than one statement'],
  'a statement that writes': ['DELETE FROM users WHERE login = :userid', 'read-only'],
  nothing: [' -- nothing', 'read-only'],
  'an unterminated literal': ["SELECT 'a, :userid", 'does not end'],
  'an unterminated comment': ['SELECT :userid /* a', 'does not end'],
};

const refused: Readonly<Record<SqlSystem, Readonly<Record<string, readonly [text: string, words: string]>>>> = {
  postgresql: {
    'a numbered placeholder': ['SELECT a FROM b WHERE c = $1', 'write :userid'],
    'a literal after an E literal with a quote': ["SELECT E'a\\' ; :userid", 'does not end'],
  },
  mysql: {
    'a question mark': ['SELECT a FROM b WHERE c = ?', 'write :userid'],
    'a comment that is executed': ['SELECT /*!50000 1, */ :userid', 'which MySQL or MariaDB executes'],
    'a comment that MariaDB executes': ['SELECT /*M! 1, */ :userid', 'which MySQL or MariaDB executes'],
  },
  sqlite: {
    'a question mark': ['SELECT a FROM b WHERE c = ?', 'write :userid'],
    'a name after @': ['SELECT a FROM b WHERE c = @userid', 'write :userid'],
    'a name after $': ['SELECT a FROM b WHERE c = $userid', 'write :userid'],
  },
};

describe('the text of a query', () => {
  for (const system of systems) {
    for (const [title, [text, expected]] of Object.entries(boundEverywhere)) {
      it(`${system}: binds in ${title}`, () => {
        const wanted = expected.replaceAll('@', placeholderOf[system]);
        expect(bindUserid(text, system).text).to.equal(wanted);
      });
    }
    for (const [title, [text, expected]] of Object.entries(bound[system])) {
      it(`${system}: binds beside ${title}`, () => {
        expect(bindUserid(text, system).text).to.equal(expected);
      });
    }
    for (const [title, [text, words]] of Object.entries({ ...refusedEverywhere, ...refused[system] })) {
      it(`${system}: rejects ${title}`, () => {
        expect(() => bindUserid(text, system)).to.throw(SqlTextFault, words);
      });
    }

    it(`${system}: keeps text in quotes unchanged`, () => {
      const content = fc.string({
        unit: fc.constantFrom('a', ';', '?', '$', '1', '-', '*', '/', ':', ' ', '"', '`', '[', '#'),
      });
      fc.assert(
        fc.property(content, content, (one, other) => {
          const text = `SELECT '${one}', :userid, '${other}'`;
          const [before, after] = [`SELECT '${one}', `, `, '${other}'`];
          expect(bindUserid(text, system).text).to.equal(`${before}${placeholderOf[system]}${after}`);
        }),
      );
    });
  }

  it('counts the placeholders only for MySQL', () => {
    expect(bindUserid('SELECT :userid, :userid', 'mysql').placeholders).to.equal(2);
    expect(bindUserid('SELECT :userid, :userid', 'postgresql').placeholders).to.equal(1);
  });

  it('is bound, or rejected with an SqlTextFault, whatever the input', () => {
    const piece = fc.constantFrom(
      'SELECT ',
      ':userid',
      "'",
      '"',
      '`',
      '$',
      '$$',
      '--',
      '/*',
      '*/',
      '#',
      '\\',
      ';',
      'a',
      '\n',
      ':',
      '?',
      '[',
      ']',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom(...systems), (pieces, system) => {
        try {
          expect(bindUserid(pieces.join(''), system).text).to.include(placeholderOf[system]);
        } catch (error) {
          expect(error).to.be.instanceOf(SqlTextFault);
        }
      }),
    );
  });
});
