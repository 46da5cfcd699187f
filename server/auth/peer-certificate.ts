// Owns reading the certificate that the other side of a connection has shown.
import { hash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

export interface ShownCertificate {
  /** DER form. */
  readonly raw: Buffer;
  /** SHA-256 of it, hexadecimal. */
  readonly fingerprint256: string;
}

/**
 * `null`: none was shown. Out of the session, as OpenSSL writes it down: `getPeerCertificate()` makes a dozen texts of a certificate, 9 % of what a
 * resumed connection takes (`npm run bench -- connections`), and on a server Node 20.20 frees nothing of what `getPeerX509Certificate()`
 * makes, 6 kB a connection.
 */
export function certificateShownOn(socket: TLSSocket): ShownCertificate | null {
  const raw = certificateOfSession(socket.getSession()) ?? certificateByNode(socket);
  if (raw === null) return null;
  if (!last?.raw.equals(raw)) last = { raw, fingerprint256: hash('sha256', raw, 'hex') };
  return last;
}

/** Platforms have one certificate, and its digest costs 1 % of a resumed connection. */
let last: ShownCertificate | null = null;

/** Were a session written in another way one day. */
function certificateByNode(socket: TLSSocket): Buffer | null {
  const { raw } = (socket.getPeerCertificate() ?? {}) as { readonly raw?: Buffer };
  return raw ?? null;
}

const sequence = 0x30;
/** `[3]`, explicit. */
const peerTag = 0xa3;

/**
 * The peer's certificate in a session as `i2d_SSL_SESSION` writes it: a SEQUENCE with `peer [3] EXPLICIT Certificate OPTIONAL` among its own
 * elements (OpenSSL, ssl/ssl_asn1.c). Only those are looked at, not what they are made of, where a peer may have put what it likes.
 *
 * @param session wiped, since it has the secrets of the connection.
 * @returns a copy; `null`: there is none, or this is no such session.
 */
export function certificateOfSession(session: Buffer | undefined): Buffer | null {
  if (session === undefined) return null;
  try {
    const whole = readElement(session, 0);
    if (whole.tag !== sequence || whole.to !== session.length) return null;
    for (let at = whole.from; at < whole.to; ) {
      const { tag, from, to } = readElement(session, at);
      if (to > whole.to) return null;
      if (tag === peerTag) return isOneSequence(session, from, to) ? Buffer.from(session.subarray(from, to)) : null;
      at = to;
    }
    return null;
  } catch (error) {
    // It ends before it should.
    if (error instanceof RangeError) return null;
    throw error;
  } finally {
    session.fill(0);
  }
}

function isOneSequence(session: Buffer, from: number, to: number): boolean {
  const { tag, to: end } = readElement(session, from);
  return tag === sequence && end === to;
}

/** An element in DER that begins at `at`: its first byte, and where its content is. @throws {RangeError} beyond the end. */
function readElement(der: Buffer, at: number): { readonly tag: number; readonly from: number; readonly to: number } {
  const tag = der.readUInt8(at);
  const first = der.readUInt8(at + 1);
  // The length itself, or of how many bytes it is.
  if (first < 0x80) return { tag, from: at + 2, to: at + 2 + first };
  const from = at + 2 + (first - 0x80);
  return { tag, from, to: from + der.readUIntBE(at + 2, first - 0x80) };
}
