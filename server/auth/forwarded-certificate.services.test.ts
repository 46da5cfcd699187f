// Tests of forwarded client certificates: only from a configured proxy, in each form, and behind real proxies.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { BadCertificateName } from '../../certs/issue-bad-certificates.ts';
import { type IssuedCertificate, issueCertificate } from '../../certs/issue-certificate.ts';
import { daysFromNow, issueCertificates } from '../../certs/issue-certificates.ts';
import { type AskOptions, ask, askOrRefused, basicHeader } from '../../tests/ask-server.ts';
import { type CertificateFiles, certificateFiles, scratchDirectory } from '../../tests/certificate-files.ts';
import { createReloadableServers, expectReloaded } from '../../tests/reloadable-server.ts';
import { startHaproxy } from '../../tests/services/haproxy.ts';
import { startNginx } from '../../tests/services/nginx.ts';
import type { ServiceProcess } from '../../tests/services/service-process.ts';
import { secretReference, stoppedAfterEach, type TestServer } from '../../tests/test-server.ts';

const proxyAddress = '127.0.0.2';
const outsideAddress = '127.0.0.3';
const refusedHeader = '400 certificate-header-refused';
const missing = '403 certificate-missing';
const untrusted = '403 certificate-untrusted';
const notAllowed = '403 certificate-not-allowed';

const base64Of = (pem: string) => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '');
const escaped = ({ certificate }: IssuedCertificate) => encodeURIComponent(certificate);
const byteSequence = ({ certificate }: IssuedCertificate) => `:${base64Of(certificate)}:`;

describe('a forwarded client certificate', () => {
  let files: CertificateFiles;
  let unlisted: IssuedCertificate;
  const proxies: ServiceProcess[] = [];
  const servers = createReloadableServers();

  before(async () => {
    files = await certificateFiles();
    const wish = { ...daysFromNow(0, 30), use: 'client', keyType: 'ec', commonName: 'another' } as const;
    unlisted = await issueCertificate(wish, files.good.ca);
  });

  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.stop('SIGTERM');
    await servers.stopAll();
  });
  // The server is behind the proxies, whose open connections would delay its shutdown.
  const startTestServer = stoppedAfterEach();

  interface Wishes {
    readonly forwarded: object;
    readonly mode?: string;
    readonly tls?: object;
    readonly trustProxy?: object;
    readonly allow?: readonly object[];
  }

  function start({ forwarded, mode = 'mtls', tls, trustProxy, allow }: Wishes): Promise<TestServer> {
    const { clientCa } = files.listenerTls;
    const password = { basic: { credentials: [{ username: 'api', password: secretReference('API_PASSWORD') }] } };
    return startTestServer(
      {
        listener: { ...(tls && { tls }), trustProxy: { addresses: [proxyAddress], ...trustProxy } },
        authentication: {
          mode,
          ...(mode !== 'mtls' && password),
          clientCertificate: {
            allow: allow ?? [{ dns: 'platform.example.test' }],
            forwarded: { clientCa, crl: [files.crl], ...forwarded },
          },
        },
      },
      { API_PASSWORD: 'right' },
    );
  }

  async function outcomeOf(server: TestServer, options: AskOptions): Promise<string> {
    const { status, body } = await ask(server.adaUrl, { localAddress: proxyAddress, ...options });
    const { code } = JSON.parse(body) as { code?: string };
    return code === undefined ? String(status) : `${status} ${code}`;
  }

  const forms: Array<[format: string, header: string, wrap: (issued: IssuedCertificate) => string]> = [
    ['nginx', 'ssl-client-cert', escaped],
    ['envoy', 'x-forwarded-client-cert', (issued) => `By=spiffe://x;Subject="CN=a, b;c";Cert="${escaped(issued)}"`],
    ['rfc9440', 'client-cert', byteSequence],
  ];
  for (const [format, header, wrap] of forms) {
    it(`is evaluated like one of a handshake, in the form of ${format}`, async () => {
      const server = await start({ forwarded: { format } });
      const good = { headers: { [header]: wrap(files.good.client) } };
      expect(await outcomeOf(server, good)).to.equal('200');
      expect(await outcomeOf(server, good), 'again').to.equal('200');
      expect(await outcomeOf(server, { headers: { [header]: wrap(unlisted) } })).to.equal(notAllowed);
      expect(await outcomeOf(server, {}), 'no header').to.equal(missing);
      expect(await outcomeOf(server, { headers: { [header]: '' } }), 'an empty header').to.equal(missing);
      for (const name of Object.keys(files.bad.certificates) as BadCertificateName[]) {
        const outcome = await outcomeOf(server, { headers: { [header]: wrap(files.bad.certificates[name]) } });
        expect(outcome, name).to.equal(untrusted);
      }
      const log = await server.stopAndReadLog();
      const reasons = log.filter(({ level }) => level === 'warn').map(({ reason }) => String(reason));
      expect(reasons.join())
        .to.match(/expired/)
        .and.match(/revoked/)
        .and.match(/not yet valid/)
        .and.match(/issuer/);
      const fingerprints = log.filter(({ status }) => status === 200).map(({ caller }) => caller);
      expect(String(fingerprints[0])).to.match(/^certificate:[0-9a-f]{64}$/);
    });
  }

  it('is rejected from any sender other than a configured proxy, whatever else the request contains', async () => {
    for (const [format, header, wrap] of forms) {
      const server = await start({ forwarded: { format }, mode: 'either' });
      const claim = { [header]: wrap(files.good.client) };
      const authorization = basicHeader('api', 'right');
      const outside = (headers: object) => outcomeOf(server, { localAddress: outsideAddress, headers: { ...headers } });
      expect(await outside(claim), format).to.equal(refusedHeader);
      expect(await outside({ ...claim, authorization }), format).to.equal(refusedHeader);
      expect(await outside({ [header]: '' }), format).to.equal(refusedHeader);
      expect(await outside({ authorization }), 'without the header').to.equal('200');
    }
  });

  it('is combined with a password where both are required', async () => {
    const server = await start({ forwarded: { format: 'rfc9440' }, mode: 'both' });
    const certificate = { 'client-cert': byteSequence(files.good.client) };
    const authorization = basicHeader('api', 'right');
    expect(await outcomeOf(server, { headers: certificate })).to.equal('401 credentials-missing');
    expect(await outcomeOf(server, { headers: { authorization } })).to.equal(missing);
    expect(await outcomeOf(server, { headers: { ...certificate, authorization } })).to.equal('200');
  });

  const unreadable: Array<[name: string, format: string, header: (good: IssuedCertificate) => string | string[]]> = [
    ['no certificate', 'nginx', () => 'canary'],
    ['a broken escape', 'nginx', (good) => `${escaped(good)}%`],
    ['something beside the certificate', 'nginx', (good) => `${escaped(good)}canary`],
    [
      'PEM around no base64',
      'nginx',
      () => encodeURIComponent('-----BEGIN CERTIFICATE-----\n=\n-----END CERTIFICATE-----'),
    ],
    ['eleven certificates', 'nginx', (good) => escaped(good).repeat(11)],
    ['two fields', 'nginx', (good) => [escaped(good), escaped(good)]],
    ['two elements', 'envoy', (good) => `Cert="${escaped(good)}",Cert="${escaped(good)}"`],
    ['two certificates in one element', 'envoy', (good) => `Cert="${escaped(good)}";cert="${escaped(good)}"`],
    ['a hash alone', 'envoy', () => `Hash=${'a'.repeat(64)}`],
    ['no pairs', 'envoy', (good) => escaped(good)],
    ['no colons', 'rfc9440', (good) => base64Of(good.certificate)],
    ['base64 that no encoder writes', 'rfc9440', (good) => `:${base64Of(good.certificate)}=:`],
    ['two items', 'rfc9440', (good) => `${byteSequence(good)}, ${byteSequence(good)}`],
    ['two fields', 'rfc9440', (good) => [byteSequence(good), byteSequence(good)]],
  ];
  it('is rejected when the header is ambiguous or malformed', async () => {
    for (const [name, format, make] of unreadable) {
      const server = await start({ forwarded: { format, header: 'X-Cert' } });
      const outcome = await outcomeOf(server, { headers: { 'x-cert': make(files.good.client) } });
      expect(outcome, `${format}: ${name}`).to.equal(refusedHeader);
    }
  });

  it('can include its chain', async () => {
    const others = await issueCertificates();
    const chain = `${byteSequence(others.ca)}, ${byteSequence(files.good.ca)}`;
    const rfc = await start({ forwarded: { format: 'rfc9440' } });
    const headers = { 'client-cert': byteSequence(files.good.client), 'client-cert-chain': chain };
    expect(await outcomeOf(rfc, { headers })).to.equal('200');
    expect(await outcomeOf(rfc, { headers: { ...headers, 'client-cert-chain': 'x' } })).to.equal(refusedHeader);
    // A CA sent along is not a CA of the files.
    const strange = { 'client-cert': byteSequence(others.client), 'client-cert-chain': byteSequence(others.ca) };
    expect(await outcomeOf(rfc, { headers: strange })).to.equal(untrusted);
    const envoy = await start({ forwarded: { format: 'envoy' } });
    const both = encodeURIComponent(`${files.good.client.certificate}${files.good.ca.certificate}`);
    expect(await outcomeOf(envoy, { headers: { 'x-forwarded-client-cert': `Chain="${both}"` } })).to.equal('200');
  });

  it('is accepted over TLS from a proxy with its own certificate, which does not authenticate a client', async () => {
    const server = await start({
      forwarded: { format: 'rfc9440' },
      tls: files.listenerTls,
      trustProxy: { certificates: [{ subjectCn: 'another' }] },
      // The proxy is also on the list of clients, by mistake.
      allow: [{ dns: 'platform.example.test' }, { subjectCn: 'another' }],
    });
    const headers = { 'client-cert': byteSequence(files.good.client) };
    const secure = { ca: files.good.ca.certificate };
    const asProxy = { ...secure, cert: unlisted.certificate, key: unlisted.key };
    const { client } = files.good;
    const asClient = { ...secure, cert: client.certificate, key: client.key };
    expect(await outcomeOf(server, { ...asProxy, headers })).to.equal('200');
    expect(await outcomeOf(server, asProxy), 'no header').to.equal(missing);
    expect(await outcomeOf(server, { ...secure, headers }), 'no certificate').to.equal(refusedHeader);
    expect(await outcomeOf(server, { ...asClient, headers }), 'a client’s').to.equal(refusedHeader);
    expect(await outcomeOf(server, { ...asProxy, headers, localAddress: outsideAddress })).to.equal(refusedHeader);
    // A client that bypasses the proxy presents the certificate in the handshake.
    expect(await outcomeOf(server, { ...asClient, localAddress: outsideAddress })).to.equal('200');
  });

  it('is evaluated again after a reload of its CRL, over the same connection', async () => {
    const { good, bad } = files;
    const forwarded = { format: 'rfc9440', clientCa: ['ca.pem'], crl: ['crl.pem'] };
    const server = await servers.start(
      {
        listener: { trustProxy: { addresses: ['127.0.0.1'] } },
        authentication: { mode: 'mtls', clientCertificate: { allow: [{ subjectCn: 'platform' }], forwarded } },
      },
      { 'ca.pem': good.ca.certificate, 'crl.pem': bad.emptyRevocationList },
    );
    const options = {
      agent: servers.kept(server),
      headers: { 'client-cert': byteSequence(bad.certificates['revoked-client']) },
    };
    const statusOf = async () => (await ask(`${server.url}?userid=ada`, options)).status;
    expect(await statusOf()).to.equal(200);
    server.put('crl.pem', bad.revocationList);
    await expectReloaded(server);
    expect(await statusOf()).to.equal(403);
    expect(await server.metrics()).to.have.property(
      'user_info_certificate_expiry_timestamp_seconds{certificate="crl"}',
    );
  });

  interface Front {
    readonly name: string;
    readonly format: string;
    readonly header: string;
    open(port: number, directory: string): Promise<{ url: string; process: ServiceProcess }>;
  }
  const fronts: Front[] = [
    {
      name: 'nginx',
      format: 'nginx',
      header: 'ssl-client-cert',
      open: (port, directory) =>
        startNginx((listen) => [
          `listen 127.0.0.1:${listen} ssl;`,
          `ssl_certificate ${directory}/server.pem; ssl_certificate_key ${directory}/server-key.pem;`,
          // The proxy verifies that the client has the key; the server behind it decides whose certificate it is.
          'ssl_verify_client optional_no_ca;',
          `location / { proxy_pass http://127.0.0.1:${port}; proxy_bind ${proxyAddress};`,
          'proxy_set_header ssl-client-cert $ssl_client_escaped_cert;',
          'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }',
        ]),
    },
    {
      name: 'HAProxy',
      format: 'rfc9440',
      header: 'client-cert',
      open: (port, directory) =>
        startHaproxy((listen) => [
          'frontend front',
          `  bind 127.0.0.1:${listen} ssl crt ${directory}/both.pem ca-file ${directory}/ca.pem verify optional crt-ignore-err all ca-ignore-err all`,
          '  option forwardfor',
          '  http-request del-header client-cert',
          '  http-request set-header client-cert :%[ssl_c_der,base64]: if { ssl_c_used }',
          '  default_backend back',
          'backend back',
          `  server one 127.0.0.1:${port} source ${proxyAddress}`,
        ]),
    },
  ];
  for (const { name, format, header, open } of fronts) {
    it(`is forwarded by ${name}, which removes the header that its client sent`, async () => {
      const directory = scratchDirectory();
      const { good, bad } = files;
      writeFileSync(join(directory, 'server.pem'), good.server.certificate);
      writeFileSync(join(directory, 'server-key.pem'), good.server.key);
      writeFileSync(join(directory, 'both.pem'), good.server.certificate + good.server.key);
      writeFileSync(join(directory, 'ca.pem'), good.ca.certificate);
      const server = await start({ forwarded: { format } });
      const front = await open(Number(new URL(server.url).port), directory);
      proxies.push(front.process);
      async function through(issued: IssuedCertificate | null, headers = {}): Promise<string> {
        const answer = await askOrRefused(`${front.url}/user-info?userid=ada`, {
          ca: good.ca.certificate,
          ...(issued && { cert: issued.certificate, key: issued.key }),
          headers,
        });
        return typeof answer === 'string' ? answer : `${answer.status}`;
      }
      expect(await through(good.client)).to.equal('200');
      expect(await through(unlisted)).to.equal('403');
      expect(await through(bad.certificates['revoked-client'])).to.equal('403');
      expect(await through(bad.certificates['other-ca-client'])).to.equal('403');
      // nginx leaves the verification of the issuer to the server behind it, and checks the dates itself.
      expect(await through(bad.certificates['expired-client'])).to.equal(name === 'nginx' ? '400' : '403');
      const claim = { [header]: format === 'nginx' ? escaped(good.client) : byteSequence(good.client) };
      expect(await through(null, claim), 'a claim without a certificate').to.equal('403');
      expect(await through(unlisted, { ...claim, 'X-Forwarded-For': '192.0.2.1' }), 'a claim').to.equal('403');
      const requests = (await server.stopAndReadLog()).filter(({ msg }) => msg === 'request');
      expect(new Set(requests.map(({ remoteAddress }) => remoteAddress))).to.deep.equal(new Set(['127.0.0.1']));
    }).timeout(60_000);
  }
});
