// Adapter `sql`: queries a database for each lookup, all queries in one snapshot.
import type { SqlSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { invalidOptions } from '../adapter.ts';
import { type AdapterContext, type LookUpSignal, type LookUpSource, SourceError } from '../user-source.ts';
import type { NamedQuery, SqlDriver, SqlResult } from './sql-driver.ts';
import { bindUserid, SqlTextFault } from './sql-text.ts';
import { originsOf, readUser, type UserResults, userInfoOf } from './user-rows.ts';

const absences = {
  none: 'userQuery returned no row',
  'other-spelling': 'userQuery returned a row whose userid is spelled differently; see caseInsensitive',
  disabled: 'disabledColumn marks the user as disabled',
  unstorable: 'a database cannot contain such a userid',
} as const;

const queryOptions = ['userQuery', 'groupsQuery', 'attributesQuery'] as const;

/**
 * Creates the source; it connects at the first lookup. `check` runs every query for a user who cannot exist, so that tables, columns, types and
 * permissions are verified before the first lookup.
 *
 * @throws {SourceError} 'unavailable' if a query's text is rejected, or a TLS file cannot be used.
 */
export async function createSqlSource(config: SqlSourceConfig, { log }: AdapterContext): Promise<LookUpSource> {
  const queries = readQueries(config);
  const driver = await createDriver(config, queries, log);
  let spellingLogged = false;

  function query(userid: string, signal: LookUpSignal) {
    return driver.run(userid, signal, (rows) => {
      const results = nameResults(queries, rows);
      return { results, found: readUser(results, userid, config) };
    });
  }

  async function find(userid: string, signal: LookUpSignal) {
    const { results, found } = await query(userid, signal);
    if (found === 'other-spelling' && !spellingLogged) {
      spellingLogged = true;
      const advice =
        'such a user is treated as unknown; see caseInsensitive, and the padding and collation of the column';
      log.warn(
        {},
        `sql: userQuery found a row whose ${config.useridColumn} is not exactly the requested userid; ${advice}`,
      );
    }
    return typeof found === 'string' ? null : { found, results };
  }

  return {
    takesLookUpSignal: true,
    async findUser(userid, signal) {
      // Not every database can store these characters in a text. Some would truncate or replace them, and find another user.
      if (!isStorable(userid)) return null;
      const answer = await find(userid, signal);
      return answer && userInfoOf(answer.found);
    },
    async isDisabled(userid, signal) {
      return isStorable(userid) && (await query(userid, signal)).found === 'disabled';
    },
    async explainUser(userid, signal) {
      if (!isStorable(userid)) return { absent: absences.unstorable, groups: [], authorizations: [] };
      const { results: named, found } = await query(userid, signal);
      const { user, groups, attributes } = named;
      const results = [user, groups, attributes].filter((result) => result !== null);
      const asked = queries.map(({ option, text }, index) => {
        const count = results[index]?.rows.length ?? 0;
        return { query: `${option}: ${text.replace(/\s+/g, ' ')}`, outcome: count === 1 ? '1 row' : `${count} rows` };
      });
      if (typeof found === 'string') return { absent: absences[found], groups: [], authorizations: [], asked };
      return { ...originsOf(found), asked };
    },
    async check() {
      await query('', new AbortController().signal);
    },
    ...(driver.pool && { pool: driver.pool.bind(driver) }),
    close: () => driver.close(),
  };
}

function readQueries(config: SqlSourceConfig): readonly NamedQuery[] {
  return queryOptions.flatMap((option) => {
    const text = config[option];
    if (text === undefined) return [];
    try {
      return [{ option, ...bindUserid(text, config.connection.system) }];
    } catch (error) {
      if (!(error instanceof SqlTextFault)) throw error;
      throw invalidOptions([{ option, message: error.message }]);
    }
  });
}

/** Loads only the driver that is used, because loading one takes as long as loading the rest of the adapter. */
async function createDriver(
  config: SqlSourceConfig,
  queries: readonly NamedQuery[],
  log: AdapterContext['log'],
): Promise<SqlDriver> {
  const { connection } = config;
  switch (connection.system) {
    case 'postgresql':
      return (await import('./postgres-driver.ts')).createPostgresDriver(connection, queries, config, log);
    case 'mysql':
      return (await import('./mysql-driver.ts')).createMysqlDriver(connection, queries, config);
    case 'sqlite':
      return (await import('./sqlite-driver.ts')).createSqliteDriver(connection, queries, config);
  }
}

function nameResults(queries: readonly NamedQuery[], results: readonly SqlResult[]): UserResults {
  const resultOf = (option: (typeof queryOptions)[number]) => {
    const result = results[queries.findIndex((query) => query.option === option)];
    return result === undefined ? null : { ...result, option };
  };
  const user = resultOf('userQuery');
  if (user === null) throw new SourceError('bad-answer', 'userQuery got no response.');
  return { user, groups: resultOf('groupsQuery'), attributes: resultOf('attributesQuery') };
}

/** Returns false if the userid contains a NUL, or a lone surrogate, which UTF-8 cannot represent. */
function isStorable(userid: string): boolean {
  return !userid.includes('\0') && !/\p{Surrogate}/u.test(userid);
}
