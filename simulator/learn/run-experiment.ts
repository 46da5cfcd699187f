// Runs an experiment of experiments.yaml until its tries agree, and compares the observations with its outcomes.
import type { Sight } from '../../schemas/generated/learn-experiments.ts';
import { type Decision, repeatUntilDecided, type Try, VoidTry } from './decide.ts';
import type { ObservedUser } from './platform-driver.ts';
import { type LearnSession, playStep, type StepObservation } from './play-step.ts';
import { findQuestions, type Question } from './questions.ts';
import { provided } from './test-users.ts';
import type { LearnExperiment } from './variants.ts';

const providedQuestion: Question = { kind: 'group', names: [provided.group] };

/** What a try shows for one entry of `Experiment.reads`; null: nothing about the assumption. `unexpected`: the try showed none of the outcomes. */
export type Reading = string | boolean | null | typeof unexpected;

export const unexpected = 'unexpected';

/** @throws {PlatformError} when the platform does not respond. @throws {Unanswered} @throws {Stopped} */
export function runExperiment(
  session: LearnSession,
  experiment: LearnExperiment,
): Promise<Decision<readonly Reading[]>> {
  let spaced = 0;
  return repeatUntilDecided(session, () => {
    const { spacedUsers } = session;
    const { users } = experiment;
    const user =
      users === 'spaced' ? (spacedUsers[spaced++ % spacedUsers.length] ?? null) : session.takeUser(users === 'new');
    if (user === null) {
      throw new VoidTry(
        users === 'new' ? 'the platform has already synchronized all test users' : 'no unused test user is left',
      );
    }
    return runTry(session, experiment, user);
  });
}

async function runTry(
  session: LearnSession,
  experiment: LearnExperiment,
  user: string,
): Promise<Try<readonly Reading[]>> {
  const observations: StepObservation[] = [];
  const isShown = session.driver.source === 'read-by-api' || experiment.reads.some(({ source }) => source === 'shown');
  for (const [
    step,
    { respond, hop, thenRespond, presentsUntrusted = false, mayFail = false, action },
  ] of experiment.steps.entries()) {
    const isPossible = (when: readonly Sight[]) =>
      when.every((sight) => sight.step >= step || isSeen(sight, observations));
    const ownQuestions = findQuestions(experiment, step, isPossible);
    // If the endpoint's data overrides that of the identity provider, the platform shows the latter only after a failed response.
    const asksProvided = mayFail && session.isOverrideOpen && !session.hasSeenProvided && isShown;
    const questions = [...ownQuestions, ...(asksProvided ? [providedQuestion] : [])];
    const expects = presentsUntrusted ? ('connection' as const) : ('request' as const);
    const plan = {
      step: step + 1,
      of: experiment.steps.length,
      expects,
      questions,
      ...(action !== undefined && { action }),
    };
    const script = { respond, ...(hop !== undefined && { hop }), ...(thenRespond !== undefined && { thenRespond }) };
    if (presentsUntrusted) session.endpoint.presentUntrusted(true);
    let observation: StepObservation;
    try {
      observation = await playStep(session, experiment.id, user, script, { mayFail, ...plan });
    } finally {
      if (presentsUntrusted) session.endpoint.presentUntrusted(false);
    }
    if (experiment.harm !== 'access' && observation.user?.isDisabled) session.disabledBy ??= experiment.id;
    if (observation.voidReason !== null) throw new VoidTry(observation.voidReason);
    const isRequested = observation.attempts.length > 0;
    if (!isRequested && !(presentsUntrusted && observation.connections > 0)) {
      throw new VoidTry('the platform sent no request with credentials');
    }
    observations.push(observation);
    const required = (experiment.requires ?? []).filter((sight) => sight.step === step);
    if (isShown && !required.every((sight) => isSeen(sight, observations))) {
      throw new VoidTry('the platform does not show the data of a normal response');
    }
  }
  const result = experiment.reads.map(({ outcomes }): Reading => {
    const found = outcomes.find(({ when }) => when.every((sight) => isSeen(sight, observations, isShown)));
    return found === undefined ? unexpected : found.value;
  });
  return { result, observations };
}

/** @param isShown whether the user was read; otherwise, only the requests count. */
function isSeen(sight: Sight, observations: readonly StepObservation[], isShown = true): boolean {
  const observation = observations[sight.step];
  if (observation === undefined) throw new Error(`there is no step ${sight.step}`);
  return (!isShown || isUserAs(sight, observation.user)) && isRequestAs(sight, observation);
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

function isRequestAs(sight: Sight, { attempts }: StepObservation): boolean {
  const { isRedirectFollowed, spaceAs, isRequested, isRepeated, repeatedAfterMs } = sight;
  const [first, second] = attempts;
  return (
    (isRedirectFollowed === undefined || attempts.some(({ isHop }) => isHop) === isRedirectFollowed) &&
    (spaceAs === undefined || attempts.every((request) => request.spaceAs === spaceAs)) &&
    (isRequested === undefined || attempts.length > 0 === isRequested) &&
    (isRepeated === undefined || attempts.length > 1 === isRepeated) &&
    (repeatedAfterMs === undefined || (second?.arrivedMs ?? 0) - (first?.endedMs ?? Infinity) >= repeatedAfterMs)
  );
}
