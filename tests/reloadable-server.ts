// Starts a server whose configuration, certificates and secrets are in a directory that a test changes.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { readConfig } from '../server/config/read-config.ts';
import type { Readiness } from '../server/observability/readiness.ts';
import { type RunningServer, startServerFrom } from '../server/start.ts';
import { ask, keepAliveAgent } from './ask-server.ts';
import { certificateFiles, scratchDirectory } from './certificate-files.ts';
import type { ConfigSections, LogLine } from './test-server.ts';

export interface ReloadableServer extends RunningServer {
  readonly directory: string;
  readonly configFile: string;
  /** Writes the configuration again, with these sections instead of the initial ones. */
  configure(sections: ConfigSections): void;
  /** Replaces a file of the directory as a careful writer does: writes a new file, then renames it. */
  put(name: string, text: string): void;
  readiness(): Promise<Readiness>;
  /** Returns the lines of /metrics, by name and labels. */
  metrics(): Promise<Readonly<Record<string, number>>>;
  /** Stops the server and returns the content of its log. */
  stopAndReadLog(): Promise<LogLine[]>;
}

/** A limit for hanging waits, not a claim about speed. */
const patienceMs = 15_000;

/** Checks until the condition is true. @throws at the limit, with the last observation. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  holds: (seen: T) => boolean,
  withinMs = patienceMs,
): Promise<T> {
  for (const endsAt = Date.now() + withinMs; ; await delay(20)) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > endsAt) expect.fail(`still ${JSON.stringify(seen)}`);
  }
}

/** The prepared directory of a server that has not been started yet. */
export interface PreparedServer extends Pick<ReloadableServer, 'directory' | 'configFile' | 'configure' | 'put'> {
  start(): Promise<ReloadableServer>;
}

/**
 * Writes the configuration of a server with one user, `ada`, an administration listener, and `reload.watch: false` unless a
 * section says otherwise.
 *
 * @param files name → content of files beside the configuration.
 */
function prepareReloadableServer(
  sections: ConfigSections,
  files: Readonly<Record<string, string>> = {},
): PreparedServer {
  const directory = join(scratchDirectory(), 'etc');
  mkdirSync(directory);
  const configFile = join(directory, 'user-info.json');
  const logFile = join(scratchDirectory(), 'server.log');

  function put(name: string, text: string): void {
    const path = join(directory, name);
    writeFileSync(`${path}.part`, text, { mode: 0o600 });
    renameSync(`${path}.part`, path);
  }
  function configure(others: ConfigSections): void {
    const { listener, ...rest } = { ...sections, ...others };
    const whole = {
      authentication: { mode: 'none' },
      source: { type: 'static', users: { ada: { groups: ['engineering'], authorizations: { region: ['emea'] } } } },
      administration: { port: 0 },
      reload: { watch: false },
      logging: { destination: logFile },
      ...rest,
      listener: { host: '127.0.0.1', port: 0, ...(listener as object) },
    };
    put('user-info.json', JSON.stringify(whole, null, 2));
  }

  for (const [name, text] of Object.entries(files)) put(name, text);
  configure({});
  const viewsOf = (server: RunningServer): Pick<ReloadableServer, 'readiness' | 'metrics' | 'stopAndReadLog'> => ({
    async readiness() {
      return JSON.parse((await ask(`${server.administrationUrl}/readyz`)).body) as Readiness;
    },
    async metrics() {
      const { body } = await ask(`${server.administrationUrl}/metrics`);
      const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return Object.fromEntries(
        lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
      );
    },
    async stopAndReadLog() {
      await server.stop();
      const lines = readFileSync(logFile, 'utf8').split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line) as LogLine);
    },
  });
  const prepared = { directory, configFile, configure, put };
  return {
    ...prepared,
    async start() {
      const read = () => readConfig(configFile, {});
      const server = await startServerFrom({ file: configFile, read });
      return { ...server, ...prepared, ...viewsOf(server) };
    },
  };
}

export interface ReloadableServers {
  /**
   * Writes the files of a server that the test starts itself, so that it can change them in the meantime. The server is stopped together with the
   * others.
   */
  prepare(sections: ConfigSections, files?: Readonly<Record<string, string>>): PreparedServer;
  start(sections: ConfigSections, files?: Readonly<Record<string, string>>): Promise<ReloadableServer>;
  /** Returns an agent that keeps its connection to a server open. */
  kept(server: RunningServer, options?: object): Agent;
  /** Adds a server that is stopped together with the others. */
  add(server: RunningServer): void;
  stopAll(): Promise<void>;
}

/** Creates servers and clients for a test, which are stopped after it. */
export function createReloadableServers(): ReloadableServers {
  const running: RunningServer[] = [];
  const agents: Agent[] = [];
  function prepare(sections: ConfigSections, files: Readonly<Record<string, string>> = {}): PreparedServer {
    const prepared = prepareReloadableServer(sections, files);
    return {
      ...prepared,
      async start() {
        const server = await prepared.start();
        running.push(server);
        return server;
      },
    };
  }
  return {
    prepare,
    start: (sections, files = {}) => prepare(sections, files).start(),
    kept(server, options = {}) {
      const agent = keepAliveAgent(server.url, options);
      agents.push(agent);
      return agent;
    },
    add: (server) => void running.push(server),
    async stopAll() {
      for (const agent of agents.splice(0)) agent.destroy();
      for (const server of running.splice(0)) await server.stop();
    },
  };
}

export async function expectReloaded(server: RunningServer, generation = 2): Promise<void> {
  expect(await server.reload()).to.deep.equal({ outcome: 'reloaded', generation, faults: [] });
}

/** `listener.tls` of a server with the files of `tlsFiles`. */
export const tlsOfFiles = { certificate: 'server.pem', key: 'server-key.pem', clientCa: ['ca.pem'] };

export async function tlsFiles(): Promise<Record<string, string>> {
  const { good } = await certificateFiles();
  return { 'server.pem': good.server.certificate, 'server-key.pem': good.server.key, 'ca.pem': good.ca.certificate };
}
