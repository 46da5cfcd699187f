// Misbehaving servers: one that accepts connections and never responds, and a tunnel that counts round trips.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface TestListener {
  readonly port: number;
  /** Returns the number of open connections. */
  connections(): number;
  close(): Promise<void>;
}

/** Accepts connections and sends nothing. */
export function startSilentServer(): Promise<TestListener> {
  // Reading is necessary to detect the end of a connection.
  return listen((socket) => socket.resume());
}

export interface Tunnel extends TestListener {
  /** Returns the number of times the client sent data after the server had. */
  roundTrips(): number;
  /** Stops forwarding in both directions; no connection ends. */
  freeze(): void;
  /** Cuts all connections. */
  cut(): void;
}

/** Forwards everything to another port. */
export async function startTunnel(target: number): Promise<Tunnel> {
  let trips = 0;
  let frozen = false;
  let cut = () => undefined as undefined;
  const sockets = new Set<Socket>();
  const listener = await listen((client) => {
    const server = connect(target, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined).setNoDelay();
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    let serverSpoke = true;
    client.on('data', (chunk) => {
      if (serverSpoke) trips++;
      serverSpoke = false;
      if (!frozen) server.write(chunk);
    });
    server.on('data', (chunk) => {
      serverSpoke = true;
      if (!frozen) client.write(chunk);
    });
    cut = () => {
      for (const socket of sockets) socket.destroy();
    };
  });
  return {
    ...listener,
    roundTrips: () => trips,
    freeze: () => {
      frozen = true;
    },
    cut: () => cut(),
  };
}

async function listen(onConnection: (socket: Socket) => unknown): Promise<TestListener> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    connections: () => open.size,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
