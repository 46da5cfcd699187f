// Owns the floor with the same look-up, headers and log as ours: what is left to us beside it is Express, authentication and metrics.
import { createAccessLog } from '../../server/access-log.ts';
import { openLog } from '../../server/logger.ts';
import { createRequestId } from '../../server/request-id.ts';
import { securityHeaders } from '../../server/security-headers.ts';
import { createUseridDisplay } from '../../server/userid-pseudonym.ts';
import { loadPackedUsers } from './packed-look-up.ts';
import { readSetup } from './peer-setup.ts';
import { servePlainly } from './plain-node.ts';

const setup = readSetup();
const log = await openLog({ level: 'info', destination: setup.logFile });
const logAnswer = createAccessLog(log)(createUseridDisplay('hashed', 'a key of the benchmark'));
const plainHeaders = securityHeaders(false);
const tlsHeaders = securityHeaders(true);

servePlainly(setup, await loadPackedUsers(setup), (request, response, body, userid) => {
  const startedAt = performance.now();
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
    caller: `basic:${setup.username}`,
    userid,
    error: null,
  });
});
