// HTTP benchmark: our complete server compared with plain node:http(s), Fastify and Express, in one interleaved run.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { describeMachine, saveResult, summarize } from '../report.ts';
import { checkAnswers } from './check-answers.ts';
import { type Dataset, datasets } from './dataset.ts';
import { path } from './peer-setup.ts';
import { requestScript } from './request-script.ts';
import { type RunningPeer, startPeer } from './start-peer.ts';
import { runWrk, type WrkResult } from './wrk.ts';

const floor = 'node-http';
const peers = [floor, 'node-http-logged', 'node-http-ready', 'fastify', 'express', 'ours'] as const;
type Peer = (typeof peers)[number];
const protocols = ['http', 'https'] as const;
type Protocol = (typeof protocols)[number];

const titles: Readonly<Record<Peer, string>> = {
  'node-http': 'plain node:http(s), the same lookup',
  'node-http-logged': 'plain node:http(s), the same lookup, headers and log',
  'node-http-ready': 'plain node:http(s), a Map of ready buffers',
  fastify: 'Fastify 5 + helmet + basic-auth + logger',
  express: 'Express 5 + pino-http + helmet + passport-http',
  ours: 'user-info-kit, complete',
};

const connections = 64;
const username = 'immuta';
const password = 'correct horse battery staple';

/** Requests per second of each round, by dataset, protocol and peer. */
type Measurements = Map<string, number[]>;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '4' },
      users: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const directory = await mkdtemp(join(tmpdir(), 'user-info-bench-http-'));
  const measurements: Measurements = new Map();
  try {
    for (const { users, ...dataset } of datasets) {
      const sized = { ...dataset, users: values.users === undefined ? users : Math.min(users, Number(values.users)) };
      await measureDataset(sized, directory, rounds, seconds, measurements);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  report(measurements, `npm run bench -- http ${args.join(' ')}`.trim(), rounds, seconds);
}

async function measureDataset(
  dataset: Dataset,
  directory: string,
  rounds: number,
  seconds: number,
  measurements: Measurements,
): Promise<void> {
  const { ca, server } = await issueCertificates();
  const certificateFile = join(directory, 'server.pem');
  const keyFile = join(directory, 'server-key.pem');
  await writeFile(certificateFile, server.certificate);
  await writeFile(keyFile, server.key);
  const script = join(directory, 'requests.lua');
  await writeFile(script, requestScript({ users: dataset.users, path, username, password }));

  const running = new Map<Peer, RunningPeer>();
  try {
    for (const peer of peers) {
      process.stderr.write(`${dataset.name}: starting ${peer} with ${dataset.users.toLocaleString('en')} users\n`);
      const logFile = join(directory, `${peer}.log`);
      running.set(peer, await startPeer(peer, { dataset, username, password, certificateFile, keyFile, logFile }));
    }
    for (let round = -1; round < rounds; round++) {
      // Each round begins with a different peer, so that no peer is always the first.
      const order = peers.map((_, n) => peers[(n + round + peers.length) % peers.length] as Peer);
      for (const protocol of protocols) {
        for (const peer of order) {
          const port = running.get(peer)?.ports[protocol] ?? 0;
          const url = `${protocol}://127.0.0.1:${port}${path}`;
          const { requestsPerSecond, requests, failures } = await measure(
            url,
            script,
            dataset,
            round < 0 ? 2 : seconds,
            ca.certificate,
          );
          const failed = failures > 0 ? `, ${failures} of ${requests} answers failed` : '';
          // Our server must not fail. A peer that sheds load or stalls has a lower rate, and its line shows the failures.
          if (failures > 0 && peer === 'ours') throw new Error(`${url}: ${failed.slice(2)}`);
          // The first round is a warm-up.
          if (round >= 0) add(measurements, keyOf(dataset.name, protocol, peer), requestsPerSecond);
          process.stderr.write(
            `${dataset.name} ${protocol} round ${round + 1} ${peer}: ${Math.round(requestsPerSecond)}/s${failed}\n`,
          );
        }
      }
    }
  } finally {
    for (const { child } of running.values()) child.disconnect();
  }
}

/** Runs wrk once while other requests verify complete responses. @throws if any response was wrong. */
async function measure(url: string, script: string, dataset: Dataset, seconds: number, ca: string): Promise<WrkResult> {
  const over = new AbortController();
  const checking = checkAnswers(url, dataset, { username, password, ca }, over.signal);
  const [result] = await Promise.all([
    runWrk({ url, script, connections, seconds }).finally(() => over.abort()),
    checking,
  ]);
  await sleep(200);
  return result;
}

function keyOf(dataset: string, protocol: Protocol, peer: Peer): string {
  return `${dataset} ${protocol} ${peer}`;
}

function add(measurements: Measurements, key: string, value: number): void {
  measurements.set(key, [...(measurements.get(key) ?? []), value]);
}

function report(measurements: Measurements, command: string, rounds: number, seconds: number): void {
  const lines = [
    describeMachine(),
    `${command}   (wrk, ${connections} connections, ${rounds} rounds of ${seconds} s, medians)`,
  ];
  const results: Record<string, Record<string, number>> = {};
  for (const { name } of datasets) {
    for (const protocol of protocols) {
      lines.push('', `${name} answers over ${protocol}`);
      const base = summarize(measurements.get(keyOf(name, protocol, floor)) ?? []);
      for (const peer of peers) {
        const key = keyOf(name, protocol, peer);
        const { median, low, high } = summarize(measurements.get(key) ?? []);
        const ratio = median / base.median;
        results[key] = {
          requestsPerSecond: Math.round(median),
          low: Math.round(low),
          high: Math.round(high),
          ratioToFloor: Math.round(ratio * 1000) / 1000,
        };
        const rate = `${Math.round(median).toLocaleString('en')}/s`;
        const spread = `(${Math.round(low).toLocaleString('en')}–${Math.round(high).toLocaleString('en')})`;
        lines.push(`  ${titles[peer].padEnd(50)} ${rate.padStart(10)} ${spread.padEnd(17)} ${ratio.toFixed(2)}`);
      }
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  saveResult('http', command, results);
}
