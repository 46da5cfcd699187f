// Tests which versions of TLS, and which ciphers, the listener accepts.
import { once } from 'node:events';
import { type ConnectionOptions, connect, getCiphers } from 'node:tls';
import { expect } from 'chai';
import { type CertificateFiles, certificateFiles } from '../../tests/certificate-files.ts';
import { startCli } from '../../tests/run-cli.ts';
import { startTestServer, type TestServer } from '../../tests/test-server.ts';

describe('the versions of TLS', () => {
  let server: TestServer;
  let files: CertificateFiles;

  before(async () => {
    files = await certificateFiles();
    server = await startTestServer({ listener: { tls: files.listenerTls } });
  });
  after(() => server.stop());

  async function versionOf(options: ConnectionOptions): Promise<string | null> {
    const { port } = new URL(server.url);
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: files.good.ca.certificate, ...options });
    await once(socket, 'secureConnect');
    const version = socket.getProtocol();
    socket.destroy();
    return version;
  }

  it('prefer 1.3', async () => {
    expect(await versionOf({})).to.equal('TLSv1.3');
  });

  it('include 1.2', async () => {
    expect(await versionOf({ maxVersion: 'TLSv1.2' })).to.equal('TLSv1.2');
  });

  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    it(`do not include ${version}`, async () => {
      // Otherwise the client itself would abort the handshake, and the server would not be tested.
      const old: ConnectionOptions = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' };
      const refusal = await versionOf(old).catch((error: NodeJS.ErrnoException) => error.code);
      expect(refusal).to.equal('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    });
  }

  async function cipherOf(port: number, options: ConnectionOptions = {}): Promise<string> {
    const socket = connect({ host: '127.0.0.1', port, ca: files.good.ca.certificate, ...options });
    await once(socket, 'secureConnect');
    const { name } = socket.getCipher();
    socket.destroy();
    return name;
  }

  it('prefer AES-128-GCM, whatever a client prefers', async () => {
    const port = Number(new URL(server.url).port);
    expect(await cipherOf(port)).to.equal('TLS_AES_128_GCM_SHA256');
    expect(await cipherOf(port, { ciphers: 'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256' })).to.match(/AES_128/);
    expect(await cipherOf(port, { ciphers: 'TLS_AES_256_GCM_SHA384' })).to.equal('TLS_AES_256_GCM_SHA384');
    expect(await cipherOf(port, { maxVersion: 'TLSv1.2' })).to.equal('ECDHE-ECDSA-AES128-GCM-SHA256');
  });

  it('offer no CBC cipher in TLS 1.2', async () => {
    const port = Number(new URL(server.url).port);
    const ciphersOf12 = getCiphers().filter((name) => !name.startsWith('tls_'));
    const accepted: string[] = [];
    for (const name of ciphersOf12) {
      const options = {
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.2',
        ciphers: `${name.toUpperCase()}:@SECLEVEL=0`,
      } as const;
      const cipher = await cipherOf(port, options).catch(() => null);
      if (cipher !== null) accepted.push(cipher);
    }
    // The suites for an ECDSA certificate; an RSA certificate has the same three.
    expect(accepted).to.have.members([
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
    ]);
  });

  it("use the ciphers from Node's options when these are set", async () => {
    const environment = { NODE_OPTIONS: '--tls-cipher-list=TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256' };
    const serving = startCli(['serve', '--dev', '--port', '0'], environment);
    const [, port] = await serving.printed('stdout', /https:\/\/[^ :"]+:(\d+)/);
    expect(await cipherOf(Number(port), { rejectUnauthorized: false })).to.equal('TLS_AES_256_GCM_SHA384');
    serving.child.kill('SIGTERM');
    await serving.ended();
  });
});
