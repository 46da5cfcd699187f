// Benchmark of new HTTPS connections: our complete server compared with plain node:https, with full and resumed handshakes.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { describeMachine, type Results, saveResult, spreadOf, summarize } from '../report.ts';
import { type Connecting, connectAgain } from './connect-again.ts';
import { askedUserid, type ConnectionSetup, path } from './connection-setup.ts';

const peers = ['node-https', 'node-https-logged', 'ours'] as const;
type Peer = (typeof peers)[number];

/** With client certificates, both sides sign and verify twice as much. */
const trusts = { 'server certificate only': false, 'with client certificates': true } as const;
const ways = { full: false, resumed: true } as const;

interface Measured {
  readonly perSecond: number[];
  readonly cpuMicroseconds: number[];
}

export async function run(args: string[]): Promise<void> {
  const options = { rounds: { type: 'string', default: '21' }, seconds: { type: 'string', default: '2' } } as const;
  const { values } = parseArgs({ args, options });
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const directory = await mkdtemp(join(tmpdir(), 'user-info-bench-connections-'));
  const measured = new Map<string, Measured>();
  try {
    for (const [trust, clientCertificates] of Object.entries(trusts)) {
      await measureTrust(trust, clientCertificates, { directory, rounds, seconds }, measured);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  report(measured, `npm run bench -- connections ${args.join(' ')}`.trim());
}

async function measureTrust(
  trust: string,
  clientCertificates: boolean,
  { directory, rounds, seconds }: { readonly directory: string; readonly rounds: number; readonly seconds: number },
  measured: Map<string, Measured>,
): Promise<void> {
  const { ca, server, client } = await issueCertificates();
  const files = {
    ca: join(directory, 'ca.pem'),
    certificate: join(directory, 'server.pem'),
    key: join(directory, 'server-key.pem'),
    clientCertificate: join(directory, 'client.pem'),
    clientKey: join(directory, 'client-key.pem'),
  };
  await writeFile(files.ca, ca.certificate);
  await writeFile(files.certificate, server.certificate);
  await writeFile(files.key, server.key);
  await writeFile(files.clientCertificate, client.certificate);
  await writeFile(files.clientKey, client.key);
  const running = new Map<Peer, RunningPeer>();
  try {
    for (const peer of peers) {
      running.set(peer, await startPeer(peer, { ...files, clientCertificates, directory }));
    }
    for (let round = -1; round < rounds; round++) {
      for (const [way, resumed] of Object.entries(ways)) {
        // Each round begins with a different peer, so that the peers do not always run in the same order.
        const order = peers.map((_, n) => peers[(n + round + peers.length) % peers.length] as Peer);
        for (const peer of order) {
          const { port, cpuMicroseconds } = running.get(peer) as RunningPeer;
          const connecting: Connecting = {
            port,
            target: `${path}?userid=${askedUserid}`,
            resumed,
            // The first round is a warm-up: the compiler needs several thousand connections.
            seconds: round < 0 ? 4 : seconds,
            ...(clientCertificates && { certificate: files.clientCertificate, key: files.clientKey }),
          };
          const cpuBefore = await cpuMicroseconds();
          const { connections, perSecond } = await connectAgain(connecting);
          const cpu = ((await cpuMicroseconds()) - cpuBefore) / connections;
          if (round >= 0) add(measured, `${trust}, ${way}: ${peer}`, perSecond, cpu);
          process.stderr.write(`${trust}, ${way}, round ${round + 1} ${peer}: ${Math.round(perSecond)}/s\n`);
        }
      }
    }
  } finally {
    for (const { child } of running.values()) child.disconnect();
  }
}

interface RunningPeer {
  readonly child: ChildProcess;
  readonly port: number;
  /** Returns the CPU time of the server's process so far. */
  readonly cpuMicroseconds: () => Promise<number>;
}

async function startPeer(peer: Peer, setup: ConnectionSetup): Promise<RunningPeer> {
  const child = fork(new URL(`./peer-${peer}.js`, import.meta.url), [JSON.stringify(setup)]);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${peer} ended with ${code} before it listened`);
  });
  ended.catch(() => undefined);
  const [port] = (await Promise.race([once(child, 'message'), ended])) as [number];
  return {
    child,
    port,
    async cpuMicroseconds() {
      child.send('cpu');
      const [used] = (await once(child, 'message')) as [number];
      return used;
    },
  };
}

function add(measured: Map<string, Measured>, row: string, perSecond: number, cpu: number): void {
  const soFar = measured.get(row) ?? { perSecond: [], cpuMicroseconds: [] };
  soFar.perSecond.push(perSecond);
  soFar.cpuMicroseconds.push(cpu);
  measured.set(row, soFar);
}

function report(measured: Map<string, Measured>, command: string): void {
  const results: Results = {};
  for (const [row, { perSecond, cpuMicroseconds }] of measured) {
    const rate = summarize(perSecond);
    const cpu = summarize(cpuMicroseconds).median;
    results[row] = {
      connectionsPerSecond: Math.round(rate.median),
      ...spreadOf(rate),
      cpuMicroseconds: Math.round(cpu),
    };
  }
  const lines = Object.entries(results).map(
    ([row, { connectionsPerSecond, cpuMicroseconds }]) =>
      `  ${row.padEnd(52)} ${String(connectionsPerSecond).padStart(6)}/s ${String(cpuMicroseconds).padStart(6)} µs of the server`,
  );
  process.stdout.write(`${[describeMachine(), command, ...lines].join('\n')}\n`);
  saveResult('connections', command, results);
}
