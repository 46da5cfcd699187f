// Adapter `sql`: users in a PostgreSQL, MySQL, MariaDB or SQLite database.
import type { Adapter } from '../adapter.ts';
import { sqlOptionRules } from './sql-option-rules.ts';

const sql: Adapter<'sql'> = {
  type: 'sql',
  validate: sqlOptionRules,
  create: async (config, context) => (await import('./sql-source.ts')).createSqlSource(config, context),
  async *diagnose(config) {
    return yield* (await import('./diagnose-sql.ts')).diagnoseSql(config);
  },
};
export default sql;
