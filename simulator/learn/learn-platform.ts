// Runs all experiments on one platform in order, and writes the profile after each experiment.
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { experimentNames } from './experiment-order.ts';
import { experiments, measurements } from './experiments.ts';
import { dropResult, findLeft, type LearnRun, type ReadFact, resumeRun, startRun, toProfile } from './learn-run.ts';
import type { LearningEndpoint } from './learning-endpoint.ts';
import { assertNoLockOut, LockOut } from './lock-out.ts';
import { measureBy } from './measurements.ts';
import { Correction, type PlatformDriver, PlatformError, Stopped, Unanswered } from './platform-driver.ts';
import { notDetermined } from './platform-profile.ts';
import { createSession, type LearnSession, playStep } from './play-step.ts';
import { firstSync } from './questions.ts';
import type { RequestFacts } from './recorded-request.ts';
import { type Reading, runExperiment } from './run-experiment.ts';
import { toEvidence } from './to-evidence.ts';

export interface LearnOptions {
  readonly endpoint: LearningEndpoint;
  readonly driver: PlatformDriver;
  /** Prefix of the test users' names. */
  readonly prefix: string;
  /** Name and version of the platform, as given by the operator. */
  readonly platform: string;
  /** Maximum delay of a response, in ms. */
  readonly maxWaitMs: number;
  /** Time before the platform's data is read, in ms. */
  readonly settleMs: number;
  /** Whether a proxy is in front of the endpoint, according to the operator. Default: unknown. */
  readonly intermediary?: boolean;
  /** Seed of the order of the experiments. */
  readonly seed: number;
  /** Names of the experiments to run; for a resumed run, the default is those of the interrupted run. Default: all. */
  readonly only?: ReadonlySet<string>;
  /** Profile of an interrupted run, which is resumed; its seed takes precedence. */
  readonly before?: PlatformProfile;
  /** Called before each experiment. @param left number of experiments that are left, including this one. */
  readonly onExperiment?: (id: string, left: number) => void;
  /** Called after each experiment with the facts known so far. */
  readonly onProfile?: (profile: PlatformProfile) => void;
}

export interface LearnResult {
  readonly profile: PlatformProfile;
  /** Names of the experiments whose results are undecided. */
  readonly left: readonly string[];
  /** Null: the run ended by itself. */
  readonly stopped: Stopped | LockOut | null;
}

/** The experiments cannot begin; the message contains the remedy. */
export class CannotLearn extends Error {
  override readonly name = 'CannotLearn';
}

const preflightTries = 3;
const firstGroup = 'learn-first';

/**
 * Runs the experiments that are left, until the operator or a sign of a lockout stops them.
 *
 * @throws {CannotLearn} before the first experiment. @throws {PlatformError} when the platform stops responding.
 */
export async function learnPlatform(options: LearnOptions): Promise<LearnResult> {
  const { endpoint, driver, platform, before, only } = options;
  const isUsable = (name: string) => name !== 'untrusted-certificate' || endpoint.url.startsWith('https:');
  const names = [...(only ?? experimentNames)].filter(isUsable);
  const run =
    before === undefined ? startRun(options.seed, names) : resumeRun(before, only === undefined ? null : names);
  const session = createSession(endpoint, driver, options, before?.run?.usedUsers);
  takeTimeLimit(run, session);
  let stopped: LearnResult['stopped'] = null;
  try {
    if (findLeft(run).length > 0) await runAll(run, session, options);
  } catch (error) {
    if (!(error instanceof Stopped || error instanceof LockOut)) throw error;
    stopped = error;
    if (error instanceof LockOut) options.onProfile?.(toProfile(run, session, platform));
  }
  return { profile: toProfile(run, session, platform), left: findLeft(run), stopped };
}

async function runAll(run: LearnRun, session: LearnSession, options: LearnOptions): Promise<void> {
  const { driver, prefix, platform, onExperiment = () => {}, onProfile = () => {} } = options;
  const others = await driver.countOtherUsers(prefix);
  if (others > 0) {
    throw new CannotLearn(
      `The IAM has ${others === 1 ? '1 user whose name does' : `${others} users whose names do`} not begin with ${prefix}. The experiments could remove their access. Use an IAM with test users only.`,
    );
  }
  await checkConnection(session);
  if (session.intermediary === null && (run.before?.connection.intermediary?.determined ?? 'no') === 'no') {
    const signs = findIntermediarySigns(session.requests);
    if (signs.length > 0) session.intermediary = await driver.askIntermediary(signs);
  }
  const left = [...findLeft(run)];
  let [last, isSuspicious]: [string | null, boolean] = [null, false];
  for (let isDone = false; !isDone; ) {
    const [name] = left;
    try {
      await assertNoLockOut(session, run, { last, next: name ?? last ?? '', isSuspicious });
      if (name === undefined) {
        await repeatFirst(run, session);
        isDone = true;
      } else {
        onExperiment(name, left.length);
        const { voidTries } = session;
        await runOne(name, run, session, options.maxWaitMs);
        left.shift();
        last = name;
        isSuspicious = session.voidTries - voidTries > driver.agreement.maxVoidTries;
      }
    } catch (error) {
      if (!(error instanceof Correction)) throw error;
      if (!left.includes(error.experiment)) {
        dropResult(run, error.experiment);
        left.unshift(error.experiment);
      }
    }
    onProfile(toProfile(run, session, platform));
  }
}

async function runOne(name: string, run: LearnRun, session: LearnSession, maxWaitMs: number): Promise<void> {
  const measurement = measurements.find(({ id }) => id === name);
  session.hasSeenProvided ||= run.before?.run?.hasSeenProvided === true;
  session.isOverrideOpen = [...run.readFacts.values()].flat().some(({ value }) => value === 'override');
  try {
    if (measurement === undefined) {
      run.readFacts.set(name, await readExperiment(session, name));
      if (name === 'space-in-userid') await requestMarkedUsers(session);
    } else {
      const { facts, repeats } = await measureBy[measurement.measuredBy](session, maxWaitMs);
      run.found = { ...run.found, ...facts };
      run.repeats = { ...run.repeats, ...repeats };
    }
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    if (measurement === undefined) run.readFacts.set(name, withoutAnswer(name, error.message));
    else {
      const facts = measurement.determines.map((assumption) => [assumption, notDetermined(error.message)]);
      run.found = { ...run.found, ...Object.fromEntries(facts) };
    }
  }
  takeTimeLimit(run, session);
}

/** Sets when a response counts as slow: after half of the platform's time limit. */
function takeTimeLimit({ found: { timeoutMs } }: LearnRun, session: LearnSession): void {
  if (typeof timeoutMs?.value === 'number') session.slowMs = timeoutMs.value / 2;
}

/** Repeats the first experiment: a platform that has changed in the meantime cannot be described by a single profile. */
async function repeatFirst(run: LearnRun, session: LearnSession): Promise<void> {
  const valuesOf = (facts: readonly ReadFact[] = []) => facts.map(({ value }) => value);
  const isDecided = (values: ReadonlyArray<Reading | undefined>) => values.length > 0 && !values.includes(undefined);
  const first = run.order.find((name) => isDecided(valuesOf(run.readFacts.get(name))));
  if (first === undefined || run.order.length === 1) return;
  const values = valuesOf(run.readFacts.get(first));
  let again: ReadonlyArray<Reading | undefined> = [];
  try {
    again = valuesOf(await readExperiment(session, first));
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
  }
  const isSame = JSON.stringify(again) === JSON.stringify(values);
  run.control = { experiment: first, outcome: !isDecided(again) ? 'unknown' : isSame ? 'same' : 'different' };
}

/** Synchronizes a first user, so that a wrong setting is reported before anything is measured. */
async function checkConnection(session: LearnSession): Promise<void> {
  let reason = '';
  // A try that was disturbed by something else shows nothing about the settings.
  let disturbed = 2 * session.driver.agreement.maxVoidTries;
  for (let tries = 0; tries < preflightTries; ) {
    const user = session.takeUser() ?? '';
    let observation: Awaited<ReturnType<typeof playStep>>;
    try {
      const script = { respond: { groups: [firstGroup] } };
      const questions = [{ kind: 'all', names: [firstGroup] }] as const;
      observation = await playStep(session, firstSync, user, script, { questions });
    } catch (error) {
      if (error instanceof PlatformError || error instanceof Unanswered) {
        throw new CannotLearn(error.message, { cause: error });
      }
      throw error;
    }
    if (observation.user?.groups.some((name) => name.toLowerCase() === firstGroup)) {
      session.controlUser = user;
      return;
    }
    if (observation.voidReason === null || observation.attempts.length === 0 || disturbed-- <= 0) tries++;
    reason = observation.voidReason ?? 'the platform does not show the group of the response';
  }
  const { rejectedCredentials } = session.endpoint.counts;
  throw new CannotLearn(
    `The first test user was not synchronized: ${reason}. ${
      rejectedCredentials > 0 ? 'The platform sent credentials other than --username and the password.' : ''
    } Check the IAM's settings and its test users.`.replace('  ', ' '),
  );
}

async function readExperiment(session: LearnSession, name: string): Promise<readonly ReadFact[]> {
  const experiment = experiments.find(({ id }) => id === name);
  if (experiment === undefined) return [];
  const { result, reason, tries, agreeing } = await runExperiment(session, experiment);
  const observations = tries.flatMap((one) => one.observations);
  const evidence = toEvidence(name, observations, tries.length, agreeing);
  return experiment.reads.map(({ assumption, source }, at) => {
    const determined = source === 'measured' ? source : session.driver.source;
    return { ...{ experiment: name, assumption, value: result?.[at], reason }, determined, evidence };
  });
}

function withoutAnswer(name: string, reason: string): readonly ReadFact[] {
  const { reads = [] } = experiments.find(({ id }) => id === name) ?? {};
  return reads.map(({ assumption }) => ({
    ...{ experiment: name, assumption, value: undefined, reason },
    ...{ determined: 'answered', evidence: null },
  }));
}

/** Returns e.g. ["header via", "HTTP/1.0"]; empty: there is no sign. */
function findIntermediarySigns(requests: readonly RequestFacts[]): readonly string[] {
  const headers = new Set(requests.flatMap(({ forwardingHeaders }) => forwardingHeaders));
  return [
    ...[...headers].map((name) => `header ${name}`),
    ...(requests.some(({ transport }) => transport.httpVersion === '1.0') ? ['HTTP/1.0'] : []),
    ...(requests.some(({ isFromPlatform }) => isFromPlatform === false)
      ? ['an address other than --platform-address']
      : []),
  ];
}

/** Requests these users; if the platform has none of them, nothing is recorded. @throws {Correction} @throws {PlatformError} @throws {Stopped} */
async function requestMarkedUsers(session: LearnSession): Promise<void> {
  const { markedUsers: users, driver } = session;
  const script = { respond: { groups: ['learn-first'] } };
  try {
    for (const [at, userid] of users.entries()) {
      const { voidReason } = await playStep(session, 'space-in-userid', userid, script, {
        step: at + 1,
        of: users.length,
      });
      if (voidReason === null) continue;
      session.voidTries++;
      // An operator who has not created the first of them should not wait for the others.
      if (driver.source === 'answered') return;
    }
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
  }
}
