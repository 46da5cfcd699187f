// Second run of a failed check with fresh requests, before a failure is reported.
import { AssertionError } from 'chai';
import type { Check } from './check.ts';
import type { CheckContext } from './check-context.ts';
import { MissingInput, Untestable } from './check-endings.ts';
import type { Answer } from './http/endpoint-request.ts';
import { NoAnswer } from './http/no-answer.ts';
import { Nonconformity } from './nonconformity.ts';
import { runCheck } from './run-check.ts';

/**
 * Conclusion about a failure, from a second run.
 *
 * - `confirmed`: it failed again with the same statuses.
 * - `inconsistent`: it passed, or failed with another status. The check has failed nevertheless: the platform needs the same response to the same
 * request.
 * - `limited`: it passed or failed differently, and the first failure was a rate limit or a temporary outage that the endpoint announced with
 * Retry-After.
 * - `not-confirmed`: it met a rate limit or a temporary outage, or could not be run. One reason is that the budget of failed logins is used up. The
 * check has failed.
 */
export interface Confirmation {
  readonly kind: 'confirmed' | 'inconsistent' | 'limited' | 'not-confirmed';
  /** For the message of the report; empty for `confirmed`. */
  readonly sentence: string;
}

const answersOf = (error: unknown): readonly Answer[] =>
  error instanceof Nonconformity ? (error.finding.answers ?? []) : [];

const statusesOf = (error: unknown) => answersOf(error).map(({ status }) => status);

/** Returns whether a response indicates a temporary failure. */
const isTemporary = (answer: Answer) =>
  answer.status === 429 || (answer.status === 503 && answer.header('retry-after') !== null);

const notConfirmed = (why: string): Confirmation => ({
  kind: 'not-confirmed',
  sentence: `Repeated: not confirmed by a second run. ${why}`,
});

/** Compares the failure of the first run with the result of the second; `undefined`: it passed. */
function compare(first: unknown, second: unknown): Confirmation {
  if (second !== undefined && !(second instanceof AssertionError)) {
    // Any other message may quote the endpoint.
    const isKits = second instanceof Untestable || second instanceof MissingInput || second instanceof NoAnswer;
    return notConfirmed(isKits ? second.message : 'The second run ended in an error.');
  }
  const statuses = statusesOf(second);
  if (second !== undefined && statuses.join() === statusesOf(first).join()) {
    return { kind: 'confirmed', sentence: '' };
  }
  const words = statuses.length === 0 ? '' : ` with status ${statuses.join(', ')}`;
  const seen = second === undefined ? 'passed' : `failed otherwise${words}`;
  if (answersOf(first).some(isTemporary)) {
    const status = answersOf(first)
      .filter(isTemporary)
      .map((answer) => answer.status)
      .join(', ');
    return {
      kind: 'limited',
      sentence: `The first run got status ${status}, which is temporary, and the second run ${seen}. The endpoint limits requests or was unavailable for a moment. Run again later.`,
    };
  }
  if (answersOf(second).some(isTemporary)) {
    return notConfirmed(`The endpoint limits requests or was unavailable for a moment: the second run ${seen}.`);
  }
  return {
    kind: 'inconsistent',
    sentence: `Repeated: inconsistent, the second run ${seen}. The endpoint must respond to the same request in the same way (C-7).`,
  };
}

/** Runs a failed check once more, with fresh requests. `first`: the error of its first run. Does not throw. */
export async function confirmFailure(check: Check, context: CheckContext, first: unknown): Promise<Confirmation> {
  if (check.needs.includes('hook')) return notConfirmed('The check stops the data source, and does so only once.');
  const second: unknown = await context
    .withFreshAnswers(() => runCheck(check, context))
    .then(
      () => undefined,
      (error: unknown) => error ?? new Error('unknown'),
    );
  return compare(first, second);
}
