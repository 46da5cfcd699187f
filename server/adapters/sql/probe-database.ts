// Diagnosis that all databases on a network have in common: connection, protocol, TLS, and what a failed login means.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { MysqlConfig, PostgresqlConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { sourceErrorOf } from './driver-errors.ts';
import {
  type DatabaseProtocol,
  describeClosing,
  describeSilence,
  ProtocolError,
} from './foreign-server.ts';
import { readSqlTls } from './read-sql-tls.ts';
import { WireError } from './wire-error.ts';
import { type Finding, type Findings, failure } from '../../doctor/probes/finding.ts';
import { probeHost, type ShakeHands } from '../../doctor/probes/probe-host.ts';

/** Agrees on TLS as the protocol does, then shakes hands. `probed` is what is probed, for `readGreeting` and messages. */
export type NegotiateTls = (plain: Socket, shakeHands: ShakeHands, probed: ProbedDatabase) => Promise<TLSSocket>;

export interface ProbedDatabase {
  readonly protocol: DatabaseProtocol;
  /** "HOST:PORT". */
  readonly place: string;
  readonly timeoutMs: number;
}

/** Name, port and, where the configuration has `tls`, the certificate. Nothing secret is sent. */
export async function* probeDatabase(config: PostgresqlConfig | MysqlConfig, negotiate: NegotiateTls): Findings {
  const { host, port, acquireTimeoutMs: timeoutMs, tls, system } = config;
  try {
    const options = tls && readSqlTls(tls, host);
    const section = 'source.connection.tls';
    const place = host.startsWith('/') ? host : `${host}:${port}`;
    const agree = (plain: Socket, shakeHands: ShakeHands) =>
      negotiate(plain, shakeHands, { protocol: system, place, timeoutMs });
    const own = options && { tls: { options, serverName: tls?.serverName ?? host, section, negotiate: agree } };
    // Of PostgreSQL the configuration has the folder, as libpq does.
    const isFolder = system === 'postgresql' && host.startsWith('/');
    return yield* probeHost({ host: isFolder ? `${host}/.s.PGSQL.${port}` : host, port, timeoutMs, ...own });
  } catch (error) {
    yield failure('TLS', error);
    return false;
  }
}

const loginRemedy =
  'compare connection.user and connection.password with the database, and its rules for who may log in from here';
const databaseRemedy = 'compare connection.database with the server, and whether the account may use it';
const loginCodes = ['28P01', '28000', 'ER_ACCESS_DENIED_ERROR', 'ER_HOST_NOT_PRIVILEGED', 'ER_NOT_SUPPORTED_AUTH_MODE'];
/** PostgreSQL's, then MySQL's: the account was let in, and the database was not there, or not for this account. */
const databaseCodes = ['3D000', '42501', 'ER_BAD_DB_ERROR', 'ER_DBACCESS_DENIED_ERROR'];

/** A connection that failed before or at the login. Only what the database itself rejected is a matter of the password. */
export function loginFailure(error: unknown): Finding {
  if (error instanceof ProtocolError || error instanceof WireError) return failure('protocol', error);
  const code = (error as { code?: string }).code ?? '';
  const remedy = databaseCodes.includes(code) ? databaseRemedy : loginCodes.includes(code) ? loginRemedy : undefined;
  return failure('login', sourceErrorOf(error, 'The login', 'unavailable'), remedy);
}

/** What everybody may do who only reads. */
export const rightsCure =
  'let the source log in as an account of its own that has SELECT on what the queries read, and nothing else';

/** Reads the bytes that come first. @throws {ProtocolError} when there are none in time, or the server closes. */
export function readGreeting(plain: Socket, { protocol, place, timeoutMs }: ProbedDatabase): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(describeSilence(protocol, place, timeoutMs)), timeoutMs);
    plain.once('data', resolve).once('close', () => reject(describeClosing(protocol, place)));
    plain.once('data', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  });
}
