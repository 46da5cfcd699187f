// Measurements of the platform's time limit and of its repeats.
import type { Fact, Repeats } from '../../schemas/generated/platform-profile.ts';
import { type Decision, repeatUntilDecided, type Try, VoidTry } from './decide.ts';
import { Unanswered } from './platform-driver.ts';
import { type FoundFacts, notDetermined } from './platform-profile.ts';
import { type LearnSession, playStep, type StepObservation, type StepOptions } from './play-step.ts';
import { hasEnded } from './questions.ts';
import type { RecordedRequest } from './recorded-request.ts';
import type { Script, ScriptedResponse } from './scripted-response.ts';
import { toEvidence } from './to-evidence.ts';

/** Measured times are stable when the agreeing ones differ by no more than this fraction. */
const maxSpread = 0.05;
const agreeingTimes = 3;
const maxTries = 7;
/** Fraction of the measured limit at which a response must still be accepted. */
const confirmedShare = 0.9;

/** Shorter pauses cannot be distinguished from the time that a request takes. */
const shortestPauseMs = 100;
/** A measured time counts only if this process was delayed by at most this fraction of it. */
const maxLag = 0.04;
const tooBusy = 'Too few measurements were valid. This machine may have been too busy.';

async function play(session: LearnSession, experiment: string, script: Script, options: StepOptions = {}) {
  const userid = session.takeUser();
  if (userid === null) throw new VoidTry('no unused test user is left');
  const observation = await playStep(session, experiment, userid, script, options);
  if (observation.voidReason !== null) throw new VoidTry(observation.voidReason);
  if (observation.attempts.length === 0) throw new VoidTry('the platform sent no request with credentials');
  return observation;
}

/**
 * Measures when the platform closes a connection without a response, confirms that it accepts a response sent shortly before, and counts the repeats.
 *
 * @param maxWaitMs maximum time, in ms, that the endpoint delays a response.
 */
export async function measureTimeLimit(
  session: LearnSession,
  maxWaitMs: number,
): Promise<{ readonly timeoutMs: Fact; readonly repeats: Pick<Repeats, 'timeout'> }> {
  const observations: StepObservation[] = [];
  const timeoutMs = await measureLimit(session, maxWaitMs, observations);
  const timeout = await countRepeatsAfterTimeout(session, observations, timeoutMs, maxWaitMs);
  return { timeoutMs, repeats: { timeout } };
}

/** Maximum number of repeats to wait for. */
const mostCounted = 5;

/** Lets each request for a user exceed the time limit, until the platform sends no more. */
async function countRepeatsAfterTimeout(
  session: LearnSession,
  before: readonly StepObservation[],
  limit: Fact,
  maxWaitMs: number,
): Promise<Fact> {
  if (limit.determined === 'no') return notDetermined('The time limit is not determined.', limit.evidence);
  const { source, agreement } = session.driver;
  const timedOut = before.filter(({ attempts: [first] }) => first?.endedMs != null && !first.isComplete);
  // Only with the REST API is the end of the sync known without asking the operator.
  if (source === 'read-by-api' && timedOut.length >= agreement.unanimous) {
    const isRepeated = timedOut.some(({ attempts }) => attempts.length > 1);
    if (!isRepeated) return { determined: 'measured', value: 0, ...(limit.evidence && { evidence: limit.evidence }) };
  }
  const most = Math.min(mostCounted, Math.floor(maxWaitMs / Number(limit.value)));
  if (most < 2) {
    return notDetermined('The longest delay is shorter than two time limits. Increase --max-wait-ms.', limit.evidence);
  }
  const script: Script = {
    ...{ respond: { delayMs: maxWaitMs, groups: ['learn-late'] }, respondTimes: most },
    thenRespond: { groups: ['learn-first'] },
  };
  try {
    const decision = await repeatUntilDecided(session, async (): Promise<Try<number | null>> => {
      const options = { maySlow: true, mayFail: true, questions: [hasEnded] };
      const observation = await play(session, 'repeats-timeout', script, options);
      const { attempts } = observation;
      const isShort = ({ isComplete, startedMs, endedMs }: RecordedRequest) =>
        !isComplete && (endedMs ?? startedMs) - startedMs < Number(limit.value) * confirmedShare;
      if (attempts.some(isShort)) throw new VoidTry('a connection was closed before the time limit');
      return { result: attempts.length > most ? null : attempts.length - 1, observations: [observation] };
    });
    const { result, reason, tries, agreeing } = decision;
    const observations = tries.flatMap((one) => one.observations);
    const evidence = [toEvidence('repeats-timeout', observations, tries.length, agreeing)];
    if (result === undefined) return notDetermined(reason, evidence);
    if (result === null) return notDetermined(`The platform repeats the request at least ${most} times.`, evidence);
    return { determined: 'measured', value: result, evidence };
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return notDetermined(error.message, limit.evidence);
  }
}

async function measureLimit(session: LearnSession, maxWaitMs: number, observations: StepObservation[]): Promise<Fact> {
  const times: number[] = [];
  let confirmed = false;
  const evidence = () => [toEvidence('no-response', observations, times.length, times.length)];
  for (let tries = 0; tries < maxTries; tries++) {
    const script = {
      respond: { delayMs: maxWaitMs, groups: ['learn-late'] },
      thenRespond: { groups: ['learn-first'] },
    };
    const observation = await tolerateVoid(session, () => play(session, 'no-response', script, { maySlow: true }));
    if (observation === null) continue;
    observations.push(observation);
    const [first] = observation.attempts;
    if (first === undefined || first.endedMs === null) continue;
    if (first.isComplete) {
      return notDetermined(
        `The platform waited ${maxWaitMs} ms for a response, the longest delay that was tried. Increase --max-wait-ms.`,
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
      times.length < agreeingTimes ? tooBusy : 'The measured times differ by more than 5%.',
      evidence(),
    );
  }
  const [shortest = 0] = cluster;
  const longest = cluster.at(-1) ?? 0;
  for (let tries = 0; tries < agreeingTimes && !confirmed; tries++) {
    const script = { respond: { delayMs: Math.floor(shortest * confirmedShare), groups: ['learn-late'] } };
    const observation = await tolerateVoid(session, () => play(session, 'no-response', script, { maySlow: true }));
    if (observation === null) continue;
    observations.push(observation);
    confirmed =
      session.driver.source === 'read-by-api'
        ? (observation.user?.groups.some((name) => name.toLowerCase() === 'learn-late') ?? false)
        : observation.attempts[0]?.isComplete === true;
  }
  if (!confirmed) {
    return notDetermined('A response sent shortly before the measured time was not accepted either.', evidence());
  }
  return {
    determined: 'measured',
    // A delay can only make a measured time longer.
    value: Math.round(shortest),
    interval: { low: Math.floor(shortest * confirmedShare), high: Math.ceil(longest) },
    evidence: evidence(),
  };
}

/** Failures after which a platform may repeat a request. */
const kinds: ReadonlyArray<readonly [keyof Repeats, ScriptedResponse]> = [
  ['status503', { status: 503 }],
  ['status429', { status: 429 }],
  ['closed', { closes: true }],
  ['reset', { resets: true }],
];

/** Counts the requests for one user after each kind of failure, and measures the pause before the first repeat. */
export async function measureRepeats(
  session: LearnSession,
): Promise<{ readonly facts: FoundFacts; readonly repeats: Repeats }> {
  const counted: Array<{ readonly kind: keyof Repeats; readonly decision: Decision<number>; readonly fact: Fact }> = [];
  for (const [kind, respond] of kinds) {
    const experiment = `repeats-${kind}`;
    const decision = await repeatUntilDecided(session, async (): Promise<Try<number>> => {
      const options = { mayFail: true, questions: [hasEnded] };
      const observation = await play(session, experiment, { respond }, options);
      return { result: observation.attempts.length - 1, observations: [observation] };
    });
    const { result, reason, tries, agreeing } = decision;
    const observations = tries.flatMap((one) => one.observations);
    const evidence = [toEvidence(experiment, observations, tries.length, agreeing)];
    const fact: Fact =
      result === undefined ? notDetermined(reason, evidence) : { determined: 'measured', value: result, evidence };
    counted.push({ kind, decision, fact });
  }
  const repeats: Repeats = Object.fromEntries(counted.map(({ kind, fact }) => [kind, fact]));
  return { facts: combineRepeats(counted), repeats };
}

/** Combines repeats after responses, to which the setting applies. After a closed connection, the HTTP client may repeat a request by itself. */
function combineRepeats(
  all: ReadonlyArray<{ readonly kind: string; readonly decision: Decision<number>; readonly fact: Fact }>,
): FoundFacts {
  const counted = all.filter(({ kind }) => kind.startsWith('status'));
  const evidence = counted.flatMap(({ fact }) => fact.evidence ?? []);
  const failed = counted.find(({ decision }) => decision.result === undefined);
  const counts = counted.map(({ decision }) => decision.result ?? 0);
  if (failed !== undefined || new Set(counts).size > 1) {
    const fact = notDetermined(
      failed?.decision.reason ??
        `The platform repeats a request ${counts[0]} times after 503 and ${counts[1]} times after 429.`,
      evidence,
    );
    return { retries: fact, retryDelayMs: fact };
  }
  const [retries = 0] = counts;
  const tries = counted.flatMap(({ decision }) => decision.tries.filter(({ result }) => result === retries));
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
      pauses.length < agreeingTimes ? tooBusy : 'The measured pauses differ by more than 5%.',
      evidence,
    );
  }
  const [shortest = 0] = cluster;
  const longest = cluster.at(-1) ?? 0;
  if (longest < shortestPauseMs) {
    return notDetermined(
      `The pause is shorter than ${shortestPauseMs} ms, too short to distinguish from the duration of a request.`,
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

/** Returns the shortest similar times, in order; null: there are too few similar times, or they are not the majority. */
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
