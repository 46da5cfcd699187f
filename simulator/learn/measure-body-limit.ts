// Measurement of the largest body that the platform accepts, by bisection.
import type { Fact } from '../../schemas/generated/platform-profile.ts';
import { repeatUntilDecided, type Try, VoidTry } from './decide.ts';
import { Correction, Unanswered } from './platform-driver.ts';
import { notDetermined } from './platform-profile.ts';
import { type LearnSession, playStep, type StepObservation } from './play-step.ts';
import type { Question } from './questions.ts';
import { toEvidence } from './to-evidence.ts';

/** Larger bodies are not tried. */
const largestBytes = 8 * 1024 * 1024;
const smallestBytes = 1024;
const state: Question = { kind: 'state', names: [] };
/** A single lost response leads to a wrong limit, which the last tries reveal. */
const maxBisections = 3;

/** Usual limits of programs, and one byte more. They are tried first, so that a usual limit is found in few steps. */
const usualSizes: readonly number[] = [
  ...Array.from({ length: 13 }, (_, power) => smallestBytes * 2 ** power),
  ...[10_000, 50_000, 100_000, 500_000, 1_000_000, 2_000_000, 5_000_000],
]
  .flatMap((bytes) => [bytes, bytes + 1])
  .sort((one, other) => one - other);

/** Returns the size to try next, between an accepted and a rejected size. */
export function chooseSize(low: number, high: number): number {
  const between = usualSizes.filter((bytes) => bytes > low && bytes < high);
  return between[Math.floor(between.length / 2)] ?? Math.floor((low + high) / 2);
}

/** @throws {Unanswered} @throws {Correction} @throws {Stopped} */
export async function measureBodyLimit(session: LearnSession): Promise<Fact> {
  const observations: StepObservation[] = [];
  let user: string | null = null;
  let steps = 0;
  let [low, high] = [smallestBytes, largestBytes];

  /** Tries one size. Each step has its own group, so that a user can be used again. */
  async function tryOnce(bytes: number): Promise<Try<boolean>> {
    user ??= session.takeUser();
    if (user === null) throw new VoidTry('no unused test user is left');
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

  /** Narrows the range from `low` to `high`. The operator may revert the last step. */
  async function bisect(): Promise<void> {
    let before: readonly [number, number] | null = null;
    while (high - low > 1) {
      const bytes = chooseSize(low, high);
      try {
        const isAccepted = await tryUntilValid(bytes);
        before = [low, high];
        if (isAccepted) low = bytes;
        else high = bytes;
      } catch (error) {
        if (!(error instanceof Correction) || error.of === 'another experiment' || before === null) throw error;
        [low, high] = before;
        before = null;
      }
    }
  }

  const evidence = (tries: number, agreeing: number) => [toEvidence('padded-body', observations, tries, agreeing)];
  try {
    if (await tryUntilValid(largestBytes)) {
      return notDetermined(`The platform accepts ${largestBytes} bytes. Larger bodies were not tried.`, evidence(1, 1));
    }
    for (let bisections = 0; bisections < maxBisections; bisections++) {
      high = largestBytes;
      await bisect();
      const { result, reason, tries, agreeing } = await repeatUntilDecided(session, () => tryOnce(low + 1));
      if (result === false) {
        // An accepted body proves the lower bound. The initial lower bound has not been tried yet.
        if (low === smallestBytes && !(await tryUntilValid(low))) {
          return notDetermined(
            `The platform does not accept ${smallestBytes} bytes.`,
            evidence(tries.length, agreeing),
          );
        }
        return { determined: session.driver.source, value: low, evidence: evidence(tries.length, agreeing) };
      }
      if (result === undefined && !tries.some((one) => one.result)) {
        return notDetermined(reason, evidence(tries.length, agreeing));
      }
      low++;
    }
    return notDetermined('The tries disagree.', evidence(0, 0));
  } catch (error) {
    // The operator skipped the remaining steps, so the bounds found so far are stated.
    if (error instanceof Unanswered && observations.length > 0) {
      const lowest = low === smallestBytes ? 0 : low;
      return notDetermined(
        `${error.message} The limit is between ${lowest} and ${high} bytes.`,
        evidence(steps, steps),
      );
    }
    if (!(error instanceof VoidTry)) throw error;
    return notDetermined(`Too many tries did not count: ${error.message}.`, evidence(0, 0));
  }
}
