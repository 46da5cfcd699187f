// Benchmark of the startup: from the command to the first response, compared with Node alone and a minimal Express.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findFreePort } from '../../tests/services/service-process.ts';
import { cpuOf } from '../cpu-of.ts';
import { writeCsv } from '../http/dataset.ts';
import { type Serving, serveCsv, untilAnswered } from '../http/serve-csv.ts';
import { describeMachine, type Results, saveResult, spreadOf, summarize } from '../report.ts';

const sizes = [1000, 1_000_000] as const;
const nodeAlone = 'node -e 0';
const express = 'bare Express 5';

interface Program {
  readonly title: string;
  /** Starts it. A program without a port is ready when it has ended. */
  readonly start: () => Promise<Serving | { readonly child: ChildProcess }>;
  readonly rounds: number;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '9' } } });
  const rounds = Number(values.rounds);
  const directory = await mkdtemp(join(tmpdir(), 'user-info-bench-start-'));
  try {
    const programs: Program[] = [
      { title: nodeAlone, start: async () => ({ child: startNode(['-e', '0']) }), rounds },
      { title: express, start: startExpress, rounds },
    ];
    for (const users of sizes) {
      const csv = join(directory, `users-${users}.csv`);
      await writeCsv(csv, { name: '', users, groupsPerUser: 10 });
      programs.push({
        title: `ours, ${users.toLocaleString('en')} users`,
        start: () => serveCsv(directory, csv),
        rounds: users > 1000 ? Math.ceil(rounds / 3) : rounds,
      });
    }
    const measured = programs.map((program) => ({ program, starts: [] as Start[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { program, starts } of measured) if (round < program.rounds) starts.push(await measure(program));
    }
    report(measured, `npm run bench -- start ${args.join(' ')}`.trim());
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function startNode(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function startExpress(): Promise<Serving> {
  const port = await findFreePort();
  const program = new URL('./peer-express.js', import.meta.url).pathname;
  return { child: startNode([program, String(port)]), port };
}

interface Start {
  readonly readyMs: number;
  /** CPU time of all threads of the process until it is ready. */
  readonly cpuMs: number;
}

async function measure({ start }: Program): Promise<Start> {
  const startedAt = performance.now();
  const started = await start();
  const ended = once(started.child, 'exit');
  if (!('port' in started)) {
    await ended;
    return { readyMs: performance.now() - startedAt, cpuMs: Number.NaN };
  }
  await untilAnswered(started);
  const readyMs = performance.now() - startedAt;
  const cpuMs = cpuOf(started.child.pid) / 1000;
  started.child.kill();
  await ended;
  return { readyMs, cpuMs };
}

function report(measured: ReadonlyArray<{ program: Program; starts: readonly Start[] }>, command: string): void {
  const results: Results = {};
  for (const { program, starts } of measured) {
    const ready = summarize(starts.map(({ readyMs }) => readyMs));
    const cpu = summarize(starts.map(({ cpuMs }) => cpuMs)).median;
    const cpuColumn = Number.isNaN(cpu) ? {} : { cpuMs: Math.round(cpu) };
    results[program.title] = { readyMs: Math.round(ready.median), ...spreadOf(ready), ...cpuColumn };
    if (program.title === express) results[`${nodeAlone} plus ${express}`] = { readyMs: sumOfReady(results) };
  }
  const lines = Object.entries(results).map(
    ([title, { readyMs, low, high, cpuMs }]) =>
      `  ${title.padEnd(28)} ${String(readyMs).padStart(6)} ms${low === undefined ? '' : ` (${low}–${high})`}${cpuMs === undefined ? '' : `, ${cpuMs} ms of CPU`}`,
  );
  process.stdout.write(`${[describeMachine(), command, ...lines].join('\n')}\n`);
  saveResult('start', command, results);
}

function sumOfReady(results: Results): number {
  return Object.values(results).reduce((sum, { readyMs = Number.NaN }) => sum + readyMs, 0);
}
