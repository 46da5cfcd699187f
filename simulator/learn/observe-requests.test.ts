// Tests the observation of ordinary requests over real connections: facts require agreement, and no user data is kept.
import { once } from 'node:events';
import { Agent, createServer, get, type Server } from 'node:http';
import { createServer as createTlsServer, get as getTls, Agent as TlsAgent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { createRequestObserver, type RequestObserver } from './observe-requests.ts';

const basic = `Basic ${Buffer.from('canary-name:canary-password').toString('base64')}`;

describe('the observation of ordinary requests', () => {
  let server: Server;
  let observer: RequestObserver;
  const agents: Array<Agent | TlsAgent> = [];
  beforeEach(async () => {
    observer = createRequestObserver({ path: '/user-info' });
    server = createServer((request, response) => {
      observer.observe(request, response);
      const isAllowed = request.headers.authorization === basic;
      const status = request.url?.includes('down') ? 503 : request.url?.includes('nobody') ? 404 : 200;
      response.writeHead(isAllowed || status === 503 ? status : 401).end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) agent.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  function keepAlive(): Agent {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    return agent;
  }
  async function ask(target: string, agent: Agent, authorization: string | null = basic, headers = {}): Promise<void> {
    const { port } = server.address() as AddressInfo;
    const sent = { ...headers, ...(authorization !== null && { authorization }) };
    const request = get({ host: '127.0.0.1', port, path: target, agent, headers: sent });
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
  }

  it('detects credentials in the first request, the encodings, and reused connections', async () => {
    for (let connection = 0; connection < 3; connection++) {
      const agent = keepAlive();
      await ask('/user-info?userid=canary%20ada%40example.com%c3%A9', agent);
      await ask('/user-info?userid=nobody', agent);
    }
    const { requests, facts, connection } = observer.summarize();
    expect(requests).to.equal(6);
    expect(facts.basicWithoutChallenge).to.include({ determined: 'measured', value: true });
    expect(facts.spaceAs).to.include({ determined: 'measured', value: '%20' });
    const factValue = (name: keyof typeof connection) => connection[name]?.value;
    expect(factValue('httpVersions')).to.deep.equal(['1.1']);
    expect([factValue('tlsVersions'), factValue('clientCertificates')]).to.deep.equal([[], ['none']]);
    expect([factValue('atSignAs'), factValue('escapeCase')]).to.deep.equal([['%40'], ['lower', 'upper']]);
    expect(connection.reusesConnections).to.deep.include({ determined: 'measured', value: true });
    expect(connection.reusesConnections?.evidence?.[0]).to.include({ experiment: 'observed', tries: 6, agreeing: 3 });
    expect(connection.maxConcurrent?.reason).to.equal('No synchronization of 10 users or more was seen.');
    expect(JSON.stringify(observer.summarize())).to.not.match(/canary|127\.0\.0\.1|example/);
  });

  it('detects credentials that follow a challenge', async () => {
    for (let connection = 0; connection < 3; connection++) {
      const agent = keepAlive();
      await ask('/user-info?userid=ada', agent, null);
      await ask('/user-info?userid=ada', agent);
    }
    const { requests, facts } = observer.summarize();
    expect(requests).to.equal(3);
    expect(facts.basicWithoutChallenge).to.include({ determined: 'measured', value: false });
  });

  it('states no fact for too few requests, contradictory requests, or several clients', async () => {
    await ask('/user-info?userid=a+b', keepAlive());
    expect(observer.summarize().facts.spaceAs?.reason).to.equal('Fewer than 3 observations show this.');
    for (const target of ['a+b', 'a+b', 'a%20b']) await ask(`/user-info?userid=${target}`, keepAlive());
    expect(observer.summarize().facts.spaceAs?.reason).to.equal('The requests disagree.');
    await ask('/user-info?userid=ada', keepAlive(), basic, { 'user-agent': 'another' });
    const { facts } = observer.summarize();
    expect(facts.basicWithoutChallenge?.reason).to.equal('More than one client sent requests.');
  });

  it('does not count requests that the endpoint rejects, or requests for another path', async () => {
    await ask('/user-info?userid=a%20b', keepAlive(), 'Basic wrong');
    await ask('/metrics?userid=a%20b', keepAlive());
    const { requests, facts } = observer.summarize();
    expect(requests).to.equal(0);
    expect(facts).to.deep.equal({
      basicWithoutChallenge: {
        determined: 'no',
        reason: 'No request with credentials received a response with 200 or 404.',
      },
      spaceAs: { determined: 'no', reason: 'No requested user name contained a space.' },
    });
  });

  it('determines the order of users and the concurrency when many users are synchronized', async () => {
    const agent = keepAlive();
    for (let user = 10; user < 40; user++) await ask(`/user-info?userid=canary-${user}`, agent);
    const { connection } = observer.summarize();
    expect(connection.order).to.include({ determined: 'measured', value: 'by name' });
    expect(connection.maxConcurrent?.value).to.equal(1);
    expect(connection.betweenRequestsMs?.evidence?.[0]?.tries).to.be.greaterThan(0);
    expect(JSON.stringify(connection)).to.not.include('canary');
  });

  it('counts failures only for clients that were authenticated before', async () => {
    await ask('/user-info?userid=canary', keepAlive());
    await ask('/user-info?userid=down', keepAlive());
    await ask('/user-info?userid=down', keepAlive(), null, { 'user-agent': 'another' });
    const { requests, repeats } = observer.summarize();
    expect(requests).to.equal(1);
    expect(repeats.observed?.reason).to.equal(
      'No request failed, or the observation ended less than a minute after the failure.',
    );
  });

  it('determines the TLS version and cipher, whether the client sends a server name, and the client certificate', async () => {
    const { server: pair, ca } = await issueCertificates();
    const tls = createTlsServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
      observer.observe(request, response);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(tls, 'listening');
    try {
      const agent = new TlsAgent({ ca: ca.certificate, maxVersion: 'TLSv1.2' });
      agents.push(agent);
      const { port } = tls.address() as AddressInfo;
      const request = getTls({
        host: 'localhost',
        port,
        path: '/user-info?userid=ada',
        agent,
        lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
      });
      const [response] = await once(request, 'response');
      response.resume();
      await once(response, 'end');
      const { connection } = observer.summarize();
      expect(connection.tlsVersions?.value).to.deep.equal(['TLSv1.2']);
      expect(connection.sendsServerName?.value).to.equal(true);
      expect(connection.clientCertificates?.value).to.deep.equal(['none']);
      expect(connection.ciphers?.value).to.match(/^TLS_/);
      expect(connection.ciphersOffered?.reason).to.equal('The ClientHello was not read.');
    } finally {
      tls.closeAllConnections();
      tls.close();
      await once(tls, 'close');
    }
  });
});
