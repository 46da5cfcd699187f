// Starts our server by its command with a CSV file: writes the configuration, starts the process, and sends a first request.
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../tests/services/service-process.ts';
import { csvColumns, useridOf } from './dataset.ts';

export const login = { username: 'immuta', password: 'correct horse battery staple' } as const;
export const path = '/user-info';

export interface Serving {
  readonly child: ChildProcess;
  readonly port: number;
}

/** @param directory directory for the configuration and the log. @param csv the users, as written by `writeCsv`. */
export function serveCsv(directory: string, csv: string, workers = 1): Promise<Serving> {
  return serveSource(directory, { type: 'csv', path: csv, columns: csvColumns }, workers);
}

/** @param source as in the configuration. */
export async function serveSource(directory: string, source: object, workers: number): Promise<Serving> {
  const port = await findFreePort();
  const { username, password } = login;
  const config = {
    workers,
    listener: { port, path },
    administration: { port: 0 },
    authentication: { mode: 'basic', basic: { credentials: [{ username, password: `\${env:BENCH_PASSWORD}` }] } },
    source,
    logging: { destination: join(directory, `${port}.log`) },
  };
  const file = join(directory, `${port}.json`);
  await writeFile(file, JSON.stringify(config));
  const program = new URL('../../../dist/cli/main.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, 'serve', '--config', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, BENCH_PASSWORD: password },
  });
  return { child, port };
}

/** Waits until a lookup gets a 200 from any process on that port. @throws if the process has ended. */
export async function untilAnswered({ child, port }: Serving, pauseMs = 2): Promise<void> {
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    await sleep(pauseMs);
  }
}

function answers(port: number): Promise<boolean> {
  const target = { host: '127.0.0.1', port, path: `${path}?userid=${encodeURIComponent(useridOf(1))}` };
  return new Promise((resolve) => {
    const request = get({ ...target, auth: `${login.username}:${login.password}` }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
    });
    request.once('error', () => resolve(false));
  });
}
