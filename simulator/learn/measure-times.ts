// Measurements of the platform's time limit and of its repeats.
import type { Fact } from '../../schemas/generated/platform-profile.ts';
import { type Decision, repeatUntilDecided, type Try, VoidTry } from './decide.ts';
import { type FoundFacts, notDetermined } from './platform-profile.ts';
import { type LearnSession, playStep, type StepObservation } from './play-step.ts';
import type { Script } from './scripted-response.ts';
import { toEvidence } from './to-evidence.ts';

/** Times are stable when the agreeing ones differ by no more than this share. */
const maxSpread = 0.05;
const agreeingTimes = 3;
const maxTries = 7;
/** Share of the measured limit after which a response must still be accepted. */
const confirmedShare = 0.9;

/** Shorter pauses are hidden by the time that a request takes. */
const shortestPauseMs = 100;
/** A time counts when this process was late by no more than this share of it. */
const maxLag = 0.04;
const tooBusy = 'This machine was too busy to measure times.';

async function play(session: LearnSession, script: Script, options: { maySlow?: boolean; mayFail?: boolean } = {}) {
  const userid = session.takeUser();
  if (userid === null) throw new VoidTry('all test users are used');
  const observation = await playStep(session, userid, script, options);
  if (observation.voidReason !== null) throw new VoidTry(observation.voidReason);
  if (observation.attempts.length === 0) throw new VoidTry('the platform sent no request with credentials');
  return observation;
}

/**
 * Measures when the platform closes a connection without a response, and confirms that it accepts a response shortly before.
 *
 * @param maxWaitMs how long the endpoint delays a response at most.
 */
export async function measureTimeLimit(session: LearnSession, maxWaitMs: number): Promise<Fact> {
  const times: number[] = [];
  const observations: StepObservation[] = [];
  let confirmed = false;
  const evidence = () => [toEvidence('no-response', observations, times.length, times.length)];
  for (let tries = 0; tries < maxTries; tries++) {
    const script = {
      respond: { delayMs: maxWaitMs, groups: ['learn-late'] },
      thenRespond: { groups: ['learn-first'] },
    };
    const observation = await tolerateVoid(session, () => play(session, script, { maySlow: true }));
    if (observation === null) continue;
    observations.push(observation);
    const [first] = observation.attempts;
    if (first === undefined || first.endedMs === null) continue;
    if (first.isComplete) {
      return notDetermined(
        `The platform waited for a response of ${maxWaitMs} ms. Give a higher --max-wait-ms.`,
        evidence(),
      );
    }
    const time = first.endedMs - first.startedMs;
    if (observation.lagMs <= time * maxLag) times.push(time);
    if (findCluster(times) !== null) break;
  }
  const cluster = findCluster(times);
  if (cluster === null) {
    return notDetermined(
      times.length < agreeingTimes ? tooBusy : 'The measured times differ by more than 5 %.',
      evidence(),
    );
  }
  const [shortest = 0] = cluster;
  const longest = cluster.at(-1) ?? 0;
  for (let tries = 0; tries < agreeingTimes && !confirmed; tries++) {
    const script = { respond: { delayMs: Math.floor(shortest * confirmedShare), groups: ['learn-late'] } };
    const observation = await tolerateVoid(session, () => play(session, script, { maySlow: true }));
    if (observation === null) continue;
    observations.push(observation);
    confirmed = observation.user?.groups.some((name) => name.toLowerCase() === 'learn-late') ?? false;
  }
  if (!confirmed) {
    return notDetermined('A response shortly before the measured time was not accepted either.', evidence());
  }
  return {
    determined: 'measured',
    // What delays a measurement makes it longer.
    value: Math.round(shortest),
    interval: { low: Math.floor(shortest * confirmedShare), high: Math.ceil(longest) },
    evidence: evidence(),
  };
}

/** Counts the requests for one user while the endpoint responds with 503 and 429, and measures the pause before the first repeat. */
export async function measureRepeats(session: LearnSession): Promise<FoundFacts> {
  const decisions: Array<readonly [string, Decision<number>]> = [];
  for (const status of [503, 429]) {
    const decision = await repeatUntilDecided(session, async (): Promise<Try<number>> => {
      const observation = await play(session, { respond: { status } });
      return { result: observation.attempts.length - 1, observations: [observation] };
    });
    decisions.push([`repeats-${status}`, decision]);
  }
  const evidence = decisions.map(([id, { tries, agreeing }]) =>
    toEvidence(
      id,
      tries.flatMap(({ observations }) => observations),
      tries.length,
      agreeing,
    ),
  );
  const failed = decisions.find(([, { result }]) => result === undefined)?.[1];
  if (failed !== undefined) {
    const fact = notDetermined(failed.reason, evidence);
    return { retries: fact, retryDelayMs: fact };
  }
  const counts = decisions.map(([, { result = 0 }]) => result);
  if (new Set(counts).size > 1) {
    const fact = notDetermined(
      `The platform repeats ${counts[0]} times after 503 and ${counts[1]} times after 429.`,
      evidence,
    );
    return { retries: fact, retryDelayMs: fact };
  }
  const [retries = 0] = counts;
  const tries = decisions.flatMap(([, decision]) => decision.tries.filter(({ result }) => result === retries));
  return {
    retries: { determined: 'measured', value: retries, evidence },
    retryDelayMs:
      retries === 0 ? notDetermined('The platform does not repeat a request.', evidence) : findPause(tries, evidence),
  };
}

function findPause(tries: ReadonlyArray<Try<number>>, evidence: Fact['evidence']): Fact {
  const pauses = tries.flatMap(({ observations }) =>
    observations.flatMap(({ requests, attempts, lagMs }) => {
      const endedMs = attempts[0]?.endedMs ?? null;
      // The repeat may begin with a request without credentials.
      const next = requests.find(({ arrivedMs }) => endedMs !== null && arrivedMs > endedMs);
      if (endedMs === null || next === undefined) return [];
      const pauseMs = next.startedMs - endedMs;
      return lagMs <= pauseMs * maxLag ? [pauseMs] : [];
    }),
  );
  const cluster = findCluster(pauses);
  if (cluster === null) {
    return notDetermined(
      pauses.length < agreeingTimes ? tooBusy : 'The measured pauses differ by more than 5 %.',
      evidence,
    );
  }
  const [shortest = 0] = cluster;
  const longest = cluster.at(-1) ?? 0;
  if (longest < shortestPauseMs) {
    return notDetermined(
      `The pause is shorter than ${shortestPauseMs} ms, too short to separate from the time of a request.`,
      evidence,
    );
  }
  return {
    determined: 'measured',
    value: Math.round(shortest),
    interval: { low: Math.floor(shortest), high: Math.ceil(longest) },
    ...(evidence && { evidence }),
  };
}

/** Returns the shortest times that are alike, in order; null: there are too few, or they are not the most. */
function findCluster(times: readonly number[]): readonly number[] | null {
  const sorted = [...times].sort((one, other) => one - other);
  for (const [at, shortest] of sorted.entries()) {
    const alike = sorted.slice(at).filter((time) => time <= shortest * (1 + maxSpread));
    if (alike.length >= agreeingTimes && alike.length * 2 > times.length) return alike;
  }
  return null;
}

async function tolerateVoid(session: LearnSession, attempt: () => Promise<StepObservation>) {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof VoidTry)) throw error;
    session.voidTries++;
    return null;
  }
}
