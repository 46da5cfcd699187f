// Owns reading the certificate that the other side of a connection has shown.
import type { TLSSocket } from 'node:tls';

export interface ShownCertificate {
  /** DER form. */
  readonly raw: Buffer;
  /** SHA-256 of it, upper-case hexadecimal with colons. */
  readonly fingerprint256: string;
}

/**
 * `null`: none was shown. By the older of Node's two ways: on a server, Node 20.20 frees nothing of what `getPeerX509Certificate()` makes, 6 kB a
 * connection.
 */
export function certificateShownOn(socket: TLSSocket): ShownCertificate | null {
  const { raw, fingerprint256 } = (socket.getPeerCertificate() ?? {}) as Partial<ShownCertificate>;
  return raw === undefined || fingerprint256 === undefined ? null : { raw, fingerprint256 };
}
