// One stage of a load test: concurrent users (closed model) or requests per second (open model).
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { noAnswerKinds } from '../sync/endpoint-answer.ts';
import type { Answer, FailureKind } from '../sync/evaluate-response.ts';
import { createLatencyRecorder, type LatencySummary } from '../sync/latency.ts';
import type { PlatformClient } from '../sync/platform-client.ts';

/**
 * closed: `level` users, each sending a request after the response to the previous one. open: `level` requests per second, independent of responses,
 * as from many platforms together.
 */
export type LoadMode = 'closed' | 'open';

export interface StageRequest {
  readonly mode: LoadMode;
  readonly level: number;
  readonly seconds: number;
  /** Requested in turn. */
  readonly userids: readonly string[];
}

/**
 * In the open model, response times are measured from the moment when a request was due, not from when it was sent. They therefore include the time
 * that a request waited behind slow ones (coordinated omission). In the closed model, no request is due at a given time, so only the time until the
 * response counts.
 */
export interface StageResult {
  readonly mode: LoadMode;
  readonly level: number;
  readonly requests: number;
  /** Complete responses per second, including 404 responses, which also require the endpoint to do its work. */
  readonly answersPerSecond: number;
  /** Map from kind of failure to number of requests. */
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** Failures that are caused by load: no response, 429, 5xx. */
  readonly overloaded: number;
  /** Open model: requests that were due but not sent, because too many were in flight. */
  readonly unsent: number;
  /** Null if there was no request. */
  readonly latency: LatencySummary | null;
}

/** Open model: maximum number of requests in flight. It limits memory use; a working endpoint does not come close to the maximum. */
const maxOnTheirWay = 20_000;

const overloadKinds: ReadonlySet<Answer['kind']> = new Set(['rate-limited', 'server-error', ...noAnswerKinds] as const);

/** Runs a stage and waits for its last response. @throws the abort reason of the signal. */
export async function runStage(
  client: PlatformClient,
  request: StageRequest,
  signal: AbortSignal,
): Promise<StageResult> {
  const { mode, level, seconds, userids } = request;
  const latency = createLatencyRecorder();
  // One listener per waiting user is not a leak.
  setMaxListeners(0, signal);
  const failures: Partial<Record<FailureKind, number>> = {};
  const counts = { requests: 0, answered: 0, overloaded: 0, unsent: 0 };
  const startedMs = performance.now();

  async function ask(meantMs: number): Promise<void> {
    const userid = userids[counts.requests++ % userids.length] ?? '';
    const { kind } = await client.ask(userid, signal);
    latency.record(performance.now() - meantMs);
    if (kind !== 'user') failures[kind] = (failures[kind] ?? 0) + 1;
    if (overloadKinds.has(kind)) counts.overloaded++;
    else counts.answered++;
  }

  const times = { startedMs, endsMs: startedMs + seconds * 1000 };
  if (mode === 'closed') await runClosed(request, times, ask, signal);
  else counts.unsent = await runOpen(request, times, ask, signal);
  const tookSeconds = (performance.now() - startedMs) / 1000;
  return {
    mode,
    level,
    requests: counts.requests,
    answersPerSecond: Math.round((counts.answered / tookSeconds) * 10) / 10,
    failures,
    overloaded: counts.overloaded,
    unsent: counts.unsent,
    latency: latency.summarize(),
  };
}

interface StageTimes {
  readonly startedMs: number;
  readonly endsMs: number;
}

async function runClosed(
  { level }: StageRequest,
  { endsMs }: StageTimes,
  ask: (meantMs: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  async function behaveAsUser(): Promise<void> {
    for (let sentMs = performance.now(); sentMs < endsMs; sentMs = performance.now()) {
      signal.throwIfAborted();
      await ask(sentMs);
    }
  }
  await Promise.all(Array.from({ length: level }, behaveAsUser));
}

/** @returns the number of requests that were due but not sent. */
async function runOpen(
  { level, seconds }: StageRequest,
  { startedMs }: StageTimes,
  ask: (meantMs: number) => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const total = Math.ceil(level * seconds);
  const onTheirWay = new Set<Promise<void>>();
  let failure: unknown = null;
  let unsent = 0;
  for (let due = 0; due < total; ) {
    signal.throwIfAborted();
    // Sends all requests that are due by now, because timers have a resolution of only a millisecond.
    const now = performance.now();
    for (; due < total && startedMs + (due * 1000) / level <= now; due++) {
      if (onTheirWay.size >= maxOnTheirWay) {
        unsent++;
        continue;
      }
      const asking: Promise<void> = ask(startedMs + (due * 1000) / level)
        .catch((error: unknown) => {
          failure = error;
        })
        .finally(() => onTheirWay.delete(asking));
      onTheirWay.add(asking);
    }
    if (failure !== null) throw failure;
    await delay(1, undefined, { signal });
  }
  await Promise.all(onTheirWay);
  if (failure !== null) throw failure;
  return unsent;
}
