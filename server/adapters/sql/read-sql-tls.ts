// Reads the TLS files of a database configuration as options of Node's TLS.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, createSecureContext } from 'node:tls';
import type { SqlTlsConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { SourceError } from '../user-source.ts';

/**
 * Returns the TLS options, including the contents of the files; the server's certificate and name are always verified.
 *
 * @param host name that the certificate must contain, unless `serverName` is given.
 * @throws {SourceError} 'unavailable' if a file cannot be read or has the wrong content.
 */
export function readSqlTls(config: SqlTlsConfig, host: string): ConnectionOptions {
  const name = config.serverName ?? host;
  const options: ConnectionOptions = {
    rejectUnauthorized: true,
    // Set explicitly, because drivers would otherwise compare the certificate with the host, or, for an address, with `localhost`.
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    minVersion: 'TLSv1.2',
    // A server name indication must not be an address (RFC 6066, section 3); the certificate is nevertheless compared with the address.
    ...(isIP(name) === 0 && { servername: name }),
    ...(config.ca.length > 0 && { ca: config.ca.map(read) }),
    ...(config.certificate !== undefined && { cert: read(config.certificate) }),
    ...(config.key !== undefined && { key: read(config.key) }),
    ...(config.keyPassphrase !== undefined && { passphrase: config.keyPassphrase.reveal() }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'no code';
    throw new SourceError(
      'unavailable',
      `The files of connection.tls are not valid PEM or do not match, or keyPassphrase is wrong (${code}).`,
    );
  }
  return options;
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SourceError('unavailable', `${file} (connection.tls) cannot be read (${code}).`);
  }
}
