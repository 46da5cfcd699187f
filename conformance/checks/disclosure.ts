// Assertion that a refusal discloses no user info: a client without the right credentials reads its body.
import type { Check } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../report/finding.ts';
import { isUserInfoDisclosed } from '../user-info-body.ts';
import { askRefusal, type Refusal } from './refusal-checks.ts';

const change = 'send an error body without user info, e.g. a problem document (RFC 9457), before the user is looked up';

/** Shared fields of the checks that refusals disclose nothing. */
export const disclosure = {
  why: 'A client without the right credentials can read groups and attributes in the body of the refusal.',
  fix: [
    {
      stack: 'any',
      text: 'Send an error body without user info, e.g. a problem document (RFC 9457), before the user is looked up.',
    },
  ],
} as const satisfies Pick<Check, 'why' | 'fix'>;

/** Throws if the response to `asked`, a refused request, contains user info. */
export function assertDisclosesNothing(answer: Answer, asked: string): void {
  assertConforms(!isUserInfoDisclosed(answer), {
    asked,
    expected: 'a body without user info',
    seen: `${describeAnswer(answer)}, and a body that contains user info`,
    change,
    answers: [answer],
  });
}

/** Throws if a refusal contains user info. Throws Untestable if a request was not refused. */
export async function assertNothingDisclosed(refusals: readonly Refusal[], context: CheckContext): Promise<void> {
  for (const refusal of refusals) {
    for (const answer of await askRefusal(refusal, context)) {
      assumeRefused(answer, refusal.refused.id);
      assertDisclosesNothing(answer, refusal.request);
    }
  }
}
