// Log lines of a request: one for the access log, and one that explains an internal failure.
import { hash } from 'node:crypto';
import { SourceError } from '../adapters/user-source.ts';
import type { ServerLog } from './logger.ts';
import type { OnAnswered, RequestRecord } from './request-record.ts';

/** How a user id is written to the log; `undefined`: not at all. */
type DisplayUserid = (userid: string) => string | undefined;

interface Entry {
  readonly record: RequestRecord;
  readonly displayUserid: DisplayUserid;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** Creates the access log, one per log file: each writer specifies how user ids are shown. */
export function createAccessLog(log: ServerLog): (displayUserid: DisplayUserid) => OnAnswered {
  const timeText = createTimeText();
  const write = log.createWriter<Entry>(({ record, displayUserid, atMs }) =>
    lineOf(record, timeText(atMs), record.userid === null ? undefined : displayUserid(record.userid)),
  );
  return (displayUserid) => (record) => {
    logFault(log.logger, record);
    write({ record, displayUserid, atMs: Date.now() });
  };
}

/**
 * Returns the line of `logger.info(…)`. It is assembled by hand, since pino would take as long as the rest of the request. Only `caller` and
 * `userid` may contain characters that JSON escapes: the other values are generated here or by Node.
 */
function lineOf(record: RequestRecord, time: string, userid: string | undefined): string {
  const code = record.code === null ? '' : `,"code":"${record.code}"`;
  const caller = record.caller === null ? '' : `,"caller":${quote(record.caller)}`;
  const user = userid === undefined ? '' : `,"userid":${quote(userid)}`;
  return `{"level":"info","time":"${time}","requestId":"${record.requestId}","method":"${record.method}","remoteAddress":"${record.remoteAddress}","status":${record.status}${code},"durationMs":${millisecondsText(record.durationMs)}${caller}${user},"msg":"${record.status === 0 ? 'caller gone' : 'request'}"}\n`;
}

/** Matches a text without characters that JSON escapes. */
const plainText = /^[ !#-[\]-~]*$/;

/** Returns the JSON text of a string; most strings need only quotes. */
function quote(text: string): string {
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text);
}

/**
 * Formats a duration with three decimals. Formatting whole numbers takes a sixth of the time that fractions take, which saves a sixtieth of a
 * request.
 */
function millisecondsText(durationMs: number): string {
  const microseconds = Math.round(durationMs * 1000);
  const whole = Math.floor(microseconds / 1000);
  const rest = microseconds - whole * 1000;
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}

/** Creates the function that returns a time as ISO 8601 in UTC; all lines in the same millisecond share one string. */
function createTimeText(): (atMs: number) => string {
  let lastMs = 0;
  let text = '';
  return (atMs) => {
    if (atMs !== lastMs) {
      lastMs = atMs;
      text = new Date(atMs).toISOString();
    }
    return text;
  };
}

/**
 * Logs the cause of an internal failure, if there was one, even without an access log. A source that fails because the caller has disconnected is not
 * at fault.
 */
export function logFault(logger: ServerLog['logger'], { requestId, code, error, status }: RequestRecord): void {
  if (error === null || (status === 0 && error instanceof SourceError)) return;
  const details = { requestId, code, reason: error instanceof Error ? error.message : String(error) };
  if (code === 'internal-error') {
    logger.error(
      { ...details, stack: error instanceof Error ? error.stack : undefined },
      'internal error; please report it',
    );
  } else {
    logger.warn({ ...details, cause: causeOf(error) }, 'the source failed');
  }
}

function causeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : undefined;
}

export type UseridDisplay = 'shown' | 'hashed' | 'hidden';

/** Hexadecimal digits of a pseudonym: 128 bits, so that no two users share one. */
const pseudonymLength = 32;

/**
 * Creates the function that converts the userid of a log line. `hashed` is the first half of the SHA-256 digest of the key and the userid. The same
 * user can be recognized, but nobody can guess user names without the key. `printf '%s' "$KEY$USERID" | sha256sum` prints the same digest in full. An
 * HMAC would be much slower in Node. The attack that it prevents (extending a hash without the key) requires the half of the digest that is cut off
 * here.
 */
export function createUseridDisplay(display: UseridDisplay, key: string): (userid: string) => string | undefined {
  if (display === 'shown') return (userid) => userid;
  if (display === 'hidden') return () => undefined;
  return (userid) => hash('sha256', key + userid, 'hex').slice(0, pseudonymLength);
}
