// Tests of the rules that join options: each one rejects what it should, reports the right option, and accepts everything else.
import { expect } from 'chai';
import { findFaults } from './testing/find-faults.ts';

const users = { type: 'static', users: {} };
const tls = { certificate: 'server.pem', key: 'server-key.pem' };
const mtls = { ...tls, clientCa: ['ca.pem'] };
const basic = { credentials: [{ username: 'immuta', password: `\${env:PASSWORD}` }] };
const clientCertificate = { allow: [{ dns: 'platform.example.com' }] };
const forwarded = { format: 'nginx', clientCa: ['platform-ca.pem'] };
const none = { mode: 'none' };

/** Returns the options with an error. */
function faultyOptions(config: object): string[] {
  return findFaults({ source: users, ...config }, { PASSWORD: 'canary' })
    .map(({ path }) => path)
    .sort();
}

const accepted: Record<string, object> = {
  'plain HTTP on 127.0.0.1': { authentication: none },
  'plain HTTP on another loopback address': { listener: { host: '127.8.9.1' }, authentication: none },
  'plain HTTP on ::1': { listener: { host: '::1' }, authentication: none },
  'plain HTTP on ::1, written out': { listener: { host: '0:0:0:0:0:0:0:1' }, authentication: none },
  'plain HTTP on localhost': { listener: { host: 'localhost' }, authentication: none },
  'basic over HTTPS': { listener: { host: '0.0.0.0', tls }, authentication: { mode: 'basic', basic } },
  'basic with an htpasswd file only': { authentication: { mode: 'basic', basic: { htpasswdFile: 'users' } } },
  'mtls with a CA and an entry': { listener: { tls: mtls }, authentication: { mode: 'mtls', clientCertificate } },
  'both, with everything': { listener: { tls: mtls }, authentication: { mode: 'both', basic, clientCertificate } },
  'either, with everything': { listener: { tls: mtls }, authentication: { mode: 'either', basic, clientCertificate } },
  'both, where a certificate is optional at the handshake': {
    listener: { tls: mtls },
    authentication: { mode: 'both', basic, clientCertificate: { ...clientCertificate, request: 'optional' } },
  },
  'a CRL with its CA': { listener: { tls: { ...mtls, crl: ['crl.pem'] } }, authentication: none },
  'the administration on a separate port': { authentication: none, administration: { port: 9000 } },
  'free ports for both': { listener: { port: 0 }, authentication: none, administration: { port: 0 } },
  'proxies by address and network': {
    listener: { trustProxy: { addresses: ['10.0.0.1', '10.1.0.0/16', '2001:db8::/32', '::1'] } },
    authentication: none,
  },
  'forwarded certificates over plain HTTP of this machine': {
    listener: { trustProxy: { addresses: ['127.0.0.1'] } },
    authentication: { mode: 'mtls', clientCertificate: { ...clientCertificate, forwarded } },
  },
  'forwarded certificates from proxies that show their own': {
    listener: { tls: mtls, trustProxy: { addresses: ['10.0.0.1'], certificates: [{ dns: 'proxy.example.com' }] } },
    authentication: { mode: 'mtls', clientCertificate: { ...clientCertificate, forwarded } },
  },
};

const refused: Record<string, [config: object, options: string[]]> = {
  'plain HTTP on every address': [
    { listener: { host: '0.0.0.0' }, authentication: { mode: 'basic', basic } },
    ['listener.host'],
  ],
  'plain HTTP on a name': [
    { listener: { host: 'example.com' }, authentication: { mode: 'basic', basic } },
    ['listener.host'],
  ],
  'plain HTTP on a name that begins like a loopback address': [
    { listener: { host: '127.0.0.1.example.com' }, authentication: { mode: 'basic', basic } },
    ['listener.host'],
  ],
  'mode none beyond loopback, HTTPS or not': [
    { listener: { host: '::', tls }, authentication: none },
    ['authentication.mode'],
  ],
  'proxies that are not an address, not a network, and every address': [
    {
      listener: {
        trustProxy: {
          addresses: [
            'proxy.example.com',
            '10.0.0.0/33',
            '10.0.0.0/',
            '::/129',
            'fe80::1%eth0',
            '0.0.0.0/0',
            '::/0',
            '::1/x',
          ],
        },
      },
      authentication: none,
    },
    [0, 1, 2, 3, 4, 5, 6, 7].map((index) => `listener.trustProxy.addresses[${index}]`),
  ],
  'forwarded certificates without a proxy': [
    {
      listener: { tls: mtls },
      authentication: { mode: 'mtls', clientCertificate: { ...clientCertificate, forwarded } },
    },
    ['authentication.clientCertificate.forwarded'],
  ],
  'forwarded certificates that are not used': [
    {
      listener: { tls: mtls, trustProxy: { addresses: ['10.0.0.1'] } },
      authentication: { mode: 'basic', basic, clientCertificate: { ...clientCertificate, forwarded } },
    },
    ['authentication.clientCertificate.forwarded'],
  ],
  'forwarded certificates without an entry': [
    {
      listener: { trustProxy: { addresses: ['127.0.0.1'] } },
      authentication: { mode: 'mtls', clientCertificate: { forwarded } },
    },
    ['authentication.clientCertificate.allow'],
  ],
  'certificates of proxies that no handshake requests': [
    {
      listener: { tls, trustProxy: { addresses: ['10.0.0.1'], certificates: [{ dns: 'proxy.example.com' }] } },
      authentication: { mode: 'basic', basic },
    },
    ['listener.trustProxy.certificates'],
  ],
  'certificates of proxies without CAs': [
    {
      listener: { tls, trustProxy: { addresses: ['10.0.0.1'], certificates: [{ dns: 'proxy.example.com' }] } },
      authentication: { mode: 'mtls', clientCertificate: { ...clientCertificate, forwarded } },
    },
    ['listener.trustProxy.certificates'],
  ],
  'invalid networks of callers': [
    { authentication: { mode: 'none', failedLogins: { callerNetworks: ['10.0.0.0/8', 'platform', '::/0'] } } },
    ['authentication.failedLogins.callerNetworks[1]', 'authentication.failedLogins.callerNetworks[2]'],
  ],
  'basic without credentials': [{ authentication: { mode: 'basic' } }, ['authentication.basic']],
  'basic with an empty list': [
    { authentication: { mode: 'basic', basic: { credentials: [] } } },
    ['authentication.basic'],
  ],
  'mtls without TLS': [{ authentication: { mode: 'mtls', clientCertificate } }, ['authentication.mode']],
  'mtls without a CA': [
    { listener: { tls }, authentication: { mode: 'mtls', clientCertificate } },
    ['listener.tls.clientCa'],
  ],
  'mtls without an entry': [
    { listener: { tls: mtls }, authentication: { mode: 'mtls' } },
    ['authentication.clientCertificate.allow'],
  ],
  'both with nothing of either': [
    { authentication: { mode: 'both' } },
    ['authentication.basic', 'authentication.clientCertificate.allow', 'authentication.mode'],
  ],
  'mtls that requests no certificate': [
    {
      listener: { tls: mtls },
      authentication: { mode: 'mtls', clientCertificate: { ...clientCertificate, request: 'none' } },
    },
    ['authentication.clientCertificate.request'],
  ],
  'certificates without TLS in another mode': [
    { authentication: { mode: 'basic', basic, clientCertificate } },
    ['authentication.clientCertificate'],
  ],
  'certificates that are requested without a CA in another mode': [
    { listener: { tls }, authentication: { mode: 'basic', basic, clientCertificate: { request: 'optional' } } },
    ['authentication.clientCertificate.request'],
  ],
  'a CRL without a CA': [
    { listener: { tls: { ...tls, crl: ['crl.pem'] } }, authentication: none },
    ['listener.tls.crl'],
  ],
  'the administration on the port of the listener': [
    { authentication: none, administration: { host: '0.0.0.0', port: 8443 } },
    ['administration.port'],
  ],
  'a rule and a typing error elsewhere, together': [
    { listener: { host: '0.0.0.0' }, authentication: { mode: 'basic' }, deadlineMs: 0 },
    ['authentication.basic', 'deadlineMs', 'listener.host'],
  ],
  'a typing error alone, where the rule would only repeat it': [
    { listener: { host: '0.0.0.0', tsl: tls }, authentication: { mode: 'basic', basci: basic } },
    ['authentication', 'listener'],
  ],
};

describe('cross-field rules', () => {
  for (const [name, config] of Object.entries(accepted)) {
    it(`accept ${name}`, () => {
      expect(faultyOptions(config)).to.deep.equal([]);
    });
  }
  for (const [name, [config, options]] of Object.entries(refused)) {
    it(`reject ${name}`, () => {
      expect(faultyOptions(config)).to.deep.equal(options);
    });
  }
});
