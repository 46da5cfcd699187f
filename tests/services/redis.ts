// Starts Redis on free loopback ports, with and without TLS, without persistence.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { certificateFiles } from '../certificate-files.ts';
import { findFreePort, findProgram, type RestartableService, startRestartable } from './service-process.ts';

export interface RedisService extends RestartableService {
  readonly url: string;
  readonly tlsUrl: string;
  /** PEM file with the CA of the certificate at `tlsUrl`. */
  readonly ca: string;
  readonly password: string;
  /** Sends one command. The server's data is lost after `halt`. */
  command(...parts: string[]): Promise<unknown>;
}

const password = 'password of the tests';

export async function startRedis(): Promise<RedisService> {
  const { good, listenerTls } = await certificateFiles();
  const directory = mkdtempSync(join(tmpdir(), 'user-info-redis-'));
  const [port, tlsPort] = [await findFreePort(), await findFreePort()];
  const ca = join(directory, 'ca.pem');
  writeFileSync(ca, good.ca.certificate);
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    'tls-port': String(tlsPort),
    'tls-cert-file': listenerTls.certificate,
    'tls-key-file': listenerTls.key,
    'tls-auth-clients': 'no',
    'tls-ca-cert-file': ca,
    requirepass: password,
    dir: directory,
    save: '',
    appendonly: 'no',
  };
  const url = `redis://127.0.0.1:${port}`;

  async function command(...parts: string[]): Promise<unknown> {
    const client = createClient({ url, password, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand(parts);
    } finally {
      client.destroy();
    }
  }

  const service = await startRestartable(directory, 'SIGKILL', {
    command: findProgram('redis-server'),
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    isReady: () => command('PING'),
  });
  return { url, tlsUrl: `rediss://127.0.0.1:${tlsPort}`, ca, password, command, ...service };
}
