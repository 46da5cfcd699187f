// Reader of the client certificate of a run, from PEM or PKCS #12.
import { duplexPair } from 'node:stream';
import { connect, createSecureContext, TLSSocket } from 'node:tls';
import type { CheckedOptions } from '../conformance-options.ts';

/**
 * Returns the given client certificate as PEM, its leaf first; null: none was given.
 *
 * Node reads PKCS #12 only to present it, so this function presents the certificate to itself, over an in-memory connection.
 */
export async function readOwnCertificate(
  options: Pick<CheckedOptions, 'cert' | 'pfx' | 'passphrase'>,
): Promise<string | null> {
  const { cert, pfx, passphrase } = options;
  if (cert !== undefined) return cert;
  if (pfx === undefined) return null;
  const [near, far] = duplexPair();
  const secureContext = createSecureContext({ pfx, ...(passphrase === undefined ? {} : { passphrase }) });
  const server = new TLSSocket(far, { isServer: true, secureContext });
  const client = connect({ socket: near, rejectUnauthorized: false });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      client.once('error', reject).once('secureConnect', resolve);
    });
    return client.getPeerX509Certificate()?.toString() ?? null;
  } finally {
    client.destroy();
    server.destroy();
  }
}
