// Owns playing a scenario from its beginning to its end: its folder filled, its endpoint started, step by step until one fails.
import { issueCertificates } from '../../certs/issue-certificates.ts';
import type { LoadedScenario, ScenarioStep } from '../../schemas/generated/loaded-scenario.ts';
import { DatabaseError } from '../database/database-error.ts';
import { IdentityError } from '../identities/identity-error.ts';
import { openSimulator } from '../open-simulator.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { SyncError } from '../sync/sync-error.ts';
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
  /** The scenario's own words; null: it has none. */
  readonly say: string | null;
  readonly passed: boolean;
  /** What came of it, or each thing that is not as it should be, a line each. */
  readonly detail: string;
}

export interface ScenarioOutcome {
  readonly name: string;
  readonly passed: boolean;
  /** Those that were played. */
  readonly steps: readonly StepOutcome[];
}

export interface ScenarioSetting {
  /** An empty folder that the scenario may fill. Its store is `simulator.db` there. */
  readonly folder: string;
  readonly scenarioFolder: string;
  /** Those of `settingsFile`, with absolute paths; empty when there is none. */
  readonly settings: Settings;
  readonly signal: AbortSignal;
  /** Called when files and certificates lie in the folder; null when the scenario has no `endpoint`. */
  readonly createEndpoint: (() => Promise<ScenarioEndpoint>) | null;
  readonly onStep?: (outcome: StepOutcome) => void;
}

/** Default of `start`. */
const defaultStart = '2026-01-05T08:00:00Z';

/**
 * Plays a scenario. A step that fails ends it.
 *
 * @throws {StepFailure} when it can't begin: for its files, its settings or its `start`. @throws the reason of the signal.
 */
export async function playScenario(scenario: LoadedScenario, setting: ScenarioSetting): Promise<ScenarioOutcome> {
  const { folder, signal } = setting;
  const clock = { nowMs: Date.parse(scenario.start ?? defaultStart) };
  if (Number.isNaN(clock.nowMs)) throw new StepFailure('start must be a time such as 2026-01-05T08:00:00Z.');
  for (const [index, step] of scenario.steps.entries()) {
    if (kindOf(step) === null)
      throw new StepFailure(`Step ${index + 1} must be one thing, and words for it in \`say\`.`);
  }
  for (const [name, text] of Object.entries(scenario.files ?? {})) replaceIn({ folder }, name, text);
  for (const name of scenario.certificates ?? []) await writeCertificates(folder, name);
  const endpoint = (await setting.createEndpoint?.()) ?? null;
  const simulator = openSimulator(`${folder}/simulator.db`, () => clock.nowMs);
  const world: ScenarioWorld = {
    simulator,
    folder,
    scenarioFolder: setting.scenarioFolder,
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
    return { name: scenario.name, passed: steps.every(({ passed }) => passed), steps };
  } finally {
    await endpoint?.stop();
    simulator.close();
  }
}

async function play(world: ScenarioWorld, step: ScenarioStep, number: number): Promise<StepOutcome> {
  const kind = kindOf(step);
  const value = kind === null ? undefined : step[kind];
  if (kind === null || value === undefined) throw new Error(`step ${number} was not judged before`);
  const outcome = { step: number, kind, say: step.say ?? null };
  try {
    return { ...outcome, passed: true, detail: await playStep(world, kind, value) };
  } catch (error) {
    world.signal.throwIfAborted();
    const isRefusal = [StepFailure, IdentityError, SyncError, DatabaseError].some(
      (refusal) => error instanceof refusal,
    );
    if (!isRefusal) throw error;
    return { ...outcome, passed: false, detail: (error as Error).message };
  }
}

function assertSettingsHold(settings: Settings): void {
  try {
    loadIamSettings(settings);
  } catch (error) {
    throw error instanceof SyncError ? new StepFailure(error.message) : error;
  }
}

async function writeCertificates(folder: string, name: string): Promise<void> {
  const { ca, server, client } = await issueCertificates();
  const files = {
    'ca.pem': ca.certificate,
    'server.pem': server.certificate,
    'server-key.pem': server.key,
    'client.pem': client.certificate,
    'client-key.pem': client.key,
  };
  for (const [file, text] of Object.entries(files)) replaceIn({ folder }, `${name}/${file}`, text);
}
