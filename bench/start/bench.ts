// Owns the benchmark of a start: from the command to the first answer, beside Node alone and a bare Express.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findFreePort } from '../../tests/services/service-process.ts';
import { csvColumns, useridOf, writeCsv } from '../http/dataset.ts';
import { describeMachine, type Results, saveResult, spreadOf, summarise } from '../report.ts';

const username = 'immuta';
const password = 'correct horse battery staple';
const path = '/user-info';
const sizes = [1000, 1_000_000] as const;
const pauseMs = 2;

interface Program {
  readonly title: string;
  /** Arguments of node, for a server on this port. */
  readonly args: (port: number) => Promise<readonly string[]>;
  /** False: it is there when it has ended. */
  readonly answers: boolean;
  readonly rounds: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '9' } } });
  const rounds = Number(values.rounds);
  const folder = await mkdtemp(join(tmpdir(), 'user-info-bench-start-'));
  try {
    const programs: Program[] = [
      { title: 'node -e 0', args: async () => ['-e', '0'], answers: false, rounds },
      {
        title: 'bare Express 5',
        args: async (port) => [new URL('./peer-express.js', import.meta.url).pathname, String(port)],
        answers: true,
        rounds,
      },
    ];
    for (const users of sizes) {
      const csv = join(folder, `users-${users}.csv`);
      await writeCsv(csv, { name: '', users, groupsPerUser: 10 });
      programs.push({
        title: `ours, ${users.toLocaleString('en')} users`,
        args: (port) => serveArgs(folder, csv, port),
        answers: true,
        rounds: users > 1000 ? Math.ceil(rounds / 3) : rounds,
      });
    }
    const measured = programs.map((program) => ({ program, starts: [] as Start[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { program, starts } of measured) if (round < program.rounds) starts.push(await start(program));
    }
    report(measured, `npm run bench -- start ${args.join(' ')}`.trim());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function serveArgs(folder: string, csv: string, port: number): Promise<readonly string[]> {
  const file = join(folder, 'user-info.json');
  const config = {
    listener: { port, path },
    administration: { port: 0 },
    authentication: { mode: 'basic', basic: { credentials: [{ username, password: `\${env:BENCH_PASSWORD}` }] } },
    source: { type: 'csv', path: csv, columns: csvColumns },
    logging: { destination: join(folder, 'access.log') },
  };
  await writeFile(file, JSON.stringify(config));
  return [new URL('../../cli/main.js', import.meta.url).pathname, 'serve', '--config', file];
}

interface Start {
  readonly readyMs: number;
  /** Of all threads of the process until then. */
  readonly cpuMs: number;
}

async function start({ args, answers }: Program): Promise<Start> {
  const port = await findFreePort();
  const startArgs = await args(port);
  const startedAt = performance.now();
  const child = spawn(process.execPath, startArgs, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, BENCH_PASSWORD: password },
  });
  const ended = once(child, 'exit');
  if (!answers) {
    await ended;
    return { readyMs: performance.now() - startedAt, cpuMs: Number.NaN };
  }
  while (!(await answersTo(port))) {
    if (child.exitCode !== null) throw new Error(`${startArgs.join(' ')} ended with ${child.exitCode}`);
    await sleep(pauseMs);
  }
  const readyMs = performance.now() - startedAt;
  const cpuMs = cpuMsOf(child);
  child.kill();
  await ended;
  return { readyMs, cpuMs };
}

function answersTo(port: number): Promise<boolean> {
  const target = { host: '127.0.0.1', port, path: `${path}?userid=${encodeURIComponent(useridOf(1))}` };
  return new Promise((resolve) => {
    const request = get({ ...target, auth: `${username}:${password}` }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    request.once('error', () => resolve(false));
  });
}

const msPerTick = 10;

/** From Linux' account of the process. */
function cpuMsOf({ pid }: ChildProcess): number {
  const [, behindName = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = behindName.split(' ');
  const [user, system] = [fields[11], fields[12]];
  return (Number(user) + Number(system)) * msPerTick;
}

function report(measured: ReadonlyArray<{ program: Program; starts: readonly Start[] }>, command: string): void {
  const results: Results = {};
  for (const { program, starts } of measured) {
    const ready = summarise(starts.map(({ readyMs }) => readyMs));
    const cpu = summarise(starts.map(({ cpuMs }) => cpuMs)).median;
    const cpuColumn = program.answers ? { cpuMs: Math.round(cpu) } : {};
    results[program.title] = { readyMs: Math.round(ready.median), ...spreadOf(ready), ...cpuColumn };
  }
  const lines = Object.entries(results).map(
    ([title, { readyMs, low, high, cpuMs }]) =>
      `  ${title.padEnd(26)} ${String(readyMs).padStart(6)} ms (${low}–${high})${cpuMs === undefined ? '' : `, ${cpuMs} ms of CPU`}`,
  );
  process.stdout.write(`${[describeMachine(), command, ...lines].join('\n')}\n`);
  saveResult('start', command, results);
}
