// TCP proxy for tests that injects network faults between a server and its backend, and removes them again.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls';
import type { Alter } from './garbled-bytes.ts';

export interface ShownCertificate {
  readonly certificate: string;
  readonly key: string;
}

export type NetworkFault =
  /** Everything goes through. */
  | { readonly kind: 'none' }
  /** Nothing listens. */
  | { readonly kind: 'refused' }
  /** Connections are accepted, but never get a response. */
  | { readonly kind: 'black-hole' }
  /** A connection is reset after this many bytes of a response. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** Responses arrive one byte at a time. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** Open connections are dead without notice, as if a firewall had dropped their state; new connections work. */
  | { readonly kind: 'forgotten' }
  /** Responses are changed on each new connection; with `shown`, inside TLS, which the proxy terminates. */
  | { readonly kind: 'altered'; readonly createAlter: () => Alter; readonly shown?: ShownCertificate }
  /** TLS is terminated here, with this certificate; decrypted data is sent to `port`, or nowhere. */
  | { readonly kind: 'tls-here'; readonly shown: ShownCertificate; readonly port?: number };

/** How a protocol starts TLS: at once, or after a few bytes in clear text. */
export type TlsOpening = 'at-once' | 'postgresql' | 'mysql';

export interface FaultProxy {
  readonly port: number;
  /** Connections from the server under test that are open now. */
  connections(): number;
  /** Returns the number of decrypted bytes received with a certificate of `tls-here` without a port: data sent to the wrong server. */
  bytesToNowhere(): number;
  /** Sets the fault from now on, for open connections as well. Connections broken by the previous fault are closed. */
  set(fault: NetworkFault): Promise<void>;
  /** Closes all connections cleanly, as a server does with idle ones. */
  dropIdle(): void;
  close(): Promise<void>;
}

interface Passage {
  readonly client: Socket;
  readonly backend: Socket;
  /** The connection has lost bytes, so it can no longer be used. */
  isSpoiled: boolean;
  /** Dead without notice. */
  isForgotten: boolean;
  answeredBytes: number;
  readonly alter: Alter | null;
}

/** @param target where the backend listens; a port alone is a port of 127.0.0.1. */
export async function startFaultProxy(
  target: number | { readonly port: number; readonly host: string },
  opening: TlsOpening = 'at-once',
): Promise<FaultProxy> {
  const { port: targetPort, host } = typeof target === 'number' ? { port: target, host: '127.0.0.1' } : target;
  let fault: NetworkFault = { kind: 'none' };
  let bytesToNowhere = 0;
  const clients = new Set<Socket>();
  const passages = new Set<Passage>();
  let server: Server = await listen(0);
  const { port } = server.address() as AddressInfo;

  async function listen(at: number): Promise<Server> {
    const made = createServer(accept).listen(at, '127.0.0.1');
    await once(made, 'listening');
    return made;
  }

  function accept(client: Socket): void {
    clients.add(client);
    client.setNoDelay().on('error', ignore);
    client.once('close', () => clients.delete(client));
    if (fault.kind === 'tls-here') void endTls(client, fault.shown, fault.port).catch(() => client.destroy());
    else if (fault.kind === 'altered' && fault.shown !== undefined) {
      void alterWithinTls(client, fault.shown, fault.createAlter()).catch(() => client.destroy());
    } else pass(client);
  }

  function pass(client: Socket): void {
    const backend = connect(targetPort, host).setNoDelay().on('error', ignore);
    const passage: Passage = {
      client,
      backend,
      isSpoiled: false,
      isForgotten: false,
      answeredBytes: 0,
      alter: fault.kind === 'altered' ? fault.createAlter() : null,
    };
    passages.add(passage);
    client.on('data', (bytes) => {
      if (fault.kind === 'black-hole' || passage.isForgotten) passage.isSpoiled = true;
      else backend.write(bytes);
    });
    backend.on('data', (bytes) => void answer(passage, bytes));
    client.once('close', () => backend.destroy());
    backend.once('close', () => {
      passages.delete(passage);
      if (!passage.isForgotten && fault.kind !== 'black-hole') client.end();
    });
  }

  async function answer(passage: Passage, bytes: Buffer): Promise<void> {
    const { client } = passage;
    if (fault.kind === 'black-hole' || passage.isForgotten || passage.isSpoiled) {
      passage.isSpoiled = true;
    } else if (fault.kind === 'reset') {
      const left = fault.afterBytes - passage.answeredBytes;
      passage.answeredBytes += bytes.length;
      client.write(bytes.subarray(0, Math.max(left, 0)));
      // Waits a moment so that written data arrives first.
      if (bytes.length > left) setTimeout(() => reset(client), 5);
    } else if (fault.kind === 'drip') {
      passage.isSpoiled = true;
      const { everyMs } = fault;
      for (const byte of bytes) {
        client.write(Buffer.of(byte));
        await new Promise((resolve) => setTimeout(resolve, everyMs).unref());
        if (client.destroyed) return;
      }
    } else {
      const altered = fault.kind === 'altered' && passage.alter !== null ? passage.alter(bytes) : bytes;
      client.write(altered);
    }
  }

  async function endTls(client: Socket, shown: ShownCertificate, to: number | undefined): Promise<void> {
    await openTls(client);
    const secureContext = createSecureContext({ cert: shown.certificate, key: shown.key });
    const decrypted = new TLSSocket(client, { isServer: true, secureContext }).on('error', ignore);
    if (to === undefined) {
      decrypted.on('data', (bytes: Buffer) => {
        bytesToNowhere += bytes.length;
      });
      return;
    }
    const backend = connect(to, '127.0.0.1').on('error', ignore);
    decrypted.pipe(backend).pipe(decrypted);
    client.once('close', () => backend.destroy());
  }

  /** Forwards a connection and changes the responses. Both sides use TLS with the proxy, so that the decrypted data is changed. */
  async function alterWithinTls(client: Socket, shown: ShownCertificate, alter: Alter): Promise<void> {
    const backend = connect(targetPort, host).setNoDelay().on('error', ignore);
    client.once('close', () => backend.destroy());
    backend.once('close', () => client.destroy());
    if (opening === 'postgresql') {
      backend.write(await readBytes(client, 8));
      client.write(await readBytes(backend, 1));
    } else if (opening === 'mysql') {
      const [greeting] = (await once(backend, 'data')) as [Buffer];
      backend.pause();
      client.write(greeting);
      backend.write(await readBytes(client, 36));
    }
    const secureContext = createSecureContext({ cert: shown.certificate, key: shown.key });
    const decrypted = new TLSSocket(client, { isServer: true, secureContext }).on('error', ignore);
    const secure = connectTls({ socket: backend, rejectUnauthorized: false }).on('error', ignore);
    decrypted.on('data', (bytes: Buffer) => secure.write(bytes));
    secure.on('data', (bytes: Buffer) => decrypted.write(alter(bytes)));
    secure.once('end', () => decrypted.end());
    decrypted.once('end', () => secure.end());
  }

  /** Exchanges the bytes that precede TLS. */
  async function openTls(client: Socket): Promise<void> {
    if (opening === 'postgresql') {
      await readBytes(client, 8);
      client.write('S');
    } else if (opening === 'mysql') {
      const backend = connect(targetPort, host).on('error', ignore);
      const [greeting] = (await once(backend, 'data')) as [Buffer];
      backend.destroy();
      client.write(greeting);
      await readBytes(client, 36);
    }
  }

  return {
    port,
    connections: () => clients.size,
    bytesToNowhere: () => bytesToNowhere,
    async set(next) {
      const before = fault;
      fault = next;
      for (const passage of passages) {
        passage.answeredBytes = 0;
        if (passage.isSpoiled && !passage.isForgotten) reset(passage.client);
        if (next.kind === 'forgotten') passage.isForgotten = true;
      }
      const isWithinTls = (each: NetworkFault) =>
        each.kind === 'tls-here' || (each.kind === 'altered' && each.shown !== undefined);
      if (isWithinTls(next) || isWithinTls(before)) cutAll();
      if (next.kind === 'refused' && server.listening) {
        cutAll();
        server.close();
        await once(server, 'close');
      } else if (next.kind !== 'refused' && !server.listening) {
        server = await listen(port);
      }
    },
    dropIdle() {
      for (const { client } of passages) client.end();
    },
    async close() {
      cutAll();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };

  function cutAll(): void {
    for (const client of clients) client.destroy();
  }
}

/** Reads exactly this many bytes; the rest stays in the buffer. */
async function readBytes(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(count) as Buffer | null;
    if (bytes !== null) return bytes;
    await once(socket, 'readable');
  }
}

/** Resets a connection, or destroys its socket after end(). After end(), a socket cannot be reset, because Node would keep it open. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Ignores an error of a socket. The `close` event detects the end of a connection. */
function ignore(): void {}
