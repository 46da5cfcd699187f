// Hand-written TLS ServerHello for choices that OpenSSL no longer makes.
import type https from 'node:https';
import net, { type Socket } from 'node:net';

/** Offer of a client. If it offers TLS 1.3, its version is nevertheless 1.2. */
export interface Offer {
  readonly version: number;
  readonly ciphers: readonly number[];
  readonly compressions: readonly number[];
}

/** The choice; null: the endpoint's own TLS responds. */
export type ChooseByHand = (offer: Offer) => {
  readonly version: number;
  readonly cipher: number;
  readonly compression?: number;
} | null;

/** Reads a ClientHello in one record; null while it is incomplete. RFC 5246, 7.4.1.2. */
function readOffer(bytes: Buffer): Offer | null {
  if (bytes.length < 5 || bytes.length < 5 + bytes.readUInt16BE(3)) return null;
  const ciphersAt = 44 + (bytes[43] ?? 0);
  const ciphersLength = bytes.readUInt16BE(ciphersAt);
  const compressionsAt = ciphersAt + 2 + ciphersLength;
  const ciphers = Array.from({ length: ciphersLength / 2 }, (_each, index) =>
    bytes.readUInt16BE(ciphersAt + 2 + 2 * index),
  );
  const compressions = [...bytes.subarray(compressionsAt + 1, compressionsAt + 1 + (bytes[compressionsAt] ?? 0))];
  return { version: bytes.readUInt16BE(9), ciphers, compressions };
}

/** Returns a ServerHello in its record. RFC 5246, 7.4.1.3. */
function writeServerHello({ version, cipher, compression = 0 }: NonNullable<ReturnType<ChooseByHand>>): Buffer {
  const hello = Buffer.alloc(2 + 32 + 1 + 2 + 1);
  hello.writeUInt16BE(version, 0);
  hello.writeUInt16BE(cipher, 35);
  hello.writeUInt8(compression, 37);
  const record = Buffer.from([22, 3, version & 0xff, 0, hello.length + 4, 2, 0, 0, hello.length]);
  return Buffer.concat([record, hello]);
}

/** Creates a server that inspects every first message, responds to those for which `choose` makes a choice, and passes all others to `server`. */
export function createHelloFront(server: https.Server, choose: ChooseByHand): net.Server {
  return net.createServer((socket: Socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    const look = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const offer = readOffer(received);
      if (offer === null) return;
      socket.off('data', look);
      const choice = choose(offer);
      if (choice !== null) {
        socket.end(writeServerHello(choice));
        return;
      }
      socket.pause();
      socket.unshift(received);
      server.emit('connection', socket);
    };
    socket.on('data', look);
  });
}
