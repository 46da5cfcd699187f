// Environment of a scenario: its directory, a simulator with its own clock, the endpoint, and the settings of its steps.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Faults } from '../faults/fault-rules.ts';
import type { Simulator } from '../open-simulator.ts';
import { resolveSettingsFiles } from '../sync/iam-settings.ts';
import type { SyncResult } from '../sync/run-sync.ts';
import type { UserList } from '../sync/sync-request.ts';
import type { People, ScenarioSource } from './scenario-source.ts';

/** The server that a scenario starts. */
export interface ScenarioEndpoint {
  readonly uri: string;
  /** Starts the server; resolves when it is listening. */
  start(): Promise<void>;
  /** Stops the server; resolves when it has stopped. Has no effect if it is not running. */
  stop(): Promise<void>;
}

/** The IAM that every scenario synchronizes. */
export const scenarioIam = 'directory';

/** Actor of a scenario's changes in the audit trail. */
export const scenarioActor = 'scenario';

export type Settings = Readonly<Record<string, unknown>>;

export interface ScenarioWorld {
  readonly simulator: Simulator;
  /** The scenario's own directory, which is removed after the scenario unless --keep is given. */
  readonly directory: string;
  /** Directory of the scenario file. */
  readonly scenarioDirectory: string;
  /** Null: the scenario uses an existing endpoint. */
  readonly endpoint: ScenarioEndpoint | null;
  /** The data source of the people; null: none. */
  readonly source: ScenarioSource | null;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Time of the simulator, in ms since 1970. */
  readonly clock: { nowMs: number };
  people: People;
  settings: Settings;
  /** Null: a sync requests the users in the store. */
  list: UserList | null;
  network: Omit<Faults, 'seed'> | null;
  last: SyncResult | null;
}

/** Failure of a step: a difference from the expectation, or an impossible action, with the remedy if it is known. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
}

/** Returns the path of a file of the scenario. @throws {StepFailure} if the path is outside the scenario's directory. */
export function pathIn({ directory }: Pick<ScenarioWorld, 'directory'>, name: string): string {
  const path = resolve(directory, name);
  const way = relative(directory, path);
  if (way === '' || way.startsWith('..') || isAbsolute(way)) {
    throw new StepFailure(
      `${name} is not a path inside the scenario's directory. Use a command to change other files.`,
    );
  }
  return path;
}

/** Replaces a file atomically, so that a server that watches it never reads a partial file. */
export function replaceIn(world: Pick<ScenarioWorld, 'directory'>, name: string, content: string | Buffer): void {
  const path = pathIn(world, name);
  mkdirSync(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${process.pid}.part`);
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}

/** Merges settings: maps are merged option by option, and everything else is replaced. */
export function mergeSettings(one: Settings, other: Settings): Settings {
  const isMap = (value: unknown): value is Settings =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const merged = Object.entries(other).map(([key, value]) => {
    const before = one[key];
    return [key, isMap(before) && isMap(value) ? mergeSettings(before, value) : value] as const;
  });
  return { ...one, ...Object.fromEntries(merged) };
}

/** Returns the IAM's settings, with the scenario's endpoint and with paths resolved from its directory. */
export function settingsOf({
  settings,
  endpoint,
  directory,
}: Pick<ScenarioWorld, 'settings' | 'endpoint' | 'directory'>): Settings {
  const uri = endpoint === null ? {} : { uri: endpoint.uri, useSSL: endpoint.uri.startsWith('https:') };
  return resolveSettingsFiles(mergeSettings({ externalUserInfo: uri }, settings), directory);
}
