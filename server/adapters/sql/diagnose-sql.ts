// Diagnosis of the source `sql`, by kind of database.
import type { SqlSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { doubtful, type Findings, failure, works } from '../../doctor/probes/finding.ts';
import { probeFile } from '../../doctor/probes/probe-file.ts';
import { readFileState } from './sqlite-file.ts';

/** Diagnoses the connection only: the source's own check verifies that the queries work and the tables are readable. */
export async function* diagnoseSql({ connection, statementTimeoutMs }: SqlSourceConfig): Findings {
  switch (connection.system) {
    case 'postgresql':
      return yield* (await import('./diagnose-postgresql.ts')).diagnosePostgresql(connection, statementTimeoutMs);
    case 'mysql':
      return yield* (await import('./diagnose-mysql.ts')).diagnoseMysql(connection, statementTimeoutMs);
    case 'sqlite':
      return yield* diagnoseSqlite(connection.path);
  }
}

async function* diagnoseSqlite(path: string): Findings {
  if (!(yield* probeFile(path))) return false;
  try {
    const { busy } = readFileState(path);
    if (busy === null) yield works('file', 'is an SQLite file that is not being written to');
    else yield doubtful('file', `${path} ${busy}`, 'lookups wait for its writer for up to lockTimeoutMs');
    yield works('rights', 'the server reads a private copy and never writes to the file');
    return true;
  } catch (error) {
    yield failure('file', error);
    return false;
  }
}
