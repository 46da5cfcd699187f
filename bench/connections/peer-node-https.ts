// Peer: plain node:https with one prepared response; the lower bound of a new connection.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { announce, askedUser, askedUserid, path, readSetup, readTls } from './connection-setup.ts';

const body = Buffer.from(JSON.stringify(askedUser));
const answers = new Map([[askedUserid, body]]);
const server = createServer(readTls(readSetup()), (request, response) => {
  const [asked, query = ''] = (request.url ?? '').split('?');
  const found = asked === path ? answers.get(decodeURIComponent(query.slice('userid='.length))) : undefined;
  if (found === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': found.length }).end(found);
});
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
