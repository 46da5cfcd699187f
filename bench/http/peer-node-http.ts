// Owns the floor: plain node:http doing path, Basic check, map look-up and a ready buffer, and nothing else.
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { userInfoOf, useridOf } from './dataset.ts';
import { announce, path, readSetup, readTls } from './peer-setup.ts';

const setup = readSetup();
const answers = new Map<string, Buffer>();
for (let user = 0; user < setup.dataset.users; user++) {
  answers.set(useridOf(user), Buffer.from(JSON.stringify(userInfoOf(user, setup.dataset))));
}
const authorization = `Basic ${Buffer.from(`${setup.username}:${setup.password}`).toString('base64')}`;

const listener: RequestListener = (request, response) => {
  const target = request.url ?? '';
  const query = target.indexOf('?');
  if (target.slice(0, query) !== path) response.writeHead(404).end();
  else if (request.headers.authorization !== authorization) response.writeHead(401).end();
  else {
    const body = answers.get(decodeURIComponent(target.slice(query + '?userid='.length)));
    if (body) response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
    else response.writeHead(404).end();
  }
};

const http = createServer(listener).listen(0, '127.0.0.1', () => {
  const https = createHttpsServer(readTls(setup), listener).listen(0, '127.0.0.1', () => {
    announce({ http: (http.address() as AddressInfo).port, https: (https.address() as AddressInfo).port });
  });
});
