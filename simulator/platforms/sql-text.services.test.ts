// Tests that names are quoted safely: the database or the shell reads the original name. PostgreSQL stands in for Redshift, which is derived from it.
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { type PostgresService, startPostgres } from '../../tests/services/postgres.ts';
import { quoteShellWord } from './shell-word.ts';
import {
  canBeQuoted,
  quoteEscapedString,
  quoteName,
  quoteSparkValue,
  quoteSynapseName,
  quoteSynapseString,
} from './sql-text.ts';

const hostile = [
  `o'brien`,
  `'; DROP TABLE users; --`,
  `\\'; DROP TABLE users; --`,
  `\\`,
  `"`,
  '`',
  '$(id)',
  '-x',
  'é\u{1f600}',
];
const quotable = fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => text !== '' && canBeQuoted(text));

describe('names in statements', () => {
  describe('in Redshift and Snowflake', () => {
    let postgres: PostgresService;
    before(async function () {
      this.timeout(60_000);
      postgres = await startPostgres();
      // As in Redshift, a backslash within quotes starts an escape; this setting applies from the next connection.
      await postgres.query('postgres', 'ALTER ROLE admin SET standard_conforming_strings = off');
    });
    after(() => postgres.stop());

    it('are returned by the database unchanged, as string and as name', async () => {
      const names = [...hostile, ...fc.sample(quotable, { numRuns: 300, seed: 7 })];
      const columns = names
        .map((name) => `${quoteEscapedString(name)} AS ${quoteName('c')}`)
        .join(' UNION ALL SELECT ');
      const rows = await postgres.query<{ c: string }>('postgres', `SELECT ${columns}`);
      expect(rows.map(({ c }) => c)).to.deep.equal(names);
      for (const name of hostile) {
        const [row] = await postgres.query<Record<string, number>>('postgres', `SELECT 1 AS ${quoteName(name)}`);
        expect(Object.keys(row ?? {})).to.deep.equal([name]);
      }
    }).timeout(60_000);
  });

  it('are returned by a shell unchanged', () => {
    for (const name of [...hostile, ...fc.sample(quotable, { numRuns: 30, seed: 8 })]) {
      const printed = execFileSync('sh', ['-c', `printf '%s' ${quoteShellWord(name)}`], { encoding: 'utf8' });
      expect(printed).to.equal(name);
      expect(quoteShellWord(name).startsWith('-')).to.equal(false);
    }
  });

  it('in T-SQL have only their quotes doubled, and an N prefix when they are not ASCII', () => {
    expect(quoteSynapseString(`o'brien\\`)).to.equal(`'o''brien\\'`);
    expect(quoteSynapseString(`zoë`)).to.equal(`N'zoë'`);
    expect(quoteSynapseName(`o'brien`)).to.equal(`N'o''brien'`);
  });

  it('in Spark are unquoted when possible, and otherwise in backticks', () => {
    expect(quoteSparkValue('ada.l-b+c@example.com')).to.equal('ada.l-b+c@example.com');
    expect(quoteSparkValue('a b; set x=`y`')).to.equal('`a b; set x=``y```');
  });

  it('are rejected with control characters, line separators and halves of surrogate pairs', () => {
    for (const name of ['a\nb', 'a\0', 'a\u0085', 'a\u2028b', 'a\ud800']) expect(canBeQuoted(name)).to.equal(false);
    for (const name of hostile) expect(canBeQuoted(name)).to.equal(true);
  });
});
