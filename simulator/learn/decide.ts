// The rule by which tries of an experiment become a fact, and the repetition of tries.
import { Correction } from './platform-driver.ts';
import type { LearnSession, StepObservation } from './play-step.ts';

/** One try: its result as text, and the requests that led to it. */
export interface Try<Result> {
  readonly result: Result;
  readonly observations: readonly StepObservation[];
}

export interface Decision<Result> {
  /** Undefined: not determined; `reason` states why. */
  readonly result?: Result;
  readonly reason: string;
  readonly tries: ReadonlyArray<Try<Result>>;
  readonly agreeing: number;
}

/** Why a try did not count. */
export class VoidTry extends Error {
  override readonly name = 'VoidTry';
}

/**
 * Repeats an experiment until as many tries agree as the platform's driver requires.
 *
 * @param attempt runs one try. It throws `VoidTry` when the try does not count, and `Correction` when the operator corrects an earlier answer of this
 * or another try.
 * @throws {Correction} for an answer that was given before this experiment.
 */
export async function repeatUntilDecided<Result>(
  session: LearnSession,
  attempt: () => Promise<Try<Result>>,
): Promise<Decision<Result>> {
  const { unanimous, againstOne, maxVoidTries } = session.driver.agreement;
  const tries: Try<Result>[] = [];
  let voidTries = 0;
  /** Kind of the last try, so that a correction can discard it. */
  let last: 'none' | 'counted' | 'void' = 'none';
  for (;;) {
    try {
      tries.push(await attempt());
      last = 'counted';
    } catch (error) {
      if (error instanceof Correction && error.of === 'this try') continue;
      if (error instanceof Correction && error.of === 'the last try' && last !== 'none') {
        if (last === 'counted') tries.pop();
        else voidTries--;
        last = 'none';
        continue;
      }
      if (!(error instanceof VoidTry)) throw error;
      last = 'void';
      session.voidTries++;
      if (++voidTries > maxVoidTries) {
        return { reason: `Too many tries did not count: ${error.message}.`, tries, agreeing: 0 };
      }
      continue;
    }
    const { result, agreeing } = findMost(tries);
    const disagreeing = tries.length - agreeing;
    if (agreeing >= (disagreeing === 0 ? unanimous : againstOne)) return { result, reason: '', tries, agreeing };
    if (disagreeing > 1) return { reason: 'The tries disagree.', tries, agreeing };
  }
}

function findMost<Result>(tries: ReadonlyArray<Try<Result>>): { result: Result; agreeing: number } {
  const counts = new Map<string, { result: Result; agreeing: number }>();
  for (const { result } of tries) {
    const key = JSON.stringify(result);
    counts.set(key, { result, agreeing: (counts.get(key)?.agreeing ?? 0) + 1 });
  }
  const [most] = [...counts.values()].sort((one, other) => other.agreeing - one.agreeing);
  if (most === undefined) throw new Error('the list of tries is empty');
  return most;
}
