// Runs a load test with given levels, or with levels that double until the endpoint is saturated.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { findMeasurements, type Measurements } from '../sync/guess-origins.ts';
import type { ClientCredentials } from '../sync/iam-settings.ts';
import { createPlatformClient } from '../sync/platform-client.ts';
import { findKnee, findStrain, type Knee } from './find-knee.ts';
import { type LoadMode, runStage, type StageResult } from './load-stage.ts';

export interface LoadRequest {
  readonly settings: LoadedIamSettings;
  readonly credentials: ClientCredentials;
  readonly mode: LoadMode;
  /** In ascending order. Null: the level doubles from `firstLevel` until two stages were saturated, at most 14 times. */
  readonly levels: readonly number[] | null;
  /** Duration of each stage. */
  readonly seconds: number;
  /** Number of connections in the open model; the closed model uses one per user. */
  readonly connections: number;
  readonly maxP99Ms: number;
  /** At least one. */
  readonly userids: readonly string[];
}

export interface LoadResult {
  readonly mode: LoadMode;
  readonly seconds: number;
  readonly maxP99Ms: number;
  /** The assumptions that applied to the test, which never retries. */
  readonly guesses: LoadedIamSettings['guesses'];
  /** Which of the assumptions were measured with a platform. */
  readonly measured: Measurements;
  readonly stages: readonly StageResult[];
  readonly knee: Knee;
}

const firstLevel: Readonly<Record<LoadMode, number>> = { closed: 1, open: 50 };
const maxDoublings = 14;
const warmUpSeconds = 1;

/** Runs a load test. Retries in the assumptions are not used, because they would change the load. @throws the reason of the signal. */
export async function runLoad(
  asked: LoadRequest,
  signal: AbortSignal,
  onStage: (stage: StageResult) => void,
): Promise<LoadResult> {
  const { mode, seconds, maxP99Ms, levels } = asked;
  const guesses = { ...asked.settings.guesses, retries: 0 };
  const request = { ...asked, settings: { ...asked.settings, guesses } };
  const planned = levels ?? Array.from({ length: maxDoublings + 1 }, (_, doubling) => firstLevel[mode] * 2 ** doubling);
  await play(request, planned[0] ?? 1, Math.min(warmUpSeconds, seconds), signal);
  const stages: StageResult[] = [];
  let strained = 0;
  for (const level of planned) {
    const stage = await play(request, level, seconds, signal);
    if (findStrain(stage, stages.at(-1) ?? null, maxP99Ms) !== null) strained++;
    stages.push(stage);
    onStage(stage);
    // One level above the knee, to show the behavior under overload.
    if (levels === null && strained === 2) break;
  }
  const measured = findMeasurements(request.settings, new Date().toISOString());
  return { mode, seconds, maxP99Ms, guesses, measured, stages, knee: findKnee(stages, maxP99Ms) };
}

async function play(request: LoadRequest, level: number, seconds: number, signal: AbortSignal): Promise<StageResult> {
  const { settings, credentials, mode, userids, connections } = request;
  const concurrency = mode === 'closed' ? level : connections;
  const client = createPlatformClient({ ...settings, sync: { ...settings.sync, concurrency } }, credentials);
  try {
    return await runStage(client, { mode, level, seconds, userids }, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await client.close();
  }
}
