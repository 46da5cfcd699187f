// Diagnosis of `sql` with PostgreSQL: connection, TLS, login, clock, and what the role may do beyond reading.
import pg from 'pg';
import type { PostgresqlConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { compareClocks } from '../../doctor/probes/compare-clocks.ts';
import { count, doubtful, type Finding, type Findings, failure, works } from '../../doctor/probes/finding.ts';
import { probeHost } from '../../doctor/probes/probe-host.ts';
import { certificateFinding } from '../../doctor/probes/tls-findings.ts';
import { loginFailure, placeOf, rightsRemedy } from './database-findings.ts';
import { sourceErrorOf } from './driver-errors.ts';
import { loginOf } from './postgres-driver.ts';

/** Diagnoses the connection. The driver negotiates TLS and logs in; its errors show which step failed. */
export async function* diagnosePostgresql(config: PostgresqlConfig, statementTimeoutMs: number): Findings {
  const { host, port, acquireTimeoutMs } = config;
  let login: ReturnType<typeof loginOf>;
  try {
    login = loginOf(config);
  } catch (error) {
    yield failure('TLS', error);
    return false;
  }
  // The configuration names the directory of the socket, as libpq does.
  const target = host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : host;
  if (!(yield* probeHost({ host: target, port, timeoutMs: acquireTimeoutMs }))) return false;
  const certificate: Finding[] = [];
  const client = new pg.Client({
    ...login,
    stream: () => {
      const stream = login.stream();
      return stream.once('connect', () => {
        if (stream.secure !== null) certificate.push(certificateFinding(stream.secure, placeOf(config)));
      });
    },
    // Longer than the stream's timeout, whose message names the pending step.
    connectionTimeoutMillis: acquireTimeoutMs + 1000,
    query_timeout: statementTimeoutMs,
  });
  // If the server disconnects in the meantime, the pending query fails, which is sufficient.
  client.on('error', () => undefined);
  const outcome = await client.connect().then(
    () => works('login', `the database ${config.database} accepts the role`),
    (error: unknown) => loginFailure(error, placeOf(config)),
  );
  yield* certificate;
  yield outcome;
  if (outcome.verdict === 'fails') return false;
  try {
    yield* diagnoseServer(client, config.host);
    return true;
  } catch (error) {
    yield failure('rights', sourceErrorOf(error, 'Querying the catalog'));
    return false;
  } finally {
    await client.end();
  }
}

/** Counts the tables that the role can modify, and returns whether it is a superuser. */
const countWritable = `
  SELECT count(c.oid)::int AS writable, bool_or(r.rolsuper) AS is_superuser,
         extract(epoch FROM clock_timestamp()) * 1000 AS now_ms
  FROM pg_catalog.pg_roles r
  LEFT JOIN pg_catalog.pg_class c
    ON c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND c.relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace
                              WHERE nspname IN ('pg_catalog', 'information_schema') OR nspname LIKE 'pg\\_t%')
   AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
  WHERE r.rolname = current_user`;

async function* diagnoseServer(client: pg.Client, host: string): AsyncGenerator<Finding> {
  const requestedMs = Date.now();
  const { rows } = await client.query<{ writable: number; is_superuser: boolean; now_ms: string }>(countWritable);
  const [{ writable = 0, is_superuser: isSuperuser = false, now_ms: nowMs = '' } = {}] = rows;
  yield compareClocks(host, Number(nowMs), requestedMs, Date.now());
  if (isSuperuser) yield doubtful('rights', 'the role is a superuser', rightsRemedy);
  else if (writable > 0) yield doubtful('rights', `the role can modify ${count(writable, 'table')}`, rightsRemedy);
  else yield works('rights', 'the role cannot modify any table');
}
