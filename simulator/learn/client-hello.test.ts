// Tests the reader of a TLS ClientHello with the hellos of real clients, in pieces, and with bytes that are not a ClientHello.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { expect } from 'chai';
import fc from 'fast-check';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { peekClientHello, readClientHello, type TlsOffer } from './client-hello.ts';

describe('the ClientHello parser', () => {
  let server: Server;
  let ca: string;
  let offers: Array<TlsOffer | null>;
  let hellos: Buffer[];
  const sockets = new Set<Socket>();
  const portOf = (one: Server) => (one.address() as AddressInfo).port;
  beforeEach(async () => {
    const { server: pair, ca: issuer } = await issueCertificates();
    ca = issuer.certificate;
    [offers, hellos] = [[], []];
    const tls = createTlsServer({ cert: pair.certificate, key: pair.key }, (socket) => socket.end('hello'));
    tls.on('tlsClientError', () => {});
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      peekClientHello(socket, 30_000, (offer) => {
        offers.push(offer);
        tls.emit('connection', socket);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await once(server, 'close');
  });

  /** Returns what the server sends after the handshake. */
  async function greet(port: number, options: ConnectionOptions = {}): Promise<string> {
    const client = connectTls({ host: '127.0.0.1', port, ca, ...options });
    let text = '';
    client.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    await once(client, 'close');
    return text;
  }

  /** Starts a proxy that forwards the data from the client a few bytes at a time. */
  async function startSlowProxy(bytesAtOnce: number): Promise<Server> {
    const proxy = createServer((client) => {
      const upstream = connect({ host: '127.0.0.1', port: portOf(server), noDelay: true });
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on('error', () => {});
      }
      client.on('data', (chunk) => {
        hellos.push(chunk);
        for (let at = 0; at < chunk.length; at += bytesAtOnce) {
          setImmediate(() => upstream.write(chunk.subarray(at, at + bytesAtOnce)));
        }
      });
      upstream.pipe(client);
      client.once('close', () => upstream.destroy());
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    return proxy;
  }

  it('reads versions, ordered ciphers, ALPN and the server name, and does not change the handshake', async () => {
    const ciphers = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES128-GCM-SHA256';
    const ALPNProtocols = ['h2', 'http/1.1', 'secret-name'];
    expect(await greet(portOf(server), { ciphers, ALPNProtocols, servername: 'localhost' })).to.equal('hello');
    const [offer] = offers;
    expect(offer?.versions).to.deep.equal(['TLSv1.3', 'TLSv1.2']);
    // The last value is not a cipher: it signals secure renegotiation.
    expect(offer?.ciphers.filter((one) => one !== '0x00FF')).to.deep.equal(['0x1301', '0x1302', '0xC02B']);
    expect(offer).to.deep.include({ alpn: ['h2', 'http/1.1', 'other'], hasServerName: true });
  });

  it('detects that only TLS 1.2 is offered, without a server name', async () => {
    expect(await greet(portOf(server), { maxVersion: 'TLSv1.2', checkServerIdentity: () => undefined })).to.equal(
      'hello',
    );
    expect(offers[0]).to.deep.include({ versions: ['TLSv1.2'], alpn: [], hasServerName: false });
  });

  it('waits for a ClientHello that arrives in pieces', async () => {
    const proxy = await startSlowProxy(7);
    expect(await greet(portOf(proxy), { servername: 'localhost' })).to.equal('hello');
    expect(offers.map((offer) => offer?.versions)).to.deep.equal([['TLSv1.3', 'TLSv1.2']]);
    proxy.close();
  });

  it('passes on bytes that are not TLS', async () => {
    const client = connect(portOf(server), '127.0.0.1');
    client.on('error', () => {});
    client.end('GET / HTTP/1.1\r\n\r\n');
    client.resume();
    await once(client, 'close');
    expect(offers).to.deep.equal([null]);
  });

  it('returns null for a truncated ClientHello and for other bytes, and does not throw for a modified ClientHello', async () => {
    const proxy = await startSlowProxy(2 ** 14);
    await greet(portOf(proxy), { servername: 'localhost', ALPNProtocols: ['h2'] });
    proxy.close();
    const [hello = Buffer.alloc(0)] = hellos;
    expect(readClientHello(hello)?.hasServerName).to.equal(true);
    for (let length = 0; length < hello.length; length++) {
      expect(readClientHello(hello.subarray(0, length)), `${length} bytes`).to.equal(null);
    }
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(hello);
        changed[at] = byte;
        readClientHello(changed);
      }),
      { seed: 24 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        (bytes) => readClientHello(Buffer.from([0x17, ...bytes])) === null,
      ),
      { seed: 24 },
    );
  });

  it('omits the random GREASE values', () => {
    const pairs = (...numbers: number[]) => numbers.flatMap((number) => [number >> 8, number & 0xff]);
    const withLength = (bytes: number[], size: number) => [
      ...Array.from({ length: size }, (_, at) => (bytes.length >> (8 * (size - 1 - at))) & 0xff),
      ...bytes,
    ];
    const extensions = [
      ...[...pairs(0x0a0a), ...withLength([], 2)],
      ...[...pairs(43), ...withLength(withLength(pairs(0x2a2a, 0x0304), 1), 2)],
    ];
    const hello = [
      ...[...pairs(0x0303), ...Array<number>(32).fill(7), ...withLength([], 1)],
      ...[...withLength(pairs(0xfafa, 0x1301), 2), ...withLength([0], 1), ...withLength(extensions, 2)],
    ];
    const record = Buffer.from([0x16, 3, 1, ...withLength([1, ...withLength(hello, 3)], 2)]);
    expect(readClientHello(record)).to.deep.equal({
      ...{ versions: ['TLSv1.3'], ciphers: ['0x1301'], alpn: [], hasServerName: false },
    });
  });
});
