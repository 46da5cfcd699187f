// Tests of --resolve: every kind of request for a name that DNS does not know is sent to the given address. Also tests IPv6 URLs.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { ConformanceOptionsError, runConformance } from '../run-conformance.ts';
import { completeOptions, startFixture } from '../testing/fixture.ts';
import { parseFixedAddress } from './endpoint-address.ts';

describe('a fixed address', () => {
  for (const isHttps of [false, true]) {
    it(`is where every check connects, over ${isHttps ? 'HTTPS' : 'HTTP'}`, async () => {
      const endpoint = await startFixture({ auth: 'none' }, isHttps);
      const url = new URL(endpoint.url);
      // A name that is in the fixture's certificate, and that resolves to a different address if IPv6 comes first.
      const host = isHttps ? 'localhost' : 'users.kit-no-such-name.invalid';
      const fixed = { host, port: Number(url.port), address: '127.0.0.1' };
      url.hostname = host;
      const report = await runConformance({ ...(await completeOptions(url.href, 'none')), resolve: fixed });
      await endpoint.close();
      expect(report.reason).to.equal(undefined);
      expect(report.checks.filter(({ status }) => status !== 'passed' && status !== 'skipped')).to.deep.equal([]);
      expect(report.attestation.configuration.inputs).to.include('resolve');
      expect(report.target.url).to.include(host);
    });
  }

  it('is read from HOST:PORT:ADDRESS, also with IPv6', () => {
    expect(parseFixedAddress('Users.example.com:443:192.0.2.7')).to.deep.equal({
      host: 'users.example.com',
      port: 443,
      address: '192.0.2.7',
    });
    expect(parseFixedAddress('h:8443:[2001:db8::1]')?.address).to.equal('2001:db8::1');
    expect(parseFixedAddress('h:8443:2001:db8::1')?.address).to.equal('2001:db8::1');
    for (const wrong of [
      '',
      'h',
      'h:443',
      'h:443:other.example',
      'h:0:192.0.2.7',
      'h:70000:192.0.2.7',
      ':1:192.0.2.7',
    ]) {
      expect(parseFixedAddress(wrong), wrong).to.equal(null);
    }
  });

  it('for a host or port other than that of the URL is rejected, because it has no effect', async () => {
    const options = await completeOptions('http://users.example.com/user-info', 'none');
    for (const fixed of [
      { host: 'other.example.com', port: 80, address: '127.0.0.1' },
      { host: 'users.example.com', port: 8080, address: '127.0.0.1' },
    ]) {
      const failure = await runConformance({ ...options, resolve: fixed }).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(ConformanceOptionsError);
    }
  });
});

describe('an IPv6 URL', () => {
  it('is written in brackets in Host, in both ordinary and raw requests', async () => {
    const hosts = new Set<string | undefined>();
    const endpoint = http.createServer(({ headers, url }, response) => {
      hosts.add(headers.host);
      response.writeHead(url === '/user-info?userid=a' ? 200 : 404).end();
    });
    await new Promise<void>((resolve, reject) => {
      endpoint.once('error', reject);
      endpoint.listen(0, '::1', resolve);
    });
    const { port } = endpoint.address() as AddressInfo;
    const only = ['unknown-user-refused', 'userid-bad-percent-refused'];
    const report = await runConformance({
      url: `http://[::1]:${port}/user-info`,
      auth: 'none',
      only,
      knownUsers: ['a'],
    });
    endpoint.closeAllConnections();
    endpoint.close();
    expect(report.checks).to.have.length(2);
    expect([...hosts]).to.deep.equal([`[::1]:${port}`]);
  });
});
