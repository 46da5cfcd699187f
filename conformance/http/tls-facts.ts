// Reads the negotiated TLS parameters of a connection.
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { TlsFacts } from './endpoint-request.ts';

/**
 * Returns the certificate chain of the server in DER, beginning with its own certificate. Node adds missing issuers from the trusted CAs. A
 * self-signed root ends the chain.
 */
function readChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: PeerCertificate | undefined = socket.getPeerCertificate(true);
  // A resumed session has no certificate; Node returns an empty object then.
  while (certificate?.raw && !chain.some((der) => certificate && der.equals(certificate.raw))) {
    chain.push(certificate.raw);
    certificate = 'issuerCertificate' in certificate ? (certificate.issuerCertificate as PeerCertificate) : undefined;
  }
  return chain;
}

/** Returns the negotiated TLS parameters. `session` is the latest one from the server. */
export function readTlsFacts(socket: TLSSocket, session: Buffer | null): TlsFacts {
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher()?.name ?? '',
    chain: readChain(socket),
    // Node's types specify an Error, and its documentation specifies a string; both occur.
    untrusted: socket.authorizationError ? String(socket.authorizationError).replace(/^Error: /, '') : null,
    isSessionReused: socket.isSessionReused(),
    session,
  };
}
