// Tests of the certificates in real TLS handshakes: good ones are accepted, each bad one is rejected.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect, createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { expect } from 'chai';
import { type BadCertificateName, type BadCertificates, issueBadCertificates } from './issue-bad-certificates.ts';
import { type DevelopmentCertificates, issueCertificates } from './issue-certificates.ts';

describe('mutual TLS with the development certificates', () => {
  let good: DevelopmentCertificates;
  let bad: BadCertificates;
  const open: Server[] = [];

  before(async () => {
    good = await issueCertificates();
    bad = await issueBadCertificates(good.ca);
  });

  afterEach(async () => {
    for (const server of open.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  });

  /** Starts a server that requires a client certificate of the CA, and greets accepted clients. */
  async function listen(options: TlsOptions): Promise<Server> {
    const { certificate: cert, key } = good.server;
    const server = createServer({ cert, key, ca: good.ca.certificate, requestCert: true, ...options });
    server.on('secureConnection', (socket) => socket.end('welcome'));
    // A rejected client disconnects; the test evaluates what the client received.
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(server);
    return server;
  }

  /** @returns the server's text, or the code of the error. Under TLS 1.3, a refusal arrives only after the handshake. */
  async function greet(server: Server, options: ConnectionOptions): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: good.ca.certificate, ...options });
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    try {
      await once(socket, 'close');
    } catch (error) {
      // Only the server's text matters: the server closes at once, and pending data from the client results in a reset.
      return heard || ((error as NodeJS.ErrnoException).code ?? String(error));
    }
    return heard || 'refused';
  }

  const clientOf = ({ certificate: cert, key }: { certificate: string; key: string }) => ({ cert, key });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`accepts the client over ${maxVersion}`, async () => {
      const server = await listen({ maxVersion });
      expect(await greet(server, clientOf(good.client))).to.equal('welcome');
    });
  }

  it('accepts a client that connects to the IP address of the server', async () => {
    const server = await listen({});
    expect(await greet(server, { ...clientOf(good.client), servername: '' })).to.equal('welcome');
  });

  it('refuses a client without a certificate', async () => {
    expect(await greet(await listen({}), {})).not.to.equal('welcome');
  });

  const refusedClients: [name: BadCertificateName, reason: string][] = [
    ['expired-client', 'CERT_HAS_EXPIRED'],
    ['not-yet-valid-client', 'CERT_NOT_YET_VALID'],
    ['other-ca-client', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['self-signed-client', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['wrong-extended-key-usage-client', 'INVALID_PURPOSE'],
    ['revoked-client', 'CERT_REVOKED'],
  ];
  for (const [name, reason] of refusedClients) {
    it(`refuses ${name}: ${reason}`, async () => {
      // If the server has any CRL, it would reject clients of a CA without a CRL for that reason.
      const trust: TlsOptions = name === 'revoked-client' ? { crl: bad.revocationList } : {};
      const client = clientOf(bad.certificates[name]);
      expect(await greet(await listen(trust), client)).not.to.equal('welcome');

      // Node reports the reason only for a connection that it accepts.
      const lenient = await listen({ ...trust, rejectUnauthorized: false });
      const accepted = once(lenient, 'secureConnection') as Promise<[TLSSocket]>;
      expect(await greet(lenient, client)).to.equal('welcome');
      const [socket] = await accepted;
      expect(socket.authorizationError).to.equal(reason);
    });
  }

  it('accepts the good client with the CRL, and the revoked one with the empty CRL', async () => {
    expect(await greet(await listen({ crl: bad.revocationList }), clientOf(good.client))).to.equal('welcome');
    const revoked = clientOf(bad.certificates['revoked-client']);
    expect(await greet(await listen({ crl: bad.emptyRevocationList }), revoked)).to.equal('welcome');
  });

  const refusedServers: [name: BadCertificateName, reason: string][] = [
    ['expired-server', 'CERT_HAS_EXPIRED'],
    ['wrong-host-name-server', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ];
  for (const [name, reason] of refusedServers) {
    it(`makes the client reject ${name}: ${reason}`, async () => {
      const server = await listen(clientOf(bad.certificates[name]));
      expect(await greet(server, clientOf(good.client))).to.equal(reason);
    });
  }
});
