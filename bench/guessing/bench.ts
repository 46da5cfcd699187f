// Benchmark `npm run bench -- guessing`: a known caller and correct first logins while ten addresses guess passwords that are stored as hashes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hashPassword, type PasswordHashAlgorithm } from '../../server/auth/password-hash.ts';
import { type Results, saveResult, spreadOf, summarize } from '../report.ts';
import { type StartedServer, startServer } from '../start-server.ts';

const addresses = 10;
const connectionsPerAddress = 4;
const seconds = { calm: 5, attack: 15 } as const;
/** Interval of the requests of the known caller, whose latencies are measured. */
const everyMs = 10;
/** Interval of correct first logins, each from a new address, whose latencies are measured. */
const loginEveryMs = 1500;
const maxLogins = 100;
const pauseAfter429Ms = 1000;
const password = 'a correct password';

interface Response {
  /** 0: the connection broke. */
  readonly status: number;
  readonly ms: number;
}

/** Figures of one round. */
interface Round {
  readonly calm: readonly Response[];
  readonly attacked: readonly Response[];
  readonly logins: readonly Response[];
  readonly guessesPerSecond: number;
}

const algorithms: Readonly<Record<string, PasswordHashAlgorithm>> = { 'bcrypt 12': 'bcrypt', scrypt: 'scrypt' };

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '5' } } });
  const directory = mkdtempSync(join(tmpdir(), 'user-info-guessing-'));
  try {
    const rounds: Record<string, Round[]> = {};
    for (let number = 0; number < Number(values.rounds); number++) {
      for (const [title, algorithm] of Object.entries(algorithms)) {
        const round = await measure(directory, await hashPassword(password, algorithm));
        rounds[title] = [...(rounds[title] ?? []), round];
      }
    }
    const results: Results = {};
    for (const [title, measured] of Object.entries(rounds)) Object.assign(results, resultsOf(title, measured));
    for (const [row, figures] of Object.entries(results)) process.stdout.write(`${row}: ${JSON.stringify(figures)}\n`);
    saveResult('guessing', `npm run bench -- guessing${args.length > 0 ? ` ${args.join(' ')}` : ''}`, results);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(directory: string, hash: string): Promise<Round> {
  const htpasswdFile = join(directory, 'users.htpasswd');
  const names = ['known', ...Array.from({ length: maxLogins }, (_, index) => `new-${index}`)];
  writeFileSync(htpasswdFile, names.map((name) => `${name}:${hash}\n`).join(''));
  const server = await startServer(directory, {
    listener: { port: 0 },
    authentication: { mode: 'basic', basic: { htpasswdFile } },
    source: { type: 'static', users: { ada: { groups: ['engineering'], authorizations: {} } } },
  });
  // Several connections: one slow response must not delay later requests on the caller's side.
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const askKnown = () => ask(server, agent, 'known', password);
  try {
    const { status } = await askKnown();
    if (status !== 200) throw new Error(`the known caller got ${status}`);
    const calm = await askEvery(everyMs, seconds.calm, askKnown);
    const attack = startGuessing(server);
    // Every address has pending guesses.
    await delay(1000);
    const [attacked, logins] = await Promise.all([
      askEvery(everyMs, seconds.attack, askKnown),
      askEvery(loginEveryMs, seconds.attack, (index) => logInAnew(server, index)),
    ]);
    const guesses = await attack.stop();
    return { calm, attacked, logins, guessesPerSecond: guesses / (seconds.attack + 1) };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

async function logInAnew(server: StartedServer, index: number): Promise<Response> {
  const agent = new Agent({ localAddress: `127.0.1.${1 + index}` });
  const response = await ask(server, agent, `new-${index}`, password);
  agent.destroy();
  return response;
}

/** Starts the guessing connections. Each guesses again as soon as it gets a response, and pauses after a 429. */
function startGuessing(server: StartedServer) {
  let isOver = false;
  let verified = 0;
  const agents: Agent[] = [];
  const guessing = Array.from({ length: addresses * connectionsPerAddress }, async (_, number) => {
    const localAddress = `127.0.0.${11 + (number % addresses)}`;
    const agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress });
    agents.push(agent);
    for (let guess = 0; !isOver; guess++) {
      const { status } = await ask(server, agent, `guess-${number}-${guess}`, 'a wrong password');
      if (status === 401) verified += 1;
      else if (!isOver) await delay(pauseAfter429Ms);
    }
  });
  return {
    /** @returns the number of verified guesses. */
    async stop(): Promise<number> {
      isOver = true;
      const counted = verified;
      for (const agent of agents) agent.destroy();
      await Promise.all(guessing);
      return counted;
    },
  };
}

/** Sends requests at a steady rate, whether or not the previous request has received a response. */
async function askEvery(
  intervalMs: number,
  durationSeconds: number,
  askOnce: (index: number) => Promise<Response>,
): Promise<Response[]> {
  const startedAt = performance.now();
  const asked: Promise<Response>[] = [];
  while (asked.length < (durationSeconds * 1000) / intervalMs) {
    await delay(Math.max(0, startedAt + asked.length * intervalMs - performance.now()));
    asked.push(askOnce(asked.length));
  }
  return Promise.all(asked);
}

function ask(server: StartedServer, agent: Agent, username: string, given: string): Promise<Response> {
  const startedAt = performance.now();
  const headers = { authorization: `Basic ${Buffer.from(`${username}:${given}`).toString('base64')}` };
  return new Promise((resolve) => {
    const end = (status: number) => resolve({ status, ms: performance.now() - startedAt });
    get(`${server.url}?userid=ada`, { agent, headers }, (response) =>
      response.resume().once('end', () => end(response.statusCode ?? 0)),
    ).once('error', () => end(0));
  });
}

function resultsOf(title: string, rounds: readonly Round[]): Results {
  const median = (values: readonly number[]) => Number(summarize(values).median.toFixed(2));
  const latencies = (pick: (round: Round) => readonly Response[]) => {
    const p99s = rounds.map((round) => percentile(pick(round), 0.99));
    return {
      p99Ms: median(p99s),
      ...spreadOf(summarize(p99s)),
      p50Ms: median(rounds.map((round) => percentile(pick(round), 0.5))),
      failedPercent: median(rounds.map((round) => failedPercentOf(pick(round)))),
    };
  };
  const slowest = rounds.map(({ logins }) => Math.max(...logins.map(({ ms }) => ms)));
  return {
    [`${title}: calm`]: latencies(({ calm }) => calm),
    [`${title}: ten addresses guess`]: {
      ...latencies(({ attacked }) => attacked),
      ofCalm: median(rounds.map(({ calm, attacked }) => percentile(attacked, 0.99) / percentile(calm, 0.99))),
      slowestLoginMs: Math.round(summarize(slowest).median),
      failedLoginsPercent: Math.max(...rounds.map(({ logins }) => failedPercentOf(logins))),
      guessesPerSecond: median(rounds.map(({ guessesPerSecond }) => guessesPerSecond)),
    },
  };
}

function percentile(responses: readonly Response[], share: number): number {
  const sorted = responses.map(({ ms }) => ms).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

function failedPercentOf(responses: readonly Response[]): number {
  return Number(((responses.filter(({ status }) => status !== 200).length / responses.length) * 100).toFixed(2));
}
