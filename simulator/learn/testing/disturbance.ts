// Disturbances of an experiment for tests: a TCP proxy that loses connections, and two other clients of the endpoint.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Agent, request } from 'undici';
import { createEndpointRequests } from '../../sync/endpoint-requests.ts';
import type { LearningEndpoint } from '../learning-endpoint.ts';
import { nameTestUsers } from '../test-users.ts';
import { prefix, type SimulatedPlatform, username } from './simulated-platform.ts';

/** Shares of connections that are closed before anything is sent, and at one of the first three chunks after the TLS handshake. */
const lostRequests = 0.02;
const lostResponses = 0.02;
const pauseMs = 40;

export interface Disturbance {
  /** Starts the proxy. Returns its port. */
  between(endpoint: LearningEndpoint): Promise<number>;
  /** Starts the other clients. Returns the endpoint for the experiments: through it, one of the clients learns which user is next. */
  begin(platform: SimulatedPlatform): LearningEndpoint;
  close(): Promise<void>;
}

export function startDisturbance(seed: number): Disturbance {
  const random = createRandom(seed);
  const sockets = new Set<Socket>();
  const stop = new AbortController();
  const clients: Promise<void>[] = [];
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  let targetPort = 0;
  const proxy = createServer((client) => {
    keep(client);
    const chance = random();
    if (chance < lostRequests) return client.resetAndDestroy();
    const upstream = connect(targetPort, '127.0.0.1');
    keep(upstream);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    client.pipe(upstream);
    if (chance > lostRequests + lostResponses) return upstream.pipe(client);
    // The TLS handshake and some of the data after it are forwarded.
    let passed = Math.floor(random() * 3);
    upstream.on('data', (chunk: Buffer) => {
      if (isHandshake(chunk) || passed-- > 0) client.write(chunk);
      else client.resetAndDestroy();
    });
    return client;
  });

  async function repeat(work: (userid: string) => Promise<unknown>): Promise<void> {
    const { plain } = nameTestUsers(prefix);
    while (!stop.signal.aborted) {
      await work(plain[Math.floor(random() * plain.length)] ?? '').catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  return {
    async between({ url }) {
      targetPort = Number(new URL(url).port);
      proxy.listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      return (proxy.address() as AddressInfo).port;
    },
    begin({ endpoint, password, ca }) {
      const { origin, pathname } = new URL(endpoint.url);
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      const targetOf = (userid: string) => `${pathname}?userid=${encodeURIComponent(userid)}`;
      const agent = new Agent({ connect: { ca } });
      const options = { dispatcher: agent, headers: { authorization }, signal: stop.signal };
      const other = async (userid: string) => {
        const { body } = await request(origin + targetOf(userid), options);
        await body.dump();
      };
      let current = `${prefix}none`;
      const alike = createEndpointRequests(origin, {
        ...{ connections: 1, maxBodyBytes: 2 ** 24, timeoutMs: 5000, tls: { ca } },
      });
      const headers = { accept: 'application/json', authorization };
      clients.push(
        repeat(() => (random() < 0.1 ? other(current) : Promise.resolve())).then(() => agent.destroy()),
        repeat((userid) => alike.get(targetOf(userid), headers, stop.signal)).then(() => alike.close()),
      );
      return {
        ...endpoint,
        begin(userid, script) {
          current = userid;
          return endpoint.begin(userid, script);
        },
      };
    },
    async close() {
      stop.abort();
      await Promise.all(clients);
      const closed = once(proxy, 'close');
      proxy.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Returns whether the first byte is that of a TLS record that belongs to a handshake. */
const isHandshake = (chunk: Buffer) => chunk[0] === 0x16;

/** Returns a generator of numbers below 1, the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
