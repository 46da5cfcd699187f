// HTTP proxy for tests on loopback: accepts only CONNECT, and resolves names that DNS does not have.
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';

export interface ConnectProxyOptions {
  /** `user:password`; absent: a request with credentials is refused. */
  readonly login?: string;
  /** Status with which every CONNECT is refused. */
  readonly refusesWith?: number;
  /** Whether the proxy never responds. */
  readonly isSilent?: boolean;
  /** PEM; absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The address to which the proxy connects for every name and every address. Default: 127.0.0.1. */
  readonly address?: string;
}

export interface ConnectProxy {
  /** Without credentials. */
  readonly url: string;
  /** HOST:PORT of each CONNECT with the right credentials, in order. */
  readonly targets: readonly string[];
  close(): Promise<void>;
}

/** Starts the proxy on a free port. Rejects if it cannot listen. */
export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const { login, refusesWith, isSilent = false, tls, address = '127.0.0.1' } = options;
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const server = tls ? https.createServer(tls) : http.createServer();
  server.on('request', (_request, response) => response.writeHead(405, { Connection: 'close' }).end());
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('connect', ({ url = '', headers }, client: Socket, head) => {
    client.on('error', () => client.destroy());
    const refuse = (status: number, more = '') =>
      client.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${more}Content-Length: 0\r\n\r\n`);
    const expected = login === undefined ? undefined : `Basic ${Buffer.from(login, 'utf8').toString('base64')}`;
    if (headers['proxy-authorization'] !== expected) {
      refuse(407, 'Proxy-Authenticate: Basic realm="proxy"\r\n');
      return;
    }
    targets.push(url);
    if (isSilent) return;
    if (refusesWith !== undefined) {
      refuse(refusesWith);
      return;
    }
    const upstream = net.connect(Number(/\d+$/.exec(url)?.[0]), address);
    sockets.add(upstream);
    upstream.once('close', () => sockets.delete(upstream));
    const failed = () => refuse(502);
    upstream.once('error', failed);
    upstream.once('connect', () => {
      upstream.off('error', failed);
      upstream.once('error', () => client.destroy());
      upstream.once('close', () => client.destroy());
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    client.once('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    targets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
