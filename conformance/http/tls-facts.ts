// Reads the negotiated TLS parameters of a connection.
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { TlsFacts } from './question.ts';

/** The certificates that the server sent, DER, its own first. A root that is its own issuer ends the chain. */
function readChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let certificate: PeerCertificate | undefined = socket.getPeerCertificate(true);
  // A resumed session has no certificate, and Node then gives an empty object.
  while (certificate?.raw && !chain.some((der) => certificate && der.equals(certificate.raw))) {
    chain.push(certificate.raw);
    certificate = 'issuerCertificate' in certificate ? (certificate.issuerCertificate as PeerCertificate) : undefined;
  }
  return chain;
}

/** What TLS agreed on. `session` is the latest that the server gave. */
export function readTlsFacts(socket: TLSSocket, session: Buffer | null): TlsFacts {
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher()?.name ?? '',
    chain: readChain(socket),
    // Node's types say Error, and its documentation a string; both occur.
    untrusted: socket.authorizationError ? String(socket.authorizationError).replace(/^Error: /, '') : null,
    isSessionReused: socket.isSessionReused(),
    session,
  };
}
