// Server that a scenario starts: `user-info serve` as a process, on a fixed port.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../server/config/config-error.ts';
import { readConfig } from '../../server/config/read-config.ts';
import { type ScenarioEndpoint, StepFailure } from '../../simulator/scenarios/scenario-world.ts';
import { findFreePort, localHost, untilListening } from '../serve/local-ports.ts';

/**
 * Writes the configuration to the directory, as endpoint.json, and finds a port. Nothing runs yet.
 *
 * @throws {StepFailure} if the configuration is invalid.
 */
export async function createScenarioServer(config: object, directory: string): Promise<ScenarioEndpoint> {
  const { listener = {}, ...others } = config as { readonly listener?: object };
  const port = await findFreePort();
  const whole = {
    logging: { destination: 'endpoint.log' },
    ...others,
    listener: { ...listener, host: localHost, port },
  };
  const file = join(directory, 'endpoint.json');
  writeFileSync(file, JSON.stringify(whole, null, 2));
  const { tls, path } = readOrFail(file).listener;
  let child: ChildProcess | null = null;
  return {
    uri: `${tls === undefined ? 'http' : 'https'}://${localHost}:${port}${path}`,
    async start() {
      if (child) throw new StepFailure('the endpoint is already running.');
      // Runs the server as a separate process, as users do, with reloads and all other features.
      const started = fork(process.argv[1] ?? '', ['serve', '--config', file], {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      child = started;
      await untilListening(started, port, 'the endpoint');
    },
    async stop() {
      const running = child;
      child = null;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      running.kill('SIGTERM');
      await once(running, 'exit');
    },
  };
}

function readOrFail(file: string) {
  try {
    return readConfig(file, process.env).config;
  } catch (error) {
    throw error instanceof ConfigError ? new StepFailure(`endpoint: ${error.message}`) : error;
  }
}
