// Benchmark `npm run bench -- overload`: three times the capacity, with and without load shedding, and the time until recovery.
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeBusySource } from '../busy-source.ts';
import { type Results, saveResult, summarize } from '../report.ts';
import { startServer } from '../start-server.ts';

/** A lookup uses the processor for this long, so that the server is saturated long before the client process. */
const lookUpMs = 5;
const limitMs = 100;
/** The number of open connections; if none is free, a request waits on the client's side. */
const connections = 400;
const seconds = { calm: 3, overload: 8, atMostAfterwards: 60 } as const;
/** Load in proportion to the server's capacity. */
const calmShare = 0.4;
const overloadShare = 3;

interface Asked {
  /** 0: the connection broke. */
  readonly status: number;
  readonly ms: number;
}

export async function run(args: string[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-overload-'));
  try {
    const results: Results = {};
    for (const maxEventLoopDelayMs of [0, limitMs]) {
      const title = maxEventLoopDelayMs === 0 ? 'without shedding' : `shedding from ${maxEventLoopDelayMs} ms on`;
      Object.assign(results, await measure(directory, maxEventLoopDelayMs, title));
    }
    saveResult('overload', `npm run bench -- overload${args.length > 0 ? ` ${args.join(' ')}` : ''}`, results);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(directory: string, maxEventLoopDelayMs: number, title: string): Promise<Results> {
  const server = await startServer(directory, {
    listener: { port: 0, maxEventLoopDelayMs },
    authentication: { mode: 'none' },
    source: writeBusySource(directory, lookUpMs),
    // Requests that have waited a long time also get responses, because the wait is measured.
    deadlineMs: 120_000,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
  const url = `${server.url}?userid=ada`;
  try {
    const perSecond = await capacityOf(url, agent);
    // All connections are open from here on.
    await Promise.all(Array.from({ length: connections }, () => ask(url, agent)));
    const calm = await askSteadily(url, agent, perSecond * calmShare, seconds.calm);
    const overload = askSteadily(url, agent, perSecond * overloadShare, seconds.overload);
    await delay(seconds.overload * 1000);
    const recoverySeconds = await timeToRecover(url, agent, 10 * summarize(calm.map(({ ms }) => ms)).median);
    const during = await overload;
    return {
      [`${title}: calm`]: figuresOf(calm, seconds.calm),
      [`${title}: three times too much`]: { ...figuresOf(during, seconds.overload), recoverySeconds },
    };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

/** Measures the requests per second over four connections, each of which sends its next request after a response. */
async function capacityOf(url: string, agent: Agent): Promise<number> {
  const startedAt = performance.now();
  const isOver = () => performance.now() - startedAt > 3000;
  let answered = 0;
  const asking = Array.from({ length: 4 }, async () => {
    for (; !isOver(); answered++) await ask(url, agent);
  });
  await Promise.all(asking);
  return (answered / (performance.now() - startedAt)) * 1000;
}

/** Sends requests at a steady rate, without waiting for responses to previous ones, because clients are independent of each other. */
async function askSteadily(url: string, agent: Agent, perSecond: number, durationSeconds: number): Promise<Asked[]> {
  const startedAt = performance.now();
  const asked: Promise<Asked>[] = [];
  while (asked.length < perSecond * durationSeconds) {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
    while (asked.length < due) asked.push(ask(url, agent));
    await delay(1);
  }
  return Promise.all(asked);
}

/** Returns the seconds from the last request of the overload to the first of three consecutive requests with a timely response. */
async function timeToRecover(url: string, agent: Agent, inTimeMs: number): Promise<number> {
  const startedAt = performance.now();
  const secondsNow = () => (performance.now() - startedAt) / 1000;
  let since = 0;
  for (let inARow = 0; inARow < 3 && secondsNow() < seconds.atMostAfterwards; ) {
    const before = secondsNow();
    const { status, ms } = await ask(url, agent);
    const isInTime = status === 200 && ms <= inTimeMs;
    if (inARow === 0) since = before;
    inARow = isInTime ? inARow + 1 : 0;
    await delay(50);
  }
  return Number(since.toFixed(2));
}

function ask(url: string, agent: Agent): Promise<Asked> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const end = (status: number) => resolve({ status, ms: performance.now() - startedAt });
    get(url, { agent }, (response) => response.resume().once('end', () => end(response.statusCode ?? 0))).once(
      'error',
      () => end(0),
    );
  });
}

function figuresOf(asked: readonly Asked[], durationSeconds: number): Record<string, number> {
  const shareOf = (status: number) => asked.filter((each) => each.status === status).length / asked.length;
  const answered = asked.filter(({ status }) => status === 200).map(({ ms }) => ms);
  const sorted = answered.sort((one, other) => one - other);
  const percentile = (share: number) => Number((sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1));
  const percent = (share: number) => Number((share * 100).toFixed(1));
  return {
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    askedPerSecond: Math.round(asked.length / durationSeconds),
    answeredPercent: percent(shareOf(200)),
    turnedAwayPercent: percent(shareOf(503)),
    failedPercent: percent(1 - shareOf(200) - shareOf(503)),
  };
}
