// Hand-written TLS ClientHello that offers what OpenSSL no longer supports.
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { hostOf } from './endpoint-address.ts';
import type { Endpoint } from './endpoint-request.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';
import { openSocket } from './open-socket.ts';

/** Version numbers in TLS messages. */
export type HelloVersion = 0x0302 | 0x0303;

/** What is offered. */
export interface Hello {
  /** The highest version that is offered. */
  readonly version: HelloVersion;
  /** Cipher suites by their IANA numbers. */
  readonly ciphers: readonly number[];
  /** Compression methods by their numbers, in addition to 0 (no compression), e.g. 1 for DEFLATE (RFC 3749). Default: no other. */
  readonly compressions?: readonly number[];
  /** Arguments of `openssl s_client` that offer the same, as far as openssl supports it. */
  readonly shown: string;
}

/** The server's choice; null: the server closed the connection, or sent an alert or anything other than a choice. */
export type HelloChoice = { readonly version: number; readonly cipher: number; readonly compression: number } | null;

const uint16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
/** Returns the content prefixed with its length. */
const sized8 = (content: Buffer) => Buffer.concat([Buffer.from([content.length]), content]);
const sized16 = (content: Buffer) => Buffer.concat([uint16(content.length), content]);
const extension = (type: number, content: Buffer) => Buffer.concat([uint16(type), sized16(content)]);

/** Announces support for secure renegotiation in a first hello, in place of an empty extension (RFC 5746, 3.3). */
const renegotiationScsv = 0x00ff;

function writeExtensions(host: string, version: HelloVersion): Buffer {
  const name = Buffer.concat([Buffer.from([0]), sized16(Buffer.from(host, 'latin1'))]);
  // RSA and ECDSA with SHA-256, SHA-384, SHA-512 and SHA-1.
  const signatures = [0x0401, 0x0403, 0x0501, 0x0503, 0x0601, 0x0603, 0x0201, 0x0203];
  // X25519, P-256, P-384, P-521.
  const groups = [0x001d, 0x0017, 0x0018, 0x0019];
  return Buffer.concat([
    // RFC 6066, 3: an address is not a server name.
    ...(net.isIP(host) ? [] : [extension(0, sized16(name))]),
    extension(10, sized16(Buffer.concat(groups.map(uint16)))),
    extension(11, sized8(Buffer.from([0]))),
    ...(version === 0x0303 ? [extension(13, sized16(Buffer.concat(signatures.map(uint16))))] : []),
  ]);
}

/** Returns the ClientHello in its record. RFC 5246, 7.4.1.2. */
function writeHello(host: string, { version, ciphers, compressions = [] }: Hello): Buffer {
  const hello = Buffer.concat([
    uint16(version),
    randomBytes(32),
    sized8(Buffer.alloc(0)),
    sized16(Buffer.concat([...ciphers, renegotiationScsv].map(uint16))),
    sized8(Buffer.from([...compressions, 0])),
    sized16(writeExtensions(host, version)),
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), uint16(hello.length), hello]);
  return Buffer.concat([Buffer.from([22, 3, 1]), sized16(message)]);
}

const handshakeRecord = 22;
const alertRecord = 21;
const serverHello = 2;
const warningAlert = 1;

/** Returns the server's choice; 'more': more bytes are needed. RFC 5246, 6.2.1 and 7.4.1.3. */
function readChoice(received: Buffer): HelloChoice | 'more' {
  for (let start = 0; start + 5 <= received.length; ) {
    const end = start + 5 + received.readUInt16BE(start + 3);
    if (received.length < end) return 'more';
    const record = received.subarray(start + 5, end);
    const isHello = received[start] === handshakeRecord && record[0] === serverHello;
    if (isHello && record.length > 38) {
      const sessionLength = record[38] ?? 0;
      if (record.length < 42 + sessionLength) return null;
      return {
        version: record.readUInt16BE(4),
        cipher: record.readUInt16BE(39 + sessionLength),
        compression: record[41 + sessionLength] ?? 0,
      };
    }
    // A server that does not know the name of the host sends a warning, and continues.
    if (received[start] !== alertRecord || record[0] !== warningAlert) return null;
    start = end;
  }
  return 'more';
}

/**
 * Offers `hello`, reads the server's choice, and disconnects before anything else is negotiated.
 *
 * Throws NoAnswer if the endpoint cannot be reached, or no choice arrives in time.
 */
export async function greet(
  endpoint: Pick<Endpoint, 'url' | 'timeoutMs' | 'resolve' | 'proxy'>,
  hello: Hello,
): Promise<HelloChoice> {
  const socket = await openSocket(endpoint);
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const deadline = setTimeout(() => fail(new NoAnswer('timeout', 'ETIMEDOUT')), endpoint.timeoutMs);
    function end(choice: HelloChoice): void {
      clearTimeout(deadline);
      socket.destroy();
      resolve(choice);
    }
    function fail(error: Error): void {
      clearTimeout(deadline);
      socket.destroy();
      reject(error);
    }
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const choice = readChoice(received);
      if (choice !== 'more') end(choice);
    });
    socket.once('error', (error) => {
      const known = findNoAnswer(error);
      if (known?.kind === 'closed') end(null);
      else fail(known ?? error);
    });
    socket.once('close', () => end(null));
    socket.write(writeHello(hostOf(endpoint.url), hello));
  });
}
