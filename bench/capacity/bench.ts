// Benchmark `npm run bench -- capacity`: full syncs over TLS with client certificates, and the capacity model's prediction for the large ones.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { cpuOfFamily } from '../cpu-of.ts';
import { csvColumns, useridOf, writeCsv } from '../http/dataset.ts';
import { type Results, saveResult } from '../report.ts';
import { startServer } from '../start-server.ts';

interface Sync {
  readonly users: number;
  readonly connections: number;
  readonly workers: number;
}

interface Measured {
  readonly seconds: number;
  /** CPU time per user in microseconds, for the server with all its processes and for the client process. */
  readonly serverCpuUs: number;
  readonly clientCpuUs: number;
  /** Number of processors that other work used during the measurement. */
  readonly elsewhere: number;
}

/** Inputs of the model. */
const small: Sync = { users: 20_000, connections: 8, workers: 1 };
const alone: Sync = { users: 20_000, connections: 1, workers: 1 };
/** A remote directory or database: the round trips are the bottleneck. */
const slowAlone: Sync = { users: 100, connections: 1, workers: 1 };
const sourceDelayMs = 20;
const slowSource = `export default () => ({
  async findUser() {
    await new Promise((resolve) => setTimeout(resolve, ${sourceDelayMs}));
    return { groups: Array.from({ length: 10 }, (_, index) => ({ name: 'group-' + index })), authorizations: {} };
  },
  async check() {},
  async close() {},
});
`;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { users: { type: 'string', default: '100000' } } });
  const users = Number(values.users);
  const directory = mkdtempSync(join(tmpdir(), 'user-info-capacity-'));
  try {
    const certificates = await issueCertificates();
    const file = (name: string, text: string) => {
      writeFileSync(join(directory, name), text, { mode: 0o600 });
      return name;
    };
    file('password', 'password of the benchmark');
    const tls = {
      certificate: file('server.pem', certificates.server.certificate),
      key: file('server-key.pem', certificates.server.key),
      clientCa: [file('ca.pem', certificates.ca.certificate)],
    };
    await writeCsv(join(directory, 'users.csv'), { name: '600-byte', users, groupsPerUser: 10 });
    const config = {
      listener: { port: 0, tls },
      authentication: {
        mode: 'both',
        basic: { credentials: [{ username: 'platform', password: `\${file:password}` }] },
        clientCertificate: { allow: [{ dns: 'platform.example.test' }] },
      },
      source: { type: 'csv', path: 'users.csv', columns: csvColumns },
    };
    file('slow-source.mjs', slowSource);
    const slow = { ...config, source: { type: 'module', path: 'slow-source.mjs' } };
    const measure = (sync: Sync, of: object = config) =>
      measureSync(sync, directory, { ...of, workers: sync.workers }, certificates);
    const one = await measure(alone);
    const several = await measure(small);
    const latencySeconds = one.seconds / alone.users;
    const slowOne = await measure(slowAlone, slow);
    const results: Results = {};
    const check = (row: string, sync: Sync, roundTripSeconds: number, measured: Measured) =>
      record(results, row, measured, predict(sync, roundTripSeconds, several, measured.elsewhere));
    for (const [sync, measured] of [
      [alone, one],
      [small, several],
    ] as const)
      record(results, rowOf(sync), measured, null);
    record(results, `source latency ${sourceDelayMs} ms, ${rowOf(slowAlone)}`, slowOne, null);
    for (const workers of [1, 2]) {
      const sync = { users, connections: 16, workers };
      check(rowOf(sync), sync, latencySeconds, await measure(sync));
    }
    for (const connections of [8, 32]) {
      const sync = { ...slowAlone, users: 250 * connections, connections };
      const slowLatencySeconds = slowOne.seconds / slowAlone.users;
      check(`source latency ${sourceDelayMs} ms, ${rowOf(sync)}`, sync, slowLatencySeconds, await measure(sync, slow));
    }
    saveResult('capacity', `npm run bench -- capacity${args.length > 0 ? ` ${args.join(' ')}` : ''}`, results);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Returns the longest time: each connection's round trips, a worker's CPU, the client's CPU, or the machine's CPU, which both sides and other
 * work share.
 */
function predict(
  { users, connections, workers }: Sync,
  roundTripSeconds: number,
  { serverCpuUs, clientCpuUs }: Measured,
  elsewhere: number,
): number {
  const [server, client] = [serverCpuUs / 1e6, clientCpuUs / 1e6];
  const together = (server + client) / (availableParallelism() - elsewhere);
  return users * Math.max(roundTripSeconds / connections, server / workers, client, together);
}

function rowOf({ users, connections, workers }: Sync): string {
  const several = (count: number, name: string) => `${count.toLocaleString('en')} ${name}${count > 1 ? 's' : ''}`;
  return [several(users, 'user'), several(connections, 'connection'), several(workers, 'worker')].join(', ');
}

function record(results: Results, row: string, measured: Measured, predicted: number | null): void {
  const round = (value: number) => Number(value.toPrecision(3));
  results[row] = {
    seconds: round(measured.seconds),
    serverCpuUs: round(measured.serverCpuUs),
    callerCpuUs: round(measured.clientCpuUs),
    elsewhere: round(measured.elsewhere),
    ...(predicted !== null && { predictedSeconds: round(predicted), ofPredicted: round(measured.seconds / predicted) }),
  };
  process.stdout.write(`${row}: ${JSON.stringify(results[row])}\n`);
}

async function measureSync(
  { users, connections }: Sync,
  directory: string,
  config: object,
  { ca, client }: Awaited<ReturnType<typeof issueCertificates>>,
): Promise<Measured> {
  const server = await startServer(directory, config);
  const tls = { ca: ca.certificate, cert: client.certificate, key: client.key };
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ...tls });
  const authorization = `Basic ${Buffer.from('platform:password of the benchmark').toString('base64')}`;

  function ask(user: number): Promise<void> {
    return new Promise((resolve, reject) => {
      get(`${server.url}?userid=${useridOf(user)}`, { agent, headers: { authorization } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`answered with ${response.statusCode}`));
        response.resume().once('end', resolve);
      }).once('error', reject);
    });
  }
  async function askAll(count: number): Promise<void> {
    let next = 0;
    const asking = Array.from({ length: connections }, async () => {
      while (next < count) await ask(next++);
    });
    await Promise.all(asking);
  }

  try {
    // Compiled and connected.
    await askAll(Math.min(users, 2000));
    const [serverBefore, clientBefore, allBefore] = [
      cpuOfFamily(server.child.pid) / 1e6,
      process.cpuUsage(),
      busySeconds(),
    ];
    const startedAt = performance.now();
    await askAll(users);
    const seconds = (performance.now() - startedAt) / 1000;
    const clientUsage = process.cpuUsage(clientBefore);
    const allSeconds = busySeconds() - allBefore;
    const serverSeconds = cpuOfFamily(server.child.pid) / 1e6 - serverBefore;
    const clientSeconds = (clientUsage.user + clientUsage.system) / 1e6;
    return {
      seconds,
      serverCpuUs: (serverSeconds / users) * 1e6,
      clientCpuUs: (clientSeconds / users) * 1e6,
      elsewhere: Math.max(0, allSeconds - serverSeconds - clientSeconds) / seconds,
    };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

/** Returns the busy time of all processors since the machine started. */
function busySeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + (user + nice + sys + irq) / 1000, 0);
}
