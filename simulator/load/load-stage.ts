// One stage of a load test: concurrent users (closed model) or requests per second (open model).
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { noAnswerKinds } from '../sync/endpoint-answer.ts';
import type { Answer, FailureKind } from '../sync/judge-answer.ts';
import { createLatencyRecorder, type LatencySummary } from '../sync/latency.ts';
import type { PlatformClient } from '../sync/platform-client.ts';

/**
 * closed: `level` users, each of whom asks again once the answer is there. open: `level` requests a second, whether answers come or
 * not, as many platforms together would send them.
 */
export type LoadMode = 'closed' | 'open';

export interface StageRequest {
  readonly mode: LoadMode;
  readonly level: number;
  readonly seconds: number;
  /** Closed: the least time from one request of a user to the next, in ms; 0: at once. */
  readonly paceMs: number;
  /** Asked for in turn. */
  readonly userids: readonly string[];
}

/**
 * Times run from when a request was meant to be sent, not from when it was: a request that had to wait behind slow ones counts with
 * that wait (coordinated omission). In a closed loop without a pace there is no such moment, and the times are those of the answers alone.
 */
export interface StageResult {
  readonly mode: LoadMode;
  readonly level: number;
  readonly requests: number;
  /** Whole answers in a second, 404 included: the endpoint did its work. */
  readonly answersPerSecond: number;
  /** Kind of failure → requests. */
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** Of the failures, those that a load brings about: no answer, 429, 5xx. */
  readonly overloaded: number;
  /** Open: requests that were due and could not be sent, since too many were on their way. */
  readonly unsent: number;
  /** Null when there was no request. */
  readonly latency: LatencySummary | null;
}

/** Open: requests on their way at once, above which no more are sent. It bounds the memory, and nothing that works comes near it. */
const maxOnTheirWay = 20_000;

const overloadKinds: ReadonlySet<Answer['kind']> = new Set(['rate-limited', 'server-error', ...noAnswerKinds] as const);

/** Runs a stage and waits for its last answer. @throws the reason of the signal. */
export async function runStage(
  client: PlatformClient,
  request: StageRequest,
  signal: AbortSignal,
): Promise<StageResult> {
  const { mode, level, seconds, userids } = request;
  const latency = createLatencyRecorder();
  // A listener for each user who waits is no leak.
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
  { level, paceMs }: StageRequest,
  { startedMs, endsMs }: StageTimes,
  ask: (meantMs: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  async function behaveAsUser(index: number): Promise<void> {
    // Spread over the pace, so that users do not all ask at the same moment.
    let meantMs = startedMs + (paceMs * index) / level;
    for (;;) {
      if (paceMs === 0) meantMs = performance.now();
      if (meantMs >= endsMs) return;
      const waitMs = meantMs - performance.now();
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
      signal.throwIfAborted();
      await ask(meantMs);
      // Behind schedule, the next one is due already: it is sent at once, and its wait counts.
      meantMs += paceMs;
    }
  }
  await Promise.all(Array.from({ length: level }, (_, index) => behaveAsUser(index)));
}

/** @returns how many were due and not sent. */
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
    // All that are due by now: timers are no more exact than a millisecond.
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
