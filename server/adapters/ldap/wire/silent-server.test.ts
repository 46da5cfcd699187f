// Tests of a port that accepts connections and never responds: the error at startup names the step that timed out.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { SourceError } from '../../user-source.ts';
import { createLdapSource } from '../ldap-source.ts';
import { bindAs, ldapConfig, silentLog } from '../testing/ldap-config.ts';

const silences: Record<string, [startTls: boolean, scheme: string, words: string]> = {
  'the bind': [false, 'ldap', 'respond to the bind'],
  StartTLS: [true, 'ldap', 'does not complete StartTLS'],
  'the TLS handshake': [false, 'ldaps', 'does not complete the TLS handshake'],
};

describe('ldap: a port that accepts connections and does not respond', () => {
  for (const [title, [startTls, scheme, words]] of Object.entries(silences)) {
    it(`fails the start with an error that names ${title}`, async () => {
      const sockets: Socket[] = [];
      const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const config = ldapConfig([`${scheme}://127.0.0.1:${port}`], {
        ...{ connectTimeoutMs: 300, bind: bindAs('cn=reader,o=x', 'right'), tls: { startTls } },
      });
      const outcome = await createLdapSource(config, { log: silentLog }).catch((error: unknown) => error);
      for (const socket of sockets) socket.destroy();
      server.close();
      expect(outcome).to.be.instanceOf(SourceError).with.property('message').that.contains(words);
      expect((outcome as SourceError).message).to.contain('within 300 ms');
    });
  }
});
