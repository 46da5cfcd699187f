// Response function of the peers that send the same headers and write the same log as our server.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequestId } from '../../server/http/request-id.ts';
import { securityHeaders } from '../../server/http/security-headers.ts';
import { createAccessLog, createUseridDisplay } from '../../server/observability/access-log.ts';
import { openLog } from '../../server/observability/logger.ts';

export interface LoggedAnswer {
  /** A string with one character per byte. */
  readonly body: Buffer | string;
  readonly userid: string;
  readonly caller: string | null;
  /** Value of `performance.now()`. */
  readonly startedAt: number;
}

/** Returns a function that responds with 200 and logs it. */
export async function createLoggedAnswers(logFile: string) {
  const log = await openLog({ level: 'info', destination: logFile });
  const logAnswer = createAccessLog(log)(createUseridDisplay('hashed', 'a key of the benchmark'));
  const plainHeaders = securityHeaders(false);
  const tlsHeaders = securityHeaders(true);
  return (request: IncomingMessage, response: ServerResponse, answer: LoggedAnswer): void => {
    const { body, userid, caller, startedAt } = answer;
    const requestId = createRequestId();
    const standing = 'encrypted' in request.socket ? tlsHeaders : plainHeaders;
    const own = ['X-Request-Id', requestId, 'Content-Type', 'application/json', 'Content-Length', String(body.length)];
    response.writeHead(200, [...standing, ...own]).end(body, 'latin1');
    logAnswer({
      requestId,
      method: request.method ?? '',
      remoteAddress: request.socket.remoteAddress ?? '',
      status: 200,
      code: null,
      durationMs: performance.now() - startedAt,
      caller,
      userid,
      error: null,
    });
  };
}
