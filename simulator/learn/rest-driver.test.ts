// Tests the platform driver for the REST API when the platform closes connections.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { PlatformDriver, StepPlan } from './platform-driver.ts';
import { createRestDriver } from './rest-driver.ts';

const plan: StepPlan = { experiment: '', step: 1, of: 1, action: '', expects: 'request', questions: [] };
const user = { disabled: false, groups: [{ name: 'learn-first' }], authorizations: {} };

describe('the REST API of a platform that closes connections', () => {
  let server: Server;
  let driver: PlatformDriver;
  let respond: (request: IncomingMessage, response: ServerResponse, at: number) => unknown;
  let requests: string[];
  let connections: number;
  beforeEach(async () => {
    requests = [];
    connections = 0;
    server = createServer((request, response) => respond(request, response, requests.push(String(request.method))));
    server.on('connection', () => connections++);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    driver = createRestDriver({ url, apiKey: 'key', iam: 'trial', timeoutMs: 60_000 });
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('reads a user again', async () => {
    respond = (request, response, at) =>
      at < 3 ? request.socket.resetAndDestroy() : response.end(JSON.stringify(user));
    expect((await driver.readUser('learn-1', plan))?.groups).to.deep.equal(['learn-first']);
    expect(requests).to.deep.equal(['GET', 'GET', 'GET']);
  });

  it('fails with a message when every connection is lost', async () => {
    respond = (_request, response) => response.destroy();
    const error = await driver.readUser('learn-1', plan).catch(({ message }: Error) => message);
    expect(error).to.equal('The platform closed the connection during the request for a test user.');
  });

  it('does not trigger a sync again', async () => {
    respond = (request) => request.socket.resetAndDestroy();
    expect(await driver.sync('learn-1', plan)).to.equal(null);
    expect(requests).to.deep.equal(['POST']);
  });

  it('uses a new connection for each request, because an idle connection may be closed while a request is sent', async () => {
    respond = (_request, response) => response.end(JSON.stringify(user));
    await driver.sync('learn-1', plan);
    await driver.readUser('learn-1', plan);
    await driver.sync('learn-2', plan);
    expect([requests.length, connections]).to.deep.equal([3, 3]);
  });
});
