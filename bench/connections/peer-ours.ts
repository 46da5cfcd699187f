// Peer: our complete server. s_time cannot send a password, so only the client certificate is required.
import { join } from 'node:path';
import { defaultClientEmail } from '../../certs/issue-certificates.ts';
import { parseConfig, startServer } from '../../tests/start-server.ts';
import { announce, askedUser, askedUserid, path, readSetup } from './connection-setup.ts';

const { ca, certificate, key, clientCertificates, directory } = readSetup();
const config = {
  listener: { port: 0, path, tls: { certificate, key, ...(clientCertificates && { clientCa: [ca] }) } },
  administration: { port: 0 },
  authentication: clientCertificates
    ? { mode: 'mtls', clientCertificate: { allow: [{ email: defaultClientEmail }] } }
    : { mode: 'none' },
  source: {
    type: 'static',
    users: {
      [askedUserid]: {
        groups: askedUser.groups.map(({ name }) => name),
        authorizations: askedUser.authorizations,
      },
    },
  },
  logging: { destination: join(directory, 'access.log') },
};
const context = { fileName: 'bench', baseDirectory: directory, environment: {} };
const server = await startServer(parseConfig(JSON.stringify(config), context));
announce(Number(new URL(server.url).port));
