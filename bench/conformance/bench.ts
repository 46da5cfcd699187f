// Benchmark `npm run bench -- conformance`: the command with all reports on its own core, compared with the same number of plain requests.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { ConformanceOptions, ConformanceReport } from '../../conformance/run-conformance.ts';
import { describeMachine, saveResult, summarize } from '../report.ts';

const modes = ['none', 'basic', 'both'] as const;

/** Runs the kit, or the plain requests; the endpoint runs on the other core. */
const kitCore = '0';
const endpointCore = '1';

const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const programOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const onCore = (core: string, args: readonly string[]) => ['--cpu-list', core, process.execPath, ...args];

/** Starts the kit's own endpoint. @returns its process, and the options of a run against it. */
async function startEndpoint(auth: string): Promise<{ endpoint: ChildProcess; options: ConformanceOptions }> {
  const endpoint = spawn('taskset', onCore(endpointCore, [programOf('endpoint.js'), auth]), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(endpoint.stdout), 'line')) as [string];
  return { endpoint, options: JSON.parse(line) };
}

/** Writes the options as a --config file, with the files to which it refers. @returns its path. */
function writeConfig(directory: string, options: ConformanceOptions): string {
  const write = (name: string, text: string | undefined) => {
    if (text === undefined) return {};
    writeFileSync(join(directory, name), text);
    return { [name]: name };
  };
  const { url, auth, username, knownUsers, unknownUser, hook, intrusive, maxP95Ms } = options;
  const config = {
    ...{ url, auth, username, knownUsers, unknownUser, intrusive, maxP95Ms },
    ...{ break: hook?.breakCommand, restore: hook?.restoreCommand, hookTimeoutMs: hook?.timeoutMs },
    ...write('passwordFile', options.password),
    ...{ ...write('cert', options.cert), ...write('key', options.key), ...write('ca', options.ca) },
    ...{ ...write('clientCa', options.clientCa?.certificate), ...write('clientCaKey', options.clientCa?.key) },
    ...write('expect', JSON.stringify(options.expectedData)),
    reports: { html: 'r.html', junit: 'r.xml', sarif: 'r.sarif', markdown: 'r.md', json: 'r.json', text: 'r.txt' },
  };
  const file = join(directory, 'conform.json');
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** Returns the wall time in ms of the whole command, from its start to its end. Throws if the endpoint did not conform. */
async function timeCommand(config: string): Promise<number> {
  const start = performance.now();
  await promisify(execFile)('taskset', onCore(kitCore, [command, 'conform', '--config', config]), {
    maxBuffer: 2 ** 24,
  });
  return performance.now() - start;
}

/** Returns the wall time in ms of the plain requests, excluding the startup of their process. */
async function timePlainly(options: string, requests: number): Promise<number> {
  const args = onCore(kitCore, [programOf('ask-plainly.js'), options, String(requests)]);
  return Number((await promisify(execFile)('taskset', args)).stdout);
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '5' } } });
  const rounds = Number(values.rounds);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  print(`${describeMachine()}; ${rounds} rounds, interleaved; the kit has one core, the endpoint another (taskset)`);
  print('\nauth | checks | requests | user-info conform, 6 reports, s | as many plain requests, s | times');
  const results: Record<string, Record<string, number>> = {};
  for (const auth of modes) {
    const directory = mkdtempSync(join(tmpdir(), 'user-info-bench-'));
    const { endpoint, options } = await startEndpoint(auth);
    const config = writeConfig(directory, options);
    const plainOptions = join(directory, 'options.json');
    writeFileSync(plainOptions, JSON.stringify(options));
    const ours: number[] = [];
    const plain: number[] = [];
    let report: ConformanceReport | undefined;
    for (let round = 0; round < rounds; round++) {
      ours.push(await timeCommand(config));
      report = JSON.parse(readFileSync(join(directory, 'r.json'), 'utf8')) as ConformanceReport;
      plain.push(await timePlainly(plainOptions, report.attestation.requestsSent));
    }
    endpoint.stdin?.end();
    await once(endpoint, 'close');
    rmSync(directory, { recursive: true });
    if (!report) throw new Error('a benchmark needs one round at least');
    const checks = report.checks.filter(({ status }) => status === 'passed').length;
    const { requestsSent } = report.attestation;
    const [run, floor] = [summarize(ours), summarize(plain)];
    const show = ({ median, low, high }: typeof run) =>
      `${(median / 1000).toFixed(2)} (${(low / 1000).toFixed(2)}–${(high / 1000).toFixed(2)})`;
    print([auth, checks, requestsSent, show(run), show(floor), (run.median / floor.median).toFixed(1)].join(' | '));
    results[auth] = {
      ...{ checks, requests: requestsSent, runMs: report.durationMs },
      ...{ commandMs: Math.round(run.median), plainMs: Math.round(floor.median) },
    };
  }
  saveResult('conformance', `npm run bench -- conformance ${args.join(' ')}`.trim(), results);
}
