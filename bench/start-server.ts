// Starts our server by its command from a configuration, and returns its address and a function that stops it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface StartedServer {
  readonly child: ChildProcess;
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * @param directory directory for the configuration and its log.
 * @param config without `logging.destination`.
 * @throws if the server ends before it listens.
 */
export async function startServer(directory: string, config: object): Promise<StartedServer> {
  const log = join(directory, 'server.log');
  rmSync(log, { force: true });
  const file = join(directory, 'user-info.json');
  writeFileSync(file, JSON.stringify({ ...config, logging: { destination: log } }));
  const program = new URL('../../dist/cli/main.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, 'serve', '--config', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  // With several workers, the server is ready when the primary reports it; each worker listens before that.
  const pattern = 'workers' in config && config.workers !== 1 ? /"url":"([^"]+)".*"workers":\d/ : /"url":"([^"]+)"/;
  for (;;) {
    const [, url] = pattern.exec(existsSync(log) ? readFileSync(log, 'utf8') : '') ?? [];
    if (url !== undefined) {
      return {
        child,
        url,
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    }
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    await delay(50);
  }
}
