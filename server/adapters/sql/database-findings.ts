// Findings shared by the network databases: the address, the failed login, and the recommended permissions.
import type { DetailedPeerCertificate } from 'node:tls';
import type { MysqlConfig, PostgresqlConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type Finding, failure } from '../../doctor/probes/finding.ts';
import { handshakeFailure, type TlsPlace } from '../../doctor/probes/tls-findings.ts';
import { isTlsFailure, sourceErrorOf } from './driver-errors.ts';
import { ProtocolError, TlsNotOffered, WireError } from './foreign-server.ts';

/** Returns the database's host and port, for messages. */
export function placeOf({ host, port }: PostgresqlConfig | MysqlConfig): TlsPlace {
  return { place: host.startsWith('/') ? host : `${host}:${port}`, section: 'source.connection.tls' };
}

const loginRemedy =
  'compare connection.user and connection.password with the account in the database. Check whether the database allows logins from this host';
const databaseRemedy = 'check that connection.database exists on the server, and that the account may use it';
const loginCodes = ['28P01', '28000', 'ER_ACCESS_DENIED_ERROR', 'ER_HOST_NOT_PRIVILEGED', 'ER_NOT_SUPPORTED_AUTH_MODE'];
/** Error codes of PostgreSQL, then of MySQL: the login succeeded, but the database does not exist or this account may not use it. */
const databaseCodes = ['3D000', '42501', 'ER_BAD_DB_ERROR', 'ER_DBACCESS_DENIED_ERROR'];

/** Returns the finding for an error that a driver reports before the login ends: protocol, TLS, login or database. */
export function loginFailure(error: unknown, at: TlsPlace): Finding {
  if (error instanceof ProtocolError || error instanceof WireError) return failure('protocol', error);
  const { code = '', cert } = error as { readonly code?: string; readonly cert?: DetailedPeerCertificate };
  if (error instanceof TlsNotOffered || code === 'HANDSHAKE_NO_SSL_SUPPORT') {
    return failure('TLS', sourceErrorOf(error, 'The login'));
  }
  if (isTlsFailure(code)) return handshakeFailure(code, at, cert);
  const remedy = databaseCodes.includes(code) ? databaseRemedy : loginCodes.includes(code) ? loginRemedy : undefined;
  return failure('login', sourceErrorOf(error, 'The login', 'unavailable'), remedy);
}

export const rightsRemedy = 'use a separate account with SELECT on the tables of the queries and no other privilege';
