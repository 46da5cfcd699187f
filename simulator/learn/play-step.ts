// One step of an experiment: scripts the endpoint, lets the platform sync the test user, and reads the result.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { action as defaultAction } from './experiments.ts';
import type { LearningEndpoint, StepRecord } from './learning-endpoint.ts';
import type { ObservedUser, PlatformDriver, StepPlan } from './platform-driver.ts';
import type { RecordedRequest } from './recorded-request.ts';
import type { Script } from './scripted-response.ts';
import { nameTestUsers, provided } from './test-users.ts';

/** State that all experiments share. */
export interface LearnSession {
  readonly endpoint: LearningEndpoint;
  readonly driver: PlatformDriver;
  /** Time after the last response before the platform's data is read, in ms. */
  readonly settleMs: number;
  /** Returns a test user that no experiment has used, and that the platform has not synchronized if `isNew`; null: there are none left. */
  takeUser(isNew?: boolean): string | null;
  /** Returns the number of users at the beginning of the list that were taken or skipped. */
  usedUsers(): number;
  readonly spacedUsers: readonly string[];
  readonly markedUsers: readonly string[];
  /** The operator's statement about an intermediary in front of the endpoint; null: there is none. */
  intermediary: boolean | null;
  /** All requests of valid steps, for facts about the connection. */
  readonly requests: RecordedRequest[];
  /** Whether the first request of each valid step had credentials. */
  readonly beginsWithBasic: boolean[];
  /** Tries that did not count. */
  voidTries: number;
  /** A response that took longer than this, in ms, may have exceeded the platform's time limit. */
  slowMs: number;
  /** Whether the group of the identity provider was observed for any test user. */
  hasSeenProvided: boolean;
  /**
   * Whether the observations have two possible explanations: the endpoint's data overrides that of the identity provider, or the identity provider
   * has no data.
   */
  isOverrideOpen: boolean;
  /** The test user of the first sync, which receives only valid responses. */
  controlUser: string;
  /** Number of requests for this user since the first sync. */
  controlRequests: number;
  /** The experiment that unexpectedly disabled a test user; null: no experiment did. */
  disabledBy: string | null;
}

export interface StepObservation extends StepRecord {
  /** Requests with credentials, for the same user. */
  readonly attempts: readonly RecordedRequest[];
  readonly user: ObservedUser | null;
  /** Maximum delay of this process during the step, in ms: the error of measured times. */
  readonly lagMs: number;
  /** Why the step does not count; null: it counts. */
  readonly voidReason: string | null;
}

export interface StepOptions {
  /** Whether the platform may send no request or break off a response. */
  readonly mayFail?: boolean;
  /** Whether responses may be slow, or end before they are complete. */
  readonly maySlow?: boolean;
  readonly step?: number;
  readonly of?: number;
  /** The operator's action, with `{user}` for the test user. Default: the action of experiments.yaml. */
  readonly action?: string;
  readonly expects?: StepPlan['expects'];
  readonly questions?: StepPlan['questions'];
}

export function createSession(
  endpoint: LearningEndpoint,
  driver: PlatformDriver,
  options: { readonly prefix: string; readonly settleMs: number; readonly intermediary?: boolean },
  usedBefore = 0,
): LearnSession {
  const { prefix, settleMs, intermediary = null } = options;
  const { plain, spaced, marked } = nameTestUsers(prefix);
  const taken = new Set(plain.slice(0, usedBefore));
  return {
    ...{ endpoint, driver, settleMs, intermediary, spacedUsers: spaced, markedUsers: marked },
    takeUser(isNew = false) {
      const user = plain.find((name) => !taken.has(name) && !(isNew && endpoint.hasIdled(name))) ?? null;
      if (user !== null) taken.add(user);
      return user;
    },
    usedUsers: () => plain.findLastIndex((name) => taken.has(name)) + 1,
    requests: [],
    beginsWithBasic: [],
    voidTries: 0,
    slowMs: defaultSlowMs,
    ...{ hasSeenProvided: false, isOverrideOpen: false },
    ...{ controlUser: '', controlRequests: 0, disabledBy: null },
  };
}

/** Default until the platform's time limit is known. */
const defaultSlowMs = 1500;
const pollMs = 5;
const lagResolutionMs = 2;

/**
 * @throws {PlatformError} when the platform cannot be reached, or its response is unusable. @throws {Correction} @throws {Unanswered} @throws
 * {Stopped}
 */
export async function playStep(
  session: LearnSession,
  experiment: string,
  userid: string,
  script: Script,
  options: StepOptions = {},
): Promise<StepObservation> {
  const { step: at = 1, of = at, expects = 'request', questions = [] } = options;
  const action = (options.action ?? defaultAction).replaceAll('{user}', userid);
  const plan: StepPlan = { experiment, step: at, of, action, expects, questions };
  const { endpoint, driver, settleMs } = session;
  const lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
  lag.enable();
  const step = endpoint.begin(userid, script);
  let status: number | null;
  let user: ObservedUser | null = null;
  let record: StepRecord;
  try {
    status = await driver.sync(userid, plan);
    // The platform may respond before it has sent its request.
    if (settleMs > 0) await pause(settleMs);
    while (endpoint.isBusy()) await pause(pollMs);
    if (settleMs > 0) await pause(settleMs);
    lag.disable();
    // A repeated request that arrives while the user is being read belongs to the step.
    if (findVoidReason(endpoint.peek(), status, options, session.slowMs) === null) {
      user = await driver.readUser(userid, plan);
    }
  } finally {
    record = step.end();
    lag.disable();
  }
  const attempts = record.requests.filter(({ hasBasic }) => hasBasic);
  const voidReason = findVoidReason(record, status, options, session.slowMs);
  const [first] = record.requests;
  if (voidReason === null && first !== undefined) {
    session.requests.push(...record.requests);
    session.beginsWithBasic.push(first.hasBasic);
  }
  if (user?.groups.some((name) => name.toLowerCase() === provided.group)) session.hasSeenProvided = true;
  return { ...record, attempts, user, lagMs: Math.max(0, lag.max / 1e6 - lagResolutionMs), voidReason };
}

function findVoidReason(
  { requests }: Pick<StepObservation, 'requests'>,
  status: number | null,
  { mayFail = false, maySlow = false }: StepOptions,
  slowMs: number,
): string | null {
  if (status === null) return 'the connection to the platform was lost';
  if (status < 200 || status > 299) return `the platform responded with ${status} to the request for a sync`;
  if (new Set(requests.map(({ client }) => client)).size > 1) return 'another client sent requests in the meantime';
  if (!mayFail && !requests.some(({ hasBasic }) => hasBasic)) return 'the platform sent no request with credentials';
  if (!mayFail && !maySlow && requests.some(({ isComplete }) => !isComplete)) {
    return 'a connection was closed before the response was complete';
  }
  if (!maySlow && requests.some(({ startedMs, endedMs }) => (endedMs ?? Infinity) - startedMs > slowMs)) {
    return 'a response was slow';
  }
  return null;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
