// Owns the benchmark of how the server grows: with its workers, with its users, and with the connections that ask at once.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { writeCsv } from '../http/dataset.ts';
import { requestScript } from '../http/request-script.ts';
import { login, path, type Serving, serveCsv, untilAnswered } from '../http/serve-csv.ts';
import { runWrk, type WrkResult } from '../http/wrk.ts';
import { describeMachine, type Results, saveResult, spreadOf, summarise } from '../report.ts';

const groupsPerUser = 10;
const busy = 64;
const few = 1000;
const many = 1_000_000;

interface Variant {
  readonly title: string;
  readonly users: number;
  readonly workers: number;
  readonly connections: number;
}

const variants: readonly Variant[] = [
  { title: '1,000 users', users: few, workers: 1, connections: busy },
  { title: '1,000,000 users', users: many, workers: 1, connections: busy },
  { title: '1,000,000 users, 2 workers', users: many, workers: 2, connections: busy },
  { title: '1,000,000 users, 16 connections', users: many, workers: 1, connections: 16 },
  { title: '1,000,000 users, 4 connections', users: many, workers: 1, connections: 4 },
  { title: '1,000,000 users, 1 connection', users: many, workers: 1, connections: 1 },
];

export async function run(args: string[]): Promise<void> {
  const options = { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } } as const;
  const { values } = parseArgs({ args, options });
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const folder = await mkdtemp(join(tmpdir(), 'user-info-bench-scaling-'));
  const servers = new Map<string, Serving>();
  const measured = new Map<string, WrkResult[]>();
  try {
    for (const users of [few, many]) await writeUsers(folder, users);
    for (const variant of variants) {
      if (servers.has(serverOf(variant))) continue;
      const serving = await serveCsv(folder, join(folder, `${variant.users}.csv`), variant.workers);
      servers.set(serverOf(variant), serving);
      await untilAnswered(serving, 100);
    }
    for (let round = -1; round < rounds; round++) {
      // Each round begins with another one.
      for (const [index] of variants.entries()) {
        const variant = variants[(index + round + variants.length) % variants.length] as Variant;
        const url = `http://127.0.0.1:${servers.get(serverOf(variant))?.port}${path}`;
        const { title, users, connections } = variant;
        const script = join(folder, `${users}.lua`);
        const result = await runWrk({ url, script, connections, seconds: round < 0 ? 2 : seconds });
        if (result.failures > 0) throw new Error(`${title}: ${result.failures} of ${result.requests} answers failed`);
        // The first round warms up.
        if (round >= 0) measured.set(title, [...(measured.get(title) ?? []), result]);
        process.stderr.write(`round ${round + 1}, ${title}: ${Math.round(result.requestsPerSecond)}/s\n`);
        await sleep(200);
      }
    }
  } finally {
    for (const { child } of servers.values()) {
      child.kill();
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  }
  report(measured, `npm run bench -- scaling ${args.join(' ')}`.trim());
}

function serverOf({ users, workers }: Variant): string {
  return `${users} users, ${workers} workers`;
}

async function writeUsers(folder: string, users: number): Promise<void> {
  await writeCsv(join(folder, `${users}.csv`), { name: '', users, groupsPerUser });
  await writeFile(join(folder, `${users}.lua`), requestScript({ users, path, ...login }));
}

function report(measured: ReadonlyMap<string, readonly WrkResult[]>, command: string): void {
  const results: Results = {};
  for (const { title } of variants) {
    const runs = measured.get(title) ?? [];
    const rate = summarise(runs.map(({ requestsPerSecond }) => requestsPerSecond));
    const p50Ms = medianMs(runs.map(({ latencyP50 }) => latencyP50));
    const p99Ms = medianMs(runs.map(({ latencyP99 }) => latencyP99));
    results[title] = { requestsPerSecond: Math.round(rate.median), ...spreadOf(rate), p50Ms, p99Ms };
  }
  const lines = Object.entries(results).map(
    ([title, { requestsPerSecond, p50Ms, p99Ms }]) =>
      `  ${title.padEnd(34)} ${String(requestsPerSecond).padStart(7)}/s, p50 ${p50Ms} ms, p99 ${p99Ms} ms`,
  );
  process.stdout.write(`${[describeMachine(), command, ...lines].join('\n')}\n`);
  saveResult('scaling', command, results);
}

/** To the microsecond, as wrk tells it. */
function medianMs(values: readonly number[]): number {
  return Number(summarise(values).median.toFixed(3));
}
