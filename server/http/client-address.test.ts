// Tests of the client address of a request: only configured proxies are trusted, and only for the addresses that they know.
import { expect } from 'chai';
import { ask, basicHeader } from '../../tests/ask-server.ts';
import { secretReference, stoppedAfterEach } from '../../tests/test-server.ts';
import { clientNetworkOf } from './client-address.ts';

type Sent = Readonly<Record<string, string | string[]>>;

describe('the address of a client', () => {
  const start = stoppedAfterEach();

  /** Sends one request with each set of headers. @returns the addresses in the log. */
  async function addressesOf(trustProxy: object | undefined, requests: readonly Sent[]): Promise<unknown[]> {
    const server = await start({ listener: { ...(trustProxy && { trustProxy }) } });
    for (const headers of requests) await ask(server.adaUrl, { headers });
    const lines = await server.stopAndReadLog();
    return lines.filter(({ msg }) => msg === 'request').map(({ remoteAddress }) => remoteAddress);
  }

  const lists: Array<[name: string, header: string | string[], address: string]> = [
    ['one address', '192.0.2.7', '192.0.2.7'],
    ['the last one, since the client sent the entries before it', '198.51.100.1, 192.0.2.7', '192.0.2.7'],
    ['the one before proxies that are named', '198.51.100.1, 192.0.2.7, 10.1.2.3, 10.9.9.9', '192.0.2.7'],
    ['the first, when all others are named proxies and it is one too', '10.4.4.4,10.1.2.3', '10.4.4.4'],
    ['the last of several fields', ['198.51.100.1', '192.0.2.7'], '192.0.2.7'],
    ['IPv4 with a port', '192.0.2.7:51000', '192.0.2.7'],
    ['IPv6', '2001:db8::7', '2001:db8::7'],
    ['IPv6 in brackets, with a port', '[2001:db8::7]:51000', '2001:db8::7'],
    ['IPv4 written as IPv6', '::ffff:192.0.2.7', '192.0.2.7'],
    ['a named proxy written as IPv6', '192.0.2.7, ::ffff:10.1.2.3', '192.0.2.7'],
    ['the proxy itself, when it sends no header', '', '127.0.0.1'],
    ['the proxy itself, when it sends no address', '192.0.2.7, unknown', '127.0.0.1'],
    ['the last proxy that sent one, when the next does not', '192.0.2.7, canary, 10.1.2.3', '10.1.2.3'],
    ['no address with a zone', '192.0.2.7, fe80::1%"}', '127.0.0.1'],
    ['no number out of range', '192.0.2.700', '127.0.0.1'],
    ['no part of a line', '192.0.2.7", "caller":"admin', '127.0.0.1'],
  ];
  it('is read from X-Forwarded-For of a named proxy', async () => {
    const proxies = { addresses: ['127.0.0.1', '10.0.0.0/8'] };
    const requests = lists.map(([, header]) => ({ 'X-Forwarded-For': header }));
    const found = await addressesOf(proxies, requests);
    expect(lists.map(([name], index) => [name, found[index]])).to.deep.equal(
      lists.map(([name, , address]) => [name, address]),
    );
  });

  const elements: Array<[name: string, header: string, address: string]> = [
    ['one address', 'for=192.0.2.7', '192.0.2.7'],
    ['the last element', 'for=198.51.100.1, for=192.0.2.7;proto=https;by=10.1.2.3', '192.0.2.7'],
    ['past a named proxy', 'For="192.0.2.7:51000" , for=10.1.2.3', '192.0.2.7'],
    ['IPv6 in quotes', 'for="[2001:db8::7]:51000"', '2001:db8::7'],
    ['separators in quotes', 'for=192.0.2.7;host="a,for=10.1.2.3;\\"for=198.51.100.1"', '192.0.2.7'],
    ['none, for an element without one', 'for=192.0.2.7, proto=https', '127.0.0.1'],
    ['none, for two in one element', 'for=192.0.2.7;for=192.0.2.8', '127.0.0.1'],
    ['none, for an invented name', 'for=_hidden', '127.0.0.1'],
    ['none, for a quote that is not closed', 'for="192.0.2.7', '127.0.0.1'],
    ['none, for spaces around the sign', 'for = 192.0.2.7', '127.0.0.1'],
  ];
  it('is read from Forwarded when that is the configured header', async () => {
    const proxies = { addresses: ['127.0.0.1', '10.0.0.0/8'], clientAddress: 'Forwarded' };
    const requests = elements.map(([, header]) => ({ Forwarded: header, 'X-Forwarded-For': '198.51.100.9' }));
    const found = await addressesOf(proxies, requests);
    expect(elements.map(([name], index) => [name, found[index]])).to.deep.equal(
      elements.map(([name, , address]) => [name, address]),
    );
  });

  it('is the address of the connection when no proxy, or another proxy, is configured', async () => {
    const claims = { 'X-Forwarded-For': '192.0.2.7', Forwarded: 'for=192.0.2.7', 'X-Real-IP': '192.0.2.7' };
    for (const trustProxy of [undefined, { addresses: ['10.0.0.0/8', '::1'] }]) {
      expect(await addressesOf(trustProxy, [claims])).to.deep.equal(['127.0.0.1']);
    }
  });

  it('is used for failed logins, the limit of requests, and the log of early refusals', async () => {
    const authentication = {
      mode: 'basic',
      basic: { credentials: [{ username: 'api', password: secretReference('API_PASSWORD') }] },
      failedLogins: { max: 2, windowSeconds: 600 },
    };
    const trustProxy = { addresses: ['127.0.0.1'] };
    const server = await start({ listener: { trustProxy }, authentication }, { API_PASSWORD: 'right' });
    async function statusOf(address: string, password: string): Promise<number> {
      const headers = { authorization: basicHeader('api', password), 'X-Forwarded-For': address };
      return (await ask(server.adaUrl, { headers })).status;
    }
    const guesses: number[] = [];
    for (const guess of ['1', '2', '3']) guesses.push(await statusOf('192.0.2.7', guess));
    expect(guesses).to.deep.equal([401, 401, 429]);
    expect(await statusOf('192.0.2.8', 'right'), 'another client of the same proxy').to.equal(200);
    await ask(server.adaUrl, { headers: { 'X-Forwarded-For': '192.0.2.9', host: 'no host' } });
    expect((await server.stopAndReadLog()).find(({ status }) => status === 400)?.remoteAddress).to.equal('192.0.2.9');

    const limited = await start({ listener: { trustProxy, maxRequestsPerSecond: 1 } });
    const addresses = Array.from({ length: 8 }, (_, index) => `192.0.2.${index}`);
    const asked = (address: string) => ask(limited.adaUrl, { headers: { 'X-Forwarded-For': address } });
    const statuses = (await Promise.all(addresses.map(asked))).map(({ status }) => status);
    expect(new Set(statuses)).to.deep.equal(new Set([200]));
  });
});

describe('the network to which a limit applies', () => {
  const networks: Array<[address: string, network: string]> = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['', ''],
  ];
  for (const [address, network] of networks) {
    it(`of ${address || 'a disconnected client'} is ${network || 'none'}`, () => {
      expect(clientNetworkOf(address)).to.equal(network);
    });
  }
});
