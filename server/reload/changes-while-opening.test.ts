// Tests that a file replaced during a start or a reload is noticed.
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import type { IssuedCertificate } from '../../certs/issue-certificate.ts';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { ask, askOrRefused } from '../../tests/ask-server.ts';
import { certificateFiles, scratchDirectory } from '../../tests/certificate-files.ts';
import {
  createReloadableServers,
  eventually,
  type ReloadableServer,
  tlsFiles,
  tlsOfFiles,
} from '../../tests/reloadable-server.ts';
import { type CliProcess, startCli } from '../../tests/run-cli.ts';
import type { ConfigSections } from '../../tests/test-server.ts';

/** A source whose `check` writes a file when it is called, and resolves when another one exists. */
const slowSource = `
import { existsSync, writeFileSync } from 'node:fs';
export default ({ reached, gate }) => ({
  findUser: async () => ({ groups: [{ name: 'engineering' }], authorizations: {} }),
  async check() {
    writeFileSync(reached, '');
    while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5));
  },
  close: async () => {},
});`;

/** Creates a gate that blocks the source until `open` is called. */
function createGate() {
  const directory = scratchDirectory();
  const [reached, gate] = [join(directory, 'reached'), join(directory, 'gate')];
  return {
    source: { source: { type: 'module', path: 'source.mjs', options: { reached, gate } } },
    reached: () => eventually(() => existsSync(reached), Boolean),
    open: () => writeFileSync(gate, ''),
  };
}

const fingerprintOf = ({ certificate }: IssuedCertificate) => new X509Certificate(certificate).fingerprint256;

const allow = (email: string) => ({
  authentication: { mode: 'mtls', clientCertificate: { allow: [{ email }] } },
});
const crlTls = { listener: { tls: { ...tlsOfFiles, crl: ['crl.pem'] } } };

describe('a file that is replaced', () => {
  const servers = createReloadableServers();
  afterEach(() => servers.stopAll());

  async function fingerprintSeenBy({ url }: { url: string }): Promise<string> {
    const { hostname: host, port } = new URL(url);
    const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  }

  async function seenBy(client: IssuedCertificate, { url }: { url: string }): Promise<number | string> {
    const { good } = await certificateFiles();
    const answer = await askOrRefused(`${url}?userid=ada`, {
      ca: good.ca.certificate,
      cert: client.certificate,
      key: client.key,
    });
    return typeof answer === 'string' ? 'refused' : answer.status;
  }

  describe('while the source opens at startup', () => {
    /** Starts a server with a slow source, and calls `change` while the source opens. */
    async function startWhile(
      sections: ConfigSections,
      files: Readonly<Record<string, string>>,
      change: (prepared: ReturnType<typeof servers.prepare>) => void,
    ): Promise<ReloadableServer> {
      const { source, reached, open } = createGate();
      const prepared = servers.prepare({ ...source, ...sections }, { 'source.mjs': slowSource, ...files });
      const starting = prepared.start();
      await reached();
      change(prepared);
      open();
      return starting;
    }

    it('is used for the first connection and all later ones: a certificate and its key', async () => {
      const renewed = await issueCertificates();
      const server = await startWhile({ listener: { tls: tlsOfFiles } }, await tlsFiles(), ({ put }) => {
        put('server.pem', renewed.server.certificate);
        put('server-key.pem', renewed.server.key);
      });
      const { good } = await certificateFiles();
      const seen = await fingerprintSeenBy(server);
      expect(seen).not.to.equal(fingerprintOf(good.server));
      expect(seen).to.equal(fingerprintOf(renewed.server));
      expect(await server.readiness()).to.deep.equal({ status: 'ready', reasons: [], generation: 1 });
    });

    it('is used for the first request and all later ones: a CRL that revokes a client', async () => {
      const { bad, good } = await certificateFiles();
      const revoked = bad.certificates['revoked-client'];
      const files = { ...(await tlsFiles()), 'crl.pem': bad.emptyRevocationList };
      const server = await startWhile({ ...crlTls, ...allow('platform@example.test') }, files, ({ put }) =>
        put('crl.pem', bad.revocationList),
      );
      expect(await seenBy(revoked, server)).to.equal('refused');
      expect(await seenBy(good.client, server)).to.equal(200);
    });

    it('is used for the first request and all later ones: an allow-list in the configuration', async () => {
      const { good } = await certificateFiles();
      const tls = { listener: { tls: tlsOfFiles } };
      const server = await startWhile(
        { ...tls, ...allow('platform@example.test') },
        await tlsFiles(),
        ({ configure }) => configure(allow('other@example.test')),
      );
      expect(await seenBy(good.client, server)).to.equal(403);
    });

    it('is rejected when it is invalid: startup continues with the earlier contents, and readiness gives the reason', async () => {
      const server = await startWhile({ listener: { tls: tlsOfFiles } }, await tlsFiles(), ({ put }) =>
        put('server.pem', 'junk'),
      );
      const { good } = await certificateFiles();
      expect(await fingerprintSeenBy(server)).to.equal(fingerprintOf(good.server));
      const { status, reasons } = await server.readiness();
      expect(status).to.equal('degraded');
      // The option is named in the log only: readiness is visible to every client.
      expect(reasons.join()).to.include('The newer configuration was rejected');
    });
  });

  it('while a reload opens the source is used when the reload has ended', async () => {
    const { good } = await certificateFiles();
    const tls = { listener: { tls: tlsOfFiles } };
    const server = await servers.start(tls, { ...(await tlsFiles()), 'source.mjs': slowSource });
    const { source, reached, open } = createGate();
    server.configure({ ...tls, ...source });
    const reloading = server.reload();
    await reached();
    const renewed = await issueCertificates();
    server.put('server.pem', renewed.server.certificate);
    server.put('server-key.pem', renewed.server.key);
    open();
    expect(await reloading).to.deep.equal({ outcome: 'reloaded', generation: 3, faults: [] });
    expect(await fingerprintSeenBy(server)).not.to.equal(fingerprintOf(good.server));
    expect(await fingerprintSeenBy(server)).to.equal(fingerprintOf(renewed.server));
  });

  describe('while several workers open their sources', () => {
    let serving: CliProcess | undefined;
    afterEach(() => serving?.child.kill('SIGKILL'));
    const versionsSeenAt = async (url: string) =>
      JSON.parse((await ask(`${url}?userid=ada`)).body).authorizations.version as string[];

    /** A source whose responses contain the version from the configuration, not from the module's file. */
    const versionedSource = slowSource
      .replace('({ reached, gate })', '({ reached, gate, version })')
      .replace('authorizations: {}', 'authorizations: { version: [version] }');

    it('is used by all workers when they are ready, and after a reload', async () => {
      const directory = scratchDirectory();
      writeFileSync(join(directory, 'source.mjs'), versionedSource);
      const file = join(directory, 'user-info.json');
      const configure = (version: string, { source: { source } }: ReturnType<typeof createGate>) =>
        writeFileSync(
          file,
          JSON.stringify({
            listener: { port: 0 },
            administration: { port: 0 },
            workers: 2,
            authentication: { mode: 'none' },
            source: { ...source, options: { ...source.options, version } },
            reload: { watch: false },
          }),
        );
      const first = createGate();
      configure('first', first);
      serving = startCli(['serve', '--config', file]);
      const second = createGate();
      await first.reached();
      configure('second', second);
      second.open();
      first.open();
      const [, url = '', administration = ''] = await serving.printed(
        'stdout',
        /"url":"([^"]+)","administrationUrl":"([^"]+)","workers":2/,
      );
      // New connections go to each worker in turn.
      await eventually(
        async () => [await versionsSeenAt(url), await versionsSeenAt(url)].flat(),
        (seen) => seen.every((version) => version === 'second'),
      );
      const [third, fourth] = [createGate(), createGate()];
      configure('third', third);
      const reloading = ask(`${administration}/reload`, { method: 'POST' });
      await third.reached();
      configure('fourth', fourth);
      fourth.open();
      third.open();
      expect(JSON.parse((await reloading).body).outcome).to.equal('reloaded');
      expect([await versionsSeenAt(url), await versionsSeenAt(url)].flat()).to.deep.equal(['fourth', 'fourth']);
      serving.child.kill('SIGTERM');
      expect((await serving.ended()).exitCode).to.equal(0);
    }).timeout(120_000);
  });
});
