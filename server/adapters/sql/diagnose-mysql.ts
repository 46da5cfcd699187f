// Diagnosis of `sql` with MySQL and MariaDB: connection, TLS, login, clock, snapshots, and what the account may do.
import { once } from 'node:events';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import type { MysqlConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { compareClocks } from '../../doctor/probes/compare-clocks.ts';
import { count, doubtful, type Finding, type Findings, failure, works } from '../../doctor/probes/finding.ts';
import { probeHost } from '../../doctor/probes/probe-host.ts';
import { validityFinding } from '../../doctor/probes/tls-findings.ts';
import { loginFailure, placeOf, rightsRemedy } from './database-findings.ts';
import { sourceErrorOf } from './driver-errors.ts';
import { loginOf } from './mysql-driver.ts';
import { MysqlStream } from './mysql-stream.ts';

/** Diagnoses the connection. The driver negotiates TLS and logs in; its errors show which step failed. */
export async function* diagnoseMysql(config: MysqlConfig, statementTimeoutMs: number): Findings {
  const { host, port, acquireTimeoutMs: timeoutMs } = config;
  let login: ReturnType<typeof loginOf>;
  try {
    login = loginOf(config);
  } catch (error) {
    yield failure('TLS', error);
    return false;
  }
  if (!(yield* probeHost({ host, port, timeoutMs }))) return false;
  let connection: Connection;
  let streamError: unknown;
  // The driver replaces an error of the stream with its own.
  const keepError = (error: unknown) => {
    streamError = error;
  };
  try {
    await readGreeting(config);
    connection = await mysql.createConnection({ ...login, stream: () => login.stream().on('error', keepError) });
  } catch (error) {
    yield loginFailure(streamError ?? withTlsCode(error), placeOf(config));
    return false;
  }
  // If the server disconnects in the meantime, the pending query fails, which is sufficient.
  connection.on('error', () => undefined);
  const query = async (sql: string) =>
    (await connection.query<RowDataPacket[]>({ sql, timeout: statementTimeoutMs }))[0];
  try {
    if (config.tls) yield await findCertificate(query, config);
    yield works('login', `the database ${config.database} accepts the account`);
    yield* diagnoseServer(query, host);
    return true;
  } catch (error) {
    yield failure('rights', sourceErrorOf(error, 'Querying the properties of the server'));
    return false;
  } finally {
    connection.destroy();
  }
}

/**
 * Waits for the greeting, which precedes TLS. The driver interprets whatever arrives first as the greeting.
 *
 * @throws {SourceError} if a different kind of server responds, or no server does.
 */
async function readGreeting({ host, port, acquireTimeoutMs }: MysqlConfig): Promise<void> {
  const stream = new MysqlStream(host.startsWith('/') ? { path: host } : { host, port }, acquireTimeoutMs);
  try {
    await once(stream, 'data');
  } finally {
    stream.destroy();
  }
}

/** Beginnings of the certificate error messages of OpenSSL and Node, with their codes. */
const certificateCodes: ReadonlyArray<readonly [text: string, code: string]> = [
  ['certificate has expired', 'CERT_HAS_EXPIRED'],
  ['certificate is not yet valid', 'CERT_NOT_YET_VALID'],
  ['self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ['self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['unable to get local issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ['unable to get issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT'],
  ['unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ["Hostname/IP does not match certificate's altnames", 'ERR_TLS_CERT_ALTNAME_INVALID'],
];

/** Restores the code of a certificate error, which the driver replaces with HANDSHAKE_SSL_ERROR. */
function withTlsCode(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'HANDSHAKE_SSL_ERROR') return error;
  const known = certificateCodes.find(([text]) => message.startsWith(text));
  return known === undefined ? error : Object.assign(error as Error, { code: known[1] });
}

type RunQuery = (sql: string) => Promise<RowDataPacket[]>;

/** Evaluates the validity that the server reports for its certificate, which the driver has already verified. */
async function findCertificate(query: RunQuery, config: MysqlConfig): Promise<Finding> {
  const rows = await query("SHOW STATUS WHERE Variable_name IN ('Ssl_version', 'Ssl_server_not_after')");
  const status = new Map(rows.map((row) => [String(row.Variable_name), String(row.Value)]));
  const protocol = status.get('Ssl_version') ?? 'TLS';
  const expiresAtMs = Date.parse(status.get('Ssl_server_not_after') ?? '');
  if (Number.isNaN(expiresAtMs)) return works('TLS', `${protocol}, the certificate chain is valid`);
  return validityFinding(protocol, expiresAtMs, placeOf(config));
}

/** Privileges that allow only reading; EXECUTE is for functions in the queries. */
const readingRights: ReadonlySet<string> = new Set(['SELECT', 'USAGE', 'SHOW VIEW', 'SHOW DATABASES', 'EXECUTE']);

async function* diagnoseServer(query: RunQuery, host: string): AsyncGenerator<Finding> {
  const requestedMs = Date.now();
  const [clock] = await query('SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS now_ms');
  yield compareClocks(host, Number(clock?.now_ms), requestedMs, Date.now());

  await query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  await query('COMMIT');
  const others = await query(
    "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'",
  );
  yield others.length === 0
    ? works('snapshot', 'all queries of a lookup see the same snapshot')
    : doubtful(
        'snapshot',
        `${count(others.length, 'table')} of the database ${others.length === 1 ? 'has' : 'have'} an engine other than InnoDB, which may not support snapshots`,
        'run ALTER TABLE … ENGINE = InnoDB for the tables that the queries read. Otherwise, one lookup may see two states of the data',
      );

  const grants = (await query('SHOW GRANTS')).map((row) => String(Object.values(row)[0]));
  const excess = [...new Set(grants.flatMap(privilegesOf))].filter((right) => !readingRights.has(right));
  yield excess.length === 0
    ? works('rights', 'the account has read access only')
    : doubtful('rights', `the account has privileges other than read access: ${excess.join(', ')}`, rightsRemedy);
}

/** Returns the privileges: `GRANT SELECT (a, b), INSERT ON …` → SELECT, INSERT. A granted role has its own lines. */
function privilegesOf(grant: string): string[] {
  const [, list = ''] = /^GRANT (.+?) ON /.exec(grant) ?? [];
  return list
    .replaceAll(/\s*\([^)]*\)/g, '')
    .split(',')
    .map((right) => right.trim())
    .filter((right) => right !== '');
}
