// Owns the log lines that a request leaves: one in the access log, and one that explains when something went wrong inside.
import type { Logger } from 'pino';
import type { OnAnswered, RequestRecord } from './request-record.ts';

/** @param displayUserid how a user id stands in the log; `undefined`: it does not. */
export function createAccessLog(logger: Logger, displayUserid: (userid: string) => string | undefined): OnAnswered {
  return (record) => {
    if (record.error !== null) logFault(logger, record);
    logger.info(
      {
        requestId: record.requestId,
        method: record.method,
        remoteAddress: record.remoteAddress,
        status: record.status,
        code: record.code ?? undefined,
        durationMs: Math.round(record.durationMs * 1000) / 1000,
        caller: record.caller ?? undefined,
        userid: record.userid === null ? undefined : displayUserid(record.userid),
      },
      record.status === 0 ? 'caller gone' : 'request',
    );
  };
}

function logFault(logger: Logger, { requestId, code, error }: RequestRecord): void {
  const details = { requestId, code, reason: error instanceof Error ? error.message : String(error) };
  if (code === 'internal-error') {
    logger.error({ ...details, stack: error instanceof Error ? error.stack : undefined }, 'a bug: please report it');
  } else {
    logger.warn({ ...details, cause: causeOf(error) }, 'the source failed');
  }
}

function causeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : undefined;
}
