// Loaded configurations of the SQL adapter and a readable log, for tests.
import type { SqlConnectionConfig, SqlSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import type { AdapterLog } from '../../user-source.ts';

/** The queries of the schemas in examples/sql/. */
const exampleQueries = {
  userQuery: 'SELECT login AS userid, disabled FROM users WHERE login = :userid',
  groupsQuery: 'SELECT login AS userid, group_name FROM memberships WHERE login = :userid',
  attributesQuery: 'SELECT login AS userid, name, value FROM attributes WHERE login = :userid',
  disabledColumn: 'disabled',
} as const;

/** Returns all options at their defaults except the given ones; without queries, those of the examples. */
export function sqlConfig(connection: SqlConnectionConfig, options: Partial<SqlSourceConfig> = {}): SqlSourceConfig {
  return {
    type: 'sql',
    connection,
    ...(options.userQuery === undefined ? exampleQueries : { userQuery: options.userQuery }),
    attributeLayout: 'rows',
    useridColumn: 'userid',
    caseInsensitive: false,
    maxRows: 10_000,
    statementTimeoutMs: 4000,
    lockTimeoutMs: 1000,
    ...options,
  };
}

export const silentLog: AdapterLog = { info() {}, warn() {}, error() {} };
