// Benchmark `npm run bench -- simulator`: loads and syncs compared with undici alone and autocannon, with the same server and users.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Agent, request } from 'undici';
import { type DevelopmentCertificates, issueCertificates } from '../../certs/issue-certificates.ts';
import { findFreePort } from '../../tests/services/service-process.ts';
import { cpuOf } from '../cpu-of.ts';
import { csvColumns, useridOf, writeCsv } from '../http/dataset.ts';
import { describeMachine, type Results, saveResult, spreadOf, summarize, versionsOf } from '../report.ts';
import type { PeerResult, PeerSetup } from './peer-setup.ts';
import { type PostgresUsers, startPostgresUsers } from './postgres-users.ts';
import { runWatched, type WatchedRun } from './watched-process.ts';

const defaults = { rounds: '5', users: '100000', protocols: 'http,https', sources: 'csv,postgresql' } as const;
/** The default of `sync.concurrency`; autocannon has as many connections. */
const connections = 16;
const login = { username: 'immuta', password: 'correct horse battery staple' } as const;
const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
const path = '/user-info';
const program = new URL('../../../dist/cli/main.js', import.meta.url).pathname;

/** A database is about ten times slower than a file in memory, so fewer users are sufficient. */
const usersInDatabase = 20_000;

/** One in this number of users changes before the last sync. */
const changedOneIn = 100;
const jobs = ['autocannon', 'undici alone', 'load', 'first sync', 'sync, nothing changed', 'sync, 1% changed'] as const;
type Job = (typeof jobs)[number];

/** Minimum share of the rate of undici alone, in the same run. A first sync writes every user, and has no minimum. */
const goals: Readonly<Partial<Record<Job, number>>> = { load: 0.8, 'sync, nothing changed': 0.6 };
const floor: Job = 'undici alone';

interface Asked extends WatchedRun {
  readonly answered: number;
  readonly answersPerSecond: number;
}

interface Measured extends Asked {
  /** CPU time of the server during the run, per response. */
  readonly serverCpuUs: number;
}

/** A server with its users, and the IAM that requests them. */
interface Setup {
  /** "http", or "http from postgresql". */
  readonly label: string;
  /** Null: the server reads them from a file. */
  readonly database: PostgresUsers | null;
  readonly directory: string;
  readonly users: number;
  readonly url: string;
  readonly server: ChildProcess;
  readonly tls: PeerSetup['tls'];
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: defaults.rounds },
      users: { type: 'string', default: defaults.users },
      protocols: { type: 'string', default: defaults.protocols },
      sources: { type: 'string', default: defaults.sources },
    },
  });
  const users = Number(values.users);
  const measured = new Map<string, Measured[]>();
  const dataset = { name: '600-byte', users, groupsPerUser: 10 };
  let database: PostgresUsers | null = null;
  const directory = await mkdtemp(join(tmpdir(), 'user-info-bench-simulator-'));
  const setups: Setup[] = [];
  try {
    await writeCsv(join(directory, 'before.csv'), dataset);
    await writeChanged(directory);
    const certificates = await issueCertificates();
    await copyFile(join(directory, 'before.csv'), join(directory, 'users.csv'));
    const sources = values.sources.split(',');
    if (sources.includes('csv')) {
      for (const protocol of values.protocols.split(',')) {
        setups.push(await start(protocol, directory, users, certificates, null));
      }
    }
    if (sources.includes('postgresql')) {
      const fewer = Math.min(users, usersInDatabase);
      database = await startPostgresUsers({ ...dataset, users: fewer });
      setups.push(await start('http', directory, fewer, certificates, database));
    }
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const setup of setups) await measureRound(setup, round, measured);
    }
  } finally {
    for (const { server } of setups) {
      server.kill();
      await once(server, 'exit');
    }
    await database?.stop();
    await rm(directory, { recursive: true, force: true });
  }
  report(measured, users, values, args);
}

/** Writes the same users, some with a different cost center: each of these users loses one value and gains another. */
async function writeChanged(directory: string): Promise<void> {
  const lines = (await readFile(join(directory, 'before.csv'), 'utf8')).split('\n');
  // The first line contains the names of the columns, the second the first user.
  for (let line = 1; line < lines.length; line += changedOneIn) {
    lines[line] = (lines[line] ?? '').replace(/,cc-\d+,/, ',cc-moved,');
  }
  await writeFile(join(directory, 'after.csv'), lines.join('\n'));
}

async function start(
  protocol: string,
  directory: string,
  users: number,
  { ca, server: own, client }: DevelopmentCertificates,
  database: PostgresUsers | null,
): Promise<Setup> {
  const userids = Array.from({ length: users }, (_, n) => useridOf(n));
  await writeFile(join(directory, `directory-of-${users}.csv`), `userid\n${userids.join('\n')}\n`);
  const label = database ? `${protocol} from postgresql` : protocol;
  const port = await findFreePort();
  const tls = protocol === 'https' ? { ca: ca.certificate, cert: client.certificate, key: client.key } : null;
  const file = async (name: string, text: string) => {
    await writeFile(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const caFile = await file('ca.pem', ca.certificate);
  const serverTls = {
    certificate: await file('server.pem', own.certificate),
    key: await file('server-key.pem', own.key),
    clientCa: [caFile],
  };
  const config = {
    listener: { port, path, ...(tls && { tls: serverTls }) },
    administration: { port: 0 },
    authentication: {
      mode: tls ? 'both' : 'basic',
      basic: { credentials: [{ username: login.username, password: `\${env:BENCH_PASSWORD}` }] },
      ...(tls && { clientCertificate: { allow: [{ dns: 'platform.example.test' }] } }),
    },
    source: database?.source ?? { type: 'csv', path: join(directory, 'users.csv'), columns: csvColumns },
    logging: { destination: join(directory, `${label}.log`) },
  };
  const url = `${protocol}://localhost:${port}${path}`;
  const settings = {
    externalUserInfo: {
      uri: url,
      useAuth: true,
      authentication: { username: login.username, passwordEnv: 'BENCH_PASSWORD' },
      useSSL: tls !== null,
      sslRequestCert: tls !== null,
      ...(tls && {
        sslKeyFile: await file('client-key.pem', client.key),
        sslCertFile: await file('client.pem', client.certificate),
        sslCaFile: caFile,
      }),
    },
    sync: { concurrency: connections },
  };
  await writeFile(join(directory, `${label}.settings.json`), JSON.stringify(settings));
  const configFile = join(directory, `${label}.json`);
  await writeFile(configFile, JSON.stringify(config));
  const server = spawn(process.execPath, [program, 'serve', '--config', configFile], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...database?.environment, BENCH_PASSWORD: login.password },
  });
  const setup = { label, database, directory, users, url, server, tls };
  await untilAnswerHas(setup, 'before.csv');
  return setup;
}

/** @throws if the server has ended. */
async function untilAnswerHas({ url, tls, server, directory }: Setup, csv: string): Promise<void> {
  const [, first = ''] = (await readFile(join(directory, csv), 'utf8')).split('\n', 2);
  const wanted = /,(cc-\w+),/.exec(first)?.[1] ?? '';
  const dispatcher = new Agent({ connect: { ...tls } });
  try {
    for (;;) {
      if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
      const target = `${url}?userid=${encodeURIComponent(useridOf(0))}`;
      const answer = await request(target, { dispatcher, headers: { authorization } }).catch(() => null);
      if ((await answer?.body.text())?.includes(`"${wanted}"`)) return;
      await sleep(20);
    }
  } finally {
    await dispatcher.close();
  }
}

async function serveUsersOf(setup: Setup, csv: 'before.csv' | 'after.csv'): Promise<void> {
  const { directory, database } = setup;
  await database?.moveOneIn(csv === 'before.csv' ? null : changedOneIn);
  await copyFile(join(directory, csv), join(directory, 'next.csv'));
  await rename(join(directory, 'next.csv'), join(directory, 'users.csv'));
  await untilAnswerHas(setup, csv);
}

async function measureRound(setup: Setup, round: number, measured: Map<string, Measured[]>): Promise<void> {
  const { label, directory } = setup;
  const store = join(directory, 'simulator.db');
  const settings = join(directory, `${label}.settings.json`);
  await serveUsersOf(setup, 'before.csv');
  await simulate(store, 'iam', 'create', 'okta', '--type', 'saml', '--settings', settings);
  for (const job of jobs) {
    if (job === 'sync, 1% changed') await serveUsersOf(setup, 'after.csv');
    const before = cpuOf(setup.server.pid);
    const run = await measure(setup, store, job);
    const result = { ...run, serverCpuUs: (cpuOf(setup.server.pid) - before) / run.answered };
    const key = `${label}, ${job}`;
    measured.set(key, [...(measured.get(key) ?? []), result]);
    const { answersPerSecond, seconds, cpuSeconds, peakMb, serverCpuUs } = result;
    process.stderr.write(
      `round ${round + 1}, ${key}: ${answersPerSecond.toFixed(0)} answers/s, ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, server ${serverCpuUs.toFixed(1)} µs, peak ${peakMb.toFixed(0)} MB\n`,
    );
  }
  await rm(store);
}

function measure(setup: Setup, store: string, job: Job): Promise<Asked> {
  switch (job) {
    case 'autocannon':
      return runPeer(setup, 'peer-autocannon');
    case 'undici alone':
      return runPeer(setup, 'peer-undici');
    case 'load':
      return load(setup, store);
    default:
      return sync(setup, store, job);
  }
}

async function runPeer({ url, users, tls }: Setup, name: string): Promise<Asked> {
  const setup: PeerSetup = { url, users, connections, authorization, tls };
  const file = new URL(`./${name}.js`, import.meta.url).pathname;
  const watched = await runWatched([file, JSON.stringify(setup)], {});
  const { answered, seconds } = JSON.parse(watched.output) as PeerResult;
  if (answered !== users) throw new Error(`${name} had ${answered} answers`);
  return { ...watched, answered, answersPerSecond: answered / seconds };
}

/** Runs `user-info simulate load` with as many sequential users as the other peers have connections. */
async function load({ directory, users }: Setup, store: string): Promise<Asked> {
  const args = [
    '--users',
    join(directory, `directory-of-${users}.csv`),
    '--levels',
    String(connections),
    '--seconds',
    '4',
  ];
  const watched = await simulate(store, 'load', 'okta', ...args);
  const { stages } = JSON.parse(watched.output) as {
    readonly stages: ReadonlyArray<{ readonly requests: number; readonly answersPerSecond: number }>;
  };
  const { requests = Number.NaN, answersPerSecond = Number.NaN } = stages[0] ?? {};
  return { ...watched, answered: requests, answersPerSecond };
}

/** The part of `user-info simulate sync --json` before the users. */
interface SyncOutput {
  readonly summary: {
    readonly answered: number;
    readonly changed: number;
    readonly created: number;
    readonly durationMs: number;
  };
}

async function sync({ directory, users }: Setup, store: string, job: Job): Promise<Asked> {
  const watched = await simulate(store, 'sync', 'okta', '--users', join(directory, `directory-of-${users}.csv`));
  const [head = ''] = watched.output.split(',\n  "users": [', 1);
  const { answered, changed, created, durationMs } = (JSON.parse(`${head}}`) as SyncOutput).summary;
  const wanted = {
    created: job === 'first sync' ? users : 0,
    changed: job === 'sync, 1% changed' ? Math.ceil(users / changedOneIn) : 0,
  };
  if (answered !== users || created !== wanted.created || changed !== wanted.changed) {
    throw new Error(`${job}: ${answered} answered, ${created} created, ${changed} changed`);
  }
  return { ...watched, answered, answersPerSecond: answered / (durationMs / 1000) };
}

function simulate(store: string, ...args: readonly string[]): Promise<WatchedRun> {
  return runWatched([program, 'simulate', ...args, '--store', store, '--json'], { BENCH_PASSWORD: login.password });
}

function report(
  measured: ReadonlyMap<string, readonly Measured[]>,
  users: number,
  options: Readonly<Record<string, string>>,
  args: string[],
): void {
  const medianOf = (key: string, column: keyof Omit<Measured, 'output'>) =>
    summarize((measured.get(key) ?? []).map((run) => run[column])).median;
  const results: Results = {};
  const missed: string[] = [];
  process.stdout.write(`${describeMachine()}; ${users} users, ${connections} connections, ${options.rounds} rounds\n`);
  for (const [key, runs] of measured) {
    const rate = summarize(runs.map(({ answersPerSecond }) => answersPerSecond));
    const [label = ''] = key.split(', ', 1);
    const job = jobs.find((name) => key === `${label}, ${name}`);
    const ratioTo = (peer: Job) => Number((rate.median / medianOf(`${label}, ${peer}`, 'answersPerSecond')).toFixed(2));
    const goal = job === undefined ? undefined : goals[job];
    results[key] = {
      answersPerSecond: Math.round(rate.median),
      ...spreadOf(rate),
      ofUndici: ratioTo(floor),
      ofAutocannon: ratioTo('autocannon'),
      wholeSeconds: Number(medianOf(key, 'seconds').toFixed(1)),
      cpuSeconds: Number(medianOf(key, 'cpuSeconds').toFixed(1)),
      serverCpuUs: Number(medianOf(key, 'serverCpuUs').toFixed(1)),
      peakMb: Math.round(medianOf(key, 'peakMb')),
    };
    process.stdout.write(`  ${key.padEnd(30)} ${JSON.stringify(results[key])}\n`);
    if (goal !== undefined && ratioTo(floor) < goal)
      missed.push(`${key}: ${ratioTo(floor)} of undici alone, goal ${goal}`);
  }
  process.stdout.write(missed.length === 0 ? 'All goals are met.\n' : `Goals missed:\n  ${missed.join('\n  ')}\n`);
  // With fewer users, the startup of the processes dominates.
  const isWhole = options.protocols === defaults.protocols && options.sources === defaults.sources;
  if (users >= 30_000 && isWhole) {
    saveResult(
      'simulator',
      `npm run bench -- simulator ${args.join(' ')}`.trim(),
      results,
      versionsOf('autocannon', 'undici'),
    );
  }
}
