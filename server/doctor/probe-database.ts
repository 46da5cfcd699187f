// Owns what the diagnoses of all databases on a network have in common: the way to them, and what a refused login means.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { MysqlConfig, PostgresqlConfig } from '../../schemas/generated/loaded-server-config.ts';
import { sourceErrorOf } from '../adapters/sql/driver-errors.ts';
import { readSqlTls } from '../adapters/sql/read-sql-tls.ts';
import { type Finding, type Findings, failure } from './finding.ts';
import { probeHost, type ShakeHands } from './probe-host.ts';

/** Agrees on TLS as the protocol does, then shakes hands. */
export type NegotiateTls = (plain: Socket, shakeHands: ShakeHands) => Promise<TLSSocket>;

/** Name, port and, where the configuration has `tls`, the certificate. Nothing secret is sent. */
export async function* probeDatabase(config: PostgresqlConfig | MysqlConfig, negotiate: NegotiateTls): Findings {
  const { host, port, acquireTimeoutMs: timeoutMs, tls, system } = config;
  try {
    const options = tls && readSqlTls(tls, host);
    const section = 'source.connection.tls';
    const own = options && { tls: { options, serverName: tls?.serverName ?? host, section, negotiate } };
    // Of PostgreSQL the configuration has the folder, as libpq does.
    const isFolder = system === 'postgresql' && host.startsWith('/');
    return yield* probeHost({ host: isFolder ? `${host}/.s.PGSQL.${port}` : host, port, timeoutMs, ...own });
  } catch (error) {
    yield failure('TLS', error);
    return false;
  }
}

const loginCure =
  'compare connection.user and connection.password with the database, and its rules for who may log in from here';
const databaseCure = 'compare connection.database with the server, and whether the account may use it';
/** PostgreSQL's, then MySQL's: the account was let in, and the database was not there, or not for this account. */
const databaseCodes = ['3D000', '42501', 'ER_BAD_DB_ERROR', 'ER_DBACCESS_DENIED_ERROR'];

/** A login that failed. */
export function loginFailure(error: unknown): Finding {
  const isDatabase = databaseCodes.includes((error as { code?: string }).code ?? '');
  return failure('login', sourceErrorOf(error, 'The login', 'unavailable'), isDatabase ? databaseCure : loginCure);
}

/** What everybody may do who only reads. */
export const rightsCure =
  'let the source log in as an account of its own that has SELECT on what the queries read, and nothing else';

/** Bytes that come first. @throws an ECONNRESET when there are none. */
export function readGreeting(plain: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    plain.once('data', resolve).once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}
