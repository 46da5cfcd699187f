// Conversion of a database driver's errors to SourceErrors: the kind, and a message without user data.
import { within } from '../../within.ts';
import { type LookUpSignal, SourceError, type SourceErrorKind } from '../user-source.ts';

/** The part of a driver's error that is safe to show: the database's own message may quote the userid or a row. */
interface DriverError {
  readonly code: string;
  readonly kind: SourceErrorKind;
  readonly advice: string;
}

const network = /^(?:E[A-Z]+|ERR_SSL_\w+|ERR_TLS_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|\w+_CERT\w*|UNABLE_TO_\w+)$/;

/** SQLSTATE of PostgreSQL: map from a code, or its class of two characters, to its meaning for a lookup. */
const sqlStates: Readonly<Record<string, readonly [SourceErrorKind, string]>> = {
  '57014': [
    'too-slow',
    'the query ran longer than statementTimeoutMs (an index may be missing), or an administrator canceled it',
  ],
  '55P03': ['too-slow', 'a lock was not released within lockTimeoutMs'],
  '42501': ['bad-answer', 'the role has no permission to read a table in the query; GRANT SELECT on that table'],
  '42P01': ['bad-answer', 'a table in the query does not exist; compare the query with the database'],
  '42703': ['bad-answer', 'a column in the query does not exist; compare the query with the database'],
  '42883': ['bad-answer', 'types do not match; the userid is text, so cast the column, as in id::text = :userid'],
  '25006': ['bad-answer', 'the query writes; lookups are read-only'],
  '0A000': [
    'unavailable',
    'the tables changed since the queries were prepared, or the database does not support a feature in a query',
  ],
  '3D000': ['unavailable', 'the database does not exist; check connection.database'],
  '08': ['unavailable', 'the connection failed'],
  '28000': [
    'unavailable',
    'the database does not allow this login: compare user, database, address and TLS with its roles and pg_hba.conf',
  ],
  '28': [
    'unavailable',
    'the database rejected the login; check connection.user, connection.password and the client certificate',
  ],
  '40': ['unavailable', 'the transaction was rolled back by the database'],
  '53': ['unavailable', 'the database is out of connections, memory or disk space'],
  '57': ['unavailable', 'the database is shutting down or starting'],
};

/** Error names of MySQL and MariaDB. */
const mysqlErrors: Readonly<Record<string, readonly [SourceErrorKind, string]>> = {
  ER_QUERY_TIMEOUT: ['too-slow', 'the query ran longer than statementTimeoutMs; an index may be missing'],
  ER_STATEMENT_TIMEOUT: ['too-slow', 'the query ran longer than statementTimeoutMs; an index may be missing'],
  ER_LOCK_WAIT_TIMEOUT: ['too-slow', 'a lock was not released within lockTimeoutMs'],
  ER_QUERY_INTERRUPTED: ['too-slow', 'the query was canceled in the database'],
  ER_LOCK_DEADLOCK: ['unavailable', 'the transaction was rolled back by the database'],
  ER_ACCESS_DENIED_ERROR: [
    'unavailable',
    'the database rejected the login; compare connection.user and connection.password',
  ],
  ER_DBACCESS_DENIED_ERROR: ['unavailable', 'the account has no permission to use connection.database'],
  ER_BAD_DB_ERROR: ['unavailable', 'the database does not exist; check connection.database'],
  ER_CON_COUNT_ERROR: ['unavailable', 'the database is out of connections'],
  ER_SERVER_SHUTDOWN: ['unavailable', 'the database is shutting down'],
  ER_CONNECTION_KILLED: ['unavailable', 'the connection was terminated in the database'],
  PROTOCOL_CONNECTION_LOST: ['unavailable', 'the connection failed'],
  HANDSHAKE_NO_SSL_SUPPORT: ['unavailable', 'the database does not offer TLS; see connection.tls'],
  HANDSHAKE_SSL_ERROR: ['unavailable', 'TLS failed; see connection.tls'],
  ER_TABLEACCESS_DENIED_ERROR: [
    'bad-answer',
    'the role has no permission to read a table in the query; GRANT SELECT on that table',
  ],
  ER_NO_SUCH_TABLE: ['bad-answer', 'a table in the query does not exist; compare the query with the database'],
  ER_BAD_FIELD_ERROR: ['bad-answer', 'a column in the query does not exist; compare the query with the database'],
  ER_PARSE_ERROR: ['bad-answer', 'the query has a syntax error'],
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: ['bad-answer', 'the query writes; lookups are read-only'],
};

/** The query that failed: its option ("groupsQuery") and its text. */
export interface FailedQuery {
  readonly option: string;
  readonly text: string;
}

/**
 * Returns the SourceError for a driver's error; a SourceError is returned unchanged.
 *
 * @param failed the query, or a phrase such as "Connecting to the database".
 * @param otherwise the kind of an unknown error.
 */
export function sourceErrorOf(
  error: unknown,
  failed: string | FailedQuery,
  otherwise: SourceErrorKind = 'bad-answer',
): SourceError {
  if (error instanceof SourceError) return error;
  const { kind, code, advice } = classifyError(error, otherwise);
  const [what, name] =
    typeof failed === 'string' ? [failed, null] : [failed.option, missingName(error, code, failed.text)];
  const named = name === null ? advice : advice.replace(/^a (table|column)/, `the $1 ${name}`);
  return new SourceError(kind, `${what} failed (${code}): ${named}.`);
}

/**
 * Waits for a driver for at most `limitMs`, or until `signal` is aborted. The work itself continues; the caller has to end it.
 *
 * @param what the beginning of the message, e.g. "The database did not respond".
 * @param takeLate receives the result of the work after the wait has ended.
 * @throws {SourceError} 'too-slow'.
 */
export function withinLimit<T>(
  work: Promise<T>,
  limitMs: number,
  signal: LookUpSignal,
  what: string,
  takeLate?: (value: T) => void,
): Promise<T> {
  const tooSlow = (message: string) => () => new SourceError('too-slow', message);
  return within(work, {
    timeout: { ms: limitMs, error: tooSlow(`${what} within ${limitMs} ms.`) },
    abort: { signal, error: tooSlow('The lookup was canceled before the database responded.') },
    ...(takeLate && { takeLate }),
  });
}

const missingCodes = ['42P01', '42703', 'ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR'];

/** Finds the table or column that does not exist. Its name is in the query's text, which contains no user data. */
function missingName(error: unknown, code: string, text: string): string | null {
  if (!missingCodes.includes(code)) return null;
  const { position, message } = error as { position?: string; message?: string };
  // PostgreSQL reports the position, MySQL quotes the name; the text around it may be in any language.
  const [found = ''] =
    position === undefined
      ? (/(?<=')[^']+(?=')/.exec(message ?? '') ?? [])
      : (/^(?:"[^"]*"|[\w$.])+/.exec([...text].slice(Number(position) - 1).join('')) ?? []);
  return found === '' || found.length > 100 || /\p{Cc}/u.test(found) ? null : found;
}

function classifyError(error: unknown, otherwise: SourceErrorKind): DriverError {
  const code = codeOf(error);
  const [kind, advice] = mysqlErrors[code] ?? sqlStates[code] ?? sqlStates[code.slice(0, 2)] ?? [];
  if (kind !== undefined && advice !== undefined && !network.test(code)) return { code, kind, advice };
  if (code === 'ETIMEDOUT') return { code, kind: 'too-slow', advice: 'the connection timed out' };
  if (network.test(code) && !code.startsWith('ER_')) {
    const advice = isTlsFailure(code) ? 'TLS failed; see connection.tls' : 'the connection failed';
    return { code, kind: 'unavailable', advice };
  }
  return { code, kind: otherwise, advice: "the database or its driver rejected the request; see the database's log" };
}

/** Returns whether a code is a TLS error code of Node or OpenSSL. */
export function isTlsFailure(code: string): boolean {
  return /^(?!ER_).*(?:CERT|TLS|SSL|UNABLE)/.test(code);
}

function codeOf(error: unknown): string {
  const { code, errno, message } = error as { code?: unknown; errno?: unknown; message?: unknown };
  // This error number is specific to MariaDB; the driver has no name for it.
  if (errno === 1969) return 'ER_STATEMENT_TIMEOUT';
  if (typeof code === 'string' && code !== '') return code;
  // pg has no codes for these errors, so its own message texts identify them.
  const text = typeof message === 'string' ? message : '';
  if (/time(?:out|d out)/i.test(text)) return 'ETIMEDOUT';
  if (/does not support SSL/i.test(text)) return 'ERR_TLS_NOT_OFFERED';
  if (/^Connection terminated|connection error|was closed/i.test(text)) return 'ECONNRESET';
  return 'no code';
}
