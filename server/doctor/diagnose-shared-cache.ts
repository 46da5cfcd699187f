// Diagnosis of a shared cache: the connection to Redis, the login, and writing, reading and deleting an entry.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createClient } from 'redis';
import type { SharedCacheConfig } from '../../schemas/generated/loaded-server-config.ts';
import { loginOf } from '../guards/shared-cache/redis-cache.ts';
import { codeOf, doubtful, type Finding, fails, works } from './probes/finding.ts';
import { probeHost } from './probes/probe-host.ts';

const defaultPort = 6379;
/** Time limit of each step; generous, because a slow Redis is itself a finding. */
const patienceMs = 2000;
const entryLifeMs = 10_000;

/** Yields a finding for each step. The test entry has a random name, contains no user's data, and is deleted immediately. */
export async function* diagnoseSharedCache(config: SharedCacheConfig): AsyncGenerator<Finding> {
  const { hostname, port, protocol } = new URL(config.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  let options: { ca?: Buffer };
  try {
    options = config.ca === undefined ? {} : { ca: readFileSync(config.ca) };
  } catch (error) {
    yield fails(
      'TLS',
      `${config.ca} (ca) cannot be read (${codeOf(error)})`,
      'check the path and the permissions of the file',
    );
    return;
  }
  const usesTls = protocol === 'rediss:' || config.ca !== undefined;
  const tls = { options, serverName: host, section: 'guards.cache.shared' };
  const place = { host, port: port === '' ? defaultPort : Number(port), timeoutMs: patienceMs };
  if (!(yield* probeHost({ ...place, ...(usesTls && { tls }) }))) return;

  const login = loginOf(config);
  const client = createClient({
    ...login,
    socket: { ...login.socket, connectTimeout: patienceMs, socketTimeout: patienceMs, reconnectStrategy: false },
  });
  // The pending call fails as well, which is enough.
  client.on('error', () => undefined);
  try {
    await client.connect();
    yield works('login', 'Redis accepts the account');
  } catch (error) {
    const remedy =
      'compare username and password with the account in Redis, and check the protected-mode setting of Redis';
    yield fails('login', `the login to Redis failed (${replyOf(error)})`, remedy);
    return;
  }
  try {
    yield await tryEntry(client, config);
  } catch (error) {
    const remedy = `grant the user +get +set +del +ping on ~${config.prefix}:*. Check that the server is a master whose memory use is below maxmemory`;
    yield fails('rights', `an entry cannot be written, read and deleted (${replyOf(error)})`, remedy);
  } finally {
    client.destroy();
  }
}

async function tryEntry(
  client: Pick<ReturnType<typeof createClient>, 'set' | 'get' | 'del'>,
  { prefix, timeoutMs }: SharedCacheConfig,
): Promise<Finding> {
  const name = `${prefix}:doctor:${randomUUID()}`;
  await client.set(name, name, { PX: entryLifeMs });
  const startMs = performance.now();
  const found = await client.get(name);
  const tookMs = Math.ceil(performance.now() - startMs);
  const deleted = await client.del(name);
  if (found !== name || deleted !== 1) {
    return fails(
      'rights',
      'an entry that was written is missing',
      'raise maxmemory, or check which other client deletes entries',
    );
  }
  const text = `an entry was written, read (${tookMs} ms) and deleted`;
  if (tookMs < timeoutMs) return works('rights', text);
  return doubtful(
    'rights',
    text,
    `raise timeoutMs (${timeoutMs}), or use a closer Redis server: responses that take longer than timeoutMs are not used`,
  );
}

/** Returns the first word of Redis's message, which is its code, e.g. "NOPERM"; otherwise Node's code. */
function replyOf(error: unknown): string {
  const [, code] = /^([A-Z]{2,})\b/.exec(error instanceof Error ? error.message : '') ?? [];
  return code ?? codeOf(error);
}
