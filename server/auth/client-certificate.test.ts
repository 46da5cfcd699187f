// Tests of every mode with every kind of certificate and credentials, over real TLS, with the logged reason.
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { expect } from 'chai';
import type { BadCertificateName } from '../../certs/issue-bad-certificates.ts';
import { type IssuedCertificate, importSigningKey, issueCertificate } from '../../certs/issue-certificate.ts';
import { daysFromNow } from '../../certs/issue-certificates.ts';
import { ask, askOrRefused, basicHeader, keepAliveAgent, openSocket, readToEnd } from '../../tests/ask-server.ts';
import { type CertificateFiles, certificateFiles } from '../../tests/certificate-files.ts';
import { secretReference, stoppedAfterEach, type TestServer } from '../../tests/test-server.ts';
import { readCertificateNames } from './client-certificate.ts';

type CertificateKind = 'no' | 'the good' | 'the unlisted' | BadCertificateName;
type Credentials = 'no' | 'right' | 'wrong';
type Mode = 'basic' | 'mtls' | 'both' | 'either';
type Entry = Readonly<Record<string, string>>;

const refusedByTls = 'refused by TLS';
const allowed: Entry = { dns: 'platform.example.test' };
const environment = { API_PASSWORD: 'right' };
const headerOf: Record<Credentials, string | undefined> = {
  no: undefined,
  right: basicHeader('api', 'right'),
  wrong: basicHeader('api', 'wrong'),
};

describe('client certificates', () => {
  let files: CertificateFiles;
  let unlisted: IssuedCertificate;
  const startTestServer = stoppedAfterEach();

  before(async () => {
    files = await certificateFiles();
    unlisted = await issueCertificate(
      { ...daysFromNow(0, 30), use: 'client', keyType: 'ec', commonName: 'another' },
      files.good.ca,
    );
  });

  function start(mode: Mode, request?: 'required' | 'optional', allow: Entry[] = [allowed]): Promise<TestServer> {
    const wantsPassword = mode !== 'mtls';
    const wantsCertificate = mode !== 'basic' || request !== undefined;
    return startTestServer(
      {
        listener: { tls: { ...files.listenerTls, crl: [files.crl] } },
        authentication: {
          mode,
          failedLogins: { max: 0 },
          ...(wantsPassword && {
            basic: { credentials: [{ username: 'api', password: secretReference('API_PASSWORD') }] },
          }),
          ...(wantsCertificate && { clientCertificate: { allow, ...(request && { request }) } }),
        },
        administration: { port: 0 },
      },
      environment,
    );
  }

  function clientOf(kind: CertificateKind): { cert?: string; key?: string } {
    if (kind === 'no') return {};
    const issued =
      kind === 'the good' ? files.good.client : kind === 'the unlisted' ? unlisted : files.bad.certificates[kind];
    return { cert: issued.certificate, key: issued.key };
  }

  async function outcomeOf(server: TestServer, kind: CertificateKind, credentials: Credentials): Promise<string> {
    const authorization = headerOf[credentials];
    const answer = await askOrRefused(server.adaUrl, {
      ca: files.good.ca.certificate,
      ...clientOf(kind),
      ...(authorization !== undefined && { headers: { authorization } }),
    });
    if (typeof answer === 'string') return refusedByTls;
    const { code } = JSON.parse(answer.body) as { code?: string };
    return code === undefined ? String(answer.status) : `${answer.status} ${code}`;
  }

  const badKinds: BadCertificateName[] = [
    'expired-client',
    'not-yet-valid-client',
    'other-ca-client',
    'self-signed-client',
    'wrong-extended-key-usage-client',
    'revoked-client',
  ];
  const missing = '403 certificate-missing';
  const notAllowed = '403 certificate-not-allowed';
  const untrusted = '403 certificate-untrusted';
  const askForCredentials = '401 credentials-missing';
  const wrong = '401 credentials-wrong';

  /** Outcomes by credentials: none, right, wrong. */
  type Row = [none: string, right: string, wrong: string];
  const everyTime = (outcome: string): Row => [outcome, outcome, outcome];
  const byCredentials: Row = [askForCredentials, '200', wrong];
  const tables: Array<{
    mode: Mode;
    request?: 'required' | 'optional';
    none: Row;
    good: Row;
    unlisted: Row;
    bad: Row;
  }> = [
    { mode: 'basic', none: byCredentials, good: byCredentials, unlisted: byCredentials, bad: byCredentials },
    {
      mode: 'basic',
      request: 'required',
      none: everyTime(refusedByTls),
      good: byCredentials,
      unlisted: byCredentials,
      bad: everyTime(refusedByTls),
    },
    {
      mode: 'mtls',
      request: 'required',
      none: everyTime(refusedByTls),
      good: everyTime('200'),
      unlisted: everyTime(notAllowed),
      bad: everyTime(refusedByTls),
    },
    {
      mode: 'mtls',
      request: 'optional',
      none: everyTime(missing),
      good: everyTime('200'),
      unlisted: everyTime(notAllowed),
      bad: everyTime(untrusted),
    },
    {
      mode: 'both',
      request: 'required',
      none: everyTime(refusedByTls),
      good: byCredentials,
      unlisted: everyTime(notAllowed),
      bad: everyTime(refusedByTls),
    },
    {
      mode: 'both',
      request: 'optional',
      none: everyTime(missing),
      good: byCredentials,
      unlisted: everyTime(notAllowed),
      bad: everyTime(untrusted),
    },
    {
      mode: 'either',
      request: 'optional',
      none: byCredentials,
      good: everyTime('200'),
      unlisted: [notAllowed, '200', wrong],
      bad: [untrusted, '200', wrong],
    },
    {
      mode: 'either',
      request: 'required',
      none: everyTime(refusedByTls),
      good: everyTime('200'),
      unlisted: [notAllowed, '200', wrong],
      bad: everyTime(refusedByTls),
    },
  ];
  for (const { mode, request, none, good, unlisted: other, bad } of tables) {
    it(`in mode ${mode}, ${request ?? 'not requested'}, have the outcome of the table with all credentials`, async () => {
      const server = await start(mode, request);
      const rows: Array<[CertificateKind, Row]> = [
        ['no', none],
        ['the good', good],
        ['the unlisted', other],
        ...badKinds.map((kind): [CertificateKind, Row] => [kind, bad]),
      ];
      for (const [kind, row] of rows) {
        const outcomes: string[] = [];
        for (const credentials of ['no', 'right', 'wrong'] as const) {
          outcomes.push(await outcomeOf(server, kind, credentials));
        }
        expect(outcomes, `${kind} certificate with no, right and wrong credentials`).to.deep.equal(row);
      }
    });
  }

  it('are not requested in mode none', async () => {
    const server = await startTestServer({ listener: { tls: files.listenerTls } });
    expect(await outcomeOf(server, 'expired-client', 'wrong')).to.equal('200');
  });

  // Node closes the connection of a client with an untrusted certificate first, and documents no other way to get the client's address.
  const reasons: Array<[kind: CertificateKind, reason: string, remoteAddress?: string]> = [
    ['no', 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', '127.0.0.1'],
    ['expired-client', 'CERT_HAS_EXPIRED'],
    ['not-yet-valid-client', 'CERT_NOT_YET_VALID'],
    ['other-ca-client', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['wrong-extended-key-usage-client', 'INVALID_PURPOSE'],
    ['revoked-client', 'CERT_REVOKED'],
  ];
  for (const [kind, reason, remoteAddress] of reasons) {
    it(`are rejected by TLS with the reason in the log, and counted: ${kind}`, async () => {
      const server = await start('mtls', 'required');
      expect(await outcomeOf(server, kind, 'no')).to.equal(refusedByTls);
      const { body } = await ask(`${server.administrationUrl}/metrics`);
      expect(body).to.match(/^user_info_tls_failures_total 1$/m);
      const line = (await server.stopAndReadLog()).find(({ msg }) => msg === 'a TLS handshake failed');
      expect(line).to.include({ level: 'warn', reason });
      expect(line?.remoteAddress).to.equal(remoteAddress);
    });
  }

  it('that are not trusted are logged with the reason when their request is optional', async () => {
    const server = await start('mtls', 'optional');
    await outcomeOf(server, 'revoked-client', 'no');
    const line = (await server.stopAndReadLog()).find(({ msg }) => msg === 'a client certificate is not trusted');
    expect(line).to.include({ level: 'warn', reason: 'CERT_REVOKED', remoteAddress: '127.0.0.1' });
  });

  it('are not named as the reason when a client sends plain HTTP to the HTTPS port', async () => {
    const server = await start('mtls', 'required');
    const socket = await openSocket(server.url);
    socket.write('GET /user-info HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await readToEnd(socket);
    const line = (await server.stopAndReadLog()).find(({ msg }) => msg === 'a TLS handshake failed');
    expect(line).to.include({ reason: 'ERR_SSL_HTTP_REQUEST', remoteAddress: '127.0.0.1' });
  });

  const fingerprint = () => new X509Certificate(files.good.client.certificate).getThumbprint('SHA-256');
  const entries: Array<[name: string, entry: () => Entry | Promise<Entry>, outcome: string]> = [
    ['the DNS name', () => ({ dns: 'platform.example.test' }), '200'],
    ['the DNS name in another letter case', () => ({ dns: 'PLATFORM.Example.test' }), '200'],
    ['a wildcard, which matches only itself', () => ({ dns: '*.example.test' }), notAllowed],
    ['the domain above', () => ({ dns: 'example.test' }), notAllowed],
    ['the e-mail address', () => ({ email: 'platform@example.test' }), '200'],
    ['the e-mail address with its host in another letter case', () => ({ email: 'platform@EXAMPLE.test' }), '200'],
    [
      'the e-mail address with its local part in another letter case',
      () => ({ email: 'Platform@example.test' }),
      notAllowed,
    ],
    ['the e-mail address as DNS name', () => ({ dns: 'example.test' }), notAllowed],
    ['the common name', () => ({ subjectCn: 'platform' }), '200'],
    ['the common name in another letter case', () => ({ subjectCn: 'Platform' }), notAllowed],
    ['the DNS name as common name', () => ({ subjectCn: 'platform.example.test' }), notAllowed],
    ['the fingerprint', async () => ({ fingerprint256: Buffer.from(await fingerprint()).toString('hex') }), '200'],
    [
      'the fingerprint with colons in capitals',
      async () => ({
        fingerprint256: Buffer.from(await fingerprint())
          .toString('hex')
          .toUpperCase()
          .replace(/..\B/g, '$&:'),
      }),
      '200',
    ],
    ['another fingerprint', () => ({ fingerprint256: 'ab'.repeat(32) }), notAllowed],
  ];
  for (const [name, entry, outcome] of entries) {
    it(`are ${outcome === '200' ? 'allowed' : 'not allowed'} by ${name}`, async () => {
      expect(await outcomeOf(await start('mtls', 'required', [await entry()]), 'the good', 'no')).to.equal(outcome);
    });
  }

  /** Issues a client certificate with names that the project's issuer would not write. */
  async function issueWithNames(names: JsonGeneralNames, commonName = 'trick'): Promise<IssuedCertificate> {
    const { ca } = files.good;
    const draft = await issueCertificate({ ...daysFromNow(0, 30), use: 'client', keyType: 'ec', commonName }, ca);
    const { publicKey, subjectName, notBefore, notAfter } = new X509Certificate(draft.certificate);
    const signer = await importSigningKey(ca.key);
    const certificate = await X509CertificateGenerator.create({
      subject: subjectName,
      issuer: new X509Certificate(ca.certificate).subjectName,
      notBefore,
      notAfter,
      publicKey,
      signingKey: signer.key,
      signingAlgorithm: signer.algorithm,
      extensions: [
        new BasicConstraintsExtension(false),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension(names),
      ],
    });
    return { certificate: certificate.toString('pem'), key: draft.key };
  }

  async function outcomeOfCertificate(entry: Entry, { certificate, key }: IssuedCertificate): Promise<number> {
    const server = await start('mtls', 'required', [entry]);
    return (await ask(server.adaUrl, { ca: files.good.ca.certificate, cert: certificate, key })).status;
  }

  it('are allowed by their URI, which is compared exactly', async () => {
    const certificate = await issueWithNames([{ type: 'url', value: 'spiffe://example.test/platform' }]);
    expect(await outcomeOfCertificate({ uri: 'spiffe://example.test/platform' }, certificate)).to.equal(200);
    expect(await outcomeOfCertificate({ uri: 'spiffe://example.test/Platform' }, certificate)).to.equal(403);
  });

  const tricks: Array<[name: string, names: JsonGeneralNames]> = [
    ['a comma and "DNS:" inside a DNS name', [{ type: 'dns', value: 'evil.test, DNS:platform.example.test' }]],
    ['"DNS:" inside a URI', [{ type: 'url', value: 'http://evil.test/, DNS:platform.example.test' }]],
    ['"DNS:" inside an e-mail address', [{ type: 'email', value: 'evil@evil.test, DNS:platform.example.test' }]],
    ['a NUL after the name', [{ type: 'dns', value: 'platform.example.test\0.evil.test' }]],
    ['the name in another type', [{ type: 'url', value: 'platform.example.test' }]],
  ];
  for (const [name, names] of tricks) {
    it(`are not allowed by ${name} (CVE-2021-44532)`, async () => {
      expect(await outcomeOfCertificate(allowed, await issueWithNames(names))).to.equal(403);
    });
  }

  it('are read with all the names that an entry can match', async () => {
    const { certificate } = await issueWithNames(
      [
        { type: 'dns', value: 'a.example.test' },
        { type: 'dns', value: 'b.example.test' },
        { type: 'email', value: 'a@example.test' },
        { type: 'ip', value: '192.0.2.1' },
      ],
      'Zoë, CN=platform',
    );
    expect(readCertificateNames(new Uint8Array(new X509Certificate(certificate).rawData), 'AB:CD')).to.deep.equal({
      dns: ['a.example.test', 'b.example.test'],
      email: ['a@example.test'],
      uri: [],
      subjectCn: ['Zoë, CN=platform'],
      fingerprint256: 'abcd',
    });
  });

  it('apply to all requests of a connection', async () => {
    const server = await start('both', 'required');
    const agent = keepAliveAgent(server.url, { ca: files.good.ca.certificate, ...clientOf('the good') });
    const statuses: number[] = [];
    for (const credentials of ['right', 'wrong', 'right'] as const) {
      const headers = { authorization: headerOf[credentials] ?? '' };
      statuses.push((await ask(server.adaUrl, { agent, headers })).status);
    }
    agent.destroy();
    expect(statuses).to.deep.equal([200, 401, 200]);
  });

  /** Sends one request over a separate connection. @returns the status ('' when TLS refused), the session, and whether the session was resumed. */
  async function overSession(server: TestServer, options: ConnectionOptions) {
    const { port } = new URL(server.url);
    const socket: TLSSocket = connect({
      host: '127.0.0.1',
      port: Number(port),
      ca: files.good.ca.certificate,
      ...options,
    });
    let session: Buffer | undefined;
    socket.on('session', (latest: Buffer) => {
      session = latest;
    });
    let isReused = false;
    socket.on('secureConnect', () => {
      isReused = socket.isSessionReused();
    });
    socket.write('GET /user-info?userid=ada HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const heard = await readToEnd(socket);
    return { status: heard.slice(9, 12), session, isReused };
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const pinned: ConnectionOptions = { minVersion: version, maxVersion: version };

    it(`are evaluated again when a session is resumed over ${version}`, async () => {
      const server = await start('mtls', 'optional');
      const outcomes: Array<[CertificateKind, string]> = [
        ['the good', '200'],
        ['the unlisted', '403'],
        ['revoked-client', '403'],
        ['no', '403'],
      ];
      for (const [kind, status] of outcomes) {
        const options = { ...pinned, ...clientOf(kind) };
        const first = await overSession(server, options);
        expect(first.status, kind).to.equal(status);
        const again = await overSession(server, { ...options, ...(first.session && { session: first.session }) });
        expect(again, kind).to.include({ status, isReused: true });
      }
    });

    it(`are requested when the session of another server is presented over ${version}`, async () => {
      const server = await start('mtls', 'required');
      const { session } = await overSession(server, { ...pinned, ...clientOf('the good') });
      const other = await start('mtls', 'required');
      const shown = await overSession(other, { ...pinned, ...(session && { session }) });
      expect(shown).to.include({ status: '', isReused: false });
    });
  }
});
