// Tests of settings that Node's TLS does not keep by itself. Renewing a certificate must not reset other settings, and adding a CRL must not make the
// server trust other CAs.
import { type ConnectionOptions, connect } from 'node:tls';
import { expect } from 'chai';
import { askOrRefused } from '../../tests/ask-server.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import {
  createReloadableServers,
  expectReloaded,
  type ReloadableServer,
  tlsFiles,
  tlsOfFiles,
} from '../../tests/reloadable-server.ts';

const mutual = {
  listener: { tls: tlsOfFiles },
  authentication: { mode: 'mtls', clientCertificate: { allow: [{ email: 'platform@example.test' }] } },
};

describe('TLS', () => {
  const servers = createReloadableServers();
  const { start } = servers;
  afterEach(() => servers.stopAll());

  type Shown = 'good' | 'other-ca-client' | 'none';
  /** @returns the status, or the error of the connection. */
  async function outcomeFor({ url }: ReloadableServer, shown: Shown): Promise<number | string> {
    const { good, bad } = await certificateFiles();
    const pair = { good: good.client, 'other-ca-client': bad.certificates['other-ca-client'], none: null }[shown];
    const client = pair === null ? {} : { cert: pair.certificate, key: pair.key };
    const answer = await askOrRefused(`${url}?userid=ada`, { ca: good.ca.certificate, ...client });
    return typeof answer === 'string' ? answer : answer.status;
  }
  /** @returns the code of the error, 'connected', or 'closed'. */
  function handshakeOf({ url }: ReloadableServer, options: ConnectionOptions): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect({
        host: '127.0.0.1',
        port: Number(new URL(url).port),
        rejectUnauthorized: false,
        ...options,
      });
      socket.once('secureConnect', () => resolve('connected'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      socket.once('close', () => resolve('closed'));
    });
  }

  it('keeps its client CAs and its versions when only the server certificate is renewed', async () => {
    const files = await tlsFiles();
    const server = await start(mutual, files);
    const seen = async () => ({
      good: await outcomeFor(server, 'good'),
      otherCa: await outcomeFor(server, 'other-ca-client'),
      none: await outcomeFor(server, 'none'),
      old: await handshakeOf(server, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
    });
    const before = await seen();
    expect(before).to.include({ good: 200, old: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    expect(before.otherCa).to.be.a('string');
    expect(before.none).to.be.a('string');
    const { bad } = await certificateFiles();
    const renewed = bad.certificates['wrong-host-name-server'];
    server.put('server.pem', renewed.certificate);
    server.put('server-key.pem', renewed.key);
    await expectReloaded(server);
    // The certificate's host name is now a different one, which proves the renewal.
    expect(await outcomeFor(server, 'good')).to.equal('ERR_TLS_CERT_ALTNAME_INVALID');
    server.put('server.pem', files['server.pem'] ?? '');
    server.put('server-key.pem', files['server-key.pem'] ?? '');
    await expectReloaded(server, 3);
    expect(await seen()).to.deep.equal(before);
  });

  it('rejects a client of a CA without a CRL when another CA has a CRL', async () => {
    const { bad } = await certificateFiles();
    const tls = { ...tlsOfFiles, clientCa: [...tlsOfFiles.clientCa, 'other-ca.pem'] };
    const files = { ...(await tlsFiles()), 'other-ca.pem': bad.otherCa, 'crl.pem': bad.emptyRevocationList };
    const { authentication } = mutual;
    const without = await start({ authentication, listener: { tls } }, files);
    const withCrl = await start({ authentication, listener: { tls: { ...tls, crl: ['crl.pem'] } } }, files);
    expect(await outcomeFor(without, 'other-ca-client')).to.equal(200);
    expect(await outcomeFor(withCrl, 'other-ca-client')).to.be.a('string');
    expect(await outcomeFor(withCrl, 'good')).to.equal(200);
    const lines = await withCrl.stopAndReadLog();
    expect(lines.map(({ reason }) => reason)).to.include('UNABLE_TO_GET_CRL');
  });
});
