// Owns making a check of the 200s of the known users out of a rule: what to look for in one such answer.
import type { Check } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms } from '../finding.ts';
import type { Answer } from '../question.ts';
import { toSentence } from './refusal-checks.ts';

/** What is wrong with an answer, in words without its content. */
export interface BodyFault {
  readonly seen: string;
  /** Default: that of the rule. */
  readonly change?: string;
}

/** One rule for the 200s of the known users. */
export interface BodyRule extends Omit<Check, 'needs' | 'auth' | 'run'> {
  /** Completes "Expected: …". */
  readonly expected: string;
  /** What to change; completes "To change: …", and is the advice for any stack. `mend` adds where a stack differs. */
  readonly change: string;
  /** Whether an answer that was cut off is looked at too. Default: false, since the rest of it is not known. */
  readonly takesTruncated?: boolean;
  /** Null: all is well. Throws Untestable where another check has to pass first. */
  findFault(answer: Answer, context: CheckContext): BodyFault | null;
}

/** Of both known users, so that what happens to a user without groups is seen too, where one is given. */
export async function askKnownUsers(
  context: CheckContext,
): Promise<readonly { readonly asked: string; readonly answer: Answer }[]> {
  const userids = [context.knownUser, context.secondKnownUser].filter((userid) => userid !== '');
  const exchanges = [];
  for (const [index, userid] of userids.entries()) {
    const asked = `${index === 0 ? 'a known user' : 'the second known user'}, with the right credentials`;
    exchanges.push({ asked, answer: await context.askOnce({ userids: [userid] }) });
  }
  return exchanges;
}

/** A check that looks at each known user's 200, of which one must be there. */
export function bodyCheck({ expected, change, takesTruncated = false, findFault, ...data }: BodyRule): Check {
  return {
    ...data,
    mend: [{ stack: 'any', text: toSentence(change) }, ...data.mend],
    needs: ['known-user'],
    async run(context) {
      const answered = (await askKnownUsers(context)).filter(({ answer }) => answer.status === 200);
      if (answered.length === 0) throw new Untestable('No known user was answered with 200: see known-user-200.');
      const whole = answered.filter(({ answer }) => takesTruncated || !answer.isTruncated);
      if (whole.length === 0) throw new Untestable('The answer was cut off: see known-user-whole.');
      for (const { asked, answer } of whole) {
        const fault = findFault(answer, context);
        assertConforms(fault === null, { asked, expected, change, seen: '', ...fault, answers: [answer] });
      }
    },
  };
}
