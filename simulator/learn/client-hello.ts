// Reads what a TLS ClientHello offers from the first record of a connection; the record remains unread for the TLS server.
import type { Socket } from 'node:net';

/** Without GREASE values (RFC 8701), which are random. */
export interface TlsOffer {
  /** E.g. TLSv1.3. */
  readonly versions: readonly string[];
  /** IANA code points in the order of the client, e.g. 0x1301. */
  readonly ciphers: readonly string[];
  /** Protocol names of ALPN that are registered for HTTP, or `other`. */
  readonly alpn: readonly string[];
  readonly hasServerName: boolean;
}

const recordHeaderBytes = 5;
/** RFC 8446, 5.1. */
const maxRecordBytes = 2 ** 14;
const handshakeRecord = 0x16;
const clientHello = 1;
const extensionTypes = { serverName: 0, alpn: 16, supportedVersions: 43 } as const;
const versionNames: Readonly<Record<number, string>> = {
  768: 'SSLv3',
  769: 'TLSv1',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
};
const httpProtocols = new Set(['http/1.0', 'http/1.1', 'h2', 'h3']);

/**
 * Waits for the first TLS record without consuming it.
 *
 * @param then receives the offer, or null if the connection does not begin with a ClientHello in one record. Called at most once.
 * @param maxWaitMs time without incoming data after which a connection without a complete record is closed.
 */
export function peekClientHello(socket: Socket, maxWaitMs: number, then: (offer: TlsOffer | null) => void): void {
  let received: Buffer = Buffer.alloc(0);
  const giveUp = () => socket.destroy();
  socket.setTimeout(maxWaitMs, giveUp);
  function read(): void {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) received = Buffer.concat([received, chunk]);
    if (received.length === 0 || !hasWholeRecord(received)) return;
    socket.off('readable', read);
    socket.setTimeout(0);
    socket.off('timeout', giveUp);
    socket.unshift(received);
    then(readClientHello(received));
  }
  socket.on('readable', read);
}

/** Returns true if the record is complete, and also if no record can follow. */
function hasWholeRecord(bytes: Buffer): boolean {
  if (bytes[0] !== handshakeRecord) return true;
  if (bytes.length < recordHeaderBytes) return false;
  const length = bytes.readUInt16BE(3);
  return length > maxRecordBytes || bytes.length >= recordHeaderBytes + length;
}

/** Reads a ClientHello (RFC 8446, 4.1.2) in one TLS record. Returns null for everything else. */
export function readClientHello(bytes: Buffer): TlsOffer | null {
  try {
    return readHello(bytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** @throws {RangeError} when the data is truncated, or a length is wrong. */
function readHello(bytes: Buffer): TlsOffer | null {
  if (bytes.readUInt8(0) !== handshakeRecord) return null;
  const record = take(bytes, 3, 2);
  if (record.readUInt8(0) !== clientHello) return null;
  const hello = take(record, 1, 3);
  const versionBytes = 2;
  const randomBytes = 32;
  const session = take(hello, versionBytes + randomBytes, 1);
  const ciphersAt = versionBytes + randomBytes + 1 + session.length;
  const ciphers = take(hello, ciphersAt, 2);
  const compressionAt = ciphersAt + 2 + ciphers.length;
  const extensionsAt = compressionAt + 1 + take(hello, compressionAt, 1).length;
  const extensions = extensionsAt === hello.length ? new Map<number, Buffer>() : readExtensions(hello, extensionsAt);
  const versions = extensions.get(extensionTypes.supportedVersions);
  const protocols = extensions.get(extensionTypes.alpn);
  const offered = versions === undefined ? [hello.readUInt16BE(0)] : readPairs(take(versions, 0, 1));
  return {
    versions: offered.map((version) => versionNames[version] ?? toCodePoint(version)),
    ciphers: readPairs(ciphers).map(toCodePoint),
    alpn: protocols === undefined ? [] : readProtocols(take(protocols, 0, 2)),
    hasServerName: extensions.has(extensionTypes.serverName),
  };
}

/** Returns the bytes that follow the length field at `at`. @throws {RangeError} when there are fewer bytes than the field specifies. */
function take(bytes: Buffer, at: number, lengthBytes: number): Buffer {
  const from = at + lengthBytes;
  const to = from + bytes.readUIntBE(at, lengthBytes);
  if (to > bytes.length) throw new RangeError('the data is truncated');
  return bytes.subarray(from, to);
}

function readExtensions(hello: Buffer, at: number): ReadonlyMap<number, Buffer> {
  const all = take(hello, at, 2);
  const extensions = new Map<number, Buffer>();
  for (let next = 0; next < all.length; ) {
    const content = take(all, next + 2, 2);
    extensions.set(all.readUInt16BE(next), content);
    next += 4 + content.length;
  }
  return extensions;
}

/** @throws {RangeError} if the number of bytes is odd. */
function readPairs(bytes: Buffer): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) numbers.push(bytes.readUInt16BE(at));
  return numbers.filter((number) => !isGrease(number));
}

function readProtocols(bytes: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const name = take(bytes, at, 1);
    names.push(name.toString('latin1'));
    at += 1 + name.length;
  }
  return names.map((name) => (httpProtocols.has(name) ? name : 'other'));
}

function isGrease(number: number): boolean {
  return (number & 0x0f0f) === 0x0a0a && number >> 8 === (number & 0xff);
}

function toCodePoint(number: number): string {
  return `0x${number.toString(16).toUpperCase().padStart(4, '0')}`;
}
