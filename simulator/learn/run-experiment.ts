// Runs an experiment of the data until its tries agree, and compares what is seen with its outcomes.
import { type Decision, repeatUntilDecided, type Try, VoidTry } from './decide.ts';
import type { Experiment, Sight } from './experiments.ts';
import type { ObservedUser } from './platform-driver.ts';
import { type LearnSession, playStep, type StepObservation } from './play-step.ts';

/** Values in the order of `Experiment.reads`. `unexpected`: the try showed none of the outcomes. */
export type Reading = string | boolean | null | typeof unexpected;

export const unexpected = 'unexpected';

/** @throws {PlatformError} when the platform does not respond. */
export function runExperiment(session: LearnSession, experiment: Experiment): Promise<Decision<readonly Reading[]>> {
  let spaced = 0;
  return repeatUntilDecided(session, () => {
    const { spacedUsers } = session;
    const user =
      experiment.users === 'spaced' ? (spacedUsers[spaced++ % spacedUsers.length] ?? null) : session.takeUser();
    if (user === null) throw new VoidTry('all test users are used');
    return runTry(session, experiment, user);
  });
}

async function runTry(session: LearnSession, experiment: Experiment, user: string): Promise<Try<readonly Reading[]>> {
  const observations: StepObservation[] = [];
  for (const { respond, hop, presentsUntrusted = false, mayFail = false } of experiment.steps) {
    const script = { respond, ...(hop !== undefined && { hop }) };
    if (presentsUntrusted) session.endpoint.presentUntrusted(true);
    let observation: StepObservation;
    try {
      observation = await playStep(session, user, script, { mayFail });
    } finally {
      if (presentsUntrusted) session.endpoint.presentUntrusted(false);
    }
    if (observation.voidReason !== null) throw new VoidTry(observation.voidReason);
    const isRequested = observation.attempts.length > 0;
    if (!isRequested && !(presentsUntrusted && observation.connections > 0)) {
      throw new VoidTry('the platform sent no request with credentials');
    }
    observations.push(observation);
  }
  if (!experiment.requires.every((sight) => isSeen(sight, observations))) {
    throw new VoidTry('the platform does not show the data of a normal response');
  }
  const result = experiment.reads.map(({ outcomes }): Reading => {
    const found = outcomes.find(({ when }) => when.every((sight) => isSeen(sight, observations)));
    return found === undefined ? unexpected : found.value;
  });
  return { result, observations };
}

function isSeen(sight: Sight, observations: readonly StepObservation[]): boolean {
  const observation = observations[sight.step];
  if (observation === undefined) throw new Error(`there is no step ${sight.step}`);
  return isUserAs(sight, observation.user) && isRequestAs(sight, observation);
}

function isUserAs(sight: Sight, user: ObservedUser | null): boolean {
  const { has = [], lacks = [], hasValues = [], lacksValues = [], hasExactly, hasAttributeExactly } = sight;
  const state = user === null ? 'missing' : user.isDisabled ? 'disabled' : 'enabled';
  if (sight.user === 'exists' ? user === null : sight.user !== undefined && sight.user !== state) return false;
  const groups = new Set(user?.groups.map((name) => name.toLowerCase()));
  const values = new Set(
    Object.entries(user?.authorizations ?? {}).flatMap(([name, list]) =>
      list.map((value) => `${name.toLowerCase()}=${value}`),
    ),
  );
  return (
    has.every((name) => groups.has(name)) &&
    !lacks.some((name) => groups.has(name)) &&
    hasValues.every((value) => values.has(value)) &&
    !lacksValues.some((value) => values.has(value)) &&
    (hasExactly === undefined || user?.groups.includes(hasExactly) === true) &&
    (hasAttributeExactly === undefined || Object.hasOwn(user?.authorizations ?? {}, hasAttributeExactly))
  );
}

function isRequestAs({ isRedirectFollowed, spaceAs, isRequested }: Sight, { attempts }: StepObservation): boolean {
  return (
    (isRedirectFollowed === undefined || attempts.some(({ isHop }) => isHop) === isRedirectFollowed) &&
    (spaceAs === undefined || attempts.every((request) => request.spaceAs === spaceAs)) &&
    (isRequested === undefined || attempts.length > 0 === isRequested)
  );
}
