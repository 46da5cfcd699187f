// Diagnosis of `sql` over PostgreSQL: connection, protocol, login, clock, and what the role may do beyond reading.
import type { Socket } from 'node:net';
import pg from 'pg';
import type { PostgresqlConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { sourceErrorOf } from './driver-errors.ts';
import { describeForeignServer } from './foreign-server.ts';
import { loginOf } from './postgres-driver.ts';
import { SourceError } from '../user-source.ts';
import { compareClocks } from '../../doctor/probes/compare-clocks.ts';
import { count, doubtful, type Finding, type Findings, failure, works } from '../../doctor/probes/finding.ts';
import { loginFailure, type ProbedDatabase, probeDatabase, readGreeting, rightsCure } from './probe-database.ts';
import type { ShakeHands } from '../../doctor/probes/probe-host.ts';

export async function* diagnosePostgresql(config: PostgresqlConfig, statementTimeoutMs: number): Findings {
  if (!(yield* probeDatabase(config, askForTls))) return false;
  const client = new pg.Client({
    ...loginOf(config),
    // Later than the stream gives up, whose message says what was waited for.
    connectionTimeoutMillis: config.acquireTimeoutMs + 1000,
    query_timeout: statementTimeoutMs,
  });
  // A server that goes away meanwhile fails the query under way; that is enough.
  client.on('error', () => undefined);
  try {
    await client.connect();
    yield works('login', `the database ${config.database} takes the role`);
  } catch (error) {
    yield loginFailure(error);
    return false;
  }
  try {
    yield* askPostgresql(client, config.host);
    return true;
  } catch (error) {
    yield failure('rights', sourceErrorOf(error, 'Asking the catalogue'));
    return false;
  } finally {
    await client.end();
  }
}

/** https://www.postgresql.org/docs/current/protocol-flow.html, "SSL Session Encryption". */
async function askForTls(plain: Socket, shakeHands: ShakeHands, probed: ProbedDatabase) {
  plain.write(Buffer.from('0000000804d2162f', 'hex'));
  const answer = await readGreeting(plain, probed);
  if (answer.toString('latin1') === 'S') return shakeHands(plain);
  if (answer.toString('latin1') !== 'N') throw describeForeignServer('postgresql', probed.place, answer);
  throw new SourceError('unavailable', 'The database does not offer TLS; set `ssl = on` there.');
}

/** Rights to change data, which nobody needs who only reads. */
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

async function* askPostgresql(client: pg.Client, host: string): AsyncGenerator<Finding> {
  const askedMs = Date.now();
  const { rows } = await client.query<{ writable: number; is_superuser: boolean; now_ms: string }>(countWritable);
  const [{ writable = 0, is_superuser: isSuperuser = false, now_ms: nowMs = '' } = {}] = rows;
  yield compareClocks(host, Number(nowMs), askedMs, Date.now());
  if (isSuperuser) yield doubtful('rights', 'the role is a superuser', rightsCure);
  else if (writable > 0) yield doubtful('rights', `the role may change ${count(writable, 'table')}`, rightsCure);
  else yield works('rights', 'the role may change no table');
}
