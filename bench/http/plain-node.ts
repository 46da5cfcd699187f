// Minimal server on node:http(s) for the benchmarks: path, Basic check, lookup, bytes.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { announce, type PeerSetup, path, readTls } from './peer-setup.ts';

/** A string with one character per byte. */
type Body = Buffer | string;
type Send = (request: IncomingMessage, response: ServerResponse, body: Body, userid: string) => void;

/** Serves on two free ports. */
export function servePlainly(
  setup: PeerSetup,
  findBody: (userid: string) => Body | undefined,
  send: Send = sendBare,
): void {
  const authorization = `Basic ${Buffer.from(`${setup.username}:${setup.password}`).toString('base64')}`;

  const listener: RequestListener = (request, response) => {
    const target = request.url ?? '';
    const query = target.indexOf('?');
    if (target.slice(0, query) !== path) response.writeHead(404).end();
    else if (request.headers.authorization !== authorization) response.writeHead(401).end();
    else {
      const userid = decodeURIComponent(target.slice(query + '?userid='.length));
      const body = findBody(userid);
      if (body === undefined) response.writeHead(404).end();
      else send(request, response, body, userid);
    }
  };

  const http = createServer(listener).listen(0, '127.0.0.1', () => {
    const https = createHttpsServer(readTls(setup), listener).listen(0, '127.0.0.1', () => {
      announce({ http: (http.address() as AddressInfo).port, https: (https.address() as AddressInfo).port });
    });
  });
}

function sendBare(_request: IncomingMessage, response: ServerResponse, body: Body): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body, 'latin1');
}
