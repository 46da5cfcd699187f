// Benchmark of scaling: throughput by workers, users and concurrent connections, compared with plain node:http.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { writeBusySource } from '../busy-source.ts';
import { cpuOfFamily } from '../cpu-of.ts';
import { useridOf, writeCsv } from '../http/dataset.ts';
import { type RequestTimes, timeRequests } from '../http/h2load.ts';
import { askedUsers, requestScript } from '../http/request-script.ts';
import { login, path, serveCsv, serveSource, untilAnswered } from '../http/serve-csv.ts';
import { startPeer } from '../http/start-peer.ts';
import { runWrk, type WrkResult } from '../http/wrk.ts';
import { describeMachine, type Results, saveResult, spreadOf, summarize } from '../report.ts';

const groupsPerUser = 10;
const busy = 64;
const few = 1000;
const many = 1_000_000;

const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;

const floor = 'plain node:http';

interface Variant {
  readonly title: string;
  /** Name of a server; variants with the same server share the process. */
  readonly server: string;
  readonly users: number;
  readonly workers: number;
  readonly connections: number;
}

const one = { users: many, workers: 1, server: 'ours' } as const;
/** CPU time of an expensive lookup: as much as a dozen requests of wrk. */
const dearUs = 100;
const dear = { users: many, connections: busy };
const two = { title: '1,000,000 users, 2 workers', users: many, workers: 2, server: 'two workers', connections: busy };
const variants: readonly Variant[] = [
  { title: '1,000 users', users: few, workers: 1, server: 'few users', connections: busy },
  { ...one, title: '1,000,000 users', connections: busy },
  two,
  { ...dear, title: `lookups of ${dearUs} µs`, server: 'dear lookups', workers: 1 },
  { ...dear, title: `lookups of ${dearUs} µs, 2 workers`, server: 'dear lookups, two workers', workers: 2 },
  ...[16, 4, 1].map((connections) => ({ ...one, connections, title: `1,000,000 users, ${countOf(connections)}` })),
  ...[busy, 16, 4, 1].map((connections) => ({
    ...one,
    connections,
    server: floor,
    title: `${floor}, ${countOf(connections)}`,
  })),
];

function countOf(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`;
}

/** Result of a round; CPU in microseconds per request. */
interface Measured extends WrkResult {
  readonly times: RequestTimes;
  readonly serverCpu: number;
  readonly wrkCpu: number;
}

/** A server under load. */
interface Target {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function run(args: string[]): Promise<void> {
  const options = { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } } as const;
  const { values } = parseArgs({ args, options });
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const directory = await mkdtemp(join(tmpdir(), 'user-info-bench-scaling-'));
  const targets = new Map<string, Target>();
  const measured = new Map<string, Measured[]>();
  try {
    for (const users of [few, many]) await writeUsers(directory, users);
    for (const variant of variants) {
      if (!targets.has(variant.server)) targets.set(variant.server, await start(variant, directory));
    }
    for (let round = -1; round < rounds; round++) {
      // Each round begins with a different variant.
      for (const [index] of variants.entries()) {
        const variant = variants[(index + round + variants.length) % variants.length] as Variant;
        const target = targets.get(variant.server) as Target;
        const result = await measure(variant, target, directory, round < 0 ? 2 : seconds);
        // The first round is a warm-up.
        if (round >= 0) measured.set(variant.title, [...(measured.get(variant.title) ?? []), result]);
        process.stderr.write(`round ${round + 1}, ${variant.title}: ${Math.round(result.requestsPerSecond)}/s\n`);
        await sleep(200);
      }
    }
  } finally {
    for (const target of targets.values()) await target.stop();
    await rm(directory, { recursive: true, force: true });
  }
  report(measured, `npm run bench -- scaling ${args.join(' ')}`.trim());
}

async function start({ server, users, workers }: Variant, directory: string): Promise<Target> {
  if (server === floor) return startFloor(directory);
  const serving = await (server.startsWith('dear')
    ? serveSource(directory, writeBusySource(directory, dearUs / 1000), workers)
    : serveCsv(directory, join(directory, `${users}.csv`), workers));
  await untilAnswered(serving, 100);
  return targetOf(serving.child, serving.port, () => serving.child.kill());
}

async function startFloor(directory: string): Promise<Target> {
  const certificates = await issueCertificates();
  const [certificateFile, keyFile] = [join(directory, 'server.pem'), join(directory, 'server-key.pem')];
  await writeFile(certificateFile, certificates.server.certificate);
  await writeFile(keyFile, certificates.server.key);
  const dataset = { name: '', users: many, groupsPerUser };
  const setup = { dataset, ...login, certificateFile, keyFile, logFile: join(directory, 'floor.log') };
  const { child, ports } = await startPeer('node-http', setup);
  return targetOf(child, ports.http, () => child.disconnect());
}

function targetOf(child: ChildProcess, port: number, end: () => void): Target {
  return {
    port,
    pid: child.pid ?? 0,
    async stop() {
      const ended = once(child, 'exit');
      end();
      await ended;
    },
  };
}

async function measure(
  { title, users, connections }: Variant,
  { port, pid }: Target,
  directory: string,
  seconds: number,
): Promise<Measured> {
  const origin = `http://127.0.0.1:${port}`;
  const cpuBefore = cpuOfFamily(pid);
  const result = await runWrk({
    url: `${origin}${path}`,
    script: join(directory, `${users}.lua`),
    connections,
    seconds,
  });
  const serverCpu = (cpuOfFamily(pid) - cpuBefore) / result.requests;
  if (result.failures > 0) throw new Error(`${title}: ${result.failures} of ${result.requests} answers failed`);
  const times = await timeRequests({
    ...{ origin, connections, seconds, authorization, logFile: join(directory, 'times') },
    targets: join(directory, `${users}.targets`),
  });
  return { ...result, times, serverCpu, wrkCpu: result.cpuMicroseconds / result.requests };
}

async function writeUsers(directory: string, users: number): Promise<void> {
  await writeCsv(join(directory, `${users}.csv`), { name: '', users, groupsPerUser });
  await writeFile(join(directory, `${users}.lua`), requestScript({ users, path, ...login }));
  const asked = Math.min(users, askedUsers);
  const targets = Array.from({ length: asked }, (_, n) => targetOfUser(n * Math.floor(users / asked)));
  await writeFile(join(directory, `${users}.targets`), `${targets.join('\n')}\n`);
}

function targetOfUser(user: number): string {
  return `${path}?userid=${encodeURIComponent(useridOf(user))}`;
}

function report(measured: ReadonlyMap<string, readonly Measured[]>, command: string): void {
  const results: Results = {};
  for (const { title } of variants) {
    const runs = measured.get(title) ?? [];
    const rate = summarize(runs.map(({ requestsPerSecond }) => requestsPerSecond));
    const p50Ms = medianMs(runs.map(({ times }) => times.p50));
    const p99Ms = medianMs(runs.map(({ times }) => times.p99));
    results[title] = {
      requestsPerSecond: Math.round(rate.median),
      ...spreadOf(rate),
      p50Ms,
      p99Ms,
      p99PerP50: Number((p99Ms / p50Ms).toFixed(1)),
      wrkP99Ms: medianMs(runs.map(({ latencyP99 }) => latencyP99)),
      cpuMicroseconds: medianTenth(runs.map(({ serverCpu }) => serverCpu)),
      wrkMicroseconds: medianTenth(runs.map(({ wrkCpu }) => wrkCpu)),
    };
    // What both cores allow for the workers and wrk together.
    if (title === two.title) results['2 workers and wrk on 2 cores, at most'] = { requestsPerSecond: mostOf(runs) };
  }
  const lines = Object.entries(results).map(([title, row]) => `  ${title.padEnd(40)} ${JSON.stringify(row)}`);
  process.stdout.write(`${[describeMachine(), command, ...lines].join('\n')}\n`);
  saveResult('scaling', command, results);
}

function mostOf(runs: readonly Measured[]): number {
  const cpu = summarize(runs.map(({ serverCpu, wrkCpu }) => serverCpu + wrkCpu)).median;
  return Math.round(2_000_000 / cpu);
}

function medianTenth(values: readonly number[]): number {
  return Number(summarize(values).median.toFixed(1));
}

/** Returns the median in ms, rounded to microseconds, the resolution of wrk and h2load. */
function medianMs(values: readonly number[]): number {
  return Number(summarize(values).median.toFixed(3));
}
