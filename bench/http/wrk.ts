// Runs wrk against one URL and reads its report.
import { spawn } from 'node:child_process';
import { cpuOf } from '../cpu-of.ts';

export interface WrkRun {
  readonly url: string;
  /** Lua script that creates the requests. */
  readonly script: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface WrkResult {
  readonly requestsPerSecond: number;
  readonly requests: number;
  /** Responses other than 2xx or 3xx, and socket errors. */
  readonly failures: number;
  /** Milliseconds. */
  readonly latencyP50: number;
  readonly latencyP99: number;
  /** CPU time of wrk itself, except for at most the last 50 ms. */
  readonly cpuMicroseconds: number;
}

const cpuLookMs = 50;

/** @throws if wrk is missing: the message says how to install it. */
export async function runWrk({ url, script, connections, seconds }: WrkRun): Promise<WrkResult> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let cpuMicroseconds = 0;
  // Sampled during the run, because the CPU time of a process cannot be read after it has exited.
  const looking = setInterval(() => {
    cpuMicroseconds = cpuOf(child.pid) || cpuMicroseconds;
  }, cpuLookMs);
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', () => reject(new Error('wrk is missing: apt-get install -y wrk')));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`wrk ended with ${code}:\n${output}`))));
  }).finally(() => clearInterval(looking));
  return { ...readReport(output), cpuMicroseconds };
}

const msOfUnit: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

/** Reads wrk's report, e.g. "Requests/sec:  20123.45" and "99%    3.20ms". */
export function readReport(output: string): Omit<WrkResult, 'cpuMicroseconds'> {
  const numberAfter = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN);
  const latency = (percent: number) => {
    const [, value, unit] = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s)`, 'm').exec(output) ?? [];
    return Number(value) * (msOfUnit[unit ?? ''] ?? Number.NaN);
  };
  const socketErrors =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? [];
  return {
    requestsPerSecond: numberAfter(/Requests\/sec:\s+([\d.]+)/),
    requests: numberAfter(/(\d+) requests in/),
    failures:
      (Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1]) || 0) +
      socketErrors.reduce((sum, count) => sum + Number(count), 0),
    latencyP50: latency(50),
    latencyP99: latency(99),
  };
}
