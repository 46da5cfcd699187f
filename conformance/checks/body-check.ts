// Builder of checks of the 200s of the known users, from a rule for one such response.
import type { Check } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms } from '../finding.ts';
import type { Answer } from '../question.ts';
import { toSentence } from './refusal-checks.ts';

/** What is wrong with a response, in words without its content. */
export interface BodyFault {
  readonly seen: string;
  /** Default: that of the rule. */
  readonly change?: string;
}

/** One rule for the 200s of the known users. */
export interface BodyRule extends Omit<Check, 'needs' | 'auth' | 'run'> {
  /** Completes "Expected: …". */
  readonly expected: string;
  /** What to change; completes "To change: …", and is the advice for any stack. `fix` adds where a stack differs. */
  readonly change: string;
  /** Whether truncated responses are included. Default: false. */
  readonly takesTruncated?: boolean;
  /** Returns null when nothing is wrong. Throws Untestable when another check has to pass first. */
  findFault(answer: Answer, context: CheckContext): BodyFault | null;
}

/** Requests the first two known users, so that a user without groups is included if one was given. */
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

/** Builds a check of each known user's 200, of which at least one must exist. */
export function bodyCheck({ expected, change, takesTruncated = false, findFault, ...data }: BodyRule): Check {
  return {
    ...data,
    fix: [{ stack: 'any', text: toSentence(change) }, ...data.fix],
    needs: ['known-user'],
    async run(context) {
      const answered = (await askKnownUsers(context)).filter(({ answer }) => answer.status === 200);
      if (answered.length === 0) throw new Untestable('No known user got a 200: see known-user-200.');
      const whole = answered.filter(({ answer }) => takesTruncated || !answer.isTruncated);
      if (whole.length === 0) throw new Untestable('The response was truncated: see known-user-whole.');
      for (const { asked, answer } of whole) {
        const fault = findFault(answer, context);
        assertConforms(fault === null, { asked, expected, change, seen: '', ...fault, answers: [answer] });
      }
    },
  };
}
