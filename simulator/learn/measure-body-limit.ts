// Measurement of the largest body that the platform accepts, by bisection.
import type { Fact } from '../../schemas/generated/platform-profile.ts';
import { repeatUntilDecided, type Try, VoidTry } from './decide.ts';
import { notDetermined } from './platform-profile.ts';
import { type LearnSession, playStep, type StepObservation } from './play-step.ts';
import type { Question } from './questions.ts';
import { toEvidence } from './to-evidence.ts';

/** Larger bodies are not tried. */
const largestBytes = 8 * 1024 * 1024;
const smallestBytes = 1024;
/** Factor between the bodies that an operator tries: 8 MiB, 1 MiB, 128 KiB, 16 KiB, 2 KiB. */
const magnitude = 8;
const state: Question = { kind: 'state', names: [] };
/** A response that was lost once leads to a wrong limit, which the last tries reveal. */
const maxBisections = 3;

/** @returns the exact limit, or with an operator, in whose time it would take too many steps, only its magnitude as a reason. */
export async function measureBodyLimit(session: LearnSession): Promise<Fact> {
  const observations: StepObservation[] = [];
  let user: string | null = null;
  let steps = 0;

  /** Each step has a group of its own, so that a user can be used again. */
  async function tryOnce(bytes: number): Promise<Try<boolean>> {
    user ??= session.takeUser();
    if (user === null) throw new VoidTry('all test users are used');
    const group = `learn-size-${++steps}`;
    const observation = await playStep(
      session,
      'padded-body',
      user,
      { respond: { groups: [group], paddedTo: bytes } },
      { mayFail: true, questions: [{ kind: 'group', names: [group] }, state] },
    );
    if (observation.voidReason !== null || observation.attempts.length === 0) {
      user = null;
      throw new VoidTry(observation.voidReason ?? 'the platform sent no request with credentials');
    }
    observations.push(observation);
    const isAccepted = observation.user?.groups.some((name) => name.toLowerCase() === group) ?? false;
    // A rejected response may have disabled the user.
    if (observation.user?.isDisabled !== false) user = null;
    return { result: isAccepted, observations: [observation] };
  }

  async function tryUntilValid(bytes: number): Promise<boolean> {
    for (let voids = 0; ; voids++) {
      try {
        return (await tryOnce(bytes)).result;
      } catch (error) {
        if (!(error instanceof VoidTry) || voids > 5) throw error;
        session.voidTries++;
      }
    }
  }

  const evidence = (tries: number, agreeing: number) => [toEvidence('padded-body', observations, tries, agreeing)];
  try {
    if (await tryUntilValid(largestBytes)) {
      return notDetermined(`The platform accepts ${largestBytes} bytes. Larger bodies are not tried.`, evidence(1, 1));
    }
    if (session.driver.source === 'answered') {
      let [low, high] = [0, largestBytes];
      for (let bytes = high / magnitude; bytes >= smallestBytes && low === 0; bytes /= magnitude) {
        if (await tryUntilValid(bytes)) low = bytes;
        else high = bytes;
      }
      return notDetermined(
        `The limit is between ${low} and ${high} bytes. To measure it exactly, use the REST API.`,
        evidence(steps, steps),
      );
    }
    let low = smallestBytes;
    for (let bisections = 0; bisections < maxBisections; bisections++) {
      let high = largestBytes;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (await tryUntilValid(middle)) low = middle;
        else high = middle;
      }
      const { result, reason, tries, agreeing } = await repeatUntilDecided(session, () => tryOnce(low + 1));
      if (result === false) {
        // An accepted body is a proof, but of the lower bound only when it was tried.
        if (low === smallestBytes && !(await tryUntilValid(low))) {
          return notDetermined(
            `The platform does not accept ${smallestBytes} bytes.`,
            evidence(tries.length, agreeing),
          );
        }
        return { determined: 'read-by-api', value: low, evidence: evidence(tries.length, agreeing) };
      }
      if (result === undefined && !tries.some((one) => one.result)) {
        return notDetermined(reason, evidence(tries.length, agreeing));
      }
      low++;
    }
    return notDetermined('The tries disagree.', evidence(0, 0));
  } catch (error) {
    if (!(error instanceof VoidTry)) throw error;
    return notDetermined(`Tries did not count: ${error.message}.`, evidence(0, 0));
  }
}
