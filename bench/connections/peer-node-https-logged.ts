// Peer: plain node:https that sends our headers, writes our log, and compares the client certificate with the allowed one.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createLoggedAnswers } from '../http/answer-logged.ts';
import { announce, askedUser, askedUserid, path, readSetup, readTls } from './connection-setup.ts';

const setup = readSetup();
const answers = new Map([[askedUserid, Buffer.from(JSON.stringify(askedUser))]]);
const allowed = setup.clientCertificates
  ? new X509Certificate(readFileSync(setup.clientCertificate)).fingerprint256
  : null;
const answer = await createLoggedAnswers(join(setup.directory, 'logged.log'));

const server = createServer(readTls(setup), (request, response) => {
  const startedAt = performance.now();
  const isAllowed = allowed === null || (request.socket as TLSSocket).getPeerCertificate().fingerprint256 === allowed;
  const [asked, query = ''] = (request.url ?? '').split('?');
  const userid = decodeURIComponent(query.slice('userid='.length));
  const body = asked === path && isAllowed ? answers.get(userid) : undefined;
  if (body === undefined) response.writeHead(404).end();
  else answer(request, response, { body, userid, caller: allowed, startedAt });
});
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
