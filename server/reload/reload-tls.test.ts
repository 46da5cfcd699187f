// Tests of reloading certificates, CAs and CRLs: connections that are no longer allowed are closed, and only those.
import { once } from 'node:events';
import type { Agent } from 'node:http';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import type { IssuedCertificate } from '../../certs/issue-certificate.ts';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { type Answer, ask, askOrRefused, parseAnswer } from '../../tests/ask-server.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import {
  createReloadableServers,
  expectReloaded,
  type ReloadableServer,
  tlsFiles,
  tlsOfFiles,
} from '../../tests/reloadable-server.ts';
import type { ConfigSections } from '../../tests/test-server.ts';

const platformOnly = [{ email: 'platform@example.test' }];
const mutual: ConfigSections = {
  listener: { tls: tlsOfFiles },
  authentication: { mode: 'mtls', clientCertificate: { allow: platformOnly } },
};

describe('a reload', () => {
  const servers = createReloadableServers();
  const { start, kept } = servers;
  afterEach(() => servers.stopAll());

  const adaUrl = ({ url }: { url: string }) => `${url}?userid=ada`;
  const statusOf = async (asking: Promise<Answer>) => (await asking).status;

  describe('of certificates', () => {
    async function fingerprintSeenBy(server: ReloadableServer): Promise<string> {
      const socket = connectTls({
        host: '127.0.0.1',
        port: Number(new URL(server.url).port),
        rejectUnauthorized: false,
      });
      await once(socket, 'secureConnect');
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    }

    it('presents the new certificate to new clients, and closes no existing connection', async () => {
      const server = await start({ listener: { tls: tlsOfFiles } }, await tlsFiles());
      const agent = kept(server, { rejectUnauthorized: false });
      const before = await fingerprintSeenBy(server);
      expect(await statusOf(ask(adaUrl(server), { agent }))).to.equal(200);
      const [socket] = Object.values(agent.freeSockets).flat();
      const renewed = await issueCertificates();
      server.put('server.pem', renewed.server.certificate);
      server.put('server-key.pem', renewed.server.key);
      await expectReloaded(server);
      expect(await fingerprintSeenBy(server)).not.to.equal(before);
      expect(await statusOf(ask(adaUrl(server), { agent }))).to.equal(200);
      expect(Object.values(agent.freeSockets).flat()).to.deep.equal([socket]);
    });

    const broken: Array<[name: string, file: string, text: () => Promise<string>, fault: RegExp]> = [
      [
        'a key of another certificate',
        'server-key.pem',
        async () => (await issueCertificates()).server.key,
        /does not match/,
      ],
      ['an invalid key', 'server-key.pem', async () => 'junk', /contains no private key/],
      ['an invalid certificate', 'server.pem', async () => 'junk', /contains no certificate/],
      [
        'a certificate that has expired',
        'server.pem',
        async () => (await certificateFiles()).bad.certificates['expired-server'].certificate,
        /expired on/,
      ],
      ['an invalid client CA', 'ca.pem', async () => 'junk', /clientCa\[0\]: .*ca\.pem contains no certificate/],
    ];
    for (const [name, file, text, fault] of broken) {
      it(`rejects ${name}, continues with the old files, and reports the error until it is fixed`, async () => {
        const files = await tlsFiles();
        const server = await start({ listener: { tls: tlsOfFiles } }, files);
        const before = await fingerprintSeenBy(server);
        server.put(file, await text());
        const { outcome, generation, faults } = await server.reload();
        expect({ outcome, generation }).to.deep.equal({ outcome: 'refused', generation: 1 });
        expect(faults.join('\n')).to.match(fault);
        expect(await fingerprintSeenBy(server)).to.equal(before);
        const readiness = await server.readiness();
        expect(readiness).to.include({ status: 'degraded', generation: 1 });
        expect(readiness.reasons).to.have.length(1);
        expect(readiness.reasons[0]).to.match(
          /^The newer configuration was rejected with (?:an error|\d errors); see the log\. Generation 1 remains in use\.$/,
        );
        server.put(file, files[file] ?? '');
        await expectReloaded(server);
        expect(await server.readiness()).to.deep.equal({ status: 'ready', reasons: [], generation: 2 });
        const lines = await server.stopAndReadLog();
        expect(lines.filter(({ level }) => level === 'error').map(({ faults: logged }) => logged)).to.deep.equal([
          faults,
        ]);
      });
    }
  });

  describe('of the allowed clients', () => {
    interface Client {
      readonly agent: Agent;
      ask(): Promise<number | string>;
      /** Resolves when the server closes the connection. */
      closed(): Promise<unknown>;
    }

    /** Creates a client that has sent one request and keeps its connection open. */
    async function connectedClient(server: ReloadableServer, { certificate, key }: IssuedCertificate): Promise<Client> {
      const agent = kept(server, { cert: certificate, key, ca: (await certificateFiles()).good.ca.certificate });
      const askOnce = async () => {
        const answer = await askOrRefused(adaUrl(server), { agent });
        return typeof answer === 'string' ? answer : answer.status;
      };
      expect(await askOnce()).to.equal(200);
      const [socket] = Object.values(agent.freeSockets).flat();
      const closed = once(socket as TLSSocket, 'close');
      return { agent, ask: askOnce, closed: () => closed };
    }

    it('closes only the persistent connections of a client that a CRL revokes', async () => {
      const { good, bad } = await certificateFiles();
      const withCrl = { ...mutual, listener: { tls: { ...tlsOfFiles, crl: ['crl.pem'] } } };
      const server = await start(withCrl, { ...(await tlsFiles()), 'crl.pem': bad.emptyRevocationList });
      const honest = await connectedClient(server, good.client);
      const revoked = await connectedClient(server, bad.certificates['revoked-client']);
      const [honestSocket] = Object.values(honest.agent.freeSockets).flat();
      server.put('crl.pem', bad.revocationList);
      await expectReloaded(server);
      await revoked.closed();
      expect(await revoked.ask()).to.be.a('string');
      expect(await honest.ask()).to.equal(200);
      expect(Object.values(honest.agent.freeSockets).flat()).to.deep.equal([honestSocket]);
    });

    it('closes the persistent connections of a client whose CA was removed, and of a client that was removed from the list', async () => {
      const { good } = await certificateFiles();
      const others = await issueCertificates({ clientEmail: 'other@example.test' });
      const allow = [...platformOnly, { email: 'other@example.test' }];
      const both = { ...mutual, authentication: { mode: 'mtls', clientCertificate: { allow } } };
      const files = await tlsFiles();
      const server = await start(both, { ...files, 'ca.pem': `${files['ca.pem']}\n${others.ca.certificate}` });
      const platform = await connectedClient(server, good.client);
      const other = await connectedClient(server, others.client);
      server.put('ca.pem', files['ca.pem'] ?? '');
      await expectReloaded(server);
      await other.closed();
      expect(await platform.ask()).to.equal(200);
      server.configure({ authentication: { mode: 'mtls', clientCertificate: { allow: allow.slice(1) } } });
      await expectReloaded(server, 3);
      await platform.closed();
      expect(await platform.ask()).to.equal(403);
    });

    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`accepts no session ticket that was issued before a CRL was added (${version})`, async () => {
        const { good, bad } = await certificateFiles();
        const { certificate: cert, key } = bad.certificates['revoked-client'];
        const withCrl = { ...mutual, listener: { tls: { ...tlsOfFiles, crl: ['crl.pem'] } } };
        const server = await start(withCrl, { ...(await tlsFiles()), 'crl.pem': bad.emptyRevocationList });

        /** @returns the result of the handshake, the response, and a ticket. */
        async function connectWith(session: Buffer | null) {
          const socket = connectTls({
            host: '127.0.0.1',
            port: Number(new URL(server.url).port),
            ca: good.ca.certificate,
            cert,
            key,
            maxVersion: version,
            ...(session && { session }),
          });
          let ticket: Buffer | null = null;
          let heard = '';
          socket.on('session', (given) => {
            ticket = given;
          });
          socket.setEncoding('utf8').on('data', (part) => {
            heard += part;
          });
          socket.on('error', () => undefined);
          socket.write('GET /user-info?userid=ada HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
          let resumed = false;
          socket.on('secureConnect', () => {
            resumed = socket.isSessionReused();
          });
          await new Promise((resolve) => socket.once('close', resolve));
          return { resumed, ticket: ticket as Buffer | null, status: heard === '' ? 'cut' : parseAnswer(heard).status };
        }

        const first = await connectWith(null);
        expect(first.status).to.equal(200);
        const second = await connectWith(first.ticket);
        expect([second.resumed, second.status], 'a ticket works before').to.deep.equal([true, 200]);
        server.put('crl.pem', bad.revocationList);
        await expectReloaded(server);
        const third = await connectWith(second.ticket ?? first.ticket);
        expect([third.resumed, third.status]).to.deep.equal([false, 'cut']);
      });
    }
  });
});
