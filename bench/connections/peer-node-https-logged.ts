// Owns the floor of a new connection with the same headers and log as ours, that holds the client's certificate against an allowed one.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createAccessLog } from '../../server/access-log.ts';
import { openLog } from '../../server/logger.ts';
import { createRequestId } from '../../server/request-id.ts';
import { securityHeaders } from '../../server/security-headers.ts';
import { createUseridDisplay } from '../../server/userid-pseudonym.ts';
import { announce, askedUser, askedUserid, path, readSetup, readTls } from './connection-setup.ts';

const setup = readSetup();
const body = Buffer.from(JSON.stringify(askedUser));
const answers = new Map([[askedUserid, body]]);
const allowed = setup.clientCertificates
  ? new X509Certificate(readFileSync(setup.clientCertificate)).fingerprint256
  : null;
const log = await openLog({ level: 'info', destination: join(setup.folder, 'logged.log') });
const logAnswer = createAccessLog(log)(createUseridDisplay('hashed', 'a key of the benchmark'));
const standing = securityHeaders(true);

const server = createServer(readTls(setup), (request, response) => {
  const startedAt = performance.now();
  const isAllowed = allowed === null || (request.socket as TLSSocket).getPeerCertificate().fingerprint256 === allowed;
  const [asked, query = ''] = (request.url ?? '').split('?');
  const userid = decodeURIComponent(query.slice('userid='.length));
  const found = asked === path && isAllowed ? answers.get(userid) : undefined;
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  const requestId = createRequestId();
  const own = ['X-Request-Id', requestId, 'Content-Type', 'application/json', 'Content-Length', String(found.length)];
  response.writeHead(200, [...standing, ...own]).end(found);
  logAnswer({
    requestId,
    method: request.method ?? '',
    remoteAddress: request.socket.remoteAddress ?? '',
    status: 200,
    code: null,
    durationMs: performance.now() - startedAt,
    caller: allowed,
    userid,
    error: null,
  });
});
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
