// Repeated connections with OpenSSL's `s_time`, one request on each.
import { spawn } from 'node:child_process';

export interface Connecting {
  readonly port: number;
  /** Path of the request, e.g. "/user-info?userid=ada". */
  readonly target: string;
  /** Whether to resume the session of the previous connection. */
  readonly resumed: boolean;
  readonly seconds: number;
  /** PEM files of a client certificate. */
  readonly certificate?: string;
  readonly key?: string;
}

/** A single client waits for the server most of the time; a few clients keep it busy. */
const clients = 4;

/** @throws if openssl is missing, or a client got no response. */
export async function connectAgain({ port, target, resumed, seconds, certificate, key }: Connecting) {
  const args = ['s_time', '-connect', `127.0.0.1:${port}`, '-www', target, resumed ? '-reuse' : '-new'];
  if (certificate !== undefined && key !== undefined) args.push('-cert', certificate, '-key', key);
  const startedAt = performance.now();
  const counts = await Promise.all(Array.from({ length: clients }, () => countOf([...args, '-time', String(seconds)])));
  const connections = counts.reduce((sum, count) => sum + count, 0);
  return { connections, perSecond: (connections * 1000) / (performance.now() - startedAt) };
}

async function countOf(args: readonly string[]): Promise<number> {
  const child = spawn('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once('error', () => reject(new Error('openssl is missing: apt-get install -y openssl')));
    child.once('close', () => resolve());
  });
  // e.g. "715 connections in 4 real seconds, 89 bytes read per connection"
  const [, connections, , bytes] = /(\d+) connections in (\d+) real seconds, (\d+) bytes/.exec(output) ?? [];
  if (!(Number(connections) > 0 && Number(bytes) > 200)) {
    throw new Error(`openssl ${args.join(' ')} got no answer:\n${output.slice(-500)}`);
  }
  return Number(connections);
}
