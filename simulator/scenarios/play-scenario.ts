// Runs a scenario: prepares its directory, starts its endpoint, and executes its steps until one fails.
import { issueCertificates } from '../../certs/issue-certificates.ts';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { LoadedScenario, ScenarioStep } from '../../schemas/generated/loaded-scenario.ts';
import { DatabaseError } from '../database/database-error.ts';
import { IdentityError } from '../identities/identity-error.ts';
import { openSimulator } from '../open-simulator.ts';
import { findMeasurements, type Measurements } from '../sync/guess-origins.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { SyncError } from '../sync/sync-error.ts';
import { wordNames } from './expectations.ts';
import { changePeople, listAttributeNames, type ScenarioSource } from './scenario-source.ts';
import { kindOf, playStep, type StepKind } from './scenario-steps.ts';
import {
  mergeSettings,
  replaceIn,
  type ScenarioEndpoint,
  type ScenarioWorld,
  type Settings,
  StepFailure,
  scenarioActor,
  scenarioIam,
  settingsOf,
} from './scenario-world.ts';

export interface StepOutcome {
  /** From 1. */
  readonly step: number;
  readonly kind: StepKind;
  /** The description in the scenario; null: none. */
  readonly say: string | null;
  readonly passed: boolean;
  /** The result, or one line per difference from the expectation. */
  readonly detail: string;
  /** In real time, not in the scenario's time. */
  readonly durationMs: number;
}

export interface ScenarioOutcome {
  readonly name: string;
  readonly passed: boolean;
  /** Executed steps. */
  readonly steps: readonly StepOutcome[];
  /** The assumptions in effect at the end of the scenario. */
  readonly guesses: LoadedIamSettings['guesses'];
  /** Which of the assumptions were measured with a platform. */
  readonly measured: Measurements;
}

export interface ScenarioSetting {
  /** An empty directory that the scenario may fill. The scenario's store is `simulator.db` in that directory. */
  readonly directory: string;
  readonly scenarioDirectory: string;
  /** Settings of `settingsFile`, with absolute paths; empty if there is none. */
  readonly settings: Settings;
  readonly signal: AbortSignal;
  /** Creates the data source for people with these attributes. Called if the scenario has `people`. */
  readonly createSource: (attributes: readonly string[]) => Promise<ScenarioSource>;
  /**
   * Called when files, certificates and the source exist; null if the scenario has no `endpoint`. @param source `source` of the configuration; null:
   * the configuration already contains it.
   */
  readonly createEndpoint: ((source: object | null) => Promise<ScenarioEndpoint>) | null;
  readonly onStep?: (outcome: StepOutcome) => void;
}

/** Default of `start`. */
const defaultStart = '2026-01-05T08:00:00Z';

/**
 * Plays a scenario. The first failing step ends the scenario.
 *
 * @throws {StepFailure} if the scenario cannot start because of its files, settings, steps, people or `start`. @throws the reason of the signal.
 */
export async function playScenario(scenario: LoadedScenario, setting: ScenarioSetting): Promise<ScenarioOutcome> {
  const { directory } = setting;
  const clock = { nowMs: Date.parse(scenario.start ?? defaultStart) };
  if (Number.isNaN(clock.nowMs)) throw new StepFailure('start must be a time such as 2026-01-05T08:00:00Z.');
  for (const [index, step] of scenario.steps.entries()) {
    if (kindOf(step) === null)
      throw new StepFailure(`Step ${index + 1} must have exactly one action, and optionally a description in \`say\`.`);
  }
  for (const [name, text] of Object.entries(scenario.files ?? {})) replaceIn({ directory }, name, text);
  for (const name of scenario.certificates ?? []) await writeCertificates(directory, name);
  assertSourceIsOne(scenario);
  assertAsksEndpoint(scenario);
  assertUsersAreNamed(scenario);
  const source = scenario.people === undefined ? null : await setting.createSource(listAttributeNames(scenario));
  try {
    return await playWithSource(scenario, setting, clock, source);
  } finally {
    await source?.close();
  }
}

/** Rejects a scenario without a sync, which would pass without testing anything. @throws {StepFailure} */
function assertAsksEndpoint({ steps }: LoadedScenario): void {
  if (steps.some(({ sync, login }) => sync !== undefined || login !== undefined)) return;
  throw new StepFailure('The scenario has no `sync` and no `login` step, so it tests nothing. Add one.');
}

/** Rejects expectations for unknown users: a user with a misspelled name never exists, so `null` would always match. @throws {StepFailure} */
function assertUsersAreNamed({ people = {}, steps }: LoadedScenario): void {
  const named = new Set(Object.keys(people));
  for (const { users = [], localUsers = [], migrate = [], people: changes = {}, login, sync } of steps) {
    const listed = users.map((user) => (typeof user === 'string' ? user : user.userid));
    const local = localUsers.map(({ userid }) => userid);
    const asked = [...(login ? [login.userid] : []), ...(sync?.userids ?? [])];
    for (const userid of [...Object.keys(changes), ...listed, ...local, ...migrate, ...asked]) named.add(userid);
  }
  const known = new Set([...named].map((userid) => userid.toLowerCase()));
  for (const [index, { expect }] of steps.entries()) {
    const unknown = Object.keys(expect?.users ?? {}).filter((userid) => !known.has(userid.toLowerCase()));
    if (unknown.length === 0) continue;
    throw new StepFailure(
      `Step ${index + 1} has expectations for users who occur nowhere else in the scenario: ${wordNames(unknown)}. Correct the user name.`,
    );
  }
}

/** @throws {StepFailure} */
function assertSourceIsOne({ people, endpoint }: LoadedScenario): void {
  if (people === undefined) return;
  if (endpoint === undefined) throw new StepFailure('`people` requires an `endpoint` that the scenario starts.');
  if ('source' in endpoint) throw new StepFailure('`people` defines the source. Remove endpoint.source.');
}

async function playWithSource(
  scenario: LoadedScenario,
  setting: ScenarioSetting,
  clock: ScenarioWorld['clock'],
  source: ScenarioSource | null,
): Promise<ScenarioOutcome> {
  const { directory, signal } = setting;
  const people = changePeople(new Map(), scenario.people ?? {});
  await source?.write(people);
  const endpoint = (await setting.createEndpoint?.(source?.config ?? null)) ?? null;
  const simulator = openSimulator(`${directory}/simulator.db`, () => clock.nowMs);
  const world: ScenarioWorld = {
    simulator,
    source,
    people,
    directory,
    scenarioDirectory: setting.scenarioDirectory,
    endpoint,
    seed: scenario.seed ?? 1,
    signal,
    clock,
    settings: mergeSettings(setting.settings, scenario.settings ?? {}),
    list: null,
    network: null,
    last: null,
  };
  try {
    await endpoint?.start();
    const settings = settingsOf(world);
    assertSettingsHold(settings);
    const iam = { id: scenarioIam, name: 'Directory', type: 'ldap', settings };
    simulator.identities.iams.create(iam, scenarioActor);
    const steps: StepOutcome[] = [];
    for (const [index, step] of scenario.steps.entries()) {
      const outcome = await play(world, step, index + 1);
      steps.push(outcome);
      setting.onStep?.(outcome);
      if (!outcome.passed) break;
    }
    const loaded = loadIamSettings(simulator.identities.iams.get(scenarioIam).settings);
    const { guesses } = loaded;
    const measured = findMeasurements(loaded, new Date().toISOString());
    return { name: scenario.name, passed: steps.every(({ passed }) => passed), steps, guesses, measured };
  } finally {
    await endpoint?.stop();
    simulator.close();
  }
}

async function play(world: ScenarioWorld, step: ScenarioStep, number: number): Promise<StepOutcome> {
  const kind = kindOf(step);
  const value = kind === null ? undefined : step[kind];
  if (kind === null || value === undefined) throw new Error(`step ${number} was not validated before`);
  const outcome = { step: number, kind, say: step.say ?? null };
  const startedMs = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedMs);
  try {
    const detail = await playStep(world, kind, value);
    return { ...outcome, passed: true, detail, durationMs: elapsedMs() };
  } catch (error) {
    world.signal.throwIfAborted();
    const isRefusal = [StepFailure, IdentityError, SyncError, DatabaseError].some(
      (refusal) => error instanceof refusal,
    );
    if (!isRefusal) throw error;
    return { ...outcome, passed: false, detail: (error as Error).message, durationMs: elapsedMs() };
  }
}

function assertSettingsHold(settings: Settings): void {
  try {
    loadIamSettings(settings);
  } catch (error) {
    throw error instanceof SyncError ? new StepFailure(error.message) : error;
  }
}

async function writeCertificates(directory: string, name: string): Promise<void> {
  const { ca, server, client } = await issueCertificates();
  const files = {
    'ca.pem': ca.certificate,
    'server.pem': server.certificate,
    'server-key.pem': server.key,
    'client.pem': client.certificate,
    'client-key.pem': client.key,
  };
  for (const [file, text] of Object.entries(files)) replaceIn({ directory }, `${name}/${file}`, text);
}
