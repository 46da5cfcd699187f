// Runs h2load against one server and reads the duration of each request.
import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';

export interface H2loadRun {
  /** e.g. "http://127.0.0.1:8080" */
  readonly origin: string;
  /** A file with one request target per line, requested one after the other. */
  readonly targets: string;
  readonly authorization: string;
  readonly connections: number;
  /** Duration after half a second of warm-up. */
  readonly seconds: number;
  /** File for the log of times. */
  readonly logFile: string;
}

/** Milliseconds from a request to the end of its response. */
export interface RequestTimes {
  readonly p50: number;
  readonly p99: number;
}

/** @throws if h2load is missing (the message says how to install it), or a response was not a 200. */
export async function timeRequests(run: H2loadRun): Promise<RequestTimes> {
  const { origin, targets, authorization, connections, seconds, logFile } = run;
  const args = ['--h1', '-t1', `-c${connections}`, '-D', `${seconds}s`, '--warm-up-time=500ms', '-B', origin];
  args.push('-i', targets, '-H', `authorization: ${authorization}`, `--log-file=${logFile}`);
  await rm(logFile, { force: true });
  const child = spawn('h2load', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.once('error', () => reject(new Error('h2load is missing: apt-get install -y nghttp2-client')));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`h2load ended with ${code}`))));
  });
  return readTimes(await readFile(logFile, 'latin1'));
}

/**
 * Reads h2load's log: one line per request with its start, HTTP status and microseconds.
 *
 * @throws if a status is not 200, or there is no line.
 */
export function readTimes(log: string): RequestTimes {
  const lines = log.trimEnd().split('\n');
  const times = Float64Array.from(lines, (line) => {
    const [, status, microseconds] = line.split('\t');
    if (status !== '200') throw new Error(`h2load has no 200: ${line}`);
    return Number(microseconds) / 1000;
  }).sort();
  const at = (part: number) => times[Math.ceil(times.length * part) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
