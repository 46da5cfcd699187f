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
  /** Resolves when it listens. */
  start(): Promise<void>;
  /** Resolves when it has ended. Does nothing when it is not there. */
  stop(): Promise<void>;
}

/** The IAM that is synchronized in every scenario. */
export const scenarioIam = 'directory';

/** Actor of a scenario's changes in the audit trail. */
export const scenarioActor = 'scenario';

export type Settings = Readonly<Record<string, unknown>>;

export interface ScenarioWorld {
  readonly simulator: Simulator;
  /** The scenario's own, which is removed afterwards. */
  readonly folder: string;
  /** Where its file lies. */
  readonly scenarioFolder: string;
  /** Null: the scenario is about an endpoint that is there. */
  readonly endpoint: ScenarioEndpoint | null;
  /** What holds the people; null: the scenario has none. */
  readonly source: ScenarioSource | null;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** The time of the simulator, in ms since 1970. */
  readonly clock: { nowMs: number };
  people: People;
  settings: Settings;
  /** Null: a sync asks for the users of the store. */
  list: UserList | null;
  network: Omit<Faults, 'seed'> | null;
  last: SyncResult | null;
}

/** What a step found otherwise than it should be, or can't do; in words, what to change included where it is known. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
}

/** The path of a file of the scenario. @throws {StepFailure} when it is outside of the scenario's folder. */
export function pathIn({ folder }: Pick<ScenarioWorld, 'folder'>, name: string): string {
  const path = resolve(folder, name);
  const way = relative(folder, path);
  if (way === '' || way.startsWith('..') || isAbsolute(way)) {
    throw new StepFailure(`${name} is outside the scenario's directory. Use a command to change other files.`);
  }
  return path;
}

/** Replaces a file in one step, so that a server that follows it never reads a half. */
export function replaceIn(world: Pick<ScenarioWorld, 'folder'>, name: string, content: string | Buffer): void {
  const path = pathIn(world, name);
  mkdirSync(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${process.pid}.part`);
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}

/** Maps are merged option by option, everything else is replaced. */
export function mergeSettings(one: Settings, other: Settings): Settings {
  const isMap = (value: unknown): value is Settings =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const merged = Object.entries(other).map(([key, value]) => {
    const before = one[key];
    return [key, isMap(before) && isMap(value) ? mergeSettings(before, value) : value] as const;
  });
  return { ...one, ...Object.fromEntries(merged) };
}

/** The settings as the IAM gets them: with the scenario's endpoint, and files found from its folder. */
export function settingsOf({
  settings,
  endpoint,
  folder,
}: Pick<ScenarioWorld, 'settings' | 'endpoint' | 'folder'>): Settings {
  const uri = endpoint === null ? {} : { uri: endpoint.uri, useSSL: endpoint.uri.startsWith('https:') };
  return resolveSettingsFiles(mergeSettings({ externalUserInfo: uri }, settings), folder);
}
